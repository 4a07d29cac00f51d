"""Files that are copied into `Card.files`: what arrives at the server, and
what is here until it has."""

import os

import pytest

from .program import INSTRUMENTED
from .util import SLOW, outcome, read, run, wait_until, write
from .writing import Account, Sent, state

DATA = bytes(range(256)) * 1000 + b'\r\n--end'


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


def files(account, name='A', folder='To Do'):
    return account.at(folder, name + '.files')


def there(account, name='A'):
    """{name: bytes} of what is uploaded to a card, at the server."""
    held = account.server.account
    return {each['name']: held.files[each['id']]
            for each in held.cards[account.ids[name]].get('attachments', ())
            if each['isUpload']}


def wait_there(account, expected, name='A'):
    wait_until(account.drained, 15, lambda: f'all is sent: {account.raw()}')
    assert there(account, name) == expected
    assert read(account.mount.at('.trellofs', 'problems')) == b''
    # What is here is the same, whoever has it.
    folder = files(account, name)
    assert sorted(os.listdir(folder)) == sorted(expected)
    for each, data in expected.items():
        path = os.path.join(folder, each)
        assert (os.stat(path).st_size, read(path)) == (len(data), data)
        assert state(path) == 'synced'


def test_by_tools(account, tmp_path):
    """cp, mv, tee, rsync, install, and a shell."""
    folder, sent = files(account), Sent(account)
    for each in ('cp', 'mv', 'rsync', 'install'):
        write(tmp_path / each, DATA + each.encode())
    run('cp', '-p', tmp_path / 'cp', folder)
    ino = os.stat(os.path.join(folder, 'cp')).st_ino
    assert os.listdir(folder) == ['cp']
    wait_until(account.pending, 5, 'it waits')
    assert account.pending() == [('file-add', 'Board/To Do/A.files/cp', None)]
    assert state(os.path.join(folder, 'cp')) == 'pending'
    wait_until(lambda: b'- [cp](<A.files/cp>)' in account.card().read(), 5,
               'the text has it')
    with open(os.path.join(folder, 'cp'), 'rb') as file:
        run('mv', tmp_path / 'mv', folder + '/')
        run('rsync', '-a', tmp_path / 'rsync', folder + '/')
        run('install', '-m', '600', tmp_path / 'install', folder)
        run('bash', '-c', 'echo one > "$1/echo"; echo two >> "$1/echo"',
            'bash', folder)
        run('tee', os.path.join(folder, 'tee'), input=b'tea', stdin=None)
        expected = {each: DATA + each.encode()
                    for each in ('cp', 'mv', 'rsync', 'install')}
        wait_there(account, expected | {'echo': b'one\ntwo\n', 'tee': b'tea'})
        assert file.read() == DATA + b'cp'
    assert os.stat(os.path.join(folder, 'cp')).st_ino == ino
    assert {path for _, path in sent.writes()} == {
        f'/1/cards/{account.ids["A"]}/attachments'}
    assert len(sent.writes()) == 6
    run('rsync', '-a', tmp_path / 'rsync', folder + '/')
    account.restart()
    wait_there(account, expected | {'echo': b'one\ntwo\n', 'tee': b'tea'})
    assert len(sent.writes()) == 6


NASTY = ['a "b"; filename="c".txt', 'ü🚀 %41\\"\'.pdf', '\\x\\', ' x. ',
         'same.txt', '-rf', 'x' * 230 + '.txt']


