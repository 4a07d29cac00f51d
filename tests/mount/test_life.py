"""How a mount begins and ends, and what it leaves behind."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from . import contract, expected
from .harness import PROGRAM, mounted
from .networks import refused
from .servers import checked_server
from .util import (
    PATIENCE, folders, outcome, read, read_tree, run, wait_until, write)

HEALED = 'notice: .* unmounted what a trellofs that died had left'


def all_right(mount, server):
    expected.check_tree(mount.path, expected.of_server(server))
    return True


@pytest.fixture
def small(server):
    server.generate(boards=2, lists=2, cards=6)
    return server


def env_of(server, **more):
    return {'TRELLOFS_API_URL': server.url, 'TRELLO_API_KEY': server.key,
            'TRELLO_TOKEN': server.token} | more


# The end

@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT,
                                    signal.SIGHUP, None])
def test_clean_end(mounts, small, number):
    account = mounts.account(small)
    read_tree(account.path)
    began = time.monotonic()
    assert account.unmount(number) == 0
    assert time.monotonic() - began < 3 * PATIENCE
    assert mounted(account.path) is None
    assert os.listdir(account.path) == []


def test_end_while_in_use(mounts, small):
    """A signal ends it although somebody stands in it and has a file
    open."""
    account = mounts.account(small)
    card = next(iter(read_tree(account.path)))
    with open(account.at(card), 'rb') as file:
        shell = subprocess.Popen(['sleep', '60'], cwd=account.path)
        try:
            assert run('fusermount3', '-u', account.path,
                       check=False).returncode != 0
            assert account.unmount(signal.SIGTERM) == 0
            assert mounted(account.path) is None
            assert outcome(file.read) in ('ok', 'ENOTCONN', 'ECONNABORTED')
        finally:
            shell.kill()
            shell.wait(10)


def test_end_with_everything_under_way(mounts, server):
    """In the middle of the first fill, with the server slow."""
    server.generate(boards=20, lists=2, cards=5)
    server.latency = 1
    account = mounts.account(server)
    began = time.monotonic()
    assert account.unmount(signal.SIGTERM) == 0
    assert time.monotonic() - began < 3 * PATIENCE


# Looks for names that are not there, and reads what is.
LOOKER = r'''
import os, sys
top, n = sys.argv[1], 0
while os.path.ismount(top):
    for folder, names, files in os.walk(top):
        n += 1
        os.path.exists(f'{folder}/{n}.md')
        with open(f'{folder}/{os.getpid()}', 'w'):
            os.unlink(f'{folder}/{os.getpid()}')
'''


@pytest.mark.parametrize('after', [0.5, 1, 1.5, 2])
def test_end_amid_news(mounts, small, after):
    """What tells the kernel of news, and waits for who looks something up
    there, keeps nobody from going."""
    account = mounts.account(small)
    lookers = [subprocess.Popen(['python3', '-c', LOOKER, account.path],
                                stderr=subprocess.DEVNULL)
               for _ in range(4)]
    try:
        end = time.monotonic() + after
        while time.monotonic() < end:
            for number, each in enumerate(list(small.account.boards)):
                small.api('PUT', f'/boards/{each}',
                          {'name': f'{number} at {time.monotonic()}'})
        began = time.monotonic()
        assert account.unmount(signal.SIGTERM) == 0
        assert time.monotonic() - began < 3 * PATIENCE
        for each in lookers:
            each.wait(20)
    finally:
        for each in lookers:
            each.kill()
            each.wait(10)


# Crashes

def test_killed_and_started_again(mounts, small):
    """What a crash leaves is taken away at the next start, and nothing
    that was written is lost."""
    account = mounts.account(small)
    account.wait_complete()
    tree = read_tree(account.path)
    note = account.at(folders(account.path)[0], 'note')
    write(note, 'written just before')
    account.kill()
    assert mounted(account.path) == 'fuse.trellofs'
    assert outcome(os.statvfs, account.path) == 'ENOTCONN'
    with refused(small):
        again = mounts.again(account, path=account.path, expect=(
            HEALED, 'warning: '))
        assert read(note) == b'written just before'
        os.unlink(note)
        assert read_tree(again.path) == tree


def test_killed_in_the_background(mounts, small):
    """The same for a start that does not stay in the foreground."""
    demo = mounts.start('--demo')
    demo.kill()
    done = run(PROGRAM, '--demo', demo.path, env=demo.env)
    try:
        assert done.returncode == 0
        assert len(read_tree(demo.path)) > 10
    finally:
        run('fusermount3', '-u', demo.path, check=False)


def test_killed_while_writing(mounts, small):
    """Every write that was answered is there afterwards."""
    account = mounts.account(small)
    path = account.at('log')
    writer = subprocess.Popen(
        ['sh', '-c', 'n=0; while n=$((n+1)); do echo $n >> "$0" || exit; '
         'echo $n; done', path], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True)
    for line in writer.stdout:
        if line == '60\n':
            break
    account.kill()
    told = [60] + [int(each) for each in writer.communicate(timeout=20)[0]
                   .split()]
    again = mounts.again(account, path=account.path, expect=(HEALED,))
    kept = [int(each) for each in read(again.at('log')).split()]
    assert kept[:told[-1]] == list(range(1, told[-1] + 1))


# Twice

def test_profile_mounted_twice(mounts, small):
    """Refused, naming where the first is, which lives on."""
    first = mounts.account(small)
    other = mounts.make('other')
    status, told = mounts.fails(env=env_of(small), home=first.home,
                                path=other)
    assert status == 1
    assert re.fullmatch(r'trellofs: [^\n]+\n', told)
    assert first.path in told and 'default' in told
    assert mounted(other) is None
    assert len(read_tree(first.path)) == 12
    first.unmount()
    second = mounts.account(small, home=first.home, path=other)
    assert len(read_tree(second.path)) == 12


def test_two_profiles(mounts, small):
    """Each has its own state."""
    first = mounts.account(small)
    config = os.path.join(first.home, 'config', 'trellofs')
    os.makedirs(config)
    write(os.path.join(config, 'config'), '[default]\n[work]\n')
    second = mounts.account(small, 'profile=work,refresh=1', home=first.home)
    write(first.at('note'), 'first')
    assert not os.path.exists(second.at('note'))
    assert os.path.exists(second.database('work'))
    assert len(read_tree(second.path)) == 12
    assert run(PROGRAM, '-o', 'x', 'status', check=False,
               env=first.env).returncode == 2


def test_same_folder_twice(mounts, small):
    first = mounts.account(small)
    status, told = mounts.fails('--demo', path=first.path)
    assert status == 1 and first.path in told
    assert len(read_tree(first.path)) == 12


def test_nothing_is_made_without_a_mount(mounts, small):
    """A start that fails leaves no second database behind."""
    missing = os.path.join(mounts.folder, 'missing')
    status, told = mounts.fails(env=env_of(small), path=missing)
    assert status == 1 and missing in told


# The database

def start_over(mounts, account, **more):
    return mounts.again(account, path=account.path, **more)


@pytest.mark.parametrize('damage', ['header', 'middle', 'half', 'text'])
def test_damaged_database(mounts, small, damage):
    """Set aside and told, never overwritten; the mount comes all the
    same, with what of the local files can be read."""
    account = mounts.account(small)
    account.wait_complete()
    write(account.at('note'), 'x' * 100000)
    account.unmount()
    path = account.database()
    data = bytearray(read(path))
    if damage == 'header':
        data[:100] = os.urandom(100)
    elif damage == 'middle':
        for at in range(4096, len(data) - 4096, 8192):
            data[at:at + 2000] = b'\xff' * 2000
    elif damage == 'half':
        del data[len(data) // 2:]
    else:
        data = bytearray(b'this is no database\n' * 500)
    write(path, bytes(data))
    again = start_over(mounts, account, expect=('warning: .*damaged',))
    again.wait_complete()
    assert {name for name in folders(again.path)} >= {
        contract.name_of(board.data['name'])
        for board in small.account.boards.values()}
    aside = [each for each in os.listdir(os.path.dirname(path))
             if 'damaged' in each and not each.endswith(('-wal', '-shm'))]
    assert len(aside) == 1 and aside[0] in again.log()
    assert read(os.path.join(os.path.dirname(path), aside[0])) == data
    assert os.stat(os.path.join(os.path.dirname(path), aside[0])
                   ).st_mode & 0o077 == 0


def test_empty_database(mounts, small):
    account = mounts.account(small)
    account.unmount()
    for name in os.listdir(os.path.dirname(account.database())):
        if name.startswith('default.db'):
            write(os.path.join(os.path.dirname(account.database()), name),
                  '')
    again = start_over(mounts, account)
    wait_until(lambda: all_right(again, small), 5, 'the tree')


def test_newer_database(mounts, small):
    """A newer program's file is refused and not touched."""
    account = mounts.account(small)
    account.unmount()
    path = account.database()
    with sqlite3.connect(path) as db:
        db.execute('PRAGMA user_version = 9999')
    db.close()
    before = read(path)
    status, told = mounts.fails(env=env_of(small), home=account.home)
    assert status == 1 and path in told and 'newer' in told
    assert re.fullmatch(r'trellofs: [^\n]+\n', told)
    assert read(path) == before


