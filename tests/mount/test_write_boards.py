"""Lists and boards that are made, renamed, moved and removed."""

import os
import time

import pytest

from .networks import refused
from .terminal import missing
from .util import SLOW, outcome, read, run, wait_until, write
from .writing import Account, state

TOLD = ('warning: ', 'notice: ', 'error: ')
VIM = ('vim', '-N', '-u', 'NONE', '-i', 'NONE', '-n')


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


def at(account, name):
    return os.path.join(account.list, name)


def test_list_is_made_renamed_and_removed(account):
    os.mkdir(account.at('New'))
    account.wait_kinds('create-list')
    assert sorted(os.listdir(account.at())) == ['Doing', 'New', 'To Do']
    write(account.at('New', 'Card.md'), 'x\n')
    account.wait_kinds('create-list', 'create', 'desc')
    assert outcome(os.rmdir, account.at('New')) == 'ENOTEMPTY'
    os.unlink(account.at('New', 'Card.md'))
    os.rename(account.at('New'), account.at('Newer'))
    os.rmdir(account.at('Newer'))
    account.wait_kinds()


def test_list_is_renamed(account):
    account.mount.expect(*TOLD)
    number = os.stat(account.list).st_ino
    with refused(account.server):
        os.rename(account.list, account.at('Soon'))
        account.wait_kinds('rename-list')
        assert os.stat(account.at('Soon')).st_ino == number
        assert sorted(os.listdir(account.at('Soon'))) == [
            'A.md', 'B.md', 'C.md']
        path = account.at('Soon', 'A.md')
        run('sed', '-i', 's/old words/new words/', path)
        account.wait_kinds('rename-list', 'desc')


def test_list_in_a_board_that_was_just_made(account):
    os.mkdir(account.mount.at('Other'))
    os.mkdir(account.mount.at('Other', 'List'))
    write(account.mount.at('Other', 'List', 'Card.md'), 'text\n')
    account.wait_kinds('create-board', 'create-list', 'create', 'desc')
    path = account.mount.at('Other', 'List', 'Card.md')
    assert b'\ntext\n' in read(path) and state(path) == 'pending'
    assert state(account.mount.at('Other', 'List')) == 'pending'


def make_all(account):
    """A board, a list in it, and cards in that: the path of the list."""
    os.mkdir(account.mount.at('Other'))
    path = account.mount.at('Other', 'List')
    os.mkdir(path)
    write(os.path.join(path, 'One.md'), 'words\n')
    write(os.path.join(path, 'Two.md'), '---\ndone: true\n---\n'
          '## Checklist: Steps\n\n- [x] a\n- [ ] b\n')
    return path


def check_all(account):
    """Everything that make_all() made is at Trello, once."""
    found = account.server.state()
    board, = [each for each in found['boards'] if each['name'] == 'Other']
    lists = [each for each in found['lists']
             if each['idBoard'] == board['id'] and not each['closed']]
    assert [each['name'] for each in lists] == ['List']
    cards = {each['name']: each for each in found['cards']
             if each['idList'] == lists[0]['id']}
    assert len(cards) == 2 == sum(
        each['idBoard'] == board['id'] for each in found['cards'])
    assert cards['One']['desc'] == 'words'
    assert not cards['One'].get('dueComplete')
    assert not cards['Two'].get('desc') and cards['Two']['dueComplete']
    checklists = [each for each in found['checklists']
                  if each['idBoard'] == board['id']]
    assert [(each['name'], each['idCard']) for each in checklists] == [
        ('Steps', cards['Two']['id'])]
    return board, lists[0], cards


def ids(path):
    """The ids of the board, the list and its first card."""
    return [os.getxattr(each, 'user.trello.id').decode() for each in (
        os.path.dirname(path), path, os.path.join(path, 'One.md'))]


def test_new_board_with_all_in_it_is_sent(account):
    """What they are to Trello changes while they are used."""
    path = make_all(account)
    account.wait_settled()
    numbers = [os.stat(os.path.join(path, name)).st_ino
               for name in ('..', '.', 'One.md', 'Two.md')]
    with open(os.path.join(path, 'One.md'), 'r+b', buffering=0) as file:
        assert b'\nwords\n' in file.read()
        assert all('own' in each for each in ids(path))
        account.control('sync')
        board, made, cards = check_all(account)
        assert ids(path) == [board['id'], made['id'], cards['One']['id']]
        assert numbers == [os.stat(os.path.join(path, name)).st_ino
                           for name in ('..', '.', 'One.md', 'Two.md')]
        file.seek(0)
        text = file.read()
        assert b'/c/' + cards['One']['shortLink'].encode() in text
        file.seek(0)
        file.write(text.replace(b'words', b'WORDS'))
    wait_until(account.drained, 10, 'all is sent')
    assert account.api('GET', f'/cards/{cards["One"]["id"]}')[
        'desc'] == 'WORDS'
    assert account.names(path) == ['One.md', 'Two.md']
    assert sorted(os.listdir(account.mount.path)) == ['Board', 'Other']


