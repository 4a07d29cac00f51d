"""An account of 5,000 cards: complete, small in memory, quick to start."""

import os
import re

import pytest

from . import contract, expected
from .program import INSTRUMENTED
from .servers import checked_server
from .util import PATIENCE, read_tree, run, timed, wait_until


@pytest.fixture(scope='module')
def large(shared_mounts):
    with checked_server() as server:
        server.generate(boards=50, lists=10, cards=100)
        mount = shared_mounts.account(server, 'refresh=60')
        mount.wait_complete(50)
        yield server, mount
        shared_mounts.finish()


def test_complete(large):
    server, mount = large
    assert len(server.requests) <= 50 + 3
    expected.check_tree(mount.path, expected.of_server(server))
    assert mount.status_line('cards') == '5000'


def test_grep_and_find(large):
    server, mount = large
    counted = run('grep', '-rc', '^url: ', mount.path, seconds=60).stdout
    assert len(re.findall(r':1$', counted, re.M)) == 5000
    found = run('find', mount.path, '-name', '*.md', seconds=60).stdout
    assert found.count('.md\n') == 5000


def test_memory(large):
    server, mount = large
    read_tree(mount.path)
    # A sanitizer needs memory of its own.
    if not INSTRUMENTED:
        assert mount.memory_kb() < 64 * 1024


def test_warm_start(large, mounts):
    """The first ls is there before anybody has asked Trello anything."""
    server, mount = large
    mount.unmount()
    server.forget()
    server.latency = 5
    again, seconds = timed(mounts.again, mount)
    names, more = timed(os.listdir, again.path)
    assert len(names) == 50 and server.requests == []
    assert seconds + more < 2 * PATIENCE
    listed = run('ls', '-R', again.path, seconds=60).stdout
    assert listed.count('.md\n') == 5000
    if not INSTRUMENTED:
        assert again.memory_kb() < 64 * 1024
    server.latency = 0


def test_one_long_list(mounts, server):
    """3,000 cards in one list, in Trello's order; a change of one is seen
    without a look at the others."""
    server.generate(boards=1, lists=1, cards=3000, card_bytes=200,
                    comments=0.02)
    mount = mounts.account(server)
    expected.check_tree(mount.path, expected.of_server(server))
    view = expected.of_server(server)[0]
    card = view.all_cards()[1500]
    server.api('PUT', f'/cards/{card["id"]}', {'name': 'In the middle'})
    folder = mount.at(contract.name_of(view.name), list(view.tree())[0])
    wait_until(lambda: os.listdir(folder)[1500] == 'In the middle.md', 5,
               'the change')
    assert len(os.listdir(folder)) == 3000
