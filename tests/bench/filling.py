"""A first mount: how long until everything is here, and what it takes."""

import os
import time

from . import process, report, timing, work
from .mount import Mount


def first_list(mount):
    """Mounts and lists the root. Seconds, processor seconds of the
    command."""
    start = time.perf_counter()
    cpu = mount.mount()
    os.listdir(mount.root)
    return time.perf_counter() - start, cpu


def measure(options, account, folder):
    account.latency(options.latency / 1000)
    try:
        in_background(options, account, os.path.join(folder, 'quiet'))
        account.forget()
        on_demand(options, account, os.path.join(folder, 'greedy'))
    finally:
        account.latency(0)


def in_background(options, account, folder):
    """Nobody looks until everything is here."""
    account.forget()
    with Mount(options.program, folder, account, refresh=3600) as mount:
        start = time.perf_counter()
        first, _ = first_list(mount)
        mount.wait_filled()
        seconds = time.perf_counter() - start
        report.fact('from the start to the first ls', f'{first:.2f} s')
        report.fact('until every card can be read', f'{seconds:.2f} s')
        show_requests(options.boards, account)
        show_cost(account, mount)


def show_requests(boards, account):
    requests = account.counters()['requests']
    # Who we are, what the token may do, which boards there are.
    report.fact('requests', requests, f'at most {boards + 3}',
                requests <= boards + 3)


def show_cost(account, mount):
    time.sleep(0.5)     # what the last board took is given back by then
    report.fact('bytes received', report.mib(account.bytes_out()))
    report.fact('processor time',
                f'{process.cpu_seconds(mount.pid):.2f} s')
    report.fact('peak memory (VmHWM)',
                report.mib(process.memory(mount.pid, 'VmHWM')))
    report.fact('memory then (VmRSS)',
                report.mib(process.memory(mount.pid, 'VmRSS')))


def on_demand(options, account, folder):
    """Somebody runs grep at once, without having looked before."""
    with Mount(options.program, folder, account, refresh=3600) as mount:
        start = time.perf_counter()
        mount.mount()
        timing.run(['grep', '-r', work.PHRASE, '.'], mount.root,
                   timing.Sink())
        report.fact('or: from the start to the end of a grep -r',
                    f'{time.perf_counter() - start:.2f} s')


def idle(options, account, folder):
    """What is spent while nobody does anything: with this refresh the time
    has two polls, as a minute has with the usual one."""
    refresh = max(1, round(options.idle / 2))
    with Mount(options.program, folder, account, refresh) as mount:
        mount.mount()
        time.sleep(1)
        account.forget()
        before = process.cpu_seconds(mount.pid)
        time.sleep(options.idle)
        spent = process.cpu_seconds(mount.pid) - before
        polls = account.counters()['requests']
        report.fact(f'processor time of {polls} polls, in '
                    f'{options.idle:g} s', f'{spent * 1000:.1f} ms')


def heavy(options, account, folder):
    """Boards as full as Trello lets them be."""
    with Mount(options.program, folder, account, refresh=3600) as mount:
        start = time.perf_counter()
        mount.mount()
        mount.wait_filled()
        report.fact('until every card can be read',
                    f'{time.perf_counter() - start:.1f} s')
        report.fact('requests, of which some for further comments',
                    account.counters()['requests'])
        show_cost(account, mount)
