"""Starts the program, looks after it, and ends it whatever happens."""

import os
import re
import subprocess
import threading

from .program import PROGRAM
from .util import PATIENCE, read, run, wait_until

# Lines of a log that are no message of the program: what -d makes libfuse
# say.
DEBUG = re.compile(
    r'\s|FUSE library version|nullpath_ok|unique:|INIT:|\d+ |debug: |'
    r'trellofs: (debug|info): |(NOTIFY|LOOKUP|READ|GET|flags|max_)')
SANITIZER = re.compile(
    r'(ERROR|WARNING): \w*Sanitizer|runtime error:|: Assertion .* failed|'
    r'^\*\*\* ')
SANITIZED = {
    'ASAN_OPTIONS': 'detect_leaks=1:exitcode=99',
    'UBSAN_OPTIONS': 'print_stacktrace=1',
    'TSAN_OPTIONS': 'halt_on_error=0:exitcode=66'}
PASSED_ON = ('PATH', 'LD_LIBRARY_PATH', 'GCOV_PREFIX', 'LLVM_PROFILE_FILE',
             *SANITIZED)

LIVE = set()        # every Mount that may have a process


def environment(home, **more):
    """What the program sees of its surroundings: nothing of the user's."""
    found = dict(SANITIZED)
    found |= {name: os.environ[name] for name in PASSED_ON
              if name in os.environ}
    found |= {'HOME': home, 'TZ': 'UTC', 'LANG': 'C.UTF-8',
              'XDG_STATE_HOME': os.path.join(home, 'state'),
              'XDG_CONFIG_HOME': os.path.join(home, 'config'),
              'XDG_CACHE_HOME': os.path.join(home, 'cache')}
    return found | more


def preloading(library):
    """What is added to a program's surroundings so that it has a library of
    the tests' own; a sanitizer must not mind that it is not the first one."""
    asan = os.environ.get('ASAN_OPTIONS', SANITIZED['ASAN_OPTIONS'])
    return {'LD_PRELOAD': library,
            'ASAN_OPTIONS': asan + ':verify_asan_link_order=0'}


def mounted(path):
    """The type of what is mounted on exactly this path, or None."""
    kind = None
    with open('/proc/self/mountinfo', encoding='utf-8',
              errors='surrogateescape') as table:
        for line in table:
            before, _, after = line.partition(' - ')
            where = before.split()[4].encode('utf-8', 'surrogateescape')
            where = where.decode('unicode_escape').encode('latin-1')
            if where == os.fsencode(path):
                kind = after.split()[0]
    return kind


