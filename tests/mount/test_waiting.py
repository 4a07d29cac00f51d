"""Many who wait, and those who do not have to."""

import os
import signal
import subprocess
import time

import pytest

from . import contract, expected
from .util import PATIENCE, read, run, timed, write

BOUND = 10 + 2 * PATIENCE
SLOW_BOARD = r'/1/boards/(?!{})\w+\?'


def names_of(boards, mount):
    return [mount.at(contract.name_of(each.data['name']))
            for each in boards]


@pytest.fixture
def cold(mounts, server):
    """(server, mount, the known board, 30 others that take 3 s each)."""
    boards = server.generate(boards=31, lists=2, cards=4)
    server.fault(path=SLOW_BOARD.format(boards[0].id), latency=3)
    mount = mounts.account(server, 'refresh=60', expect=('warning: ',))
    paths = names_of(boards, mount)
    assert len(os.listdir(paths[0])) == 2
    return server, mount, paths[0], paths[1:]


def start_ls(paths):
    return [subprocess.Popen(['ls', path], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
            for path in paths]


def end_all(programs):
    for each in programs:
        each.kill()
        each.communicate(timeout=20)


def test_thirty_cold_boards(cold):
    """Who looks at something else is answered at once."""
    server, mount, known, others = cold
    began = time.monotonic()
    programs = start_ls(others)
    try:
        time.sleep(0.3)
        asked = 0
        while time.monotonic() - began < 2:
            note = os.path.join(known, f'note {asked}')
            for function, *args in ((run, 'ls', '-l', mount.path),
                                    (run, 'ls', '-lR', known),
                                    (read, mount.at('.trellofs', 'status')),
                                    (os.statvfs, mount.path),
                                    (write, note, 'local'),
                                    (os.unlink, note)):
                result, seconds = timed(function, *args)
                assert not isinstance(result, OSError)
                assert seconds < 1 * PATIENCE
            asked += 1
        assert asked > 1
        for each in programs:
            out, told = each.communicate(timeout=30 * PATIENCE)
            assert len(out.splitlines()) == 2, told
        assert time.monotonic() - began < BOUND
    finally:
        end_all(programs)
    server.clear_faults()
    mount.wait_complete()
    expected.check_tree(mount.path, expected.of_server(server))


def test_interrupting_some_of_them(cold):
    """Ctrl-C ends each within a second; the others get their boards."""
    server, mount, known, others = cold
    programs = start_ls(others[:8])
    try:
        time.sleep(0.5)
        began = time.monotonic()
        for each in programs[:4]:
            each.send_signal(signal.SIGINT)
        for each in programs[:4]:
            each.communicate(timeout=20)
            assert each.returncode == -signal.SIGINT
        assert time.monotonic() - began < 1 * PATIENCE
        for each in programs[4:]:
            out, _ = each.communicate(timeout=30 * PATIENCE)
            assert len(out.splitlines()) == 2
    finally:
        end_all(programs)


def test_many_at_one_cold_board(cold):
    """They all wait for its one request."""
    server, mount, known, others = cold
    programs = start_ls([others[0]] * 10)
    programs += [subprocess.Popen(
        ['stat', os.path.join(others[0], 'nothing')], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(5)]
    try:
        for each in programs[:10]:
            out, _ = each.communicate(timeout=30 * PATIENCE)
            assert len(out.splitlines()) == 2
        for each in programs[10:]:
            assert 'No such file' in each.communicate(timeout=30)[1]
    finally:
        end_all(programs)
    board = next(each for each in server.account.boards.values()
                 if contract.name_of(each.data['name'])
                 == os.path.basename(others[0]))
    assert sum(f'/1/boards/{board.id}' in each['path']
               for each in server.requests) == 1


def test_waiting_in_the_root_goes_on(cold):
    """find over everything waits for each in turn and sees it all."""
    server, mount, known, others = cold
    server.clear_faults()
    server.latency = 0.1
    found = run('find', mount.path, '-type', 'f', seconds=40).stdout
    assert len(found.splitlines()) == 31 * 4
