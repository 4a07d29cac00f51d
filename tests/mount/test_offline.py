"""Without a network, without rights, and back again."""

import contextlib
import errno
import os
import re
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from . import contract, expected
from .networks import blackhole, refused, slow
from .servers import checked_server, wait_quiet
from .util import PATIENCE, outcome, read_tree, timed, wait_until

# No wait of a file operation is longer, with some slack for the machine.
BOUND = 10 + 2 * PATIENCE
TOLD = ('warning: ', 'error: ')


def all_right(mount, server):
    expected.check_tree(mount.path, expected.of_server(server))
    return True


@pytest.fixture
def half_known(mounts, server):
    """(server, mount, known, unknown): one board is known, another has
    never come."""
    known, unknown = server.generate(boards=2, lists=2, cards=8)
    fault = server.fault(path=f'/1/boards/{unknown.id}', status=503)
    account = mounts.account(server, expect=TOLD)
    paths = [account.at(contract.name_of(each.data['name']))
             for each in (known, unknown)]
    wait_until(lambda: fault.fired and account.boards_here() == (2, 1), 5,
               'one of two boards')
    server.clear_faults()
    return server, account, paths[0], paths[1]


@pytest.mark.parametrize('away', [refused, blackhole])
def test_away_and_back(mounts, server, away):
    """Reads go on; boards never seen give ENETUNREACH in time; all comes
    back by itself."""
    boards = server.generate(boards=3, lists=2, cards=8)
    hidden = server.fault(path=f'/1/boards/{boards[2].id}', stall=30)
    account = mounts.account(server, expect=TOLD)
    wait_until(lambda: hidden.fired and account.boards_here() == (3, 2), 5,
               'two of three boards')
    names = [account.at(contract.name_of(each.data['name']))
             for each in boards]
    before = {each: read_tree(each) for each in names[:2]}
    with away(server):
        server.clear_faults()
        result, seconds = timed(os.listdir, names[2])
        assert isinstance(result, OSError)
        assert result.errno == errno.ENETUNREACH
        assert seconds < BOUND
        assert {each: read_tree(each) for each in names[:2]} == before
        assert len(os.listdir(account.path)) == 3
        wait_until(lambda: 'offline' in account.status_line('network'), 12,
                   'status tells')
        assert re.search(r'offline since .*: \S+', account.status())
    # Who asks is worth a try at once; nobody has to mount again.
    wait_until(lambda: len(os.listdir(names[2])) == 2, 10, 'it is back')
    wait_until(lambda: 'online' in account.status_line('network'), 10,
               'status tells')
    server.api('PUT', f'/boards/{boards[0].id}', {'name': 'Back again'})
    wait_until(lambda: 'Back again' in os.listdir(account.path), 20,
               'the news')
    wait_until(lambda: all_right(account, server), 5, 'the tree')


def test_boards_that_stall(mounts, server):
    """Each of ten programs that look at boards which do not come waits in
    time; nobody else waits."""
    stalled = server.generate(boards=10, lists=1, cards=2)
    for each in stalled:
        server.fault(path=f'/1/boards/{each.id}', stall=40, count=1)
    fine = server.generate(boards=3, lists=2, cards=8, seed=9)
    account = mounts.account(server, expect=TOLD)
    began = time.monotonic()
    programs = [subprocess.Popen(
        ['ls', account.at(contract.name_of(each.data['name']))],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={'PATH': os.environ['PATH'], 'LC_ALL': 'C'})
        for each in stalled]
    for each in fine:
        path = account.at(contract.name_of(each.data['name']))
        listed, seconds = timed(os.listdir, path)
        assert len(listed) == 2 and seconds < 2 * PATIENCE
    # News of the others go on.
    server.api('PUT', f'/boards/{fine[0].id}', {'name': 'Goes on'})
    wait_until(lambda: 'Goes on' in os.listdir(account.path), 3, 'the news')
    assert all(each.poll() is None for each in programs)
    for each in programs:
        _, told = each.communicate(timeout=30 * PATIENCE)
        assert each.returncode == 2
        assert 'Network is unreachable' in told
    assert time.monotonic() - began < BOUND
    assert len(os.listdir(account.path)) == 13


