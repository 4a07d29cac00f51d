"""The disk is full on which the state is kept: who writes is told, nothing
that was taken is lost, and all goes on when there is room again."""

import errno
import os
import random

import pytest

from mount.util import outcome, read, run, wait_until, write
from mount.writing import DESC, Account

FULL = r'(error|warning|notice): .*(No space left|not sent yet)'
SIZE = 24 << 20


class Disk:
    """A small file system."""

    def __init__(self, path):
        self.path = path
        self.filler = os.path.join(path, 'filler')

    def fill(self, leave=0):
        """Until so many bytes are left."""
        with open(self.filler, 'ab', buffering=0) as file:
            for size in (1 << 16, 1 << 12):
                while outcome(file.write, bytes(size)) == 'ok':
                    pass
            file.truncate(max(0, file.tell() - leave))

    def empty(self):
        os.unlink(self.filler)


@pytest.fixture
def disk(tmp_path):
    if os.getuid() != 0:
        pytest.skip('no place here: only root can mount a small disk')
    home = tmp_path / 'home'
    state = home / 'state'
    os.makedirs(state)
    done = run('mount', '-t', 'tmpfs', '-o', f'size={SIZE},mode=700', 'disk',
               state, check=False)
    if done.returncode != 0:
        pytest.skip(f'no small disk: {done.stderr}')
    yield Disk(os.fspath(state))
    run('umount', '-l', state)


@pytest.fixture
def account(disk, mounts, server):
    account = Account(mounts, server, settle=1,
                      home=os.path.dirname(disk.path))
    account.mount.expect(FULL)
    yield account


def sync(account):
    write(account.mount.at('.trellofs', 'control', 'retry'), '\n')
    write(account.mount.at('.trellofs', 'control', 'sync'), '\n')
    return account.raw() == ''


def works_again(account):
    wait_until(lambda: sync(account), 30, account.raw)
    assert read(account.mount.at('.trellofs', 'problems')) == b''


