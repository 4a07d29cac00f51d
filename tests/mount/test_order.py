"""The order of cards and lists: `.order`, and user.trello.pos."""

import os
import random

import pytest

from .networks import refused
from .terminal import missing
from .util import outcome, read, run, wait_until, write
from .writing import Account, Sent, state

TOLD = ('warning: ', 'notice: ', 'error: ')
VIM = ('vim', '-N', '-u', 'NONE', '-i', 'NONE')


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


@pytest.fixture
def sending(mounts, server):
    return Account(mounts, server, settle=1)


def lines(path):
    return read(path).decode().splitlines()


def put(path, names):
    write(path, ''.join(name + '\n' for name in names))


def listed(folder):
    """Its cards or lists in the order of readdir."""
    return [name for name in os.listdir(folder)
            if name[0] != '.' and not name.endswith('.error')]


def at_server(account, name='To Do'):
    """The open cards of a list in Trello's order."""
    cards = [each for each in account.server.account.cards.values()
             if each['idList'] == account.lists[name]
             and not each.get('closed')]
    return [each['name'] + '.md'
            for each in sorted(cards, key=lambda c: (c['pos'], c['id']))]


def lists_at_server(account):
    lists = [each for each in account.server.state()['lists']
             if each['idBoard'] == account.board and not each['closed']]
    return [each['name']
            for each in sorted(lists, key=lambda c: (c['pos'], c['id']))]


def order(account, *names):
    return os.path.join(account.at(*names), '.order')


def wait_order(account, names, *folder):
    """Until the folder has that order, in both ways of asking."""
    folder = folder or ('To Do',)
    wait_until(lambda: listed(account.at(*folder)) == names
               and lines(order(account, *folder)) == names, 5,
               lambda: f'{names}; there is {listed(account.at(*folder))}, '
               f'{lines(order(account, *folder))}')


# Reading

def test_what_it_shows(account):
    path = order(account, 'To Do')
    assert lines(path) == ['A.md', 'B.md', 'C.md']
    assert os.stat(path).st_size == len(read(path))
    assert lines(order(account)) == ['Doing', 'To Do']
    assert read(order(account, 'Doing')) == b''
    assert '.order' not in os.listdir(account.list)
    assert '.order' not in os.listdir(account.at())
    assert state(path) == 'synced'
    assert outcome(os.stat, account.mount.at('.order')) == 'ENOENT'
    number = os.stat(path).st_ino
    account.restart()
    assert os.stat(path).st_ino == number


def test_it_follows(account):
    path = order(account, 'To Do')
    assert lines(path) == ['A.md', 'B.md', 'C.md']
    os.rename(account.at('To Do', 'B.md'), account.at('Doing', 'B.md'))
    assert lines(path) == ['A.md', 'C.md']
    account.api('PUT', f'/cards/{account.ids["C"]}', pos='top')
    wait_until(lambda: lines(path) == ['C.md', 'A.md'], 5, 'the news')
    assert account.names() == ['A.md', 'C.md']


def test_rmdir_does_not_mind_it(account):
    assert read(order(account, 'Doing')) == b''
    os.rmdir(account.at('Doing'))
    assert lines(order(account)) == ['To Do']


# Editing

@pytest.mark.parametrize('how', ['write', 'sed', 'rename', 'append'])
def test_one_line_is_moved(sending, how):
    path, sent = order(sending, 'To Do'), Sent(sending)
    if how == 'write':
        put(path, ['C.md', 'A.md', 'B.md'])
    elif how == 'sed':
        run('sed', '-i', '-e', '1{h;d}', '-e', '${G}', path)
    elif how == 'rename':
        put(path + '.new', ['C.md', 'A.md', 'B.md'])
        os.rename(path + '.new', path)
    else:
        run('sh', '-c', 'head -n 2 "$0" >"$0.x"; tail -n 1 "$0" >"$0.y"; '
            'cat "$0.y" >"$0"; cat "$0.x" >>"$0"; rm "$0.x" "$0.y"', path)
    wanted = ['B.md', 'C.md', 'A.md'] if how == 'sed' else [
        'C.md', 'A.md', 'B.md']
    wait_order(sending, wanted)
    wait_until(sent.writes, 10, 'a request')
    sent.wait_all()
    moved = sending.ids['A' if how == 'sed' else 'C']
    assert sent.writes() == [('PUT', f'/1/cards/{moved}')]
    assert at_server(sending) == wanted
    assert not os.path.exists(path + '.error')
    assert state(path) == 'synced'
    assert set(sending.names()) == {'A.md', 'B.md', 'C.md'}
    sent.check_nothing_else()


