"""From a request to a reply: parameters, credentials, limits, handler."""

import json
import pickle
import re
import sys
import threading
import traceback
import urllib.parse

from . import auth, router
from .errors import (HTML, JSON, TEXT, ApiError, StrictError, no_list,
                     not_found)
from .multipart import parse_multipart
from .oauth1 import OAuth1
from .tokens import Token

# Above about 8 KB the edge answers, before anybody looks at the request.
MAX_TARGET = 8190
TOO_LONG = ('<html>\r\n<head><title>414 Request-URI Too Large</title></head>'
            '\r\n<body>\r\n<center><h1>414 Request-URI Too Large</h1>'
            '</center>\r\n</body>\r\n</html>\r\n')
MEMBERS_ROUTE = re.compile(r'/1/members?/[^/]+/?\Z')
NULL_VALUE = object()       # a handler's result: {"_value":null}


class Request:
    """What came over the wire, decoded as far as HTTP goes."""

    def __init__(self, method, target, headers=None, body=b'',
                 base='http://127.0.0.1'):
        self.method = method
        self.target = target
        self.headers = headers or {}
        self.body = body
        self.base = base
        path, _, self.query = target.partition('?')
        self.path = path


class Reply:
    def __init__(self, status, body, content_type=JSON, headers=None):
        self.status = status
        self.body = body if isinstance(body, bytes) else body.encode()
        self.content_type = content_type
        self.headers = headers or {}


class Redirect(Exception):
    def __init__(self, location, status=302):
        super().__init__(location)
        self.location = location
        self.status = status


class Call:
    """One run of a handler: who asks, with which parameters."""

    def __init__(self, api, account, token, entry, request):
        self.api = api
        self.account = account
        self.settings = api.settings
        self.token = token
        self.entry = entry
        self.request = request
        self.params = {}
        self.credentials = None

    @property
    def who(self):
        """The id of the member who asks."""
        return self.token.member if self.token else None

    def get(self, name, default=None):
        return self.params.get(name, default)

    def has(self, name):
        return name in self.params

    def check(self, board):
        allowed = auth.may_write if self.entry.writes else auth.may_read
        if not allowed(board, self.token):
            raise auth.denied(self.entry.card_texts)
        return board

    def board(self, key):
        board = self.account.find_board(key)
        if board is None:
            raise not_found()
        return self.check(board)

    def card(self, key):
        card = self.account.find_card(key)
        if card is None:
            raise not_found()
        self.check(self.account.board_of(card))
        return card

    def list(self, key):
        data = self.account.lists.get(key)
        if data is None:
            raise no_list()
        self.check(self.account.board_of(data))
        return data

    def owned(self, table, key):
        """A label or checklist by id."""
        data = table.get(key)
        if data is None:
            raise not_found()
        self.check(self.account.board_of(data))
        return data

    def member(self, key):
        if key == 'me':
            if self.token is None:
                raise ApiError(401, auth.NO_PERMISSION)
            return self.account.members[self.token.member]
        data = self.account.find_member(key)
        if data is None:
            raise not_found()
        return data


def encode(value):
    return json.dumps(value, ensure_ascii=False, separators=(',', ':'),
                      allow_nan=False).encode()


def parse_query(text):
    """The parameters of a query or form; a repeated name is an array."""
    out = {}
    pairs = urllib.parse.parse_qsl(text, keep_blank_values=True,
                                   errors='replace')
    for name, value in pairs:
        if name in out:
            old = out[name]
            out[name] = (old if isinstance(old, list) else [old]) + [value]
        else:
            out[name] = value
    return out


def parse_body(request):
    kind = request.headers.get('content-type', '')
    if not request.body:
        return {}
    if kind.startswith('application/json'):
        try:
            found = json.loads(request.body)
        except ValueError:
            raise ApiError(400, 'Error parsing body') from None
        if not isinstance(found, dict):
            raise ApiError(400, 'Error parsing body')
        return found
    if kind.startswith('multipart/form-data'):
        return parse_multipart(kind, request.body)
    return parse_query(request.body.decode('utf-8', 'replace'))


