"""What waits when it is unmounted is sent then, for ten seconds at most; the
rest by the next mount."""

import re
import signal
import time

import pytest

from .util import SLOW, read, run, wait_until, write
from .writing import Account, state


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


def change(account, name='A'):
    card = account.card(name)
    write(card.path, card.replaced())


def sent(account, name='A'):
    return account.api('GET', f'/cards/{account.ids[name]}')['desc'] \
        .startswith('new words')


@pytest.mark.parametrize('how', [None, signal.SIGTERM, signal.SIGINT])
def test_all_is_sent(account, how):
    for name in 'ABC':
        change(account, name)
    write(account.at('To Do', 'New.md'), 'Text.\n')
    run('rm', account.at('To Do', 'C.md'))
    begin = time.monotonic()
    assert account.mount.unmount(how) == 0
    assert time.monotonic() - begin < 8 * SLOW
    assert sent(account, 'A') and sent(account, 'B')
    found = account.api('GET', f'/lists/{account.lists["To Do"]}/cards')
    assert sorted(each['name'] for each in found) == ['A', 'B', 'New']
    assert account.mount.log() == ''


def check_rest(account, count):
    """The log says how much is left, and the next mount sends it."""
    assert re.search(rf'warning: {count} changes? (is|are) not sent yet',
                     account.mount.log())
    assert not sent(account)
    account.server.clear_faults()
    account.server.refuse(False)
    account.mount = account.mounts.again(account.mount)
    wait_until(lambda: sent(account), 75, 'the next mount sends it')


@pytest.mark.seconds(150)
@pytest.mark.parametrize('status', [409, 500])
def test_what_does_not_get_through(account, status):
    account.server.fault(method='PUT', status=status, body='no')
    change(account)
    begin = time.monotonic()
    assert account.mount.unmount() == 0
    assert 5 < time.monotonic() - begin < 15 * SLOW
    check_rest(account, 1)


@pytest.mark.seconds(150)
def test_without_network(account):
    account.mount.expect('cannot be reached')
    account.server.refuse(True)
    change(account)
    wait_until(lambda: 'offline' in account.mount.status_line('network'), 10,
               'it is known')
    begin = time.monotonic()
    assert account.mount.unmount() == 0
    assert time.monotonic() - begin < 5 * SLOW
    check_rest(account, 1)


def test_drafts_and_what_is_held_stay(account):
    account.mount.expect('held')
    card = account.card()
    text = card.replaced(b'- [ ] two\n', b'- [ ] two\n\nMore.\n')
    write(card.path, text)
    wait_until(lambda: state(card.path) == 'draft', 5, 'the draft')
    begin = time.monotonic()
    assert account.mount.unmount() == 0
    assert time.monotonic() - begin < 5 * SLOW
    assert account.server.matching('PUT', '/cards/') == []
    again = account.mounts.again(account.mount)
    path = again.at('Board', 'To Do', 'A.md')
    assert read(path) == text and state(path) == 'draft'
    assert text in read(path + '.error')
