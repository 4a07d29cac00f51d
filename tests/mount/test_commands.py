"""trellofs sync, refresh and status: what they print, and how they end."""

import os
import re
import subprocess

import pytest

from .harness import PROGRAM
from .terminal import Terminal, missing
from .util import PATIENCE, run, wait_until, write
from .writing import Account


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


def command(account, *argv, cwd=None):
    """(exit status, standard output, standard error)"""
    done = run(PROGRAM, *argv, env=account.mount.env, check=False, cwd=cwd,
               seconds=40)
    return done.returncode, done.stdout, done.stderr


def change(account, name='A'):
    card = account.card(name)
    write(card.path, card.replaced())
    wait_until(lambda: 'desc' in account.kinds(card.path), 5, 'the change')
    return card


def test_sync(account):
    """All is sent when it ends, and nothing is said."""
    assert command(account, 'sync', account.mount.path) == (0, '', '')
    card = change(account)
    assert command(account, 'sync', account.mount.path) == (0, '', '')
    assert account.raw() == ''
    assert account.api('GET', f'/cards/{account.ids["A"]}')['desc'] \
        .startswith('new words')
    assert card.read() == card.replaced()


def test_sync_refused(account):
    """What was refused is listed, and all of it."""
    account.mount.expect('Trello did not accept')
    account.server.fault(method='PUT', path='/cards/', status=403,
                         body='Too many things')
    change(account, 'A')
    change(account, 'B')
    for _ in range(2):
        status, out, said = command(account, 'sync', account.mount.path)
        lines = said.splitlines()
        assert (status, out, len(lines)) == (1, '', 3), said
        for name, line in zip('AB', sorted(lines[:2])):
            assert line.startswith(
                f'Board/To Do/{name}.md: Trello did not accept the '
                'description: '), line
        assert lines[2].startswith('trellofs: not everything was accepted')
        assert '.md.error' in lines[2]


def test_sync_of_a_draft(account):
    """What cannot be sent is told, too."""
    card = account.card()
    write(card.path, card.replaced(b'- [ ] two\n', b'- [ ] two\n\nMore.\n'))
    wait_until(lambda: os.path.exists(card.path + '.error'), 5, 'the draft')
    change(account, 'B')
    status, out, said = command(account, 'sync', account.mount.path)
    assert (status, out) == (1, '') and account.raw() == ''
    assert said.splitlines()[0].startswith('Board/To Do/A.md: line ')
    assert said.count('\n') == 2
    os.unlink(card.path + '.error')
    assert command(account, 'sync', account.mount.path) == (0, '', '')


def test_sync_without_network(account):
    account.mount.expect('cannot be reached', 'connection', 'refused')
    change(account)
    account.server.refuse(True)
    status, out, said = command(account, 'sync', account.mount.path)
    assert (status, out) == (1, '')
    assert re.fullmatch(r'trellofs: Trello cannot be reached: .+; '
                        '1 change waits for it\n', said), said
    status, out, said = command(account, 'refresh', account.mount.path)
    assert (status, out) == (1, '')
    assert said.startswith('trellofs: Trello cannot be reached: ')
    account.server.refuse(False)
    wait_until(lambda: command(account, 'sync', account.mount.path)
               == (0, '', ''), 20, 'it is sent')


def test_sync_of_what_is_held(account):
    account.mount.expect('held')
    os.rmdir(account.at('Doing'))
    run('rm', '-r', account.list)
    assert command(account, 'sync', account.mount.path) == (0, '', '')
    os.rmdir(account.at())
    wait_until(lambda: '(held)' in account.raw(), 5, 'it is held')
    status, out, said = command(account, 'sync', account.mount.path)
    assert (status, out) == (1, '')
    assert '1 change' in said and said.count('\n') == 1
    assert f'{account.mount.path}/.trellofs/control/confirm' in said
    write(account.mount.at('.trellofs', 'control', 'confirm'), '\n')
    assert command(account, 'sync', account.mount.path) == (0, '', '')


@pytest.mark.seconds(90)
@pytest.mark.parametrize('status', [409, 500])
def test_sync_of_what_is_tried_again(account, status):
    """It says why it takes so long, once, and goes on."""
    account.server.fault(method='PUT', path='/cards/', status=status,
                         body='something is wrong')
    change(account)
    with subprocess.Popen(
            [PROGRAM, 'sync', account.mount.path], env=account.mount.env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        line = process.stderr.readline().decode()
        assert re.match(r'waiting for 1 change: .*Trello says '
                        f'{status} something is wrong', line), line
        again = account.mount.status_line('trying again')
        assert f'{status} something is wrong' in again
        account.server.clear_faults()
        assert process.wait(40 * PATIENCE) == 0
        assert process.stderr.read() == process.stdout.read() == b''
    assert account.mount.status_line('trying again') == ''


def test_from_inside(account):
    """Any path in the mount will do, and no path if one is in it."""
    change(account)
    assert command(account, 'sync', account.list) == (0, '', '')
    assert account.raw() == ''
    change(account, 'B')
    assert command(account, 'sync', cwd=account.list) == (0, '', '')
    assert account.raw() == ''
    assert command(account, 'refresh', cwd=account.list) == (0, '', '')
    status, out, said = command(account, 'status', '.', cwd=account.list)
    assert (status, said) == (0, '')
    assert out.startswith('account: @tester\n') and 'pending: 0\n' in out
    path = account.at('To Do', 'A.md')
    assert command(account, 'status', path) == (0, out, '')


@pytest.mark.parametrize('word', ['sync', 'refresh', 'status'])
def test_elsewhere(account, tmp_path, word):
    status, out, said = command(account, word, str(tmp_path))
    assert (status, out) == (1, '')
    assert said == f'trellofs: {tmp_path} is no mount of trellofs\n'
    status, out, said = command(account, word, str(tmp_path / 'none'))
    assert (status, out) == (1, '')
    assert said == f'trellofs: {tmp_path}/none is no mount of trellofs\n'
    assert command(account, word, str(tmp_path), 'more')[0] == 2


@pytest.mark.skipif(missing('tmux') is not None, reason=missing('tmux') or '')
def test_bar(account, tmp_path):
    """On a terminal a bar shows how far it is."""
    for name in 'ABC':
        change(account, name)
    account.server.latency = 0.5
    terminal = Terminal(tmp_path / 'terminal', 'sh', '-c',
                        '"$0" sync "$1"; echo "ended with $?"; sleep 60',
                        PROGRAM, account.mount.path)
    try:
        terminal.wait_for('of 3 ')
        terminal.wait_for('ended with 0', 20)
        assert '[' + '#' * 40 + '] 3 of 3\n' in \
            terminal.screen().replace(' \n', '\n')
    finally:
        terminal.close()
        account.server.latency = 0
    assert account.raw() == ''
