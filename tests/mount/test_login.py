"""Logging in and out, from scripts, over HTTPS with a CA of the test's own."""

import os
import re
import socket
import urllib.parse
import urllib.request

import pytest

from trello.server import REMOTE

from .logins import (Home, certificates, end, https, oauth1, page,
                     read_page)
from .servers import leaks
from .util import read, read_tree, wait_until, write


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


def mode(path):
    return os.stat(path).st_mode & 0o7777


# The token that a page shows

def test_token(mounts, home, server, certs):
    """Key and token by standard input; the mount needs nothing more."""
    said = home.does('login', lines=[server.key, server.token])
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(page(said)).query)
    assert asked['scope'] == ['read,write']
    assert asked['expiration'] == ['never']
    assert asked['key'] == [server.key]
    assert asked['name'][0].startswith('trellofs on ')
    assert 'account: @tester (Test Er)\n' in said
    assert 'rights: read and write, no expiry\n' in said
    assert home.config in said and server.token not in said
    assert home.text() == (
        f'[default]\napi_key = {server.key}\ntoken = {server.token}\n'
        f'api_url = {server.url}\nca_file = {certs["ca"]}\n')
    assert mode(home.config) == 0o600
    assert mode(os.path.dirname(home.config)) == 0o700
    assert [each['path'] for each in server.requests] == [
        '/1/members/me', '/1/tokens/' + server.token]
    account = mounts.start(home=home.path)
    assert len(read_tree(account.path)) == 4


def test_environment(home, server):
    """Nothing is asked and no page is named."""
    said = home.does('login', TRELLO_API_KEY=server.key,
                     TRELLO_TOKEN=server.token)
    assert 'http' not in said and 'account: @tester' in said
    assert f'token = {server.token}\n' in home.text()


@pytest.mark.parametrize('expires, left', [
    ('30days', '29 days left'), ('1day', '23 hours left'),
    ('1hour', '59 minutes left'), ('never', 'no expiry')])
def test_rights(home, server, expires, left):
    """What was asked for, and what was given."""
    process = home.spawn('login', '--read-only', '--expires', expires,
                         TRELLO_API_KEY=server.key)
    url = read_page(process)
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
    assert asked['scope'] == ['read'] and asked['expiration'] == [expires]
    status, said, told = end(process, server.visit(url))
    assert (status, told) == (0, '')
    assert re.search(rf'^rights: read, .*{left}\)?$', said, re.M)
    assert 'Nothing can be changed' not in said


def test_less_or_more_than_asked(home, server):
    token = server.add_token(scope='read')
    said = home.does('login', lines=[server.key, token])
    assert 'Nothing can be changed with this token.' in said
    said = home.does('login', '--read-only', lines=['', server.token])
    assert 'may do more than --read-only' in said


def test_profiles_and_comments(home, server, certs):
    """Everything else in the file stays as it is."""
    home.write('; mine\r\n[default]\r\n# the key\r\napi_key: old \r\n'
               'refresh = 7\r\n\r\n[work]\r\nro = yes')
    home.does('login', '--profile', 'work',
              lines=[server.key, server.token])
    assert read(home.config).decode() == (
        '; mine\r\n[default]\r\n# the key\r\napi_key: old \r\n'
        'refresh = 7\r\n\r\n[work]\r\nro = yes\r\n'
        f'api_key = {server.key}\r\ntoken = {server.token}\r\n'
        f'api_url = {server.url}\r\nca_file = {certs["ca"]}\r\n')


# OAuth 1.0a

def test_oauth1(mounts, home, server):
    status, said, told = oauth1(home, server)
    assert (status, told) == (0, '')
    assert 'account: @tester' in said
    text = home.text()
    for name in ('api_key', 'consumer_secret', 'token', 'token_secret'):
        assert re.search(rf'^{name} = \S+$', text, re.M)
    assert 'auth = oauth1\n' in text
    account = mounts.start(home=home.path)
    assert len(read_tree(account.path)) == 4
    for each in server.requests:
        assert 'oauth_signature' in each['headers']['authorization']
    # The token alone would do too, as at Trello.
    token = re.search(r'^token = (\S+)$', text, re.M)[1]
    home.does('login', '--profile', 'plain', lines=[server.key, token])


