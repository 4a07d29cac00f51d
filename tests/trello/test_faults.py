"""Every fault switch does what it says."""

import http.client
import json
import socket
import time

import pytest

from .client import Client
from .server import Server

BOARDS = '/members/me/boards?fields=name'


def whole(world):
    return f'/boards/{world.board.id}?cards=all'


def took(call):
    begin = time.monotonic()
    call()
    return time.monotonic() - begin


def test_what_the_dead_have_asked(world):
    """It is not over while it waits for its turn, nor in a socket."""
    server = world.server
    server.latency = 0.3
    asking = socket.create_connection(('127.0.0.1', server.port))
    asking.sendall(f'GET /1{BOARDS} HTTP/1.1\r\nHost: x\r\n'
                   f'Authorization: OAuth oauth_consumer_key="{server.key}", '
                   f'oauth_token="{server.token}"\r\n\r\n'.encode())
    asking.close()
    while server.heard_out:
        assert server.requests == []
    while not server.heard_out:
        time.sleep(0.01)
    assert len(server.requests) == 1 and server.in_flight == 0


def test_latency(world):
    world.server.fault(latency=0.2, count=1)
    assert took(lambda: world.client('GET', BOARDS)) >= 0.2
    world.server.latency = 0.2
    assert took(lambda: world.client('GET', BOARDS)) >= 0.2


@pytest.mark.parametrize('status', [401, 403, 429, 449, 500, 503, 504])
def test_statuses(world, status):
    fault = world.server.fault(status=status, count=2, path='/members')
    answers = [world.client('GET', BOARDS) for _ in range(3)]
    assert [each.status for each in answers] == [status, status, 200]
    assert answers[0].body and fault.fired == 2
    assert 'x-rate-limit-api-token-max' in answers[0].headers


def test_status_with_a_body(world):
    world.server.fault(status=401, body='invalid key', headers={'x-y': 'z'})
    answer = world.client('GET', BOARDS)
    assert (answer.text, answer.headers['x-y']) == ('invalid key', 'z')
    world.server.clear_faults()
    body = '{"error":"API_TOKEN_DB_LIMIT_EXCEEDED","message":"x"}'
    world.server.fault(status=429, body=body)
    assert world.client('GET', BOARDS).json['message'] == 'x'


def test_matching(world):
    world.server.fault(status=500, method='PUT|POST', path=r'/cards\b',
                       skip=1, count=1)
    path = f'/cards/{world.card}'
    assert world.client('GET', path).status == 200
    form = {'name': 'x'}
    found = [world.client('PUT', path, form=form).status for _ in range(3)]
    assert found == [200, 500, 200]


def test_matching_one_token(world):
    other = Client(world.server, world.server.add_token())
    world.server.fault(status=500, token=other.token)
    assert world.client('GET', BOARDS).status == 200
    assert other('GET', BOARDS).status == 500


def test_captive_portal(world):
    world.server.fault(portal=True)
    answer = world.client('GET', BOARDS)
    assert answer.status == 200 and answer.type.startswith('text/html')


def test_cut_in_the_body(world):
    world.server.fault(cut=100)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        world.client('GET', whole(world))


def test_stall_before_the_headers(world):
    world.server.fault(stall=5)
    with pytest.raises(TimeoutError):
        world.client('GET', BOARDS, timeout=0.3)


def test_stall_in_the_body(world):
    world.server.fault(stall=0.3, stall_at=50, count=1)
    assert took(lambda: world.client('GET', whole(world)).json) >= 0.3


def test_slow(world):
    size = len(world.client('GET', BOARDS).body)
    world.server.fault(rate=size * 4)
    assert took(lambda: world.client('GET', BOARDS)) >= 0.2


def test_dropped_before_it_took_effect(world):
    world.server.fault(method='POST', drop='before', count=1)
    count = len(world.board.cards)
    with pytest.raises(ConnectionError):
        world.client('POST', '/cards', form={'idList': world.list,
                                             'name': 'x'})
    assert len(world.board.cards) == count


def test_dropped_after_it_took_effect(world):
    world.server.fault(method='POST', drop='after', count=1)
    count = len(world.board.cards)
    with pytest.raises(ConnectionError):
        world.client('POST', '/cards', form={'idList': world.list,
                                             'name': 'x'})
    assert len(world.board.cards) == count + 1
    assert world.server.requests[-1]['status'] is None


def test_an_error_though_it_took_effect(world):
    world.server.fault(method='POST', status=504, after=True)
    count = len(world.board.cards)
    answer = world.client('POST', '/cards', form={'idList': world.list,
                                                  'name': 'x'})
    assert answer.status == 504
    assert len(world.board.cards) == count + 1


def test_another_success_keeps_the_reply(world):
    world.server.fault(method='PUT', status=202, after=True)
    answer = world.client('PUT', f'/cards/{world.card}', form={'name': 'x'})
    assert (answer.status, answer.json['name']) == (202, 'x')


def test_an_edit_by_another_just_before(world):
    path = f'/cards/{world.card}'
    world.server.fault(method='PUT', count=1, hook=lambda request:
                       world.api('PUT', path, {'desc': 'theirs'}))
    world.client('PUT', path, form={'desc': 'mine'})
    found = world.client('GET', path + '/actions', filter='updateCard').json
    assert found[0]['data']['old'] == {'desc': 'theirs'}


