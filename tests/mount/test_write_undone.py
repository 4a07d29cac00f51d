"""What is undone before it is sent is not sent."""

import os
import shutil

import pytest

from .networks import refused
from .util import read, run, wait_until, write
from .writing import Account

TOLD = ('warning: ', 'notice: ')


@pytest.fixture
def account(mounts, server):
    other = server.api('POST', '/boards', {'name': 'Other',
                                           'defaultLists': 'false'})
    server.api('POST', '/lists', {'name': 'Far', 'idBoard': other['id']})
    return Account(mounts, server)


def renamed(account):
    path = account.card().path
    os.rename(path, account.at('To Do', 'X.md'))
    yield
    os.rename(account.at('To Do', 'X.md'), path)


def moved(account):
    path = account.card().path
    os.rename(path, account.at('Doing', 'A.md'))
    yield
    os.rename(account.at('Doing', 'A.md'), path)


def moved_far(account):
    path, there = account.card().path, account.mount.at('Other', 'Far', 'X.md')
    os.rename(path, there)
    yield
    os.rename(there, account.at('Doing', 'A.md'))
    yield
    os.rename(account.at('Doing', 'A.md'), path)


def edited(account):
    """Everything that a text can say, and back."""
    card = account.card()
    text = card.text.replace(b'\n---\n', b'\nlabels: [bug]\n'
                             b'due: 2030-01-02T10:00Z\ndone: true\n---\n')
    text = text.replace(b'old words', b'new words')
    text = text.replace(b'- [ ] one', b'- [x] one')
    text = text.replace(b'- [ ] two', b'- [ ] three')
    write(card.path, text)
    account.wait_settled()
    assert len(account.kinds()) >= 6
    yield
    write(card.path, card.text)
    account.wait_settled()
    assert card.read() == card.text
    # What is being tried at that moment is undone when that has failed.
    wait_until(lambda: account.kinds() == [], 20,
               lambda: f'nothing waits, not {account.raw()}')
    text = card.text.replace(b'- [ ] two\n', b'- [ ] two\n- [x] four\n')
    write(card.path, text)
    account.wait_settled()
    yield
    write(card.path, card.text)


# What is removed waits for ten seconds: it is not tried before.

def removed(account):
    card = account.card()
    os.unlink(card.path)
    write(card.path, card.text)
    return ()


def away(account):
    path = account.card().path
    os.rename(path, path + '~')
    os.rename(path + '~', path)
    return ()


def list_renamed(account):
    os.rename(account.list, account.at('Soon'))
    yield
    os.rename(account.at('Soon'), account.at('Later'))
    yield
    os.rename(account.at('Later'), account.list)


def list_moved(account):
    there = account.mount.at('Other', 'To Do')
    os.rename(account.list, there)
    yield
    os.rename(there, account.list)


def list_removed(account):
    os.rmdir(account.at('Doing'))
    os.mkdir(account.at('Doing'))
    return ()


def list_removed_with_cards(account):
    texts = {name: read(os.path.join(account.list, name))
             for name in account.names()}
    run('rm', '-r', account.list)
    os.mkdir(account.list)
    for name, text in texts.items():
        write(os.path.join(account.list, name), text)
    return ()


def list_made(account):
    os.mkdir(account.at('New'))
    for name in 'One', 'Two':
        write(account.at('New', name + '.md'), f'{name}\n')
    account.wait_settled()
    yield
    os.rename(account.at('New', 'One.md'), account.at('New', 'Three.md'))
    os.rename(account.at('New'), account.at('Newer'))
    yield
    os.rename(account.at('Newer'), account.mount.at('Other', 'Newest'))
    yield
    run('rm', '-r', account.mount.at('Other', 'Newest'))


def list_visited(account):
    """A card goes through a list that is not made after all."""
    path = account.card().path
    os.mkdir(account.at('New'))
    os.rename(path, account.at('New', 'A.md'))
    yield
    os.rename(account.at('New', 'A.md'), path)
    os.rmdir(account.at('New'))


def board_made(account):
    board = account.mount.at('Board 2')
    os.mkdir(board)
    os.mkdir(os.path.join(board, 'List'))
    write(os.path.join(board, 'List', 'Card.md'), 'text\n')
    account.wait_settled()
    yield
    os.rename(board, board + '3')
    yield
    run('rm', '-r', board + '3')


def board_visited(account):
    """A list goes through a board that is not made after all."""
    board = account.mount.at('Board 2')
    os.mkdir(board)
    os.rename(account.list, os.path.join(board, 'List'))
    write(os.path.join(board, 'List', 'New.md'), 'text\n')
    account.wait_settled()
    yield
    os.unlink(os.path.join(board, 'List', 'New.md'))
    os.rename(os.path.join(board, 'List'), account.list)
    os.rmdir(board)


def board_renamed(account):
    os.rename(account.at(), account.mount.at('Bored'))
    yield
    os.rename(account.mount.at('Bored'), account.at())


def board_removed(account):
    run('rm', '-r', account.mount.at('Other', 'Far'))
    os.rmdir(account.mount.at('Other'))
    os.mkdir(account.mount.at('Other'))
    os.mkdir(account.mount.at('Other', 'Far'))
    return ()


WAYS = [renamed, moved, moved_far, edited, removed, away, list_renamed,
        list_moved, list_removed, list_removed_with_cards, list_made,
        list_visited, board_made, board_visited, board_renamed,
        board_removed]


def tree(top):
    """All that is shown, in its own order."""
    found = []
    for board in os.scandir(top):
        for folder, _, names in os.walk(board.path):
            stat = os.stat(folder)
            found.append((folder, stat.st_ino, names))
            found += [(read(os.path.join(folder, name)),
                       os.stat(os.path.join(folder, name)).st_ino)
                      for name in names]
    return found


@pytest.mark.parametrize('way', WAYS)
def test_undone(account, way):
    account.mount.expect(*TOLD)
    wait_until(lambda: os.listdir(account.mount.at('Other')) == ['Far'], 5,
               'the other board')
    before, shown = account.server.state(), tree(account.mount.path)
    with refused(account.server):
        for _ in way(account):
            # Let it be tried, in vain.
            wait_until(lambda: not account.drained(), 15, 'it is tried')
        wait_until(lambda: account.kinds() == [], 20,
                   lambda: f'nothing waits, not {account.raw()}')
        assert tree(account.mount.path) == shown
        assert account.mount.status_line('problems') == '0'
    wait_until(account.drained, 20, 'all is sent')
    assert account.server.state() == before
    assert tree(account.mount.path) == shown


def test_made_again_after_it_was_sent(account):
    """Then it is another one."""
    path = account.at('Doing')
    old = os.getxattr(path, 'user.trello.id')
    os.rmdir(path)
    account.control('sync')
    os.mkdir(path)
    assert os.getxattr(path, 'user.trello.id') != old
    account.control('sync')
    wait_until(lambda: os.getxattr(path, 'user.trello.id').decode() in [
        each['id'] for each in account.server.state()['lists']
        if not each['closed']], 5, 'the list')


def test_out_and_back_again(account, tmp_path):
    """As file managers move a folder to another disk, with all that its files
    say of themselves."""
    shutil.copytree(account.list, tmp_path / 'List')
    shutil.rmtree(account.list)
    shutil.copytree(tmp_path / 'List', account.list)
    account.wait_settled()
    assert account.names() == ['A.md', 'B.md', 'C.md']
    account.wait_kinds()
