"""The program under test, mounted."""

import os
import re
import resource
import subprocess
import time

from . import process


class Mount:
    """One profile of its own. mount() and unmount() as often as wanted:
    the database stays."""

    def __init__(self, program, folder, account, refresh=30):
        self.program = program
        self.root = os.path.join(folder, 'mnt')
        self.account = account
        self.refresh = refresh
        self.pid = None
        self.environment = os.environ | {
            'HOME': folder, 'TZ': 'UTC',
            'XDG_STATE_HOME': os.path.join(folder, 'state'),
            'XDG_CACHE_HOME': os.path.join(folder, 'cache'),
            'XDG_CONFIG_HOME': os.path.join(folder, 'config'),
            'TRELLO_API_KEY': account.key, 'TRELLO_TOKEN': account.token,
            'TRELLOFS_API_URL': account.url}
        for path in (self.root, os.path.join(folder, 'state')):
            os.makedirs(path, exist_ok=True)

    def argv(self, *flags):
        return [self.program, *flags, '-o', f'refresh={self.refresh}',
                self.root]

    def mount(self):
        """Returns when the mount answers. Returns the processor time of
        the command itself: the daemon's own is told by cpu_seconds()."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(self.argv(), env=self.environment, check=True,
                       stdin=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.pid = process.find(self.root)
        return (after.ru_utime + after.ru_stime -
                before.ru_utime - before.ru_stime)

    def unmount(self):
        if self.pid is None:
            return
        subprocess.run(['fusermount3', '-u', self.root], check=True)
        process.wait_end(self.pid)
        self.pid = None

    def remount(self):
        self.unmount()
        self.mount()

    def database_bytes(self):
        state = os.path.join(self.environment['XDG_STATE_HOME'], 'trellofs')
        return sum(os.stat(os.path.join(state, name)).st_size
                   for name in os.listdir(state))

    def status(self):
        path = os.path.join(self.root, '.trellofs', 'status')
        with open(path, encoding='utf-8') as file:
            return file.read()

    def wait_filled(self, seconds=600):
        """Until every board is here."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(r'^boards: (\d+), of which (\d+) are here',
                              self.status(), re.M)
            if found[1] == found[2]:
                return
            time.sleep(0.05)
        raise TimeoutError('not every board came:\n' + self.status())

    def wait_sent(self, seconds=600):
        """Until nothing waits to be sent."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(r'^pending: (\d+)$', self.status(), re.M)
            if found[1] == '0' and not self.pending():
                return
            time.sleep(0.05)
        raise TimeoutError('not everything was sent:\n' + self.status())

    def pending(self):
        path = os.path.join(self.root, '.trellofs', 'pending')
        with open(path, encoding='utf-8') as file:
            return file.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.unmount()