def test_editor_is_open_while_its_board_is_made(account, terminal):
    if missing('vim') or missing('tmux'):
        pytest.skip('vim and tmux are not installed')
    path = os.path.join(make_all(account), 'One.md')
    account.wait_settled()
    shown = terminal(*VIM, path)
    shown.wait_for('words')
    shown.keys('/', ('words',), 'Enter', 'c', 'c', ('first',), 'Escape')
    account.control('sync')
    shown.keys((':w',), 'Enter')
    wait_until(lambda: b'\nfirst\n' in read(path), 5,
               lambda: f'the save; there is {shown.screen()}')
    account.control('sync')
    shown.keys('c', 'c', ('second',), 'Escape', (':wq',), 'Enter')
    assert shown.wait() == 0, shown.screen()
    wait_until(account.drained, 10, 'all is sent')
    descs = [each['desc'] for each in account.server.state()['cards']
             if each['name'] == 'One']
    assert descs == ['second']
    assert account.names(os.path.dirname(path)) == ['One.md', 'Two.md']


@pytest.mark.parametrize('drop', ['before', 'after'])
@pytest.mark.parametrize('route', ['/1/boards', '/1/lists', '/1/cards',
                                   '/1/checklists'])
def test_killed_while_a_new_board_is_sent(account, route, drop):
    """All answers are lost from one point on; then the program dies."""
    account.mount.expect(*TOLD)
    path = make_all(account)
    account.wait_settled()
    fault = account.server.fault(method='POST', path=route, drop=drop)
    outcome(account.control, 'sync')
    wait_until(lambda: fault.fired, 20, 'the fault')
    account.mount.kill()
    run('fusermount3', '-u', '-z', account.mount.path, check=False)
    account.server.clear_faults()
    account.remount().expect(*TOLD)
    path = account.mount.at('Other', 'List')
    assert sorted(os.listdir(path)) == ['One.md', 'Two.md']
    assert b'\nwords\n' in read(os.path.join(path, 'One.md'))
    wait_until(account.drained, 30, 'all is sent', step=0.1)
    board, made, cards = check_all(account)
    assert ids(path) == [board['id'], made['id'], cards['One']['id']]


def test_new_board_without_a_network(account):
    account.mount.expect(*TOLD)
    with refused(account.server):
        path = make_all(account)
        account.wait_settled()
        assert outcome(account.control, 'sync') == 'ENETUNREACH'
        os.rename(path, account.mount.at('Other', 'Renamed'))
        os.rename(account.mount.at('Other', 'Renamed'), path)
        assert b'\nwords\n' in read(os.path.join(path, 'One.md'))
        assert sorted(os.listdir(path)) == ['One.md', 'Two.md']
    wait_until(account.drained, 30, 'all is sent', step=0.1)
    board, made, cards = check_all(account)
    assert ids(path) == [board['id'], made['id'], cards['One']['id']]


def test_new_board_and_another_time_zone(account):
    """Texts are made anew at the next start, also of what is not sent."""
    account.mount.expect(*TOLD)
    with refused(account.server):
        path = make_all(account)
        write(os.path.join(path, 'One.md'),
              '---\ndue: 2030-01-02T12:00Z\n---\nwords\n')
        account.wait_settled()
        assert b'due: 2030-01-02T12:00+00:00' in read(
            os.path.join(path, 'One.md'))
        account.mount.unmount()
        account.remount(TZ='Asia/Tokyo').expect(*TOLD)
        path = account.mount.at('Other', 'List')
        wait_until(lambda: b'due: 2030-01-02T21:00+09:00' in read(
            os.path.join(path, 'One.md')), 10, 'the text')
    wait_until(account.drained, 30, 'all is sent', step=0.1)
    check_all(account)


def test_list_moves_to_another_board(account):
    account.mount.expect(*TOLD)
    with refused(account.server):
        os.mkdir(account.mount.at('Other'))
        number = os.stat(account.list).st_ino
        os.rename(account.list, account.mount.at('Other', 'To Do'))
        wait_until(lambda: 'move-list' in account.kinds(), 5,
                   'it is journalled')
        path = account.mount.at('Other', 'To Do')
        assert os.stat(path).st_ino == number
        assert sorted(os.listdir(path)) == ['A.md', 'B.md', 'C.md']
        assert os.listdir(account.at()) == ['Doing']


def test_wrong_places(account):
    assert outcome(os.rename, account.list, account.mount.at('X')) == 'EPERM'
    os.mkdir(account.mount.at('Other'))
    assert outcome(os.rename, account.mount.at('Other'),
                   account.at('Other')) == 'EPERM'
    os.mkdir(at(account, 'local'))
    assert outcome(os.rename, at(account, 'local'),
                   account.at('local')) == 'EPERM'
    assert outcome(os.rename, account.list, account.at('Doing')) in (
        'ENOTEMPTY', 'EEXIST')
    assert outcome(os.rename, account.list, account.at('.hidden')) == 'EPERM'
    assert outcome(os.rename, account.card().path,
                   account.at('A.md')) == 'ok'
    wait_until(lambda: state(account.at('A.md')) == 'local', 2,
               'it is local')


def test_rmdir(account):
    assert outcome(os.rmdir, account.list) == 'ENOTEMPTY'
    assert outcome(os.rmdir, account.at()) == 'ENOTEMPTY'
    os.rmdir(account.at('Doing'))
    account.wait_kinds('archive-list')
    assert os.listdir(account.at()) == ['To Do']
    os.mkdir(account.at('Doing'))
    time.sleep(0.3 * SLOW)
    assert sorted(os.listdir(account.at())) == ['Doing', 'To Do']


def test_remove_all_of_a_list(account):
    run('rm', '-rf', account.list)
    assert os.listdir(account.at()) == ['Doing']
    time.sleep(0.3 * SLOW)
    assert set(account.kinds()) <= {'archive', 'archive-list'}
