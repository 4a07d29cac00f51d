"""Who may do what, and what the refusals say."""

import pytest

from .client import Client
from .errors import NO_CARD_PERMISSION, NO_PERMISSION

KEY = '0' * 32


def refusal(answer):
    assert answer.type == 'text/plain; charset=utf-8'
    return answer.status, answer.text


@pytest.mark.parametrize('place', ['header', 'url', 'body'])
def test_credentials_in_three_places(world, place):
    client = Client(world.server, place=place)
    answer = client('PUT', f'/cards/{world.card}', form={'name': 'x'}) \
        if place == 'body' else client('GET', '/members/me')
    assert answer.status == 200
    assert world.server.requests[-1]['credentials'] == [place]
    assert world.server.requests[-1]['token'] == world.server.token


def test_credentials_in_a_json_body(world):
    nobody = Client(world.server, '', '')
    answer = nobody('POST', f'/cards/{world.card}/actions/comments', data={
        'text': 'x', 'key': world.server.key, 'token': world.server.token})
    assert answer.status == 200


def cases(world):
    good_key, token = world.server.key, world.server.token
    expired = world.server.add_token(expires=-1)
    revoked = world.server.add_token()
    world.server.revoke(revoked)
    other = world.server.add_token(member=stranger(world))
    board, card = f'/boards/{world.board.id}', f'/cards/{world.card}'
    lists, label = f'/lists/{world.list}', f'/labels/{world.label}'
    for path in (board, lists, label):
        yield 'GET', path, '', '', 401, NO_PERMISSION
        yield 'GET', path, good_key, '', 401, NO_PERMISSION
        yield 'GET', path, good_key, other, 401, NO_PERMISSION
        yield 'PUT', path, '', '', 401, 'missing scopes'
    yield 'GET', card, '', '', 401, NO_CARD_PERMISSION
    yield 'GET', card, good_key, other, 401, NO_CARD_PERMISSION
    yield 'GET', board, KEY, token, 401, 'invalid key'
    yield 'GET', board, '', token, 401, 'invalid key'
    yield 'GET', board, good_key, 'junk', 401, 'invalid token'
    yield 'GET', board, good_key, revoked, 401, 'invalid token'
    yield 'GET', board, good_key, expired, 401, 'invalid token'
    yield 'GET', '/boards/123', good_key, 'junk', 400, 'invalid id'


def stranger(world):
    return world.server.account.add_member({
        'id': '5' * 24, 'username': 'stranger', 'fullName': 'S'})['id']


def test_table_of_refusals(world):
    for method, path, key, token, status, text in cases(world):
        client = Client(world.server, token, key)
        assert refusal(client(method, path)) == (status, text), (path, text)


def test_expired_token_may_say_so(world):
    world.server.settings.expired_body = 'expired token'
    client = Client(world.server, world.server.add_token(expires=-1))
    assert refusal(client('GET', '/members/me')) == (401, 'expired token')


def test_expiry_comes_with_the_clock(world):
    client = Client(world.server, world.server.add_token(expires=3600))
    assert client('GET', '/members/me').status == 200
    world.server.account.clock.advance(3601)
    assert client('GET', '/members/me').text == 'invalid token'


def test_read_only_token(world):
    client = Client(world.server, world.server.add_token(scope='read'))
    assert client('GET', f'/cards/{world.card}').status == 200
    answer = client('PUT', f'/cards/{world.card}', form={'name': 'x'})
    assert refusal(answer) == (401, NO_CARD_PERMISSION)
    permissions = client('GET', f'/tokens/{client.token}').json['permissions']
    board = [each for each in permissions if each['modelType'] == 'Board']
    assert (board[0]['read'], board[0]['write']) == (True, False)


def test_observer_may_only_read(world):
    world.api('PUT', f'/boards/{world.board.id}/members/{world.me}',
              {'type': 'observer'})
    assert world.client('GET', f'/boards/{world.board.id}').status == 200
    answer = world.client('POST', '/lists', form={
        'name': 'x', 'idBoard': world.board.id})
    assert answer.status == 401


def test_public_board_needs_no_token(world):
    world.api('PUT', f'/boards/{world.board.id}',
              {'prefs/permissionLevel': 'public'})
    nobody = Client(world.server, '')
    assert nobody('GET', f'/boards/{world.board.id}').status == 200
    assert nobody('PUT', f'/boards/{world.board.id}').text == \
        'missing scopes'


def test_email_needs_the_account_scope(world):
    assert world.client('GET', '/members/me').json['email']
    client = Client(world.server, world.server.add_token())
    assert client('GET', '/members/me').json['email'] is None


def test_revoking_a_token(world):
    client = Client(world.server, world.server.add_token(scope='read'))
    answer = client('DELETE', f'/tokens/{client.token}')
    assert (answer.status, answer.text) == (200, '{"_value":null}\n')
    assert client('GET', '/members/me').text == 'invalid token'


def test_token_dates(world):
    token = world.server.add_token(expires=3600)
    shown = world.client('GET', f'/tokens/{token}').json
    assert shown['dateExpires'] > shown['dateCreated']
    shown = world.client('GET', f'/tokens/{world.server.token}').json
    assert shown['dateExpires'] is None


def test_user_approves_an_address(world):
    token = world.server.visit(
        'https://trello.com/1/authorize?key=' + world.server.key
        + '&name=x&scope=read,write&expiration=1day&response_type=token')
    client = Client(world.server, token)
    assert client('GET', '/members/me').status == 200
    assert client('GET', f'/tokens/{token}').json['dateExpires']
