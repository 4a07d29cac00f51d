"""Clocks that are wrong or are set, and a machine that sleeps."""

import os

import pytest

from .surroundings import Surroundings
from .util import outcome, run, wait_until, write
from .writing import DESC, NEW_DESC, Account

HOUR = 3600


@pytest.fixture
def around(mounts, tmp_path):
    return Surroundings(tmp_path / 'around')


def drained(account):
    write(account.mount.at('.trellofs', 'control', 'retry'), '\n')
    return account.drained()


@pytest.mark.parametrize('ahead', [HOUR, -HOUR, 0])
def test_lost_answers(mounts, server, around, ahead):
    """What was made is found whatever time it is here, and not made again:
    also if the clock is set right before it is looked for."""
    around.set_clock(ahead)
    account = Account(mounts, server, settle=0, env=around.env)
    account.mount.expect('warning: ')
    fault = server.fault(method='POST', drop='after', count=4)
    server.fault(method='GET', path='/1/(cards|lists|boards)/.*', status=503,
                 count=2)
    write(account.at('To Do', 'New.md'), 'its text\n')
    os.mkdir(account.at('New list'))
    with open(account.at('To Do', 'A.md'), 'ab') as file:
        file.write(b'said\n')
    os.mkdir(account.mount.at('New board'))
    wait_until(lambda: outcome(account.control, 'sync') and fault.fired == 4,
               20, 'all of them are lost')
    around.set_clock(-ahead)
    wait_until(lambda: drained(account), 30,
               lambda: f'all is sent: {account.raw()}')
    state = server.state()
    for kind in ('cards', 'lists'):
        names = [each['name'] for each in state[kind]]
        assert len(names) == len(set(names)), names
    assert [each['name'] for each in state['boards']].count('New board') == 1
    assert [each['data']['text'] for each in state['actions']
            if each['type'] == 'commentCard'].count('said') == 1


def test_words_of_another(mounts, server, around):
    """A description that somebody changed between our last look and our
    request is merged whatever time it is here."""
    around.set_clock(HOUR)
    account = Account(mounts, server, settle=0, env=around.env)
    account.mount.expect('its description was changed at Trello')
    card = account.card()
    theirs = DESC.replace('third line', 'third line of theirs')
    fault = server.fault(method='PUT', path='/cards/', count=1,
                         hook=lambda _: account.api(
                             'PUT', f'/cards/{account.ids["A"]}',
                             desc=theirs))
    write(card.path, card.replaced())
    both = NEW_DESC.replace('third line', 'third line of theirs')
    wait_until(lambda: account.api(
        'GET', f'/cards/{account.ids["A"]}')['desc'] == both, 20, 'both')
    assert fault.fired == 1


@pytest.mark.parametrize('restart', [False, True])
def test_set_back(mounts, server, around, restart):
    """What waits for its time does not wait for the old one."""
    account = Account(mounts, server, settle=3, env=around.env)
    card = account.card()
    write(card.path, card.replaced())
    write(account.at('To Do', 'New.md'), 'its text\n')
    os.unlink(account.at('To Do', 'C.md'))
    with open(account.at('To Do', 'B.md'), 'ab') as file:
        file.write(b'said\n')
    account.wait_settled()
    assert account.raw().count('\n') >= 4
    if restart:
        account.mount.kill()
        run('fusermount3', '-u', '-z', account.mount.path)
        around.set_clock(-HOUR)
        account.mount = account.mounts.again(
            account.mount, env=account.mount.env, path=account.mount.path)
    else:
        around.set_clock(-HOUR)
    wait_until(lambda: account.raw() == '', 30,
               lambda: f'all is sent: {account.raw()}')
    state = server.state()
    cards = {each['name']: each for each in state['cards']}
    assert cards['A']['desc'] == NEW_DESC and cards['C']['closed']
    assert cards['New']['desc'] == 'its text'


def test_unfinished_when_set_back(mounts, server, around):
    """A text whose end nobody told is taken after its minute."""
    account = Account(mounts, server, settle=0, env=around.env)
    card = account.card()
    with open(card.path, 'wb', buffering=0) as file:
        file.write(card.replaced())
        around.set_clock(-HOUR)
        around.sleep(70)
        account.control('refresh')
        wait_until(lambda: account.api(
            'GET', f'/cards/{account.ids["A"]}')['desc'] == NEW_DESC, 20,
            'it is sent')


def test_waking_up(mounts, server, around):
    """What others did meanwhile is there at once, however seldom it is asked
    for."""
    account = Account(mounts, server, env=around.env, options='refresh=600')
    account.api('PUT', f'/cards/{account.ids["A"]}', name='Z')
    assert 'Z.md' not in account.names()
    around.sleep(120)
    wait_until(lambda: 'Z.md' in account.names(), 10, 'the news')


def test_sleep(mounts, server, around):
    """Who wakes up asks at once, on connections of its own time."""
    account = Account(mounts, server, settle=0, env=around.env)
    before = {each['connection'] for each in server.requests}
    account.api('PUT', f'/cards/{account.ids["A"]}', name='Z')
    around.sleep(8 * HOUR)
    asked = len(server.requests)
    wait_until(lambda: 'Z.md' in account.names(), 10, 'the news')
    # One may have been on its way.
    assert not before & {each['connection']
                         for each in server.requests[asked + 1:]}
