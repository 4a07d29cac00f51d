"""Changes of a thousand cards at once: how long the commands take beside the
local disk, and how what they changed gets to Trello."""

import collections
import os
import subprocess
import time

from . import process, report, timing
from .mount import Mount

COMMAND_LIMIT = 5
DRAIN_LIMIT = 0.9
# A fifth of what Trello allows is left to the user's other programs.
SHARE = 0.8
WINDOW_S = 10
EMPTY = 'Elsewhere'
MANY = {'token': 10000, 'key': 30000, 'seconds': 1}
USUAL = {}


class Work:
    """A command for the folder of the cards that takes back what it did when
    it runs again. words: those that it uses in turn."""

    def __init__(self, name, command, words=(('', ''),), limited=False):
        self.name = name
        self.command = command
        self.words = words
        self.limited = limited      # by what the contract asks for
        self.runs = 0

    def argv(self):
        first, second = self.words[self.runs % len(self.words)]
        self.runs += 1
        return ['sh', '-c', self.command.replace('FIRST', first)
                .replace('SECOND', second)]


def works(here, there):
    """The folders of the cards, and of a list that is empty."""
    turns = (('alpha', 'omega'), ('omega', 'alpha'))
    ways = ((here, there), (there, here))
    return [
        Work('sed -i', f'cd "{here}" && '
             'exec sed -i s/FIRST/SECOND/ *.md', turns, True),
        Work('find sed', f'cd "{here}" && '
             'exec find . -name "*.md" -exec sed -i s/FIRST/SECOND/ {} +',
             turns, True),
        Work('mv', 'cd "FIRST" && exec mv -t "../SECOND" -- *.md', ways,
             True),
        Work('mv, each', 'cd "FIRST" && '
             'for f in *.md; do mv -- "$f" "../SECOND/"; done', ways, True),
        Work('echo >>', f'cd "{here}" && '
             'for f in *.md; do echo more >>"$f"; done')]


class Copy:
    """The board on the local disk."""

    def __init__(self, root):
        self.root = root


class Writing:
    def __init__(self, options, account, folder):
        self.options = options
        self.account = account
        self.folder = folder
        self.sink = timing.Sink()
        self.mount = Mount(options.program, os.path.join(folder, 'ours'),
                           account, refresh=3600)

    def measure(self):
        os.makedirs(self.folder, exist_ok=True)
        word_everywhere(self.account)
        with self.mount:
            self.mount.mount()
            self.mount.wait_filled()
            name, = os.listdir(self.mount.root)
            self.board = os.path.join(self.mount.root, name)
            here, = os.listdir(self.board)
            self.cards = len(os.listdir(os.path.join(self.board, here)))
            os.mkdir(os.path.join(self.board, EMPTY))
            self.mount.wait_sent()
            self.works = works(here, EMPTY)
            self.copy = os.path.join(self.folder, 'copy')
            subprocess.run(['cp', '-a', self.board, self.copy], check=True)
            self.commands()
            self.drain()

    def commands(self):
        report.heading(['local disk', 'trellofs'])
        for work in self.works:
            self.time(work)

    def time(self, work):
        local, ours = [], []
        runs = self.options.runs + self.options.runs % len(work.words)
        for _ in range(runs):
            argv = work.argv()
            local.append(timing.run(argv, self.copy, self.sink))
            ours.append(timing.run(argv, self.board, self.sink))
            self.send_quickly()
        ratio = timing.median_ratio(ours, local)
        report.row(work.name, timing.median(local) * 1000,
                   [(timing.median(ours) * 1000, ratio)])
        if work.limited:
            report.fact(f'{work.name}, against the local disk',
                        f'{ratio:.2f}x', f'{COMMAND_LIMIT}x',
                        ratio <= COMMAND_LIMIT)

    def send_quickly(self):
        """Under a limit that nobody feels."""
        self.account.control('POST', 'limits', MANY)
        self.mount.wait_sent()
        self.account.control('POST', 'limits', USUAL)
        # The window before this one counts for the program still.
        time.sleep(MANY['seconds'] + 0.5)

    def drain(self):
        for work in self.works[0], self.works[2]:
            self.drain_after(work)

    def drain_after(self, work):
        report.title(f'{work.name}, then the drain, at 100 requests in 10 s')
        time.sleep(WINDOW_S)
        self.account.forget()
        before = process.memory(self.mount.pid, 'VmRSS')
        timing.run(work.argv(), self.board, self.sink)
        begun = time.perf_counter()
        waiting = process.memory(self.mount.pid, 'VmRSS')
        self.mount.wait_sent()
        seconds = time.perf_counter() - begun
        time.sleep(5)
        self.show_drain(seconds)
        report.fact('memory before, and while they wait (VmRSS)',
                    f'{report.mib(before)}, {report.mib(waiting)}')

    def show_drain(self, seconds):
        requests = self.account.control('GET', 'requests')
        writes = [each for each in requests if each['method'] != 'GET']
        report.fact('requests that change something', len(writes),
                    f'{self.cards}, one a card',
                    len(writes) == self.cards)
        report.fact('from the end of the command until all were sent',
                    f'{seconds:.1f} s')
        allowed = SHARE * 100
        least = (len(writes) - 1) // allowed * WINDOW_S
        share = least / (writes[-1]['time'] - writes[0]['time'])
        report.fact('of what the limit leaves to this program',
                    f'{share * 100:.0f} %', f'{DRAIN_LIMIT * 100:.0f} %',
                    share >= DRAIN_LIMIT)
        counters = self.account.counters()
        report.fact('answers with 429', counters['sent_429'], '0',
                    counters['sent_429'] == 0)
        others = collections.Counter(
            f'{each["method"]} {each["path"].split("/")[2]}'
            for each in requests if each['method'] == 'GET')
        report.fact('other requests', dict(others) or 'none')


def word_everywhere(account):
    """A word that every card has once."""
    for card in account.control('GET', 'state')['cards']:
        account.control('POST', 'api', {
            'method': 'PUT', 'path': f'/cards/{card["id"]}',
            'params': {'desc': card['desc'] + '\n\nThe word is alpha.'}})