class Mount:
    """One run of the program in the foreground, on a folder of its own."""

    def __init__(self, args, home, path, env, log):
        self.args = args
        self.home = home
        self.path = path
        self.env = environment(home, **env)
        self.log_path = log
        # What its log may hold; at its end something may wait.
        self.expected = [re.compile('not sent yet')]
        self.process = None
        self.ended = None       # its exit status, once the test ended it
        self.killed_late = False

    # Its life

    def spawn(self):
        with open(self.log_path, 'wb') as log:
            self.process = subprocess.Popen(
                [PROGRAM, '-f', *self.args, self.path], env=self.env,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        LIVE.add(self)
        return self

    def start(self):
        self.spawn()
        wait_until(self.answers, 20, f'mount on {self.path}')
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(
                f'the program ended with {self.process.returncode}:\n'
                + self.log())
        if mounted(self.path) != 'fuse.trellofs':
            return False
        # Of a mount that has died the kernel may still have the rest; it is
        # there until the new one takes its place.
        os.statvfs(self.path)
        os.stat(self.path)
        return mounted(self.path) == 'fuse.trellofs'

    def unmount(self, signum=None):
        """Ends it, by its own signal or by unmounting; its exit status."""
        if signum is None:
            wait_until(lambda: run('fusermount3', '-u', self.path,
                                   check=False).returncode == 0,
                       10, f'unmounting {self.path}', step=0.1)
        else:
            self.process.send_signal(signum)
        self.ended = self.wait()
        return self.ended

    def wait(self, seconds=20):
        try:
            return self.process.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise AssertionError(
                f'it did not end within {seconds * PATIENCE} s') from None

    def kill(self):
        """As a crash would; leaves the dead mount."""
        self.process.kill()
        self.ended = self.process.wait(10)

    def too_late(self):
        """Called in another thread when a test does not end."""
        self.killed_late = True
        if self.process and self.process.poll() is None:
            self.process.kill()

    def clean(self):
        """Leaves no process and no mount, however it stands."""
        LIVE.discard(self)
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        if mounted(self.path):
            run('fusermount3', '-u', '-z', self.path, check=False)

    def finish(self):
        """At the end of the test: ends it and says what was wrong."""
        wrong = []
        if self.process is not None and self.ended is None:
            if self.killed_late:
                wrong.append('it was killed because the test did not end')
            elif self.process.poll() is not None:
                wrong.append('it died with status '
                             f'{self.process.returncode}')
            else:
                try:
                    status = self.unmount()
                    if status != 0:
                        wrong.append(f'its exit status was {status}')
                except AssertionError as error:
                    wrong.append(str(error))
        if mounted(self.path):
            wrong.append(f'{self.path} was still mounted')
        self.clean()
        return wrong + self.complaints()

    # Its log

    def log(self):
        return read(self.log_path).decode('utf-8', 'replace')

    def expect(self, *patterns):
        """Lines of the log that are no surprise; each a regular
        expression that is searched for."""
        self.expected += [re.compile(each) for each in patterns]

    def complaints(self):
        """The lines of the log that nobody expected."""
        lines = self.log().splitlines()
        for number, line in enumerate(lines):
            if SANITIZER.search(line):
                return ['\n'.join(lines[number:number + 60])]
        debugging = '-d' in self.args
        return [f'unexpected in its log: {line}' for line in lines if line
                and not (debugging and DEBUG.match(line))
                and not any(each.search(line) for each in self.expected)]

    # What it shows

    def at(self, *names):
        return os.path.join(self.path, *names)

    def status(self):
        return read(self.at('.trellofs', 'status')).decode()

    def status_line(self, word):
        """The rest of the line that begins so, '' if there is none."""
        for line in self.status().splitlines():
            if line.startswith(word + ':'):
                return line[len(word) + 1:].strip()
        return ''

    def boards_here(self):
        """(known boards, those whose content is here)."""
        numbers = re.findall(r'\d+', self.status_line('boards'))
        return int(numbers[0]), int(numbers[1])

    def wait_complete(self, seconds=20):
        """Until every board that is known is here."""
        def complete():
            known, here = self.boards_here()
            return known == here
        wait_until(complete, seconds, 'all boards are here')

    def database(self, profile='default'):
        return os.path.join(self.home, 'state', 'trellofs',
                            profile + '.db')

    def memory_kb(self, field='VmRSS'):
        with open(f'/proc/{self.process.pid}/status',
                  encoding='ascii') as status:
            for line in status:
                if line.startswith(field + ':'):
                    return int(line.split()[1])
        return None


class Mounts:
    """Makes mounts in a folder of the test's own, and ends them all."""

    def __init__(self, folder):
        self.folder = os.fspath(folder)
        self.all = []
        self.number = 0

    def prepare(self, *args, env=None, home=None, path=None):
        """A Mount that does not run yet. home: that of an earlier one,
        whose state it goes on with; path: where it is to be mounted."""
        number = self.number
        self.number += 1
        home = home or self.make(f'home{number}')
        path = path or self.make(f'mnt{number}')
        log = os.path.join(self.folder, f'log{number}')
        mount = Mount(args, home, path, env or {}, log)
        self.all.append(mount)
        return mount

    def make(self, name):
        path = os.path.join(self.folder, name)
        os.mkdir(path)
        return path

    def start(self, *args, expect=(), **more):
        mount = self.prepare(*args, **more)
        mount.expect(*expect)
        return mount.start()

    def account(self, server, options='refresh=1', args=(), env=None,
                **more):
        """A mount of what the server has."""
        if 'lost_wait' not in options:
            # What tests cut off is over.
            options += ',lost_wait=0'
        env = {'TRELLOFS_API_URL': server.url, 'TRELLO_API_KEY': server.key,
               'TRELLO_TOKEN': server.token} | (env or {})
        return self.start('-o', options, *args, env=env, **more)

    def again(self, mount, env=None, **more):
        """The same mount once more: its arguments, its state."""
        env = {name: value for name, value in mount.env.items()
               if name.startswith('TRELLO')} | (env or {})
        return self.start(*mount.args, home=mount.home, env=env, **more)

    def fails(self, *args, env=None, home=None, path=None, seconds=30):
        """A start that must fail: (exit status, what it said)."""
        mount = self.prepare(*args, env=env, home=home, path=path)
        try:
            done = run(PROGRAM, *args, mount.path, seconds=seconds,
                       check=False, env=mount.env)
        finally:
            left = mounted(mount.path) if path is None else None
            self.all.remove(mount)
            if path is None:
                mount.clean()
        assert not left, f'it is mounted: {done.stderr}'
        assert done.stdout == ''
        assert not SANITIZER.search(done.stderr), done.stderr
        return done.returncode, done.stderr

    def finish(self):
        wrong = []
        for mount in reversed(self.all):
            wrong += [f'{mount.path}: {each}' for each in mount.finish()]
            log = mount.log() if os.path.exists(mount.log_path) else ''
            if log:
                print(f'---- log of trellofs {" ".join(mount.args)}\n'
                      + log[-20000:])
        self.all = []
        assert not wrong, '\n'.join(wrong)


class Watchdog:
    """Kills every mount's program when a test takes too long, so that no
    system call of the test can wait for ever."""

    def __init__(self, seconds):
        self.timer = threading.Timer(seconds * PATIENCE, self.bite)
        self.timer.daemon = True

    def bite(self):
        for mount in list(LIVE):
            mount.too_late()

    def __enter__(self):
        self.timer.start()

    def __exit__(self, *_):
        self.timer.cancel()
