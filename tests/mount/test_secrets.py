"""Key and token are seen by nobody but Trello."""

import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

import pytest

from trello.certs import make_certs

from .harness import PROGRAM, mounted
from .logins import Home, config_of, oauth1
from .servers import checked_server, leaks
from .util import PATIENCE, SLOW, read, read_tree, run, wait_until, write


@pytest.fixture
def small(server):
    server.generate(boards=2, lists=2, cards=6)
    return server


def read_environ(pid):
    """Only root may, since its memory is closed."""
    if os.getuid() != 0:
        return b''
    return read(f'/proc/{pid}/environ')


def visible(mount):
    """All that others, or a curious eye, can see of a mount."""
    pid = mount.process.pid
    found = {'log': read(mount.log_path),
             'cmdline': read(f'/proc/{pid}/cmdline'),
             'environ': read_environ(pid),
             'status': read(mount.at('.trellofs', 'status')),
             'requests': read(mount.at('.trellofs', 'requests')),
             'mounts': read('/proc/mounts')}
    for folder, _, names in os.walk(mount.home):
        for name in names:
            if name != 'config':
                found[name] = read(os.path.join(folder, name))
    return found


@pytest.mark.parametrize('args', [(), ('-d',)], ids=['plain', 'debug'])
def test_nowhere_to_be_seen(mounts, small, args):
    account = mounts.account(small, args=args)
    account.wait_complete()
    read_tree(account.path)
    wait_until(lambda: read(account.at('.trellofs', 'requests')), 5,
               'requests')
    for what, data in visible(account).items():
        assert small.token.encode() not in data, what
        assert small.key.encode() not in data, what
    account.unmount()
    for name in os.listdir(os.path.dirname(account.database())):
        data = read(os.path.join(os.path.dirname(account.database()), name))
        assert small.token.encode() not in data, name


def test_in_the_header_only(mounts, small):
    """No address holds them, but for the one that asks about the token."""
    account = mounts.account(small)
    account.wait_complete()
    wait_until(lambda: any('/tokens/' in each['path']
                           for each in small.requests), 5, 'the rights')
    assert leaks(small) == []
    for each in small.requests:
        assert list(each['credentials']) == ['header']


def test_wrong_token_is_not_told(mounts, small):
    """Nor is it when it is refused."""
    secret = 'ATTA' + 'c0ffee' * 12
    status, told = mounts.fails(env={
        'TRELLOFS_API_URL': small.url, 'TRELLO_API_KEY': small.key,
        'TRELLO_TOKEN': secret})
    assert status == 1
    assert secret not in told and small.key not in told


def test_redirects_take_nothing_along(mounts, small):
    """Another host gets no credentials."""
    fault = small.fault(path='/1/boards/', count=2,
                        redirect=small.storage_url + '/bucket/x')
    account = mounts.account(small, expect=('warning: ',))
    wait_until(lambda: fault.fired == 2, 10, 'redirects')
    account.wait_complete()
    assert small.storage_leaks == []
    for each in small.storage.requests:
        assert 'authorization' not in {name.lower() for name
                                       in each.get('headers', {})}


# Everything at once

def bytes_of(home):
    """Every file below a home but for the configuration file, where the
    secrets belong, with its name."""
    found = {}
    for folder, _, names in os.walk(home.path):
        for name in names:
            path = os.path.join(folder, name)
            if path != home.config:
                found[path] = read(path) + os.fsencode(name)
    return found


def processes(pid):
    """A process, its threads and children: what ps shows of them, as far
    as they are still there."""
    found = {}
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        found[f'{pid} environ'] = read_environ(pid)
        found[f'{pid} cmdline'] = read(f'/proc/{pid}/cmdline')
        for task in os.listdir(f'/proc/{pid}/task'):
            found[f'{task} comm'] = read(f'/proc/{pid}/task/{task}/comm')
            for child in read(f'/proc/{pid}/task/{task}/children').split():
                found |= processes(int(child))
    return found


