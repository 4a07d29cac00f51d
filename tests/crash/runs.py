"""A script of steps, with a death at one point, or without."""

import os
import signal
import subprocess
import time

import pytest

from mount.harness import PROGRAM, Mounts, preloading
from mount.test_life import HEALED
from mount.util import PATIENCE, SLOW, read, wait_until, write

from .account import OPTIONS
from .steps import New, Remove

SHIM = os.path.join(os.path.dirname(PROGRAM), 'tests', 'crash', 'points.so')
# A removal is part of a save if what follows comes within 10 s.
TOO_LONG = 8
# After so long nothing comes by itself.
QUIET_S = 0.1
NEVER = 1000000


class Died(Exception):
    """The program has died, as it should."""


class TooSlow(Exception):
    """The machine was so busy that the steps mean something else."""


class Run:
    """One run: how it went."""

    def __init__(self, world, script):
        self.world = world
        self.script = [make() for make in script]
        self.folder, self.home = world.again()
        self.mounts = Mounts(self.folder)
        self.path = self.mounts.make('mnt')
        self.list = os.path.join(self.folder, 'points')
        self.step = 0           # the one that is being taken
        self.failed = None      # it did not come to its end
        self.removed = None     # when something was removed
        self.died_at = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for mount in self.mounts.all:
            mount.clean()

    # The program

    def start(self, preload=True):
        server = self.world.server
        env = {'TRELLOFS_API_URL': server.url, 'TRELLO_API_KEY': server.key,
               'TRELLO_TOKEN': server.token}
        if preload:
            env |= preloading(SHIM) | {'CRASH_POINTS': self.list}
        mount = self.mounts.prepare('-o', OPTIONS, env=env, home=self.home,
                                    path=self.path)
        mount.expect(HEALED)
        mount.spawn()
        until(mount, mount.answers, 'it is mounted')
        return mount

    def start_quiet(self, at):
        """Points count when all is quiet."""
        open(self.list, 'wb').close()
        mount = self.start()
        self.world.wait_idle(mount)
        self.quiet(mount)
        write(self.list + '.new', head(at))
        os.replace(self.list + '.new', self.list)
        return mount

    def points(self):
        """What was counted: 'commit-before', ..., a line each."""
        return read(self.list).decode().splitlines()[1:]

    def quiet(self, mount):
        """Until what follows a save by itself is over, too."""
        seen = since = None

        def over():
            nonlocal seen, since
            if self.world.server.in_flight > 0 or \
                    seen != len(self.points()):
                seen, since = len(self.points()), time.monotonic()
            return time.monotonic() - since > QUIET_S * SLOW
        until(mount, over, 'it is quiet')

    # The user

    def look(self, mount):
        """After a death: what has become of the step."""
        if self.step == len(self.script) or self.failed is None:
            return
        step = self.script[self.step]
        if step.seen(mount):
            self.step += 1
        elif not self.failed:
            # It was said to be done, so nothing may be lost.
            assert step.kept(mount), step

    def take(self, mount):
        """The steps from the present one on."""
        for number in range(self.step, len(self.script)):
            step = self.script[number]
            self.step, self.failed = number, True
            self.hurry(step)
            step.do(mount)
            self.failed = False
            until(mount, lambda: settled(mount), f'{step} is settled')
        self.step = len(self.script)

    def hurry(self, step):
        now = time.monotonic()
        if isinstance(step, Remove):
            self.removed = now
        elif self.removed is not None and isinstance(step, New) \
                and now - self.removed > TOO_LONG:
            raise TooSlow

    # Runs

    def dies(self, mount, surely=False):
        """The program dies while it is worked with. surely: it is known
        that it will, and a busy machine may make it late."""
        try:
            self.look(mount)
            self.take(mount)
            self.quiet(mount)
            if surely:
                ends(mount.process)
            self.spare(mount)
        except OSError:
            if not ends(mount.process):
                raise
        except Died:
            pass
        else:
            return False
        self.note_death(mount)
        return True

    def spare(self, mount):
        """What comes from now on is no point at which to die."""
        with open(self.list, 'r+b') as file:
            file.write(head(NEVER).encode())
        if mount.process.poll() is not None:
            raise Died

    def note_death(self, mount):
        mount.ended = mount.process.wait(10)
        assert mount.ended == -signal.SIGKILL, mount.log()
        self.died_at += self.points()[-1:]
        wait_until(lambda: self.world.server.heard_out, 10,
                   'the server has done what it was asked')

    def restart(self, at):
        """After a death: once more, to die while it starts, or later, or
        (None) not at all.  None if it has died."""
        if at is None:
            return self.start(preload=False)
        write(self.list, head(at))
        try:
            return self.start()
        except Died:
            self.note_death(self.mounts.all[-1])
            return None

    def whole(self):
        """Without a death: the result."""
        mount = self.start_quiet(NEVER)
        assert not self.dies(mount)
        return self.finish(mount)

    def with_death(self, at, *more):
        """The result, or None if there is no such point; more: of later
        lives."""
        mount = self.start_quiet(at)
        for again in (*more, None):
            if mount is not None and \
                    not self.dies(mount, surely=not self.died_at):
                break
            mount = self.restart(again)
        else:
            self.look(mount)
            self.take(mount)
        if not self.died_at:
            self.mounts.finish()
            return None
        return self.finish(mount)

    def finish(self, mount):
        result = self.world.result(mount)
        assert read(mount.at('.trellofs', 'problems')) == b''
        self.mounts.finish()
        return result


def head(at):
    """The line that says where to die, of one length, so that another one
    can take its place."""
    return f'at {at:07}\n'


def ends(process):
    """Whether it does, soon."""
    try:
        process.wait(5 * PATIENCE)
    except subprocess.TimeoutExpired:
        return False
    return True


def until(mount, predicate, what):
    """Waits for it, or for the program's death."""
    def either():
        if mount.process.poll() is not None:
            raise Died
        return predicate()
    wait_until(either, 10, what, step=0.01)


def settled(mount):
    return b'being-written' not in read(mount.at('.trellofs', 'pending'))


def need_shim():
    if not os.path.exists(SHIM):
        pytest.skip(f'there is no {SHIM}: make check builds it')
