"""--demo: a board that shows every feature, with no account and no network."""

import os
import re
import threading

import pytest

from .contract import Parsed, title_of
from .harness import PROGRAM, mounted
from .util import folders, outcome, read, read_tree, run, wait_until, write


@pytest.fixture(scope='module')
def demo(shared_mounts):
    return shared_mounts.start('--demo')


@pytest.fixture(scope='module')
def cards(demo):
    """{path: Parsed} of every file of the demo."""
    return {path: Parsed(text)
            for path, text in read_tree(demo.path).items()}


def test_lists_and_cards(demo, cards):
    boards = folders(demo.path)
    assert boards and os.listdir(demo.path) == boards
    for board in boards:
        assert len(folders(demo.at(board))) >= 3
    assert len(cards) >= 10
    assert all(path.count('/') == 2 and path.endswith('.md')
               for path in cards)


@pytest.mark.parametrize('key', [
    'url', 'rev', 'title', 'labels', 'members', 'start', 'due', 'done',
    'fields'])
def test_every_key_is_shown(cards, key):
    assert any(key in card.front for card in cards.values())


def test_every_section_is_shown(cards):
    cards = cards.values()
    assert any(card.description for card in cards)
    assert any(len(card.checklists) > 1 for card in cards)
    states = {item[0] for card in cards for checklist in card.checklists
              for item in checklist[1]}
    assert states == {True, False}
    addresses = [each[1] for card in cards for each in card.attachments]
    assert any(b'.files/' in each for each in addresses)
    assert any(b'.files/' not in each for each in addresses)
    assert any(len({each[0] for each in card.comments}) > 1
               for card in cards)


def test_names_that_are_no_titles(cards):
    """Two of one title, a slash, and a title that no name gives back."""
    names = [os.path.basename(path) for path in cards]
    assert any(re.search(r' #\d+\.md$', name) for name in names)
    assert any('\uff0f' in name for name in names)
    for path, card in cards.items():
        if 'title' in card.front:
            title = title_of(os.path.basename(path), '.md')
            assert card.front['title'] != title


def test_status_and_requests(demo):
    status = demo.status()
    assert re.search(r'^account: @\S+$', status, re.M)
    assert '/1' not in status and 'api.trello' not in status
    boards = len(folders(demo.path))
    assert boards
    wait_until(lambda: demo.boards_here() == (boards, boards), 5,
               'all boards are here')
    # Nothing is ever sent.
    assert read(demo.at('.trellofs', 'requests')) == b''


def test_status_command(demo):
    """`trellofs status` says what the file says."""
    said = run(PROGRAM, 'status', demo.path, env=demo.env).stdout
    assert said == demo.status()


def test_readme(demo):
    text = read(demo.at('.trellofs', 'README')).decode()
    assert len(text.splitlines()) < 66
    for word in ('trellofs', 'grep -r', '.trellofs/status', 'Card.md'):
        assert word in text


def test_unlisted(demo, cards):
    """.trellofs is there by name only."""
    assert '.trellofs' not in os.listdir(demo.path)
    listed = run('find', demo.path).stdout.splitlines()
    assert len(listed) == 1 + len(folders(demo.path)) + sum(
        len(folders(demo.at(board))) for board in folders(demo.path)) \
        + len(cards)
    assert not any('.trellofs' in each for each in listed)
    assert run('grep', '-rl', 'since the mount', demo.path,
               check=False).stdout == ''
    assert 'since the mount' in demo.status()


def test_files_of_trellofs(demo):
    folder = demo.at('.trellofs')
    assert os.stat(folder).st_mode & 0o7777 == 0o700
    names = set(os.listdir(folder))
    assert {'README', 'status', 'requests'} <= names
    for name in names:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            assert os.stat(path).st_size == len(read(path))
            assert os.stat(path).st_mode & 0o777 == 0o400
            assert outcome(write, path, 'x') in ('EACCES', 'EROFS', 'EPERM')
            assert outcome(os.unlink, path) in ('EACCES', 'EROFS', 'EPERM')
    assert outcome(os.stat, os.path.join(folder, 'nothing')) == 'ENOENT'
    assert outcome(write, os.path.join(folder, 'new'), 'x') == 'EPERM'
    assert outcome(os.mkdir, os.path.join(folder, 'new')) == 'EPERM'
    assert outcome(os.rmdir, folder) != 'ok'
    assert outcome(os.rename, folder, demo.at('.other')) != 'ok'


def test_nothing_is_kept(mounts):
    """What was made in it is gone afterwards, and it leaves no state."""
    demo = mounts.start('--demo')
    write(demo.at('note'), 'here today')
    assert read(demo.at('note')) == b'here today'
    demo.unmount()
    again = mounts.again(demo)
    assert not os.path.exists(again.at('note'))
    assert os.listdir(demo.home) == []


def test_read_only(mounts):
    """-o ro refuses all changes, those of local files too."""
    demo = mounts.start('--demo', '-o', 'ro')
    board = folders(demo.path)[0]
    assert outcome(write, demo.at('note'), 'x') == 'EROFS'
    assert outcome(os.mkdir, demo.at(board, '.git')) == 'EROFS'
    assert len(read_tree(demo.path)) > 10


def test_beside_each_other(mounts):
    first, second = mounts.start('--demo'), mounts.start('--demo')
    write(first.at('note'), 'first')
    assert not os.path.exists(second.at('note'))
    assert run(PROGRAM, 'status', second.path, env=second.env).stdout == \
        second.status()


@pytest.mark.parametrize('args', [
    ('--demo',), ('--demo', '/one', '/two'), ('--nonsense', '/x'),
    ('--demo', '-o', 'nonsense', '/x'), ('-o', 'refresh=no', '/x'),
    ('--demo', '--export', '/x', '/y')])
def test_wrong_use(tmp_path, args):
    """A usage error is exit status 2, with a reason."""
    done = run(PROGRAM, *args, check=False, env={'HOME': str(tmp_path)})
    assert done.returncode == 2
    assert done.stdout == '' and done.stderr.startswith('trellofs: ')


def test_help_and_version(tmp_path):
    for word in ('-h', '--help'):
        assert '--demo' in run(PROGRAM, word, env={}).stdout
    for word in ('-V', '--version'):
        assert run(PROGRAM, word, env={}).stdout.startswith('trellofs ')


def test_mounted_as_trellofs(demo):
    assert mounted(demo.path) == 'fuse.trellofs'
    with open('/proc/mounts', encoding='utf-8') as table:
        line = next(each for each in table if demo.path in each)
    assert 'default_permissions' in line.split()[3].split(',')


@pytest.mark.seconds(30)
def test_listings_while_saves_end(mounts):
    """Its store is one for all that read: none waits for another that waits
    for what it has."""
    mount = mounts.start('--demo')
    board = mount.at(folders(mount.path)[0])
    card = next(path for path in sorted(read_tree(board)))
    text = read(os.path.join(board, card))
    lists = folders(board)
    done = []

    def save():
        try:
            for number in range(150):
                write(os.path.join(board, card), text + b'%d\n' % number)
        finally:
            done.append(True)
    thread = threading.Thread(target=save)
    thread.start()
    while not done:
        # What comes and goes makes the kernel ask for the list again.
        write(os.path.join(board, '.away.swp'), b'')
        os.unlink(os.path.join(board, '.away.swp'))
        assert folders(board) == lists
    thread.join()
