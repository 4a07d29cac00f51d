"""News of a big account: what others changed, beside fetching all anew."""

import collections
import subprocess
import time

from . import filling, process, report
from .mount import Mount

EDITS = 1000
# A card's changes come ten to a request at best, a board's dates one.
BATCH = 10
WINDOW_S = 10
# Longer than the rate limit keeps anybody waiting.
QUIET_S = WINDOW_S + 2


class News:
    def __init__(self, options, account, folder):
        self.options = options
        self.account = account
        self.mount = Mount(options.program, folder, account, refresh=3600)
        self.cards = collections.defaultdict(list)  # of each board

    def measure(self):
        for card in self.account.control('GET', 'state')['cards']:
            self.cards[card['idBoard']].append(card['id'])
        with self.mount:
            self.fetch_all()
            self.look('of nothing new', 0, 0)
            spread = -(-EDITS // len(self.cards))
            self.look(f'of {EDITS} changes, {spread} in each board', spread,
                      len(self.cards))
            self.look('of one change', 1, 1)
            self.look('of one change in each board', 1, len(self.cards))

    def fetch_all(self):
        self.account.forget()
        self.mount.mount()
        self.mount.wait_filled()
        report.say('Everything, as on a first mount')
        report.fact('requests', self.account.counters()['requests'])
        filling.show_cost(self.account, self.mount)
        # What is put off until there is nothing else to do.
        self.wait_quiet()

    def look(self, what, changes, boards):
        """A refresh after so many cards of so many boards were changed."""
        for board in list(self.cards)[:boards]:
            self.change(self.cards[board], changes)
        self.account.forget()
        spent = process.cpu_seconds(self.mount.pid)
        begun = time.time()
        subprocess.run([self.options.program, 'refresh', self.mount.root],
                       env=self.mount.environment, check=True)
        requests = self.wait_quiet()
        spent = process.cpu_seconds(self.mount.pid) - spent
        report.say(f'News {what}')
        report.fact('requests', len(requests))
        if boards:
            batches = boards * -(-changes // BATCH)
            report.fact('the poll, dates of boards, tens of cards',
                        f'1 + {boards} + {batches}')
        report.fact('bytes received', report.mib(
            sum(each['bytes_out'] for each in requests)))
        report.fact('processor time', f'{spent:.3f} s')
        report.fact('until the last answer',
                    f'{requests[-1]["time"] - begun:.1f} s')
        report.fact('answers with 429', self.account.counters()['sent_429'],
                    '0', self.account.counters()['sent_429'] == 0)
        self.check(boards)

    def change(self, cards, n):
        """Cards from all over the board, others each time."""
        for _ in range(n):
            card = cards.pop(len(cards) * 7 // 11)
            self.account.control('POST', 'api', {
                'method': 'PUT', 'path': f'/cards/{card}',
                'params': {'due': '2031-02-03T04:05:06.000Z'}})

    def wait_quiet(self):
        """Until nothing was asked for longer than the limit can take."""
        seen, since = 0, time.monotonic()
        while time.monotonic() - since < QUIET_S:
            time.sleep(1)
            asked = self.account.counters()['requests']
            if asked != seen:
                seen, since = asked, time.monotonic()
        return self.account.control('GET', 'requests')

    def check(self, boards):
        """That what is shown is what was changed."""
        changed = self.account.control('GET', 'state')['cards']
        due = sum(1 for each in changed
                  if (each.get('due') or '').startswith('2031-02-03'))
        found = subprocess.run(
            ['grep', '-rlF', '--include=*.md', 'due: 2031-02-03', '.'],
            cwd=self.mount.root, stdout=subprocess.PIPE, text=True)
        shown = len(found.stdout.splitlines())
        report.fact('changed cards that are shown so', shown, due,
                    shown == due)
