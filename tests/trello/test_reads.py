"""Reading: defaults, caps, filters, pages, batch, what is refused."""

import pytest

from .client import Client

WHOLE = {
    'fields': 'id,name,desc,closed,shortLink,url,dateLastActivity,prefs',
    'lists': 'all', 'list_fields': 'id,name,closed,pos,idBoard',
    'cards': 'all', 'card_attachments': 'true',
    'card_fields': 'id,name,desc,closed,idList,idBoard,pos,due,dueComplete,'
    'start,idLabels,idMembers,idShort,shortLink,url,dateLastActivity,cover,'
    'idChecklists,isTemplate',
    'card_customFieldItems': 'true', 'checklists': 'all', 'labels': 'all',
    'labels_limit': '1000', 'members': 'all',
    'member_fields': 'id,username,fullName', 'customFields': 'true',
    'actions': 'commentCard,copyCommentCard', 'actions_limit': '1000'}


def test_board_brings_nothing_unless_asked(world):
    shown = world.client('GET', f'/boards/{world.board.id}').json
    for name in ('lists', 'cards', 'actions', 'labels', 'members'):
        assert name not in shown
    by_link = world.client('GET', '/boards/' + world.board.data['shortLink'])
    assert by_link.json == shown


def test_whole_board_in_one_request(world):
    shown = world.client('GET', f'/boards/{world.board.id}', **WHOLE).json
    assert len(shown['lists']) == 3 and len(shown['cards']) == 6
    assert set(shown['cards'][0]) == set(WHOLE['card_fields'].split(',')) \
        | {'attachments', 'customFieldItems'}
    assert set(shown['members'][0]) == {'id', 'username', 'fullName'}
    assert world.server.violations == []


def test_labels_are_cut_at_fifty(world):
    for number in range(60):
        world.api('POST', '/labels', {'name': str(number), 'color': 'red',
                                      'idBoard': world.board.id})
    path = f'/boards/{world.board.id}'
    assert len(world.client('GET', path, labels='all').json['labels']) == 50
    assert len(world.client('GET', path + '/labels').json) == 50
    assert len(world.client('GET', path + '/labels', limit=1000).json) == 66
    assert world.client('GET', path + '/labels', limit=1001).status == 400


def test_comments_by_pages(world):
    path = f'/cards/{world.card}/actions'
    for number in range(120):
        world.api('POST', path + '/comments', {'text': str(number)})
    texts = [str(number) for number in reversed(range(120))]

    def shown(**query):
        return [each['data']['text'] for each in
                world.client('GET', path, filter='commentCard',
                             **query).json]
    assert shown() == texts[:50]
    assert shown(limit=1000) == texts
    assert shown(page=1) == texts[50:100]
    ids = [each['id'] for each in world.client(
        'GET', path, filter='commentCard', limit=1000).json]
    assert shown(before=ids[99]) == texts[100:]
    assert shown(since=ids[3]) == texts[:3]
    assert world.client('GET', path, limit=1001).status == 400
    assert world.client('GET', path, page=20).status == 400


def test_date_bounds_have_whole_seconds(world):
    """Two actions of one second cannot be told apart by a date."""
    path = f'/cards/{world.card}/actions'
    world.api('POST', path + '/comments', {'text': 'one'})
    stamp = world.api('GET', path)[0]['date']
    world.api('POST', path + '/comments', {'text': 'two'})
    assert len(world.client('GET', path, since=stamp).json) == 2
    assert world.client('GET', path, before=stamp).json == []


def test_visible_open_and_closed(world):
    world.api('PUT', f'/lists/{world.list}', {'closed': 'true'})
    world.api('PUT', f'/cards/{world.cards(world.list2)[0]["id"]}',
              {'closed': 'true'})
    path = f'/boards/{world.board.id}/cards'
    counts = {which: len(world.client('GET', f'{path}/{which}').json)
              for which in ('all', 'open', 'visible', 'closed', 'none')}
    assert counts == {'all': 6, 'open': 5, 'visible': 3, 'closed': 1,
                      'none': 0}
    assert len(world.client('GET', path).json) == 5


def test_cards_come_in_board_order_and_by_pages(world):
    path = f'/boards/{world.board.id}/cards'
    cards = world.client('GET', path).json
    ranks = {each: place for place, each in enumerate(world.board.lists)}
    assert cards == sorted(cards, key=lambda card: (ranks[card['idList']],
                                                    card['pos']))
    newest = sorted((card['id'] for card in cards), reverse=True)
    page = world.client('GET', path, limit=2).json
    assert {card['id'] for card in page} == set(newest[:2])
    page = world.client('GET', path, limit=2, before=newest[1]).json
    assert {card['id'] for card in page} == set(newest[2:4])


def test_too_many_cards(world):
    world.server.settings.too_many_cards = 5
    answer = world.client('GET', f'/boards/{world.board.id}', cards='all')
    assert answer.status == 403
    assert answer.json['error'] == 'API_TOO_MANY_CARDS_REQUESTED'
    assert answer.type == 'application/json; charset=utf-8'
    half = world.client('GET', f'/lists/{world.list}/cards')
    assert half.status == 200


def test_cards_with_their_own_actions_are_dearer(world):
    world.server.settings.too_many_cards_with_actions = 5
    path = f'/boards/{world.board.id}/cards'
    assert world.client('GET', path).status == 200
    assert world.client('GET', path, actions='all').status == 403


