"""What is uploaded to cards, read: streamed, kept, gone on with."""

import mmap
import os
import random
import signal
import subprocess
import threading

import pytest

from .attached import attach, noise, wait_files
from .networks import refused
from .program import INSTRUMENTED
from .servers import count
from .surroundings import Surroundings
from .util import SLOW, outcome, read, run, wait_until
from .writing import Account

MIB = 1 << 20
BUCKET = '/bucket/'


@pytest.fixture
def account(mounts, server):
    server.settings.upload_max = 300 * MIB
    return started(mounts, server)


def started(mounts, server, **more):
    account = Account(mounts, server, settle=1, **more)
    account.made = {}
    return account


def files(account, *names, card='A'):
    return account.at('To Do', card + '.files', *names)


def put_all(account, data):
    """They are uploaded by another program; {name: path}."""
    here = os.listdir(files(account))
    for name in data:
        account.made[name] = attach(account.server, account.ids['A'], name,
                                    data[name])['id']
    wait_files(files(account), *data, *here)
    return {name: files(account, name) for name in data}


def put(account, name, data):
    return put_all(account, {name: data})[name]


def replace(account, name, data):
    """Behind Trello's back."""
    account.server.account.files[account.made[name]] = data


def asked(account):
    """The ranges that the storage was asked for."""
    return [each[3] for each in account.server.storage.requests]


def located(account):
    """How often Trello was asked where a file is."""
    return count(account.server, '/download/')


def part(path, offset, size):
    file = os.open(path, os.O_RDONLY)
    try:
        return os.pread(file, size, offset)
    finally:
        os.close(file)


def reason(path):
    return os.getxattr(path, 'user.trello.error').decode()


def cache(account):
    """{name: bytes} of the profile's cache, without its maps."""
    folder = os.path.join(account.mount.home, 'cache', 'trellofs', 'default')
    return {name: os.stat(os.path.join(folder, name)).st_size
            for name in os.listdir(folder) if '.' not in name}


def fetched(account):
    """What status says that the cache holds."""
    return int(account.mount.status_line('attachments').split()[0])


def test_read_once(account):
    data = noise(3_000_001)
    path, empty = put_all(
        account, {'a b – ü.bin': data, 'empty': b''}).values()
    assert read(path) == data and read(empty) == b''
    assert asked(account) == [None] and located(account) == 1
    with open(path, 'rb') as file, \
            mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        assert mapped[1_000_000:1_000_100] == data[1_000_000:1_000_100]
        assert mapped[-1:] == data[-1:]
    assert run('cmp', path, path).returncode == 0
    folder = os.path.join(account.mount.home, 'cache', 'trellofs', 'default')
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert list(cache(account).values()) == [len(data)]
    for name in os.listdir(folder):
        assert os.stat(os.path.join(folder, name)).st_mode & 0o777 == 0o600
    assert fetched(account) == len(data)
    # Another day, and with no network.
    account.restart()
    assert read(path) == data
    account.server.refuse()
    assert read(path) == data
    account.server.refuse(False)
    assert asked(account) == [None] and located(account) == 1
    # Once files were not at Trello: those are fetched without asking it.
    old = put(account, 'old', data)
    with account.server.core.lock:
        each = account.server.account.cards[account.ids['A']]['attachments'][-1]
        each['url'] = account.server.storage.address(each['id'], 'old')
        account.server.account.touch(
            account.server.account.boards[account.board],
            account.server.account.cards[account.ids['A']])
    wait_until(lambda: '/bucket/' in os.getxattr(
        old, 'user.trello.url').decode(), 5, 'the address')
    assert read(old) == data and located(account) == 1
    # What is archived is the same file.
    os.unlink(account.at('To Do', 'A.md'))
    assert read(account.at('.archive', 'A.files', 'a b – ü.bin')) == data
    assert located(account) == 1
    wait_until(account.drained, 10, 'all is sent')


def test_only_what_is_read(account):
    """Far apart, each part by itself; a little more, not all."""
    data = noise(40 * MIB)
    path = put(account, 'film.mkv', data)
    assert part(path, 0, 1000) == data[:1000]
    assert part(path, len(data) - 1000, 1000) == data[-1000:]
    assert part(path, 20 * MIB + 5, 100_000) == \
        data[20 * MIB + 5:20 * MIB + 100_005]
    assert asked(account)[0] is None and len(asked(account)) <= 3
    assert located(account) == 1
    assert fetched(account) < 20 * MIB
    chosen = random.Random(3)
    for _ in range(30):
        at = chosen.randrange(len(data))
        assert part(path, at, 5000) == data[at:at + 5000]
    assert read(path) == data
    assert located(account) == 1


