"""`Card.files`: the folder of what is uploaded to a card."""

import os
import subprocess

import pytest

from . import expected
from .attached import attach, wait_files
from .util import outcome, read, run, wait_until
from .writing import Account


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server, settle=1)


def files(account, *names, card='A'):
    return account.at('To Do', card + '.files', *names)


def test_folder_of_every_card(account):
    """By its name only; empty if nothing is uploaded; not for the taking."""
    assert sorted(os.listdir(account.list)) == ['A.md', 'B.md', 'C.md']
    for name in 'ABC':
        assert os.listdir(files(account, card=name)) == []
        assert os.stat(files(account, card=name)).st_mode & 0o777 == 0o700
    assert '.files' not in run('find', account.mount.path).stdout
    for missing in ('D.files', '.files', 'A.md.files', 'A.filesx'):
        assert not os.path.exists(account.at('To Do', missing)), missing
    assert not os.path.exists(account.at('A.files'))
    assert outcome(os.mkdir, files(account)) == 'EEXIST'
    assert outcome(os.rmdir, files(account)) == 'EPERM'
    assert outcome(os.rename, files(account),
                   account.at('To Do', 'x.files')) == 'EPERM'
    # A name that no card has is a local folder's.
    os.mkdir(account.at('To Do', 'notes.files'))
    os.rmdir(account.at('To Do', 'notes.files'))
    account.api('POST', '/cards', name='notes',
                idList=account.lists['To Do'])
    wait_until(lambda: os.path.exists(account.at('To Do', 'notes.md')), 5,
               'the new card')
    assert os.listdir(account.at('To Do', 'notes.files')) == []


NASTY = {'design.pdf': 'design.pdf', '../../etc/passwd': '．.／..／etc／passwd',
         '-rf': '－rf', '\u202egpj.exe': '\ufffdgpj.exe', 'ü b  c.tar.gz': 'ü b  c.tar.gz',
         '#1 100%? & "x\' <>|*\\.md': '#1 100%? & "x\' <>|*\\.md'}


def shown(card):
    """The names of uploads that a card's text shows."""
    text = read(card).decode()
    lines = text.partition('## Attachments\n\n')[2].partition('\n\n')[0]
    return [line.rpartition('](<')[2].partition('.files/')[2][:-2]
            for line in lines.splitlines() if '.files/' in line]


def test_names_sizes_and_dates(account):
    made = {}
    for at, title in enumerate(NASTY):
        made[NASTY[title]] = attach(
            account.server, account.ids['A'], title, b'x' * (at * 1000 + 7))
    long = attach(account.server, account.ids['A'],
                  'é' * 120 + '.jpeg', b'long')
    account.api('POST', f'/cards/{account.ids["A"]}/attachments',
                url='https://example.com/spec', name='a link')
    wait_until(lambda: len(os.listdir(files(account))) == len(NASTY) + 1, 6,
               'all files')
    cut = [each for each in os.listdir(files(account)) if 'éé' in each]
    assert len(cut) == 1 and cut[0].endswith('….jpeg')
    assert len(cut[0].encode()) <= 235
    made[cut[0]] = long
    assert set(os.listdir(files(account))) == set(made)
    for name, each in made.items():
        stat = os.stat(files(account, name))
        assert stat.st_size == each['bytes'], name
        assert stat.st_mode == 0o100400, name
        date = subprocess.check_output(
            ['date', '-d', each['date'], '+%s'], text=True)
        assert int(stat.st_mtime) == int(date), name
        for word in ('id', 'url'):
            assert os.getxattr(files(account, name),
                               'user.trello.' + word).decode() == each[word]
        assert os.getxattr(files(account, name),
                           'user.trello.state') == b'synced'
    wait_until(lambda: {each.replace('\\', '') for each in made} == {
        each.replace('\\', '')
        for each in shown(account.at('To Do', 'A.md'))}, 5, 'the text')