def test_waiting_for_a_request(world):
    world.client('GET', BOARDS)
    assert len(world.server.wait_for('GET', '/boards')) == 1
    with pytest.raises(TimeoutError):
        world.server.wait_for('PUT', timeout=0.05)


def test_a_mistake_in_the_server_is_loud(world, capsys):
    world.card_data['pos'] = 'broken'
    answer = world.client('GET', f'/lists/{world.list}/cards')
    assert answer.status == 500 and len(world.server.errors) == 1
    assert 'Traceback' in capsys.readouterr().err


def test_stale_reads(world):
    path = f'/cards/{world.card}'
    before = world.client('GET', path).json
    world.server.fault(method='PUT', stale=60, count=1)
    put = world.client('PUT', path, form={'name': 'new'}).json
    assert put['name'] == 'new'
    assert world.client('GET', path).json == before
    world.clock.advance(60)
    assert world.client('GET', path).json['name'] == 'new'


def test_giants(world):
    world.server.fault(size=3_000_000, count=1)
    shown = world.client('GET', whole(world))
    assert 3_000_000 <= len(shown.body) < 3_100_000
    ids = [card['id'] for card in shown.json['cards']]
    assert len(set(ids)) == len(ids) > 1000
    world.server.fault(depth=5000, count=1)
    assert b'[' * 5000 in world.client('GET', whole(world)).body
    world.server.fault(string=1_000_000, count=1)
    assert len(world.client('GET', whole(world)).json['name']) == 1_000_000
    world.server.fault(size=100_000, count=1)
    assert len(world.client('GET', BOARDS).json) == 2


def test_rubbish(world):
    for kind in ('half', 'text', 'binary', 'utf8'):
        world.server.fault(garbage=kind, count=1)
        with pytest.raises(ValueError):
            world.client('GET', BOARDS).json
    for kind in ('array', 'null', 'number', 'string', 'nul', 'strings',
                 'nulls'):
        world.server.fault(garbage=kind, count=1)
        assert world.client('GET', whole(world)).body != \
            world.client('GET', whole(world)).body
    with pytest.raises(ValueError):
        world.server.fault(garbage='unheard of')


def test_redirect(world):
    world.server.fault(redirect='http://127.0.0.1:9/1/x', status=307)
    answer = world.client('GET', BOARDS)
    assert answer.status == 307
    assert answer.headers['location'] == 'http://127.0.0.1:9/1/x'


def test_without_a_length(world):
    world.server.fault(chunked=True)
    answer = world.client('GET', whole(world))
    assert answer.headers['transfer-encoding'] == 'chunked'
    assert len(answer.json['cards']) == 6


def test_refused_connections(world):
    port = world.server.port
    held = socket.create_connection(('127.0.0.1', port))
    world.server.refuse()
    with pytest.raises(ConnectionRefusedError):
        world.client('GET', BOARDS)
    held.settimeout(2)
    with pytest.raises(ConnectionResetError):
        if held.recv(1) == b'':
            raise ConnectionResetError
    held.close()
    world.server.refuse(False)
    assert world.server.port == port
    assert world.client('GET', BOARDS).status == 200


def test_keep_alive(world):
    connection = http.client.HTTPConnection('127.0.0.1', world.server.port)
    for _ in range(3):
        connection.request('GET', '/1' + BOARDS, headers={
            'authorization': world.client.header()})
        assert connection.getresponse().read()
    connection.close()
    assert len({each['connection'] for each in world.server.requests}) == 1


def test_chunked_upload(world):
    connection = http.client.HTTPConnection('127.0.0.1', world.server.port)
    connection.request(
        'PUT', f'/1/cards/{world.card}', iter([b'{"name":', b'"parts"}']),
        {'authorization': world.client.header(),
         'content-type': 'application/json'}, encode_chunked=True)
    assert json.loads(connection.getresponse().read())['name'] == 'parts'
    connection.close()


def test_control_over_http(world):
    call = world.client
    call('POST', '/__control/fault', data={'status': 503, 'count': 1})
    assert call('GET', BOARDS).status == 503
    assert len(call('GET', '/__control/faults').json) == 1
    assert call('DELETE', '/__control/faults').status == 200
    edit = {'method': 'PUT', 'path': f'/cards/{world.card}',
            'params': {'name': 'theirs'}}
    result = call('POST', '/__control/api', data=edit).json['result']
    assert result['name'] == 'theirs'
    state = call('GET', '/__control/state').json
    assert world.card in [card['id'] for card in state['cards']]
    log = call('GET', '/__control/requests').json
    assert [each['status'] for each in log] == [503]
    assert call('GET', '/__control/info').json['url'] == world.server.url
    call('POST', '/__control/limits', data={'token': 1, 'seconds': 60})
    assert [call('GET', BOARDS).status for _ in range(2)] == [200, 429]
    assert call('POST', '/__control/nothing').status == 404
    assert call('POST', '/__control/fault', data={'no': 1}).status == 400
    call('POST', '/__control/settings', data={'max_cards': 3})
    assert world.server.settings.max_cards == 3


def test_reset(world):
    world.api('DELETE', f'/cards/{world.card}')
    world.client('GET', BOARDS)
    world.server.reset()
    assert world.server.requests == []
    assert world.client('GET', f'/cards/{world.card}').status == 200
    assert world.server.token in world.server.account.tokens


def test_two_servers_at_once():
    with Server() as one, Server() as two:
        one.generate(1, 1, 1)
        assert Client(one)('GET', BOARDS).json
        assert Client(two)('GET', BOARDS).json == []
