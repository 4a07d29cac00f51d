"""A big account: filling it, and a warm start with it."""

import os
import time

from . import filling, process, report, timing, work
from .mount import Mount

OWN_WORK_LIMIT = 0.2
MEMORY_LIMIT = 64 << 20
# By then the first ls is long over: nothing was asked before it.
LATENCY_S = 5


def measure(options, account, folder):
    mount = Mount(options.program, folder, account)
    with mount:
        fill(options, account, mount)
    account.latency(LATENCY_S)
    starts = [start(mount) for _ in range(options.runs)]
    show_starts(starts)
    account.latency(0)
    with mount:
        mount.mount()
        read_all(options, mount)
    filling.idle(options, account, folder)


def fill(options, account, mount):
    begun = time.perf_counter()
    first, _ = filling.first_list(mount)
    report.fact('from the start to the first ls', f'{first:.2f} s')
    mount.wait_filled()
    seconds = time.perf_counter() - begun
    report.fact('until every card can be read', f'{seconds:.1f} s')
    filling.show_requests(options.big_boards, account)
    filling.show_cost(account, mount)
    counters = account.counters()
    report.fact('most requests in a window of 10 s',
                counters['most_in_token_window'], '100, no 429',
                counters['sent_429'] == 0)
    report.fact('size of the database', report.mib(mount.database_bytes()))


def start(mount):
    """A warm start. Seconds to the first ls, processor seconds by then,
    memory."""
    with mount:
        seconds, command = filling.first_list(mount)
        spent = command + process.cpu_seconds(mount.pid)
        return seconds, spent, process.memory(mount.pid, 'VmRSS')


def show_starts(starts):
    seconds, spent, memory = (timing.median(each) for each in zip(*starts))
    report.fact('warm start, from exec to the end of ls',
                f'{seconds * 1000:.0f} ms')
    report.fact('processor time of the program by then',
                f'{spent * 1000:.0f} ms', f'{OWN_WORK_LIMIT} s',
                spent < OWN_WORK_LIMIT)
    show_memory('memory then (VmRSS)', memory)


def show_memory(name, size):
    report.fact(name, report.mib(size), report.mib(MEMORY_LIMIT),
                size < MEMORY_LIMIT)


def read_all(options, mount):
    sink = timing.Sink()
    grep = ['grep', '-r', work.PHRASE, '.']
    for name, argv in (
            ('ls -R', ['ls', '-R']), ('grep -r', grep),
            ('grep -r again', grep), ('grep -r once more', grep),
            ('cat .trellofs/status', ['cat', '.trellofs/status'])):
        seconds = timing.run(argv, mount.root, sink)
        report.fact(name, f'{seconds:.2f} s')
        show_memory('memory then (VmRSS)',
                    process.memory(mount.pid, 'VmRSS'))
    report.fact('peak memory (VmHWM)',
                report.mib(process.memory(mount.pid, 'VmHWM')))
