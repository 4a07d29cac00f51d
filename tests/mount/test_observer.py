"""A board of which one is only an observer cannot be changed: EACCES, at
once, and no write bits; other boards can."""

import os

import pytest

from trello.server import ME

from .networks import refused
from .util import outcome, read, read_tree, wait_until, write


class World:
    """Two boards, of which one is only looked at."""

    def __init__(self, mounts, server):
        self.server = server
        self.ids = {}
        for name in ('Mine', 'Theirs'):
            board = server.api('POST', '/boards', {
                'name': name, 'defaultLists': 'false'},
                token=server.token)['id']
            self.ids[name] = board
            for title in ('Done', 'To Do'):
                one = server.api('POST', '/lists', {
                    'name': title, 'idBoard': board})['id']
                server.api('POST', '/cards', {
                    'name': 'Card', 'idList': one, 'desc': 'words'})
        self.be('observer')
        self.mount = mounts.account(server)
        self.mount.wait_complete()
        # A moment after the boards.
        wait_until(lambda: mode(self.at('To Do', 'Card.md')) == 0o400, 10,
                   'the rights')

    def be(self, kind, board='Theirs'):
        self.server.api(
            'PUT', f'/boards/{self.ids[board]}/members/{ME["id"]}',
            {'type': kind})
        # Trello's own board dates move with that.
        self.server.api('PUT', f'/boards/{self.ids[board]}',
                        {'desc': kind})

    def at(self, *names, board='Theirs'):
        return self.mount.at(board, *names)


@pytest.fixture
def world(mounts, server):
    made = World(mounts, server)
    yield made
    assert [each for each in server.requests
            if each['method'] != 'GET' and each['status'] != 200] == []


def mode(path):
    return os.stat(path).st_mode & 0o7777


def append(path, text='more\n'):
    with open(path, 'a', encoding='utf-8') as file:
        file.write(text)


def test_nothing_can_be_changed(world):
    server = world.server
    before = read_tree(world.at())
    card = world.at('To Do', 'Card.md')
    temporary = world.at('To Do', '.tmp')
    write(temporary, 'new text')
    for what in (
            lambda: append(card), lambda: write(card, 'x'),
            lambda: os.truncate(card, 0), lambda: os.truncate(card, 9),
            lambda: os.unlink(card),
            lambda: os.rename(card, world.at('To Do', 'Other.md')),
            lambda: os.rename(card, world.at('Done', 'Here.md')),
            lambda: os.rename(card, world.at('To Do', 'X.md', board='Mine')),
            lambda: os.rename(card, world.at('To Do', 'local')),
            lambda: os.rename(world.at('To Do', 'Card.md', board='Mine'),
                              world.at('To Do', 'New.md')),
            lambda: os.rename(temporary, card),
            lambda: os.rename(temporary, world.at('To Do', 'New.md')),
            lambda: write(world.at('To Do', 'New.md'), 'x'),
            lambda: os.mkdir(world.at('New list')),
            lambda: os.rename(world.at('To Do'), world.at('Doing')),
            lambda: os.rename(world.at('To Do'),
                              world.at('Other', board='Mine')),
            lambda: os.rename(world.at(), world.mount.at('Ours')),
            lambda: os.rmdir(world.at('To Do'))):
        assert outcome(what) in ('EACCES', 'ENOTEMPTY')
    assert read(temporary) == b'new text'
    os.unlink(temporary)
    assert read_tree(world.at()) == before
    assert world.mount.status_line('pending') == '0'
    assert not [each for each in server.requests
                if each['method'] not in ('GET',)]


def test_modes(world):
    assert mode(world.at('To Do', 'Card.md')) == 0o400
    assert mode(world.at('To Do', 'Card.md', board='Mine')) == 0o600
    assert mode(world.at('To Do')) == mode(world.at()) == 0o700


def test_others_can(world):
    append(world.at('To Do', 'Card.md', board='Mine'), 'A comment.\n')
    os.mkdir(world.mount.at('New board'))
    world.server.wait_for('POST', '/actions/comments')
    wait_until(lambda: world.mount.status_line('pending') == '0', 20, 'sent')


def test_local_files(world):
    """What is not Trello's is not Trello's to forbid."""
    write(world.at('notes.txt'), 'mine')
    os.mkdir(world.at('To Do', 'folder'))
    write(world.at('To Do', 'folder', 'x.md'), 'mine')
    os.rename(world.at('notes.txt'), world.at('Done', 'notes.txt'))
    assert read(world.at('Done', 'notes.txt')) == b'mine'


def test_rights_turn(world):
    """As soon as it is known, also in what the kernel has cached."""
    card = world.at('To Do', 'Card.md')
    other = world.at('To Do', 'Card.md', board='Mine')
    assert mode(card) == 0o400 and mode(other) == 0o600
    world.be('normal')
    world.be('observer', 'Mine')
    wait_until(lambda: mode(card) == 0o600, 20, 'the mode')
    wait_until(lambda: mode(other) == 0o400, 20, 'the other mode')
    append(card, 'At last.\n')
    assert outcome(append, other) == 'EACCES'
    world.server.wait_for('POST', '/actions/comments')
    # A list that came meanwhile is the same.
    world.server.api('POST', '/lists', {
        'name': 'New', 'idBoard': world.ids['Mine']})
    wait_until(lambda: os.path.isdir(world.at('New', board='Mine')), 20,
               'the list')
    assert outcome(write, world.at('New', 'x.md', board='Mine'), 'x') == \
        'EACCES'


def test_known_without_network(mounts, world):
    world.mount.unmount()
    with refused(world.server):
        world.mount = mounts.again(world.mount, expect=('warning: ',))
        card = world.at('To Do', 'Card.md')
        assert mode(card) == 0o400
        assert outcome(append, card) == 'EACCES'
        assert outcome(append, world.at('To Do', 'Card.md',
                                        board='Mine')) == 'ok'
