"""Hosts whose names nobody can tell."""

import os
import signal
import subprocess
import time

import pytest

from trello.certs import make_certs

from . import contract
from .servers import checked_server
from .surroundings import HERE, HOST, MUTE, UNKNOWN, Surroundings
from .util import PATIENCE, read, read_tree, timed, wait_until, write

BOUND = 10 + 2 * PATIENCE


@pytest.fixture
def there(mounts, tmp_path):
    """(server, surroundings, environment of its mounts)"""
    certs = make_certs(str(tmp_path / 'certs'))
    around = Surroundings(tmp_path / 'around')
    with checked_server(tls=certs['good']) as server:
        env = around.env | {
            'TRELLOFS_API_URL': f'https://{HOST}:{server.port}/1',
            'TRELLOFS_CA_FILE': certs['ca']}
        yield server, around, 'refresh=1', env
        around.set_names(HERE)
        mounts.finish()


@pytest.mark.parametrize('names', [UNKNOWN, MUTE])
def test_first_mount(mounts, there, names):
    server, around, options, env = there
    around.set_names(names)
    (status, told), seconds = timed(lambda: mounts.fails(
        '-o', options, env=env | {'TRELLO_API_KEY': server.key,
                                  'TRELLO_TOKEN': server.token}))
    assert status == 1 and seconds < BOUND
    assert HOST in told and told.count('\n') == 1
    assert 'cannot be found' in told or 'too slow' in told or \
        'no answer' in told


@pytest.fixture
def known(mounts, there):
    """(server, surroundings, a mount that has ended: of two boards it knows
    one, the names of both)"""
    server, around, options, env = there
    boards = server.generate(boards=2, lists=2, cards=8)
    hidden = server.fault(path=f'/1/boards/{boards[1].id}', status=503)
    account = mounts.account(server, options, env=env,
                             expect=('warning: ',))
    wait_until(lambda: hidden.fired and account.boards_here() == (2, 1), 5,
               'one of two boards')
    account.unmount()
    server.clear_faults()
    return server, around, account, [
        contract.name_of(each.data['name']) for each in boards]


def start_ls(path):
    return subprocess.Popen(['ls', path], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


@pytest.mark.parametrize('names', [UNKNOWN, MUTE])
def test_warm_start(mounts, known, names):
    """What is known can be read, changed and unmounted; what is not fails in
    time, and can be interrupted; all of it comes when the names are back."""
    server, around, account, (here, other) = known
    around.set_names(names)
    again = mounts.again(account, env=account.env, expect=('warning: ',))
    before = read_tree(again.at(here))
    stopped = start_ls(again.at(other))
    began = time.monotonic()
    path = again.at(here, sorted(os.listdir(again.at(here)))[0], 'New.md')
    write(path, 'its text\n')
    wait_until(lambda: b'its text\n' in read(path), 5, 'the text')
    if names == MUTE:
        time.sleep(0.3)
        assert stopped.poll() is None
        stopped.send_signal(signal.SIGINT)
    stopped.communicate(timeout=20)
    assert time.monotonic() - began < 2 * PATIENCE or names == UNKNOWN
    began = time.monotonic()
    waiting = start_ls(again.at(other))
    assert b'Network is unreachable' in waiting.communicate(timeout=40)[1]
    assert time.monotonic() - began < BOUND
    os.unlink(path)
    assert read_tree(again.at(here)) == before
    said = again.status_line('network')
    assert said.startswith('offline since ') and HOST in said, said
    around.set_names(HERE)
    wait_until(lambda: len(os.listdir(again.at(other))) == 2, 30,
               'it is back')


def test_end_while_nobody_tells(mounts, known):
    server, around, account, (here, other) = known
    around.set_names(MUTE)
    again = mounts.again(account, env=account.env, expect=('warning: ',))
    waiting = start_ls(again.at(other))
    time.sleep(0.3)
    began = time.monotonic()
    assert again.unmount(signal.SIGTERM) == 0
    assert time.monotonic() - began < 5 * PATIENCE
    waiting.communicate(timeout=20)
    assert waiting.returncode == 2
