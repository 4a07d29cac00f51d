"""What waits when it is unmounted is sent then, for ten seconds at most; the
rest by the next mount."""

import os
import re
import signal
import subprocess
import time

import pytest

from .harness import mounted
from .networks import blackhole, refused, slow
from .util import PATIENCE, read, run, wait_until, write
from .writing import NEW_DESC, Account, state


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
    assert time.monotonic() - begin < 8 * PATIENCE
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
    assert 5 < time.monotonic() - begin < 15 * PATIENCE
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
    assert time.monotonic() - begin < 5 * PATIENCE
    check_rest(account, 1)


def test_answers_are_waited_for(mounts, server):
    """However the network is for others: what is under way at the end
    would come behind what the next mount sends."""
    account = Account(mounts, server, settle=0)
    account.mount.expect('warning: ')
    late = server.fault(method='PUT', path=f'/cards/{account.ids["A"]}',
                        latency=5, count=1)
    change(account, 'A')
    wait_until(lambda: late.fired, 5, 'it is under way')
    server.fault(drop='before')
    change(account, 'B')
    wait_until(lambda: 'offline' in account.mount.status_line('network'),
               5, 'it is known')
    assert account.mount.unmount() == 0
    assert server.heard_out
    assert sent(account)


def test_drafts_and_what_is_held_stay(account):
    account.mount.expect('held')
    card = account.card()
    text = card.replaced(b'- [ ] two\n', b'- [ ] two\n\nMore.\n')
    write(card.path, text)
    wait_until(lambda: state(card.path) == 'draft', 5, 'the draft')
    begin = time.monotonic()
    assert account.mount.unmount() == 0
    assert time.monotonic() - begin < 5 * PATIENCE
    assert account.server.matching('PUT', '/cards/') == []
    again = account.mounts.again(account.mount)
    path = again.at('Board', 'To Do', 'A.md')
    assert read(path) == text and state(path) == 'draft'
    assert text in read(path + '.error')


# Some of each, which would wait by itself

def change_all(account):
    """Of each sort one, which by themselves would wait."""
    write(account.at('To Do', 'A.md'),
          account.card('A').replaced())
    with open(account.at('To Do', 'B.md'), 'ab') as file:
        file.write(b'said\n')
    write(account.at('To Do', 'New.md'), 'its text\n')
    os.mkdir(account.at('New list'))
    os.unlink(account.at('To Do', 'C.md'))


def arrived(account):
    """Which of them have come to Trello."""
    state = account.server.state()
    cards = {each['name']: each for each in state['cards']}
    comments = [each['data']['text'] for each in state['actions']
                if each['type'] == 'commentCard']
    assert comments.count('said') <= 1
    assert len(cards) == len(state['cards'])
    return {
        'desc': cards['A']['desc'] == NEW_DESC,
        'comment': 'said' in comments,
        'card': cards.get('New', {}).get('desc') == 'its text',
        'list': 'New list' in [each['name'] for each in state['lists']],
        'archive': cards['C'].get('closed', False)}


WAYS = [None, signal.SIGTERM]
# Unmounting sends for 10 s at the most.
BOUND = 10 + 3 * PATIENCE
ALL = dict.fromkeys(('desc', 'comment', 'card', 'list', 'archive'), True)
NONE = dict.fromkeys(ALL, False)


def unmount(account, way):
    """It ends well, and in time; how long it took."""
    began = time.monotonic()
    assert account.mount.unmount(way) == 0
    seconds = time.monotonic() - began
    assert seconds < BOUND
    assert mounted(account.mount.path) is None
    return seconds


def next_mount(account):
    """Sends the rest."""
    account.mount = account.mounts.again(account.mount,
                                         path=account.mount.path)
    write(account.mount.at('.trellofs', 'control', 'sync'), '\n')
    assert arrived(account) == ALL
    assert account.raw() == ''
    assert account.names() == ['A.md', 'B.md', 'New.md']


@pytest.mark.parametrize('way', WAYS)
def test_what_was_closed_just_now_is_sent(account, way):
    """The kernel tells of the close, and of the unmount right after."""
    for number in range(20):
        write(account.at('To Do', f'New {number}.md'), f'text {number}\n')
    unmount(account, way)
    cards = {each['name']: each['desc']
             for each in account.server.state()['cards']}
    assert all(cards[f'New {number}'] == f'text {number}'
               for number in range(20))


@pytest.mark.parametrize('way', WAYS)
@pytest.mark.parametrize('away', [refused, blackhole, slow])
def test_server_is_away(account, away, way):
    """Gone, mute, or slower than anybody waits: before anybody noticed."""
    change_all(account)
    account.mount.expect('warning: ')
    with away(account.server):
        unmount(account, way)
        assert arrived(account) in (NONE, ALL)
    assert 'the next mount' in account.mount.log()
    next_mount(account)


def test_token_is_refused(account):
    change_all(account)
    account.mount.expect('warning: ')
    account.server.revoke(account.server.token)
    unmount(account, None)
    assert arrived(account) == NONE
    assert 'the next mount' in account.mount.log()


def test_it_answers_while_it_sends(account):
    """Until a signal has its way the mount goes on working."""
    change_all(account)
    fault = account.server.fault(method='PUT', latency=3)
    account.mount.process.send_signal(signal.SIGTERM)
    wait_until(lambda: fault.fired, 5, 'it sends')
    assert b'new words' in read(account.at('To Do', 'A.md'))
    assert account.mount.wait() == 0
    account.mount.ended = 0
    assert arrived(account) == ALL


def test_next_mount_waits_for_the_end(account):
    """One that was unmounted is still sending."""
    change_all(account)
    fault = account.server.fault(method='PUT', latency=3)
    subprocess.run(['fusermount3', '-u', account.mount.path], check=True)
    wait_until(lambda: fault.fired, 5, 'it sends')
    first = account.mount
    assert first.process.poll() is None
    again = account.mounts.again(first, path=first.path)
    first.ended = first.wait()
    assert first.ended == 0
    assert arrived(account) == ALL
    assert read(again.at('.trellofs', 'pending')) == b''
