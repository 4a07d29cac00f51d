"""A mount outlives its token: cached reads go on, changes wait, and a new
login is taken up without unmounting."""

import os
import re
import time

import pytest

from trello.server import REMOTE

from .logins import Home, oauth1
from .servers import BOARDS_ROUTE, wait_quiet
from .util import PATIENCE, SLOW, read, read_tree, wait_until, write

TOLD = ('warning: .*trellofs login', 'warning: .*token is wrong',
        'notice: .*new credentials of @')


@pytest.fixture
def home(tmp_path, server):
    server.generate(boards=2, lists=2, cards=6)
    return Home(tmp_path / 'home', server)


def log_in(home, server, token, *args, key=None):
    return home.does('login', *args, lines=[key or server.key, token])


def mount(mounts, home, *args, expect=TOLD, options='refresh=1', **more):
    account = mounts.start(*args, '-o', options, home=home.path,
                           expect=expect, **more)
    account.wait_complete()
    return account


def online(account):
    return account.status_line('network').startswith('online')


def end(server, token, how):
    if how == 'revoked':
        server.revoke(token)
    else:
        server.account.clock.advance(7200)


def some_card(account):
    return sorted(each for each in read_tree(account.path)
                  if each.endswith('.md'))[0]


def append(path, text):
    with open(path, 'a', encoding='utf-8') as file:
        file.write(text)


def comments(server, text):
    return [each for each in server.state()['actions']
            if each['data'].get('text') == text]


@pytest.mark.parametrize('how', ['expired', 'revoked'])
def test_life_goes_on(mounts, home, server, how):
    """Through the end of the token and a new login, with what was edited
    meanwhile arriving."""
    token = server.add_token(expires=3600)
    log_in(home, server, token)
    account = mount(mounts, home)
    before = read_tree(account.path)
    card = some_card(account)
    end(server, token, how)
    wait_until(lambda: 'trellofs login' in account.status_line('network'),
               10, 'status tells')
    assert read_tree(account.path) == before
    append(account.at(card), 'Edited meanwhile.\n')
    wait_until(lambda: account.status_line('pending') == '1', 10, 'pending')
    since = len(server.requests)
    time.sleep(1.5 * SLOW)
    assert len(server.requests) - since <= 1
    log_in(home, server, server.token, '--revoke-old')
    wait_until(lambda: comments(server, 'Edited meanwhile.'), 10,
               'the edit arrives')
    wait_until(lambda: online(account), 5, 'online')
    wait_until(lambda: account.status_line('pending') == '0', 5, 'sent')
    # Others' news come as well.
    board = next(iter(server.account.boards.values()))
    server.api('PUT', f'/boards/{board.id}', {'name': 'Named anew'})
    wait_until(lambda: 'Named anew' in os.listdir(account.path), 10, 'news')
    assert all(each['token'] == server.token
               for each in server.requests[-3:])
    # The next mount asks nobody who it is.
    account.unmount()
    server.forget()
    mount(mounts, home)
    assert not any(each['path'] == '/1/members/me'
                   for each in server.requests)


def test_rotation(mounts, home, server):
    """A new token while the old one is good: no request is refused that
    is not sent again at once."""
    old, new = server.add_token(), server.add_token(expires=86400)
    log_in(home, server, old)
    account = mount(mounts, home)
    log_in(home, server, new, '--revoke-old')
    assert server.account.tokens[old].revoked
    wait_until(lambda: any(each['token'] == new and each['status'] == 200
                           and BOARDS_ROUTE in each['path']
                           for each in server.requests), 10, 'the new token')
    wait_until(lambda: 'until' in account.status_line('rights'), 10,
               'the new rights')
    assert 'offline' not in account.status()
    append(account.at(some_card(account)), 'Goes on.\n')
    wait_until(lambda: comments(server, 'Goes on.'), 10, 'a comment')


def test_to_oauth1_and_back(mounts, home, server):
    log_in(home, server, server.token)
    mount(mounts, home)
    assert oauth1(home, server)[0] == 0
    wait_until(lambda: 'oauth_signature' in
               server.requests[-1]['headers']['authorization'], 10,
               'signed requests')
    since = len(server.requests)
    wait_until(lambda: len(server.requests) > since + 2, 10, 'more')
    log_in(home, server, server.token)
    wait_until(lambda: 'oauth_signature' not in
               server.requests[-1]['headers']['authorization'], 10,
               'plain requests')
    assert all(each['status'] == 200 for each in server.requests[since:])


