"""Reading cards, lists, checklists, labels, actions and custom fields."""

from . import nested, views
from . import params as p
from .errors import not_found
from .router import route
from .routes_boards import CARDS_BELOW, field_reply, list_cards

CARD = nested.CARD | nested.NESTED_ACTIONS | {
    'board': p.boolean, 'board_fields': p.fields('board'),
    'list': p.boolean, 'list_fields': p.fields('list')}


def show_one(call, card):
    account = call.account
    out = nested.show_card(account, card, nested.read_card(call))
    actions = nested.read_nested_actions(call)
    if actions:
        out['actions'] = nested.show_actions(
            account, account.card_actions.get(card['id'], ()), actions)
    if call.get('board'):
        out['board'] = views.board_view(
            account, account.board_of(card),
            call.get('board_fields', views.BOARD_BASIC))
    if call.get('list'):
        out['list'] = views.list_view(
            account, account.lists[card['idList']],
            call.get('list_fields', views.LIST_NESTED))
    if call.get('membersVoted'):
        out['membersVoted'] = voters(call, card)
    return out


def voters(call, card, fields=views.MEMBER_NESTED):
    return [views.member_view(call.account, call.account.members[each],
                              fields)
            for each in card.get('idMembersVoted', ())]


@route('GET', '/cards/{card}', CARD)
def get_card(call, card):
    return show_one(call, call.card(card))


@route('GET', '/boards/{board}/cards/{card}',
       nested.CARD | nested.NESTED_ACTIONS)
def get_card_of_board(call, board, card):
    board = call.board(board)
    card = call.card(card)
    if card['idBoard'] != board.id:
        raise not_found()
    return show_one(call, card)


@route('GET', '/cards/{card}/actions', nested.ACTIONS)
def get_card_actions(call, card):
    card = call.card(card)
    options = nested.read_actions(call, nested.DEFAULT_CARD_ACTIONS)
    return nested.show_actions(
        call.account, call.account.card_actions.get(card['id'], ()), options)


@route('GET', '/cards/{card}/attachments',
       {'fields': p.fields('attachment'),
        'filter': p.choice('true', 'false', 'cover')})
def get_attachments(call, card):
    card = call.card(card)
    return [views.attachment_view(call.account, card, each,
                                  call.get('fields'))
            for each in card.get('attachments', ())]


@route('GET', '/cards/{card}/attachments/{idAttachment}',
       {'fields': p.fields('attachment')})
def get_attachment(call, card, idAttachment):
    card = call.card(card)
    for each in card.get('attachments', ()):
        if each['id'] == idAttachment:
            return views.attachment_view(call.account, card, each,
                                         call.get('fields'))
    raise not_found()


@route('GET', '/cards/{card}/checklists',
       {'filter': p.choice('all', 'none'), 'fields': p.fields('checklist'),
        'checkItems': p.choice('all', 'none'),
        'checkItem_fields': p.fields('item')})
def get_card_checklists(call, card):
    card = call.card(card)
    return [views.checklist_view(
        call.account, each, call.get('fields', views.CHECKLIST_BASIC),
        call.get('checkItem_fields', views.ITEM_BASIC))
        for each in call.account.card_checklists.get(card['id'], ())]


@route('GET', '/cards/{card}/checkItem/{idCheckItem}',
       {'fields': p.fields('item')})
def get_card_item(call, card, idCheckItem):
    card = call.card(card)
    checklist, item = call.account.find_item(
        call.account.card_checklists.get(card['id'], ()), idCheckItem)
    if item is None:
        raise not_found()
    return views.item_view(item, checklist,
                           call.get('fields', views.ITEM_BASIC))


@route('GET', '/cards/{card}/checkItemStates', {'fields': p.text})
def get_states(call, card):
    states = views.CARD_COMPUTED['checkItemStates'](call.account,
                                                    call.card(card))
    # A mistake of Trello's, as recorded.
    return [{'id': '[object Object]'} | each for each in states]


@route('GET', '/cards/{card}/members', {'fields': p.fields('member')})
def get_card_members(call, card):
    card = call.card(card)
    return [views.member_view(call.account, call.account.members[each],
                              call.get('fields', views.MEMBER_NESTED))
            for each in card.get('idMembers', ())]


@route('GET', '/cards/{card}/membersVoted', {'fields': p.fields('member')})
def get_voters(call, card):
    return voters(call, call.card(card),
                  call.get('fields', views.MEMBER_NESTED))


@route('GET', '/cards/{card}/customFieldItems')
def get_field_items(call, card):
    card = call.card(card)
    return [views.field_item_view(call.account, card, each)
            for each in card.get('customFieldItems', ())]


@route('GET', '/cards/{card}/pluginData')
def get_card_plugin_data(call, card):
    return call.card(card).get('pluginData', [])


@route('GET', '/cards/{card}/stickers', {'fields': p.text})
def get_stickers(call, card):
    return call.card(card).get('stickers', [])


@route('GET', '/cards/{card}/board', {'fields': p.fields('board')})
def get_card_board(call, card):
    return views.board_view(call.account,
                            call.account.board_of(call.card(card)),
                            call.get('fields', views.BOARD_BASIC))


@route('GET', '/cards/{card}/list', {'fields': p.fields('list')})
def get_card_list(call, card):
    return views.list_view(call.account,
                           call.account.lists[call.card(card)['idList']],
                           call.get('fields', views.LIST_NESTED))


@route('GET', '/cards/{card}/{word}')
def get_card_field(call, card, word):
    card = call.card(card)
    return field_reply(call, views.card_view(call.account, card,
                                             views.CARD_ALL), word)


