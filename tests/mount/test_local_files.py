"""What is not Trello's is local: files, folders and links that the program
keeps on this machine and that behave as on any disk."""

import os
import random
import stat
import subprocess

import pytest

from .local import RENAME_EXCHANGE, RENAME_NOREPLACE, renameat2
from .util import folders, outcome, read, run, wait_until, write

MIB = 1 << 20
LOCAL_BYTES = 256 * MIB


@pytest.fixture(scope='module')
def demo(shared_mounts):
    return shared_mounts.start('--demo')


@pytest.fixture(scope='module')
def a_list(demo):
    board = demo.at(folders(demo.path)[0])
    return os.path.join(board, folders(board)[0])


@pytest.fixture
def there(a_list, request):
    """A new local folder below a list."""
    path = os.path.join(a_list, request.node.name.replace('/', '_')[:60])
    os.mkdir(path)
    yield path
    run('rm', '-rf', path)
    assert not os.path.exists(path)


def test_places(demo, a_list):
    """Any file not named *.md, any hidden name, any file outside a list,
    any folder below a list or hidden."""
    board = os.path.dirname(a_list)
    hidden = [os.path.join(each, '.obsidian')
              for each in (demo.path, board, a_list)]
    below = os.path.join(a_list, 'folder')
    for folder in hidden + [below]:
        os.mkdir(folder)
        os.mkdir(os.path.join(folder, 'deeper'))
    files = [os.path.join(folder, name) for folder, names in (
        (demo.path, ('note', 'note.md', '.hidden', '.hidden.md')),
        (board, ('note', 'note.md', '.hidden.md', '.Card.md.swp')),
        (a_list, ('note', 'F.md~', '.Card.md.swp', '4913', '.hidden.md',
                  'Card.md.tmp', 'md', '.md')),
        (hidden[0], ('note.md',)), (hidden[1], ('note.md',)),
        (hidden[2], ('note.md', 'deeper/note.md')),
        (below, ('note.md', 'deeper/note.md'))) for name in names]
    for path in files:
        write(path, path)
    for path in files:
        assert read(path) == path.encode()
        assert os.path.basename(path) in os.listdir(os.path.dirname(path))
        assert os.getxattr(path, 'user.trello.state') == b'local'
    for path in files:
        os.unlink(path)
        assert os.path.basename(path) not in os.listdir(
            os.path.dirname(path))
    run('rm', '-r', *hidden, below)


def test_offsets_and_truncation(there):
    path = os.path.join(there, 'file')
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640)
    os.pwrite(fd, b'end', 100000)
    os.pwrite(fd, b'begin', 0)
    os.pwrite(fd, b'over', 3)
    assert os.fstat(fd).st_size == 100003
    assert os.pread(fd, 10, 0) == b'begover\0\0\0'
    assert os.pread(fd, 10, 99998) == b'\0\0end'
    assert os.pread(fd, 10, 100003) == b''
    os.ftruncate(fd, 5)
    assert read(path) == b'begov'
    os.ftruncate(fd, 8)
    assert read(path) == b'begov\0\0\0'
    os.close(fd)
    os.truncate(path, 0)
    assert read(path) == b'' and os.stat(path).st_size == 0
    os.truncate(path, 70000)
    assert read(path) == bytes(70000)


def test_appending(there):
    path = os.path.join(there, 'file')
    for number in range(20):
        with open(path, 'ab') as file:
            file.write(b'%d\n' % number)
    assert read(path) == b''.join(b'%d\n' % each for each in range(20))


def test_appending_from_several_programs(there):
    """No line of one is lost by another's."""
    path = os.path.join(there, 'log')
    loop = 'for n in $(seq 50); do echo $0 $n >> "$1"; done'
    programs = [subprocess.Popen(['sh', '-c', loop, who, path])
                for who in 'abcd']
    for each in programs:
        each.wait(30)
    lines = read(path).decode().splitlines()
    assert sorted(lines) == sorted(f'{who} {n}' for who in 'abcd'
                                   for n in range(1, 51))


def test_exclusive_and_missing(there):
    path = os.path.join(there, 'file')
    assert outcome(os.open, path, os.O_RDONLY) == 'ENOENT'
    write(path, 'x')
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    assert outcome(os.open, path, flags) == 'EEXIST'
    assert outcome(os.mkdir, path) == 'EEXIST'
    assert outcome(os.symlink, 'x', path) == 'EEXIST'
    assert outcome(os.rmdir, path) == 'ENOTDIR'
    assert outcome(os.unlink, there) in ('EISDIR', 'EPERM')
    assert outcome(os.listdir, path) == 'ENOTDIR'
    assert outcome(write, os.path.join(path, 'below'), 'x') == 'ENOTDIR'
    assert outcome(os.unlink, path + '2') == 'ENOENT'
    assert outcome(os.rename, path + '2', path) == 'ENOENT'


