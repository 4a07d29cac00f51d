"""-o numbered: names of lists that carry their place."""

import os

import pytest

from .util import outcome, read, wait_until, write
from .writing import Account, Sent


@pytest.fixture
def account(mounts, server):
    return Numbered(mounts, server)


class Numbered(Account):
    """A board with the lists Doing and To Do."""

    def __init__(self, mounts, server, **more):
        super().__init__(mounts, server, settle=1, options='numbered',
                         **more)

    def at(self, *names):
        names = tuple({'To Do': '02 To Do', 'Doing': '01 Doing'}.get(
            name, name) for name in names)
        return super().at(*names)

    def lists_of(self):
        return os.listdir(self.at())

    def wait_lists(self, *names):
        wait_until(lambda: self.lists_of() == list(names), 5,
                   lambda: f'{names}, not {self.lists_of()}')
        assert [os.path.isdir(self.at(name)) for name in names] == [
            True] * len(names)

    def at_server(self):
        lists = [each for each in self.server.state()['lists']
                 if each['idBoard'] == self.board and not each['closed']]
        return [each['name'] for each in
                sorted(lists, key=lambda c: (c['pos'], c['id']))]


def test_names(account):
    account.wait_lists('01 Doing', '02 To Do')
    assert account.names() == ['A.md', 'B.md', 'C.md']
    assert read(account.at('.order')) == b'01 Doing\n02 To Do\n'
    account.restart()
    account.wait_lists('01 Doing', '02 To Do')


def test_another_number_moves(account):
    sent = Sent(account)
    number = os.stat(account.at('02 To Do')).st_ino
    os.rename(account.at('02 To Do'), account.at('01 To Do'))
    account.wait_lists('01 To Do', '02 Doing')
    assert os.stat(account.at('01 To Do')).st_ino == number
    assert account.names(account.at('01 To Do')) == ['A.md', 'B.md', 'C.md']
    wait_until(sent.writes, 10, 'a request')
    sent.wait_all()
    assert sent.writes() == [('PUT', f'/1/lists/{account.lists["To Do"]}')]
    assert account.at_server() == ['To Do', 'Doing']
    os.rename(account.at('01 To Do'), account.at('7 To Do'))
    account.wait_lists('01 Doing', '02 To Do')
    assert not os.path.exists(account.at('7 To Do'))


def test_another_name(account):
    os.rename(account.at('02 To Do'), account.at('02 Soon'))
    account.wait_lists('01 Doing', '02 Soon')
    os.rename(account.at('02 Soon'), account.at('Later'))
    account.wait_lists('01 Doing', '02 Later')
    os.rename(account.at('01 Doing'), account.at('02 2024 plans'))
    account.wait_lists('01 Later', '02 2024 plans')
    wait_until(account.drained, 10, 'all is sent')
    assert account.at_server() == ['Later', '2024 plans']
    account.wait_lists('01 Later', '02 2024 plans')


def test_by_order_and_attribute(account):
    write(account.at('.order'), '02 To Do\n01 Doing\n')
    account.wait_lists('01 To Do', '02 Doing')
    assert read(account.at('.order')) == b'01 To Do\n02 Doing\n'
    os.setxattr(account.at('02 Doing'), 'user.trello.pos', b'top')
    account.wait_lists('01 Doing', '02 To Do')


def test_made_and_removed(account):
    os.mkdir(account.at('02 Between'))
    account.wait_lists('01 Doing', '02 Between', '03 To Do')
    os.mkdir(account.at('New'))
    write(account.at('New', 'Card.md'), 'words\n')
    wait_until(account.drained, 10, 'they are made')
    account.wait_lists('01 Doing', '02 Between', '03 To Do', '04 New')
    assert account.at_server() == ['Doing', 'Between', 'To Do', 'New']
    assert account.names(account.at('04 New')) == ['Card.md']
    os.rmdir(account.at('02 Between'))
    account.wait_lists('01 Doing', '02 To Do', '03 New')
    os.mkdir(account.at('02 Between'))
    account.wait_lists('01 Doing', '02 Between', '03 To Do', '04 New')
    assert outcome(os.rmdir, account.at('03 To Do')) == 'ENOTEMPTY'


def test_what_others_do(account):
    account.api('PUT', f'/lists/{account.lists["To Do"]}', pos='top')
    account.wait_lists('01 To Do', '02 Doing')
    account.api('PUT', f'/lists/{account.lists["Doing"]}', name='Now')
    account.wait_lists('01 To Do', '02 Now')
    account.api('POST', '/lists', name='To Do', idBoard=account.board)
    account.wait_lists('01 To Do', '02 To Do', '03 Now')
    account.api('PUT', f'/lists/{account.lists["To Do"]}', closed='true')
    account.wait_lists('01 To Do', '02 Now')


def test_on_and_off(account):
    account.mount.unmount()
    account.mount.args = tuple(
        each.replace(',numbered', '') for each in account.mount.args)
    account.remount()
    wait_until(lambda: account.lists_of() == ['Doing', 'To Do'], 5, 'names')
    account.mount.unmount()
    account.mount.args = tuple(
        each.replace('settle=1', 'settle=1,numbered')
        for each in account.mount.args)
    account.remount()
    account.wait_lists('01 Doing', '02 To Do')
    assert account.names(account.at('02 To Do')) == ['A.md', 'B.md', 'C.md']


def test_demo(mount):
    made = mount('--demo', '-o', 'numbered')
    for board in os.listdir(made.path):
        lists = [name for name in os.listdir(made.at(board))
                 if os.path.isdir(made.at(board, name))]
        assert [name[:3] for name in lists] == [
            f'{i:02} ' for i in range(1, len(lists) + 1)]
