"""Tools and scripts save as they do anywhere: one change of the card that
was there, and nothing else."""

import os
import shutil
import time

import pytest

from .terminal import missing
from .util import SLOW, read, run, write
from .writing import DESC, Account, state


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


def shell(script, *args, **more):
    return run('bash', '-c', script, 'bash', *args, **more)


def elsewhere(card, tmp_path, text=None):
    """The changed text in a file of another file system."""
    path = tmp_path / 'X.md'
    write(path, text or card.replaced())
    return path


def by_sed(card, _):
    shell('sed -i "s/old words/new words/" "$1"', card.path)


def by_sed_with_suffix(card, _):
    shell('sed -i.bak "s/old words/new words/" "$1"', card.path)


def by_perl(card, _):
    shell('perl -i -pe "s/old words/new words/" "$1"', card.path)


def by_perl_with_suffix(card, _):
    shell('perl -i~ -pe "s/old words/new words/" "$1"', card.path)


def by_patch(card, tmp_path):
    write(tmp_path / 'a', card.text)
    write(tmp_path / 'b', card.replaced())
    shell('diff -u "$1/a" "$1/b" > "$1/diff"; patch "$2" "$1/diff"',
          tmp_path, card.path)


def by_patch_with_backup(card, tmp_path):
    write(tmp_path / 'a', card.text)
    write(tmp_path / 'b', card.replaced())
    shell('diff -u "$1/a" "$1/b" > "$1/diff"; patch -b "$2" "$1/diff"',
          tmp_path, card.path)


def by_rsync(card, tmp_path):
    run('rsync', '-a', '--checksum', elsewhere(card, tmp_path), card.path)


def by_rsync_in_place(card, tmp_path):
    run('rsync', '-a', '--checksum', '--inplace',
        elsewhere(card, tmp_path), card.path)


def by_install(card, tmp_path):
    run('install', elsewhere(card, tmp_path), card.path)


def by_cp(card, tmp_path):
    run('cp', elsewhere(card, tmp_path), card.path)


def by_cp_a(card, tmp_path):
    run('cp', '-a', elsewhere(card, tmp_path), card.path)


def by_cp_remove(card, tmp_path):
    run('cp', '--remove-destination', elsewhere(card, tmp_path), card.path)


def by_cp_backup(card, tmp_path):
    run('cp', '--backup', elsewhere(card, tmp_path), card.path)


def by_mv(card, tmp_path):
    run('mv', elsewhere(card, tmp_path), card.path)


def by_mv_backup(card, tmp_path):
    run('mv', '--backup', elsewhere(card, tmp_path), card.path)


def by_mv_within(card, tmp_path):
    shell('cp "$1" "$2.tmp" && mv "$2.tmp" "$2"',
          elsewhere(card, tmp_path), card.path)


def by_tee(card, tmp_path):
    shell('tee "$2" < "$1"', elsewhere(card, tmp_path), card.path)


def by_redirection(card, tmp_path):
    shell('cat "$1" > "$2"', elsewhere(card, tmp_path), card.path)


def by_dd(card, tmp_path):
    run('dd', f'if={elsewhere(card, tmp_path)}', f'of={card.path}', 'bs=7')


def by_lines(card, tmp_path):
    shell('while IFS= read -r line; do printf "%s\\n" "$line"; sleep 0.02;'
          ' done < "$1" > "$2"', elsewhere(card, tmp_path), card.path)


def by_one_byte_each(card, _):
    with open(card.path, 'wb', buffering=0) as file:
        for byte in card.replaced():
            file.write(bytes([byte]))


def in_the_middle(card, _):
    """Three bytes where they stand, nothing else."""
    with open(card.path, 'r+b', buffering=0) as file:
        file.seek(card.text.index(b'old words'))
        file.write(b'new')


def by_mmap(card, tmp_path):
    run('/usr/bin/python3', '-c', '''
import mmap, sys
with open(sys.argv[1], 'r+b') as file:
    with mmap.mmap(file.fileno(), 0) as shared:
        at = shared.find(b'old words')
        shared[at:at + 3] = b'new'
        shared.flush()
''', card.path)


