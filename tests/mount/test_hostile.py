"""Content that breaks programs: every title, every text, every size."""

import os
import re
import unicodedata

import pytest

from . import contract, expected
from .program import INSTRUMENTED
from .util import outcome, read, read_tree, run, wait_until

MIB = 1 << 20
TOLD = (r'warning: board \w+: ',)

# Hundreds of megabytes take their time on a machine that has other work.
pytestmark = pytest.mark.seconds(240)


@pytest.fixture
def dread(mounts, server):
    """(server, mount) of a board of everything that is hard."""
    server.dread()
    return server, mounts.account(server, 'refresh=1')


def test_the_board_of_dread(dread):
    """Names, order, descriptions byte for byte, 1,200 comments, labels."""
    server, mount = dread
    expected.check_tree(mount.path, expected.of_server(server))


def test_names_are_harmless(dread):
    """No name can be taken for an option, is hidden, changes the terminal
    or the direction of writing, or is too long for an editor's copy."""
    server, mount = dread
    names = [name for _, folders, files in os.walk(os.fsencode(mount.path))
             for name in folders + files]
    assert len(names) > 700
    for name in names:
        assert len(name) <= contract.NAME_BYTES
        text = name.decode('utf-8')
        assert text[0] not in '.-'
        for char in text:
            assert unicodedata.category(char) != 'Cc'
            assert char not in '\u202a\u202b\u202c\u202d\u202e' \
                '\u2066\u2067\u2068\u2069'


def test_tools_over_it(dread):
    """What walks, globs and greps sees it all, without a complaint."""
    server, mount = dread
    files = run('find', mount.path, '-type', 'f', '-print0').stdout
    total = files.count('\0')
    assert total == sum(len(view.all_cards())
                        for view in expected.of_server(server))
    assert run('ls', '-lR', mount.path).stderr == ''
    listed = run('sh', '-c', 'cd "$0"/*/equal && cat -- * | grep -c ^url:',
                 mount.path).stdout
    assert int(listed) == 506
    assert run('grep', '-rc', '', mount.path).stderr == ''
    packed = run('sh', '-c', 'tar c -C "$0" . | tar t | grep -c md$',
                 mount.path).stdout
    assert int(packed) == total


def test_titles_that_no_name_gives_back(dread):
    """Each such card has its title in its text, and no other has."""
    server, mount = dread
    for view in expected.of_server(server):
        for name, cards in view.tree().items():
            folder = mount.at(contract.name_of(view.name), name)
            for each, card in cards.items():
                front = contract.Parsed(read(os.path.join(folder, each))
                                        ).front
                back = contract.title_of(each, '.md') == card['name']
                assert ('title' in front) == (not back)


def test_names_once_given_stay(dread):
    """Whatever happens to those of the same title."""
    server, mount = dread
    folder = next(each for each, _, files in os.walk(mount.path)
                  if 'the same title.md' in files)
    before = {name: os.getxattr(os.path.join(folder, name),
                                'user.trello.id').decode()
              for name in os.listdir(folder)}
    assert len(before) == 506
    first = before['the same title.md']
    server.api('DELETE', f'/cards/{first}')
    wait_until(lambda: 'the same title.md' not in os.listdir(folder), 3,
               'its end')
    assert set(os.listdir(folder)) == set(before) - {'the same title.md'}
    for name in os.listdir(folder):
        assert os.getxattr(os.path.join(folder, name), 'user.trello.id'
                           ).decode() == before[name]
    # One who comes now may have the name that is free.
    board = next(iter(server.account.boards.values()))
    target = next(each for each in board.lists.values()
                  if each['name'] == 'equal')
    made = server.api('POST', '/cards', {'idList': target['id'],
                                         'name': 'the same title'})
    wait_until(lambda: 'the same title.md' in os.listdir(folder), 3,
               'the new one')
    assert os.getxattr(os.path.join(folder, 'the same title.md'),
                       'user.trello.id').decode() == made['id']


@pytest.mark.parametrize('kind', ['utf8', 'nul', 'strings'])
def test_replies_that_are_not_quite_right(mounts, server, kind):
    """Bad UTF-8, NULs and numbers as strings do no harm."""
    boards = server.generate(boards=2, lists=2, cards=6)
    server.fault(path=f'/1/boards/{boards[0].id}', garbage=kind)
    account = mounts.account(server, expect=TOLD)
    fine = account.at(contract.name_of(boards[1].data['name']))
    assert len(read_tree(fine)) == 6
    other = [each for each in os.listdir(account.path)
             if account.at(each) != fine][0]
    if outcome(os.listdir, account.at(other)) == 'ok':
        for path, text in read_tree(account.at(other)).items():
            path.encode('utf-8')
            assert '\0' not in path
            text.decode('utf-8')
    assert read_tree(fine)


def check_memory(mount):
    """It never had much; a sanitizer keeps what was freed."""
    assert mount.memory_kb('VmHWM') < 160 * 1024 * (
        4 if INSTRUMENTED else 1)


TOO_MUCH = {'200 MB': ({'size': 200 * MIB}, 'more than'),
            'depth of 10,000': ({'depth': 10000}, 'deep'),
            'a string of 100 MB': ({'string': 100 * MIB}, 'string')}


@pytest.mark.parametrize('fault, word', TOO_MUCH.values(),
                         ids=list(TOO_MUCH))
def test_a_reply_that_is_too_much(mounts, server, fault, word):
    """An error of that board, which is told; the others are fine, and
    memory is bounded. When the board is itself again, so is its folder."""
    boards = server.generate(boards=3, lists=2, cards=8)
    server.settings.gzip = False
    server.fault(path=f'/1/boards/{boards[1].id}', **fault)
    account = mounts.account(server, expect=TOLD)
    names = [contract.name_of(each.data['name']) for each in boards]
    wait_until(lambda: account.status_line('problems') == '1', 60,
               'status tells')
    told = account.status_line('problem')
    assert names[1] in told and word in told
    assert outcome(os.listdir, account.at(names[1])) == 'EFBIG'
    for name in (names[0], names[2]):
        assert len(read_tree(account.at(name))) == 8
    check_memory(account)
    server.clear_faults()
    server.api('PUT', f'/boards/{boards[1].id}', {'desc': 'slim again'})
    wait_until(lambda: account.status_line('problems') == '0', 60,
               'status tells')
    expected.check_tree(account.path, expected.of_server(server))


def test_a_known_board_becomes_too_much(mounts, server):
    """What is known of it is read on."""
    boards = server.generate(boards=2, lists=2, cards=8)
    account = mounts.account(server, expect=TOLD)
    account.wait_complete()
    before = read_tree(account.path)
    server.fault(path=f'/1/boards/{boards[0].id}', depth=10000)
    server.api('PUT', f'/boards/{boards[0].id}', {'desc': 'grown'})
    wait_until(lambda: account.status_line('problems') == '1', 60,
               'status tells')
    assert read_tree(account.path) == before
    assert re.search(r'deep', account.status_line('problem'))


def test_compressed_to_nothing(mounts, server):
    """200 MB that come as a few hundred kilobytes are as much."""
    boards = server.generate(boards=2, lists=2, cards=0)
    server.fault(path=f'/1/boards/{boards[0].id}', size=200 * MIB)
    account = mounts.account(server, expect=TOLD)
    wait_until(lambda: account.status_line('problems') == '1', 60,
               'status tells')
    assert len(os.listdir(account.at(
        contract.name_of(boards[1].data['name'])))) == 2
    check_memory(account)