def test_interrupting_who_waits(mounts, server):
    """Ctrl-C works within a second."""
    board = server.generate(boards=1, lists=1, cards=2)[0]
    server.fault(path='/1/boards/', stall=30)
    account = mounts.account(server, expect=TOLD)
    path = account.at(contract.name_of(board.data['name']))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        waiting = subprocess.Popen(['ls', path], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        time.sleep(0.5)
        assert waiting.poll() is None
        began = time.monotonic()
        waiting.send_signal(number)
        waiting.communicate(timeout=20)
        assert time.monotonic() - began < 1 * PATIENCE
        assert waiting.returncode == -number
    assert len(os.listdir(account.path)) == 1


def test_unmounting_while_somebody_waits(mounts, server):
    """Who waits gets an error, and the program ends in time."""
    board = server.generate(boards=1, lists=1, cards=2)[0]
    server.fault(path='/1/boards/', stall=30)
    account = mounts.account(server, expect=TOLD)
    waiting = subprocess.Popen(
        ['ls', account.at(contract.name_of(board.data['name']))],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.5)
    began = time.monotonic()
    assert account.unmount(signal.SIGTERM) == 0
    assert time.monotonic() - began < 5 * PATIENCE
    waiting.communicate(timeout=20)
    assert waiting.returncode == 2


@pytest.mark.seconds(150)
def test_after_a_stall(mounts, server):
    """A reply that never comes is given up, and asked for again."""
    board = server.generate(boards=1, lists=2, cards=8)[0]
    server.fault(path=f'/1/boards/{board.id}', stall=90, count=1)
    account = mounts.account(server, expect=TOLD)
    wait_until(lambda: all_right(account, server), 60, 'the tree')


# First mount

def fails(mounts, server, **env):
    return mounts.fails(env={
        'TRELLOFS_API_URL': server.url, 'TRELLO_API_KEY': server.key,
        'TRELLO_TOKEN': server.token} | env)


def trouble(**what):
    """A server that answers so, and not otherwise."""
    @contextlib.contextmanager
    def switched_on(server):
        server.generate()
        server.fault(**what)
        yield
    switched_on.__name__ = str(what)
    return switched_on


def first_mount(mounts, away):
    with checked_server() as server, away(server):
        return away.__name__, *timed(fails, mounts, server)


def test_nothing_can_be_had_at_first(mounts):
    """One line, exit status 1, in time, and nothing is mounted."""
    troubles = (refused, blackhole, slow, trouble(portal=True),
                trouble(status=500), trouble(status=429),
                trouble(garbage='half'), trouble(garbage='array'),
                trouble(redirect='http://127.0.0.1:9/'))
    with ThreadPoolExecutor(len(troubles)) as pool:
        results = list(pool.map(lambda each: first_mount(mounts, each),
                                troubles))
    for name, (status, told), seconds in results:
        assert status == 1, name
        assert re.fullmatch(r'trellofs: [^\n]{15,}\n', told), name
        assert seconds < BOUND, name


@pytest.mark.parametrize('wrong, word', [
    ({'TRELLO_TOKEN': 'ATTA' + '0' * 72}, 'token'),
    ({'TRELLO_API_KEY': 'f' * 32}, 'key')])
def test_wrong_credentials_at_first(mounts, server, wrong, word):
    """One line that says which and what to do; one try, no more."""
    server.generate()
    status, told = fails(mounts, server, **wrong)
    assert status == 1
    assert re.fullmatch(r'trellofs: [^\n]{15,}\n', told)
    assert word in told and 'trellofs login' in told
    assert not any(each in told for each in wrong.values())
    assert len(server.requests) == 1
    assert server.requests[0]['status'] == 401


@pytest.mark.parametrize('missing, word', [
    ('TRELLO_TOKEN', 'token'), ('TRELLO_API_KEY', 'API key')])
def test_no_credentials(mounts, server, missing, word):
    status, told = fails(mounts, server, **{missing: ''})
    assert status == 1 and f'no {word}' in told
    assert re.fullmatch(r'trellofs: [^\n]{15,}\n', told)
    assert server.requests == []


# Rights that end

@pytest.mark.parametrize('how', ['revoked', 'expired'])
def test_token_ends(mounts, server, how):
    """Reads go on; status says what is the matter and what to do; Trello
    is not asked over and over."""
    boards = server.generate(boards=2, lists=2, cards=8)
    token = server.add_token(expires=3600)
    account = mounts.account(server, env={'TRELLO_TOKEN': token},
                             expect=TOLD)
    account.wait_complete()
    before = read_tree(account.path)
    wait_quiet(server, 0.3)
    if how == 'revoked':
        server.revoke(token)
    else:
        server.account.clock.advance(4000)
    wait_until(lambda: 'trellofs login' in account.status_line('network'),
               5, 'status tells')
    asked = len(server.requests)
    time.sleep(1.5)
    assert read_tree(account.path) == before
    assert len(server.requests) - asked <= 1
    assert server.requests[-1]['status'] == 401
    assert boards


def test_cold_board_after_the_token_ended(half_known):
    """As without a network: at once, since it is known."""
    server, account, known, unknown = half_known
    server.revoke(server.token)
    wait_until(lambda: 'trellofs login' in account.status_line('network'),
               5, 'status tells')
    result, seconds = timed(os.listdir, unknown)
    assert isinstance(result, OSError)
    assert result.errno == errno.ENETUNREACH and seconds < 3 * PATIENCE
    assert len(os.listdir(known)) == 2


def test_warm_start_with_a_dead_token(mounts, server):
    """What is known can be read; status says what to do."""
    server.generate(boards=2, lists=2, cards=8)
    account = mounts.account(server)
    account.wait_complete()
    tree = read_tree(account.path)
    account.unmount()
    server.revoke(server.token)
    again = mounts.again(account, expect=TOLD)
    assert read_tree(again.path) == tree
    wait_until(lambda: 'trellofs login' in again.status_line('network'),
               5, 'status tells')
    assert read_tree(again.path) == tree


def test_new_token_of_the_same_member(mounts, server):
    """Another token of the same account goes on with its state."""
    server.generate(boards=2, lists=2, cards=8)
    account = mounts.account(server)
    account.wait_complete()
    tree = read_tree(account.path)
    account.unmount()
    server.revoke(server.token)
    token = server.add_token()
    server.forget()
    again = mounts.account(server, home=account.home,
                           env={'TRELLO_TOKEN': token})
    assert read_tree(again.path) == tree
    wait_quiet(server, 0.3)
    assert not any('/boards/' in each['path'] for each in server.requests)


def test_local_files_without_a_network(half_known):
    """What is kept here needs no network."""
    server, account, known, unknown = half_known
    with refused(server):
        path = os.path.join(known, 'note')
        with open(path, 'w', encoding='ascii') as file:
            file.write('offline')
        assert outcome(os.mkdir, account.at('.obsidian')) == 'ok'
        assert os.path.getsize(path) == 7
