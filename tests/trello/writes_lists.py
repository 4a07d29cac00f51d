"""Creating, changing, moving and archiving lists."""

from . import nested, rules, views, writes_cards, writing
from . import params as p
from .errors import bad
from .router import route

FIELDS = {'name': p.anything, 'closed': p.boolean, 'pos': p.pos,
          'idBoard': p.object_id, 'subscribed': p.boolean}


def new_list(call, board, name, pos='top'):
    account = call.account
    name = rules.title(name)
    siblings = rules.open_lists(board)
    writing.check_count(len(siblings), call.settings.max_lists, 'lists')
    data = account.add_list(board, {
        'id': account.new_id(), 'name': name, 'closed': False,
        'idBoard': board.id, 'pos': rules.place(siblings, pos)})
    rules.make_room(data, siblings + [data])
    account.touch(board)
    rules.log(account, board, 'createList', call.who,
              {'list': rules.list_stub(data)})
    return data


def show_new(call, data):
    return views.list_view(call.account, data,
                           views.LIST_BASIC) | {'limits': {}}


@route('POST', '/lists', {'name': p.anything, 'idBoard': p.object_id,
                          'pos': p.pos, 'idListSource': p.object_id})
def create_list(call):
    if not call.has('idBoard'):
        raise bad('idBoard')
    board = writing.target_board(
        call, call.get('idBoard'),
        writing.no_board_for_list(call.get('idBoard')))
    return show_new(call, new_list(call, board, call.get('name'),
                                   call.get('pos', 'top')))


@route('POST', '/boards/{board}/lists', {'name': p.anything, 'pos': p.pos})
def create_board_list(call, board):
    return show_new(call, new_list(call, call.board(board),
                                   call.get('name'), call.get('pos', 'top')))


@route('PUT', '/lists/{idList}', FIELDS)
def update_list(call, idList):
    return apply(call, call.list(idList), call.params)


def update_one(field, kind):
    params = {'value': kind}
    if field == 'idBoard':
        params['pos'] = p.pos

    @route('PUT', f'/lists/{{idList}}/{field}', params)
    def handler(call, idList):
        if not call.has('value'):
            raise bad('value')
        given = dict(call.params)
        given[field] = given.pop('value')
        return apply(call, call.list(idList), given, 'value')
    return handler


for _name, _kind in FIELDS.items():
    update_one(_name, _kind)


def apply(call, data, given, label=None):
    account = call.account
    values = {name: given[name] for name in ('closed', 'subscribed')
              if name in given}
    if 'name' in given:
        values['name'] = rules.title(given['name'], label or 'name')
    board = account.board_of(data)
    target = board
    if 'idBoard' in given and given['idBoard'] != board.id:
        target = writing.target_board(call, given['idBoard'])
        move_list(call, data, board, target)
    if 'pos' in given or target is not board:
        siblings = rules.open_lists(target, but=data)
        values['pos'] = rules.place(siblings, given.get('pos', 'bottom'))
    old = writing.change(data, values)
    if 'pos' in old:
        rules.make_room(data, rules.open_lists(target))
    if old:
        account.touch(target)
    old.pop('subscribed', None)
    rules.log_change(account, target, 'updateList', call.who, 'list', data,
                     old)
    return views.list_view(account, data, views.LIST_BASIC)


def move_list(call, data, board, target):
    """The list's cards go along; what they keep is as for one card."""
    account = call.account
    cards = account.cards_of(data['id'])
    del board.lists[data['id']]
    target.lists[data['id']] = data
    data['idBoard'] = target.id
    for card in cards:
        writing.resettle(call, card, target)
        account.touch(target, card)
    rules.log(account, board, 'moveListFromBoard', call.who,
              {'list': rules.list_stub(data),
               'boardTarget': {'id': target.id}})
    rules.log(account, target, 'moveListToBoard', call.who,
              {'list': rules.list_stub(data),
               'boardSource': {'id': board.id, 'name': board.data['name']}})
    account.touch(board)
    account.touch(target)


@route('POST', '/lists/{idList}/archiveAllCards')
def archive_all(call, idList):
    data = call.list(idList)
    board = call.account.board_of(data)
    for card in nested.filter_cards(
            call.account, call.account.cards_of(idList), 'open'):
        card['closed'] = True
        card['dateClosed'] = call.account.touch(board, card)
        rules.log_change(call.account, board, 'updateCard', call.who, 'card',
                         card, {'closed': False}, card)
    return {}


@route('POST', '/lists/{idList}/moveAllCards',
       {'idBoard': p.object_id, 'idList': p.object_id})
def move_all(call, **places):
    call.list(places['idList'])
    if not call.has('idBoard') or not call.has('idList'):
        raise bad('idList')
    cards = nested.filter_cards(
        call.account, call.account.cards_of(places['idList']), 'open')
    cards.sort(key=lambda card: (card['pos'], card['id']))
    for card in cards:
        writes_cards.apply(call, card, {'idBoard': call.get('idBoard'),
                                'idList': call.get('idList'),
                                'pos': 'bottom'})
    return [views.card_view(call.account, card,
                            ('id', 'idBoard', 'idList', 'pos'))
            for card in cards]
