"""Writing: positions, trimming, the action log, moves, limits."""

import pytest

from .ids import parse_date

JSON = 'application/json; charset=utf-8'


def make_list(world, name='L', **more):
    return world.api('POST', '/lists', {'name': name, 'idBoard':
                                        world.board.id} | more)


def make_card(world, where, name='C', **more):
    return world.client('POST', '/cards', form={'idList': where,
                                                'name': name} | more).json


def types(world, board=None):
    path = f'/boards/{(board or world.board).id}/actions'
    return [each['type'] for each in world.client('GET', path).json]


def test_positions_of_cards(world):
    where = make_list(world)['id']
    assert make_card(world, where)['pos'] == 16384
    assert make_card(world, where)['pos'] == 32768
    assert make_card(world, where, pos='top')['pos'] == 8192
    assert make_card(world, where, pos='')['pos'] == 4096
    assert make_card(world, where, pos='12345.5')['pos'] == 12345.5
    world.api('PUT', f'/cards/{make_card(world, where)["id"]}',
              {'closed': 'true'})
    assert make_card(world, where)['pos'] == 49152, 'archived ones count'
    for wrong in ('0', '-1', 'middle', 'nan', 'inf'):
        answer = world.client('POST', '/cards', form={
            'idList': where, 'name': 'x', 'pos': wrong})
        assert answer.text == 'invalid value for pos', wrong


def test_positions_of_lists_begin_at_the_top(world):
    first = world.api('GET', f'/boards/{world.board.id}/lists')[0]['pos']
    assert make_list(world)['pos'] == first / 2
    assert make_list(world)['pos'] == first / 4
    assert make_list(world, pos='bottom')['pos'] == 4 * 16384


def test_close_neighbours_are_spread(world):
    where = make_list(world)['id']
    ids = [make_card(world, where, pos=str(pos))['id']
           for pos in (1, 2, 3)]
    answer = world.client('PUT', f'/cards/{ids[2]}', form={'pos': '1.001'})
    assert answer.json['pos'] == 32768
    cards = world.client('GET', f'/lists/{where}/cards').json
    assert [card['id'] for card in cards] == [ids[0], ids[2], ids[1]]


def test_names_are_trimmed_and_descriptions_are_not(world):
    card = make_card(world, world.list, '  two  words \n', desc=' x\r\n\n')
    assert card['name'] == 'two  words'
    assert card['desc'] == ' x\r\n\n'
    answer = world.client('PUT', f'/cards/{card["id"]}',
                          form={'name': 'a\nb\tc'})
    assert answer.json['name'] == 'a b c'
    for wrong in ('', '  ', '\n', '\u00a0'):
        answer = world.client('PUT', f'/cards/{card["id"]}',
                              form={'name': wrong})
        assert (answer.status, answer.text) == (400,
                                                'invalid value for name')


@pytest.mark.parametrize('unit', ['x', '\u00fc', '\U0001f680'])
def test_texts_have_16384_units(world, unit):
    length = 16384 if unit != '\U0001f680' else 8192
    path = f'/cards/{world.card}'
    for name in ('name', 'desc'):
        good = world.client('PUT', path, form={name: unit * length})
        assert good.status == 200 and good.json[name] == unit * length
        bad = world.client('PUT', path, form={name: unit * (length + 1)})
        assert (bad.status, bad.text) == (400, f'invalid value for {name}')


def test_json_types_are_strict(world):
    path = f'/cards/{world.card}'
    assert world.client('PUT', path, data={'name': 5}).status == 400
    assert world.client('PUT', path, data={'desc': ['x']}).status == 400
    answer = world.client('PUT', path, data={
        'name': 'x', 'closed': True, 'due': '2026-12-01T16:00:00Z'})
    assert answer.json['closed'] is True
    assert answer.json['due'] == '2026-12-01T16:00:00.000Z'
    assert world.client('PUT', path, data={'due': None}).json['due'] is None
    assert world.client('PUT', path, data=b'{', headers={
        'content-type': 'application/json'}).status == 400


def test_forms_of_dates():
    wanted = parse_date('2020-12-22T01:59:00.000Z')
    for text in ('2020-12-22 01:59:00 UTC', '2020-12-22T02:59:00+01:00',
                 '2020-12-22 01:59:00 +0000', '1608602340000'):
        assert parse_date(text) == wanted, text
    assert parse_date('soon') is None


