"""Checklists and their items, and the values of custom fields."""

from . import rules, views, writing
from . import params as p
from .errors import ApiError, bad, not_found
from .ids import parse_date
from .router import route
from .routes_cards import find_field
from .writes_cards import copy_checklist


def make_checklist(call, card):
    account = call.account
    board = account.board_of(card)
    siblings = account.card_checklists.get(card['id'], [])
    writing.check_count(len(siblings), call.settings.max_checklists,
                        'checklists')
    source = account.checklists.get(call.get('idChecklistSource'))
    if call.has('idChecklistSource') and source is None:
        raise bad('idChecklistSource')
    name = call.get('name') or call.get('value') or (
        source['name'] if source else 'Checklist')
    name = rules.title(name)
    pos = rules.place(siblings, call.get('pos', 'bottom'))
    if source:
        data = copy_checklist(account, board, card, source)
        data |= {'name': name, 'pos': pos}
    else:
        data = account.add_checklist(board, {
            'id': account.new_id(), 'name': name, 'idCard': card['id'],
            'idBoard': board.id, 'pos': pos, 'checkItems': []})
    account.touch(board, card)
    rules.log(account, board, 'addChecklistToCard', call.who,
              {'checklist': rules.list_stub(data)}, card, False)
    return views.checklist_view(account, data)


@route('POST', '/checklists', {
    'idCard': p.object_id, 'name': p.anything, 'pos': p.pos,
    'idChecklistSource': p.object_id})
def create_checklist(call):
    card = call.account.cards.get(call.get('idCard'))
    if card is None:
        raise ApiError(401, 'unauthorized board requested')
    call.check(call.account.board_of(card))
    return make_checklist(call, card) | {'limits': {}}


@route('POST', '/cards/{card}/checklists', {
    'name': p.anything, 'pos': p.pos, 'idChecklistSource': p.object_id,
    'value': p.anything})
def create_card_checklist(call, card):
    return make_checklist(call, call.card(card))


def find_checklist(call, checklist_id):
    """The checklist, its card and its board."""
    data = call.owned(call.account.checklists, checklist_id)
    return (data, call.account.cards[data['idCard']],
            call.account.board_of(data))


def change_checklist(call, checklist_id, given, label='name'):
    data, card, board = find_checklist(call, checklist_id)
    values = {}
    if 'name' in given:
        values['name'] = rules.title(given['name'], label)
    if 'pos' in given:
        siblings = [each for each in
                    call.account.card_checklists[card['id']]
                    if each is not data]
        values['pos'] = rules.place(siblings, given['pos'])
    old = writing.change(data, values)
    if 'pos' in old:
        rules.make_room(data, siblings)
    if old:
        call.account.touch(board, card)
    if 'name' in old:
        rules.log(call.account, board, 'updateChecklist', call.who,
                  {'old': {'name': old['name']},
                   'checklist': rules.list_stub(data)}, card, False)
    return views.checklist_view(call.account, data)


@route('PUT', '/checklists/{idChecklist}',
       {'name': p.anything, 'pos': p.pos})
def put_checklist(call, idChecklist):
    return change_checklist(call, idChecklist, call.params)


@route('PUT', '/checklists/{idChecklist}/name', {'value': p.anything})
def put_checklist_name(call, idChecklist):
    return change_checklist(call, idChecklist, {'name': call.get('value')},
                            'value')


@route('PUT', '/checklists/{idChecklist}/pos', {'value': p.pos})
def put_checklist_pos(call, idChecklist):
    return change_checklist(call, idChecklist, {'pos': call.get('value')})


@route('DELETE', '/checklists/{idChecklist}')
def delete_checklist(call, idChecklist):
    data, card, board = find_checklist(call, idChecklist)
    call.account.drop_checklist(data)
    call.account.touch(board, card)
    rules.log(call.account, board, 'removeChecklistFromCard', call.who,
              {'checklist': rules.list_stub(data)}, card, False)
    return {'limits': {}}