@pytest.mark.parametrize('setting', ['backupcopy=yes', 'backupcopy=no',
                                     'nowritebackup'])
def test_vim(sending, terminal, setting):
    if missing('vim') or missing('tmux'):
        pytest.skip('vim and tmux are not installed')
    path, sent = order(sending, 'To Do'), Sent(sending)
    shown = terminal(*VIM, '-c', 'set ' + setting, path)
    shown.wait_for('C.md')
    shown.keys(('ddp',), (':w',), 'Enter')
    wait_order(sending, ['B.md', 'A.md', 'C.md'])
    shown.keys(('Gddgg',), ('P',), (':wq',), 'Enter')
    assert shown.wait() == 0, shown.screen()
    wait_order(sending, ['C.md', 'B.md', 'A.md'])
    wait_until(lambda: at_server(sending) == ['C.md', 'B.md', 'A.md'], 10,
               'it is sent')
    sent.wait_all()
    assert {method for method, _ in sent.writes()} == {'PUT'}
    sent.check_nothing_else()


def test_undone_before_it_is_sent(account):
    path = order(account, 'To Do')
    put(path, ['C.md', 'A.md', 'B.md'])
    account.wait_kinds('move', still=0)
    put(path, ['A.md', 'B.md', 'C.md'])
    account.wait_kinds()
    assert listed(account.list) == ['A.md', 'B.md', 'C.md']


def test_lists(sending):
    os.mkdir(sending.at('Done'))
    wait_until(sending.drained, 10, 'the list is made')
    path, sent = order(sending), Sent(sending)
    assert lines(path) == ['Doing', 'To Do', 'Done']
    put(path, ['Done', 'Doing', 'To Do'])
    wait_order(sending, ['Done', 'Doing', 'To Do'], '.')
    wait_until(sent.writes, 10, 'a request')
    sent.wait_all()
    assert len(sent.writes()) == 1
    assert lists_at_server(sending) == ['Done', 'Doing', 'To Do']
    put(path, ['Done', 'Doing'])
    wait_until(lambda: os.path.exists(path + '.error'), 5, 'it is told')
    assert '"To Do"' in read(path + '.error').decode().splitlines()[0]
    assert lists_at_server(sending) == ['Done', 'Doing', 'To Do']
    os.unlink(path + '.error')
    assert lines(path) == ['Done', 'Doing', 'To Do']


def test_line_from_another_list_is_a_move(sending):
    there, here = order(sending, 'Doing'), order(sending, 'To Do')
    sent = Sent(sending)
    number = os.stat(sending.at('To Do', 'B.md')).st_ino
    put(there, ['B.md'])
    wait_order(sending, ['B.md'], 'Doing')
    assert os.stat(sending.at('Doing', 'B.md')).st_ino == number
    assert lines(here) == ['A.md', 'C.md']
    wait_until(sent.writes, 10, 'a request')
    sent.wait_all()
    assert sent.writes() == [('PUT', f'/1/cards/{sending.ids["B"]}')]
    assert at_server(sending, 'Doing') == ['B.md']
    sent.check_nothing_else()