def test_half_a_surrogate_pair_is_replaced(world):
    body = b'{"desc":"a\\ud83db","name":"\\udc00"}'
    card = world.client('PUT', f'/cards/{world.card}', data=body, headers={
        'content-type': 'application/json'}).json
    assert (card['desc'], card['name']) == ('a\ufffdb', '\ufffd')


def test_one_put_is_all_or_nothing(world):
    before = world.client('GET', f'/cards/{world.card}').json
    answer = world.client('PUT', f'/cards/{world.card}', form={
        'name': 'new', 'idList': world.list2, 'idMembers': 'f' * 24})
    assert answer.status == 400
    assert world.client('GET', f'/cards/{world.card}').json == before
    count = len(world.board.cards)
    answer = world.client('POST', '/cards', form={
        'name': 'x', 'idList': world.list, 'idLabels': 'f' * 24})
    assert answer.status == 400 and len(world.board.cards) == count


def test_each_changed_field_is_an_action(world):
    world.client('PUT', f'/cards/{world.card}', form={
        'name': 'new', 'desc': 'other', 'idList': world.list2})
    path = f'/cards/{world.card}/actions'
    found = world.client('GET', path, filter='updateCard').json
    old = [list(each['data']['old']) for each in found]
    assert sorted(old) == [['desc'], ['idList'], ['name']]
    moves = world.client('GET', path, filter='updateCard:idList').json
    assert moves[0]['data']['listAfter']['id'] == world.list2
    assert len(world.client('GET', path).json) == 1
    again = len(types(world))
    world.client('PUT', f'/cards/{world.card}', form={'name': 'new'})
    assert len(types(world)) == again, 'nothing changed'


def test_what_the_action_log_leaves_out(world):
    """Dates of last activity move for all of it."""
    api, card = world.api, world.card
    checklist = api('POST', '/checklists', {'idCard': card})['id']
    comment = api('POST', f'/cards/{card}/actions/comments',
                  {'text': 'x'})['id']
    logged = types(world)
    label = api('POST', '/labels', {'name': 'x', 'color': 'red',
                                    'idBoard': world.board.id})['id']

    steps = (
        ('POST', f'/cards/{card}/idLabels', {'value': label}),
        ('DELETE', f'/cards/{card}/idLabels/{label}', {}),
        ('PUT', f'/labels/{label}', {'name': 'y'}),
        ('DELETE', f'/labels/{label}', {}),
        ('POST', f'/checklists/{checklist}/checkItems', {'name': 'x'}),
        ('PUT', f'/actions/{comment}', {'text': 'y'}),
        ('DELETE', f'/actions/{comment}', {}))
    for method, path, params in steps:
        before = world.board.data['dateLastActivity']
        world.server.account.clock.advance(0.01)
        api(method, path, params)
        assert world.board.data['dateLastActivity'] > before, path
    items = world.client('GET', f'/checklists/{checklist}').json
    api('DELETE', f'/checklists/{checklist}/checkItems/'
        + items['checkItems'][0]['id'])
    logged.remove('commentCard')
    assert types(world) == logged


def test_label_changes_leave_the_cards_date_alone(world):
    before = world.card_data['dateLastActivity']
    world.api('POST', f'/cards/{world.card}/idLabels',
              {'value': world.label})
    moved = world.card_data['dateLastActivity']
    assert moved > before
    world.server.account.clock.advance(1)
    world.api('PUT', f'/labels/{world.label}', {'name': 'renamed'})
    assert world.card_data['dateLastActivity'] == moved


def test_ticking_an_item_is_logged(world):
    checklist = world.api('POST', '/checklists', {'idCard': world.card})
    item = world.api('POST', f'/checklists/{checklist["id"]}/checkItems',
                     {'name': 'x'})
    path = f'/cards/{world.card}/checkItem/{item["id"]}'
    answer = world.client('PUT', path, form={'state': 'complete'})
    assert answer.json['state'] == 'complete'
    assert types(world)[0] == 'updateCheckItemStateOnCard'
    badges = world.client('GET', f'/cards/{world.card}').json['badges']
    assert (badges['checkItems'], badges['checkItemsChecked']) == (1, 1)
    assert world.client('DELETE', path).json == {'limits': {}}


