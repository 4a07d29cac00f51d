"""An account: first sight, being idle, and starting again."""

import os
import re
import time

import pytest

from trello.generate import Generator

from . import contract, expected
from .networks import blackhole, refused, slow
from .servers import BOARDS_ROUTE, count, never_over, wait_quiet
from .util import PATIENCE, folders, read, read_tree, timed, wait_until


def test_complete_by_itself(mounts, server):
    """Without anybody's look everything comes, a request a board."""
    server.generate(boards=12, lists=4, cards=30)
    account = mounts.account(server, 'refresh=60')
    account.wait_complete()
    assert wait_quiet(server) <= 12 + 3
    expected.check_tree(account.path, expected.of_server(server))
    assert len(server.requests) <= 12 + 3
    never_over(server)


def test_complete_by_looking(mounts, server):
    """The first walk over everything sees all of it, for as little."""
    server.generate(boards=12, lists=4, cards=30)
    account = mounts.account(server, 'refresh=60')
    expected.check_tree(account.path, expected.of_server(server))
    assert wait_quiet(server) <= 12 + 3


@pytest.mark.parametrize('comments, more', [(850, 0), (1001, 1), (2500, 2)])
def test_many_comments(mounts, server, comments, more):
    """All comments, not 50 and not 1000; a further request for each
    further thousand."""
    board = server.generate(boards=1, lists=2, cards=10, comments=0)[0]
    card = next(iter(board.cards.values()))
    maker = Generator(server.account, None, seed=5)
    for number in range(comments):
        maker.comment(board, card, f'comment {number}',
                      board.memberships[0]['idMember'])
    account = mounts.account(server, 'refresh=60')
    expected.check_tree(account.path, expected.of_server(server))
    assert wait_quiet(server) <= 1 + 3 + more


def test_exports_through_the_server(mounts, server):
    """Boards of all years, as a server sends them."""
    paths = [expected.export_path(each) for each in expected.EXPORTS]
    if not all(map(os.path.exists, paths)):
        pytest.skip('there are no exports')
    server.load(*paths)
    account = mounts.account(server, 'refresh=60')
    expected.check_tree(account.path, expected.of_server(server))
    assert wait_quiet(server) <= len(paths) + 3


def test_no_boards(mounts, server):
    account = mounts.account(server)
    assert os.listdir(account.path) == []
    board = server.generate()[0]
    wait_until(lambda: os.listdir(account.path), 3, 'the first board')
    assert contract.name_of(board.data['name']) in os.listdir(account.path)


def test_empty_board_list_and_card(mounts, server):
    server.api('POST', '/boards', {'name': 'Empty', 'defaultLists': 'false'},
               token=server.token)
    board = server.api('POST', '/boards', {'name': 'Nearly'},
                       token=server.token)
    one = server.api('GET', f'/boards/{board["id"]}/lists')[0]
    server.api('POST', '/cards', {'idList': one['id'], 'name': 'Blank'})
    account = mounts.account(server, 'refresh=60')
    assert os.listdir(account.at('Empty')) == []
    expected.check_tree(account.path, expected.of_server(server))
    text = read(account.at('Nearly', one['name'], 'Blank.md'))
    assert re.fullmatch(rb'---\nurl: \S+\nrev: \S+\n---\n## Comments\n',
                        text)


def test_idle(mounts, server):
    """One request a refresh, and nothing else."""
    server.generate(boards=5, lists=2, cards=10)
    account = mounts.account(server)
    account.wait_complete()
    before = read_tree(account.path)
    wait_until(lambda: server.matching('GET', '/tokens/'), 10,
               'what we may has been asked')
    wait_quiet(server, 0.3)
    since, began = len(server.requests), time.monotonic()
    wait_until(lambda: len(server.requests) >= since + 4, 10, 'the news')
    idle = server.requests[since:]
    assert {each['path'] for each in idle} == {BOARDS_ROUTE}
    # The first may have been on its way for a while when this began.
    assert len(idle) - 1 <= time.monotonic() - began + 0.5
    assert read_tree(account.path) == before


def test_reading_asks_nothing(mounts, server):
    """A known board is read without the network."""
    server.generate(boards=3, lists=3, cards=30)
    account = mounts.account(server, 'refresh=3600')
    account.wait_complete()
    seen = wait_quiet(server)
    for _ in range(3):
        read_tree(account.path)
        assert not os.path.exists(account.at('nothing', 'here'))
    assert len(server.requests) == seen