def come_back(server, url):
    """The user agrees, and the browser goes where the page sends it."""
    code = server.visit(url)
    token = urllib.parse.parse_qs(
        urllib.parse.urlsplit(url).query)['oauth_token'][0]
    back = server.core.oauth.waiting[token].callback
    assert re.fullmatch(r'http://127\.0\.0\.1:\d+/trellofs', back)
    for other in ('/favicon.ico', '/trellofs?oauth_token=x&oauth_verifier=y',
                  f'/trellofs?oauth_token={token}'):
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(
                back.replace('/trellofs', other), timeout=10)
    query = urllib.parse.urlencode(
        {'oauth_token': token, 'oauth_verifier': code})
    with urllib.request.urlopen(f'{back}?{query}', timeout=10) as answer:
        return answer.read().decode()


def test_callback(home, server):
    """The browser brings the verifier, also where it opens connections
    that it does not use."""
    process = home.spawn('login', '--oauth1', '--callback',
                         TRELLO_API_KEY=server.key,
                         TRELLO_API_SECRET=server.secret)
    url = read_page(process)
    token = urllib.parse.parse_qs(
        urllib.parse.urlsplit(url).query)['oauth_token'][0]
    back = urllib.parse.urlsplit(server.core.oauth.waiting[token].callback)
    with socket.create_connection((back.hostname, back.port)):
        assert 'You can close this page' in come_back(server, url)
    said, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (0, '')
    assert 'account: @tester' in said


def test_callback_needs_oauth1(home):
    done = home.call('login', '--callback')
    assert done.returncode == 2


# What goes wrong: a line that says so, nothing stored, the file as it was

OLD = '# old\n[default]\ntoken = 0123456789\napi_key = 9876543210\n'


@pytest.fixture(params=[None, OLD], ids=['no file', 'old file'])
def either(request, home):
    if request.param:
        home.write(request.param)
    return home


def test_wrong_key(either, server):
    told = either.refuses('login', lines=['f' * 32, server.token])
    assert 'API key' in told and 'nothing was stored' in told


def test_wrong_token(either, server):
    secret = 'ATTA' + 'c0ffee' * 12
    told = either.refuses('login', lines=[server.key, secret])
    assert 'token' in told and secret not in told


@pytest.mark.parametrize('how', ['expired', 'revoked'])
def test_ended_token(either, server, how):
    token = server.add_token(expires=-5 if how == 'expired' else 500)
    if how == 'revoked':
        server.revoke(token)
    told = either.refuses('login', lines=[server.key, token])
    assert how in told and token not in told


def test_token_that_may_not_read(either, server):
    token = server.add_token(scope='account')
    told = either.refuses('login', lines=[server.key, token])
    assert token not in told


def test_wrong_secret(either, server):
    told = either.refuses('login', '--oauth1', lines=[
        server.key, 'not the secret'.replace(' ', '')])
    assert 'secret' in told


def test_wrong_verifier(either, server):
    before = either.files()
    status, _, told = oauth1(either, server, verifier='guess')
    assert status == 1 and 'the code was not accepted' in told
    assert re.fullmatch(r'trellofs: [^\n]+\n', told)
    assert either.files() == before


@pytest.mark.parametrize('args', [(), ('--oauth1',)])
def test_unreachable(either, server, args):
    server.refuse()
    told = either.refuses('login', *args, lines=[server.key, server.token])
    assert 'cannot be reached' in told


@pytest.mark.parametrize('args', [(), ('--oauth1',)])
@pytest.mark.parametrize('kind', ['wrong-host', 'expired', 'self-signed'])
def test_bad_certificate(tmp_path, certs, kind, args):
    with https(certs, kind) as server:
        home = Home(tmp_path / 'home', server, certs).write(OLD)
        told = home.refuses('login', *args,
                            lines=[server.key, server.token])
        assert 'certificate' in told
        assert server.requests == []


