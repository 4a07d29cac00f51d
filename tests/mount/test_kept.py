"""Local files are still there: after a remount, a crash, and whatever
becomes of the lists and boards that they are in."""

import os

import pytest

from . import contract, expected
from .util import folders, outcome, read, run, wait_until, write


@pytest.fixture
def account(mounts, server):
    server.generate(boards=2, lists=2, cards=6)
    mount = mounts.account(server)
    mount.wait_complete()
    return mount


def described(paths):
    return [(os.path.islink(path) and os.readlink(path)
             or os.path.isdir(path) or read(path),
             os.lstat(path).st_ino, os.lstat(path).st_mode,
             os.lstat(path).st_mtime_ns, os.lstat(path).st_uid)
            for path in paths]


def test_remount(mounts, account):
    """Contents, numbers, modes and times of all kinds, everywhere."""
    board = account.at(folders(account.path)[0])
    a_list = os.path.join(board, folders(board)[0])
    paths = []
    for folder in (account.path, board, a_list):
        hidden = os.path.join(folder, '.hidden')
        os.mkdir(hidden, 0o750)
        write(os.path.join(hidden, 'deep'), os.urandom(100000))
        write(os.path.join(folder, 'note'), 'here')
        os.chmod(os.path.join(folder, 'note'), 0o640)
        os.utime(os.path.join(folder, 'note'), ns=(1, 123456789123456789))
        os.symlink('note', os.path.join(folder, 'link'))
        write(os.path.join(folder, 'empty'), '')
        paths += [hidden, os.path.join(hidden, 'deep'),
                  *(os.path.join(folder, name)
                    for name in ('note', 'link', 'empty'))]
    with open(os.path.join(board, 'hole'), 'wb') as file:
        file.truncate(10 << 20)
    paths.append(os.path.join(board, 'hole'))
    before = described(paths)
    free = os.statvfs(account.path).f_bavail
    account.unmount()
    again = mounts.again(account, path=account.path)
    assert described(paths) == before
    assert os.statvfs(again.path).f_bavail == free
    for path in paths:
        assert os.path.basename(path) in os.listdir(os.path.dirname(path))


def test_removed_while_open_at_a_crash(mounts, account):
    """What had no name any more takes no room afterwards."""
    free = os.statvfs(account.path).f_bavail
    with open(account.at('gone'), 'wb') as file:
        file.write(bytes(1 << 20))
        file.flush()
        os.unlink(account.at('gone'))
        account.kill()
        # Closing it would tell a program that is not there.
        outcome(file.close)
    again = mounts.again(account, expect=('notice: ',), path=account.path)
    assert os.statvfs(again.path).f_bavail == free
    assert 'gone' not in os.listdir(again.path)


def test_with_a_list_that_is_renamed_and_moved(server, account):
    """They are where the list is."""
    view = expected.of_server(server)[0]
    board = account.at(contract.name_of(view.name))
    name = list(view.tree())[0]
    write(os.path.join(board, name, 'note'), 'mine')
    os.mkdir(os.path.join(board, name, '.git'))
    server.api('PUT', f'/lists/{view.lists[0]["id"]}', {'name': 'Anew'})
    wait_until(lambda: read(os.path.join(board, 'Anew', 'note')) == b'mine',
               3, 'it follows')
    assert os.listdir(os.path.join(board, 'Anew', '.git')) == []
    other = expected.of_server(server)[1]
    server.api('PUT', f'/lists/{view.lists[0]["id"]}/idBoard',
               {'value': other.id})
    there = account.at(contract.name_of(other.name), 'Anew', 'note')
    wait_until(lambda: read(there) == b'mine', 3, 'it follows')


def test_with_a_board_that_is_renamed(server, account):
    view = expected.of_server(server)[0]
    write(account.at(contract.name_of(view.name), 'note'), 'mine')
    server.api('PUT', f'/boards/{view.id}', {'name': 'Anew'})
    wait_until(lambda: read(account.at('Anew', 'note')) == b'mine', 3,
               'it follows')


@pytest.mark.parametrize('remount', [False, True])
def test_with_a_list_that_is_archived_and_restored(mounts, server, account,
                                                   remount):
    """Somebody else's archiving does not destroy what is mine."""
    view = expected.of_server(server)[0]
    folder = account.at(contract.name_of(view.name), list(view.tree())[0])
    write(os.path.join(folder, 'note'), 'mine')
    server.api('PUT', f'/lists/{view.lists[0]["id"]}', {'closed': 'true'})
    wait_until(lambda: not os.path.exists(folder), 3, 'its end')
    if remount:
        account.unmount()
        account = mounts.again(account, path=account.path)
    server.api('PUT', f'/lists/{view.lists[0]["id"]}', {'closed': 'false'})
    wait_until(lambda: read(os.path.join(folder, 'note')) == b'mine', 3,
               'its return')


@pytest.mark.parametrize('remount', [False, True])
def test_with_a_board_that_is_closed_and_opened(mounts, server, account,
                                                remount):
    view = expected.of_server(server)[0]
    folder = account.at(contract.name_of(view.name))
    inner = os.path.join(folder, list(view.tree())[0])
    write(os.path.join(folder, 'note'), 'mine')
    write(os.path.join(inner, 'note'), 'mine too')
    server.api('PUT', f'/boards/{view.id}', {'closed': 'true'})
    wait_until(lambda: not os.path.exists(folder), 3, 'its end')
    if remount:
        account.unmount()
        account = mounts.again(account, path=account.path)
    server.api('PUT', f'/boards/{view.id}', {'closed': 'false'})
    wait_until(lambda: read(os.path.join(folder, 'note')) == b'mine' and
               read(os.path.join(inner, 'note')) == b'mine too', 3,
               'its return')


def test_a_board_of_the_same_name(server, account):
    """Neither hides the other."""
    write(account.at('Project'), 'local')
    made = server.api('POST', '/boards', {'name': 'Project'},
                      token=server.token)
    name = f'Project #{made["id"][-4:]}'
    wait_until(lambda: name in os.listdir(account.path), 3, 'the board')
    assert read(account.at('Project')) == b'local'
    assert len(os.listdir(account.at(name))) == 3


def test_a_list_of_the_same_name(server, account):
    view = expected.of_server(server)[0]
    board = account.at(contract.name_of(view.name))
    write(os.path.join(board, 'Plan'), 'local')
    made = server.api('POST', '/lists', {'name': 'Plan',
                                         'idBoard': view.id})
    name = f'Plan #{made["id"][-4:]}'
    wait_until(lambda: name in os.listdir(board), 3, 'the list')
    assert read(os.path.join(board, 'Plan')) == b'local'
    assert os.listdir(os.path.join(board, name)) == []


def test_never_sent(server, account):
    """Nothing but reading reaches Trello."""
    board = account.at(folders(account.path)[0])
    a_list = os.path.join(board, folders(board)[0])
    for folder in (account.path, board, a_list):
        write(os.path.join(folder, 'note'), 'a secret of mine')
        run('cp', os.path.join(folder, 'note'),
            os.path.join(folder, '.copy'))
        os.unlink(os.path.join(folder, 'note'))
    assert {each['method'] for each in server.requests} == {'GET'}
    assert not any(b'secret of mine' in each['body']
                   for each in server.requests)