def test_renaming(there):
    def at(*names):
        return os.path.join(there, *names)
    write(at('a'), 'a')
    write(at('b'), 'b')
    number = os.stat(at('a')).st_ino
    os.rename(at('a'), at('b'))
    assert read(at('b')) == b'a' and not os.path.exists(at('a'))
    assert os.stat(at('b')).st_ino == number
    os.mkdir(at('d'))
    os.mkdir(at('d', 'e'))
    os.rename(at('b'), at('d', 'e', 'c'))
    assert read(at('d', 'e', 'c')) == b'a'
    assert outcome(os.rename, at('d'), at('d', 'e', 'd')) == 'EINVAL'
    assert outcome(os.rename, at('d'), at('d', 'e')) == 'EINVAL'
    os.mkdir(at('f'))
    assert outcome(os.rename, at('f'), at('d')) == 'ENOTEMPTY'
    os.rename(at('d'), at('f'))
    assert read(at('f', 'e', 'c')) == b'a' and not os.path.exists(at('d'))
    write(at('g'), 'g')
    assert outcome(os.rename, at('g'), at('f')) == 'EISDIR'
    assert outcome(os.rename, at('f'), at('g')) == 'ENOTDIR'
    os.rename(at('g'), at('g'))
    assert read(at('g')) == b'g'


def test_renaming_with_flags(there):
    one, two = os.path.join(there, 'one'), os.path.join(there, 'two')
    write(one, '1')
    write(two, '2')
    assert outcome(renameat2, one, two, RENAME_NOREPLACE) == 'EEXIST'
    assert outcome(renameat2, one, two, RENAME_EXCHANGE) == 'EINVAL'
    assert (read(one), read(two)) == (b'1', b'2')
    renameat2(one, two + '2', RENAME_NOREPLACE)
    assert read(two + '2') == b'1' and not os.path.exists(one)


def test_links(there, a_list, demo):
    link = os.path.join(there, 'link')
    write(os.path.join(there, 'file'), 'text')
    os.symlink('file', link)
    assert os.readlink(link) == 'file' and read(link) == b'text'
    assert stat.S_ISLNK(os.lstat(link).st_mode)
    assert os.lstat(link).st_size == 4
    long = os.path.join(there, 'long')
    os.symlink('x' * 4000, long)
    assert os.readlink(long) == 'x' * 4000
    assert outcome(os.link, os.path.join(there, 'file'),
                   os.path.join(there, 'hard')) == 'EPERM'
    # None may be named *.md in a list; elsewhere it may.
    assert outcome(os.symlink, 'x', os.path.join(a_list, 'link.md')) == \
        'EPERM'
    assert outcome(os.rename, link, os.path.join(a_list, 'link.md')) == \
        'EPERM'
    for folder in (there, demo.path, os.path.dirname(a_list)):
        os.symlink('x', os.path.join(folder, 'link.md'))
        os.unlink(os.path.join(folder, 'link.md'))


def test_folders(there):
    inner = os.path.join(there, 'inner')
    os.mkdir(inner, 0o750)
    assert os.stat(inner).st_mode & 0o777 == 0o750
    write(os.path.join(inner, 'file'), 'x')
    assert outcome(os.rmdir, inner) == 'ENOTEMPTY'
    os.unlink(os.path.join(inner, 'file'))
    before = os.stat(there).st_mtime_ns
    os.rmdir(inner)
    assert os.stat(there).st_mtime_ns > before
    assert os.listdir(there) == []


@pytest.mark.parametrize('name', [
    'n' * 255, 'ü' * 127, 'line\nbreak', b'not \xff utf-8', ' ', '-rf', '*',
    '...', '\u202ex', '日本語', 'a\\b', '%s'])
def test_any_name(there, name):
    name = os.fsencode(name)
    path = os.path.join(os.fsencode(there), name)
    write(path, name)
    assert os.listdir(os.fsencode(there)) == [name]
    assert read(path) == name


def test_too_long_a_name(there):
    assert outcome(write, os.path.join(there, 'n' * 256), 'x') == \
        'ENAMETOOLONG'
    assert outcome(os.mkdir, os.path.join(there, 'n' * 256)) == \
        'ENAMETOOLONG'


def test_other_kinds(there):
    assert outcome(os.mkfifo, os.path.join(there, 'fifo')) == 'EPERM'
    os.mknod(os.path.join(there, 'file'), 0o600)
    assert read(os.path.join(there, 'file')) == b''


