"""The simplest mounts of each kind, in the foreground and behind."""

import os
import signal

from . import harness
from .harness import PROGRAM, environment, mounted
from .util import folders, read, run, wait_until


def test_demo(mount):
    demo = mount('--demo')
    assert len(folders(demo.path)) == 1


def test_account(mounts, server):
    server.generate(boards=2, lists=2, cards=6)
    account = mounts.account(server)
    assert len(folders(account.path)) == 2


def pids_of(path):
    """The programs that have this folder as their last argument."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            words = read(f'/proc/{pid}/cmdline').split(b'\0')
        except OSError:
            continue
        if os.fsencode(path) in words and b'trellofs' in words[0]:
            found.append(int(pid))
    return found


def test_in_the_background(tmp_path):
    """Without -f the command ends when ls works, with exit status 0, and
    leaves the terminal alone."""
    path = os.fspath(tmp_path / 'mnt')
    home = os.fspath(tmp_path / 'home')
    os.mkdir(path)
    os.mkdir(home)
    pids = []
    try:
        done = run(PROGRAM, '--demo', path, env=environment(home))
        assert (done.stdout, done.stderr) == ('', '')
        assert mounted(path) == 'fuse.trellofs'
        assert len(folders(path)) == 1
        pids = pids_of(path)
        assert len(pids) == 1
        for number in range(3):
            assert os.readlink(f'/proc/{pids[0]}/fd/{number}') == '/dev/null'
        assert os.readlink(f'/proc/{pids[0]}/cwd') == '/'
    finally:
        run('fusermount3', '-u', path, check=False)
        try:
            wait_until(lambda: not pids_of(path), 10, 'the program ends')
        finally:
            for pid in pids_of(path):
                os.kill(pid, signal.SIGKILL)
            if mounted(path):
                run('fusermount3', '-u', '-z', path, check=False)
    assert harness.mounted(path) is None
