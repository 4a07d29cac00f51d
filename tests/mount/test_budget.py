"""Several mounts and commands of one token share what Trello allows."""

import contextlib
import os
import re
import stat
import threading

import pytest

from .harness import PROGRAM
from .servers import never_over
from .util import read, run, wait_until, write
from .writing import Account

# Of 20 in a second, a fifth is left to others.
LIMIT, ALLOWED = 20, 16


@pytest.fixture
def busy(server):
    """One that allows only a little."""
    server.limits(token=LIMIT, key=3 * LIMIT, seconds=1)
    yield server
    never_over(server)


def budget_files(home):
    folder = os.path.join(home, 'state', 'trellofs')
    return [os.path.join(folder, name) for name in os.listdir(folder)
            if name.startswith('budget-')]


def status(mount, profile='third'):
    """trellofs status of a profile that is not mounted, which asks Trello:
    (exit status, standard output, standard error)"""
    done = run(PROGRAM, 'status', '--profile', profile, env=mount.env,
               check=False)
    return done.returncode, done.stdout, done.stderr


@contextlib.contextmanager
def again_and_again(mount, times, answers):
    """A loop of trellofs status meanwhile."""
    def loop():
        for _ in range(times):
            answers.append(status(mount))
    thread = threading.Thread(target=loop)
    thread.start()
    yield
    thread.join()


def start_second(mounts, server, first, options='refresh=1'):
    return mounts.account(server, f'profile=second,{options}',
                          home=first.home)


def test_two_mounts_and_a_loop(mounts, busy):
    """None is refused anything, and all of them get on."""
    answers = []
    first = mounts.account(busy)
    mounts.account(busy, 'profile=third', home=first.home).unmount()
    busy.generate(boards=12, lists=1, cards=2)
    with again_and_again(first, 20, answers):
        second = start_second(mounts, busy, first)
        for each in (first, second):
            each.wait_complete(40)
    assert busy.busiest(1) <= ALLOWED
    assert len(answers) == 20
    for code, out, said in answers:
        assert (code, said) == (0, '')
        assert out.startswith('account: @tester\n')
    # That has a limit of its own, which a loop would meet.
    assert [each['path'] for each in busy.requests].count(
        '/1/members/me') == 3
    for each in (first, second):
        assert re.search(rf'of {ALLOWED} requests in 1 s, shared with '
                         r'1 other program$', each.status_line('budget'))
    (file,) = budget_files(first.home)
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    for secret in (busy.key, busy.token):
        assert secret not in file and secret.encode() not in read(file)


def test_killed_while_it_fills(mounts, busy):
    """What a mount had out when it was killed is there for others again."""
    busy.generate(boards=2, lists=1, cards=2)
    first = mounts.account(busy)
    second = start_second(mounts, busy, first, 'refresh=3600')
    second.wait_complete(40)
    busy.latency = 5
    wait_until(lambda: busy.in_flight > 0, 20, 'something is out')
    first.kill()
    run('fusermount3', '-u', '-z', first.path)
    busy.latency = 0
    assert status(second)[0] == 0
    wait_until(lambda: second.status_line('budget')
               == f'{ALLOWED} of {ALLOWED} requests in 1 s', 20,
               'all of the budget')


def test_refused_once(mounts, busy):
    """After a 429 of one all wait; who cannot is told."""
    first = mounts.account(busy)
    second = start_second(mounts, busy, first)
    for each in (first, second):
        each.wait_complete(40)
        each.expect('limit')
    busy.fault(path='/members/me/boards', status=429, count=1,
               headers={'retry-after': '600'},
               body='{"error":"API_TOKEN_LIMIT_EXCEEDED",'
                    '"message":"Rate limit exceeded"}')
    for each in (first, second):
        wait_until(lambda: 'the rate limit was passed'
                   in each.status_line('held'), 20, 'it is held')
    code, out, said = status(first)
    assert (code, out) == (1, '')
    assert re.fullmatch('trellofs: the rate limit allows no more requests of '
                        r'this kind for \d+ s\n', said), said
    busy.clear_faults()


def test_a_save_goes_first(mounts, server):
    """While another mount fills, for long, a save is sent."""
    account = Account(mounts, server, settle=0, options='refresh=3600')
    server.limits(token=5, key=15, seconds=1)
    server.generate(boards=60, lists=1, cards=1)
    second = start_second(mounts, server, account.mount, 'refresh=3600')
    wait_until(lambda: second.boards_here()[1] > 3, 20, 'it fills')
    card = account.card()
    write(card.path, card.replaced())
    server.wait_for('PUT', '/cards/')
    known, here = second.boards_here()
    assert here < known
    never_over(server)
