"""What is between a mount and Trello: a proxy, or who has no good
certificate."""

import os
import time

import pytest

from trello.certs import server_context

from .logins import certificates, https
from .networks import in_the_clear
from .proxies import Proxy
from .util import PATIENCE, SLOW, outcome, read, wait_until, write

BOUND = 10 + 2 * PATIENCE


@pytest.fixture(scope='module')
def certs(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp('certs'))


@pytest.fixture
def server(mounts, certs):
    with https(certs) as made:
        yield made
        mounts.finish()


def credentials(server, certs):
    return {'TRELLOFS_API_URL': server.url, 'TRELLO_API_KEY': server.key,
            'TRELLO_TOKEN': server.token, 'TRELLOFS_CA_FILE': certs['ca']}


@pytest.fixture
def proxy():
    with Proxy() as made:
        yield made


def again(account):
    """Asks at once, whatever its time is."""
    return outcome(write, account.at('.trellofs', 'control', 'refresh'),
                   '\n')


def says(account, *words):
    """Whether status tells all of this, once it has asked again."""
    again(account)
    network = account.status_line('network')
    return all(each in network for each in words)


def trouble(account, *words):
    """It is told, what is known can be read and changed, and what is not
    fails in time."""
    wait_until(lambda: says(account, 'offline', *words), 15,
               lambda: account.status_line('network'))
    folder = account.at(sorted(os.listdir(account.path))[0])
    folder = os.path.join(folder, sorted(os.listdir(folder))[0])
    path = os.path.join(folder, words[-1] + '.md')
    write(path, words[-1])
    wait_until(lambda: words[-1] in read(path).decode(), 5, 'the text')
    return path


STATUSES = (407, 403, 503)


def test_proxy(mounts, server, certs, proxy):
    """Everything goes through it, and it learns no secret; what it does not
    let through is told, and sent once it does."""
    env = credentials(server, certs) | {'https_proxy': proxy.url}
    account = mounts.account(server, env=env, expect=('warning: ',))
    account.wait_complete()
    for number, status in enumerate(STATUSES):
        proxy.status = status
        proxy.cut()
        path = trouble(account, 'proxy', str(status))
        proxy.status = None
        wait_until(lambda: says(account, 'online'), 20,
                   lambda: account.status_line('network'))
        server.wait_for('POST', '/cards', number + 1, 20 * SLOW)
        assert os.path.exists(path)
    # Told once each, if not of an answer that was on its way.
    told = account.log().splitlines()
    assert len(told) >= 3
    for status in STATUSES:
        assert sum(f'says {status}' in each for each in told) <= 1, told
    for head in proxy.asked:
        assert head.startswith(b'CONNECT 127.0.0.1:%d ' % server.port)
        assert server.token.encode() not in head
        assert server.key.encode() not in head


def test_proxy_is_gone(mounts, server, certs, proxy):
    """At first: one line that says so."""
    proxy.end()
    began = time.monotonic()
    status, told = mounts.fails(env=credentials(server, certs)
                                | {'https_proxy': proxy.url})
    assert time.monotonic() - began < BOUND
    assert status == 1 and told.count('\n') == 1
    assert 'cannot be reached' in told and proxy.url[-5:] in told, told


# Certificates

BAD = {'wrong-host': 'certificate', 'expired': 'expired',
       'self-signed': 'self'}


def show(server, pair):
    """Another certificate from now on."""
    server.refuse()
    server.listeners[0].ssl_context = server_context(*pair)
    server.refuse(False)


@pytest.mark.parametrize('kind', BAD)
def test_bad_certificate(mounts, server, certs, kind):
    """At first it is one line; later it is as without a network, and nothing
    of ours is sent to who shows it."""
    show(server, certs[kind])
    began = time.monotonic()
    status, told = mounts.fails(env=credentials(server, certs))
    assert time.monotonic() - began < BOUND
    assert status == 1 and told.count('\n') == 1
    assert 'its certificate is not good' in told and BAD[kind] in told
    assert server.requests == []
    show(server, certs['good'])
    account = mounts.account(server, env=credentials(server, certs),
                             expect=('warning: ',))
    account.wait_complete()
    show(server, certs[kind])
    asked = len(server.requests)
    trouble(account, 'its certificate is not good', BAD[kind])
    assert len(server.requests) == asked
    show(server, certs['good'])
    wait_until(lambda: says(account, 'online'), 20,
               lambda: account.status_line('network'))
    server.wait_for('POST', '/cards', 1, 20 * SLOW)
    assert account.log().count('warning') == 1


def test_no_tls_at_all(mounts, server, certs):
    """Who answers in the clear is not Trello."""
    account = mounts.account(server, env=credentials(server, certs),
                             expect=('warning: ',))
    account.wait_complete()
    with in_the_clear(server):
        trouble(account, 'no safe connection')
    wait_until(lambda: says(account, 'online'), 20,
               lambda: account.status_line('network'))
    server.wait_for('POST', '/cards', 1, 20 * SLOW)
