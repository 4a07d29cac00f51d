"""Who reads a file of .trellofs in pieces reads one text, whatever happens
and whoever else looks meanwhile; who looks again sees how things are now."""

import os

import pytest

from .util import wait_until, write
from .writing import Account


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


def change(account, number):
    path = account.at('To Do', 'ABC'[number % 3] + '.md')
    os.rename(path, path[:-3] + f' {number} of them.md')


def test_in_pieces(account):
    """Also by a size that was asked for at the beginning."""
    for number in range(3):
        change(account, number)
    first = account.raw().encode()
    path = account.mount.at('.trellofs', 'pending')
    with open(path, 'rb', buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        pieces = [file.read(7)]
        for number in range(60):
            write(account.at('To Do', f'New {number}.md'), 'Words.\n')
            now = account.raw()
            assert f'New {number}.md' in now
            if len(pieces[-1]):
                pieces.append(file.read(7))
            assert os.fstat(file.fileno()).st_size == size
        pieces.append(file.read())
        assert file.read() == b''
    text = b''.join(pieces)
    assert len(text) == size
    names = [line.split(b' ', 4)[4] for line in text.splitlines()]
    assert names == [line.split(b' ', 4)[4] for line in first.splitlines()]


def test_same_file(account):
    """By its number, which is the folder's for it, too."""
    path = account.mount.at('.trellofs', 'pending')
    before = os.stat(path)
    change(account, 0)
    after = os.stat(path)
    assert after.st_ino == before.st_ino
    assert after.st_mtime_ns > before.st_mtime_ns
    assert after.st_size > before.st_size == 0
    with os.scandir(os.path.dirname(path)) as entries:
        assert [each.inode() for each in entries
                if each.name == 'pending'] == [after.st_ino]


def test_held_open(account):
    """Who comes back to it after a while sees how things are then."""
    with open(account.mount.at('.trellofs', 'pending'), 'rb',
              buffering=0) as file:
        assert file.read() == b''
        change(account, 0)

        def seen():
            file.seek(0)
            return file.read()
        # Looking again and again is reading, too.
        wait_until(lambda: b'A 0 of them.md' in seen(), 30, 'it', step=2.5)
