"""Object ids, short links, dates and slugs in Trello's forms."""

import datetime
import random
import re
import time
import urllib.parse

ALNUM = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
HEX24 = re.compile(r'[0-9a-fA-F]{24}\Z')
SHORT_LINK = re.compile(r'[0-9A-Za-z]{8}\Z')


class Clock:
    """The server's idea of now: real time plus an offset tests may move."""

    def __init__(self):
        self.offset = 0.0

    def now(self):
        return time.time() + self.offset

    def advance(self, seconds):
        self.offset += seconds


class Ids:
    """Makes ids that grow, within one second too, as MongoDB's do."""

    def __init__(self, seed=None):
        self.random = random.Random(seed)
        self.machine = '%010x' % self.random.getrandbits(40)
        self.counter = self.random.getrandbits(20)

    def new(self, now):
        self.counter = (self.counter + 1) & 0xffffff
        return '%08x%s%06x' % (int(now) & 0xffffffff, self.machine,
                               self.counter)

    def short_link(self):
        return ''.join(self.random.choices(ALNUM, k=8))

    def hex(self, digits):
        return '%0*x' % (digits, self.random.getrandbits(4 * digits))


def id_time(id24):
    """Seconds since 1970 at which the object was created."""
    return int(id24[:8], 16)


def id_bound(seconds):
    """The least id of a second."""
    return '%08x' % (int(seconds) & 0xffffffff) + '0' * 16


def iso(seconds):
    ms = round(seconds * 1000)
    day = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return day.strftime('%Y-%m-%dT%H:%M:%S.') + '%03dZ' % (ms % 1000)


def parse_date(text):
    """Seconds since 1970 from the many forms Trello takes, or None."""
    text = text.strip()
    if re.fullmatch(r'\d{12,14}', text):
        return int(text) / 1000
    text = re.sub(r' ?UTC$', 'Z', text)
    text = re.sub(r'Z$', '+00:00', text)
    for form in (text, text.replace(' ', 'T', 1)):
        try:
            day = datetime.datetime.fromisoformat(form)
        except ValueError:
            continue
        if day.tzinfo is None:
            day = day.replace(tzinfo=datetime.timezone.utc)
        return day.timestamp()
    return None


def slug(name):
    """The last part of a card's or board's address."""
    words = re.sub(r"[^\w\s-]", '', name.lower()).replace('_', '')
    words = re.sub(r'[\s-]+', '-', words).strip('-')
    return urllib.parse.quote(words)
