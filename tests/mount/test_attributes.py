"""Numbers, modes, times and offsets, and what stays of them."""

import os

import pytest

from . import contract, expected
from .util import (folders, outcome, read, read_tree, run, wait_until, write)


@pytest.fixture
def account(mounts, server):
    server.generate(boards=3, lists=3, cards=12)
    mount = mounts.account(server)
    mount.wait_complete()
    return mount


def numbers(top):
    """{path: inode number} of everything that is listed."""
    found = {'.': os.lstat(top).st_ino}
    for folder, names, files in os.walk(top):
        for name in names + files:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, top)] = os.lstat(path).st_ino
    return found


def test_numbers_survive_a_remount(mounts, server, account):
    """Those of boards, lists, cards and local files, whatever happened
    meanwhile; what is new gets numbers that nobody had."""
    board = folders(account.path)[0]
    write(account.at('note'), 'local')
    os.mkdir(account.at(board, '.git'))
    os.symlink('note', account.at('link'))
    before = numbers(account.path)
    assert len(set(before.values())) == len(before)
    account.unmount()
    views = expected.of_server(server)
    server.api('DELETE', f'/cards/{views[0].all_cards()[0]["id"]}')
    server.api('POST', '/cards', {'idList': views[1].lists[0]['id'],
                                  'name': 'New one'})
    again = mounts.again(account)
    wait_until(lambda: len(set(before) - set(numbers(again.path))) == 1
               and set(numbers(again.path)) - set(before), 3, 'the news')
    now = numbers(again.path)
    kept = set(before) & set(now)
    assert len(kept) == len(before) - 1
    assert {each: now[each] for each in kept} == \
        {each: before[each] for each in kept}
    new = {now[each] for each in set(now) - kept}
    assert len(new) == 1 and not new & set(before.values())


def test_numbers_of_what_comes_back(server, account):
    """A card that is restored is the same file."""
    card = expected.of_server(server)[0].all_cards()[0]
    before = numbers(account.path)
    server.api('PUT', f'/cards/{card["id"]}', {'closed': 'true'})
    wait_until(lambda: len(numbers(account.path)) == len(before) - 1, 3,
               'its end')
    server.api('PUT', f'/cards/{card["id"]}', {'closed': 'false'})
    wait_until(lambda: numbers(account.path) == before, 3, 'its return')


def mode(*path):
    return os.stat(os.path.join(*path)).st_mode & 0o7777


@pytest.mark.parametrize('mask, folder, file', [
    ('077', 0o700, 0o600), ('022', 0o755, 0o644), ('000', 0o777, 0o666)])
@pytest.mark.parametrize('read_only', [False, True])
def test_umask(mount, read_only, mask, folder, file):
    """A card that cannot be changed has no write bits."""
    more = ',ro' if read_only else ''
    demo = mount('--demo', '-o', f'umask={mask}{more}')
    board = demo.at(folders(demo.path)[0])
    one = os.path.join(board, folders(board)[0])
    for path in (demo.path, board, one):
        assert mode(path) == folder
    assert mode(one, os.listdir(one)[0]) == \
        (file & ~0o222 if read_only else file)
    # .trellofs is the user's own.
    assert mode(demo.path, '.trellofs') == 0o700


def test_owner(account):
    for path in (account.path, account.at(folders(account.path)[0]),
                 account.at(next(iter(read_tree(account.path)))),
                 account.at('.trellofs', 'status')):
        found = os.stat(path)
        assert (found.st_uid, found.st_gid) == (os.getuid(), os.getgid())


def test_links_and_blocks(account):
    """A folder's number of links is 1, as find and fts want it where it
    is not that of its subfolders; du sees sizes."""
    path = account.at(next(iter(read_tree(account.path))))
    found = os.stat(path)
    assert found.st_nlink == 1
    assert found.st_blocks * 512 >= found.st_size
    for each in (account.path, os.path.dirname(path)):
        assert os.stat(each).st_nlink in (1, 2 + len(folders(each)))
    assert int(run('find', account.path, '-type', 'd', '-printf',
                   'x').stdout.count('x')) == 1 + 3 + 9


def test_statfs(account):
    found = os.statvfs(account.path)
    assert found.f_namemax == 255
    assert found.f_blocks * found.f_frsize == 256 << 20
    assert found.f_bfree == found.f_bavail <= found.f_blocks
    assert outcome(run, 'df', account.path) == 'ok'


