"""Key and token are seen by nobody but Trello."""

import os
import re

import pytest

from trello.certs import make_certs

from .logins import config_of
from .servers import checked_server, leaks
from .util import read, read_tree, wait_until


@pytest.fixture
def small(server):
    server.generate(boards=2, lists=2, cards=6)
    return server


def visible(mount):
    """All that others, or a curious eye, can see of a mount."""
    pid = mount.process.pid
    found = {'log': read(mount.log_path),
             'cmdline': read(f'/proc/{pid}/cmdline'),
             'environ': read(f'/proc/{pid}/environ'),
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