def test_requests_are_told(mounts, server):
    """.trellofs/requests: time, method, route, status, ms and bytes."""
    server.generate(boards=2, lists=2, cards=5)
    account = mounts.account(server, 'refresh=60')
    account.wait_complete()
    seen = wait_quiet(server)
    lines = read(account.at('.trellofs', 'requests')).decode().splitlines()
    assert len(lines) == seen
    for line in lines:
        assert re.search(r'\d\d:\d\d:\d\d GET /\S+ 200 \d+ ms \d+', line)
        assert server.token not in line and server.key not in line
    assert f'requests: {seen} ' in account.status() + ' '


def test_status_tells(mounts, server):
    server.generate(boards=2, lists=2, cards=5)
    account = mounts.account(server, 'refresh=60')
    account.wait_complete()
    wait_quiet(server)
    status = account.status()
    assert re.search(r'^account: @tester$', status, re.M)
    assert server.url in status
    assert 'read and write' in account.status_line('rights')
    assert 'online' in account.status_line('network')
    assert account.boards_here() == (2, 2)
    assert account.status_line('cards') == '10'
    assert account.status_line('problems') == '0'
    path = account.at('.trellofs', 'status')
    assert os.stat(path).st_size == len(read(path))


def test_rights_of_a_token(mounts, server):
    """A token that may only read, until some day."""
    server.generate()
    token = server.add_token(scope='read', expires=30 * 86400)
    account = mounts.account(server, env={'TRELLO_TOKEN': token})
    account.expect('the token expires: 23 hours left')
    wait_until(lambda: 'read,' in account.status_line('rights')
               and 'until' in account.status_line('rights'), 5, 'the rights')


# Starting again

@pytest.mark.parametrize('without', [slow, refused, blackhole])
def test_warm_start(mounts, server, without):
    """What is known is there at once, whether or not anybody answers."""
    server.generate(boards=6, lists=3, cards=30)
    account = mounts.account(server)
    account.wait_complete()
    names, tree = os.listdir(account.path), read_tree(account.path)
    account.unmount()
    server.forget()
    with without(server):
        again, seconds = timed(mounts.again, account)
        again.expect('warning: ')
        listed, more = timed(os.listdir, again.path)
        assert len(server.requests) == 0
        assert listed == names
        assert seconds + more < 2 * PATIENCE
        assert read_tree(again.path) == tree
        assert len(server.requests) == 0
        assert again.unmount() == 0


def test_warm_start_then_news(mounts, server):
    """What happened meanwhile comes within a refresh."""
    board = server.generate(boards=2, lists=3, cards=10)[0]
    account = mounts.account(server)
    account.wait_complete()
    account.unmount()
    card = next(iter(board.cards.values()))
    server.api('PUT', f'/cards/{card["id"]}', {'name': 'Named anew'})
    server.api('POST', f'/cards/{card["id"]}/actions/comments',
               {'text': 'while you slept'})
    other = list(server.account.boards.values())[1]
    server.api('PUT', f'/boards/{other.id}', {'closed': 'true'})
    server.forget()
    again = mounts.again(account)
    wait_until(lambda: grep(again.path, b'while you slept'), 3, 'the news')
    expected.check_tree(again.path, expected.of_server(server))
    assert len(folders(again.path)) == 1
    # Only what moved was fetched, and what is gone was asked about.
    assert count(server, f'/1/boards/{board.id}') == 1
    assert len([each for each in server.requests
                if BOARDS_ROUTE not in each['path']]) <= 4


def grep(top, text):
    return any(text in each for each in read_tree(top).values())


def test_interrupted_first_fill(mounts, server):
    """A start that was cut short goes on where it was."""
    server.generate(boards=10, lists=2, cards=20)
    server.latency = 0.5
    account = mounts.account(server, 'refresh=60')
    wait_until(lambda: account.boards_here()[1] >= 3, 20, 'some boards')
    account.kill()
    server.latency = 0
    again = mounts.again(account, path=account.path,
                         expect=('notice: .* died had left',))
    again.wait_complete()
    expected.check_tree(again.path, expected.of_server(server))


def test_unmounting_amid_the_first_fill(mounts, server):
    """Nothing is told to a kernel that has unmounted."""
    server.generate(boards=20, lists=4, cards=40)
    server.limits(token=1000, key=3000)
    for wanted in (1, 4, 7, 10, 13, 16):
        account = mounts.account(server, 'refresh=60')
        for name in os.listdir(account.path):
            os.stat(account.at(name))
        wait_until(lambda: account.boards_here()[1] >= wanted, 10, 'boards')
        assert account.unmount() == 0
