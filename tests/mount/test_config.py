"""The configuration file: what is taken from it, and what is refused."""

import os
import re
import shutil
import tempfile

import pytest

from .harness import PROGRAM
from .logins import Home, config_of
from .util import read_tree, run


@pytest.fixture
def small(server):
    server.generate(boards=2, lists=2, cards=6)
    return server


def test_values(mounts, small):
    home, _ = config_of(mounts, (
        f'[default]\napi_key = {small.key}\ntoken = {small.token}\n'
        f'api_url = {small.url}\nrefresh = 1\numask = 027\n'))
    account = mounts.start(home=home)
    account.wait_complete()
    assert len(read_tree(account.path)) == 12
    assert os.stat(account.path).st_mode & 0o777 == 0o750


def test_profile_of_the_file(mounts, small):
    home, _ = config_of(mounts, (
        '[default]\napi_key = nonsense\ntoken = nonsense\n'
        f'[work]\napi_key = {small.key}\ntoken = {small.token}\n'
        f'api_url = {small.url}\n'))
    account = mounts.start('work', home=home)
    assert len(read_tree(account.path)) == 12
    assert account.status_line('profile') == 'work'
    status, told = mounts.fails('wrok', home=home)
    assert status == 1 and '"work"' in told


def test_environment_comes_first(mounts, small):
    home, _ = config_of(mounts, (
        '[default]\napi_key = nonsense\ntoken = nonsense\n'
        'api_url = http://127.0.0.1:9/1\n'))
    account = mounts.account(small, home=home)
    assert len(read_tree(account.path)) == 12


def test_file_that_others_may_read(mounts, small):
    """Refused, with the chmod that mends it, which does."""
    text = (f'[default]\napi_key = {small.key}\ntoken = {small.token}\n'
            f'api_url = {small.url}\n')
    home, path = config_of(mounts, text, 0o644)
    status, told = mounts.fails(home=home)
    assert status == 1 and small.token not in told
    mends = re.search(r'(chmod 600 .*)\n', told)[1]
    assert path in mends
    run('sh', '-c', mends)
    account = mounts.start(home=home)
    assert len(read_tree(account.path)) == 12


def test_token_command_that_fails(mounts, small):
    home, _ = config_of(mounts, (
        f'[default]\napi_key = {small.key}\napi_url = {small.url}\n'
        'token_command = false\n'))
    status, told = mounts.fails(home=home)
    assert status == 1 and 'token_command' in told


def whole(server, eol='\n', mark=''):
    """A file with two profiles, of which [work] is the good one."""
    return mark + eol.join((
        '# a comment', '', '[default]', 'refresh = 1', 'api_key = nonsense',
        'token = nonsense', '', '; another', '[work]', f'  token = '
        f'{server.token}  ', f'api_key: {server.key}',
        f'api_url={server.url}', ''))


@pytest.mark.parametrize('eol', ['\n', '\r\n'], ids=['LF', 'CRLF'])
@pytest.mark.parametrize('mark', ['', '\ufeff'], ids=['', 'BOM'])
def test_how_it_is_written(mounts, small, eol, mark):
    """As any editor saves it."""
    home, _ = config_of(mounts, whole(small, eol, mark))
    account = mounts.start('work', home=home)
    assert len(read_tree(account.path)) == 12
    assert account.status_line('profile') == 'work'


def test_last_line_without_end(mounts, small):
    home, _ = config_of(mounts, whole(small).rstrip())
    mounts.start('work', home=home)


@pytest.mark.parametrize('text, line, says', [
    ('[default]\nnonsense\n', 2, 'KEY = VALUE'),
    ('\ufeff[default]\r\n\r\nnonsense\r\n', 3, 'KEY = VALUE'),
    ('token = x\n', 1, 'a section comes first'),
    ('[default\n', 1, 'missing'),
    ('[default] x\n', 1, 'behind'),
    ('[no such name!]\n', 1, 'letters'),
    ('[default]\n[default]\n', 2, 'twice'),
    ('[default]\ntoken = x\ntoken = y\n', 3, 'twice'),
    ('[default]\ntokn = x\n', 2, 'did you mean "token"?'),
    ('[default]\n\n# x\nrefesh = 1\n', 4, 'did you mean "refresh"?'),
    ('[other]\napi_kye = 1\n', 2, 'did you mean "api_key"?'),
    ('[default]\nzebra = x\n', 2, 'unknown key "zebra"'),
    ('[default]\nrefresh = soon\n', 2, 'from 1 to 86400 seconds'),
    ('[default]\nro = perhaps\n', 2, 'yes or no'),
    ('[default]\nauth = bearer\n', 2, 'token or oauth1'),
    ('[default]\napi_url = http://example.com/1\n', 2, 'https'),
    ('[default]\ntoken =\n', 2, 'empty'),
    ('[default]\ntoken = hush hush\n', 2, 'blank'),
    ('[default]\n\x07\n', 2, 'control character')])
def test_mistakes(mounts, text, line, says):
    """The line, and what is wrong with it; never a secret."""
    home, path = config_of(mounts, text)
    status, told = mounts.fails(home=home)
    assert status == 1
    assert re.fullmatch(r'trellofs: [^\n]+\n', told)
    assert f'{path}, line {line}: ' in told and says in told
    assert 'hush' not in told


def test_no_file_at_all(mounts):
    home, path = config_of(mounts, '')
    os.remove(path)
    os.mkdir(path)
    status, told = mounts.fails(home=home)
    assert status == 1 and f'{path} is not a file' in told


@pytest.mark.parametrize('mode, key', [
    (0o640, 'token'), (0o604, 'token'), (0o660, 'token_secret'),
    (0o602, 'consumer_secret'), (0o620, 'token_command')])
def test_open_to_others(mounts, mode, key):
    """Also in the section of another profile."""
    home, path = config_of(mounts, f'[default]\n[b]\n{key} = hush\n', mode)
    status, told = mounts.fails(home=home)
    assert status == 1 and 'hush' not in told
    assert f"chmod 600 '{path}'" in told or f'chmod 600 {path}' in told


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which('setpriv'),
                    reason='only root can be two users')
@pytest.mark.parametrize('owner, says', [
    (65534, 'Permission denied'), (12345, 'belongs to another user')])
def test_unreadable(owner, says):
    """One without any rights, and one that is somebody else's."""
    with tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o777)
        home = Home(os.path.join(top, 'home')).write(
            '[default]\n', 0 if owner == 65534 else 0o644)
        for folder, _, names in os.walk(home.path):
            os.chmod(folder, 0o755)
            for name in names:
                os.chown(os.path.join(folder, name), owner, owner)
        os.mkdir(os.path.join(top, 'mnt'))
        os.chown(os.path.join(top, 'mnt'), 65534, 65534)
        done = run('setpriv', '--reuid', '65534', '--clear-groups', PROGRAM,
                   os.path.join(top, 'mnt'), check=False,
                   env=home.environment())
        if done.returncode == 127:
            pytest.skip('only root can run the program')
        assert done.returncode == 1
        assert home.config in done.stderr and says in done.stderr
