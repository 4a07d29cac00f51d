"""What file managers and cp of today do beside copying and renaming: they
copy in the kernel, look for thumbnails, and keep a trash."""

import os
import shutil

import pytest

from .util import outcome, read, run, wait_until, write
from .writing import DESC, Account, state

# What programs leave in a folder, and files they keep for themselves.
LEFT = ('.DS_Store', '._A.md', '.directory', 'desktop.ini', 'Thumbs.db',
        '.nfs000000000102', '.fuse_hidden0000001200000001', '.~lock.A.md#')
FOLDERS = ('.thumbnails', '.sh_thumbnails', '.Trash-1000', '.Trash')


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server, settle=1)


def quiet(account):
    """Nothing was said to Trello or to the user."""
    assert account.raw() == ''
    assert read(account.mount.at('.trellofs', 'problems')) == b''


def test_what_programs_leave(account):
    account.server.forget()
    for top in (account.mount.path, account.at(), account.list):
        for name in LEFT:
            write(os.path.join(top, name), b'\0\1')
        for name in FOLDERS:
            os.makedirs(os.path.join(top, name, 'normal'))
            write(os.path.join(top, name, 'normal', 'A.md'), b'x')
            assert state(os.path.join(top, name, 'normal', 'A.md')) == 'local'
    for top in (account.mount.path, account.at(), account.list):
        for name in LEFT:
            assert state(os.path.join(top, name)) == 'local'
            os.unlink(os.path.join(top, name))
        for name in FOLDERS:
            shutil.rmtree(os.path.join(top, name))
    quiet(account)
    assert not [each for each in account.server.requests
                if each['method'] != 'GET']


def by_range(old, new, size):
    """As cp does, but in pieces."""
    with open(old, 'rb') as source, open(new, 'xb') as target:
        while os.copy_file_range(source.fileno(), target.fileno(), size):
            pass


COPIES = {
    'cp': lambda old, new: run('cp', old, new),
    'reflink': lambda old, new: run('cp', '--reflink=auto', old, new),
    'whole': lambda old, new: by_range(old, new, 1 << 20),
    'pieces': lambda old, new: by_range(old, new, 37),
}


def test_copied_in_the_kernel(account, tmp_path):
    """A copy is a new card with labels and checklists, however it is made;
    and to a local file and back it is byte for byte the same."""
    run('sed', '-i', 's/^rev: .*/&\\nlabels: [bug]/', account.card().path)
    wait_until(account.drained, 15, 'the label')
    text = read(account.card().path)
    for name, copy in COPIES.items():
        copy(account.card().path, account.at('Doing', name + '.md'))
        local = account.at('Doing', name + '.txt')
        copy(account.card().path, local)
        assert read(local) == text and state(local) == 'local'
        copy(local, account.at('Doing', name + ' back.md'))
    wait_until(account.drained, 20, account.raw)
    found = {each['name']: each for each in account.server.state()['cards']
             if each['idList'] == account.lists['Doing']}
    assert sorted(found) == sorted(
        [*COPIES, *(name + ' back' for name in COPIES)])
    for card in found.values():
        assert card['desc'] == DESC
        card = account.api('GET', f'/cards/{card["id"]}', checklists='all')
        assert [each['name'] for each in card['labels']] == ['bug']
        assert [each['name'] for each in card['checklists'][0][
            'checkItems']] == ['one', 'two']
    assert read(account.mount.at('.trellofs', 'problems')) == b''
    assert read(account.card().path) == text


def test_copied_within_a_card(account):
    """A range of a card to another place in it is a save."""
    path = account.card().path
    text = read(path)
    at = text.index(b'second')
    with open(path, 'r+b') as file:
        assert os.copy_file_range(file.fileno(), file.fileno(), 6,
                                  at, text.index(b'third ')) == 6
    wait_until(account.drained, 15, account.raw)
    card = account.api('GET', f'/cards/{account.ids["A"]}')
    assert card['desc'] == DESC.replace('third ', 'second')


