"""What is archived: `.archive` of boards and of the account."""

import os

import pytest

from .networks import refused
from .servers import count
from .util import PATIENCE, outcome, read, run, timed, wait_until, write
from .writing import Account, Sent, state

TOLD = ('warning: ', 'notice: ', 'error: ')


@pytest.fixture
def account(mounts, server):
    return filled(Account(mounts, server, settle=1))


def filled(account):
    """An archived card, and an archived list with a card in it."""
    account.api('PUT', f'/cards/{account.ids["B"]}', closed='true')
    account.old = account.api('POST', '/lists', name='Old',
                              idBoard=account.board)['id']
    account.inside = account.api(
        'POST', '/cards', name='Inside', desc='in the old list',
        idList=account.old)['id']
    account.api('PUT', f'/lists/{account.old}', closed='true')
    wait_until(lambda: account.names() == ['A.md', 'C.md']
               and sorted(os.listdir(account.at())) == ['Doing', 'To Do'],
               5, 'the news')
    return account


def card(account, name):
    return account.server.account.cards[account.ids[name]]


def put_back(account, name):
    """The card is open, at the server and here."""
    wait_until(account.drained, 10, 'all is sent')
    assert not card(account, name)['closed']
    assert account.mount.at('.trellofs', 'problems') and read(
        account.mount.at('.trellofs', 'problems')) == b''


# Reading

def test_nothing_is_fetched_before(account):
    routes = [each['target'] for each in account.server.requests]
    assert not any('/closed' in each or 'filter=closed' in each
                   for each in routes)
    assert '.archive' not in os.listdir(account.at())
    assert '.archive' not in os.listdir(account.mount.path)
    found = run('find', account.mount.path).stdout
    assert '.archive' not in found


def test_what_it_shows(account):
    account.server.forget()
    assert sorted(os.listdir(account.at('.archive'))) == ['B.md', 'Old']
    asked = [each['target'] for each in account.server.requests]
    assert sum('/cards/closed' in each for each in asked) == 1
    text = read(account.at('.archive', 'B.md'))
    assert text.startswith(b'---\nurl: https://trello.com/c/')
    assert b'## Checklist: Steps' in text and b'Looks good.' in text
    path = account.at('.archive', 'B.md')
    assert os.stat(path).st_size == len(text)
    assert os.stat(path).st_mode & 0o777 == 0o400
    assert os.getxattr(path, 'user.trello.id').decode() == account.ids['B']
    assert os.listdir(account.at('.archive', 'Old')) == ['Inside.md']
    assert b'in the old list' in read(
        account.at('.archive', 'Old', 'Inside.md'))
    account.server.forget()
    for _ in range(20):
        assert sorted(os.listdir(account.at('.archive'))) == ['B.md', 'Old']
        assert read(path) == text
    assert count(account.server, '/cards/closed') == 0


def test_it_follows(account):
    path = account.at('.archive')
    assert sorted(os.listdir(path)) == ['B.md', 'Old']
    account.api('PUT', f'/cards/{account.ids["C"]}', closed='true')
    wait_until(lambda: sorted(os.listdir(path)) == ['B.md', 'C.md', 'Old'],
               10, 'the archived card')
    account.api('PUT', f'/cards/{account.ids["B"]}', closed='false')
    account.api('PUT', f'/lists/{account.old}', closed='false')
    wait_until(lambda: os.listdir(path) == ['C.md'], 10, 'the restored ones')
    assert not os.path.exists(account.at('.archive', 'B.md'))
    assert os.listdir(account.at('Old')) == ['Inside.md']


def test_same_names(account):
    account.api('PUT', f'/cards/{account.make_card("B")}', closed='true')
    wait_until(lambda: len(os.listdir(account.at('.archive'))) == 3, 10,
               'both')
    names = sorted(os.listdir(account.at('.archive')))
    assert names[1:] == ['B.md', 'Old'] and names[0].startswith('B #')


def test_kept_without_a_network(account):
    account.mount.expect(*TOLD)
    assert sorted(os.listdir(account.at('.archive'))) == ['B.md', 'Old']
    with refused(account.server):
        account.restart()
        assert sorted(os.listdir(account.at('.archive'))) == ['B.md', 'Old']
        assert b'Steps' in read(account.at('.archive', 'B.md'))


def test_never_fetched_and_no_network(account):
    account.mount.expect(*TOLD)
    with refused(account.server):
        found, seconds = timed(
            outcome, os.listdir, account.at('.archive'))
        assert found == 'ENETUNREACH' and seconds < 10 + PATIENCE
    wait_until(lambda: sorted(os.listdir(account.at('.archive')))
               == ['B.md', 'Old'], 10, 'it is fetched')


