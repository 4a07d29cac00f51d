"""What can go wrong on command: each fault matches requests and says how
the answer is spoilt."""

import dataclasses
import json
import re

from .errors import HTML, JSON, TEXT

PORTAL = ('<!DOCTYPE html><html><head><title>Sign in to the network</title>'
          '</head><body>Please accept the terms of use.</body></html>')
BODIES = {
    429: (JSON, '{"error":"API_TOKEN_LIMIT_EXCEEDED",'
                '"message":"Rate limit exceeded"}'),
    401: (TEXT, 'invalid token'),
    403: (JSON, '{"error":"API_TOO_MANY_CARDS_REQUESTED",'
                '"message":"Requested too many cards"}'),
    404: (TEXT, 'The requested resource was not found.'),
    409: (TEXT, 'conflict'),
    449: (JSON, '{"path":"boards","originalMessage":"Unauthorized",'
                '"originalStatus":401}'),
    500: (TEXT, 'Internal Server Error'),
    502: (HTML, '<html><body><h1>502 Bad Gateway</h1></body></html>\n'),
    503: (HTML, '<html><body><h1>503 Service Unavailable</h1></body></html>'
                '\n'),
    504: (TEXT, 'upstream request timeout')}
GARBAGE = {
    'half': lambda body: body[:len(body) // 2],
    'empty': lambda body: b'',
    'text': lambda body: b'this is not JSON',
    'binary': lambda body: bytes(range(256)) * 4,
    'array': lambda body: b'[]',
    'null': lambda body: b'null',
    'number': lambda body: b'42',
    'string': lambda body: b'"surprise"',
    'utf8': lambda body: body.replace(b'"name":"', b'"name":"\xff\xfe'),
    'nul': lambda body: body.replace(b'"name":"', b'"name":"\\u0000'),
    'strings': lambda body: re.sub(rb':(\d+(?:\.\d+)?)([,}])',
                                   rb':"\1"\2', body),
    'nulls': lambda body: re.sub(rb':"[^"\\]*"([,}])', rb':null\1', body)}


@dataclasses.dataclass
class Fault:
    """Which requests: method and path are regular expressions (the path
    is searched, with its query), the first `skip` are left alone, then
    `count` are hit (None: all). The rest says what happens to them."""

    method: str = None
    path: str = None
    token: str = None
    skip: int = 0
    count: int = None
    # Before anything else, seconds.
    latency: float = 0
    # Answer with this instead. after: only once the request took effect.
    status: int = None
    body: str = None
    content_type: str = None
    headers: dict = None
    after: bool = False
    redirect: str = None
    portal: bool = False
    # Close the connection: 'before' or 'after' the request took effect.
    drop: str = None
    # The reply's body: stop after so many bytes and close; pause for
    # seconds before the 'headers' or after so many bytes; bytes a second;
    # without a length.
    cut: int = None
    stall: float = 0
    stall_at: object = 'headers'
    rate: int = None
    chunked: bool = False
    # The reply's JSON: at least so many bytes; nested so deep; a string of
    # so many bytes; or rubbish of one of the kinds in GARBAGE.
    size: int = None
    depth: int = None
    string: int = None
    garbage: str = None
    # After this write, reads show the state before it for so many seconds.
    stale: float = 0
    # In Python only: called with the request before it is processed, for
    # an edit by somebody else at just that moment.
    hook: object = None
    fired: int = 0
    id: int = 0

    def matches(self, request, token):
        if self.method and not re.fullmatch(self.method, request.method):
            return False
        if self.path and not re.search(self.path, request.target):
            return False
        if self.token and token != self.token:
            return False
        if self.stale and request.method == 'GET':
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.count is not None and self.fired >= self.count:
            return False
        self.fired += 1
        return True

    def replaces(self):
        return self.status is not None or self.redirect or self.portal

    def only_status(self):
        """Such as 202 in place of 200: the reply itself stays."""
        return self.after and self.body is None and self.status < 300

    def replacement(self):
        """The reply that goes out instead: status, type, body, headers."""
        headers = dict(self.headers or {})
        if self.redirect:
            headers['location'] = self.redirect
            return self.status or 302, TEXT, '', headers
        if self.portal:
            return self.status or 200, HTML, PORTAL, headers
        kind, body = BODIES.get(self.status, (TEXT, ''))
        if self.body is not None:
            body = self.body
            kind = JSON if body[:1] in '{[' and body else TEXT
        return self.status, self.content_type or kind, body, headers


def merge(faults):
    """One plan from all that match: the first that says something wins."""
    plan = Fault()
    for field in dataclasses.fields(Fault):
        for fault in faults:
            value = getattr(fault, field.name)
            if value != field.default:
                setattr(plan, field.name, value)
                break
    return plan


def spoil(body, plan):
    """Applies what a plan says about the reply's JSON."""
    if plan.garbage:
        return GARBAGE[plan.garbage](body)
    if not (plan.size or plan.depth or plan.string):
        return body
    if plan.string:
        body = with_member(body, b'"name":"' + b'x' * plan.string + b'"')
    if plan.depth:
        deep = b'[' * plan.depth + b']' * plan.depth
        body = with_member(body, b'"deep":' + deep)
    if plan.size and len(body) < plan.size:
        body = enlarge(body, plan.size)
    return body


def with_member(body, member):
    """Adds a member to the first object of a reply."""
    at = body.find(b'{')
    if at < 0:
        return body[:-1] + (b',' if len(body) > 2 else b'') \
            + b'{' + member + b'}' + body[-1:]
    comma = b'' if body[at + 1:at + 2] == b'}' else b','
    # Last wins where a name is repeated, so it goes to the object's end if
    # that is the reply's end, and else to its beginning.
    if at == 0 and body.rstrip()[-1:] == b'}':
        return body.rstrip()[:-1] + comma + member + b'}'
    return body[:at + 1] + member + comma + body[at + 1:]


def enlarge(body, size):
    """Repeats the cards of a reply, with other ids, until it is so big;
    where there are none, adds blanks."""
    try:
        data = json.loads(body)
    except ValueError:
        return body + b' ' * (size - len(body))
    cards = data.get('cards') if isinstance(data, dict) else None
    if not cards:
        return body + b' ' * (size - len(body))
    # Hundreds of thousands: what they share is put into words only once.
    shared = [compact(without(card, 'id', 'name')) for card in cards]
    texts = [compact(card) for card in cards]
    total = len(body)
    while total < size:
        number = len(texts)
        texts.append(with_member(
            shared[number % len(shared)],
            b'"id":"%08x%016x","name":"filler %d"'
            % (0x50000000, number, number)))
        total += len(texts[-1])
    return with_member(compact(without(data, 'cards')),
                       b'"cards":[' + b','.join(texts) + b']')


def without(members, *names):
    return {name: value for name, value in members.items()
            if name not in names}


def compact(value):
    return json.dumps(value, ensure_ascii=False,
                      separators=(',', ':')).encode()


class Faults:
    """The faults that are switched on."""

    def __init__(self):
        self.active = []
        self.number = 0

    def add(self, **what):
        fault = Fault(**what)
        if fault.garbage is not None and fault.garbage not in GARBAGE:
            raise ValueError(fault.garbage)
        self.number += 1
        fault.id = self.number
        self.active.append(fault)
        return fault

    def remove(self, fault_id):
        self.active = [each for each in self.active if each.id != fault_id]

    def clear(self):
        self.active = []

    def plan(self, request, token):
        if not self.active:
            return None
        hit = [each for each in self.active if each.matches(request, token)]
        return merge(hit) if hit else None