def test_own_attributes(there):
    path = os.path.join(there, 'file')
    write(path, 'x')
    os.chmod(path, 0o751)
    os.utime(path, ns=(1, 1234567890123456789))
    found = os.stat(path)
    assert found.st_mode & 0o7777 == 0o751
    assert found.st_mtime_ns == 1234567890123456789
    assert found.st_nlink == 1 and found.st_uid == os.getuid()
    changed = found.st_ctime_ns
    with open(path, 'ab') as file:
        file.write(b'y')
    found = os.stat(path)
    assert found.st_mtime_ns > 1234567890123456789
    assert found.st_ctime_ns > changed
    if os.geteuid() == 0:
        os.chown(path, 12345, 54321)
        assert (os.stat(path).st_uid, os.stat(path).st_gid) == (12345, 54321)


def test_modes_at_birth(there):
    path = os.path.join(there, 'script')
    mask = os.umask(0o027)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o777))
    finally:
        os.umask(mask)
    assert os.stat(path).st_mode & 0o7777 == 0o750
    write(path, '#!/bin/sh\necho it runs\n')
    assert run(path).stdout == 'it runs\n'


def test_open_without_a_name(there, demo):
    """A removed file lives on for who has it open, and then it is gone."""
    def used():
        return demo.status_line('local files')
    before = used()
    path = os.path.join(there, 'file')
    with open(path, 'w+b') as file:
        file.write(b'x' * 100000)
        file.flush()
        os.unlink(path)
        assert not os.path.exists(path)
        file.seek(0)
        assert file.read() == b'x' * 100000
        file.write(b'more')
        file.flush()
        assert os.fstat(file.fileno()).st_size == 100004
        # Another one may have its name.
        write(path, 'second')
        file.seek(100000)
        assert file.read() == b'more'
        assert read(path) == b'second'
        os.unlink(path)
    wait_until(lambda: used() == before, 5, 'its data is gone')


def test_open_and_replaced(there):
    path = os.path.join(there, 'file')
    write(path, 'old')
    with open(path, 'rb') as file:
        write(path + '.new', 'new')
        os.rename(path + '.new', path)
        assert file.read() == b'old'
    assert read(path) == b'new'