def test_cut_and_gone_on_with(account):
    """By Range from where it was cut; never a wrong byte."""
    data = noise(9 * MIB + 17)
    more = noise(20 * MIB, 2)
    path, other = put_all(account, {'a.iso': data, 'b.iso': more}).values()
    account.server.faults.add(path=BUCKET, cut=4 * MIB + 1, count=1)
    account.server.faults.add(path=BUCKET, cut=MIB, skip=1, count=2)
    assert read(path) == data
    ranges = asked(account)
    assert ranges[:2] == [None, f'bytes={4 * MIB + 1}-{len(data) - 1}']
    assert ranges[2] == f'bytes={5 * MIB + 1}-{len(data) - 1}'
    assert len(ranges) == 4 and located(account) == 1
    # It does not go on: told, and what was there is there after a crash.
    first, data, path = data, more, other
    account.server.faults.clear()
    account.server.storage.requests.clear()
    account.server.faults.add(path=BUCKET, cut=12 * MIB, count=1)
    account.server.faults.add(path=BUCKET, status=503, skip=1)
    assert outcome(read, path) == 'EIO'
    assert '503' in reason(path)
    there = fetched(account) - len(first)
    account.restart(kill=True)
    account.server.faults.clear()
    account.server.storage.requests.clear()
    assert read(path) == data
    assert len(asked(account)) == 1
    begun = (asked(account)[0] or 'bytes=0-').partition('=')[2]
    # All but what had come since it was last written down.
    assert max(0, there - 8 * MIB) <= int(begun.partition('-')[0]) \
        <= 12 * MIB
    assert 'user.trello.error' not in os.listxattr(path)


@pytest.mark.parametrize('tags', [True, False])
def test_server_without_parts(account, tags):
    account.server.storage.ranges = False
    account.server.storage.tags = tags
    data, more = noise(6 * MIB), noise(5 * MIB, 3)
    path, other = put_all(account, {'whole': data, 'other': more}).values()
    account.server.faults.add(path=BUCKET, cut=3 * MIB, count=1)
    assert read(path) == data
    assert len(asked(account)) == 2
    assert part(path, 5 * MIB, 1000) == data[5 * MIB:5 * MIB + 1000]
    # A program that begins in the middle waits for all before it.
    assert part(other, 4 * MIB, 1000) == more[4 * MIB:4 * MIB + 1000]
    assert read(other) == more


def test_changed_meanwhile(account):
    """Nobody is given the end of another file than he has the beginning
    of; who begins again has the new one."""
    old, new = noise(8 * MIB, 4), noise(8 * MIB, 5)
    path, short = put_all(
        account, {'log': old, 'short': noise(1000)}).values()
    account.server.faults.add(path=BUCKET, cut=3 * MIB, count=1)
    with open(path, 'rb', buffering=0) as file:
        assert file.read(MIB) == old[:MIB]
        replace(account, 'log', new)
        assert outcome(lambda: [file.read(MIB) for _ in range(8)]) == 'EIO'
    assert 'changed' in reason(path)
    wait_until(lambda: read(path) == new, 8, 'the new one')
    # It has another size than Trello says.
    replace(account, 'short', noise(900))
    assert outcome(read, short) == 'EIO'
    assert '900' in reason(short) and '1000' in reason(short)


def test_what_the_storage_refuses(account):
    """Each with its errno and the reason."""
    said = {404: 'ENOENT', 403: 'EACCES', 500: 'EIO'}
    small, large = noise(1000), noise(10 * MIB)
    paths = put_all(account, {str(status): small for status in said}
                    | dict.fromkeys(('later', 'gone', 'nowhere'), large))
    for status, name in said.items():
        account.server.faults.add(path=BUCKET, status=status)
        path = paths[str(status)]
        assert outcome(read, path) == name
        assert f'127.0.0.1 says {status}' == reason(path)
        account.server.faults.clear()
    for status in said:
        path = paths[str(status)]
        wait_until(lambda p=path: read(p) == small, 6, 'once more')
        assert 'user.trello.error' not in os.listxattr(path)
    # Addresses are good for a while only.
    account.server.faults.add(path=BUCKET, cut=5 * MIB, count=1)
    account.server.faults.add(path=BUCKET, status=403, skip=1, count=1)
    before = located(account)
    assert read(paths['later']) == large
    assert located(account) == before + 2
    # Trello has it no more, or sends us nowhere.
    account.server.faults.add(path='/download/', status=404)
    assert outcome(read, paths['gone']) == 'ENOENT'
    assert 'not found' in reason(paths['gone'])
    account.server.faults.clear()
    account.server.faults.add(path='/download/', status=200, body='{}')
    assert outcome(read, paths['nowhere']) == 'ENETUNREACH'
    assert 'where it is' in reason(paths['nowhere'])


def test_offline(account):
    data = noise(3 * MIB)
    here, away, path = put_all(
        account, dict.fromkeys(('here', 'away', 'late'), data)).values()
    assert read(here) == data
    with refused(account.server):
        assert outcome(read, away) == 'ENETUNREACH'
        assert read(here) == data
    account.mount.expect('warning: ', 'notice: ')
    wait_until(lambda: read(away) == data, 12, 'the network is back')
    # Trello is there, and where the files are nobody is.
    account.server.run_in_loop(account.server.listeners[1].close())
    assert outcome(read, path) == 'ENETUNREACH'
    assert '127.0.0.1: ' in reason(path)
    account.server.run_in_loop(account.server.listeners[1].open())


