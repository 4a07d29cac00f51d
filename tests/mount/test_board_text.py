"""A board's description, labels and members: `.board.md`."""

import os

import pytest

from .networks import refused
from .terminal import missing
from .util import outcome, read, run, wait_until, write
from .writing import Account, Sent, state

TOLD = ('warning: ', 'notice: ', 'error: ')
VIM = ('vim', '-N', '-u', 'NONE', '-i', 'NONE')


@pytest.fixture
def account(mounts, server):
    return described(Account(mounts, server, settle=1))


def described(account):
    account.api('PUT', f'/boards/{account.board}', desc='About it.\nMore.')
    wait_until(lambda: b'About it.' in read(account.at('.board.md')), 5,
               'the news')
    return account


def path_of(account):
    return account.at('.board.md')


def labels(account):
    """{name: colour} at the server, of those that have a name."""
    return {each['name']: each['color']
            for each in account.server.state()['labels']
            if each['idBoard'] == account.board and each['name']}


def desc(account):
    return [each['desc'] for each in account.server.state()['boards']
            if each['id'] == account.board][0]


def edit(account, *pairs):
    text = read(path_of(account))
    for old, new in pairs:
        assert text.count(old.encode()) == 1, old
        text = text.replace(old.encode(), new.encode())
    write(path_of(account), text)


def settled(account):
    wait_until(account.drained, 15, lambda: f'all is sent: {account.raw()}')
    assert not os.path.exists(path_of(account) + '.error')
    assert read(account.mount.at('.trellofs', 'problems')) == b''
    assert state(path_of(account)) == 'synced'


def test_what_it_shows(account):
    text = read(path_of(account)).decode()
    assert text.startswith('---\nurl: https://trello.com/b/')
    assert '\nlabels:\n' in text and '\nmembers: [' in text
    assert '\n- bug (red)\n- later (green)\n' in text
    assert '\n- (green)\n' in text
    assert text.endswith(']\n---\nAbout it.\nMore.\n')
    assert os.stat(path_of(account)).st_size == len(text)
    assert '.board.md' not in os.listdir(account.at())
    account.api('POST', f'/boards/{account.board}/labels', name='new',
                color='sky')
    wait_until(lambda: b'- new (sky)' in read(path_of(account)), 5,
               'the news')


def test_description(account):
    sent = Sent(account)
    edit(account, ('More.', 'Much more.'))
    wait_until(sent.writes, 10, 'a request')
    sent.wait_all()
    assert sent.writes() == [('PUT', f'/1/boards/{account.board}')]
    assert desc(account) == 'About it.\nMuch more.'
    settled(account)


def test_labels(account):
    os.chmod(account.card().path, 0o600)
    run('sed', '-i', 's/^rev: .*/&\\nlabels: [bug]/', account.card().path)
    settled(account)
    sent = Sent(account)
    edit(account, ('- bug (red)', '- defect (red)'),
         ('- later (green)', '- later (lime_dark)\n- fresh (pink)\n- bare'))
    wait_until(lambda: labels(account) == {
        'defect': 'red', 'later': 'lime_dark', 'fresh': 'pink',
        'bare': None}, 10, lambda: labels(account))
    settled(account)
    assert sorted(method for method, _ in sent.writes()) == [
        'POST', 'POST', 'PUT', 'PUT']
    wait_until(lambda: b'labels: [defect]' in account.card().read(), 5,
               'the card has the new name')
    assert b'- bare (none)\n' in read(path_of(account))
    run('sed', '-i', 's/^labels: .*/labels: [defect, fresh]/',
        account.card().path)
    settled(account)
    assert len(account.server.account.cards[account.ids['A']][
        'idLabels']) == 2


def test_removal_needs_leave(account):
    edit(account, ('- bug (red)\n', ''))
    wait_until(lambda: b'- bug (red)' in read(path_of(account)), 5,
               'it comes back')
    settled(account)
    assert labels(account) == {'bug': 'red', 'later': 'green'}


def test_removal_with_leave(mounts, server):
    account = described(Account(mounts, server, settle=1,
                                options='allow_delete'))
    edit(account, ('- bug (red)\n', ''))
    wait_until(lambda: labels(account) == {'later': 'green'}, 10, 'it goes')
    settled(account)
    assert b'bug' not in read(path_of(account))


