"""OAuth 1.0a (RFC 5849) with HMAC-SHA1: signatures and the three legs."""

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, quote, urlsplit

from .errors import ApiError
from .tokens import EXPIRATIONS, make_token

SAFE = '-._~'


def escape(text):
    return quote(text, safe=SAFE)


def base_url(url):
    parts = urlsplit(url)
    host = parts.hostname
    usual = {'http': 80, 'https': 443}[parts.scheme.lower()]
    if parts.port and parts.port != usual:
        host += f':{parts.port}'
    return f'{parts.scheme.lower()}://{host}{parts.path or "/"}'


def base_string(method, url, params):
    """params: every pair of query, form and OAuth fields but realm and
    the signature, decoded."""
    pairs = sorted((escape(name), escape(value)) for name, value in params)
    joined = '&'.join(f'{name}={value}' for name, value in pairs)
    return '&'.join((method.upper(), escape(base_url(url)), escape(joined)))


def sign(method, url, params, consumer_secret, token_secret=''):
    key = f'{escape(consumer_secret)}&{escape(token_secret)}'
    text = base_string(method, url, params)
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def signed_params(request, fields):
    """The pairs that the signature of a request covers."""
    pairs = parse_qsl(request.query, keep_blank_values=True)
    kind = request.headers.get('content-type', '')
    if kind.startswith('application/x-www-form-urlencoded'):
        pairs += parse_qsl(request.body.decode(), keep_blank_values=True)
    header = request.headers.get('authorization', '')
    if header.lower().startswith('oauth'):
        pairs += fields.items()
    return [(name, value) for name, value in pairs
            if name not in ('oauth_signature', 'realm')]


class Request1:
    """A request token: what it asks for and what became of it."""

    def __init__(self, key, secret, callback):
        self.key = key
        self.secret = secret
        self.callback = callback
        self.asked = {}
        self.verifier = None
        self.member = None


class OAuth1:
    """Verifies signatures and hands out tokens."""

    def __init__(self, settings):
        self.settings = settings
        self.nonces = set()
        self.waiting = {}       # request token: Request1

    def verify(self, account, request, found):
        """Raises unless the request is signed, fresh and unseen."""
        fields = found.oauth
        if fields.get('oauth_signature_method') != 'HMAC-SHA1':
            raise ApiError(400, 'invalid signature method')
        app = account.keys.get(found.key)
        if app is None:
            raise ApiError(401, 'invalid key')
        wanted = sign(request.method, request.base + request.path,
                      signed_params(request, fields), app.secret,
                      self.token_secret(account, found.token))
        if not hmac.compare_digest(wanted, fields['oauth_signature']):
            raise ApiError(401, 'invalid signature')
        self.check_fresh(account, found, fields)

    def check_fresh(self, account, found, fields):
        stamp = fields.get('oauth_timestamp', '')
        if not stamp.isdigit() or abs(int(stamp) - account.now()) \
                > self.settings.oauth_skew:
            raise ApiError(401, 'timestamp refused')
        seen = (found.key, found.token, stamp, fields.get('oauth_nonce'))
        if not fields.get('oauth_nonce') or seen in self.nonces:
            raise ApiError(401, 'nonce used')
        self.nonces.add(seen)

    def token_secret(self, account, value):
        if not value:
            return ''
        if value in self.waiting:
            return self.waiting[value].secret
        token = account.tokens.get(value)
        return token.secret if token else ''

    # The three legs

    def request_token(self, account, request, found):
        self.verify(account, request, found)
        callback = found.oauth.get('oauth_callback')
        if not callback:
            raise ApiError(400, 'oauth_callback missing')
        value, secret = account.ids.hex(32), account.ids.hex(32)
        self.waiting[value] = Request1(found.key, secret, callback)
        return (f'oauth_token={value}&oauth_token_secret={secret}'
                '&oauth_callback_confirmed=true')

    def ask(self, value, asked):
        """The user is shown what the application asks for."""
        waiting = self.waiting.get(value)
        if waiting is None:
            raise ApiError(404, 'token not found')
        check_asked(asked)
        waiting.asked = asked

    def approve(self, account, value, member):
        """The user agrees. Returns the verifier that the page shows."""
        waiting = self.waiting[value]
        waiting.member = member
        waiting.verifier = account.ids.hex(32)
        return waiting.verifier

    def access_token(self, account, request, found):
        self.verify(account, request, found)
        waiting = self.waiting.get(found.token)
        if waiting is None or waiting.verifier is None or \
                found.oauth.get('oauth_verifier') != waiting.verifier:
            raise ApiError(401, 'invalid token')
        del self.waiting[found.token]
        asked = waiting.asked
        token = make_token(
            account, waiting.key, waiting.member, asked.get('scope', 'read'),
            EXPIRATIONS[asked.get('expiration', '30days')],
            account.ids.hex(64))
        token.secret = account.ids.hex(32)
        return f'oauth_token={token.value}&oauth_token_secret={token.secret}'


def check_asked(asked):
    """What an authorize address may ask for."""
    scopes = asked.get('scope', 'read').split(',')
    if not set(scopes) <= {'read', 'write', 'account'}:
        raise ApiError(400, 'invalid scope')
    if asked.get('expiration', 'never') not in EXPIRATIONS:
        raise ApiError(400, 'invalid expiration')