def test_rights_turn(mounts, home, server):
    """A token that may write makes a read-only tree writable, and the
    other way round, in the modes that are cached too."""
    log_in(home, server, server.add_token(scope='read'))
    account = mount(mounts, home)
    card = some_card(account)
    assert os.stat(account.at(card)).st_mode & 0o200 == 0
    with pytest.raises(OSError):
        append(account.at(card), 'No.\n')
    log_in(home, server, server.token)
    wait_until(lambda: os.stat(account.at(card)).st_mode & 0o200, 10, 'mode')
    append(account.at(card), 'Yes.\n')
    wait_until(lambda: comments(server, 'Yes.'), 10, 'a comment')
    log_in(home, server, server.add_token(scope='read'))
    wait_until(lambda: os.stat(account.at(card)).st_mode & 0o200 == 0, 10,
               'mode')
    with pytest.raises(OSError):
        append(account.at(card), 'No.\n')
    assert not comments(server, 'No.')


def test_another_account_is_refused(mounts, home, server):
    """Whoever edits the file by hand: one account's changes never go to
    another."""
    log_in(home, server, server.token)
    account = mount(mounts, home, expect=TOLD + ('@remote.*@tester',))
    other = server.add_token(member=REMOTE['id'])
    good = home.text()
    home.write(good.replace(server.token, other))
    wait_until(lambda: '@remote' in account.log(), 10, 'the log tells')
    since = len(server.requests)
    wait_until(lambda: len(server.requests) > since + 1, 10, 'the old one')
    assert all(each['token'] == server.token
               for each in server.requests[since:])
    append(account.at(some_card(account)), 'Mine.\n')
    wait_until(lambda: comments(server, 'Mine.'), 10, 'a comment')
    assert account.log().count('@remote') == 1
    home.write(good)


def test_wrong_new_token(mounts, home, server):
    """One try; the old one stays in use."""
    log_in(home, server, server.token)
    account = mount(mounts, home)
    bad = 'ATTA' + 'c0ffee' * 12
    home.write(home.text().replace(server.token, bad))
    wait_until(lambda: any(each['token'] == bad
                           for each in server.requests), 10, 'a try')
    home.write(home.text() + '# touched\n')
    since = len(server.requests)
    wait_until(lambda: len(server.requests) > since + 2, 10, 'more')
    assert sum(each['token'] == bad for each in server.requests) == 1
    assert online(account) and bad not in account.log()


def test_mistake_in_the_file(mounts, home, server):
    """Told; the mount goes on, and takes up what is right again."""
    log_in(home, server, server.token)
    account = mount(mounts, home, expect=TOLD + ('line 1: ',))
    good = home.text()
    home.write('nonsense\n')
    wait_until(lambda: 'line 1: ' in account.log(), 10, 'the log tells')
    token = server.add_token()
    home.write(good.replace(server.token, token))
    wait_until(lambda: server.requests[-1]['token'] == token, 10, 'the new')


def test_another_address(mounts, home, server):
    """A token for one address is never sent to another."""
    log_in(home, server, server.token)
    home.env = {}       # the address is in the file now
    account = mount(mounts, home, expect=TOLD + ('api_url is another',))
    token = server.add_token()
    home.write(home.text().replace(server.token, token)
               .replace(server.url, 'http://127.0.0.1:9/1'))
    wait_until(lambda: 'api_url is another' in account.log(), 10, 'the log')
    since = len(server.requests)
    wait_until(lambda: len(server.requests) > since + 1, 10, 'the old one')
    assert all(each['token'] == server.token for each in server.requests)


def test_token_of_the_environment(mounts, home, server):
    """It comes before the file, until it is refused."""
    token = server.add_token()
    account = mount(mounts, home, env=home.env | {
        'TRELLO_API_KEY': server.key, 'TRELLO_TOKEN': token})
    log_in(home, server, server.token)
    since = len(server.requests)
    wait_until(lambda: len(server.requests) > since + 3, 20, 'requests')
    assert all(each['token'] == token for each in server.requests[since:]
               if BOARDS_ROUTE in each['path'])
    server.revoke(token)
    wait_until(lambda: server.requests[-1]['token'] == server.token, 20,
               'the file\'s')
    wait_until(lambda: online(account), 10, 'online')


