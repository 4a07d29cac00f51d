"""Whatever Trello answers: no hang, no wrong or half tree, and everything
is right again once the trouble is over, without a remount."""

import os
import re
import time
import urllib.error
import urllib.request

import pytest

from . import contract, expected
from .servers import count, never_over, wait_quiet
from .util import PATIENCE, folders, outcome, read_tree, timed, wait_until

LIST = '/1/members/me/boards'
PASSING = {
    '429': {'status': 429},
    '429 with a time': {'status': 429, 'headers': {'retry-after': '2'}},
    '500': {'status': 500},
    '502': {'status': 502},
    '503': {'status': 503},
    '504': {'status': 504},
    'cut in the head': {'cut': 0},
    'cut in the body': {'cut': 3000},
    'dropped before': {'drop': 'before'},
    'dropped after': {'drop': 'after'},
    'slow': {'stall': 4},
    'slow in the body': {'stall': 4, 'stall_at': 2000},
    'trickling': {'rate': 20000},
    'portal': {'portal': True},
    'redirect to a portal': {'redirect': 'http://127.0.0.1:9/login'},
    'half': {'garbage': 'half'},
    'empty': {'garbage': 'empty'},
    'text': {'garbage': 'text'},
    'binary': {'garbage': 'binary'},
    'array': {'garbage': 'array'},
    'null': {'garbage': 'null'},
    'number': {'garbage': 'number'},
    'string': {'garbage': 'string'},
    'nulls': {'garbage': 'nulls'}}
TOLD = ('warning: ', 'error: ')


def snapshot(top):
    """{board: its whole content, or the error it gives}."""
    found = {}
    for board in os.listdir(top):
        try:
            found[board] = read_tree(os.path.join(top, board))
        except OSError as error:
            found[board] = error.errno
    return found


def all_right(mount, server):
    expected.check_tree(mount.path, expected.of_server(server))
    return True


@pytest.fixture
def small(server):
    server.generate(boards=3, lists=3, cards=12)
    server.limits(seconds=1)
    return server


@pytest.fixture
def troubled(server):
    """A board for each trouble, named after it."""
    boards = server.generate(boards=len(PASSING), lists=3, cards=9)
    for board, kind in zip(boards, PASSING):
        board.data['name'] = kind
    server.limits(token=1000, key=3000, seconds=1)
    return server, dict(zip(PASSING, boards))


def trouble(troubled, times):
    server, boards = troubled
    for kind, board in boards.items():
        server.fault(path=f'/1/boards/{board.id}', count=times,
                     **PASSING[kind])


def test_first_sight(mounts, troubled):
    """A board that is not known yet: it comes, or gives an error, and is
    never there in part."""
    server, boards = troubled
    trouble(troubled, 2)
    account = mounts.account(server, expect=TOLD)
    seen = []

    def complete():
        seen.append(snapshot(account.path))
        wrong = [name for name, content in seen[-1].items()
                 if isinstance(content, int)]
        assert not wrong, f'still in trouble: {wrong}'
        return all_right(account, server)
    wait_until(complete, 40, 'the whole tree')
    right = seen[-1]
    for each in seen:
        assert set(each) == set(right) == set(boards)
        for board, content in each.items():
            assert isinstance(content, int) or content == right[board]
    wait_until(lambda: 'online' in account.status_line('network'), 5,
               'it is online')
    assert account.status_line('problems') == '0'


def test_news(mounts, troubled):
    """A board that is known: the old text is read until the new one has
    come whole."""
    server, boards = troubled
    account = mounts.account(server, expect=TOLD)
    account.wait_complete()
    before = read_tree(account.path)
    trouble(troubled, 2)
    links = {}
    for kind, board in boards.items():
        card = next(iter(board.cards.values()))
        server.api('PUT', f'/cards/{card["id"]}', {'desc': 'the news'})
        links[kind] = card['shortLink']
    edited = {path: kind for path, text in before.items()
              for kind in [path.partition('/')[0]]
              if contract.Parsed(text).front['url'].endswith(links[kind])}
    assert sorted(edited.values()) == sorted(PASSING)

    def arrived():
        now = read_tree(account.path)
        for path, text in now.items():
            assert text == before[path] or (
                path in edited and b'\nthe news\n' in text), path
        assert set(now) == set(before)
        return [edited[path] for path in edited
                if now[path] == before[path]]
    end = time.monotonic() + 40 * PATIENCE
    while arrived():
        assert time.monotonic() < end, f'still missing: {arrived()}'
        time.sleep(0.05)
    all_right(account, server)


@pytest.mark.parametrize('garbage', ['half', 'array', 'nulls'])
def test_list_of_boards(mounts, small, garbage):
    """A list of boards that makes no sense, or is empty, takes nothing
    away: what is missing is asked for first."""
    account = mounts.account(small, expect=TOLD)
    account.wait_complete()
    before = read_tree(account.path)
    fault = small.fault(path=LIST, count=1, garbage=garbage)
    end = time.monotonic() + 20 * PATIENCE
    while fault.fired < 1 and time.monotonic() < end:
        assert read_tree(account.path) == before
        time.sleep(0.05)
    assert fault.fired == 1
    board = next(iter(small.account.boards.values()))
    small.api('PUT', f'/boards/{board.id}', {'name': 'It goes on'})
    wait_until(lambda: 'It goes on' in os.listdir(account.path), 15,
               'the next news')
    all_right(account, small)