@route('DELETE', '/cards/{card}/checklists/{idChecklist}')
def delete_card_checklist(call, card, idChecklist):
    call.card(card)
    return delete_checklist(call, idChecklist)


# Items: only the ticking of one is in the action log.

ITEM = {'name': p.anything, 'pos': p.pos, 'due': p.date,
        'dueReminder': p.anything, 'idMember': p.id_or_none}


@route('POST', '/checklists/{idChecklist}/checkItems',
       ITEM | {'checked': p.boolean})
def create_item(call, idChecklist):
    data, card, board = find_checklist(call, idChecklist)
    return add_item(call, data, card, board)


@route('POST', '/cards/{card}/checklist/{idChecklist}/checkItem',
       {'name': p.anything, 'pos': p.pos})
def create_card_item(call, card, idChecklist):
    call.card(card)
    return add_item(call, *find_checklist(call, idChecklist))


def add_item(call, data, card, board):
    items = data['checkItems']
    writing.check_count(len(items), call.settings.max_items, 'checkItems')
    item = {'id': call.account.new_id(),
            'name': rules.title(call.get('name')),
            'nameData': {'emoji': {}},
            'state': 'complete' if call.get('checked') else 'incomplete',
            'pos': rules.place(items, call.get('pos', 'bottom')),
            'due': writing.date_text(call.get('due')),
            'idMember': call.get('idMember')}
    items.append(item)
    rules.make_room(item, items)
    call.account.touch(board, card)
    return views.item_view(item, data) | {'limits': {}}


def change_item(call, card, item_id, given):
    account = call.account
    data, item = account.find_item(
        account.card_checklists.get(card['id'], ()), item_id)
    if item is None:
        raise not_found()
    board = account.board_of(card)
    values = {name: given[name] for name in ('state', 'idMember')
              if name in given}
    if 'name' in given:
        values['name'] = rules.title(given['name'])
    if 'due' in given:
        values['due'] = writing.date_text(given['due'])
    if given.get('idChecklist', data['id']) != data['id']:
        data = move_item(account, card, data, item, given['idChecklist'])
    if 'pos' in given:
        siblings = [each for each in data['checkItems'] if each is not item]
        values['pos'] = rules.place(siblings, given['pos'])
    old = writing.change(item, values)
    if 'pos' in old:
        rules.make_room(item, data['checkItems'])
    if old or 'idChecklist' in given:
        account.touch(board, card)
    if 'state' in old:
        rules.log(account, board, 'updateCheckItemStateOnCard', call.who, {
            'checklist': rules.list_stub(data),
            'checkItem': {'id': item['id'], 'name': item['name'],
                          'state': item['state']}}, card, False)
    return views.item_view(item, data, views.ITEM_BASIC
                           + ('type', 'creationMethod'))


def move_item(account, card, data, item, checklist_id):
    target = account.checklists.get(checklist_id)
    if target is None or target['idCard'] != card['id']:
        raise bad('idChecklist')
    data['checkItems'].remove(item)
    target['checkItems'].append(item)
    return target


def state(value, name):
    words = {'complete': 'complete', 'true': 'complete', True: 'complete',
             'incomplete': 'incomplete', 'false': 'incomplete',
             False: 'incomplete'}
    if not isinstance(value, (str, bool)) or value not in words:
        raise bad(name)
    return words[value]


CHANGE = ITEM | {'state': state, 'idChecklist': p.object_id}


@route('PUT', '/cards/{card}/checkItem/{idCheckItem}', CHANGE)
def put_item(call, card, idCheckItem):
    return change_item(call, call.card(card), idCheckItem, call.params)


@route('PUT', '/cards/{card}/checklist/{idChecklist}/checkItem/{idItem}',
       CHANGE)
def put_checklist_item(call, card, idChecklist, idItem):
    find_checklist(call, idChecklist)
    return change_item(call, call.card(card), idItem, call.params)


