"""An hour without Trello, and networks that are slow all the time."""

import os
import re
import time

import pytest

from . import contract, expected
from .servers import wait_quiet
from .surroundings import Surroundings
from .util import SLOW, outcome, timed, wait_until, write

HOUR = 3600
CARDS = 100
ROUNDS = 5


def append(path, data):
    with open(path, 'ab') as file:
        file.write(data)


def ask(account):
    """Now and not only within a minute."""
    return outcome(write, account.at('.trellofs', 'control', 'refresh'),
                   '\n')


@pytest.mark.seconds(150)
@pytest.mark.parametrize('status', [503, 500])
def test_an_hour(mounts, server, tmp_path, status):
    """What was changed meanwhile arrives once, in its order; few requests
    were made in vain, and the log says it once."""
    around = Surroundings(tmp_path / 'around')
    server.limits(token=10 ** 6, key=10 ** 6)
    server.generate(boards=1, lists=1, cards=CARDS)
    account = mounts.account(server, 'settle=0,comment_settle=0',
                             env=around.env, expect=('warning: ',))
    account.wait_complete()
    top = account.at(os.listdir(account.path)[0])
    folder = os.path.join(top, os.listdir(top)[0])
    names = os.listdir(folder)
    wait_quiet(server, 0.3)
    fault = server.fault(status=status)
    asked, began = len(server.requests), time.monotonic()
    for number in range(ROUNDS):
        for name in names:
            append(os.path.join(folder, name), b'word %d\n' % number)
        around.sleep(HOUR // ROUNDS)
        ask(account)
    wait_until(lambda: account.status_line('pending') == str(CARDS * ROUNDS),
               20, lambda: account.status_line('pending'))
    wait_until(lambda: re.search(f'Trello is in trouble .*says {status}',
                                 account.status_line('network')), 30,
               lambda: account.status_line('network'))
    # A busy machine makes rounds longer, so that more is tried in them.
    took = time.monotonic() - began
    assert fault.fired
    assert len(server.requests) - asked < 40 * ROUNDS + 8 * took
    assert account.log().count('warning') == 1
    server.clear_faults()
    around.sleep(60)
    ask(account)
    wait_until(lambda: account.status_line('pending') == '0', 60,
               lambda: account.status_line('pending'))
    told = {}
    for each in sorted(server.state()['actions'],
                       key=lambda each: (each['date'], each['id'])):
        if each['type'] == 'commentCard' \
                and each['data']['text'].startswith('word '):
            told.setdefault(each['data']['card']['id'], []).append(
                each['data']['text'])
    assert len(told) == CARDS
    assert all(words == [f'word {number}' for number in range(ROUNDS)]
               for words in told.values())
    assert account.status_line('problems') == '0'


@pytest.mark.seconds(120)
def test_board_in_trouble(mounts, server, tmp_path):
    """It is tried again and again, and the log says it once."""
    around = Surroundings(tmp_path / 'around')
    board = server.generate(boards=2, lists=2, cards=4)[0]
    fault = server.fault(path=f'/1/boards/{board.id}', status=500)
    account = mounts.account(server, env=around.env, expect=('warning: ',))
    for _ in range(3):
        fired = fault.fired
        around.sleep(HOUR)
        wait_until(lambda before=fired: fault.fired > before, 30,
                   'it is tried')
    wait_until(lambda: account.status_line('problems') == '1', 30, 'status')
    assert account.log().count(f'board {board.id}') == 1, account.log()
    assert account.status_line('network').startswith('online')
    server.clear_faults()
    around.sleep(HOUR)
    account.wait_complete()


@pytest.mark.seconds(120)
def test_two_kilobytes_a_second(mounts, server):
    """A board that takes longer than anybody waits comes all the same; that
    is no network that is away, and changes go on."""
    boards = server.generate(boards=2, lists=1, cards=4)
    big = server.generate(boards=1, lists=2, cards=16, seed=9)[0]
    server.settings.gzip = False
    server.fault(path=f'/1/boards/{big.id}', rate=2000)
    account = mounts.account(server, 'refresh=600,settle=0')
    wait_until(lambda: account.boards_here() == (3, 2), 10, 'the small ones')
    path = account.at(contract.name_of(big.data['name']))
    result, seconds = timed(os.listdir, path)
    if isinstance(result, OSError):
        assert outcome(os.stat, account.path) == 'ok'
        assert seconds < 10 + 2 * SLOW
    assert account.status_line('network').startswith('online')
    small = account.at(contract.name_of(boards[0].data['name']))
    folder = os.path.join(small, os.listdir(small)[0])
    append(os.path.join(folder, os.listdir(folder)[0]), b'word\n')
    server.wait_for('POST', '/actions/comments', timeout=20 * SLOW)
    account.wait_complete(60)
    assert len(os.listdir(path)) == 2


def test_three_seconds_each(mounts, server):
    """Every answer comes late, and in time."""
    server.generate(boards=3, lists=2, cards=8)
    server.latency = 3
    account = mounts.account(server, 'refresh=1,settle=0')
    for board in os.listdir(account.path):
        result, seconds = timed(os.listdir, account.at(board))
        assert len(result) == 2 and seconds < 10 + 2 * SLOW
    os.mkdir(account.at(os.listdir(account.path)[0], 'New list'))
    server.wait_for('POST', '/lists', timeout=20 * SLOW)
    wait_until(lambda: account.status_line('pending') == '0', 20, 'it is')
    assert account.status_line('network').startswith('online')
    server.latency = 0
    wait_until(lambda: expected.check_tree(
        account.path, expected.of_server(server)) is None, 20, 'the tree')
