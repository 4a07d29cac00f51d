"""The stand-in server: starts, stops, and is told what to do.

As a program it is tests/trello/cli.py; see README.
"""

import asyncio
import hashlib
import os
import re
import sys
import threading
import time
from urllib.parse import parse_qsl, urlsplit

if __package__ in (None, ''):
    # Run as a file: this folder's modules must not shadow the library's.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    from trello.cli import main
    sys.exit(main())

from . import routes  # noqa: E402  registers every route
from .api import Api, Reply, Request  # noqa: E402
from .certs import server_context  # noqa: E402
from .control import Control, dump  # noqa: E402
from .dread import dread  # noqa: E402
from .errors import ApiError  # noqa: E402
from .exports import load_export  # noqa: E402
from .faults import Faults, spoil  # noqa: E402
from .generate import generate  # noqa: E402
from .httpd import (Dropped, common_headers, compress,  # noqa: E402
                    deliver)
from .listener import Listener  # noqa: E402
from .model import Account  # noqa: E402
from .ratelimit import RateLimiter  # noqa: E402
from .settings import Settings  # noqa: E402
from .storage import Storage  # noqa: E402
from .tokens import EXPIRATIONS, App, make_token  # noqa: E402

assert routes
KEY = '0123456789abcdef0123456789abcdef'
SECRET = 'fedcba9876543210' * 4
TOKEN = 'ATTA' + '5eb1' * 18
ME = {'id': '5e679b808e6e8828784b30e1', 'username': 'tester',
      'fullName': 'Test Er', 'initials': 'TE',
      'email': 'tester@example.invalid',
      'avatarHash': 'c' * 32, 'avatarUrl':
      'https://trello-members.example.invalid/' + 'c' * 32}
WORKSPACE = {'id': '5e679b808e6e8828784b30f0', 'name': 'testworkspace',
             'displayName': 'Test Workspace'}
REMOTE = {'id': '5e679b808e6e8828784b30e2', 'username': 'remote',
          'fullName': 'Remote User', 'initials': 'RU'}


