"""Searching a big account: ls of a query's folder beside grep over all of it."""

import os
import subprocess
import time

from . import process, report, timing, work
from .mount import Mount

QUERIES = ('@me due:week -label:done', f'"{work.PHRASE}"', 're',
           '-has:members sort:due')
FOLDER = os.path.join('.trellofs', 'search')


class Searching:
    def __init__(self, options, account, folder):
        self.options = options
        self.folder = folder
        self.sink = timing.Sink()
        self.mount = Mount(options.program, os.path.join(folder, 'ours'),
                           account, refresh=3600)

    def measure(self):
        os.makedirs(self.folder, exist_ok=True)
        with self.mount:
            self.mount.mount()
            self.mount.wait_filled()
            report.fact('size of the database without an index',
                        report.mib(self.mount.database_bytes()))
            self.first()
            self.copy = os.path.join(self.folder, 'copy')
            subprocess.run(['cp', '-r', self.mount.root, self.copy],
                           check=True)
            grep = self.grep()
            for query in QUERIES:
                self.row(query, [self.ls(query) for _ in grep], grep)
            self.after_changes(grep)
            report.fact('peak memory (VmHWM)', report.mib(
                process.memory(self.mount.pid, 'VmHWM')))

    def ls(self, query):
        return timing.run(['ls', os.path.join(FOLDER, query)],
                          self.mount.root, self.sink)

    def first(self):
        """Nobody has indexed the words of the cards before."""
        begun = time.perf_counter()
        os.listdir(os.path.join(self.mount.root, FOLDER, 'first'))
        seconds = time.perf_counter() - begun
        report.fact('the first search, which indexes all cards',
                    f'{seconds:.2f} s')
        report.fact('size of the database',
                    report.mib(self.mount.database_bytes()))

    def grep(self):
        """Seconds on the local disk; everything was read before."""
        argv = ['grep', '-rl', work.PHRASE, '.']
        runs = range(self.options.runs)
        local = [timing.run(argv, self.copy, self.sink) for _ in runs]
        ours = [timing.run(argv, self.mount.root, self.sink) for _ in runs]
        report.say()
        report.say(f'{"milliseconds, and the ratio to grep":<46} grep')
        report.say(f'{"  grep -rl, the local disk":<46}'
                   f'{timing.median(local) * 1000:>8.1f}')
        self.row('grep -rl, the mount', ours, local)
        return local

    def row(self, name, seconds, grep):
        found = len(self.sink.lines())
        report.say(f'  {name:<44}{timing.median(seconds) * 1000:>8.1f}'
                   f' ({timing.median_ratio(seconds, grep):.4f}x)'
                   f' {found} found')

    def after_changes(self, grep):
        """Each time a card has changed before: the index is behind for it,
        and every listing may be another one."""
        board = next(each for each in sorted(os.listdir(self.mount.root)))
        folder = os.path.join(self.mount.root, board)
        folder = os.path.join(folder, sorted(os.listdir(folder))[0])
        card = os.path.join(folder, sorted(os.listdir(folder))[0])
        seconds = []
        for _ in grep:
            with open(card, 'a', encoding='utf-8') as file:
                file.write('One more line.\n')
                file.flush()
                os.fsync(file.fileno())
            seconds.append(self.ls(QUERIES[0]))
        self.row(f'{QUERIES[0]}, after a change', seconds, grep)