def test_cut_there_and_put_here(sending):
    """The line is missing in one order until the other one has it."""
    there, here = order(sending, 'Doing'), order(sending, 'To Do')
    put(here, ['C.md', 'A.md'])
    wait_until(lambda: os.path.exists(here + '.error'), 5, 'it is told')
    assert state(here) == 'draft' and lines(here) == ['C.md', 'A.md']
    put(there, ['B.md'])
    wait_order(sending, ['B.md'], 'Doing')
    wait_order(sending, ['C.md', 'A.md'])
    assert not os.path.exists(here + '.error')
    wait_until(sending.drained, 10, 'all is sent')
    assert at_server(sending) == ['C.md', 'A.md']
    assert at_server(sending, 'Doing') == ['B.md']


def test_name_that_two_lists_have(account):
    with open(account.at('Doing', 'A.md'), 'w', encoding='ascii') as file:
        file.write('another\n')
    os.mkdir(account.at('Done'))
    path = order(account, 'Done')
    put(path, ['A.md'])
    wait_until(lambda: os.path.exists(path + '.error'), 5, 'it is told')
    told = read(path + '.error').decode().splitlines()
    assert told[0] == 'line 1: more than one list has a card "A.md"'
    assert told[2].startswith(
        'write its list before it: Doing/A.md or To Do/A.md')
    put(path, ['Doing/A.md'])
    wait_order(account, ['A.md'], 'Done')
    assert b'another' in read(account.at('Done', 'A.md'))
    assert not os.path.exists(path + '.error')


# What is wrong is told

@pytest.mark.parametrize('names, what, why', [
    (['A.md', 'B.md'], 'a line is missing: "C.md"', 'every card'),
    (['A.md', 'B.md', 'C.md', 'D.md'], 'line 4: there is no card "D.md"',
     'each line'),
    (['A.md', 'B.md', 'A.md', 'C.md'], 'line 3: "A.md" stands here twice',
     'line 1'),
])
def test_wrong_lines(account, names, what, why):
    path = order(account, 'To Do')
    put(path, names)
    wait_until(lambda: os.path.exists(path + '.error'), 5, 'it is told')
    told = read(path + '.error').decode().splitlines()
    assert told[0] == what and why in told[1] and 'remove this' in told[2]
    assert told[4:] == names
    assert '.order.error' in os.listdir(account.list)
    assert lines(path) == names and state(path) == 'draft'
    assert what in os.getxattr(path, 'user.trello.error').decode()
    assert what.encode() in read(account.mount.at('.trellofs', 'problems'))
    assert account.kinds() == []
    os.unlink(path + '.error')
    assert lines(path) == ['A.md', 'B.md', 'C.md']
    assert not os.path.exists(path + '.error')
    assert read(account.mount.at('.trellofs', 'problems')) == b''


def test_good_text_ends_it(account):
    path = order(account, 'To Do')
    put(path, ['A.md', 'B.md'])
    wait_until(lambda: os.path.exists(path + '.error'), 5, 'it is told')
    put(path, ['A.md', 'C.md', 'B.md'])
    wait_order(account, ['A.md', 'C.md', 'B.md'])
    assert not os.path.exists(path + '.error')


def test_wrong_text_at_fsync_and_rename(account):
    path = order(account, 'To Do')
    with open(path, 'r+b') as file:
        file.truncate()
        file.write(b'A.md\nX.md\n')
        file.flush()
        assert outcome(os.fsync, file.fileno()) == 'EINVAL'
        assert os.path.exists(path + '.error')
    os.unlink(path + '.error')
    put(path + '.new', ['A.md'])
    assert outcome(os.rename, path + '.new', path) == 'EINVAL'
    assert lines(path) == ['A.md', 'B.md', 'C.md']
    assert os.path.exists(path + '.error')
    assert lines(path + '.new') == ['A.md']
    os.unlink(path + '.new')
    assert account.kinds() == []


def test_wrong_order_of_a_list_that_goes(account):
    account.mount.expect(*TOLD)
    path = order(account, 'Doing')
    put(path, ['no such.md'])
    wait_until(lambda: os.path.exists(path + '.error'), 5, 'it is told')
    account.api('PUT', f'/lists/{account.lists["Doing"]}', closed='true')
    wait_until(lambda: listed(account.at()) == ['To Do'], 5, 'the news')
    assert read(account.mount.at('.trellofs', 'problems')) == b''
    account.control('sync')