def test_first_login_of_all(mounts, home, server):
    """Where there was no file, and no folder for it."""
    token = server.add_token()
    account = mount(mounts, home, env=home.env | {
        'TRELLO_API_KEY': server.key, 'TRELLO_TOKEN': token})
    server.revoke(token)
    wait_until(lambda: not online(account), 10, 'offline')
    assert not os.path.exists(os.path.dirname(home.config))
    log_in(home, server, server.token)
    wait_until(lambda: online(account), 20, 'online')


def test_token_command_again(mounts, home, server):
    """A command that gives a new token is asked when the old one was
    refused, and not over and over."""
    source = os.path.join(home.path, 'source')
    runs = os.path.join(home.path, 'config', 'trellofs', 'runs')
    token, new = server.add_token(), server.add_token()
    write(source, token)
    home.write(f'[default]\napi_key = {server.key}\n'
               f"token_command = sh -c 'echo x >> {runs}; cat {source}'\n"
               f'api_url = {server.url}\n')
    account = mount(mounts, home)
    assert read(runs) == b'x\n'
    write(source, new)
    server.revoke(token)
    wait_until(lambda: server.requests[-1]['token'] == new, 20, 'the new')
    wait_until(lambda: online(account), 10, 'online')
    assert read(runs) == b'x\nx\n'
    server.revoke(new)
    wait_until(lambda: not online(account), 10, 'offline')
    time.sleep(1.5 * SLOW)
    assert read(runs).count(b'x') <= 3
    refused = [each for each in server.requests if each['status'] == 401]
    assert len(refused) <= 2 + 2


def test_unmount_while_a_command_runs(mounts, home, server):
    """Nobody waits for it, and it does not stay behind."""
    token = server.add_token()
    flag = os.path.join(home.path, 'slow')
    pid = os.path.join(home.path, 'pid')
    script = os.path.join(home.path, 'script')
    write(script, f'echo $$ > {pid}; test -e {flag} && exec sleep 100\n'
          f'echo {token}\n')
    home.write(f'[default]\napi_key = {server.key}\n'
               f'api_url = {server.url}\ntoken_command = sh {script}\n')
    account = mount(mounts, home)
    write(flag, '')
    server.revoke(token)
    first = read(pid)
    wait_until(lambda: read(pid) not in (first, b''), 20, 'it runs')
    began = time.monotonic()
    assert account.unmount() == 0
    assert time.monotonic() - began < min(25 * PATIENCE, 75)
    wait_until(lambda: not os.path.exists(f'/proc/{int(read(pid))}'), 5,
               'it is gone')


def test_network_comes_later(mounts, home, server):
    """Credentials that cannot be checked wait until they can be."""
    token, new = server.add_token(), server.add_token()
    log_in(home, server, token)
    account = mount(mounts, home, expect=TOLD + ('warning: ',))
    wait_quiet(server)
    fault = server.fault(token=new, status=503, body='later', count=6)
    home.write(home.text().replace(token, new))
    wait_until(lambda: fault.fired > 0, 20, 'a try')
    wait_until(lambda: 'not used' in account.log(), 20, 'the log tells')
    server.clear_faults()
    home.write(home.text() + '\n')
    wait_until(lambda: server.requests[-1]['token'] == new, 20, 'the new')


@pytest.mark.parametrize('days, warned', [(6, True), (8, False)])
def test_end_is_told(mounts, home, server, days, warned):
    """From a week before, in status and log."""
    log_in(home, server, server.add_token(expires=days * 86400 + 600))
    account = mount(mounts, home, expect=TOLD)
    wait_until(lambda: 'days left' in account.status_line('rights'), 5,
               'the rights')
    assert f'({days} days left)' in account.status_line('rights')
    assert bool(account.status_line('warning')) == warned
    if warned:
        wait_until(lambda: re.search(
            r'profile default: the token expires: 6 days left; run '
            r'`trellofs login`', account.log()), 5, 'the log')
        assert account.log().count('expires') == 1
        log_in(home, server, server.token)
        wait_until(lambda: not account.status_line('warning'), 10, 'no more')
    else:
        assert 'expires' not in account.log()