class Searched:
    """Collects what can be seen, and the secrets that must not be."""

    def __init__(self, home):
        self.home = home
        self.secrets = set()
        self.seen = {}

    def keep(self, server):
        """The secrets of the configuration file, as it is now."""
        self.secrets |= {value for name, value in re.findall(
            r'^(\w+) = (\S+)$', self.home.text(), re.M)
                         if name.startswith('token') or 'secret' in name}
        self.secrets.add(server.secret)

    def run(self, *args, lines=()):
        """A command that waits for the last line, and its output."""
        process = self.home.spawn(*args)
        for line in lines[:-1]:
            process.stdin.write(line + '\n')
        process.stdin.flush()
        time.sleep(0.3 * SLOW)
        self.seen |= processes(process.pid)
        out, err = process.communicate(
            lines[-1] + '\n' if lines else None, timeout=30 * PATIENCE)
        self.seen[f'output of {args}'] = (out + err).encode()
        return process.returncode

    def look(self, mount):
        self.seen |= processes(mount.process.pid) | visible(mount)
        self.seen |= bytes_of(self.home)
        self.seen['table of mounts'] = read('/proc/self/mountinfo')

    def check(self, server):
        assert len(self.secrets) > 4
        self.seen |= bytes_of(self.home)
        # It is in one address, which is Trello's design.
        for each in server.requests:
            if not each['path'].startswith('/1/tokens/'):
                self.seen[f'address {each["target"]}'] = \
                    each['target'].encode()
        for what, data in self.seen.items():
            for secret in self.secrets:
                assert secret.encode() not in data, (what, secret)


@pytest.mark.parametrize('args', [(), ('-d',)], ids=['plain', 'debug'])
def test_every_byte(mounts, small, tmp_path, args):
    """Logins of both kinds, right and wrong ones, a mount through refusals
    and renewals, with a command and without, and logging out."""
    home = Home(tmp_path / 'home', small)
    searched = Searched(home)
    first = small.add_token()
    searched.secrets |= {first, 'c0ffee' * 12}
    assert searched.run('login', lines=[small.key, first]) == 0
    assert searched.run('login', lines=[small.key, 'c0ffee' * 12]) == 1
    searched.keep(small)
    account = mounts.start(*args, '-o', 'refresh=1', home=home.path, expect=(
        'warning: ', 'notice: profile default: goes on'))
    account.wait_complete()
    read_tree(account.path)
    searched.look(account)
    small.revoke(first)
    wait_until(lambda: 'trellofs login' in account.status(), 10, 'offline')
    searched.look(account)
    assert oauth1(home, small)[0] == 0
    searched.keep(small)
    wait_until(lambda: 'online' in account.status_line('network'), 10, 'on')
    with open(account.at(sorted(read_tree(account.path))[0]), 'a',
              encoding='utf-8') as file:
        file.write('Signed.\n')
    small.wait_for('POST', '/actions/comments')
    searched.look(account)
    searched.run('status', account.path)
    third = small.add_token()
    searched.secrets.add(third)
    script = os.path.join(home.path, 'config', 'command')
    home.write(re.sub(r'\n(token|auth).*', '', home.text()) +
               f'token_command = {script}\n')
    # The token is in this file, as in a password manager.
    write(os.path.join(tmp_path, 'token'), third)
    write(script, f'#!/bin/sh\nsleep 0.5\ncat {tmp_path}/token\n')
    os.chmod(script, 0o755)
    time.sleep(0.4 * SLOW)
    searched.look(account)
    wait_until(lambda: small.requests[-1]['token'] == third, 10, 'third')
    searched.look(account)
    account.unmount()
    searched.run('logout')
    searched.run('status', '--profile', 'default')
    searched.seen['log'] = read(account.log_path)
    searched.check(small)


def test_no_core_dump(mounts, small, tmp_path):
    """A crash leaves no memory behind, where those of others do."""
    def limit():
        os.chdir(tmp_path)
        resource.setrlimit(resource.RLIMIT_CORE, (
            resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    said = tmp_path / 'said'

    def dumps(argv, env, ready):
        with open(said, 'wb') as file:
            process = subprocess.Popen(
                argv, env=env, preexec_fn=limit, stdin=subprocess.PIPE,
                stdout=file, stderr=file)
        wait_until(ready, 10, f'{argv} runs')
        time.sleep(0.2)
        process.send_signal(signal.SIGABRT)
        status = os.waitpid(process.pid, 0)[1]
        process.returncode = status
        process.stdin.close()
        assert os.WIFSIGNALED(status)
        return os.WCOREDUMP(status)

    try:
        possible = dumps(['sleep', '100'], dict(os.environ), lambda: True)
    except ValueError:
        pytest.skip('the limit cannot be raised')
    for each in tmp_path.glob('core*'):
        each.unlink()
    home = Home(tmp_path / 'home', small)
    path = mounts.make('mnt')
    try:
        assert not dumps(
            [PROGRAM, '-f', path], home.environment(
                TRELLO_API_KEY=small.key, TRELLO_TOKEN=small.token),
            lambda: mounted(path) == 'fuse.trellofs' and os.stat(path))
    finally:
        run('fusermount3', '-u', '-z', path, check=False)
    assert not dumps([PROGRAM, 'login'], home.environment(
        TRELLO_API_KEY=small.key), lambda: said.stat().st_size > 0)
    assert list(tmp_path.glob('core*')) == []
    if not possible:
        pytest.skip('nothing dumps its core here')


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which('setpriv'),
                    reason='only root can be two users')
def test_memory_is_closed(small):
    """Not even to other programs of the same user."""
    with tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o777)
        home = Home(os.path.join(top, 'home'), small)
        user = ('setpriv', '--reuid', '65534', '--clear-groups')
        process = subprocess.Popen(
            [*user, PROGRAM, 'login'], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=home.environment(TRELLO_API_KEY=small.key))
        try:
            if not process.stdout.readline():
                pytest.skip('only root can run the program')
            for name in ('environ', 'mem', 'maps'):
                done = run(*user, 'dd', 'bs=1', 'count=1',
                           f'if=/proc/{process.pid}/{name}', check=False)
                assert 'Permission denied' in done.stderr
        finally:
            process.communicate(b'')