def test_my_boards(world):
    world.api('PUT', f'/boards/{world.other.id}', {'closed': 'true'})
    path = '/members/me/boards'
    fields = 'dateLastActivity,closed,name'
    boards = world.client('GET', path, filter='open', fields=fields).json
    assert [set(each) for each in boards] == [
        {'id', 'dateLastActivity', 'closed', 'name'}]
    assert len(world.client('GET', path, filter='all').json) == 2
    assert len(world.client('GET', path, filter='closed').json) == 1
    assert world.client('GET', path, filter='wrong').status == 400
    lists = world.client('GET', path, lists='open', fields='name').json
    assert len(lists[0]['lists']) == 3


def test_one_field(world):
    answer = world.client('GET', f'/cards/{world.card}/name')
    assert answer.json == {'_value': world.card_data['name']}
    answer = world.client('GET', f'/boards/{world.board.id}/prefs')
    assert answer.json['permissionLevel'] == 'private'


def test_batch(world):
    urls = ','.join((f'/boards/{world.board.id}?fields=id%2Cname',
                     '/cards/junk', '/1/members/me?fields=username',
                     f'/cards/{world.card}/name', '/cards/' + 'f' * 24))
    items = world.client('GET', '/batch', urls=urls).json
    assert items[0]['200']['name'] == world.board.data['name']
    assert items[1] == {'name': 'BadRequestError', 'message': 'invalid id',
                        'statusCode': 400}
    assert items[2]['200']['username'] == 'tester'
    assert items[3]['200'] == {'_value': world.card_data['name']}
    assert items[4]['statusCode'] == 404
    many = ','.join(['/members/me'] * 11)
    assert world.client('GET', '/batch', urls=many).status == 400
    nested = world.client('GET', '/batch', urls='/batch?urls=/x').json
    assert nested[0]['statusCode'] == 400
    assert world.server.counters()['most_in_token_window'] <= 3


def test_batch_items_may_count(world):
    world.server.settings.batch_items_count = True
    world.server.limits(token=3, key=100, seconds=60)
    items = world.client('GET', '/batch',
                         urls=','.join(['/members/me'] * 4)).json
    assert [each.get('statusCode') for each in items] == [None, None, 429,
                                                          429]


@pytest.mark.parametrize('method,path,text', [
    ('GET', '/boards/BOARD?colour=red', 'unknown parameter colour'),
    ('GET', '/boards/BOARD?fields=id,colour', 'invalid value for fields'),
    ('GET', '/boards/BOARD?actions=talk', 'invalid value for actions'),
    ('GET', '/boards/BOARD/cards?modified=1', 'unknown parameter modified'),
    ('GET', '/boards/BOARD?lists=all&lists=open',
     'repeated parameter lists'),
    ('PUT', '/cards/CARD?colour=red', 'unknown parameter colour')])
def test_undocumented_parameters(world, method, path, text):
    path = path.replace('BOARD', world.board.id).replace('CARD', world.card)
    answer = world.client(method, path)
    assert (answer.status, answer.text) == (400, text)
    assert len(world.server.violations) == 1


@pytest.mark.parametrize('method,path', [
    ('GET', '/nothing'), ('DELETE', '/lists/LIST'), ('PATCH', '/cards/CARD'),
    ('GET', '/boards'), ('POST', '/cards/CARD'), ('GET', '/cards/CARD/x')])
def test_undocumented_routes(world, method, path):
    path = path.replace('LIST', world.list).replace('CARD', world.card)
    answer = world.client(method, path)
    assert (answer.status, answer.text) == (404, f'Cannot {method} /1{path}')
    assert len(world.server.violations) == 1


def test_unknown_things(world):
    unknown = 'f' * 24
    for noun in ('cards', 'boards', 'checklists', 'actions', 'labels',
                 'customFields'):
        answer = world.client('GET', f'/{noun}/{unknown}')
        assert answer.status == 404
        assert answer.text == 'The requested resource was not found.'
    answer = world.client('GET', f'/lists/{unknown}')
    assert (answer.status, answer.text) == (404, 'model not found')
    assert world.server.violations == []


def test_singular_nouns_answer_but_are_noted(world):
    assert world.client('GET', f'/card/{world.card}').status == 200
    assert world.server.violations


def test_long_address_is_refused_before_credentials(world):
    nobody = Client(world.server, '', '')
    answer = nobody('GET', f'/cards/{world.card}?fields=' + 'x' * 8300)
    assert answer.status == 414
    assert answer.type.startswith('text/html')


def test_compression(world):
    path = f'/boards/{world.board.id}?cards=all'
    plain = world.client('GET', path)
    packed = world.client('GET', path, headers={'accept-encoding': 'gzip'})
    assert packed.headers['content-encoding'] == 'gzip'
    assert len(packed.body) < len(plain.body)


def test_search(world):
    world.api('PUT', f'/cards/{world.card}', {'name': 'zebra crossing'})
    found = world.client('GET', '/search', query='zebra',
                         modelTypes='cards').json['cards']
    assert [card['id'] for card in found] == [world.card]
    world.server.settings.search = False
    assert world.client('GET', '/search', query='zebra').status == 404