def test_fsync(there):
    path = os.path.join(there, 'file')
    with open(path, 'wb') as file:
        file.write(b'safe')
        file.flush()
        os.fsync(file.fileno())
        os.fdatasync(file.fileno())
    folder = os.open(there, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


MAPPED = '''
import mmap, os, sys
with open(sys.argv[1], 'w+b') as file:
    file.truncate(3 * 4096 + 5)
    with mmap.mmap(file.fileno(), 0) as shared:
        shared[0:5] = b'first'
        shared[4094:4098] = b'over'
        shared[-5:] = b'last.'
        shared.flush()
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as again:
        assert again[4094:4098] == b'over'
'''


def test_mmap(there):
    path = os.path.join(there, 'file')
    run('/usr/bin/python3', '-c', MAPPED, path)
    data = read(path)
    assert len(data) == 3 * 4096 + 5
    assert data[:5] == b'first' and data[4094:4098] == b'over'
    assert data[-5:] == b'last.'
    assert data.count(0) == len(data) - 14


def test_large(there):
    """Blocks of all sizes at all places."""
    path = os.path.join(there, 'file')
    chance = random.Random(1)
    wanted = bytearray()
    with open(path, 'w+b', buffering=0) as file:
        for _ in range(60):
            size = chance.choice((1, 100, 4095, 4096, 65536, 200000))
            offset = chance.randrange(2 * MIB)
            block = chance.randbytes(size)
            if len(wanted) < offset + size:
                wanted += bytes(offset + size - len(wanted))
            wanted[offset:offset + size] = block
            assert os.pwrite(file.fileno(), block, offset) == size
        assert os.pread(file.fileno(), len(wanted) + 1, 0) == wanted
    assert read(path) == wanted


def test_no_more_room(there, demo):
    """256 MiB in all, then ENOSPC; what is removed makes room."""
    def free():
        found = os.statvfs(demo.path)
        return found.f_bavail * found.f_frsize
    room = free()
    assert LOCAL_BYTES - MIB < room <= LOCAL_BYTES
    big, small = os.path.join(there, 'big'), os.path.join(there, 'small')
    write(big, '')
    assert outcome(os.truncate, big, LOCAL_BYTES + 1) == 'ENOSPC'
    assert os.stat(big).st_size == 0
    os.truncate(big, LOCAL_BYTES - 2 * MIB)
    assert free() <= 2 * MIB
    with open(small, 'wb', buffering=0) as file:
        written = 0
        with pytest.raises(OSError, match='No space left') as refused:
            while written < 4 * MIB:
                written += file.write(bytes(65536))
        assert refused.value.errno == 28
        assert written <= 2 * MIB
    assert os.stat(small).st_size == written
    assert read(small) == bytes(written)
    os.unlink(big)
    wait_until(lambda: free() > 200 * MIB, 5, 'there is room again')
    with open(small, 'ab') as file:
        file.write(bytes(4 * MIB))
    assert os.stat(small).st_size == written + 4 * MIB
    os.unlink(small)
    # The kernel tells a little later that nobody has it any more.
    wait_until(lambda: free() == room, 5, 'the room is there again')


def test_many_and_away(there):
    """rm -rf and find -delete miss nothing."""
    for number in range(700):
        write(os.path.join(there, f'file {number}'), '')
    assert len(os.listdir(there)) == 700
    run('find', there, '-mindepth', '1', '-delete')
    assert os.listdir(there) == []
    for number in range(700):
        write(os.path.join(there, f'file {number}'), '')
    run('rm', '-rf', there)
    assert not os.path.exists(there)
    os.mkdir(there)


SEEK = r'''
import ctypes, sys
libc = ctypes.CDLL(None)
class Entry(ctypes.Structure):
    _fields_ = [('ino', ctypes.c_uint64), ('off', ctypes.c_int64),
                ('len', ctypes.c_uint16), ('type', ctypes.c_uint8),
                ('name', ctypes.c_char * 256)]
libc.opendir.restype = libc.readdir.restype = ctypes.c_void_p
libc.telldir.restype = ctypes.c_long
top = ctypes.c_void_p(libc.opendir(sys.argv[1].encode()))
def entry():
    found = libc.readdir(top)
    return found and ctypes.cast(found, ctypes.POINTER(Entry))[0].name
seen = []
while True:
    off = libc.telldir(top)
    name = entry()
    if not name:
        break
    seen.append((off, name))
for off, name in seen[::-1]:
    libc.seekdir(top, ctypes.c_long(off))
    assert entry() == name, (off, name)
assert len({off for off, _ in seen}) == len(seen)
'''


def test_seeking_in_a_folder(there):
    """telldir and seekdir: an offset stays that of its entry."""
    for number in range(300):
        write(os.path.join(there, f'{number:03}'), '')
    run('/usr/bin/python3', '-c', SEEK, there)


def test_rewinding(there):
    """A folder that is open shows what was made after rewinddir."""
    folder = os.open(there, os.O_RDONLY | os.O_DIRECTORY)
    assert os.listdir(folder) == []
    write(os.path.join(there, 'file'), '')
    assert os.listdir(folder) == ['file']
    os.unlink(os.path.join(there, 'file'))
    assert os.listdir(folder) == []
    os.close(folder)


def test_names_that_were_missing(there):
    """A name that was looked for in vain is there once it is made."""
    path = os.path.join(there, 'file')
    for _ in range(3):
        assert not os.path.exists(path)
    write(path, 'x')
    assert os.path.exists(path)
    os.unlink(path)
    assert not os.path.exists(path)
    os.mkdir(path)
    assert os.path.isdir(path)
    os.rmdir(path)
    os.symlink('nowhere', path)
    assert os.path.lexists(path)


def test_as_on_a_disk(there, tmp_path):
    """The same operations by chance, here and on a disk: the same results
    and the same tree."""
    chance = random.Random(7)
    disk = os.fspath(tmp_path)
    for _ in range(1500):
        step = random_step(chance)
        results = [outcome(apply, top, *step) for top in (there, disk)]
        assert results[0] == results[1], step
    assert shape(there) == shape(disk)


NAMES = ('a', 'b', 'c', 'a/a', 'a/b', 'b/a', 'b/b', 'a/a/a', 'c/a/b')


def random_step(chance):
    kind = chance.choice(('write', 'write', 'append', 'truncate', 'mkdir',
                          'mkdir', 'unlink', 'rmdir', 'rename', 'rename',
                          'symlink', 'read', 'list', 'patch'))
    return (kind, chance.choice(NAMES), chance.choice(NAMES),
            chance.randrange(3000))


def apply(top, kind, name, other, number):
    path, other = os.path.join(top, name), os.path.join(top, other)
    data = b'%d' % number * (number % 50)
    if kind == 'write':
        write(path, data)
    elif kind == 'append':
        with open(path, 'ab') as file:
            file.write(data)
    elif kind == 'patch':
        with open(path, 'r+b') as file:
            file.seek(number)
            file.write(data)
    elif kind == 'truncate':
        os.truncate(path, number)
    elif kind == 'rename':
        os.rename(path, other)
    elif kind == 'symlink':
        os.symlink('nowhere', path)
    elif kind == 'read':
        read(path)
    elif kind == 'list':
        os.listdir(path)
    else:
        {'mkdir': os.mkdir, 'unlink': os.unlink,
         'rmdir': os.rmdir}[kind](path)


def shape(top):
    found = {}
    for folder, names, files in os.walk(top):
        for name in names + files:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, top)
            if os.path.islink(path):
                found[relative] = os.readlink(path)
            else:
                found[relative] = os.path.isdir(path) or read(path)
    return found