# The sources of the token

def test_token_command(mounts, small):
    """Its first line is the token; what it prints is not told."""
    home, _ = config_of(mounts, (
        f'[default]\napi_key = {small.key}\napi_url = {small.url}\n'
        f'token_command = printf \'%s\\nmore\' {small.token}\n'))
    account = mounts.start(home=home)
    assert len(read_tree(account.path)) == 12
    for what, data in visible(account).items():
        assert small.token.encode() not in data, what


def signed(server):
    """A configuration that signs requests to the server."""
    secret = 's3cr3t/+=&' + 'f00d' * 8
    token = server.add_token(secret=secret)
    return token, secret, (
        f'[default]\nauth = oauth1\napi_key = {server.key}\n'
        f'token = {token}\ntoken_secret = {secret}\n'
        f'consumer_secret = {server.secret}\napi_url = {server.url}\n'
        'refresh = 1\n')


def test_signed(mounts, small):
    """With OAuth 1.0a each request is signed; the server verifies it."""
    token, secret, text = signed(small)
    home, _ = config_of(mounts, text)
    account = mounts.start(home=home)
    account.wait_complete()
    path = next(name for name in sorted(read_tree(account.path)))
    with open(account.at(path), 'a', encoding='utf-8') as file:
        file.write('Signed & sealed: 100 %.\n')
    small.wait_for('POST', '/actions/comments')
    # Nor does a clock that is an hour late keep it away.
    small.account.clock.advance(3600)
    since = len(small.requests)
    wait_until(lambda: any(each['status'] == 200
                           for each in small.requests[since:]), 10, 'news')
    for each in small.requests:
        assert 'oauth_signature=' in each['headers']['authorization']
    for what, data in visible(account).items():
        for each in token, secret, small.secret:
            assert each.encode() not in data, what


def test_signed_without_secret(mounts, small):
    _, _, text = signed(small)
    home, _ = config_of(mounts, text.replace('token_secret', '# '))
    status, told = mounts.fails(home=home)
    assert status == 1 and 'trellofs login --oauth1' in told


# HTTPS

@pytest.fixture(scope='module')
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp('certificates')
    make_certs(os.fspath(folder))
    return folder


@pytest.mark.parametrize('h2', [False, True], ids=['HTTP/1.1', 'HTTP/2'])
def test_https(mounts, certificates, h2):
    if h2:
        pytest.importorskip('h2')
    pair = [os.fspath(certificates / f'good.{each}')
            for each in ('pem', 'key')]
    with checked_server(tls=pair, h2=h2) as server:
        server.generate(boards=3, lists=2, cards=6)
        account = mounts.account(server, env={
            'TRELLOFS_CA_FILE': os.fspath(certificates / 'ca.pem')})
        account.wait_complete()
        assert len(read_tree(account.path)) == 18
        versions = {each['http'] for each in server.requests}
        assert len(versions) == 1 and ('2' in str(versions)) == h2
        assert account.unmount() == 0


@pytest.mark.parametrize('which', ['wrong-host', 'expired', 'self-signed'])
def test_certificates_are_checked(mounts, certificates, which):
    pair = [os.fspath(certificates / f'{which}.{each}')
            for each in ('pem', 'key')]
    with checked_server(tls=pair) as server:
        status, told = mounts.fails(env={
            'TRELLOFS_API_URL': server.url, 'TRELLO_API_KEY': server.key,
            'TRELLO_TOKEN': server.token,
            'TRELLOFS_CA_FILE': os.fspath(certificates / 'ca.pem')})
        assert server.requests == []
    assert status == 1 and 'certificate' in told
    assert re.fullmatch(r'trellofs: [^\n]+\n', told)


def test_plain_http_is_for_loopback(mounts):
    status, told = mounts.fails(env={
        'TRELLOFS_API_URL': 'http://192.0.2.1/1', 'TRELLO_API_KEY': 'k' * 32,
        'TRELLO_TOKEN': 't' * 64})
    assert status == 1 and 'https' in told
