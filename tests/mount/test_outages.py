"""Every kind of change while Trello cannot be had: each is done at once
here, and arrives once, by itself, when it can be had again."""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from .networks import blackhole, refused
from .util import PATIENCE, outcome, read, timed, wait_until, write
from .writing import NEW_DESC, Account

BOUND = 10 + 2 * PATIENCE
# Files are written here; that needs nobody.
AT_ONCE = 2 * PATIENCE


def fault(**what):
    @contextlib.contextmanager
    def switched_on(server):
        switched = server.fault(**what)
        try:
            yield
        finally:
            server.faults.remove(switched.id)
    return switched_on


@contextlib.contextmanager
def flapping(server):
    """Half of the time it is not there."""
    over = threading.Event()

    def flap():
        while not over.wait(0.3):
            server.refuse()
            over.wait(0.3)
            server.refuse(False)
    thread = threading.Thread(target=flap)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def token_ended(server):
    token = server.account.tokens[server.token]
    token.revoked = True
    try:
        yield
    finally:
        token.revoked = False


# What status says of it; None: that shows only when something is asked.
OUTAGES = {
    'refused': (refused, 'cannot be reached'),
    'mute': (blackhole, None),
    'portal': (fault(portal=True), 'does this network want a login'),
    'redirect': (fault(redirect='http://127.0.0.1:9/login'),
                 'leads to .*/login'),
    '503': (fault(status=503), 'Trello is in trouble .*503'),
    '500': (fault(status=500), 'Trello is in trouble .*500'),
    '429': (fault(status=429, headers={'retry-after': '1'}), 'rate limit'),
    'dropped': (fault(drop='before'), 'connection broke|no answer'),
    'answers lost': (fault(method='PUT|POST|DELETE', drop='after'), ''),
    'cut': (fault(cut=20), 'the answer was cut'),
    'garbage': (fault(garbage='binary'), 'the answer cannot be read'),
    'flapping': (flapping, ''),
    'token': (token_ended, 'trellofs login')}


def change_all(account):
    """One of each kind; how long the slowest took."""
    card = account.card('A')
    slowest = 0
    for function, *args in (
            (write, card.path, card.replaced()),
            (append, account.at('To Do', 'B.md'), b'said\n'),
            (tick, account.at('To Do', 'B.md')),
            (os.rename, account.at('To Do', 'B.md'),
             account.at('To Do', 'Bee.md')),
            (write, account.at('To Do', 'New.md'), 'its text\n'),
            (os.mkdir, account.at('New list')),
            (write, account.at('New list', 'Inner.md'), 'inner\n'),
            (os.rename, account.at('To Do', 'D.md'),
             account.at('Doing', 'D.md')),
            (os.unlink, account.at('To Do', 'C.md'))):
        result, seconds = timed(function, *args)
        assert not isinstance(result, OSError), (args, result)
        slowest = max(slowest, seconds)
    return slowest


def append(path, data):
    with open(path, 'ab') as file:
        file.write(data)


def tick(path):
    write(path, read(path).replace(b'- [ ] one', b'- [x] one'))


def check_shown(account):
    """What the mount shows, whether or not it is sent."""
    assert account.names() == ['A.md', 'Bee.md', 'New.md']
    assert account.names(account.at()) == ['Doing', 'New list', 'To Do']
    assert account.names(account.at('Doing')) == ['D.md']
    assert account.names(account.at('New list')) == ['Inner.md']
    assert b'new words' in read(account.at('To Do', 'A.md'))
    text = read(account.at('To Do', 'Bee.md'))
    assert b'- [x] one' in text and b'said\n' in text


def check_arrived(server):
    """Everything is there, once."""
    state = server.state()
    names = sorted(each['name'] for each in state['cards'])
    assert names == ['A', 'Bee', 'C', 'D', 'Inner', 'New']
    cards = {each['name']: each for each in state['cards']}
    lists = {each['id']: each['name'] for each in state['lists']}
    assert sorted(lists.values()) == ['Doing', 'New list', 'To Do']
    assert cards['A']['desc'] == NEW_DESC
    assert cards['New']['desc'] == 'its text'
    assert {name: lists[each['idList']] for name, each in cards.items()} == {
        'A': 'To Do', 'Bee': 'To Do', 'C': 'To Do', 'D': 'Doing',
        'Inner': 'New list', 'New': 'To Do'}
    assert [name for name, each in cards.items() if each.get('closed')] \
        == ['C']
    comments = [each['data']['text'] for each in state['actions']
                if each['type'] == 'commentCard']
    assert comments.count('said') == 1
    return True