def test_names_and_bytes(account):
    """Each name and each byte arrives as it is, once, whatever becomes of the
    requests."""
    folder, sent = files(account), Sent(account)
    account.mount.expect('the connection ', 'there was no answer')
    account.server.fault(method='POST', path='/attachments', drop='after',
                         count=1)
    account.server.cuts += [len(DATA) // 2, len(DATA) - 1]
    expected = {}
    for number, name in enumerate(NASTY):
        expected[name] = DATA + bytes([number])
        write(os.path.join(folder, name), expected[name])
    attach = account.server.account
    write(os.path.join(files(account, 'B'), 'same.txt'), b'1')
    wait_until(account.drained, 40, account.raw)
    assert there(account, 'B') == {'same.txt': b'1'}
    found = there(account)
    assert {name.strip() for name in expected} == set(found)
    assert all(found[name.strip()] == expected[name] for name in expected)
    held = attach.cards[account.ids['A']]['attachments']
    assert len(held) == len(NASTY)
    assert account.server.cuts == []
    posts = [path for method, path in sent.writes() if method == 'POST']
    assert len(posts) == len(NASTY) + 1
    # Two of one name, by two hands.
    write(os.path.join(files(account, 'B'), 'two.txt'), b'22')
    wait_until(account.drained, 15, account.raw)
    card = account.server.account.cards[account.ids['B']]
    again = dict(card['attachments'][-1])
    again['id'] = account.server.account.new_id()
    account.server.account.files[again['id']] = b'3333'
    again['bytes'] = 4
    card['attachments'].append(again)
    account.api('PUT', f'/cards/{account.ids["B"]}', desc='Others were here.')
    wait_until(lambda: len(os.listdir(files(account, 'B'))) == 3, 6, 'both')
    names = sorted(os.listdir(files(account, 'B')))
    assert names[1].startswith('two #') and names[2] == 'two.txt'
    assert read(os.path.join(files(account, 'B'), 'two.txt')) == b'22'


def test_without_network_and_killed(account, tmp_path):
    """It is there, with its bytes, until it can be sent; where the program
    died while it was sent it is found."""
    folder = files(account)
    account.mount.expect('cannot be reached', 'the connection ')
    account.server.refuse(True)
    write(tmp_path / 'big', DATA)
    run('cp', tmp_path / 'big', folder)
    account.wait_kinds('file-add')
    path = os.path.join(folder, 'big')
    for kill in True, False:
        account.restart(kill=kill)
        account.mount.expect('cannot be reached', 'the connection ')
        assert read(path) == DATA and os.stat(path).st_size == len(DATA)
        assert state(path) == 'pending' and os.listdir(folder) == ['big']
    account.server.refuse(False)
    sent = Sent(account)
    account.server.fault(method='POST', path='/attachments', stall=60,
                         count=1)
    account.control('retry')
    wait_until(lambda: '(100%)' in account.raw(), 10, account.raw)
    account.restart(kill=True)
    account.mount.expect('the connection ')
    wait_until(account.drained, 20, account.raw)
    wait_there(account, {'big': DATA})
    assert [method for method, _ in sent.writes()] == ['POST']
    # Half a file is not sent: who wrote it is gone.
    with open(os.path.join(folder, 'half'), 'wb', buffering=0) as file:
        file.write(DATA)
        account.restart(kill=True)
        half = os.path.join(folder, 'half')
        assert read(half) == DATA and state(half) == 'problem'
        assert b'A.files/half: the file is not complete: it was being ' \
            b'written when trellofs ended: write it again' in read(
                account.mount.at('.trellofs', 'problems'))
        assert account.drained() and list(there(account)) == ['big']
        write(half, b'whole')
        wait_there(account, {'big': DATA, 'half': b'whole'})


def test_refused(account):
    """It stays, and says why, until it is sent, changed or removed."""
    folder = files(account)
    account.mount.expect('did not accept')
    account.server.settings.upload_max = 1000
    paths = [os.path.join(folder, name) for name in ('a', 'b', 'c')]
    for path in paths:
        write(path, DATA)
    error = account.card().path + '.error'
    wait_until(lambda: not account.drained() and len(
        [held for *_, held in account.pending() if held == 'refused']) == 3,
               15, account.raw)
    assert sorted(os.listdir(folder)) == ['a', 'b', 'c']
    assert b'.files' not in account.card().read()
    text = read(error).decode()
    assert 'the file "a", the file "b", the file "c"' in text
    assert '413' in text
    for path in paths:
        assert read(path) == DATA and state(path) == 'problem'
        assert b'413' in os.getxattr(path, 'user.trello.error')
    os.unlink(paths[0])
    write(paths[1], b'small')
    account.server.settings.upload_max = 1 << 20
    account.control('retry')
    wait_there(account, {'b': b'small', 'c': DATA})
    wait_until(lambda: not os.path.exists(error), 5, 'the problem is over')
    # A number of what waits takes it back.
    account.server.refuse(True)
    account.mount.expect('cannot be reached', 'the connection ')
    write(paths[0], DATA)
    account.wait_kinds('file-add')
    account.control('cancel', account.raw().split()[0] + '\n')
    account.server.refuse(False)
    wait_there(account, {'b': b'small', 'c': DATA})


def test_names_change(account, tmp_path):
    """Before it is sent all can be done with it; then nothing."""
    folder, other = files(account), files(account, 'B')
    sent = Sent(account)
    for name in ('.x.tmp', 'y~', '.hidden', 'first'):
        write(os.path.join(folder, name), name)
    write(os.path.join(folder, 'empty'), b'')
    os.rename(os.path.join(folder, '.x.tmp'), os.path.join(folder, 'x'))
    os.rename(os.path.join(folder, 'y~'), os.path.join(other, 'y'))
    account.wait_settled()
    wait_until(lambda: len(account.pending()) == 3, 5, account.raw)
    os.rename(os.path.join(folder, 'first'), os.path.join(folder, 'second'))
    write(os.path.join(folder, 'gone'), b'gone')
    os.unlink(os.path.join(folder, 'gone'))
    local = account.at('To Do', 'local.txt')
    write(local, DATA)
    os.rename(local, os.path.join(folder, 'local.txt'))
    assert outcome(os.stat, local) == 'ENOENT'
    wait_until(account.drained, 15, account.raw)
    expected = {'x': b'.x.tmp', 'second': b'first', 'local.txt': DATA}
    assert there(account) == expected
    assert there(account, 'B') == {'y': b'y~'}
    assert sorted(os.listdir(folder)) == sorted(
        [*expected, '.hidden', 'empty'])
    assert read(os.path.join(folder, '.hidden')) == b'.hidden'
    assert state(os.path.join(folder, '.hidden')) == 'local'
    assert len(sent.writes()) == 4
    x = os.path.join(folder, 'x')
    os.chmod(x, 0o600)
    for change in (
            lambda: os.unlink(x), lambda: os.truncate(x, 0),
            lambda: write(x, b'more'), lambda: os.rename(x, x + 'y'),
            lambda: os.rename(x, account.at('To Do', 'x')),
            lambda: os.rename(os.path.join(folder, '.hidden'), x),
            lambda: os.rename(account.card('C').path, x),
            lambda: os.mkdir(os.path.join(folder, 'd')),
            lambda: os.symlink('x', os.path.join(folder, 'l'))):
        assert outcome(change) == 'EPERM'
    assert read(x) == b'.x.tmp' and account.drained()
    os.unlink(os.path.join(folder, '.hidden'))
    os.unlink(os.path.join(folder, 'empty'))
    wait_there(account, expected)


def test_with_the_card(mounts, server):
    """What waits goes with its card, also with one that is new; what Trello
    has is deleted where that is allowed."""
    account = Account(mounts, server, options='allow_delete')
    folder = files(account)
    write(os.path.join(folder, 'moved'), DATA)
    account.wait_kinds('file-add')
    os.rename(account.card().path, account.at('Doing', 'Other.md'))
    assert os.listdir(files(account, 'Other', 'Doing')) == ['moved']
    write(account.at('To Do', 'New.md'), 'New.\n')
    write(os.path.join(files(account, 'New'), 'new'), DATA)
    write(os.path.join(files(account, 'B'), 'old'), DATA)
    account.wait_settled()
    os.unlink(account.card('B').path)
    wait_until(account.drained, 20, account.raw)
    account.ids['New'] = os.getxattr(
        account.at('To Do', 'New.md'), 'user.trello.id').decode()
    assert there(account) == {'moved': DATA}
    assert there(account, 'New') == {'new': DATA}
    assert there(account, 'B') == {'old': DATA}
    card = server.account.cards[account.ids['B']]
    assert card['closed']
    assert account.api('GET', f'/cards/{account.ids["A"]}')['idList'] == \
        account.lists['Doing']
    # What takes the place of another is there before that goes.
    new = os.path.join(files(account, 'New'), 'new')
    sent = Sent(account)
    server.settings.upload_max = 10
    account.mount.expect('did not accept')
    write(new + '~', b'a larger one')
    os.rename(new + '~', new)
    assert os.listdir(files(account, 'New')) == ['new']
    wait_until(lambda: not account.drained() and '(refused)' in account.raw(),
               15, account.raw)
    assert there(account, 'New') == {'new': DATA}
    server.settings.upload_max = 1 << 20
    account.control('retry')
    wait_there(account, {'new': b'a larger one'}, 'New')
    assert [method for method, _ in sent.writes()] == [
        'POST', 'POST', 'DELETE']
    os.unlink(new)
    assert os.listdir(files(account, 'New')) == []
    wait_until(account.drained, 20, account.raw)
    assert there(account, 'New') == {}


def test_in_memory(mounts):
    """The sample board takes files, and gives them back."""
    mount = mounts.start('--demo')
    cards = [os.path.join(top, name)
             for top, _, names in os.walk(mount.path) for name in names
             if name.endswith('.md')]
    folder = cards[0][:-len('.md')] + '.files'
    before = set(os.listdir(folder))
    write(os.path.join(folder, 'x "y"'), DATA)
    write(mount.at('.trellofs', 'control', 'sync'), '1\n')
    assert read(mount.at('.trellofs', 'pending')) == b''
    assert set(os.listdir(folder)) - before == {'x "y"'}
    path = os.path.join(folder, 'x "y"')
    assert (read(path), state(path)) == (DATA, 'synced')
    assert b'.files/x "y">)' in read(cards[0])


def test_rights(account):
    """Where nothing may be changed no file can be made."""
    write(os.path.join(files(account), 'x'), DATA)
    wait_until(account.drained, 15, account.raw)
    mount = account.mount
    assert mount.unmount() == 0
    env = {name: value for name, value in mount.env.items()
           if name.startswith('TRELLO')}
    account.mount = account.mounts.start(
        *mount.args, '-o', 'ro', home=mount.home, env=env)
    folder = files(account)
    assert read(os.path.join(folder, 'x')) == DATA
    assert outcome(write, os.path.join(folder, 'y'), b'y') == 'EROFS'
    assert outcome(os.unlink, os.path.join(folder, 'x')) == 'EROFS'


def test_large(account):
    """In constant memory; a really large one where there is time for it."""
    size = (200 if SLOW > 1 else 12) << 20
    account.server.settings.upload_max = size
    with open(os.path.join(files(account), 'large'), 'wb') as file:
        for number in range(size >> 16):
            file.write(number.to_bytes(4, 'big') * (1 << 14))
    wait_until(account.drained, 60, account.raw)
    [data] = there(account).values()
    assert len(data) == size and all(
        data[at << 16:(at << 16) + 4] == at.to_bytes(4, 'big')
        for at in range(size >> 16))
    with open(f'/proc/{account.mount.process.pid}/status',
              encoding='ascii') as status:
        [most] = [int(line.split()[1]) >> 10 for line in status
                  if line.startswith('VmHWM')]
    print(f'{size >> 20} MiB: {most} MiB of memory')
    assert INSTRUMENTED or most < 64
    # What no account takes is told at once.
    with open(os.path.join(files(account), 'larger'), 'wb') as file:
        assert outcome(os.pwrite, file.fileno(), b'x', 250 << 20) == 'EFBIG'