@pytest.mark.parametrize('setting', ['backupcopy=yes', 'backupcopy=no'])
def test_vim(account, terminal, setting):
    if missing('vim') or missing('tmux'):
        pytest.skip('vim and tmux are not installed')
    sent = Sent(account)
    shown = terminal(*VIM, '-c', 'set ' + setting, path_of(account))
    shown.wait_for('More.')
    shown.keys(('Gone',), 'Escape')
    shown.keys(('Olast words',), 'Escape', (':w',), 'Enter')
    wait_until(sent.writes, 10, 'a request')
    shown.keys((':q',), 'Enter')
    assert shown.wait() == 0, shown.screen()
    settled(account)
    assert 'last words' in desc(account)
    assert sent.writes() == [('PUT', f'/1/boards/{account.board}')]
    assert os.listdir(account.at()) == ['Doing', 'To Do']


@pytest.mark.parametrize('old, new, what', [
    ('- bug (red)', '- bug (redd)', ': colour "redd"'),
    ('labels:', 'lables:', 'line 4: unknown key "lables"'),
    ('members: [', 'members: [somebody, ', 'members: is not what it was'),
])
def test_wrong_texts(account, old, new, what):
    edit(account, (old, new))
    error = path_of(account) + '.error'
    wait_until(lambda: os.path.exists(error), 5, 'it is told')
    told = read(error).decode().splitlines()
    assert what in told[0] and told[1] and told[2]
    assert state(path_of(account)) == 'draft'
    assert new in read(path_of(account)).decode()
    os.unlink(error)
    assert new not in read(path_of(account)).decode()
    settled(account)


def test_both_change_the_description(account):
    text = read(path_of(account))
    account.api('PUT', f'/boards/{account.board}',
                desc='First.\nAbout it.\nMore.')
    wait_until(lambda: b'First.' in read(path_of(account)), 5, 'the news')
    write(path_of(account), text.replace(b'More.', b'More words.'))
    wait_until(lambda: desc(account) == 'First.\nAbout it.\nMore words.', 10,
               lambda: desc(account))
    settled(account)


def test_both_change_the_same_line(account):
    text = read(path_of(account))
    account.api('PUT', f'/boards/{account.board}', desc='About it.\nTheirs.')
    wait_until(lambda: b'Theirs.' in read(path_of(account)), 5, 'the news')
    write(path_of(account), text.replace(b'More.', b'Mine.'))
    error = path_of(account) + '.error'
    wait_until(lambda: os.path.exists(error), 5, 'it is told')
    marked = read(path_of(account))
    assert b'<<<<<<< yours\nMine.\n=======\nTheirs.\n>>>>>>>' in marked
    assert desc(account) == 'About it.\nTheirs.'
    begin, rest = marked.split(b'<<<<<<< ')
    write(path_of(account), begin + b'Both.\n' + rest.split(b'trello\n')[1])
    wait_until(lambda: desc(account) == 'About it.\nBoth.', 10,
               lambda: desc(account))
    settled(account)


def test_old_text_after_a_conflict(account):
    """Who has not seen what others made of it does not undo that."""
    old = read(path_of(account))
    mine = old.replace(b'More.', b'Mine.')
    account.api('PUT', f'/boards/{account.board}', desc='About it.\nTheirs.')
    wait_until(lambda: b'Theirs.' in read(path_of(account)), 5, 'the news')
    account.mount.expect(*TOLD)
    for _ in range(2):
        outcome(write, path_of(account), mine)
        wait_until(lambda: b'<<<<<<< yours' in read(path_of(account)), 5,
                   'the conflict')
    assert desc(account) == 'About it.\nTheirs.'
    # Without a word of his own in it, it undoes nothing.
    outcome(write, path_of(account), old.replace(b'bug (red)', b'bug (lime)'))
    settled(account)
    assert desc(account) == 'About it.\nTheirs.'
    assert labels(account)['bug'] == 'lime'


def test_saved_twice_without_reading(account):
    """The second text comes from the first."""
    old = read(path_of(account))
    first = old.replace(b'More.', b'First.').replace(
        b'- later (green)\n', b'- later (green)\n- fresh (pink)\n')
    write(path_of(account), first)
    settled(account)
    write(path_of(account), first.replace(b'First.', b'Second.').replace(
        b'fresh', b'newer'))
    settled(account)
    assert desc(account) == 'About it.\nSecond.'
    assert labels(account) == {'bug': 'red', 'later': 'green',
                               'newer': 'pink'}