class User:
    """Works on, and keeps book of what was taken and what was refused."""

    def __init__(self, account, seed):
        self.account = account
        self.random = random.Random(seed)
        self.number = 0
        self.descs = dict.fromkeys('ABC', DESC)
        self.texts = {name: read(self.path(name + '.md')).decode()
                      for name in 'ABC'}
        self.comments = []
        self.lists = {'To Do', 'Doing'}
        self.local = {}
        self.emptied = set()
        self.refused = 0

    def path(self, name):
        return self.account.at('To Do', name)

    def padding(self):
        return 'x' * self.random.choice([1, 100, 1000, 8000])

    def other_text(self):
        """A card's name, and its text with another description."""
        name = self.random.choice(sorted(self.descs))
        desc = f'words {self.number} {self.padding()}'
        return name, desc, self.texts.get(name, DESC).replace(DESC, desc)

    def save(self):
        name, desc, text = self.other_text()
        with open(self.path(name + '.md'), 'wb', buffering=0) as file:
            # As on any disk: what was there is gone from the file before
            # it is known that there is no room.
            self.emptied.add(name)
            file.write(text.encode())
        self.emptied.discard(name)
        self.descs[name] = desc

    def save_over(self):
        """By another file: what is refused leaves the card alone."""
        name, desc, text = self.other_text()
        other = self.path('.save.tmp')
        try:
            write(other, text)
            os.rename(other, self.path(name + '.md'))
            self.emptied.discard(name)
            self.descs[name] = desc
        finally:
            if os.path.lexists(other):
                outcome(os.unlink, other)

    def append(self):
        words = f'said {self.number} {self.padding()}'
        with open(self.path('A.md'), 'ab', buffering=0) as file:
            file.write(words.encode() + b'\n')
        self.comments.append(words)

    def make(self):
        name, desc = f'New {self.number}', f'text {self.padding()}'
        path = self.path(name + '.md')
        try:
            write(path, desc)
        except OSError:
            # It was made, but there was no room for its text.
            if os.path.lexists(path):
                self.descs[name] = ''
            raise
        self.descs[name] = desc

    def mkdir(self):
        name = f'List {self.number}'
        os.mkdir(self.account.at(name))
        self.lists.add(name)

    def rename(self):
        name = self.random.choice(sorted(set(self.descs) - {'A'}))
        new = f'Renamed {self.number}'
        os.rename(self.path(name + '.md'), self.path(new + '.md'))
        self.descs[new] = self.descs.pop(name)
        if name in self.texts:
            self.texts[new] = self.texts.pop(name)
        if name in self.emptied:
            self.emptied.remove(name)
            self.emptied.add(new)

    def note(self):
        name = self.random.choice(['one', 'two'])
        text = f'note {self.number} {self.padding()}'
        other = self.account.at('.note.tmp')
        try:
            write(other, text)
            os.rename(other, self.account.at(name))
            self.local[name] = text
        finally:
            if os.path.lexists(other):
                outcome(os.unlink, other)

    def step(self):
        act = self.random.choice([
            self.save, self.save_over, self.append, self.make, self.mkdir,
            self.rename, self.note])
        self.number += 1
        try:
            act()
        except OSError as error:
            assert error.errno == errno.ENOSPC, (act, error)
            self.refused += 1
        # Who reads in the moment in which it is settled reads a part of it.
        wait_until(self.check, 2, 'what was taken')

    def check(self):
        """What was taken is to be seen, and nothing else. (Comments: what
        is saved over them does not have them, until it is settled.)"""
        found = set(os.listdir(self.account.at()))
        assert found - {'.note.tmp'} == self.lists | set(self.local)
        for name, text in self.local.items():
            assert read(self.account.at(name)).decode() == text
        names = {each for each in os.listdir(self.account.at('To Do'))
                 if each != '.save.tmp'}
        assert names == {name + '.md' for name in self.descs}
        for name, desc in self.descs.items():
            text = read(self.path(name + '.md')).decode()
            if text == '' and name in self.emptied:
                continue
            self.emptied.discard(name)
            assert desc in text
        return True

    def check_all(self):
        self.check()
        text = read(self.path('A.md')).decode()
        for words in self.comments:
            assert words in text

    def check_server(self):
        state = self.account.server.state()
        cards = {each['name']: each for each in state['cards']}
        assert len(cards) == len(state['cards'])
        assert {name: cards[name]['desc'] for name in cards} == self.descs
        said = [each['data']['text'] for each in state['actions']
                if each['data'].get('text', '').startswith('said')]
        assert sorted(said) == sorted(self.comments)
        assert {each['name'] for each in state['lists']} == self.lists


@pytest.mark.seconds(90)
@pytest.mark.parametrize('seed', range(6))
def test_work(account, disk, seed):
    """With no room at all, with a little now and then, and with enough."""
    user = User(account, seed)
    for _ in range(5):
        user.step()
    for number in range(60):
        if number % 6 == 0:
            disk.fill(leave=user.random.choice([0, 4, 12, 32, 64]) << 10)
        user.step()
    assert user.refused > 20
    disk.empty()
    account.wait_settled()
    user.check()
    assert not user.emptied
    user.refused = 0
    for _ in range(5):
        user.step()
    assert user.refused == 0
    works_again(account)
    user.check_all()
    user.check_server()


def test_upload(disk, account):
    """Of a file that had no room nothing is sent; written again it is."""
    folder = account.at('To Do', 'A.files')
    path = os.path.join(folder, 'file')
    write(os.path.join(folder, 'before'), b'before')
    wait_until(lambda: sync(account), 30, account.raw)
    disk.fill(1 << 20)
    assert outcome(write, path, bytes(4 << 20)) == 'ENOSPC'
    account.control('sync')
    assert os.path.getsize(path) < 4 << 20
    disk.empty()
    wait_until(lambda: sync(account), 30, account.raw)
    held = account.server.account.cards[account.ids['A']]['attachments']
    assert [each['name'] for each in held] == ['before']
    write(path, b'again')
    wait_until(lambda: len(held) == 2 and sync(account), 30, account.raw)
    assert held[1]['bytes'] == 5
    works_again(account)