def remove_item(call, data, card, board, item_id):
    for item in data['checkItems']:
        if item['id'] == item_id:
            data['checkItems'].remove(item)
            call.account.touch(board, card)
            return {'limits': {}}
    raise not_found()


@route('DELETE', '/checklists/{idChecklist}/checkItems/{idCheckItem}')
def delete_item(call, idChecklist, idCheckItem):
    return remove_item(call, *find_checklist(call, idChecklist), idCheckItem)


@route('DELETE', '/cards/{card}/checkItem/{idCheckItem}')
def delete_card_item(call, card, idCheckItem):
    card = call.card(card)
    data, item = call.account.find_item(
        call.account.card_checklists.get(card['id'], ()), idCheckItem)
    if item is None:
        raise not_found()
    return remove_item(call, data, card, call.account.board_of(card),
                       idCheckItem)


@route('DELETE',
       '/cards/{card}/checklist/{idChecklist}/checkItem/{idCheckItem}')
def delete_checklist_item(call, card, idChecklist, idCheckItem):
    call.card(card)
    return remove_item(call, *find_checklist(call, idChecklist), idCheckItem)


# Values of custom fields: all of them are strings.

def check_value(field, value):
    """The kind of the value must be the field's, its text must parse."""
    kind = {'text': 'text', 'number': 'number', 'date': 'date',
            'checkbox': 'checked'}.get(field['type'])
    if not isinstance(value, dict) or list(value) != [kind]:
        raise ApiError(400, 'Invalid custom field item value.')
    text = value[kind]
    good = isinstance(text, str)
    if good and kind == 'number':
        try:
            float(text)
        except ValueError:
            good = False
    elif good and kind == 'date':
        good = parse_date(text) is not None
    elif good and kind == 'checked':
        good = text in ('true', 'false')
    if not good:
        raise ApiError(400, 'Invalid custom field item value.')
    return {kind: text}


def set_field(call, card, field, given):
    board = call.account.board_of(card)
    if field['idModel'] != board.id:
        raise ApiError(400, 'Invalid custom field item value.')
    items = writing.own_things(card, 'customFieldItems')
    old = next((each for each in items
                if each['idCustomField'] == field['id']), None)
    entry = {'id': old['id'] if old else call.account.new_id(),
             'idCustomField': field['id']}
    value, choice = given.get('value'), given.get('idValue')
    if value in ('', None, {}) and choice in ('', None):
        entry = None
    elif field['type'] == 'list':
        if choice not in [each['id'] for each in field.get('options', ())]:
            raise ApiError(400, 'Invalid custom field item value.')
        entry['idValue'] = choice
    else:
        entry['value'] = check_value(field, value)
    if old:
        items.remove(old)
    if entry:
        items.append(entry)
    call.account.touch(board, card)
    log_value(call, board, card, field, old, entry)
    return entry


def log_value(call, board, card, field, old, entry):
    rules.log(call.account, board, 'updateCustomFieldItem', call.who, {
        'old': {'value': old and old.get('value')},
        'customField': {'id': field['id'], 'name': field['name'],
                        'type': field['type']},
        'customFieldItem': (entry or {'id': old and old['id']}) | {
            'idModel': card['id'], 'modelType': 'card'}}, card, False)


@route('PUT', '/cards/{card}/customField/{idField}/item',
       {'value': p.anything, 'idValue': p.anything})
def put_field_value(call, card, idField):
    card = call.card(card)
    field = find_field(call, idField)
    entry = set_field(call, card, field, call.params)
    if entry is None:
        return {}
    return views.field_item_view(call.account, card, entry)


@route('PUT', '/cards/{card}/customFields', {'customFieldItems': p.anything})
def put_field_values(call, card):
    card = call.card(card)
    wanted = call.get('customFieldItems')
    if not isinstance(wanted, list):
        raise bad('customFieldItems')
    for each in wanted:
        set_field(call, card, find_field(call, each.get('idCustomField')),
                  each)
    return {}