def test_places_where_it_does_not_belong(account):
    path = order(account, 'To Do')
    assert outcome(os.rename, path, account.at('To Do', 'D.md')) == 'EPERM'
    assert outcome(os.rename, path, order(account, 'Doing')) == 'EPERM'
    assert outcome(os.rename, account.card().path, path) == 'EPERM'
    assert outcome(os.mkdir, order(account, 'Doing')) in ('EEXIST', 'EPERM')
    os.unlink(path)
    assert lines(path) == ['A.md', 'B.md', 'C.md']
    os.rename(path, path + '~')
    assert lines(path + '~') == lines(path)
    wait_until(lambda: state(path + '~') == 'local', 5, 'a file of its own')
    assert account.kinds() == []


def test_read_only(mounts, server):
    account = Account(mounts, server, options='ro')
    path = order(account, 'To Do')
    assert lines(path) == ['A.md', 'B.md', 'C.md']
    assert os.stat(path).st_mode & 0o222 == 0
    assert outcome(write, path, 'C.md\n') in ('EROFS', 'EACCES')
    assert outcome(os.setxattr, account.at('To Do', 'A.md'),
                   'user.trello.pos', b'top') == 'EROFS'


# Both sides

def test_somebody_else_reorders_meanwhile(sending):
    """Who has the old order open moves one line, and only that."""
    path = order(sending, 'To Do')
    for name in 'DEF':
        sending.make_card(name)
    wait_until(lambda: len(lines(path)) == 6, 5, 'the news')
    seen = lines(path)
    sending.api('PUT', f'/cards/{sending.ids["A"]}', pos='bottom')
    wait_until(lambda: lines(path)[-1] == 'A.md', 5, 'the news')
    sent = Sent(sending)
    seen.remove('E.md')
    seen.insert(0, 'E.md')
    put(path, seen)
    wanted = ['E.md', 'B.md', 'C.md', 'D.md', 'F.md', 'A.md']
    wait_order(sending, wanted)
    wait_until(sent.writes, 10, 'a request')
    sent.wait_all()
    assert len(sent.writes()) == 1
    assert at_server(sending) == wanted


def test_card_that_came_meanwhile_is_not_missing(sending):
    path = order(sending, 'To Do')
    seen = lines(path)
    sending.make_card('New')
    wait_until(lambda: 'New.md' in lines(path), 5, 'the news')
    put(path, seen[::-1])
    wait_order(sending, ['C.md', 'B.md', 'A.md', 'New.md'])
    assert not os.path.exists(path + '.error')


def test_card_that_went_meanwhile_is_not_unknown(sending):
    path = order(sending, 'To Do')
    seen = lines(path)
    sending.api('PUT', f'/cards/{sending.ids["B"]}', closed='true')
    wait_until(lambda: 'B.md' not in lines(path), 5, 'the news')
    put(path, seen[::-1])
    wait_order(sending, ['C.md', 'A.md'])
    wait_until(sending.drained, 10, 'it is sent')
    assert at_server(sending) == ['C.md', 'A.md']


def test_list_that_others_rename_meanwhile(account):
    """A place that waits does not keep the new name away."""
    path = order(account)
    put(path, ['To Do', 'Doing'])
    account.wait_kinds('place-list', still=0)
    account.api('PUT', f'/lists/{account.lists["To Do"]}', name='Soon')
    account.api('PUT', f'/lists/{account.lists["Doing"]}', name='Now')
    wait_until(lambda: lines(path) == ['Soon', 'Now'], 5, 'the news')
    assert account.names(account.at('Soon')) == ['A.md', 'B.md', 'C.md']
    account.control('sync')
    assert lists_at_server(account) == ['Soon', 'Now']
    assert listed(account.at()) == ['Soon', 'Now']


def test_list_that_both_rename(account):
    """It does not go away, and the later name counts."""
    os.rename(account.list, account.at('Mine'))
    account.api('PUT', f'/lists/{account.lists["To Do"]}', name='Theirs')
    account.make_card('D')
    wait_until(lambda: 'D.md' in os.listdir(account.at('Mine')), 5,
               'the news')
    account.control('sync')
    assert lists_at_server(account) == ['Doing', 'Mine']
    assert sorted(listed(account.at())) == ['Doing', 'Mine']