class Server:
    """A Trello of its own on two loopback ports."""

    def __init__(self, port=0, key=KEY, token=TOKEN, secret=SECRET,
                 tls=None, h2=False, seed=7, storage_port=0):
        self.key, self.token, self.secret = key, token, secret
        self.tls, self.h2, self.seed = tls, h2, seed
        self.ports = (port, storage_port)
        self.settings = Settings()
        self.faults = Faults()
        self.latency = 0.0
        self.cuts = []          # of bodies: the next ends after so many bytes
        self.requests = []
        self.sources = []
        self.storage = Storage(self)
        self.control = Control(self)
        self.in_flight = self.most_in_flight = 0
        self.loop = self.thread = None
        self.listeners = []
        self.make_account()
        self.limiter = RateLimiter(self.account.clock)
        self.core = Api(self.account, self.settings, self.limiter)
        self.core.make_hand(REMOTE['id'], key)
        self.core.storage_address = self.storage.address

    def make_account(self):
        account = Account(self.seed)
        account.base_url = ''
        account.owner = ME['id']
        account.keys[self.key] = App(self.key, self.secret)
        account.organizations[WORKSPACE['id']] = dict(WORKSPACE)
        account.add_member(dict(ME))
        account.add_member(dict(REMOTE))
        make_token(account, self.key, ME['id'], 'read,write,account',
                   value=self.token)
        self.account = account

    # Life

    @property
    def scheme(self):
        return 'https' if self.tls else 'http'

    def start(self):
        ready = threading.Event()
        failure = []
        self.thread = threading.Thread(
            target=self.loop_main, args=(ready, failure), daemon=True)
        self.thread.start()
        ready.wait()
        if failure:
            raise failure[0]
        return self

    def loop_main(self, ready, failure):
        self.loop = asyncio.new_event_loop()
        try:
            self.loop.run_until_complete(self.open())
        except Exception as error:      # the port may be taken
            failure.append(error)
            ready.set()
            return
        ready.set()
        self.loop.run_forever()
        self.loop.run_until_complete(self.close())
        self.loop.close()

    async def open(self):
        context = self.ssl_context() if self.tls else None
        for owner, port in zip((self, self.storage), self.ports):
            listener = Listener(owner, '127.0.0.1', port, context)
            await listener.open()
            self.listeners.append(listener)
        self.account.base_url = self.origin

    def ssl_context(self):
        return server_context(*self.tls, h2=self.h2)

    async def close(self):
        for listener in self.listeners:
            await listener.close()

    def stop(self):
        if self.thread and self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(20)
        self.thread = None

    __enter__ = start

    def __exit__(self, *_):
        self.stop()

    def run_in_loop(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine,
                                                self.loop).result(20)

    @property
    def port(self):
        return self.listeners[0].port

    @property
    def origin(self):
        return f'{self.scheme}://127.0.0.1:{self.port}'

    @property
    def url(self):
        """What a client takes for https://api.trello.com/1."""
        return self.origin + '/1'

    @property
    def storage_url(self):
        return f'{self.scheme}://127.0.0.1:{self.listeners[1].port}'

    def refuse(self, on=True):
        """Closes the port and every connection, or opens it again."""
        listener = self.listeners[0]
        if on:
            self.run_in_loop(listener.close())
        elif not listener.is_open:
            self.run_in_loop(listener.open())

    # Contents

    def load(self, *paths):
        """Board exports. Returns the last board."""
        return self.fill(lambda account: [
            load_export(account, path, ME['id']) for path in paths][-1])

    def generate(self, boards=1, lists=5, cards=100, **more):
        """Boards of so many cards each; see generate.py."""
        return self.fill(lambda account: generate(
            account, ME['id'], boards, lists, cards, **more))

    def dread(self, **more):
        """A board of everything that breaks file systems."""
        return self.fill(lambda account: dread(account, ME['id'], **more))

    def fill(self, source):
        self.sources.append(source)
        with self.core.lock:
            result = source(self.account)
            self.join_everywhere()
        return result

    def join_everywhere(self):
        for board in self.account.boards.values():
            if not board.membership(REMOTE['id']):
                self.account.add_membership(board, REMOTE['id'])

    def reset(self):
        """The account as it was after the last load or generate."""
        with self.core.lock:
            base = self.account.base_url
            clock = self.account.clock
            self.make_account()
            self.account.base_url, self.account.clock = base, clock
            self.core.account = self.account
            self.core.snapshots = []
            self.core.make_hand(REMOTE['id'], self.key)
            for source in self.sources:
                source(self.account)
            self.join_everywhere()
        self.faults.clear()
        self.forget()

    def forget(self):
        """Empties the logs and counters."""
        self.requests.clear()
        self.core.violations.clear()
        self.storage.leaks.clear()
        self.storage.requests.clear()
        self.limiter.reset()
        self.most_in_flight = 0

    def file_bytes(self, attachment_id):
        """An upload's bytes; those of exports are made up."""
        data = self.account.files.get(attachment_id)
        if data is None:
            for card in self.account.cards.values():
                for each in card.get('attachments', ()):
                    if each['id'] == attachment_id:
                        return made_up(attachment_id, each['bytes'])
        return data

    # Tokens

    def add_token(self, member=None, scope='read,write', expires=None,
                  value=None, key=None, secret=''):
        """Another token's text. expires: seconds from now; secret: what
        requests are signed with, in OAuth 1.0a."""
        member_id = member or ME['id']
        token = make_token(self.account, key or self.key, member_id, scope,
                           expires, value)
        token.secret = secret
        return token.value

    def revoke(self, token):
        self.account.tokens[token].revoked = True

    def visit(self, url, member=None):
        """The user opens an authorize address and agrees. Returns what
        the page then shows: a token, or OAuth 1.0a's verifier."""
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query))
        request = Request('GET', f'{parts.path}?{parts.query}')
        reply = self.core.answer(request)
        if reply.status != 200:
            raise ApiError(reply.status, reply.body.decode())
        member = member or ME['id']
        if parts.path.endswith('/OAuthAuthorizeToken'):
            return self.core.oauth.approve(self.account,
                                           asked['oauth_token'], member)
        return self.add_token(member, asked.get('scope', 'read'),
                              EXPIRATIONS[asked.get('expiration', 'never')],
                              key=asked['key'])

    # Faults, edits, records

    def fault(self, **what):
        """Switches a fault on; see faults.py. Returns it: .fired counts."""
        return self.faults.add(**what)

    def clear_faults(self):
        self.faults.clear()

    def api(self, method, path, params=None, token=None):
        """An edit as by another user: no faults, limits or log."""
        return self.core.call(method, path, params, token)

    @property
    def heard_out(self):
        """Whether everything is done that dead programs asked for."""
        return all(each.heard_out for each in self.listeners)

    def limits(self, token=100, key=300, seconds=10, member=100,
               member_seconds=900):
        """Requests a window for a token and a key; the members route."""
        self.limiter.set_limits(token, key, seconds, member, member_seconds)

    @property
    def violations(self):
        """What Trello does not document but was asked, a line each."""
        return self.core.violations

    @property
    def errors(self):
        """Tracebacks of mistakes in this server."""
        return self.core.errors

    @property
    def storage_leaks(self):
        """Requests to storage that carried Trello credentials."""
        return self.storage.leaks

    def counters(self):
        return self.limiter.counters() | {
            'requests': len(self.requests),
            'most_in_flight': self.most_in_flight,
            'violations': len(self.violations),
            'errors': len(self.errors),
            'storage_leaks': len(self.storage_leaks)}

    def matching(self, method=None, path=None):
        """The logged requests whose method and target match."""
        return [each for each in list(self.requests)
                if (not method or re.fullmatch(method, each['method']))
                and (not path or re.search(path, each['target']))]

    def wait_for(self, method=None, path=None, count=1, timeout=10):
        """Waits until so many requests match, and returns them."""
        end = time.monotonic() + timeout
        while True:
            found = self.matching(method, path)
            if len(found) >= count:
                return found
            if time.monotonic() > end:
                raise TimeoutError(f'{len(found)} of {count} requests '
                                   f'{method} {path}')
            time.sleep(0.01)

    def busiest(self, seconds):
        """The most requests in any span of so many seconds."""
        times = sorted(each['time'] for each in self.requests)
        most = first = 0
        for last, moment in enumerate(times):
            while moment - times[first] >= seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def state(self):
        """The whole account, as lists of plain objects."""
        with self.core.lock:
            return dump(self.account)

    # Serving, in the loop's thread

    async def serve(self, request, out, connection):
        if request.path.startswith('/__control/'):
            reply = await self.control.answer(request)
            await deliver(out, reply, common_headers(reply, time.time()),
                          reply.body, None)
            return
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await self.serve_api(request, out, connection)
        finally:
            self.in_flight -= 1

    async def serve_api(self, request, out, connection):
        found = self.core.peek(request)
        plan = self.faults.plan(request, found.token)
        delay = self.latency + (plan.latency if plan else 0)
        if delay:
            await asyncio.sleep(delay)
        if plan and plan.drop == 'before':
            self.record(request, found, connection, plan, None)
            raise Dropped
        reply = self.produce(request, found, plan)
        if plan and plan.drop == 'after':
            self.record(request, found, connection, plan, None)
            raise Dropped
        headers = common_headers(reply, self.account.now())
        body = reply.body
        if self.settings.gzip and (not plan or not plan.garbage):
            body = compress(request, reply, headers)
        self.record(request, found, connection, plan, reply, len(body))
        await deliver(out, reply, headers, body, plan)

    def produce(self, request, found, plan):
        """The reply: the API's, or what a fault puts in its place."""
        if plan and plan.replaces() and not plan.after:
            headers, _ = self.limiter.take(
                found.key, found.token, self.core.is_members_route(request))
            return self.replaced(plan, headers)
        if plan and plan.stale:
            self.core.keep_snapshot(plan.stale)
        if plan and plan.hook:
            plan.hook(request)
        reply = self.core.answer(request)
        if plan and plan.replaces():
            if plan.only_status():
                reply.status = plan.status
                return reply
            return self.replaced(plan, reply.headers)
        if plan and reply.status == 200:
            reply.body = spoil(reply.body, plan)
        if plan and plan.content_type:
            reply.content_type = plan.content_type
        return reply

    def replaced(self, plan, headers):
        status, kind, body, more = plan.replacement()
        return Reply(status, body, kind, headers | more)

    def record(self, request, found, connection, plan, reply, size=0):
        now = time.time()
        self.requests.append({
            'time': now, 'method': request.method, 'path': request.path,
            'target': request.target, 'params': self.core.names(request),
            'status': reply.status if reply else None,
            'bytes_in': getattr(request, 'bytes_in', len(request.body)),
            'bytes_out': size, 'token': found.token, 'key': found.key,
            'credentials': sorted(found.places),
            'headers': request.headers, 'body': request.body[:65536],
            'http': connection.version, 'connection': connection.number,
            'fault': plan.id if plan else None})


def made_up(attachment_id, size):
    """The same bytes for the same attachment, always."""
    block = hashlib.sha256(attachment_id.encode()).digest()
    size = min(size or 0, 1 << 26)
    return (block * (size // len(block) + 1))[:size]
