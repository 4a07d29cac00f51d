"""Texts that nobody had closed when the program died: what is complete is
settled at the next start, the rest is a draft."""

import os
import time

import pytest

from mount.test_life import HEALED
from mount.util import SLOW, read, wait_gone, wait_until, write
from mount.writing import DESC, NEW_DESC, Account


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


def die(account):
    account.mount.kill()
    return account.mounts.again(account.mount, path=account.mount.path,
                                expect=[HEALED])


def test_complete_text_that_was_not_closed(account):
    """It is settled at the next start."""
    card = account.card('A')
    with open(card.path, 'wb', buffering=0) as file:
        file.write(card.replaced())
        account.mount = die(account)
    assert card.read() == card.replaced()
    assert not os.path.exists(card.path + '.error')
    assert account.kinds() == ['desc']
    write(account.mount.at('.trellofs', 'control', 'sync'), '\n')
    assert account.server.account.cards[account.ids['A']]['desc'] == NEW_DESC


def test_appended_text_that_was_not_closed(account):
    path = account.at('To Do', 'A.md')
    with open(path, 'ab', buffering=0) as file:
        file.write(b'said\n')
        account.mount = die(account)
    write(account.mount.at('.trellofs', 'control', 'sync'), '\n')
    assert [each['data']['text'] for each in account.server.state()['actions']
            if each['type'] == 'commentCard'].count('said') == 1
    assert not os.path.exists(path + '.error')


def test_incomplete_text_that_was_not_closed(account):
    """It is a draft, and the server has the old one; saving it again, or
    removing the error, ends that."""
    card, other = account.card('A'), account.card('B')
    half = card.replaced()[:card.text.index(b'second')]
    with open(card.path, 'wb', buffering=0) as one, \
            open(other.path, 'wb', buffering=0) as two:
        one.write(half)
        two.write(half)
        account.mount = die(account)
    for each in card, other:
        assert each.read() == half
        assert b'being written' in read(each.path + '.error')
    assert account.kinds() == []
    os.unlink(other.path + '.error')
    wait_until(lambda: other.read() == other.text, 2, 'its own text')
    write(card.path, card.replaced())
    wait_until(lambda: account.kinds() == ['desc'], 5, 'it is taken')
    wait_gone(card.path + '.error')
    assert account.server.account.cards[account.ids['A']]['desc'] == DESC


def test_new_text_that_was_not_closed(account):
    """Nobody can tell whether it is whole: nothing is sent before it is saved
    again."""
    path = account.at('To Do', 'New.md')
    with open(path, 'wb', buffering=0) as file:
        file.write(b'half a')
        account.mount = die(account)
    assert read(path) == b'half a'
    assert b'being written' in read(path + '.error')
    time.sleep(4 * SLOW)
    assert 'New' not in [each['name']
                         for each in account.server.state()['cards']]
    write(path, b'half a text\n')
    write(account.mount.at('.trellofs', 'control', 'sync'), '\n')
    assert [each['desc'] for each in account.server.state()['cards']
            if each['name'] == 'New'] == ['half a text']


def test_truncated_text_that_was_not_written(account):
    """As when its writer had closed it without writing."""
    card = account.card('A')
    with open(card.path, 'wb'):
        account.mount = die(account)
    assert card.read() == card.text
    assert account.kinds() == []
