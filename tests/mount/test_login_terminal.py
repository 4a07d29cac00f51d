"""Logging in at a terminal: nothing that is secret is shown, and a browser
is started where there is one."""

import os
import re
import shutil
import signal
import tempfile
import time

import pytest

from . import terminal
from .harness import PROGRAM
from .logins import Home, certificates, https, oauth1, page
from .servers import checked_server
from .util import SLOW, read, wait_until, write

pytestmark = pytest.mark.skipif(
    shutil.which('tmux') is None, reason='tmux is not installed')


@pytest.fixture(scope='module')
def certs(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp('certificates'))


@pytest.fixture
def server(certs):
    with https(certs) as made:
        yield made


@pytest.fixture
def home(tmp_path, server, certs):
    return Home(tmp_path / 'home', server, certs)


# The screen stays, with the exit status and what the terminal echoes.
STAY = 'trap : INT; "$@"; echo "ended with $?"; exec cat'


class Login:
    """trellofs at a terminal."""

    def __init__(self, home, *args, **env):
        self.screens = []
        self.terminal = terminal.Terminal(
            home.path, 'sh', '-c', STAY, 'sh', PROGRAM, *args,
            env=home.environment(**env))

    def asks(self, text):
        self.terminal.wait_for(text, 20)
        self.screens.append(self.terminal.screen())

    def types(self, text):
        self.terminal.keys((text,) if text else '', 'Enter')

    def page(self):
        return page(self.terminal.screen())

    def ends(self, status=0):
        self.asks('ended with ')
        assert f'ended with {status}\n' in self.screens[-1]
        return '\n'.join(self.screens)


@pytest.fixture
def login(home):
    made = []

    def start(*args, **env):
        made.append(Login(home, 'login', *args, **env))
        return made[-1]
    yield start
    for each in made:
        each.terminal.close()


def test_token(login, home, server):
    at = login()
    at.asks('API key: ')
    at.types(server.key)
    at.asks('Token (it stays hidden): ')
    at.types(server.visit(at.page()))
    at.asks('account: @tester')
    shown = at.ends()
    token = re.search(r'^token = (\S+)$', home.text(), re.M)[1]
    assert token not in shown and token[:20] not in shown
    assert 'rights: read and write' in shown
    assert server.key in shown      # that one is no secret


def test_oauth1(login, home, server):
    at = login('--oauth1')
    at.asks('API key: ')
    at.types(server.key)
    at.asks('Secret of the key (it stays hidden): ')
    at.types(server.secret)
    at.asks('Code: ')
    at.types(server.visit(at.page()))
    at.asks('account: @tester')
    shown = at.ends()
    for name in ('consumer_secret', 'token', 'token_secret'):
        value = re.search(rf'^{name} = (\S+)$', home.text(), re.M)[1]
        if name == 'token':
            server.api('GET', '/members/me', token=value)
        assert value not in shown


def test_wrong_token(login, home, server):
    at = login(TRELLO_API_KEY=server.key)
    at.asks('Token (it stays hidden): ')
    at.types('ATTA' + 'c0ffee' * 12)
    at.asks('nothing was stored')
    assert 'c0ffee' not in at.ends(1)
    assert home.text() is None


@pytest.mark.parametrize('answer, revoked', [
    ('', True), ('y', True), ('n', False), ('what?', False)])
def test_rotation(login, home, server, answer, revoked):
    """A new token: it offers to revoke the one until now."""
    old = server.add_token()
    home.does('login', lines=[server.key, old])
    at = login()
    at.asks('API key (Enter: as before): ')
    at.types('')
    at.asks('Token (it stays hidden): ')
    at.types(server.token)
    at.asks('Revoke the token that was used until now? [Y/n]')
    at.types(answer)
    at.ends()
    assert server.account.tokens[old].revoked == revoked
    assert server.token in home.text()


def test_rotation_of_oauth1(login, home, server):
    assert oauth1(home, server)[0] == 0
    at = login('--oauth1')
    for question in ('API key (Enter: as before): ',
                     'Secret of the key (Enter: as before; '):
        at.asks(question)
        at.types('')
    at.asks('Code: ')
    at.types(server.visit(at.page()))
    at.asks('[Y/n]')
    at.types('n')
    at.ends()


def test_interrupted(login, home, server):
    """Ctrl-C while nothing is shown: the terminal shows again what is
    typed."""
    at = login(TRELLO_API_KEY=server.key)
    at.asks('Token (it stays hidden): ')
    at.terminal.keys(('never seen',), 'C-c')
    assert 'never seen' not in at.ends(128 + signal.SIGINT)
    at.terminal.keys(('seen again',))
    at.asks('seen again')
    assert home.text() is None


def test_stopped(home, server, tmp_path):
    """Ctrl-Z and fg: it asks once more, and still hides the answer."""
    env = home.environment(TRELLO_API_KEY=server.key, PS1='prompt> ')
    at = terminal.Terminal(home.path, 'sh', '-i', env=env)
    try:
        at.wait_for('prompt> ')
        at.keys((f'{PROGRAM} login',), 'Enter')
        at.wait_for('Token (it stays hidden): ', 20)
        at.keys('C-z')
        wait_until(lambda: 'topped' in at.screen(), 10, 'it stops')
        at.keys(('echo se''en',), 'Enter')
        wait_until(lambda: at.screen().count('seen') == 2, 10, 'an echo')
        at.keys(('fg',), 'Enter')
        wait_until(lambda: at.screen().count('stays hidden') == 2, 10,
                   'it asks again')
        time.sleep(0.2 * SLOW)
        at.keys((server.token,), 'Enter')
        at.wait_for('account: @tester', 20)
        assert server.token not in at.screen()
    finally:
        at.close()
    assert server.token in home.text()


def reachable(path, user):
    """Whether somebody else may run the program."""
    folder = os.path.dirname(os.path.realpath(path))
    while True:
        if not os.stat(folder).st_mode & 0o001:
            return False
        if folder == '/':
            return os.stat(path).st_mode & 0o001 != 0
        folder = os.path.dirname(folder)


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which('setpriv'),
                    reason='only root can be two users')
@pytest.mark.parametrize('user', [0, 65534])
def test_browser(user):
    """Started where there is a screen, but never by root."""
    if not reachable(PROGRAM, user):
        pytest.skip('only root can run the program')
    with checked_server() as server, tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o777)
        home = Home(os.path.join(top, 'home'), server)
        os.chown(home.path, user, user)
        seen = os.path.join(top, 'seen')
        script = os.path.join(top, 'xdg-open')
        write(script, f'#!/bin/sh\necho "$@" >> {seen}\n'
              f'env | grep -c TRELLO_API_KEY >> {seen}\n')
        os.chmod(script, 0o755)
        at = terminal.Terminal(
            os.path.join(top, 'terminal'), 'setpriv', '--reuid', str(user),
            '--clear-groups', PROGRAM, 'login', env=home.environment(
                DISPLAY=':9', TRELLO_API_KEY=server.key,
                PATH=f'{top}:{os.environ["PATH"]}'))
        try:
            at.wait_for('Token (it stays hidden): ', 20)
            url = page(at.screen())
            if user == 0:
                time.sleep(0.3 * SLOW)
                assert not os.path.exists(seen)
                assert 'browser' not in at.screen()
            else:
                wait_until(lambda: read(seen).count(b'\n') == 2, 5,
                           'the browser')
                assert read(seen).decode() == f'{url}\n0\n'
            at.keys((server.visit(url),), 'Enter')
            assert at.wait(20) == 0
        finally:
            at.close()