def by_python(card, _):
    """As scripts do: read, change, write."""
    run('/usr/bin/python3', '-c', '''
import pathlib, sys
path = pathlib.Path(sys.argv[1])
path.write_text(path.read_text().replace('old words', 'new words'))
''', card.path)


def by_sponge(card, tmp_path):
    """All is read before anything is written; then a rename over it."""
    with open(card.path + '.new', 'wb') as file:
        file.write(card.replaced())
        file.flush()
        os.fsync(file.fileno())
    os.replace(card.path + '.new', card.path)


WAYS = {each.__name__: each for each in (
    by_sed, by_sed_with_suffix, by_perl, by_perl_with_suffix, by_patch,
    by_patch_with_backup, by_rsync, by_rsync_in_place, by_install, by_cp,
    by_cp_a, by_cp_remove, by_cp_backup, by_mv, by_mv_backup, by_mv_within,
    by_tee, by_redirection, by_dd, by_lines, by_one_byte_each,
    in_the_middle, by_mmap, by_python, by_sponge)}
PROGRAMS = {'by_patch': 'patch', 'by_patch_with_backup': 'patch',
            'by_rsync': 'rsync', 'by_rsync_in_place': 'rsync',
            'by_perl': 'perl', 'by_perl_with_suffix': 'perl'}
LEFT = {'by_sed_with_suffix': ['A.md.bak'], 'by_perl_with_suffix': ['A.md~'],
        'by_patch_with_backup': ['A.md.orig'], 'by_cp_backup': ['A.md~'],
        'by_mv_backup': ['A.md~']}


@pytest.mark.parametrize('way', WAYS)
def test_one_word(account, tmp_path, way):
    if way in PROGRAMS and missing(PROGRAMS[way]):
        pytest.skip(missing(PROGRAMS[way]))
    card = account.card()
    WAYS[way](card, tmp_path)
    assert card.read() == card.replaced()
    card.check_saved()
    assert account.stray() == LEFT.get(way, [])
    for name in LEFT.get(way, []):
        assert read(os.path.join(account.list, name)) == card.text


@pytest.mark.parametrize('way', WAYS)
def test_back_again(account, tmp_path, way):
    """A change that is undone before it is sent is not sent."""
    if way in PROGRAMS and missing(PROGRAMS[way]):
        pytest.skip(missing(PROGRAMS[way]))
    card = account.card()
    WAYS[way](card, tmp_path)
    account.wait_kinds('desc')
    write(card.path, card.text)
    account.wait_kinds()
    card.same()
    assert card.read() == card.text and state(card.path) == 'synced'


def test_rsync_goes_by_time_and_size(account, tmp_path):
    """The times that rsync sets stay: a second run has nothing to do."""
    if missing('rsync'):
        pytest.skip(missing('rsync'))
    card = account.card()
    source = elsewhere(card, tmp_path)
    os.utime(source, (1.7e9, 1.7e9))
    run('rsync', '-t', source, card.path)
    card.check_saved()
    assert os.stat(card.path).st_mtime == 1.7e9
    said = run('rsync', '-ti', source, card.path).stdout
    assert said == ''


def test_git(account):
    """A repository in a list: nobody but this machine knows."""
    if missing('git'):
        pytest.skip(missing('git'))
    card = account.card()

    def git(*args):
        return run('git', '-C', account.list, '-c', 'user.name=Me',
                   '-c', 'user.email=me@example.com', '-c',
                   'gc.auto=0', *args).stdout
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'first')
    assert git('status', '--porcelain') == ''
    assert account.kinds() == []
    by_sed(card, None)
    card.check_saved()
    assert git('status', '--porcelain') == ' M A.md\n'
    git('commit', '-qam', 'second')
    assert account.stray() == ['.git']
    git('checkout', '-q', 'HEAD~1')
    account.wait_kinds()
    card.same()
    assert card.read() == card.text
    git('checkout', '-q', '-')
    card.check_saved()
    assert state(os.path.join(account.list, '.git', 'HEAD')) == 'local'