@pytest.mark.parametrize('args', [(), ('--oauth1',)])
def test_redirect(either, server, args):
    """Another host asks in vain."""
    server.fault(path='/', redirect=server.storage_url + '/bucket/x')
    told = either.refuses('login', *args, lines=[server.key, server.token])
    assert 'leads to' in told
    assert server.storage.requests == [] and server.storage_leaks == []


def test_something_else_answers(either, server):
    server.fault(path='/', portal=True)
    told = either.refuses('login', lines=[server.key, server.token])
    assert 'is not Trello' in told


@pytest.mark.parametrize('lines', [[], ['key'], ['', ''], ['k', ''],
                                   ['two words', 'x'], ['k' * 5000, 't']])
def test_no_answers(either, lines):
    if lines == ['', ''] and either.text():
        lines = ['', 'two words']
    either.refuses('login', lines=lines)


def test_file_that_cannot_be_read(home, server):
    home.write('[default]\nnonsense\n')
    told = home.refuses('login', lines=[server.key, server.token])
    assert 'line 2' in told and server.requests == []


def test_file_that_cannot_be_written(home, server):
    folder = os.path.dirname(home.config)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    write(folder, 'a file where the folder should be')
    told = home.refuses('login', lines=[server.key, server.token])
    assert 'trellofs' in told and server.token not in told


def test_token_command_is_not_overruled(home, server):
    home.write('[default]\ntoken_command = false\n')
    told = home.refuses('login', lines=[server.key, server.token])
    assert 'token_command' in told and server.requests == []


def test_another_account(mounts, home, server):
    """One account's queue never goes to another."""
    home.does('login', lines=[server.key, server.token])
    mounts.start(home=home.path).unmount()
    other = server.add_token(member=REMOTE['id'])
    told = home.refuses('login', lines=['', other])
    assert '@tester' in told and '@remote' in told and '--profile' in told
    home.does('login', '--profile', 'other', lines=[server.key, other])


def test_waits_in_silence(home, server):
    """What it was given is nowhere to be seen while it waits."""
    process = home.spawn('login', TRELLO_API_KEY=server.key,
                         TRELLO_API_SECRET=server.secret)
    read_page(process)
    for what in ('cmdline', 'environ')[:1 + (os.getuid() == 0)]:
        data = read(f'/proc/{process.pid}/{what}')
        assert server.key.encode() not in data
        assert server.secret.encode() not in data
    assert end(process, server.token)[0] == 0


# A new token instead of an old one

def test_rotation(home, server):
    old = server.add_token()
    new = server.add_token()
    home.does('login', lines=[server.key, old])
    said = home.does('login', '--revoke-old', lines=['', new])
    assert 'The old token is revoked.' in said
    assert server.account.tokens[old].revoked
    assert not server.account.tokens[new].revoked
    assert old not in home.text() and new in home.text()


def test_rotation_keeps_what_is_used(home, server):
    """The same token again, one that another profile has, and one that
    nobody said anything about."""
    home.does('login', lines=[server.key, server.token])
    home.does('login', '--revoke-old', lines=['', server.token])
    home.does('login', '--profile', 'b', lines=[server.key, server.token])
    new = server.add_token()
    home.does('login', '--revoke-old', lines=['', new])
    home.does('login', lines=['', server.add_token()])
    assert not server.account.tokens[server.token].revoked
    assert not server.account.tokens[new].revoked


def test_rotation_of_a_dead_token(home, server):
    old = server.add_token()
    home.does('login', lines=[server.key, old])
    server.revoke(old)
    said = home.does('login', '--revoke-old', lines=['', server.token])
    assert 'not valid any more' in said


def test_rotation_from_oauth1(home, server):
    """A token of another kind: its own secrets revoke it."""
    assert oauth1(home, server)[0] == 0
    old = re.search(r'^token = (\S+)$', home.text(), re.M)[1]
    said = home.does('login', '--revoke-old',
                     lines=[server.key, server.token])
    assert 'The old token is revoked.' in said
    assert server.account.tokens[old].revoked
    assert 'secret' not in home.text() and 'auth = token' in home.text()