def test_state_is_private(mounts, small):
    """Mode 0600 in a folder of mode 0700, all of it."""
    account = mounts.account(small)
    account.wait_complete()
    folder = os.path.dirname(account.database())
    assert os.stat(folder).st_mode & 0o777 == 0o700
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        assert os.stat(path).st_mode & 0o777 == 0o600, name
    account.unmount()
    os.chmod(folder, 0o755)
    os.chmod(account.database(), 0o644)
    again = start_over(mounts, account)
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert os.stat(again.database()).st_mode & 0o777 == 0o600


def test_another_account(mounts, small):
    """Credentials of another account are refused, naming both."""
    account = mounts.account(small)
    account.unmount()
    alice = small.account.usernames['alice']['id']
    token = small.add_token(member=alice)
    status, told = mounts.fails(env=env_of(small, TRELLO_TOKEN=token),
                                home=account.home)
    assert status == 1
    assert '@tester' in told and '@alice' in told
    assert re.fullmatch(r'trellofs: [^\n]+\n', told)
    again = mounts.again(account)
    assert len(read_tree(again.path)) == 12


def test_another_host(mounts, small):
    """The same name elsewhere is another account."""
    account = mounts.account(small)
    account.unmount()
    with checked_server() as other:
        other.generate()
        status, told = mounts.fails(env=env_of(other), home=account.home)
    assert status == 1
    assert small.url in told and other.url in told


def test_damaged_beyond_opening(mounts, small):
    """A folder where the database should be: one line, exit status 1."""
    account = mounts.account(small)
    account.unmount()
    folder = os.path.dirname(account.database())
    shutil.rmtree(folder)
    os.makedirs(account.database())
    status, told = mounts.fails(env=env_of(small), home=account.home)
    assert status == 1
    assert re.fullmatch(r'trellofs: [^\n]+\n', told)
