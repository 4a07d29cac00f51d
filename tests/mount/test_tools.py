"""Real programs on local files: git, vim, cp, tar, sed, rsync."""

import os
import shutil

import pytest

from .util import folders, read, read_tree, run, write

QUIET = {'PATH': os.environ.get('PATH', '/usr/bin:/bin'), 'TZ': 'UTC',
         'LANG': 'C.UTF-8', 'GIT_CONFIG_GLOBAL': '/dev/null',
         'GIT_CONFIG_SYSTEM': '/dev/null', 'HOME': '/nonexistent',
         'TERM': 'dumb'}


@pytest.fixture(scope='module')
def demo(shared_mounts):
    return shared_mounts.start('--demo')


@pytest.fixture(scope='module')
def a_list(demo):
    board = demo.at(folders(demo.path)[0])
    return os.path.join(board, folders(board)[0])


def need(program):
    if shutil.which(program) is None:
        pytest.skip(f'there is no {program}')


def test_git(a_list):
    """A repository in a list folder, of its cards."""
    need('git')

    def git(*words):
        return run('git', '-C', a_list, '-c', 'user.name=T',
                   '-c', 'user.email=t@example.invalid', *words,
                   env=QUIET).stdout
    cards = sorted(os.listdir(a_list))
    git('init', '-q')
    git('add', '-A')
    git('commit', '-qm', 'cards')
    assert git('-c', 'core.quotepath=off', 'ls-files').splitlines() == cards
    assert git('status', '--porcelain') == ''
    write(os.path.join(a_list, 'note'), 'local')
    assert git('status', '--porcelain') == '?? note\n'
    git('add', 'note')
    git('commit', '-qm', 'a note')
    git('fsck', '--strict')
    git('gc', '-q')
    os.unlink(os.path.join(a_list, 'note'))
    git('checkout', 'note')
    assert read(os.path.join(a_list, 'note')) == b'local'
    os.unlink(os.path.join(a_list, 'note'))
    run('rm', '-rf', os.path.join(a_list, '.git'))
    assert sorted(os.listdir(a_list)) == cards


def test_vim(a_list):
    """Swap and back-up files, and a save by renaming."""
    need('vim')
    path = os.path.join(a_list, 'notes.txt')
    for number, backup in enumerate(('no', 'yes', 'auto')):
        run('vim', '-Nu', 'NONE', '-es', '--cmd',
            f'set backup backupcopy={backup} directory=. backupdir=. '
            'backupskip=',
            '-c', f'normal oline {number}', '-c', 'wq', path, env=QUIET)
    assert read(path) == b'\nline 0\nline 1\nline 2\n'
    left = [each for each in os.listdir(a_list) if not each.endswith('.md')]
    assert sorted(left) == ['notes.txt', 'notes.txt~']
    for each in left:
        os.unlink(os.path.join(a_list, each))


def test_vim_looks_at_a_card(a_list):
    need('vim')
    cards = os.listdir(a_list)
    card = next(each for each in cards if each.endswith('.md'))
    text = read(os.path.join(a_list, card))
    shown = run('vim', '-Nu', 'NONE', '-es', '--cmd', 'set directory=.',
                '-c', '%print', '-c', 'q!', os.path.join(a_list, card),
                env=QUIET)
    assert text.decode().splitlines()[-3] in shown.stdout
    assert os.listdir(a_list) == cards


@pytest.fixture
def sample(tmp_path):
    """A tree on a disk: folders, modes, times, links, holes."""
    top = tmp_path / 'sample'
    (top / 'deep/er').mkdir(parents=True)
    (top / 'deep/er/file').write_bytes(b'\0\xff' * 70000)
    (top / 'empty').write_text('')
    (top / 'script').write_text('#!/bin/sh\n')
    (top / 'script').chmod(0o755)
    (top / 'locked').write_text('x')
    (top / 'locked').chmod(0o400)
    (top / 'link').symlink_to('deep/er/file')
    with open(top / 'hole', 'wb') as file:
        file.truncate(1000000)
    os.utime(top / 'script', (1e9, 1e9))
    os.utime(top / 'deep', (1e9, 1e9))
    return os.fspath(top)


