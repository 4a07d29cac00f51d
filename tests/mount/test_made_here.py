"""A card that was made here a moment ago and is renamed over another one: a
save of that one, also when Trello has it already."""

import os

import pytest

from .util import outcome, read, run, wait_until, write
from .writing import Account, state


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server, settle=0)


def control(account, name):
    assert outcome(write, account.mount.at('.trellofs', 'control', name),
                   '\n') == 'ok'


def made(account, sent):
    """A copy of A.md, edited."""
    path = os.path.join(account.list, 'New.md')
    run('cp', account.card().path, path)
    if sent:
        control(account, 'sync')
        assert state(path) == 'synced'
    run('sed', '-i', 's/old words/new words/', path)
    if sent:
        control(account, 'sync')
    return path, os.getxattr(path, 'user.trello.id').decode()


def at_trello(account, key):
    return account.api('GET', f'/cards/{key}')


@pytest.mark.parametrize('sent', [True, False])
def test_is_a_save(account, sent):
    """The card keeps its identifier and its comments."""
    card = account.card()
    path, key = made(account, sent)
    os.rename(path, card.path)
    card.same()
    text = read(card.path)
    assert b'new words' in text and b'Looks good.' in text
    assert account.names() == ['A.md', 'B.md', 'C.md']
    control(account, 'sync')
    found = at_trello(account, account.ids['A'])
    assert (found['name'], found['closed']) == ('A', False)
    assert found['desc'].startswith('new words')
    cards = account.api('GET', f'/lists/{account.lists["To Do"]}/cards')
    assert sorted(each['name'] for each in cards) == ['A', 'B', 'C']
    if sent:
        assert at_trello(account, key)['closed']
    control(account, 'refresh')
    assert read(card.path) == text
    assert account.names() == ['A.md', 'B.md', 'C.md']


def test_somebody_else_has_touched_it(account):
    """Then it is a card like any other: it takes the title."""
    card = account.card()
    path, key = made(account, True)
    account.api('POST', f'/cards/{key}/actions/comments', text='Mine, too.')
    wait_until(lambda: b'Mine, too.' in read(path), 10, 'the comment')
    os.rename(path, card.path)
    assert os.getxattr(card.path, 'user.trello.id').decode() == key
    assert b'Mine, too.' in read(card.path)
    control(account, 'sync')
    assert at_trello(account, account.ids['A'])['closed']
    found = at_trello(account, key)
    assert (found['name'], found['closed']) == ('A', False)
