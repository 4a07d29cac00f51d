"""Trello's rules for what is written: texts, positions, the action log."""

import copy
import re

from .errors import ApiError, bad
from .ids import iso
from .model import board_stub, sorted_by_pos

MAX_TEXT = 16384
STEP = 16384
TIGHT = 0.01
# What JavaScript's trim() removes.
SPACE = (' \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006'
         '\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff')
CONTROL = re.compile(r'[\x00-\x1f\x7f\u2028\u2029]+')


def utf16_length(value):
    return len(value.encode('utf-16-le', 'surrogatepass')) // 2


def whole(value):
    """Halves of surrogate pairs become U+FFFD: replies are UTF-8."""
    if value.isascii():
        return value
    return value.encode('utf-16-le', 'surrogatepass').decode('utf-16-le',
                                                             'replace')


def long_text(value, name, most=MAX_TEXT):
    """desc, comments: every byte is kept."""
    if value is None:
        return ''
    if not isinstance(value, str) or utf16_length(value) > most:
        raise bad(name)
    return whole(value)


def title(value, name='name', least=1, most=MAX_TEXT):
    """Names: one line, trimmed, not empty."""
    if not isinstance(value, str):
        raise bad(name)
    value = CONTROL.sub(' ', whole(value)).strip(SPACE)
    if not least <= utf16_length(value) <= most:
        raise bad(name)
    return value


def plain_number(value):
    return int(value) if value == int(value) else value


def place(siblings, want):
    """A position among siblings: top, bottom or the number wanted."""
    values = [each['pos'] for each in siblings]
    if want == 'top':
        value = min(values) / 2 if values else STEP
    elif want == 'bottom':
        value = max(values) + STEP if values else STEP
    else:
        value = want
    return plain_number(value)


def make_room(thing, siblings):
    """Neighbours too close to fit anything between are spread out."""
    near = min((abs(each['pos'] - thing['pos']) for each in siblings
                if each is not thing), default=STEP)
    if near >= TIGHT:
        return
    everybody = sorted_by_pos(
        [each for each in siblings if each is not thing] + [thing])
    for count, each in enumerate(everybody, 1):
        each['pos'] = count * STEP


def open_cards(account, list_id, but=None):
    """Archived cards do not count when a position is worked out."""
    return [card for card in account.cards_of(list_id)
            if not card.get('closed') and card is not but]


def open_lists(board, but=None):
    return [each for each in board.lists.values()
            if not each.get('closed') and each is not but]


def too_many(what):
    return ApiError(403, f'Too many {what}')


# The action log. Additions and removals of labels, items and comments'
# edits are not in it: what is logged is what callers log, and they do not
# log those.

def card_stub(card):
    return {'id': card['id'], 'name': card['name'],
            'idShort': card['idShort'], 'shortLink': card['shortLink']}


def list_stub(data):
    return {'id': data['id'], 'name': data['name']}


def log(account, board, kind, who, data, card=None, with_list=True):
    """Adds an action; its date is a little after the change itself."""
    now = account.now()
    entry = dict(data)
    if card is not None:
        entry['card'] = card_stub(card) | entry.get('card', {})
    entry['board'] = board_stub(board) | entry.get('board', {})
    if card is not None and with_list and 'listAfter' not in entry:
        entry['list'] = list_stub(account.lists[card['idList']])
    action = {'id': account.ids.new(now), 'idMemberCreator': who,
              'data': entry, 'type': kind, 'date': iso(now + 0.012)}
    return account.add_action(board, action)


def log_change(account, board, kind, who, key, thing, old, card=None):
    """updateX: one action for each field that changed."""
    stub = {'card': card_stub, 'list': list_stub}.get(key, lambda _: {})
    for name, value in old.items():
        data = {'old': {name: value},
                key: stub(thing) | {name: copy.copy(thing.get(name))}}
        log(account, board, kind, who, data, card)
