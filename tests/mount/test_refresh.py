"""Who tells the mount to ask for news sees them when that is done."""

import os

import pytest

from .util import outcome, read, wait_until
from .writing import Account


@pytest.fixture
def account(mounts, server):
    """Nothing but being told makes it ask."""
    return Account(mounts, server, options='refresh=600')


def test_what_came_is_there(account):
    """Names and texts, also where the kernel had the old ones."""
    card = account.api('POST', '/cards', name='D', desc='0',
                       idList=account.lists['Doing'])['id']
    folder = account.at('Doing')
    account.control('refresh')
    assert os.listdir(folder) == ['D.md']
    for number in range(1, 40):
        account.api('PUT', f'/cards/{card}', desc=str(number),
                    name=f'D{number % 3}')
        account.api('POST', f'/cards/{card}/actions/comments',
                    text=f'word{number}')
        account.control('refresh')
        assert os.listdir(folder) == [f'D{number % 3}.md']
        text = read(os.path.join(folder, f'D{number % 3}.md'))
        assert b'\n---\n%d\n\n' % number in text
        assert b'> word%d\n' % number in text


def test_a_name_that_was_not_there(account):
    for number in range(20):
        path = account.at('Doing', f'{number}.md')
        assert not os.path.exists(path)
        account.api('POST', '/cards', name=str(number),
                    idList=account.lists['Doing'])
        account.control('refresh')
        assert os.path.exists(path)


def test_a_list_and_a_board(account):
    server = account.server
    board = server.api('POST', '/boards', {'name': 'Other',
                                           'defaultLists': 'false'},
                       token=server.token)['id']
    account.control('refresh')
    assert os.listdir(account.mount.path) == ['Board', 'Other']
    server.api('POST', '/lists', {'name': 'New', 'idBoard': board},
               token=server.token)
    account.control('refresh')
    assert os.listdir(account.mount.at('Other')) == ['New']


def test_while_an_older_answer_is_under_way(mounts, server):
    """The list of boards that was asked for before is not enough."""
    account = Account(mounts, server, options='refresh=1')
    stalled = server.fault(path='/members/me/boards', stall=1.5, count=1)
    wait_until(lambda: stalled.fired, 10, 'the question')
    account.api('POST', '/cards', name='D', idList=account.lists['Doing'])
    account.control('refresh')
    assert os.listdir(account.at('Doing')) == ['D.md']


def test_while_an_older_board_is_under_way(mounts, server):
    account = Account(mounts, server, options='refresh=1')
    stalled = server.fault(path=f'/1/boards/{account.board}', stall=1.5,
                           count=1)
    account.api('POST', '/cards', name='D', idList=account.lists['Doing'])
    wait_until(lambda: stalled.fired, 10, 'the question')
    account.api('POST', '/cards', name='E', idList=account.lists['Doing'])
    account.control('refresh')
    assert sorted(os.listdir(account.at('Doing'))) == ['D.md', 'E.md']


def test_without_network(account):
    account.mount.expect('warning: ')
    account.server.refuse()
    assert outcome(account.control, 'refresh') == 'ENETUNREACH'
    account.server.refuse(False)
    account.api('POST', '/cards', name='D', idList=account.lists['Doing'])
    account.control('refresh')
    assert os.listdir(account.at('Doing')) == ['D.md']