def test_edited_comment_keeps_its_id(world):
    path = f'/cards/{world.card}/actions/comments'
    made = world.client('POST', path, form={'text': ' x\n'}).json
    assert made['data']['text'] == ' x\n'
    edited = world.client('PUT', f'/actions/{made["id"]}',
                          form={'text': 'y'}).json
    assert edited['id'] == made['id']
    assert edited['data']['dateLastEdited']
    theirs = world.api('POST', path, {'text': 'theirs'})
    answer = world.client('PUT', f'/actions/{theirs["id"]}',
                          form={'text': 'mine'})
    assert answer.status == 401


def test_move_to_another_board(world):
    api, card = world.api, world.card
    api('POST', f'/cards/{card}/idLabels', {'value': world.label})
    api('POST', f'/cards/{card}/idMembers', {'value': world.member})
    api('DELETE', f'/boards/{world.other.id}/members/{world.member}')
    api('POST', f'/cards/{card}/actions/comments', {'text': 'hello'})
    label = world.board.labels[world.label]
    moved = world.client('PUT', f'/cards/{card}/idBoard', form={
        'value': world.other.id}).json
    assert moved['idBoard'] == world.other.id
    assert moved['idMembers'] == []
    assert [(each['name'], each['color']) for each in moved['labels']] == [
        (label['name'], label['color'])]
    assert moved['labels'][0]['idBoard'] == world.other.id
    first = world.api('GET', f'/boards/{world.other.id}/lists')[0]
    assert moved['idList'] == first['id']
    assert moved['pos'] == max(
        each['pos'] for each in world.server.account.cards_of(first['id']))
    assert 'moveCardFromBoard' in types(world)
    there = types(world, world.other)
    assert {'moveCardToBoard', 'removeMemberFromCard', 'commentCard'} \
        <= set(there)


def test_move_where_one_may_not_write(world):
    world.api('DELETE', f'/boards/{world.other.id}/members/{world.me}')
    answer = world.client('PUT', f'/cards/{world.card}', form={
        'idBoard': world.other.id})
    assert answer.status == 449
    assert answer.json['originalStatus'] == 401


def test_move_a_list(world):
    cards = {card['id'] for card in world.cards(world.list)}
    answer = world.client('PUT', f'/lists/{world.list}/idBoard', form={
        'value': world.other.id})
    assert answer.json['idBoard'] == world.other.id
    assert cards <= set(world.other.cards)
    assert not cards & set(world.board.cards)
    assert types(world)[0] == 'moveListFromBoard'


def test_archived_list_leaves_its_cards_open(world):
    world.client('PUT', f'/lists/{world.list}/closed', form={
        'value': 'true'})
    assert not any(card.get('closed') for card in world.cards(world.list))


def test_archive_and_move_all_cards(world):
    path = f'/lists/{world.list}/archiveAllCards'
    assert world.client('POST', path).json == {}
    assert all(card['closed'] for card in world.cards(world.list))
    moved = world.client('POST', f'/lists/{world.list2}/moveAllCards', form={
        'idBoard': world.board.id, 'idList': world.list}).json
    assert [set(each) for each in moved][0] == {'id', 'idBoard', 'idList',
                                                'pos'}


def test_deleted_card_leaves_one_action(world):
    world.api('POST', f'/cards/{world.card}/actions/comments',
              {'text': 'x'})
    answer = world.client('DELETE', f'/cards/{world.card}')
    assert answer.text == '{"limits":{}}'
    actions = world.client('GET', f'/boards/{world.board.id}/actions').json
    mine = [each['type'] for each in actions
            if each['data'].get('card', {}).get('id') == world.card]
    assert mine == ['deleteCard']
    assert world.client('GET', f'/cards/{world.card}').status == 404


def test_refusals_of_bad_ids(world):
    unknown = 'f' * 24
    expected = (
        ('/cards', {'name': 'x'}, 400, 'invalid value for idList'),
        ('/cards', {'name': 'x', 'idList': 'junk'}, 400,
         'invalid value for idList'),
        ('/cards', {'name': 'x', 'idList': 'AbCdEfGh'}, 400,
         'Invalid objectId'),
        ('/cards', {'name': 'x', 'idList': unknown}, 404,
         'could not find the board that the card belongs to'),
        ('/lists', {'name': 'x', 'idBoard': unknown}, 401,
         f'unauthorized board list requested {unknown}'),
        ('/checklists', {'idCard': unknown}, 401,
         'unauthorized board requested'))
    for path, form, status, text in expected:
        answer = world.client('POST', path, form=form)
        assert (answer.status, answer.text) == (status, text)


