"""The bench: see README."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time

from . import big, filling, kernel, peers, report, work
from .account import Account
from .compare import Comparison, Local, can_drop
from .mount import Mount
from .news import News
from .options import parse
from .searching import Searching
from .writing import Writing


WRITTEN = 1000


def introduce(options, folder):
    kind = subprocess.run(['stat', '-f', '-c', '%T', folder], text=True,
                          capture_output=True, check=True).stdout.strip()
    report.say(f'trellofs bench: {options.boards} boards of {options.lists} '
               f'lists of {options.cards} cards of about '
               f'{options.card_bytes} bytes')
    report.say(f'{os.cpu_count()} processors, Linux {platform.release()}, '
               f'local disk {kind}; medians of {options.runs} runs warm, '
               f'{options.cold_runs} else')


def compare(options, account, folder, chosen):
    """The parts that need the tree beside its copy."""
    mount = Mount(options.program, os.path.join(folder, 'ours'), account)
    mount.name = 'trellofs'
    tree = os.path.join(folder, 'tree')
    found = []
    try:
        mount.mount()
        mount.wait_filled()
        subprocess.run(['cp', '-a', mount.root, tree], check=True)
        works = work.make(tree, folder)
        if chosen & {'warm', 'fresh', 'cold'}:
            found, reasons = peers.mount_all(tree, folder)
            report.say('\n'.join(reasons))
            time_all(options, works, [Local(tree), mount, *found], folder,
                     chosen)
    finally:
        mount.unmount()
        for peer in found:
            peer.end()
    if 'requests' in chosen:
        report.title('What the kernel asks the program',
                     'Requests of three runs on a new mount.')
        kernel.measure(mount, works, folder)


def time_all(options, works, places, folder, chosen):
    comparison = Comparison(options, works, places, folder)
    if 'warm' in chosen:
        report.title('Warm', 'Everything was read before. Milliseconds, '
                     'and the ratio to the local disk.')
        comparison.heading()
        comparison.warm()
        comparison.judgement()
    if 'fresh' in chosen:
        report.title('Newly mounted',
                     'Mounted anew before each run: the kernel knows '
                     'nothing of the mount, the database',
                     'and what the peers show are in the page cache; the '
                     'local disk is warm. Again: the same once more, right '
                     'behind it.')
        comparison.heading()
        comparison.fresh()
    if 'cold' in chosen and not can_drop():
        report.title('Cold', 'left out: only root may drop the caches')
    elif 'cold' in chosen:
        report.title('Cold',
                     'Mounted anew, then everything that the kernel has '
                     'cached is dropped, before each run:',
                     'the local disk and the database are read from the '
                     'disk. The tool itself is loaded.')
        comparison.heading()
        comparison.cold()


def small(options, folder, chosen):
    with Account(os.path.join(folder, 'server'), options.boards,
                 options.lists, options.lists * options.cards,
                 options.card_bytes) as account:
        if chosen & {'warm', 'fresh', 'cold', 'requests'}:
            compare(options, account, folder, chosen)
        if 'idle' in chosen:
            report.title('Idle', 'Two polls, as in a minute with the usual '
                         'refresh of 30 s.')
            filling.idle(options, account, os.path.join(folder, 'ours'))
        if 'fill' in chosen:
            report.title(
                f'First mount, {options.latency:g} ms to the server',
                'The stand-in server runs on this machine and takes its '
                'time, too, to make its answers.')
            filling.measure(options, account, folder)


def write(options, folder):
    report.title(f'Changes of {WRITTEN} cards in one list',
                 'Each command takes back what its last run did.')
    with Account(os.path.join(folder, 'write-server'), 1, 1, WRITTEN,
                 options.card_bytes) as account:
        Writing(options, account, os.path.join(folder, 'write')).measure()


def heavy(options, folder):
    report.title(f'Full boards: {options.heavy_boards} of '
                 f'{options.heavy_cards} cards')
    with Account(os.path.join(folder, 'heavy-server'), options.heavy_boards,
                 options.lists, options.heavy_cards,
                 options.card_bytes) as account:
        filling.heavy(options, account, os.path.join(folder, 'heavy'))


def large(options, folder):
    report.title(f'A big account: {options.big_boards} boards of '
                 f'{options.big_cards} cards')
    with Account(os.path.join(folder, 'big-server'), options.big_boards,
                 options.lists, options.big_cards,
                 options.card_bytes) as account:
        big.measure(options, account, os.path.join(folder, 'big'))


def news(options, folder):
    report.title(f'News of {options.big_boards} boards of '
                 f'{options.big_cards} cards')
    with Account(os.path.join(folder, 'news-server'), options.big_boards,
                 options.lists, options.big_cards,
                 options.card_bytes) as account:
        News(options, account, os.path.join(folder, 'news')).measure()


def search(options, folder):
    report.title(f'Searching {options.big_boards} boards of '
                 f'{options.big_cards} cards', 'Everything was read before.')
    with Account(os.path.join(folder, 'search-server'), options.big_boards,
                 options.lists, options.big_cards,
                 options.card_bytes) as account:
        Searching(options, account, os.path.join(folder, 'search')).measure()


def main():
    options = parse()
    options.program = os.path.abspath(options.program)
    chosen = set(options.parts)
    started = time.monotonic()
    folder = tempfile.mkdtemp(prefix='bench.', dir=options.folder)
    folder = os.path.abspath(folder)
    try:
        introduce(options, folder)
        if chosen - {'heavy', 'big', 'news', 'write', 'search'}:
            small(options, folder, chosen)
        if 'write' in chosen:
            write(options, folder)
        if 'heavy' in chosen:
            heavy(options, folder)
        if 'big' in chosen:
            large(options, folder)
        if 'news' in chosen:
            news(options, folder)
        if 'search' in chosen:
            search(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report.say()
    report.say(f'{time.monotonic() - started:.0f} s in all')
    return 0


sys.exit(main())