def test_two_of_one_name_and_news(account):
    first = attach(account.server, account.ids['A'], 'photo.jpg', b'one')
    second = attach(account.server, account.ids['A'], 'photo.jpg', b'second')
    other = f'photo #{second["id"][-4:]}.jpg'
    wait_files(files(account), 'photo.jpg', other)
    text = account.at('To Do', 'A.md')
    wait_until(lambda: shown(text) == ['photo.jpg', other], 5, 'the text')
    assert os.stat(files(account, other)).st_size == 6
    inodes = {each.name: each.inode() for each in os.scandir(files(account))}
    # The older one goes: the other has the name for itself.
    account.api('DELETE', f'/cards/{account.ids["A"]}/attachments/'
                + first['id'])
    wait_files(files(account), 'photo.jpg')
    stat = os.stat(files(account, 'photo.jpg'))
    assert (stat.st_ino, stat.st_size) == (inodes[other], 6)
    assert not os.path.exists(files(account, other))
    wait_until(lambda: shown(text) == ['photo.jpg'], 5, 'the text')
    # And one that comes is there at the first look at its name.
    account.server.refuse()
    attach_while_away = outcome(os.stat, files(account, 'late.txt'))
    assert attach_while_away == 'ENOENT'
    account.server.refuse(False)
    attach(account.server, account.ids['A'], 'late.txt', b'late')
    wait_until(lambda: outcome(os.stat, files(account, 'late.txt')) == 'ok',
               8, 'the news')


def test_goes_where_the_card_goes(account):
    attach(account.server, account.ids['A'], 'a.txt', b'text')
    wait_files(files(account), 'a.txt')
    numbers = (os.stat(files(account)).st_ino,
               os.stat(files(account, 'a.txt')).st_ino)
    folder = os.open(files(account), os.O_RDONLY)
    os.rename(account.at('To Do', 'A.md'), account.at('Doing', 'Other.md'))
    assert not os.path.exists(files(account))
    moved = account.at('Doing', 'Other.files')
    assert os.listdir(moved) == ['a.txt'] == os.listdir(folder)
    os.close(folder)
    wait_until(account.drained, 10, 'the move is sent')
    account.restart()
    assert (os.stat(moved).st_ino,
            os.stat(os.path.join(moved, 'a.txt')).st_ino) == numbers
    assert '.files' not in run('find', account.mount.path).stdout
    # Archived it is there, too, and back where it was.
    os.unlink(account.at('Doing', 'Other.md'))
    assert not os.path.exists(moved)
    old = account.at('.archive', 'Other.files')
    assert os.listdir(account.at('.archive')) == ['Other.md']
    assert os.listdir(old) == ['a.txt']
    assert os.stat(os.path.join(old, 'a.txt')).st_size == 4
    os.rename(account.at('.archive', 'Other.md'),
              account.at('Doing', 'Other.md'))
    assert os.stat(os.path.join(moved, 'a.txt')).st_ino == numbers[1]
    wait_until(account.drained, 10, 'all is sent')


def test_of_an_export(mounts):
    """It lists what the texts say."""
    path = expected.export_path('nebula-ux')
    mount = mounts.start('--export', path)
    cards = [os.path.join(at, name) for at, _, names in os.walk(mount.path)
             for name in names if name.endswith('.md')]
    found = 0
    sizes = {}
    for card in cards:
        names = [each.replace('\\', '') for each in shown(card)]
        folder = card[:-3] + '.files'
        assert sorted(each.replace('\\', '') for each in
                      os.listdir(folder)) == sorted(names), card
        found += len(names)
        sizes |= {each.path: each.stat().st_size for each in
                  os.scandir(folder)}
    assert found > 10
    # What is in them is at Trello only.
    path = max(sizes, key=sizes.get)
    assert sizes[path] > 0 and outcome(read, path) == 'ENODATA'
    assert b'Trello is not asked' in os.getxattr(path, 'user.trello.error')