# Logging out

def test_logout(home, server):
    token = server.add_token()
    home.write(f'# mine\n[default]\napi_key = {server.key}\n'
               f'token = {token}\nrefresh = 3\n')
    kept = os.path.join(home.environment()['XDG_CACHE_HOME'], 'trellofs',
                        'default')
    os.makedirs(kept)
    for name in ('5e0000000000000000000001', '5e0000000000000000000001.map'):
        with open(os.path.join(kept, name), 'w', encoding='ascii'):
            pass
    said = home.does('logout')
    assert 'revoked' in said and token not in said
    assert not os.path.exists(kept)
    assert server.account.tokens[token].revoked
    assert home.text() == (
        f'# mine\n[default]\napi_key = {server.key}\nrefresh = 3\n')
    told = home.refuses('logout')
    assert 'no token' in told


def test_logout_of_oauth1(home, server):
    assert oauth1(home, server)[0] == 0
    token = re.search(r'^token = (\S+)$', home.text(), re.M)[1]
    home.does('logout')
    assert server.account.tokens[token].revoked
    assert not re.search(r'^token', home.text(), re.M)


def test_logout_keeps_the_token(home, server):
    home.does('login', lines=[server.key, server.token])
    home.does('logout', '--keep-token')
    assert not server.account.tokens[server.token].revoked
    assert server.token not in home.text()


def test_logout_without_network(home, server):
    """A token that is not revoked is not forgotten."""
    home.does('login', lines=[server.key, server.token])
    server.refuse()
    told = home.refuses('logout')
    assert 'still valid' in told and '--keep-token' in told
    home.does('logout', '--keep-token')


def test_logout_of_a_dead_token(home, server):
    home.does('login', lines=[server.key, server.token])
    server.revoke(server.token)
    assert 'not valid any more' in home.does('logout')
    assert server.token not in home.text()


def test_logout_of_one_profile(home, server):
    one, two = server.add_token(), server.add_token()
    home.does('login', lines=[server.key, one])
    home.does('login', '--profile', 'b', lines=[server.key, two])
    home.write(home.text() + '[c]\nro = yes\n')
    assert '[default]' in home.refuses('logout', '--profile', 'c')
    home.does('logout', '--profile', 'b')
    assert server.account.tokens[two].revoked
    assert not server.account.tokens[one].revoked
    assert one in home.text() and two not in home.text()


def test_logout_with_a_queue(mounts, home, server):
    """What is not at Trello yet keeps one logged in."""
    home.does('login', lines=[server.key, server.token])
    account = mounts.start(home=home.path, expect=('warning: ', 'notice: '))
    account.wait_complete()
    card = next(iter(sorted(read_tree(account.path))))
    server.refuse()
    with open(account.at(card), 'a', encoding='utf-8') as file:
        file.write('Later.\n')
    wait_until(lambda: account.status_line('pending') == '1', 10, 'pending')
    for _ in range(2):
        told = home.refuses('logout', '--keep-token')
        assert '1 change of' in told and '--force' in told
        if account.ended is None:
            account.unmount()
    home.does('logout', '--keep-token', '--force')


# Status without a mount

def test_status(home, server):
    told = home.refuses('status', '--profile', 'x')
    assert '[x]' in told
    token = server.add_token(scope='read', expires=86400 * 3 + 60)
    home.does('login', '--profile', 'x', lines=[server.key, token])
    said = home.does('status', '--profile', 'x')
    assert 'account: @tester\nprofile: x\n' in said
    assert '(3 days left)' in said and 'mounted: no' in said
    assert token not in said
    server.revoke(token)
    assert 'revoked' in home.refuses('status', '--profile', 'x')


def test_nothing_leaks(home, server):
    home.does('login', '--profile', 'x', lines=[server.key, server.token])
    home.does('status', '--profile', 'x')
    assert leaks(server) == []