def test_times_of_folders_move(server, account):
    """A list's mtime moves when a card comes or goes; ctime always."""
    view = expected.of_server(server)[0]
    name = list(view.tree())[0]
    folder = account.at(contract.name_of(view.name), name)
    before = os.stat(folder)
    server.api('POST', '/cards', {'idList': view.lists[0]['id'],
                                  'name': 'Comes'})
    wait_until(lambda: 'Comes.md' in os.listdir(folder), 3, 'the card')
    now = os.stat(folder)
    assert now.st_mtime_ns > before.st_mtime_ns
    assert now.st_ctime_ns > before.st_ctime_ns


def test_find_newer(server, account, tmp_path):
    """What changed at Trello is what find -newer finds."""
    stamp = tmp_path / 'stamp'
    stamp.write_text('')
    view = expected.of_server(server)[1]
    card = view.all_cards()[3]
    server.api('POST', f'/cards/{card["id"]}/actions/comments',
               {'text': 'find me'})
    wait_until(lambda: any(b'find me' in each for each
                           in read_tree(account.path).values()), 3, 'it')
    found = run('find', account.path, '-type', 'f', '-newer',
                stamp).stdout.splitlines()
    assert len(found) == 1 and b'find me' in read(found[0])


def test_unknown_attributes(account):
    path = account.at(next(iter(read_tree(account.path))))
    for name in ('user.trello.nothing', 'user.other', 'security.selinux',
                 'system.posix_acl_access', 'trusted.x'):
        assert outcome(os.getxattr, path, name) in ('ENODATA', 'ENOTSUP',
                                                    'EPERM')
    assert run('ls', '-l', account.path).stderr == ''
    size = len(os.getxattr(path, 'user.trello.url'))
    assert size > 20


# Scans while things change

@pytest.fixture
def long_list(mounts, server):
    """(server, mount, view, folder) of one list of 1,200 cards."""
    server.generate(boards=1, lists=1, cards=1200, card_bytes=50,
                    comments=0)
    mount = mounts.account(server)
    mount.wait_complete()
    view = expected.of_server(server)[0]
    return server, mount, view, mount.at(contract.name_of(view.name),
                                         list(view.tree())[0])


def scan(folder, first, change):
    """The names that a program sees which reads some, then waits for a
    change, and then reads the rest. Its own buffer is small."""
    reader = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    names = []
    try:
        for number, name in enumerate(entries(reader)):
            if number == first:
                change(names)
            names.append(name)
    finally:
        os.close(reader)
    return [each for each in names if each not in ('.', '..')]


def entries(reader):
    """Names by getdents64, a few at a time."""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    room = ctypes.create_string_buffer(4096)
    while True:
        length = libc.syscall(217, reader, room, 4096)
        assert length >= 0
        if length == 0:
            return
        at = 0
        while at < length:
            size = int.from_bytes(room.raw[at + 16:at + 18], 'little')
            yield room.raw[at + 19:at + size].split(b'\0')[0].decode()
            at += size


@pytest.mark.skipif(os.uname().machine != 'x86_64',
                    reason='knows the system call of x86-64 only')
@pytest.mark.parametrize('first', [1, 50, 700])
def test_scan_while_cards_go(long_list, first):
    """Nothing that stays is missed, and nothing comes twice, while cards
    before, at and behind the place go."""
    server, mount, view, folder = long_list
    cards = view.tree()[os.path.basename(folder)]
    order = list(cards)
    near = {max(0, first + offset) for offset in range(-3, 4)}
    going = {order[number] for number in near | set(range(0, 1200, 37))}

    def change(_):
        for name in going:
            server.api('PUT', f'/cards/{cards[name]["id"]}',
                       {'closed': 'true'})
        wait_until(lambda: not any(os.path.exists(os.path.join(folder, each))
                                   for each in going), 3, 'the change')
    seen = scan(folder, first, change)
    assert len(seen) == len(set(seen))
    assert set(seen) >= set(order) - going
    assert [each for each in seen if each not in going] == \
        [each for each in order if each not in going]
    assert os.listdir(folder) == [each for each in order
                                  if each not in going]


@pytest.mark.skipif(os.uname().machine != 'x86_64',
                    reason='knows the system call of x86-64 only')
def test_scan_while_cards_move(long_list):
    """Nor while others come and change places."""
    server, mount, view, folder = long_list
    cards = view.tree()[os.path.basename(folder)]
    order = list(cards)
    moving = order[100:110]

    def change(_):
        for name in moving:
            server.api('PUT', f'/cards/{cards[name]["id"]}',
                       {'pos': 'bottom'})
        server.api('POST', '/cards', {'idList': view.lists[0]['id'],
                                      'name': 'New on top', 'pos': 'top'})
        wait_until(lambda: 'New on top.md' in os.listdir(folder), 3,
                   'the change')
    seen = scan(folder, 60, change)
    still = [each for each in seen if each in cards and each not in moving]
    assert still == [each for each in order if each not in moving]
    assert set(moving) <= set(seen)