def test_waiting_is_interrupted(account):
    account.server.fault(path='/cards/closed', latency=20)
    reader = run('timeout', '-s', 'INT', '1', 'ls', account.at('.archive'),
                 check=False, seconds=8)
    assert reader.returncode == 124
    account.server.clear_faults()


# Taking out

def test_card_is_restored(account):
    assert 'B.md' in os.listdir(account.at('.archive'))
    text, sent = read(account.at('.archive', 'B.md')), Sent(account)
    run('mv', account.at('.archive', 'B.md'), account.at('Doing'))
    assert account.names(account.at('Doing')) == ['B.md']
    assert os.listdir(account.at('.archive')) == ['Old']
    assert read(account.at('Doing', 'B.md')).split(b'rev:')[0] == \
        text.split(b'rev:')[0]
    wait_until(sent.writes, 10, 'a request')
    sent.wait_all()
    assert sent.writes() == [('PUT', f'/1/cards/{account.ids["B"]}')]
    assert card(account, 'B')['idList'] == account.lists['Doing']
    put_back(account, 'B')
    assert state(account.at('Doing', 'B.md')) == 'synced'
    path = account.at('Doing', 'B.md')
    run('sed', '-i', 's/old words/new words/', path)
    put_back(account, 'B')
    assert card(account, 'B')['desc'].startswith('new words')
    wait_until(lambda: os.listdir(account.at('.archive')) == ['Old'], 5,
               'it is not there any more')


def test_restored_under_another_name_and_changed_at_once(account):
    os.listdir(account.at('.archive'))
    path = account.at('To Do', 'Back.md')
    os.rename(account.at('.archive', 'B.md'), path)
    run('sed', '-i', 's/old words/new words/', path)
    put_back(account, 'B')
    assert card(account, 'B')['name'] == 'Back'
    assert card(account, 'B')['desc'].startswith('new words')
    assert account.names() == ['A.md', 'Back.md', 'C.md']


def test_list_is_restored(account):
    assert 'Old' in os.listdir(account.at('.archive'))
    sent = Sent(account)
    run('mv', account.at('.archive', 'Old'), account.at())
    assert os.listdir(account.at('Old')) == ['Inside.md']
    assert b'in the old list' in read(account.at('Old', 'Inside.md'))
    assert os.listdir(account.at('.archive')) == ['B.md']
    wait_until(sent.writes, 10, 'a request')
    sent.wait_all()
    assert sent.writes() == [('PUT', f'/1/lists/{account.old}')]
    run('sed', '-i', 's/the old/a new/', account.at('Old', 'Inside.md'))
    wait_until(account.drained, 10, 'all is sent')
    assert account.server.account.cards[account.inside]['desc'] == \
        'in a new list'
    assert os.listdir(account.at()) == ['Doing', 'To Do', 'Old']


def test_card_of_an_archived_list_is_taken_out(account):
    os.listdir(account.at('.archive'))
    run('mv', account.at('.archive', 'Old', 'Inside.md'), account.list)
    wait_until(account.drained, 10, 'all is sent')
    inside = account.server.account.cards[account.inside]
    assert inside['idList'] == account.lists['To Do']
    assert account.names() == ['A.md', 'C.md', 'Inside.md']
    wait_until(lambda: os.listdir(account.at('.archive', 'Old')) == [], 10,
               'it is not there any more')


@pytest.mark.parametrize('drop', ['before', 'after'])
def test_killed_while_it_is_restored(account, drop):
    account.mount.expect(*TOLD)
    os.listdir(account.at('.archive'))
    fault = account.server.fault(method='PUT', path='/1/cards', drop=drop)
    os.rename(account.at('.archive', 'B.md'), account.at('Doing', 'B.md'))
    wait_until(lambda: fault.fired, 20, 'the fault')
    account.mount.kill()
    run('fusermount3', '-u', '-z', account.mount.path, check=False)
    account.server.clear_faults()
    account.remount().expect(*TOLD)
    assert account.names(account.at('Doing')) == ['B.md']
    put_back(account, 'B')
    assert account.names(account.at('Doing')) == ['B.md']
    wait_until(lambda: os.listdir(account.at('.archive')) == ['Old'], 10,
               'it is not there any more')


