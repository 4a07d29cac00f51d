"""The table of routes: a pattern, its documented parameters, a handler.

A pattern is a path with typed places: {card} and {board} take a long id or
a short link, {member} an id, a user name or "me", {id}-like names a long
id, {word}, {file} and {token} anything; {word=a|b} only these words.
"""

import re
import urllib.parse

from .errors import ApiError, StrictError
from .ids import HEX24, SHORT_LINK

ROUTES = {}     # (method, number of segments): [Route]
SINGULAR = {'board': 'boards', 'card': 'cards', 'list': 'lists',
            'member': 'members', 'checklist': 'checklists',
            'label': 'labels', 'action': 'actions', 'token': 'tokens',
            'customFields': 'customFields', 'customfields': 'customFields',
            'customField': 'customFields', 'organization': 'organizations'}
FREE = ('member', 'token', 'word', 'file')


class Route:
    def __init__(self, method, pattern, params, handler, options):
        self.method = method
        self.pattern = pattern
        self.segments = pattern.strip('/').split('/')
        self.params = params
        self.handler = handler
        self.writes = method != 'GET'
        self.card_texts = 'cards' == self.segments[0]
        self.options = options

    def match(self, segments):
        """The values of the places, or None."""
        found = {}
        for want, have in zip(self.segments, segments):
            if want[0] != '{':
                if want != have:
                    return None
                continue
            name, _, words = want[1:-1].partition('=')
            if words and have not in words.split('|'):
                return None
            found[name] = have
        return found


def route(method, pattern, params=None, **options):
    """Declares a handler. params: name to kind; None for none at all."""
    def declare(handler):
        entry = Route(method, pattern, params or {}, handler, options)
        key = (method, len(entry.segments))
        ROUTES.setdefault(key, []).append(entry)
        ROUTES[key].sort(key=lambda each: each.pattern.count('{'))
        return handler
    return declare


def find(method, path, target):
    """The route for a path below /1, its places, and whether an alias."""
    segments = [urllib.parse.unquote(part)
                for part in path.strip('/').split('/')]
    noun = SINGULAR.get(segments[0], segments[0])
    alias = noun.lower() != segments[0].lower()
    segments[0] = noun
    for entry in ROUTES.get((method, len(segments)), ()):
        places = entry.match(segments)
        if places is not None:
            check_places(places)
            return entry, places, alias
    raise StrictError(404, f'Cannot {method} {target}')


def check_places(places):
    """Ids must look like ids, before anybody asks who is asking."""
    for name, value in places.items():
        if name in FREE or HEX24.match(value):
            continue
        if name in ('card', 'board') and SHORT_LINK.match(value):
            continue
        raise ApiError(400, 'invalid id')


def unbracket(params):
    """value[text]=x in a form is {"value": {"text": x}} in JSON."""
    out = {}
    for name, value in params.items():
        match = re.fullmatch(r'(\w+)\[(\w+)\]', name)
        if match:
            inner = out.setdefault(match[1], {})
            if isinstance(inner, dict):
                inner[match[2]] = value
        else:
            out[name] = value
    return out


def check_params(entry, given):
    """The meanings of the parameters; what is not documented is refused."""
    out = {}
    for name, value in given.items():
        kind = entry.params.get(name)
        if kind is None:
            raise StrictError(400, f'unknown parameter {name}')
        out[name] = kind(value, name)
    return out