def test_doubles_are_refused(world):
    labels = f'/cards/{world.card}/idLabels'
    form = {'value': world.label}
    assert world.client('POST', labels, form=form).json == [world.label]
    assert world.client('POST', labels, form=form).text == \
        'that label is already on the card'
    members = f'/cards/{world.card}/idMembers'
    form = {'value': world.me}
    assert world.client('POST', members, form=form).status == 200
    assert world.client('POST', members, form=form).text == \
        'member is already on the card'


def test_limits_on_numbers_of_things(world):
    world.server.settings.max_items = 2
    checklist = world.api('POST', '/checklists', {'idCard': world.card})
    path = f'/checklists/{checklist["id"]}/checkItems'
    answers = [world.client('POST', path, form={'name': 'x'})
               for _ in range(3)]
    assert [each.status for each in answers] == [200, 200, 403]
    world.server.settings.max_cards = len(world.board.cards)
    answer = world.client('POST', '/cards', form={'name': 'x', 'idList':
                                                  world.list})
    assert (answer.status, answer.text) == (403, 'Too many cards')


def test_new_board_has_lists_and_labels(world):
    shown = world.client('POST', '/boards/', form={'name': 'New'}).json
    lists = world.client('GET', f'/boards/{shown["id"]}/lists').json
    assert [each['name'] for each in lists] == ['To Do', 'Doing', 'Done']
    bare = world.client('POST', '/boards', form={
        'name': 'Bare', 'defaultLists': 'false', 'defaultLabels': 'false'})
    path = f'/boards/{bare.json["id"]}'
    assert world.client('GET', path, lists='all',
                        labels='all').json['lists'] == []
    closed = world.client('PUT', path, form={'closed': 'true'}).json
    assert closed['closed'] is True
    assert world.client('DELETE', path).status == 200
    assert world.client('GET', path).status == 404


def test_values_of_custom_fields(world):
    def field(kind, **more):
        return world.api('POST', '/customFields', {
            'idModel': world.board.id, 'modelType': 'board', 'name': kind,
            'type': kind} | more)

    def put(made, **data):
        return world.client('PUT', f'/cards/{world.card}/customField/'
                            f'{made["id"]}/item', data=data)
    good = {'text': {'text': 'x'}, 'number': {'number': '-1.5'},
            'date': {'date': '2026-12-01T12:00:00.000Z'},
            'checkbox': {'checked': 'true'}}
    for kind, value in good.items():
        made = field(kind)
        assert put(made, value=value).json['value'] == value
        assert put(made, value={'text': 5}).status == 400
        assert put(made, value='', idValue='').status == 200
    made = field('number')
    assert put(made, value={'number': 3}).status == 400
    assert put(made, value={'number': 'three'}).status == 400
    chosen = field('list', options=[{'value': {'text': 'High'}}])
    option = chosen['options'][0]['id']
    assert put(chosen, idValue=option).json['idValue'] == option
    shown = world.client('GET', f'/cards/{world.card}', fields='name',
                         customFieldItems='true').json
    assert [each['idValue'] for each in shown['customFieldItems']] == [option]


def test_copy_of_a_card(world):
    checklist = world.api('POST', '/checklists', {'idCard': world.card})
    world.api('POST', f'/checklists/{checklist["id"]}/checkItems',
              {'name': 'x'})
    world.api('POST', f'/cards/{world.card}/actions/comments', {'text': 'y'})
    copy = make_card(world, world.list2, 'copy', idCardSource=world.card,
                     keepFromSource='checklists,comments')
    shown = world.client('GET', f'/cards/{copy["id"]}', checklists='all',
                         actions='copyCommentCard').json
    assert shown['checklists'][0]['checkItems'][0]['name'] == 'x'
    assert shown['checklists'][0]['id'] != checklist['id']
    assert shown['actions'][0]['data']['text'] == 'y'
    assert shown['badges']['comments'] == 1