def test_streamed_and_interrupted(account):
    """Bytes as they come; who waits for others can be ended, and nothing
    else waits for him."""
    data = noise(8 * MIB)
    path, small = put_all(account, {'slow': data, 'small': b'tiny'}).values()
    account.server.faults.add(path=BUCKET, stall=600, stall_at=2 * MIB,
                              count=1)
    with open(path, 'rb') as file:
        assert file.read(MIB) == data[:MIB]
    readers = [subprocess.Popen(['cat', path], stdout=subprocess.DEVNULL)
               for _ in range(20)]
    assert read(small) == b'tiny'
    assert b'url:' in read(account.at('To Do', 'B.md'))
    os.rename(account.at('To Do', 'B.md'), account.at('To Do', 'Bee.md'))
    for reader in readers:
        reader.send_signal(signal.SIGINT)
    for reader in readers:
        assert reader.wait(20) == -signal.SIGINT
    # One that has a handler hears of it, too.
    code = ('import os, signal, sys\n'
            'signal.signal(signal.SIGALRM, lambda *_: sys.exit(7))\n'
            'file = os.open(sys.argv[1], os.O_RDONLY)\n'
            'signal.setitimer(signal.ITIMER_REAL, .3)\n'
            'os.pread(file, 1000, 3 << 20)\n')
    done = run('python3', '-c', code, path, check=False)
    assert done.returncode == 7
    # What does not come is given up, and killed while somebody waits the
    # program leaves all as it was.
    waiting = subprocess.Popen(['cat', path], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    wait_until(account.drained, 10, 'all is sent')
    account.restart(kill=True)
    assert waiting.wait(20) != 0
    account.server.faults.clear()
    assert read(path) == data


def test_full_disk(mounts, server, tmp_path):
    around = Surroundings(tmp_path / 'surroundings')
    account = started(mounts, server, env=around.env)
    data = noise(2 * MIB)
    path = put(account, 'big', data)
    around.set_full(True)
    assert outcome(read, path) == 'ENOSPC'
    assert 'No space left' in reason(path)
    account.mount.expect('error: attachments cannot be kept in .*No space')
    assert b'url:' in read(account.at('To Do', 'B.md'))
    around.set_full(False)
    wait_until(lambda: read(path) == data, 8, 'there is room again')


def test_the_least_recently_used_goes(mounts, server):
    account = started(mounts, server, options='cache_size=1')
    data = {name: noise(400_000, at) for at, name in enumerate('abc')}
    large = noise(3 * MIB)
    paths = put_all(account, data | {'large': large})
    for name in 'ab':
        assert read(paths[name]) == data[name]
        account.restart()
    # a is read once more: b is the older one now.
    assert read(paths['a']) == data['a']
    account.restart()
    assert read(paths['c']) == data['c']
    wait_until(lambda: fetched(account) <= MIB, 5, 'there is room')
    account.server.storage.requests.clear()
    assert read(paths['a']) == data['a'] and asked(account) == []
    assert read(paths['b']) == data['b'] and len(asked(account)) == 1
    # Larger than all that may be kept: read all the same.
    assert read(paths['large']) == large
    account.restart()
    assert sum(cache(account).values()) <= MIB


def test_many_at_once(account):
    """Files and readers, by turns, with what goes wrong meanwhile."""
    data = {f'f{at}': noise(700_000 + at * 100_001, at) for at in range(8)}
    paths = put_all(account, data)
    account.server.faults.add(path=BUCKET, cut=500_000, count=3)
    account.server.faults.add(path=BUCKET, status=503, skip=5, count=2)
    wrong = []

    def reader(seed):
        chosen = random.Random(seed)
        for _ in range(12):
            name = chosen.choice(sorted(data))
            at = chosen.randrange(len(data[name]))
            size = chosen.randrange(1, 300_000)
            if part(paths[name], at, size) != data[name][at:at + size]:
                wrong.append((name, at, size))

    threads = [threading.Thread(target=reader, args=(seed,))
               for seed in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []
    for name in data:
        assert read(paths[name]) == data[name]


def test_memory_stays(account):
    """However large the file is (200 MiB where there is time)."""
    size = (200 if SLOW > 1 else 48) * MIB
    data = noise(size)
    path = put(account, 'large', data)
    read(account.at('To Do', 'A.md'))
    before = account.mount.memory_kb('VmHWM')
    with open(path, 'rb') as file:
        at = 0
        while piece := file.read(MIB):
            assert piece == data[at:at + len(piece)]
            at += len(piece)
    assert at == size
    # A sanitizer keeps what was freed.
    assert INSTRUMENTED \
        or account.mount.memory_kb('VmHWM') - before < 16 * 1024