def test_labels_of_both(account):
    """What others changed of a label meanwhile stays."""
    text = read(path_of(account))
    label = next(each for each in account.server.state()['labels']
                 if each['name'] == 'bug')
    account.api('PUT', f'/labels/{label["id"]}', color='black')
    wait_until(lambda: b'bug (black)' in read(path_of(account)), 5,
               'the news')
    write(path_of(account), text.replace(b'bug (red)', b'defect (red)'))
    wait_until(lambda: labels(account) == {
        'defect': 'black', 'later': 'green'}, 10, lambda: labels(account))
    settled(account)


@pytest.mark.parametrize('drop', ['before', 'after'])
@pytest.mark.parametrize('route', ['/1/labels', '/1/boards'])
def test_killed_while_it_is_sent(account, route, drop):
    account.mount.expect(*TOLD)
    fault = account.server.fault(method='POST|PUT', path=route, drop=drop)
    edit(account, ('More.', 'Much more.'),
         ('- later (green)', '- later (green)\n- fresh (pink)'))
    wait_until(lambda: fault.fired, 20, 'the fault')
    account.mount.kill()
    run('fusermount3', '-u', '-z', account.mount.path, check=False)
    account.server.clear_faults()
    account.remount().expect(*TOLD)
    wait_until(lambda: b'- fresh (pink)' in read(path_of(account)), 5,
               'it is shown')
    settled(account)
    assert labels(account) == {
        'bug': 'red', 'later': 'green', 'fresh': 'pink'}
    assert len([each for each in account.server.state()['labels']
                if each['name'] == 'fresh']) == 1
    assert desc(account) == 'About it.\nMuch more.'


def test_without_a_network(account):
    account.mount.expect(*TOLD)
    with refused(account.server):
        edit(account, ('More.', 'Much more.'), ('- bug', '- defect'))
        wait_until(lambda: ' being-written ' not in account.raw(), 5,
                   'it is taken')
        edit(account, ('- defect (red)', '- defect (red)\n- fresh (pink)'))
        account.restart()
        text = read(path_of(account))
        assert b'Much more.' in text and b'- defect (red)' in text
        assert b'- fresh (pink)' in text
    settled(account)
    assert labels(account) == {
        'defect': 'red', 'later': 'green', 'fresh': 'pink'}


def test_refused(account):
    account.mount.expect(*TOLD)
    account.server.fault(method='PUT', path='/1/labels', status=403,
                         body='Forbidden')
    edit(account, ('- bug', '- defect'))
    problems = account.mount.at('.trellofs', 'problems')
    wait_until(lambda: b'the change of the label "defect"' in read(problems),
               10, 'it is told')
    assert b'- bug (red)' in read(path_of(account))
    account.server.clear_faults()
    account.control('retry')
    wait_until(lambda: labels(account) == {
        'defect': 'red', 'later': 'green'}, 10, lambda: labels(account))
    settled(account)


def test_read_only(mounts, server):
    account = Account(mounts, server, options='ro')
    assert b'- bug (red)' in read(path_of(account))
    assert os.stat(path_of(account)).st_mode & 0o222 == 0
    assert outcome(write, path_of(account), 'x') in ('EROFS', 'EACCES')


def test_demo(mount):
    made = mount('--demo', '-o', 'settle=1,allow_delete')
    board = os.listdir(made.path)[0]
    path = made.at(board, '.board.md')
    text = read(path)
    assert text.startswith(b'---\nurl: ')
    lines = text.split(b'\n')
    label = next((line for line in lines if line.startswith(b'- ')), None)
    text = text.replace(label, b'- first (lime)') if label else text
    write(path, text.replace(b'\nmembers:', b'\n- made (black)\nmembers:'))
    wait_until(lambda: read(made.at('.trellofs', 'pending')) == b'', 10,
               'it is taken')
    wait_until(lambda: b'- made (black)' in read(path), 5, 'it is shown')
    write(path, read(path).replace(b'- made (black)\n', b''))
    wait_until(lambda: b'made' not in read(path) and read(
        made.at('.trellofs', 'pending')) == b'', 10, 'it is gone')
    assert read(made.at('.trellofs', 'problems')) == b''
