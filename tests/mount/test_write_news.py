"""What Trello said before it heard of a change never takes it back."""

import os
import time

import pytest

from .util import PATIENCE, SLOW, wait_until, write
from .writing import Account

BOARD = r'/1/boards/[0-9a-f]+\?'


@pytest.fixture
def account(mounts, server):
    """A mount that sends at once."""
    return Account(mounts, server, settle=0)


def desc_at(account, card):
    return account.api('GET', f'/cards/{card.id.decode()}')['desc']


def watch(account, seconds, check, boards=1):
    """check() holds all the time, for so long and until as many boards were
    looked at anew."""
    before = looks(account)
    end = time.monotonic() + seconds * SLOW
    while time.monotonic() < end or looks(account) < before + boards:
        assert time.monotonic() < end + 20 * PATIENCE, 'no look at the board'
        check()
        time.sleep(0.02)


def looks(account):
    return len(account.server.matching('GET', BOARD))


def unchanged(card, text):
    assert card.read() == text


def test_replies_from_before_the_change(account):
    """For some seconds the server's reads show what was before."""
    card = account.card()
    account.server.fault(method='PUT', path=card.id.decode(),
                         stale=3 * SLOW, count=1)
    other = account.card('B')
    text = card.replaced()
    account.api('PUT', f'/cards/{other.id.decode()}', name='B anew')
    write(card.path, text)
    wait_until(lambda: account.raw() == '', 6, 'it is sent')
    watch(account, 2, lambda: unchanged(card, text))
    wait_until(lambda: desc_at(account, card).startswith('new words'), 6)
    watch(account, 3, lambda: unchanged(card, text),
          boards=0)


def test_reply_that_was_under_way(account):
    """The board was asked for before the change, and comes after it."""
    card = account.card()
    account.server.fault(method='GET', path=BOARD,
                         stall=2 * SLOW, count=1)
    other, before = account.card('B'), looks(account)
    account.api('PUT', f'/cards/{other.id.decode()}', name='B anew')
    wait_until(lambda: looks(account) > before, 5, 'the look')
    write(card.path, card.replaced())
    os.mkdir(account.at('New'))
    write(account.at('To Do', 'Made.md'), 'x\n')
    os.rename(account.at('To Do', 'C.md'), account.at('Doing', 'C.md'))
    write(account.mount.at('.trellofs', 'control', 'sync'), b'\n')

    def check():
        assert card.read() == card.replaced()
        assert account.names() == sorted(
            ['A.md', 'Made.md'] + [name for name in account.names()
                                   if name.startswith('B')])
        assert account.names(account.at('Doing')) == ['C.md']
        assert 'New' in os.listdir(account.at())

    watch(account, 3, check)
    wait_until(lambda: 'B anew.md' in account.names(), 10)
    check()