def test_restored_without_a_network(account):
    account.mount.expect(*TOLD)
    os.listdir(account.at('.archive'))
    with refused(account.server):
        os.rename(account.at('.archive', 'B.md'), account.at('Doing', 'B.md'))
        os.rename(account.at('.archive', 'Old'), account.at('Old'))
        account.restart()
        assert account.names(account.at('Doing')) == ['B.md']
        assert os.listdir(account.at('Old')) == ['Inside.md']
        assert os.listdir(account.at('.archive')) == []
    wait_until(account.drained, 30, 'all is sent', step=0.1)
    assert not card(account, 'B')['closed']
    assert account.names(account.at('Doing')) == ['B.md']
    assert os.listdir(account.at('Old')) == ['Inside.md']


def test_refused(account):
    account.mount.expect(*TOLD)
    os.listdir(account.at('.archive'))
    account.server.fault(method='PUT', status=403, body='Forbidden')
    os.rename(account.at('.archive', 'B.md'), account.at('Doing', 'B.md'))
    os.rename(account.at('.archive', 'Old'), account.at('Old'))
    problems = account.mount.at('.trellofs', 'problems')
    wait_until(lambda: read(problems).count(b'\n') == 2, 10, 'it is told')
    assert account.names(account.at('Doing')) == []
    assert sorted(os.listdir(account.at())) == ['Doing', 'To Do']
    wait_until(lambda: sorted(os.listdir(account.at('.archive')))
               == ['B.md', 'Old'], 10, 'they are archived')
    account.server.clear_faults()
    account.control('retry')
    wait_until(account.drained, 10, 'all is sent')
    wait_until(lambda: account.names(account.at('Doing')) == ['B.md']
               and os.listdir(account.at('Old')) == ['Inside.md'], 10,
               'they are back')
    assert read(problems) == b''


# Putting in

def test_card_is_archived_by_moving_it_there(account):
    assert sorted(os.listdir(account.at('.archive'))) == ['B.md', 'Old']
    text = read(account.at('To Do', 'A.md'))
    run('mv', account.at('To Do', 'A.md'), account.at('.archive'))
    assert account.names() == ['C.md']
    assert sorted(os.listdir(account.at('.archive'))) == [
        'A.md', 'B.md', 'Old']
    assert read(account.at('.archive', 'A.md')).split(b'rev:')[0] == \
        text.split(b'rev:')[0]
    account.wait_kinds('archive', still=0)
    run('mv', account.at('.archive', 'A.md'), account.list)
    assert account.names() == ['A.md', 'C.md']
    account.wait_kinds()
    os.unlink(account.at('To Do', 'A.md'))
    assert 'A.md' in os.listdir(account.at('.archive'))
    wait_until(account.drained, 10, 'all is sent')
    assert card(account, 'A')['closed']
    wait_until(lambda: sorted(os.listdir(account.at('.archive')))
               == ['A.md', 'B.md', 'Old'], 5, 'it stays')


def test_list_is_archived_by_moving_it_there(account):
    run('mv', account.list, account.at('.archive'))
    assert os.listdir(account.at()) == ['Doing']
    wait_until(account.drained, 10, 'all is sent')
    closed = {each['name']: each['closed']
              for each in account.server.state()['lists']}
    assert closed['To Do'] and not card(account, 'A')['closed']
    wait_until(lambda: sorted(os.listdir(account.at('.archive')))
               == ['B.md', 'Old', 'To Do'], 10, 'it is there')
    assert sorted(os.listdir(account.at('.archive', 'To Do'))) == [
        'A.md', 'C.md']
    run('mv', account.at('.archive', 'To Do'), account.at())
    assert account.names() == ['A.md', 'C.md']
    wait_until(account.drained, 10, 'all is sent')
    assert account.names() == ['A.md', 'C.md']


def test_archiving_is_taken_back(account):
    os.listdir(account.at('.archive'))
    os.unlink(account.at('To Do', 'A.md'))
    assert 'A.md' in os.listdir(account.at('.archive'))
    account.wait_kinds('archive', still=0)
    account.control('cancel', account.raw().split()[0] + '\n')
    assert account.names() == ['A.md', 'C.md']
    assert sorted(os.listdir(account.at('.archive'))) == ['B.md', 'Old']


# What cannot be

