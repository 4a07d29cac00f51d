"""With a token that may only read, boards, lists and cards cannot be changed:
EROFS, at once, and nothing moves."""

import os

import pytest

from .local import renameat2, RENAME_EXCHANGE, RENAME_NOREPLACE
from .servers import checked_server
from .util import folders, outcome, read, read_tree, walk_names, write

# Without the right to write the kernel itself says no before the program.
REFUSED = ('EROFS',) if os.geteuid() == 0 else ('EROFS', 'EACCES')


class Place:
    """A mount, with the names of things on it."""

    def __init__(self, mount):
        self.mount = mount
        self.board = mount.at(folders(mount.path)[0])
        self.lists = [os.path.join(self.board, each)
                      for each in folders(self.board)]
        full = [each for each in self.lists if len(os.listdir(each)) > 1]
        self.list = full[0]
        self.cards = [os.path.join(self.list, each)
                      for each in os.listdir(self.list)]
        self.card = self.cards[0]


@pytest.fixture(scope='module')
def place(shared_mounts):
    with checked_server() as server:
        server.generate(boards=1, lists=3, cards=12)
        token = server.add_token(scope='read')
        mount = shared_mounts.account(server, 'refresh=3600',
                                      env={'TRELLO_TOKEN': token})
        mount.wait_complete()
        yield Place(mount)
        mount.unmount()


@pytest.fixture(autouse=True)
def nothing_moves(place):
    before = read_tree(place.mount.path), walk_names(place.mount.path)
    yield
    after = read_tree(place.mount.path), walk_names(place.mount.path)
    assert after == before


def overwrite(path, flags):
    fd = os.open(path, os.O_WRONLY | flags)
    try:
        os.write(fd, b'x')
    finally:
        os.close(fd)


@pytest.mark.parametrize('flags', [0, os.O_APPEND, os.O_TRUNC])
def test_writing_a_card(place, flags):
    assert outcome(overwrite, place.card, flags) in REFUSED


@pytest.mark.parametrize('size', [0, 10, 1 << 20])
def test_truncating_a_card(place, size):
    assert outcome(os.truncate, place.card, size) in REFUSED


def test_removing_a_card(place):
    assert outcome(os.unlink, place.card) == 'EROFS'


def test_renaming_a_card(place):
    other = [each for each in place.lists if each != place.list][0]
    name = os.path.basename(place.card)
    for target in (os.path.join(place.list, 'new.md'),
                   os.path.join(place.list, 'local name'),
                   os.path.join(place.list, '.hidden'),
                   os.path.join(other, name), place.cards[1],
                   os.path.join(place.board, name),
                   place.mount.at(name)):
        assert outcome(os.rename, place.card, target) == 'EROFS'


@pytest.mark.parametrize('flags, wanted', [
    (RENAME_NOREPLACE, 'EROFS'), (RENAME_EXCHANGE, 'EINVAL')])
def test_renaming_with_flags(place, flags, wanted):
    assert outcome(renameat2, place.card, place.cards[1] + '.new.md'
                   if flags == RENAME_NOREPLACE else place.cards[1],
                   flags) == wanted


def test_local_over_a_card(place):
    """The card stays, and so does what was to be saved."""
    temporary = os.path.join(place.list, '.save.tmp')
    write(temporary, 'new text')
    try:
        assert outcome(os.rename, temporary, place.card) == 'EROFS'
        assert outcome(os.rename, temporary,
                       os.path.join(place.list, 'new.md')) == 'EROFS'
        assert read(temporary) == b'new text'
    finally:
        os.unlink(temporary)


def test_making_a_card(place):
    assert outcome(write, os.path.join(place.list, 'new.md'), 'x') == 'EROFS'
    assert outcome(os.mknod, os.path.join(place.list, 'new.md')) == 'EROFS'
    assert outcome(os.symlink, 'x', os.path.join(place.list, 'new.md')) \
        == 'EPERM'
    assert outcome(os.link, place.card,
                   os.path.join(place.list, 'new.md')) == 'EPERM'
    assert outcome(os.link, place.card,
                   os.path.join(place.list, 'other')) == 'EPERM'


def test_boards_and_lists(place):
    assert outcome(os.mkdir, place.mount.at('New board')) == 'EROFS'
    assert outcome(os.mkdir, os.path.join(place.board, 'New list')) == \
        'EROFS'
    assert outcome(os.mkdir, place.board) == 'EEXIST'
    assert outcome(os.mkdir, place.list) == 'EEXIST'
    for folder in (place.board, *place.lists):
        assert outcome(os.rmdir, folder) in ('EROFS', 'ENOTEMPTY')
        assert outcome(os.rename, folder, folder + ' new') == 'EROFS'
    # A list to the root, a board into a board: never EXDEV.
    assert outcome(os.rename, place.list, place.mount.at('List')) in (
        'EROFS', 'EPERM')
    assert outcome(os.rename, place.board,
                   os.path.join(place.list, 'Board')) in (
        'EROFS', 'EPERM', 'EINVAL')
    assert outcome(os.rename, place.lists[0], place.lists[1]) in (
        'EROFS', 'ENOTEMPTY')


def test_local_folder_to_a_lists_place(place):
    """EPERM, never EXDEV: mv would copy everything and remove it."""
    folder = os.path.join(place.list, 'folder')
    os.mkdir(folder)
    try:
        write(os.path.join(folder, 'file'), 'x')
        for target in (place.mount.at('folder'),
                       os.path.join(place.board, 'folder')):
            assert outcome(os.rename, folder, target) == 'EPERM'
        os.unlink(os.path.join(folder, 'file'))
    finally:
        os.rmdir(folder)


def test_position(place):
    for path in (place.card, place.list):
        assert outcome(os.setxattr, path, 'user.trello.pos', b'top') in \
            REFUSED
        assert outcome(os.removexattr, path, 'user.trello.pos') in REFUSED
        assert outcome(os.setxattr, path, 'user.other', b'x') in \
            ('ENOTSUP', *REFUSED[1:])


def test_reserved_names(place):
    """What the tree will have, or has unlisted, is nobody's to make."""
    for path in (place.mount.at('.archive'), place.mount.at('.trellofs'),
                 os.path.join(place.board, '.archive'),
                 os.path.join(place.board, '.order'),
                 os.path.join(place.board, '.board.md'),
                 os.path.join(place.list, '.order')):
        assert outcome(write, path, 'x') != 'ok'
        assert outcome(os.mkdir, path) != 'ok'


def test_modes(place):
    assert os.stat(place.card).st_mode & 0o7777 == 0o400
    assert os.stat(place.list).st_mode & 0o7777 == 0o700
    assert os.stat(place.board).st_mode & 0o7777 == 0o700
    assert os.stat(place.mount.path).st_mode & 0o7777 == 0o700


def test_own_attributes_are_accepted(place):
    """chmod, chown and utimens of a card are kept here and not sent."""
    before = os.stat(place.card)
    os.chmod(place.card, 0o640)
    os.chown(place.card, os.getuid(), os.getgid())
    os.utime(place.card, (1, 2))
    now = os.stat(place.card)
    assert now.st_mode & 0o7777 == 0o640
    assert now.st_mtime == 2
    assert now.st_ctime_ns > before.st_ctime_ns
    os.chmod(place.card, 0o400)
    assert outcome(overwrite, place.card, 0) in REFUSED