@route('GET', '/lists/{idList}',
       {'fields': p.fields('list'),
        'cards': p.choice(*nested.CARD_FILTERS), 'board': p.boolean,
        'board_fields': p.fields('board')} | nested.NESTED_CARD)
def get_list(call, idList):
    data = call.list(idList)
    out = views.list_view(call.account, data,
                          call.get('fields', views.LIST_BASIC))
    if call.get('cards', 'none') != 'none':
        cards = nested.filter_cards(
            call.account, call.account.cards_of(idList), call.get('cards'))
        out['cards'] = nested.show_cards(call, cards,
                                         nested.read_card(call, 'card_'))
    if call.get('board'):
        out['board'] = views.board_view(
            call.account, call.account.board_of(data),
            call.get('board_fields', views.BOARD_BASIC))
    return out


@route('GET', '/lists/{idList}/cards', CARDS_BELOW)
def get_list_cards(call, idList):
    call.list(idList)
    return list_cards(call, call.account.cards_of(idList),
                      call.get('filter', 'open'))


@route('GET', '/lists/{idList}/cards/{word=none|open|closed|all}',
       CARDS_BELOW)
def get_list_filtered_cards(call, idList, word):
    call.list(idList)
    return list_cards(call, call.account.cards_of(idList), word)


@route('GET', '/lists/{idList}/actions', nested.ACTIONS)
def get_list_actions(call, idList):
    board = call.account.board_of(call.list(idList))
    mine = [each for each in board.actions
            if each['data'].get('list', {}).get('id') == idList]
    return nested.show_actions(call.account, mine, nested.read_actions(call))


@route('GET', '/lists/{idList}/board', {'fields': p.fields('board')})
def get_list_board(call, idList):
    return views.board_view(call.account,
                            call.account.board_of(call.list(idList)),
                            call.get('fields', views.BOARD_BASIC))


@route('GET', '/lists/{idList}/{word}')
def get_list_field(call, idList, word):
    data = call.list(idList)
    return field_reply(call, views.list_view(call.account, data,
                                             views.ALL['list']), word)


@route('GET', '/checklists/{idChecklist}',
       {'fields': p.fields('checklist'), 'cards': p.choice('none', 'all'),
        'card_fields': p.fields('card'),
        'checkItems': p.choice('all', 'none'),
        'checkItem_fields': p.fields('item')})
def get_checklist(call, idChecklist):
    data = call.owned(call.account.checklists, idChecklist)
    return views.checklist_view(
        call.account, data, call.get('fields', views.CHECKLIST_BASIC),
        call.get('checkItem_fields', views.ITEM_BASIC))


@route('GET', '/checklists/{idChecklist}/checkItems',
       {'fields': p.fields('item'), 'filter': p.choice('all', 'none')})
def get_items(call, idChecklist):
    data = call.owned(call.account.checklists, idChecklist)
    return [views.item_view(item, data, call.get('fields',
                                                 views.ITEM_BASIC))
            for item in data['checkItems']]


@route('GET', '/labels/{idLabel}', {'fields': p.fields('label')})
def get_label(call, idLabel):
    return views.label_view(call.account,
                            call.owned(call.account.labels, idLabel),
                            call.get('fields', views.LABEL_BASIC))


def find_action(call, action_id):
    action = call.account.actions.get(action_id)
    if action is None:
        raise not_found()
    board = call.account.boards.get(action['data'].get('board', {})
                                    .get('id'))
    if board is None:
        raise not_found()
    call.check(board)
    return action, board


ACTION = {'fields': p.fields('action'), 'display': p.boolean,
          'entities': p.boolean, 'member': p.boolean,
          'member_fields': p.fields('member'), 'memberCreator': p.boolean,
          'memberCreator_fields': p.fields('member')}


@route('GET', '/actions/{idAction}', ACTION)
def get_action(call, idAction):
    action, _ = find_action(call, idAction)
    return views.action_view(
        call.account, action, call.get('fields', views.ACTION_FIELDS),
        nested.shown(call, 'memberCreator'), nested.shown(call, 'member'),
        call.get('display', True), call.get('entities', False))


@route('GET', '/actions/{idAction}/{word=board|card|list}',
       {'fields': p.text})
def get_action_thing(call, idAction, word):
    action, board = find_action(call, idAction)
    if word == 'board':
        return views.board_view(call.account, board, views.ALL['board'])
    table, view, every = {
        'card': (call.account.cards, views.card_view, views.CARD_ALL),
        'list': (call.account.lists, views.list_view, views.ALL['list']),
    }[word]
    thing = table.get(action['data'].get(word, {}).get('id'))
    if thing is None:
        raise not_found()
    return view(call.account, thing, every)


@route('GET', '/customFields/{idField}', {'fields': p.fields('field')})
def get_field(call, idField):
    return views.field_view(call.account, find_field(call, idField),
                            call.get('fields'))


def find_field(call, field_id):
    data = call.account.fields.get(field_id)
    if data is None:
        raise not_found()
    call.check(call.account.boards[data['idModel']])
    return data


@route('GET', '/customFields/{idField}/options')
def get_options(call, idField):
    return [{'color': each.get('color', 'none'), 'pos': each['pos'],
             '_id': each['id'], 'value': each['value']}
            for each in find_field(call, idField).get('options') or ()]


@route('GET', '/customFields/{idField}/options/{idOption}')
def get_option(call, idField, idOption):
    for each in find_field(call, idField).get('options') or ():
        if each['id'] == idOption:
            return {'id': each['id'], 'idCustomField': idField,
                    'value': each['value'],
                    'color': each.get('color', 'none'), 'pos': each['pos']}
    raise not_found()