def test_nothing_is_deleted(account):
    os.listdir(account.at('.archive'))
    path = account.at('.archive', 'B.md')
    assert outcome(os.unlink, path) == 'EPERM'
    assert outcome(os.rmdir, account.at('.archive', 'Old')) == 'EPERM'
    assert outcome(os.rmdir, account.at('.archive')) == 'EPERM'
    assert outcome(write, path, 'x') in ('EACCES', 'EROFS')
    assert outcome(write, account.at('.archive', 'X.md'), 'x') == 'EPERM'
    assert outcome(os.mkdir, account.at('.archive', 'X')) == 'EPERM'
    assert outcome(os.rename, path, account.at('X')) == 'EPERM'
    assert outcome(os.rename, account.at('.archive', 'Old'),
                   account.mount.at('Old')) == 'EPERM'
    assert outcome(os.rename, account.at('.archive'),
                   account.at('X')) == 'EPERM'
    write(account.at('note'), 'local')
    assert outcome(os.rename, account.at('note'),
                   account.at('.archive', 'note')) == 'EPERM'
    assert sorted(os.listdir(account.at('.archive'))) == ['B.md', 'Old']
    assert account.kinds() == []


def test_allow_delete(mounts, server):
    account = filled(Account(mounts, server, settle=1,
                             options='allow_delete'))
    assert 'B.md' in os.listdir(account.at('.archive'))
    os.unlink(account.at('.archive', 'B.md'))
    assert os.listdir(account.at('.archive')) == ['Old']
    wait_until(account.drained, 10, 'all is sent')
    assert account.ids['B'] not in server.account.cards
    assert outcome(os.rmdir, account.at('.archive', 'Old')) == 'EPERM'
    assert os.listdir(account.at('.archive')) == ['Old']


# Boards

def test_closed_boards(account):
    account.mount.expect('are held')
    other = account.api('POST', '/boards', name='Finished',
                        defaultLists='true')['id']
    account.api('PUT', f'/boards/{other}', closed='true')
    path = account.mount.at('.archive')
    wait_until(lambda: os.listdir(path) == ['Finished'], 10, 'it is there')
    assert outcome(os.rmdir, os.path.join(path, 'Finished')) == 'EPERM'
    run('mv', os.path.join(path, 'Finished'), account.mount.path)
    assert os.listdir(path) == []
    wait_until(account.drained, 10, 'all is sent')
    assert not [each for each in account.server.state()['boards']
                if each['id'] == other][0]['closed']
    wait_until(lambda: len(os.listdir(account.mount.at('Finished'))) == 3,
               10, 'its lists')
    run('mv', account.mount.at('Finished'), path)
    assert os.listdir(account.mount.path) == ['Board']
    wait_until(lambda: '(held)' in account.raw(), 5, 'it is held')
    account.control('confirm')
    wait_until(account.drained, 10, 'all is sent')
    wait_until(lambda: os.listdir(path) == ['Finished'], 10, 'it is there')


@pytest.mark.seconds(120)
def test_large_archive(mounts, server):
    """Thousands of archived cards come in pages, when somebody looks."""
    server.limits(token=5000, key=9000)
    server.generate(boards=1, lists=2, cards=3000, card_bytes=100,
                    comments=0.02)
    cards = list(server.account.cards.values())
    for each in cards[:2500]:
        each['closed'] = True
    mount = mounts.account(server)
    mount.wait_complete()
    assert count(server, '/cards/closed') == 0
    board, = os.listdir(mount.path)
    path = mount.at(board, '.archive')
    wait_until(lambda: len(os.listdir(path)) == 2500, 30, 'all of them')
    assert count(server, '/cards/closed') == 3
    assert len(run('grep', '-l', '^url: ', '-r', path,
                   seconds=60).stdout.splitlines()) == 2500
    assert count(server, '/cards/closed') == 3


def test_demo(mount):
    made = mount('--demo', '-o', 'settle=1')
    board = next(name for name in os.listdir(made.path)
                 if os.listdir(made.at(name)))
    folder = next(made.at(board, name) for name in os.listdir(made.at(board))
                  if os.listdir(made.at(board, name)))
    name = next(each for each in os.listdir(folder) if each.endswith('.md'))
    before = os.listdir(made.at(board, '.archive'))
    run('mv', os.path.join(folder, name), made.at(board, '.archive'))
    assert name in os.listdir(made.at(board, '.archive'))
    with open(made.at('.trellofs', 'control', 'sync'), 'w') as file:
        file.write('1\n')
    assert name in os.listdir(made.at(board, '.archive'))
    assert name not in os.listdir(folder)
    run('mv', made.at(board, '.archive', name), folder)
    with open(made.at('.trellofs', 'control', 'sync'), 'w') as file:
        file.write('1\n')
    assert name in os.listdir(folder)
    assert os.listdir(made.at(board, '.archive')) == before
