"""Who is asking: credentials in a request and what they allow.

The texts of the refusals differ: "invalid key" and "invalid token" concern
the credentials, "unauthorized ... requested" concerns one object.
"""

import re
import urllib.parse

from .errors import NO_CARD_PERMISSION, NO_PERMISSION, ApiError

FIELD = re.compile(r'\s*([\w.]+)\s*=\s*"([^"]*)"\s*(?:,|$)')


class Credentials:
    """What a request carried, and where (url, header, body)."""

    def __init__(self):
        self.key = None
        self.token = None
        self.places = set()
        self.oauth = {}

    def offer(self, place, key, token):
        if key:
            self.key = self.key or str(key)
            self.places.add(place)
        if token:
            self.token = self.token or str(token)
            self.places.add(place)


def oauth_header(value):
    """The fields of Authorization: OAuth a="1", b="2", or none."""
    kind, _, rest = value.partition(' ')
    if kind.lower() != 'oauth':
        return {}
    return {name: urllib.parse.unquote(text)
            for name, text in FIELD.findall(rest)}


def take_credentials(headers, query, body):
    """Removes the credentials from the parameters and returns them."""
    found = Credentials()
    for place, params in (('url', query), ('body', body)):
        found.offer(place, params.pop('key', None),
                    params.pop('token', None))
        signed = {name: params.pop(name) for name in list(params)
                  if name.startswith('oauth_')}
        found.offer(place, signed.get('oauth_consumer_key'),
                    signed.get('oauth_token'))
        found.oauth.update(signed)
    fields = oauth_header(headers.get('authorization', ''))
    found.offer('header', fields.get('oauth_consumer_key'),
                fields.get('oauth_token'))
    found.oauth.update(fields)
    return found


def identify(account, found, expired_body='invalid token'):
    """The token of the request, or None for an anonymous one."""
    if not found.key and not found.token:
        return None
    if found.key not in account.keys:
        raise ApiError(401, 'invalid key')
    if not found.token:
        return None
    token = account.tokens.get(found.token)
    if token is None or token.revoked or token.key != found.key:
        raise ApiError(401, 'invalid token')
    if token.expired(account.now()):
        raise ApiError(401, expired_body)
    return token


def denied(is_card):
    return ApiError(401, NO_CARD_PERMISSION if is_card else NO_PERMISSION)


def check_scope(token, writes, is_card, anonymous_write):
    """What the credentials allow before any object is looked at."""
    if token is None:
        if writes:
            raise ApiError(401, anonymous_write)
    elif ('write' if writes else 'read') not in token.scope:
        raise denied(is_card)


def may_read(board, token):
    if board.data.get('prefs', {}).get('permissionLevel') == 'public':
        return True
    if token is None:
        return False
    return token.everywhere or board.membership(token.member) is not None


def may_write(board, token):
    if token is None:
        return False
    if token.everywhere:
        return True
    entry = board.membership(token.member)
    return entry is not None and entry['memberType'] != 'observer' \
        and not entry.get('deactivated')