class Api:
    """Answers requests about one account. Thread-safe by its lock."""

    def __init__(self, account, settings, limiter):
        self.account = account
        self.settings = settings
        self.limiter = limiter
        self.lock = threading.RLock()
        self.violations = []
        self.errors = []
        self.snapshots = []         # (until, pickled account)
        self.oauth = OAuth1(settings)
        self.hand = None
        self.storage_address = None

    def answer(self, request):
        """A request from outside."""
        with self.lock:
            account = self.account
            if request.method == 'GET':
                account = self.stale_account() or account
            return self.locked_answer(request, account)

    def locked_answer(self, request, account):
        if len(request.target) > MAX_TARGET:
            return Reply(414, TOO_LONG, HTML)
        headers = {}
        try:
            query = parse_query(request.query)
            body = parse_body(request)
            found = auth.take_credentials(request.headers, query, body)
            headers, error = self.limiter.take(
                found.key, found.token, self.is_members_route(request))
            if error:
                raise error
            reply = self.run(request, account, found, query, body)
        except ApiError as error:
            reply = Reply(error.status, error.body, error.content_type)
        except Redirect as there:
            reply = Reply(there.status, 'Found. Redirecting to '
                          + there.location, TEXT,
                          {'location': there.location})
        except Exception:
            # A mistake in this server, not in the client: be loud.
            self.errors.append(traceback.format_exc())
            print(self.errors[-1], file=sys.stderr)
            reply = Reply(500, 'error in the stand-in server', TEXT)
        reply.headers.update(headers)
        return reply

    def peek(self, request):
        """The credentials of a request, before anything is checked."""
        try:
            body = parse_body(request)
        except ApiError:
            body = {}
        return auth.take_credentials(request.headers,
                                     parse_query(request.query), body)

    def names(self, request):
        """The names of a request's parameters."""
        try:
            body = parse_body(request)
        except ApiError:
            body = {}
        return sorted(parse_query(request.query) | body)

    def keep_snapshot(self, seconds):
        """From now on, and so long, reads see the account as it is."""
        with self.lock:
            self.snapshots.append((
                self.account.now() + seconds,
                pickle.dumps(self.account, pickle.HIGHEST_PROTOCOL)))

    def stale_account(self):
        """The oldest state that reads still see, or None for the real."""
        now = self.account.now()
        self.snapshots = [each for each in self.snapshots if each[0] > now]
        if not self.snapshots:
            return None
        return pickle.loads(self.snapshots[0][1])

    def is_members_route(self, request):
        return request.method == 'GET' and \
            MEMBERS_ROUTE.match(request.path) is not None

    def run(self, request, account, found, query, body):
        return self.finish(self.execute(request, account, found, query,
                                        body))

    def execute(self, request, account, found, query, body):
        """Routes, checks and calls; the order is Trello's."""
        try:
            entry, places = self.find_route(request)
            given = router.unbracket(query | body)
            params = self.checked_params(entry, given, request)
            token = self.identify(account, entry, found, request)
            call = Call(self, account, token, entry, request)
            call.params = params
            call.credentials = found
            return entry.handler(call, **places)
        except StrictError as error:
            self.note(request, error.body)
            raise

    def find_route(self, request):
        if not request.path.startswith('/1/'):
            raise StrictError(404, f'Cannot {request.method} '
                              + request.target)
        entry, places, alias = router.find(
            request.method, request.path[2:], request.target)
        if alias:
            self.note(request, 'singular noun')
        return entry, places

    def checked_params(self, entry, given, request):
        for name, value in parse_query(request.query).items():
            if isinstance(value, list):
                raise StrictError(400, f'repeated parameter {name}')
        return router.check_params(entry, given)

    def identify(self, account, entry, found, request):
        if entry.options.get('open'):
            return None
        if 'oauth_signature' in found.oauth:
            self.oauth.verify(account, request, found)
        token = auth.identify(account, found, self.settings.expired_body)
        writes = entry.writes and entry.options.get('scope') != 'read'
        auth.check_scope(token, writes, entry.card_texts,
                         self.settings.anonymous_write)
        return token

    def finish(self, result):
        if isinstance(result, Reply):
            return result
        if result is NULL_VALUE:
            return Reply(200, b'{"_value":null}\n')
        return Reply(200, encode(result))

    def note(self, request, why):
        self.violations.append(f'{request.method} {request.target}: {why}')

    # The tests' own hand

    def call(self, method, path, params=None, token=None):
        """A request from inside: no faults, no rate limits, no log.

        token: a token's text; None acts as a member who may do anything.
        Returns the decoded JSON; raises ApiError.
        """
        if not path.startswith('/1/'):
            path = '/1/' + path.lstrip('/')
        target, _, query = path.partition('?')
        request = Request(method, path, base=self.account.base_url)
        with self.lock:
            found = auth.Credentials()
            hand = self.hand
            if token is not None:
                hand = self.account.tokens[token]
            found.key, found.token = hand.key, hand.value
            given = parse_query(query) | (params or {})
            reply = self.run(request, self.account, found, {}, given)
        if reply.content_type == JSON:
            return json.loads(reply.body)
        return reply.body

    def make_hand(self, member_id, key):
        """The member in whose name call() acts unless told otherwise."""
        token = Token('HAND' + self.account.ids.hex(40), key, member_id,
                      self.account.new_id(), self.account.now(),
                      scope=frozenset(('read', 'write', 'account')),
                      everywhere=True)
        self.account.tokens[token.value] = token
        self.hand = token
