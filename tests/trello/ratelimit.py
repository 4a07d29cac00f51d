"""Trello's three rate limits, in fixed windows.

A request counts against the key, the token and, for GET /1/members/{id},
the members route, whether it is answered or refused. More than 200
refusals for a key in one window close the key until the window ends.
"""

from .errors import json_error

LOCKED_OUT_AFTER = 200


class Window:
    """Counts in the current window; remembers the fullest one."""

    def __init__(self):
        self.number = None
        self.count = 0
        self.refused = 0
        self.most = 0

    def roll(self, number):
        if number != self.number:
            self.number = number
            self.count = self.refused = 0

    def add(self):
        self.count += 1
        self.most = max(self.most, self.count)


class Bucket:
    """One limit: a window for each key, token or address."""

    def __init__(self, name, limit, seconds):
        self.name = name
        self.limit = limit
        self.seconds = seconds
        self.windows = {}

    def window(self, who, now):
        window = self.windows.setdefault(who, Window())
        window.roll(int(now / self.seconds))
        return window

    def most(self):
        return max((each.most for each in self.windows.values()), default=0)


class RateLimiter:
    def __init__(self, clock):
        self.clock = clock
        self.enabled = True
        self.headers = True
        self.retry_after = None
        self.sent_429 = 0
        self.set_limits()

    def set_limits(self, token=100, key=300, seconds=10, member=100,
                   member_seconds=900):
        self.key = Bucket('api-key', key, seconds)
        self.token = Bucket('api-token', token, seconds)
        self.member = Bucket('members-route', member, member_seconds)
        # Seen in headers only: nobody has met its end.
        self.everybody = Bucket('member', 375, seconds)

    def take(self, key, token, members_route):
        """Counts a request: reply headers, and the error or None."""
        if not self.enabled:
            return {}, None
        now = self.clock.now()
        of_key = self.key.window(key, now)
        of_token = self.token.window(token, now)
        of_key.add()
        of_token.add()
        over_members = False
        if members_route:
            of_route = self.member.window(token, now)
            of_route.add()
            over_members = of_route.count > self.member.limit
        headers = self.describe(self.key, of_key)
        headers |= self.describe(self.token, of_token)
        headers |= self.describe(self.everybody, of_token)
        error = self.judge(of_key, of_token, over_members)
        if error:
            of_key.refused += 1
            self.sent_429 += 1
            if self.retry_after is not None:
                headers['retry-after'] = str(self.retry_after)
        return headers if self.headers else {}, error

    def judge(self, of_key, of_token, over_members):
        if of_key.refused > LOCKED_OUT_AFTER or \
                of_key.count > self.key.limit:
            return limit_error('API_KEY_LIMIT_EXCEEDED')
        if of_token.count > self.token.limit:
            return limit_error('API_TOKEN_LIMIT_EXCEEDED')
        if over_members:
            return members_error()
        return None

    def describe(self, bucket, window):
        prefix = 'x-rate-limit-' + bucket.name
        left = max(0, bucket.limit - window.count)
        return {prefix + '-interval-ms': str(int(bucket.seconds * 1000)),
                prefix + '-max': str(bucket.limit),
                prefix + '-remaining': str(left)}

    def reset(self):
        for bucket in (self.key, self.token, self.member):
            bucket.windows.clear()
        self.sent_429 = 0

    def counters(self):
        return {'most_in_key_window': self.key.most(),
                'most_in_token_window': self.token.most(),
                'most_in_members_window': self.member.most(),
                'sent_429': self.sent_429}


def limit_error(name):
    return json_error(429, name, 'Rate limit exceeded')


def members_error():
    error = json_error(429, '', '')
    # The members of this object come in the other order on this route.
    error.body = ('{"message":"Exceeded rate limit to /1/member",'
                  '"error":"RATE_LIMIT_EXCEEDED"}')
    return error