def network(account):
    return account.mount.status_line('network')


def order(account, command):
    """(its errno, seconds)"""
    fd = os.open(account.mount.at('.trellofs', 'control', command),
                 os.O_WRONLY)
    try:
        return timed(outcome, os.write, fd, b'\n')
    finally:
        os.close(fd)


def check_drains(account):
    """Nobody does anything, and all of it is sent."""
    wait_until(lambda: account.raw() == '', 60,
               lambda: f'all is sent: {account.raw()}')
    check_arrived(account.server)
    check_shown(account)
    wait_until(lambda: 'online' in network(account), 20,
               lambda: network(account))


@pytest.mark.seconds(120)
@pytest.mark.parametrize('name', OUTAGES)
def test_each_kind_of_change(mounts, server, name):
    away, said = OUTAGES[name]
    account = Account(mounts, server, settle=0, options='comment_settle=1')
    account.make_card('D')
    account.mount.expect('warning: ')
    wait_until(lambda: 'D.md' in account.names(), 10, 'the last card')
    began = time.monotonic()
    with away(server):
        wait_until(lambda: said is None or re.search(said, network(account)),
                   15, lambda: network(account))
        assert change_all(account) < AT_ONCE
        check_shown(account)
        # Everything is tried while it cannot be had.
        result, seconds = order(account, 'sync')
        assert seconds < BOUND
        if name not in ('flapping', 'answers lost'):
            assert result == 'ENETUNREACH'
            assert 'offline' in network(account) or name == 'garbage'
        check_shown(account)
    if name == 'token':
        # Only a login would tell it so soon.
        order(account, 'refresh')
    check_drains(account)
    # Where some of it gets through, each time that it does not is told.
    most = 4
    if name in ('flapping', 'answers lost'):
        most += (time.monotonic() - began) // 2
    assert account.mount.log().count('warning') < most, account.mount.log()


# Who waits for Trello

def make_list(account):
    return os.mkdir, account.at('New list')


def save(account):
    card = account.card('A')
    return write, card.path, card.replaced()


def make_board(account):
    return os.mkdir, account.mount.at('Other')


@pytest.mark.seconds(120)
@pytest.mark.parametrize('name', ['mute', 'portal', '503', '500', 'garbage',
                                  'token'])
def test_who_waits(mounts, server, name):
    """With -o sync each fails in time, as without a network, and a program
    that waits can be interrupted; all of it is sent later."""
    away, said = OUTAGES[name]
    account = Account(mounts, server, settle=0, options='sync')
    account.mount.expect('warning: ')
    acts = (make_list, save, make_board)
    with away(server), ThreadPoolExecutor(len(acts)) as pool:
        wait_until(lambda: not said or re.search(said, network(account)),
                   15, lambda: network(account))
        waiting = [pool.submit(timed, outcome, *each(account))
                   for each in acts]
        for each in waiting:
            result, seconds = each.result()
            assert result == 'ENETUNREACH' and seconds < BOUND
        # Not known yet, so that it waits.
        if said is None:
            interrupt(['mv', account.at('Doing'), account.at('Done')])
        # What is here needs nobody.
        assert timed(write, account.at('note'), 'mine')[1] < AT_ONCE
        assert b'new words' in read(account.at('To Do', 'A.md'))
    if name == 'token':
        order(account, 'refresh')
    wait_until(lambda: account.raw() == '', 60,
               lambda: f'all is sent: {account.raw()}')
    state = server.state()
    assert {'New list'} <= {each['name'] for each in state['lists']}
    assert len(state['lists']) == 3
    assert sorted(each['name'] for each in state['boards']) == [
        'Board', 'Other']
    assert [each['desc'] for each in state['cards']
            if each['name'] == 'A'] == [NEW_DESC]


def interrupt(argv):
    """A second at most, and it is gone."""
    process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    process.wait(20)
    assert time.monotonic() - began < 1 * PATIENCE