# What else may happen

@pytest.mark.parametrize('drop', ['before', 'after'])
def test_killed_while_it_is_sent(sending, drop):
    sending.mount.expect(*TOLD)
    fault = sending.server.fault(method='PUT', path='/1/cards', drop=drop)
    put(order(sending, 'To Do'), ['C.md', 'B.md', 'A.md'])
    wait_until(lambda: fault.fired, 20, 'the fault')
    sending.mount.kill()
    run('fusermount3', '-u', '-z', sending.mount.path, check=False)
    sending.server.clear_faults()
    sending.remount().expect(*TOLD)
    wait_order(sending, ['C.md', 'B.md', 'A.md'])
    wait_until(sending.drained, 20, 'all is sent', step=0.1)
    assert at_server(sending) == ['C.md', 'B.md', 'A.md']
    wait_order(sending, ['C.md', 'B.md', 'A.md'])


def test_killed_before_it_was_closed(sending):
    """A text that is complete is taken at the next start."""
    sending.mount.expect(*TOLD)
    path = order(sending, 'To Do')
    with open(path, 'r+b', buffering=0) as file:
        file.write(b'C.md\nB.md\nA.md\n')
        assert lines(path) == ['C.md', 'B.md', 'A.md']
        sending.mount.kill()
    run('fusermount3', '-u', '-z', sending.mount.path, check=False)
    sending.remount().expect(*TOLD)
    wait_order(sending, ['C.md', 'B.md', 'A.md'])
    wait_until(sending.drained, 20, 'all is sent', step=0.1)
    assert at_server(sending) == ['C.md', 'B.md', 'A.md']


def test_without_a_network(sending):
    sending.mount.expect(*TOLD)
    with refused(sending.server):
        put(order(sending, 'To Do'), ['C.md', 'A.md', 'B.md'])
        put(order(sending), ['To Do', 'Doing'])
        wait_order(sending, ['C.md', 'A.md', 'B.md'])
        wait_order(sending, ['To Do', 'Doing'], '.')
        sending.restart()
        wait_order(sending, ['C.md', 'A.md', 'B.md'])
    wait_until(sending.drained, 30, 'all is sent', step=0.1)
    assert at_server(sending) == ['C.md', 'A.md', 'B.md']
    assert lists_at_server(sending) == ['To Do', 'Doing']


def test_refused(sending):
    """What Trello does not take is told, and is as it was."""
    sending.mount.expect(*TOLD)
    sending.server.fault(method='PUT', path='/1/cards', status=403,
                         body='Forbidden')
    put(order(sending, 'To Do'), ['C.md', 'A.md', 'B.md'])
    error = sending.at('To Do', 'C.md.error')
    wait_until(lambda: os.path.exists(error), 10, 'it is told')
    wait_order(sending, ['A.md', 'B.md', 'C.md'])
    sending.server.clear_faults()
    sending.server.fault(method='PUT', path='/1/lists', status=403,
                         body='Forbidden')
    put(order(sending), ['To Do', 'Doing'])
    problems = sending.mount.at('.trellofs', 'problems')
    wait_until(lambda: b'the place of the list' in read(problems), 10,
               'it is told')
    wait_order(sending, ['Doing', 'To Do'], '.')
    sending.server.clear_faults()
    sending.control('retry')
    wait_until(sending.drained, 10, 'all is sent')
    wait_order(sending, ['C.md', 'A.md', 'B.md'])
    wait_order(sending, ['To Do', 'Doing'], '.')
    assert read(problems) == b'' and not os.path.exists(error)


def test_sync_option(mounts, server):
    account = Account(mounts, server, settle=1, options='sync')
    with open(order(account, 'To Do'), 'r+b', buffering=0) as file:
        file.write(b'C.md\nA.md\nB.md\n')
        os.fsync(file.fileno())
        assert at_server(account) == ['C.md', 'A.md', 'B.md']
    os.setxattr(account.at('To Do', 'C.md'), 'user.trello.pos', b'bottom')
    assert at_server(account) == ['A.md', 'B.md', 'C.md']


