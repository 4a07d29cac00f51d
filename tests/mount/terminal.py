"""Programs that want a terminal, in tmux."""

import os
import shutil
import subprocess
import time

from .util import SLOW, run, wait_until

LOCALE = {'LANG': 'C.UTF-8', 'LC_ALL': 'C.UTF-8', 'TERM': 'screen'}


class Terminal:
    """One program in a terminal of its own."""

    def __init__(self, home, *argv, cwd=None, env=None):
        self.home = os.fspath(home)
        os.makedirs(self.home, exist_ok=True)
        self.socket = os.path.join(self.home, 'tmux')
        env = {'PATH': os.environ['PATH'], 'HOME': self.home,
               'SHELL': '/bin/sh'} | LOCALE | (env or {})
        self.status = os.path.join(self.home, 'status')
        run('tmux', '-S', self.socket, '-f', '/dev/null', 'new-session',
            '-d', '-x', '100', '-y', '30', '-c', cwd or self.home,
            'sh', '-c', '"$@"; echo $? > "$0.new"; mv "$0.new" "$0"',
            self.status, *argv, env=env)

    def tmux(self, *args, check=True):
        return run('tmux', '-S', self.socket, *args, check=check).stdout

    def screen(self):
        """What it shows; a line that was wrapped is one."""
        return self.tmux('capture-pane', '-p', '-J', check=False)

    def wait_for(self, text, seconds=10):
        wait_until(lambda: text in self.screen(), seconds,
                   lambda: f'{text!r} in\n{self.screen()}')

    def keys(self, *keys, pause=0.02):
        """Keys as tmux calls them; a text in a tuple is typed as it is."""
        for key in keys:
            if isinstance(key, tuple):
                self.tmux('send-keys', '-l', *key)
            else:
                self.tmux('send-keys', key)
            time.sleep(pause * SLOW)

    def wait(self, seconds=10):
        """Its exit status."""
        wait_until(lambda: os.path.exists(self.status), seconds,
                   lambda: f'its end; there is\n{self.screen()}')
        with open(self.status, encoding='ascii') as file:
            return int(file.read())

    def close(self):
        subprocess.run(['tmux', '-S', self.socket, 'kill-server'],
                       stderr=subprocess.DEVNULL, check=False)


def missing(program):
    return None if shutil.which(program) else f'{program} is not installed'
