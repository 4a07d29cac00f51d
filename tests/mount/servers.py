"""The stand-in Trello of a test, and what it must not have seen."""

import contextlib
import time

from trello.server import Server

from .util import PATIENCE, SLOW


# What is asked every refresh.
BOARDS_ROUTE = '/1/members/me/boards'


def leaks(server):
    """Requests that had credentials where they do not belong."""
    secrets = (server.key, server.token)
    return [each['target'] for each in server.requests
            if 'url' in each['credentials']
            or any(secret in each['target'] for secret in secrets)
            and not each['path'].startswith('/1/tokens/')]


def check(server):
    assert server.violations == []
    assert leaks(server) == []
    assert server.storage_leaks == []
    assert server.errors == []


@contextlib.contextmanager
def checked_server(**more):
    """A server that must not be asked for what Trello does not document,
    nor with credentials in an address."""
    server = Server(**more)
    with server:
        yield server
    check(server)


def count(server, path=None, since=0):
    """How many requests it has seen; path: part of their address."""
    return sum(1 for each in server.requests[since:]
               if path is None or path in each['target'])


def wait_quiet(server, seconds=0.5, limit=20):
    """Until nothing but the list of boards was asked for so long; the
    number of requests."""
    end = time.monotonic() + limit * PATIENCE
    seen, since = 0, time.monotonic()
    while time.monotonic() < end:
        time.sleep(0.02)
        asked = len(server.requests) - count(server, BOARDS_ROUTE)
        if asked != seen:
            seen, since = asked, time.monotonic()
        elif time.monotonic() - since > seconds * SLOW \
                and server.in_flight == 0:
            return len(server.requests)
    raise AssertionError(f'it asks and asks: {seen} requests')


def never_over(server):
    """That no window held more than its limit, and nothing was refused."""
    counters = server.counters()
    limiter = server.limiter
    assert counters['most_in_token_window'] <= limiter.token.limit
    assert counters['most_in_key_window'] <= limiter.key.limit
    assert counters['most_in_members_window'] <= limiter.member.limit
    assert counters['sent_429'] == 0