# Many

def many(mounts, server, count, settle=1):
    server.limits(token=5000, key=9000)
    account = Account(mounts, server, settle=settle)
    for number in range(count - 3):
        account.api('POST', '/cards', name=f'{number:03}',
                    idList=account.lists['To Do'])
    path = order(account, 'To Do')
    wait_until(lambda: len(lines(path)) == count, 20, 'the cards')
    return account, path


def test_one_of_many(mounts, server):
    account, path = many(mounts, server, 500)
    sent, names = Sent(account), lines(path)
    names.insert(3, names.pop(400))
    put(path, names)
    wait_order(account, names)
    wait_until(sent.writes, 10, 'a request')
    sent.wait_all()
    assert len(sent.writes()) == 1
    assert at_server(account) == names


@pytest.mark.seconds(180)
def test_all_of_many(mounts, server):
    account, path = many(mounts, server, 500)
    sent, names = Sent(account), lines(path)
    random.Random(7).shuffle(names)
    put(path, names)
    wait_until(lambda: lines(path) == names
               and listed(account.list) == names, 30, 'the order')
    wait_until(lambda: account.raw() == '', 90, 'all is sent', step=0.2)
    assert 400 < len(sent.writes()) <= 499
    assert at_server(account) == names
    assert listed(account.list) == names


# The attribute

def test_attribute(sending):
    path, sent = sending.at('To Do', 'C.md'), Sent(sending)
    os.setxattr(path, 'user.trello.pos', b'top')
    wait_order(sending, ['C.md', 'A.md', 'B.md'])
    os.setxattr(path, 'user.trello.pos', b'top')
    wait_until(sent.writes, 10, 'a request')
    sent.wait_all()
    assert len(sent.writes()) == 1
    assert at_server(sending) == ['C.md', 'A.md', 'B.md']
    pos = float(os.getxattr(sending.at('To Do', 'B.md'), 'user.trello.pos'))
    os.setxattr(path, 'user.trello.pos', b'%r' % (pos - 0.5))
    wait_order(sending, ['A.md', 'C.md', 'B.md'])
    assert float(os.getxattr(path, 'user.trello.pos')) == pos - 0.5
    os.setxattr(sending.at('To Do'), 'user.trello.pos', b'top')
    wait_order(sending, ['To Do', 'Doing'], '.')
    wait_until(sending.drained, 10, 'all is sent')
    assert at_server(sending) == ['A.md', 'C.md', 'B.md']
    assert lists_at_server(sending) == ['To Do', 'Doing']


@pytest.mark.parametrize('value', [b'', b'first', b'0', b'-5', b'nan',
                                   b'inf', b'12 ', b'1' * 100])
def test_wrong_values(account, value):
    path = account.at('To Do', 'C.md')
    assert outcome(os.setxattr, path, 'user.trello.pos', value) == 'EINVAL'
    assert account.kinds() == []


def test_other_attributes_are_not_for_writing(account):
    path = account.at('To Do', 'C.md')
    assert outcome(os.setxattr, path, 'user.trello.id', b'x') == 'EPERM'
    assert outcome(os.setxattr, account.at(), 'user.trello.pos',
                   b'top') == 'EPERM'
    assert outcome(os.removexattr, path, 'user.trello.pos') == 'EPERM'


def test_demo(mount):
    made = mount('--demo', '-o', 'settle=1')
    board = sorted(listed(made.path))[0]
    path = made.at(board, '.order')
    names = lines(path)
    assert names == listed(made.at(board)) and len(names) > 1
    put(path, names[::-1])
    wait_until(lambda: listed(made.at(board)) == names[::-1], 5, 'the order')
    wait_until(lambda: read(made.at('.trellofs', 'pending')) == b'', 10,
               'it is taken')
    assert lines(path) == names[::-1]
