"""Both windows, their headers, the exact refusals, the lock-out."""

from .client import Client

KEY_OVER = '{"error":"API_KEY_LIMIT_EXCEEDED","message":"Rate limit exceeded"}'
TOKEN_OVER = KEY_OVER.replace('KEY', 'TOKEN')
MEMBER_OVER = ('{"message":"Exceeded rate limit to /1/member",'
               '"error":"RATE_LIMIT_EXCEEDED"}')


def hits(world, count, client=None, path='/members/me/boards?fields=name'):
    client = client or world.client
    return [client('GET', path) for _ in range(count)]


def statuses(answers):
    return [each.status for each in answers]


def test_headers_on_every_reply(world):
    for path in ('/members/me', '/cards/junk', '/nothing'):
        headers = world.client('GET', path).headers
        assert headers['x-rate-limit-api-token-max'] == '100'
        assert headers['x-rate-limit-api-key-max'] == '300'
        assert headers['x-rate-limit-api-key-interval-ms'] == '10000'
    assert headers['x-rate-limit-api-token-remaining'] == '97'


def test_token_window(world):
    world.server.limits(token=5, key=9, seconds=60)
    answers = hits(world, 7)
    assert statuses(answers) == [200] * 5 + [429] * 2
    assert answers[5].text == TOKEN_OVER
    assert answers[5].type == 'application/json; charset=utf-8'
    assert answers[4].headers['x-rate-limit-api-token-remaining'] == '0'
    assert 'retry-after' not in answers[5].headers
    counters = world.server.counters()
    assert counters['sent_429'] == 2
    assert counters['most_in_token_window'] == 7
    world.server.account.clock.advance(60)
    assert statuses(hits(world, 1)) == [200]


def test_key_window_spans_tokens(world):
    world.server.limits(token=5, key=8, seconds=60)
    other = Client(world.server, world.server.add_token())
    assert statuses(hits(world, 5)) == [200] * 5
    answers = hits(world, 4, other)
    assert statuses(answers) == [200] * 3 + [429]
    assert answers[3].text == KEY_OVER


def test_members_route(world):
    world.server.limits(member=2, member_seconds=900)
    answers = hits(world, 3, path='/members/me')
    assert statuses(answers) == [200, 200, 429]
    assert answers[2].text == MEMBER_OVER
    assert statuses(hits(world, 1)) == [200], 'nested routes do not count'


def test_lock_out_after_200_refusals(world):
    world.server.limits(token=1, key=1000, seconds=60)
    other = Client(world.server, world.server.add_token())
    hits(world, 200)
    assert statuses(hits(world, 1, other)) == [200]
    hits(world, 2)
    locked = Client(world.server, world.server.add_token())
    answer = hits(world, 1, locked)[0]
    assert (answer.status, answer.text) == (429, KEY_OVER)


def test_own_hand_and_control_are_free(world):
    world.server.limits(token=1, key=1, seconds=60)
    for _ in range(5):
        world.api('GET', '/members/me')
        assert world.client('GET', '/__control/counters').status == 200
    assert statuses(hits(world, 1)) == [200]


def test_retry_after_if_wanted(world):
    world.server.limiter.retry_after = 3
    world.server.limits(token=0, key=10, seconds=60)
    assert hits(world, 1)[0].headers['retry-after'] == '3'


def test_busiest_span(world):
    hits(world, 4)
    assert world.server.busiest(10) == 4
