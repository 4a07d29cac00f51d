"""What tests of logging in share: the program as a command, its home and
configuration file, and a Trello behind HTTPS with a CA of its own."""

import contextlib
import os
import re
import subprocess

from trello.certs import make_certs

from .harness import PROGRAM, SANITIZER, environment
from .servers import checked_server
from .util import PATIENCE, read, write

CONFIG = ('config', 'trellofs', 'config')


def certificates(folder):
    """Paths: ca, and (certificate, key) of good, wrong-host, ..."""
    return make_certs(os.fspath(folder))


@contextlib.contextmanager
def https(certs, kind='good'):
    """A server that shows this certificate, and the settings for it."""
    with checked_server(tls=certs[kind]) as server:
        server.generate(boards=1, lists=2, cards=4)
        yield server


class Home:
    """A user's home, and the environment of programs there."""

    def __init__(self, path, server=None, certs=None):
        self.path = os.fspath(path)
        os.makedirs(self.path, exist_ok=True)
        self.env = {}
        if server:
            self.env['TRELLOFS_API_URL'] = server.url
        if certs:
            self.env['TRELLOFS_CA_FILE'] = certs['ca']

    @property
    def config(self):
        return os.path.join(self.path, *CONFIG)

    def text(self):
        """The configuration file, None if there is none."""
        if not os.path.exists(self.config):
            return None
        return read(self.config).decode()

    def write(self, text, mode=0o600):
        os.makedirs(os.path.dirname(self.config), exist_ok=True)
        write(self.config, text)
        os.chmod(self.config, mode)
        return self

    def files(self):
        """Every file below, with its bytes and mode; but for that in which
        requests are counted."""
        found = {}
        for folder, _, names in os.walk(self.path):
            for name in names:
                if name.startswith('budget-'):
                    continue
                path = os.path.join(folder, name)
                found[path] = read(path), os.stat(path).st_mode
        return found

    def environment(self, **more):
        return environment(self.path, **(self.env | more))

    def spawn(self, *args, **more):
        """A command whose standard input stays open."""
        return subprocess.Popen(
            [PROGRAM, *args], env=self.environment(**more),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)

    def call(self, *args, lines=(), **more):
        """Runs a command with these lines on standard input."""
        done = subprocess.run(
            [PROGRAM, *args], env=self.environment(**more),
            input=''.join(each + '\n' for each in lines),
            capture_output=True, text=True, timeout=30 * PATIENCE, check=False)
        assert not SANITIZER.search(done.stderr), done.stderr
        return done

    def does(self, *args, **more):
        """A command that must work: what it printed."""
        done = self.call(*args, **more)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ''
        return done.stdout

    def refuses(self, *args, status=1, **more):
        """A command that must fail, with one line that it returns, and
        leave every file as it was."""
        before = self.files()
        done = self.call(*args, **more)
        assert done.returncode == status, done.stdout + done.stderr
        assert re.fullmatch(r'trellofs: [^\n]{15,}\n', done.stderr)
        assert self.files() == before
        return done.stderr


def page(text):
    """The authorize address in what was printed."""
    return re.search(r'https?://\S+(/authorize|/OAuthAuthorizeToken)\?\S+',
                     text)[0]


def read_page(process):
    """The same, as soon as it is printed."""
    said = ''
    while not re.search(r'https?://\S+\?\S+\n', said):
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        said += line
    return page(said)


def end(process, line):
    """Types the last line: (status, standard output, error)."""
    out, err = process.communicate(line + '\n', timeout=30 * PATIENCE)
    return process.returncode, out, err


def oauth1(home, server, *args, verifier=None, **more):
    """Logs in by OAuth 1.0a from a script, as far as it gets."""
    process = home.spawn('login', '--oauth1', *args,
                         TRELLO_API_SECRET=server.secret,
                         TRELLO_API_KEY=server.key, **more)
    code = server.visit(read_page(process))
    return end(process, verifier or code)


def config_of(mounts, text, mode=0o600):
    """A home with this configuration file."""
    home = Home(mounts.make(f'home of {mounts.number}'))
    os.makedirs(os.path.join(home.path, 'config'))
    home.write(text, mode)
    return home.path, home.config