def trash_by_rename(account, path):
    """What the specification of the trash has programs do."""
    trash = account.mount.at('.Trash-' + str(os.getuid()))
    for name in ('files', 'info'):
        os.makedirs(os.path.join(trash, name), 0o700, exist_ok=True)
    info = os.path.join(trash, 'info', os.path.basename(path) + '.trashinfo')
    with open(info, 'x', encoding='utf-8') as file:
        file.write('[Trash Info]\nPath=%s\nDeletionDate='
                   '2026-01-01T00:00:00\n' % os.path.relpath(
                       path, account.mount.path))
    there = os.path.join(trash, 'files', os.path.basename(path))
    os.rename(path, there)
    return there


def trash_by_gio(account, path):
    run('gio', 'trash', path)
    return account.mount.at('.Trash-' + str(os.getuid()), 'files',
                            os.path.basename(path))


@pytest.mark.parametrize('trash', [trash_by_rename, trash_by_gio])
def test_trash(account, trash):
    """It archives; what comes back is the card that it was."""
    if trash is trash_by_gio and shutil.which('gio') is None:
        pytest.skip('gio is not installed')
    card = account.card()
    there = trash(account, card.path)
    assert read(there) == card.text and state(there) == 'local'
    assert account.kinds() == ['archive']
    # At once: nothing has happened.
    os.rename(there, card.path)
    account.wait_settled()
    assert account.kinds() == [] and card.read() == card.text
    os.unlink(account.mount.at('.Trash-' + str(os.getuid()), 'info',
                               'A.md.trashinfo'))
    # And later, with words that were written meanwhile.
    there = trash(account, card.path)
    wait_until(account.drained, 15, 'it is archived')
    assert account.api('GET', f'/cards/{account.ids["A"]}')['closed']
    account.restart(kill=trash is trash_by_gio)
    write(there, card.replaced())
    os.rename(there, account.at('Doing', 'A.md'))
    wait_until(account.drained, 20, account.raw)
    found = account.api('GET', f'/cards/{account.ids["A"]}')
    assert not found['closed'] and found['desc'] == DESC.replace(
        'old words', 'new words')
    assert found['idList'] == account.lists['Doing']
    assert os.getxattr(account.at('Doing', 'A.md'),
                       'user.trello.id') == card.id
    assert b'Looks good.' in read(account.at('Doing', 'A.md'))
    assert not [each for each in account.server.state()['cards']
                if each['name'] == 'A' and each['id'] != account.ids['A']]
    assert read(account.mount.at('.trellofs', 'problems')) == b''


def test_back_from_the_trash_without_a_network(account):
    """Killed, too, before it is there; and once only."""
    card = account.card()
    there = trash_by_rename(account, card.path)
    wait_until(account.drained, 15, 'it is archived')
    account.mount.expect('cannot be reached')
    account.server.refuse(True)
    os.rename(there, card.path)
    assert read(card.path) == card.text
    assert os.getxattr(card.path, 'user.trello.id') == card.id
    account.restart(kill=True)
    account.mount.expect('cannot be reached')
    account.server.refuse(False)
    wait_until(account.drained, 30, account.raw, step=0.2)
    assert not account.api('GET', f'/cards/{account.ids["A"]}')['closed']
    assert sorted(account.names()) == ['A.md', 'B.md', 'C.md']
    # A copy of what is there is a new card, as ever.
    local = account.mount.at('copy')
    run('cp', card.path, local)
    os.rename(local, account.at('Doing', 'A.md'))
    wait_until(account.drained, 20, account.raw)
    assert os.getxattr(account.at('Doing', 'A.md'),
                       'user.trello.id') != card.id


def test_demo(mount):
    made = mount('--demo', '-o', 'settle=1')
    path = made.at('Lighthouse', 'Doing', 'New lamp.md')
    text, number = read(path), os.getxattr(path, 'user.trello.id')
    os.mkdir(made.at('.Trash-1'))
    os.rename(path, made.at('.Trash-1', 'New lamp.md'))
    with open(made.at('.trellofs', 'control', 'sync'), 'w') as file:
        file.write('1\n')
    path = made.at('Lighthouse', 'Done', 'New lamp.md')
    os.rename(made.at('.Trash-1', 'New lamp.md'), path)
    wait_until(lambda: read(made.at('.trellofs', 'pending')) == b'', 10,
               'it is taken')
    assert os.getxattr(path, 'user.trello.id') == number
    assert read(path) == text