def test_git_stash_and_new_card(account):
    """git removes and makes cards by their names."""
    if missing('git'):
        pytest.skip(missing('git'))

    def git(*args):
        return run('git', '-C', account.list, '-c', 'user.name=Me',
                   '-c', 'user.email=me@example.com', *args).stdout
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'first')
    git('rm', '-q', 'B.md')
    account.wait_kinds('archive')
    git('reset', '-q', '--hard')
    account.wait_kinds()
    assert account.names() == ['.git', 'A.md', 'B.md', 'C.md']


def test_all_cards_by_sed(account):
    cards = [account.card(name) for name in 'ABC']
    shell('sed -i "s/old words/new words/" "$1"/*.md', account.list)
    account.wait_kinds('desc', 'desc', 'desc')
    for card in cards:
        card.same()
        assert card.read() == card.replaced()
    assert account.stray() == []


def test_archive_and_unpack(account, tmp_path):
    """tar puts the same text back: no change."""
    cards = [account.card(name) for name in 'ABC']
    shell('tar -C "$1" -cf "$2/x.tar" . && tar -C "$1" -xf "$2/x.tar"',
          account.list, tmp_path)
    account.wait_kinds()
    for card in cards:
        card.same()
        assert card.read() == card.text


def test_copy_out_and_back(account, tmp_path):
    cards = [account.card(name) for name in 'ABC']
    shutil.copytree(account.list, tmp_path / 'copy')
    run('cp', '-r', f'{tmp_path}/copy/.', account.list)
    account.wait_kinds()
    for card in cards:
        card.same()
        assert card.read() == card.text


def test_mtime_is_that_of_the_save(account):
    """Settling a text does not move it: editors would ask."""
    card = account.card()
    before = os.stat(card.path)
    write(card.path, card.replaced())
    saved = os.stat(card.path).st_mtime_ns
    assert saved > before.st_mtime_ns
    account.wait_kinds('desc')
    assert os.stat(card.path).st_mtime_ns == saved
    # Also where the text is rewritten.
    with open(card.path, 'ab') as file:
        file.write(b'A comment.\n')
    written = os.stat(card.path).st_mtime_ns
    account.wait_kinds('desc', 'comment-add')
    assert card.read() != card.replaced() + b'A comment.\n'
    assert os.stat(card.path).st_mtime_ns == written
    assert os.stat(card.path).st_ctime_ns > written


def test_utimens_is_kept(account):
    card = account.card()
    os.utime(card.path, ns=(1, 1234567890123456789))
    assert os.stat(card.path).st_mtime_ns == 1234567890123456789
    os.chmod(card.path, 0o640)
    assert os.stat(card.path).st_mode & 0o777 == 0o640
    account.wait_kinds()
    write(card.path, card.replaced())
    os.utime(card.path, ns=(1, 1234567890123456789))
    card.check_saved()
    assert os.stat(card.path).st_mtime_ns == 1234567890123456789


def test_copy_of_a_card_has_its_text(account):
    """cp A.md D.md: a new card with A's text."""
    card = account.card()
    copy = os.path.join(account.list, 'D.md')
    run('cp', card.path, copy)
    time.sleep(0.5 * SLOW)
    assert account.kinds(card.path) == []
    assert account.kinds(copy)[0] == 'create'
    text = read(copy)
    assert DESC.encode() in text and b'- [ ] one\n' in text
    assert b'Looks good.' not in text


def test_read_while_it_settles(account):
    """A reader sees the text as it was written, whatever ends the save."""
    card = account.card()
    for number in range(150):
        text = card.replaced(b'old words', b'words %d' % number)
        write(card.path, text)
        for _ in range(4):
            assert card.read() == text
    account.wait_kinds('desc')