def described(top):
    """Types, modes, times, targets and sizes of a tree."""
    lines = run('find', top, '-mindepth', '1', '-printf',
                '%P\\n%y %m %T@ %l\\n%s\\n').stdout.splitlines()
    # A folder's own size is its file system's affair.
    return sorted((name, more, size if more[0] != 'd' else None)
                  for name, more, size in zip(*[iter(lines)] * 3))


def same(one, other):
    assert described(one) == described(other)
    assert read_tree(one) == read_tree(other)


def test_cp(a_list, sample, tmp_path):
    there = os.path.join(a_list, '.copy')
    run('cp', '-a', sample, there)
    same(sample, there)
    back = os.fspath(tmp_path / 'back')
    run('cp', '-a', there, back)
    same(sample, back)
    run('rm', '-rf', there)


def test_cp_of_the_board(demo, tmp_path):
    """A back-up of everything that is listed."""
    back = os.fspath(tmp_path / 'back')
    run('cp', '-a', demo.path, back)
    same(demo.path, back)


def test_tar(a_list, sample, tmp_path):
    there = os.path.join(a_list, 'unpacked')
    os.mkdir(there)
    run('tar', '--format=posix', '-cf', os.path.join(there, 'sample.tar'), '-C',
        sample, '.')
    run('tar', 'xpf', os.path.join(there, 'sample.tar'), '-C', there)
    os.unlink(os.path.join(there, 'sample.tar'))
    same(sample, there)
    run('rm', '-rf', there)


def test_rsync(a_list, sample):
    need('rsync')
    there = os.path.join(a_list, 'mirror')
    # A window of -1: fractions of seconds matter to it, as they do to same().
    rsync = ('rsync', '-a', '--modify-window=-1')
    run(*rsync, sample + '/', there)
    same(sample, there)
    write(os.path.join(sample, 'empty'), 'no more')
    run(*rsync, '--delete', sample + '/', there)
    same(sample, there)
    run('rm', '-rf', there)


def test_sed_and_install(a_list):
    path = os.path.join(a_list, 'list.txt')
    write(path, 'one\ntwo\n')
    run('sed', '-i', 's/two/2/', path)
    assert read(path) == b'one\n2\n'
    run('install', '-m', '640', path, path + '.new')
    assert os.stat(path + '.new').st_mode & 0o777 == 0o640
    run('mv', path + '.new', path)
    run('sort', '-o', path, '-r', path)
    assert read(path) == b'one\n2\n'
    run('dd', 'if=/dev/zero', f'of={path}', 'bs=1k', 'count=3', 'seek=1',
        'conv=notrunc')
    assert os.stat(path).st_size == 4096
    os.unlink(path)


def test_sqlite(a_list):
    """Locks work, and so does a database with its journal."""
    script = ('import sqlite3, sys\n'
              'db = sqlite3.connect(sys.argv[1])\n'
              'db.execute("create table if not exists t (n integer)")\n'
              'for n in range(20):\n'
              '    with db:\n'
              '        db.execute("insert into t values (?)", (n,))\n'
              'print(db.execute("select count(*) from t").fetchone()[0])\n')
    path = os.path.join(a_list, 'some.sqlite')
    assert run('/usr/bin/python3', '-c', script, path).stdout == '20\n'
    assert run('/usr/bin/python3', '-c', script, path).stdout == '40\n'
    os.unlink(path)


def test_find_newer_du_and_ls(demo, a_list):
    """What walks over everything sees all of it, without a complaint."""
    need('getfattr')
    files = run('find', demo.path, '-type', 'f').stdout.splitlines()
    assert len(files) == len(read_tree(demo.path))
    assert run('find', demo.path, '-newermt', '2000-01-01', '-type',
               'f').stdout.splitlines() == files
    total = sum(os.stat(each).st_size for each in files)
    assert int(run('du', '-sb', '--apparent-size', demo.path)
               .stdout.split()[0]) == total
    assert run('ls', '-lR', demo.path).stderr == ''
    done = run('getfattr', '-dR', '-m', '.', demo.path)
    assert done.stdout.count('user.trello.id=') > len(files)