def test_portal_instead_of_everything(mounts, small):
    """A network that wants a login: what is known is read on."""
    account = mounts.account(small, expect=TOLD)
    account.wait_complete()
    before = read_tree(account.path)
    fault = small.fault(portal=True)
    wait_until(lambda: 'offline' in account.status_line('network'), 5,
               'status tells')
    assert read_tree(account.path) == before
    small.clear_faults()
    wait_until(lambda: 'online' in account.status_line('network'), 15,
               'it is online')
    assert fault.fired < 15
    all_right(account, small)


@pytest.mark.parametrize('fault', [
    {'status': 504}, {'status': 449}], ids=['504', '449'])
def test_in_parts(mounts, server, fault):
    """Where the whole board is too much at once, its parts do."""
    server.generate(boards=2, lists=3, cards=40, comments=0.5)
    server.fault(path='cards=visible', **fault)
    account = mounts.account(server, 'refresh=60', expect=TOLD)
    wait_until(lambda: all_right(account, server), 20, 'the tree')
    assert account.status_line('problems') == '0'


def test_too_many_cards(mounts, server):
    """The same tree, in parts, as Trello asks for."""
    server.generate(boards=3, lists=4, cards=100, comments=0.5)
    whole = mounts.account(server, 'refresh=60')
    tree = read_tree(whole.path)
    server.settings.too_many_cards = 70
    server.forget()
    parts = mounts.account(server, 'refresh=60', expect=TOLD)
    wait_until(lambda: parts.boards_here() == (3, 3), 20, 'all boards')
    assert read_tree(parts.path) == tree
    assert any(each['status'] == 403 for each in server.requests)
    assert wait_quiet(server) < 3 + 3 * 12
    assert parts.status_line('problems') == '0'


def test_not_asked_again_in_vain(mounts, server):
    """A board that may not be seen is told, and is not asked for over and
    over."""
    boards = server.generate(boards=3, lists=2, cards=5)
    server.fault(path=f'/1/boards/{boards[1].id}', status=401,
                 body='unauthorized permission requested')
    account = mounts.account(server, expect=TOLD)
    names = {each.id: contract.name_of(each.data['name'])
             for each in boards}
    path = account.at(names[boards[1].id])
    wait_until(lambda: account.status_line('problems') == '1', 5, 'status')
    assert outcome(os.listdir, path) == 'EACCES'
    assert names[boards[1].id] in account.status_line('problem')
    time.sleep(2)
    for _ in range(3):
        assert outcome(os.listdir, path) == 'EACCES'
    assert count(server, f'/1/boards/{boards[1].id}') <= 3
    for each in (0, 2):
        assert len(folders(account.at(names[boards[each].id]))) == 2


# The limits

def test_never_over_the_limit(mounts, server):
    """100 boards and 5 requests a window; a fifth is left to others."""
    server.generate(boards=100, lists=1, cards=2)
    server.limits(token=5, key=15, seconds=0.3)
    account = mounts.account(server, 'refresh=2')
    account.wait_complete(55)
    all_right(account, server)
    never_over(server)
    assert server.counters()['most_in_token_window'] <= 4


def test_reserve(mounts, server):
    """What others need is left to them: a fifth of the window."""
    server.generate(boards=40, lists=1, cards=2)
    server.limits(token=20, key=60, seconds=1)
    account = mounts.account(server, 'refresh=60')
    account.wait_complete()
    assert server.counters()['most_in_token_window'] <= 16
    never_over(server)


def test_who_waits_comes_first(mounts, server):
    """A board that somebody looks at does not queue behind the others."""
    boards = server.generate(boards=60, lists=1, cards=2)
    server.limits(token=10, key=30, seconds=1)
    account = mounts.account(server, 'refresh=60')
    # The oldest is the last that comes by itself.
    last = min(boards, key=lambda each: each.data['dateLastActivity'])
    listed, seconds = timed(os.listdir, account.at(
        contract.name_of(last.data['name'])))
    assert len(listed) == 1 and seconds < 3 * PATIENCE
    known, here = account.boards_here()
    assert here < known
    never_over(server)


def test_storm_of_429(mounts, small):
    """Each 429 stops everything for a window."""
    account = mounts.account(small, expect=TOLD)
    account.wait_complete()
    before = read_tree(account.path)
    wait_quiet(small, 0.3)
    since = len(small.requests)
    small.fault(status=429, count=3)
    wait_until(lambda: 'throttled' in account.status()
               and not re.search(r'\b0 throttled', account.status()), 5,
               'status tells')
    wait_until(lambda: sum(each['status'] == 200 for each
                           in small.requests[since:]) >= 2, 20, 'it goes on')
    assert read_tree(account.path) == before
    times = [each['time'] for each in small.requests[since:]
             if each['status'] == 429]
    assert len(times) == 3
    assert all(later - earlier >= 1
               for earlier, later in zip(times, times[1:]))


def ask_as_another(server):
    """A request of another program with the same token; its status."""
    request = urllib.request.Request(
        server.url + '/members/me/boards?fields=name', headers={
            'Authorization': f'OAuth oauth_consumer_key="{server.key}",'
                             f' oauth_token="{server.token}"'})
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


def test_other_programs_of_the_user(mounts, server):
    """They use the same token: as soon as that shows, their part is left
    to them, so that few requests of either are refused."""
    server.generate(boards=40, lists=1, cards=2)
    server.limits(token=20, key=60, seconds=1)
    account = mounts.account(server, 'refresh=1', expect=TOLD)
    for _ in range(36):
        ask_as_another(server)
        time.sleep(1 / 12)
    account.wait_complete(30)
    all_right(account, server)
    assert server.counters()['sent_429'] <= len(server.requests) / 5
