"""Creating, changing, closing and deleting boards; their labels, members
and custom fields."""

from . import rules, views, writing
from . import params as p
from .api import NULL_VALUE
from .errors import ApiError, bad, not_found
from .router import route
from .routes_cards import find_field
from .writes_lists import new_list

PREFS = ('permissionLevel', 'selfJoin', 'cardCovers', 'hideVotes',
         'invitations', 'voting', 'comments', 'background', 'cardAging',
         'calendarFeedEnabled', 'isTemplate')
FIELDS = {'name': p.anything, 'desc': p.anything, 'closed': p.boolean,
          'subscribed': p.boolean, 'idOrganization': p.id_or_none} | {
    f'prefs/{name}': p.anything for name in PREFS} | {
    f'labelNames/{name}': p.anything for name in writing.COLORS}
CREATE = {'name': p.anything, 'desc': p.anything,
          'defaultLabels': p.boolean, 'defaultLists': p.boolean,
          'idOrganization': p.id_or_none, 'idBoardSource': p.object_id,
          'keepFromSource': p.csv, 'powerUps': p.csv} | {
    f'prefs_{name}': p.anything for name in PREFS}


def truth(value):
    """true and false arrive as words in a form."""
    return {'true': True, 'false': False}.get(value, value)


@route('POST', '/boards', CREATE)
def create_board(call):
    account = call.account
    name = rules.title(call.get('name'))
    desc = rules.long_text(call.get('desc', ''), 'desc')
    prefs = {each: truth(call.get('prefs_' + each)) for each in PREFS
             if call.has('prefs_' + each)}
    board = account.add_board({
        'id': account.new_id(), 'name': name, 'desc': desc, 'closed': False,
        'shortLink': account.ids.short_link(), 'prefs': prefs,
        'idOrganization': call.get('idOrganization') or next(
            iter(account.organizations), None),
        'idMemberCreator': call.who})
    account.add_membership(board, call.who, 'admin')
    if call.token.everywhere:
        # Made by the tests' own hand: the user under test shall see it.
        account.add_membership(board, account.owner)
    account.touch(board)
    rules.log(account, board, 'createBoard', call.who, {})
    if call.get('defaultLabels', True):
        for shade in writing.COLORS[:6]:
            writing.new_label(account, board, '', shade)
    if call.get('defaultLists', True):
        for each in ('To Do', 'Doing', 'Done'):
            new_list(call, board, each, 'bottom')
    return views.board_view(account, board) | {'limits': {}}


@route('PUT', '/boards/{board}', FIELDS)
def update_board(call, board):
    return apply(call, call.board(board), call.params)


def update_one(field, kind):
    @route('PUT', f'/boards/{{board}}/{field}', {'value': kind})
    def handler(call, board):
        if not call.has('value'):
            raise bad('value')
        return apply(call, call.board(board), {field: call.get('value')},
                     'value')
    return handler


for _name, _kind in FIELDS.items():
    update_one(_name, _kind)


def apply(call, board, given, label=None):
    values = {name: given[name] for name in ('closed', 'subscribed',
                                             'idOrganization')
              if name in given}
    if 'name' in given:
        values['name'] = rules.title(given['name'], label or 'name')
    if 'desc' in given:
        values['desc'] = rules.long_text(given['desc'], label or 'desc')
    prefs = {name.partition('/')[2]: truth(value)
             for name, value in given.items() if name.startswith('prefs/')}
    if prefs:
        values['prefs'] = board.data.get('prefs', {}) | prefs
    old = writing.change(board.data, values)
    old.pop('subscribed', None)
    for name, value in given.items():
        if name.startswith('labelNames/'):
            rename_labels(board, name.partition('/')[2], value)
            old.setdefault('labelNames', {})
    if old:
        call.account.touch(board)
    rules.log_change(call.account, board, 'updateBoard', call.who, 'board',
                     board.data, {name: value for name, value in old.items()
                                  if name in ('name', 'desc', 'closed',
                                              'prefs')})
    return views.board_view(call.account, board)


def rename_labels(board, shade, name):
    for label in board.labels.values():
        if label['color'] == shade:
            label['name'] = rules.title(name, 'value', least=0)
            return


@route('DELETE', '/boards/{board}')
def delete_board(call, board):
    call.account.drop_board(call.board(board))
    return NULL_VALUE


# Members of a board

@route('PUT', '/boards/{board}/members/{member}',
       {'type': p.choice('admin', 'normal', 'observer'),
        'allowBillableGuest': p.boolean})
def put_member(call, board, member):
    board = call.board(board)
    data = call.member(member)
    entry = board.membership(data['id'])
    if entry:
        entry['memberType'] = call.get('type', 'normal')
    else:
        call.account.add_membership(board, data['id'],
                                    call.get('type', 'normal'))
        rules.log(call.account, board, 'addMemberToBoard', call.who,
                  {'idMemberAdded': data['id'],
                   'memberType': call.get('type', 'normal')})
    call.account.touch(board)
    return {'id': board.id, 'members': board_members(call, board),
            'memberships': board.memberships}


def board_members(call, board):
    return [views.member_view(
        call.account, call.account.members[each['idMember']],
        ('id', 'username', 'confirmed', 'memberType')
        + views.MEMBER_NESTED[2:]) for each in board.memberships]


@route('DELETE', '/boards/{board}/members/{member}')
def delete_member(call, board, member):
    """Takes the member off the board and off its cards."""
    board = call.board(board)
    data = call.member(member)
    entry = board.membership(data['id'])
    if entry is None:
        raise not_found()
    board.memberships.remove(entry)
    for card in board.cards.values():
        if data['id'] in card.get('idMembers', ()):
            card['idMembers'].remove(data['id'])
    call.account.touch(board)
    return views.board_view(call.account, board) | {
        'members': board_members(call, board)}


# Labels: their changes move the board's date and are not in the log.

def make_label(call, board):
    if not call.has('name') or not call.has('color'):
        raise bad('name' if not call.has('name') else 'color')
    label = writing.new_label(
        call.account, board, rules.title(call.get('name'), least=0),
        call.get('color'))
    call.account.touch(board)
    return views.label_view(call.account, label) | {'limits': {}}


@route('POST', '/labels', {'name': p.anything, 'color': writing.color,
                           'idBoard': p.object_id})
def create_label(call):
    if not call.has('idBoard'):
        raise bad('idBoard')
    return make_label(call, call.board(call.get('idBoard')))


@route('POST', '/boards/{board}/labels',
       {'name': p.anything, 'color': writing.color})
def create_board_label(call, board):
    return make_label(call, call.board(board))


def change_label(call, label_id, given, name='name'):
    label = call.owned(call.account.labels, label_id)
    if 'name' in given:
        given['name'] = rules.title(given['name'], name, least=0)
    if writing.change(label, given):
        call.account.touch(call.account.board_of(label))
    return views.label_view(call.account, label)


@route('PUT', '/labels/{idLabel}',
       {'name': p.anything, 'color': writing.color})
def put_label(call, idLabel):
    return change_label(call, idLabel, dict(call.params))


@route('PUT', '/labels/{idLabel}/name', {'value': p.anything})
def put_label_name(call, idLabel):
    return change_label(call, idLabel, {'name': call.get('value')}, 'value')


@route('PUT', '/labels/{idLabel}/color', {'value': writing.color})
def put_label_color(call, idLabel):
    return change_label(call, idLabel, {'color': call.get('value')})


@route('DELETE', '/labels/{idLabel}')
def delete_label(call, idLabel):
    label = call.owned(call.account.labels, idLabel)
    board = call.account.board_of(label)
    call.account.drop_label(label)
    call.account.touch(board)
    return {'limits': {}}


# Custom fields

@route('POST', '/customFields', {
    'idModel': p.object_id, 'modelType': p.choice('board'),
    'name': p.anything, 'pos': p.pos, 'options': p.anything,
    'type': p.choice('checkbox', 'date', 'list', 'number', 'text'),
    'display_cardFront': p.boolean, 'display/cardFront': p.boolean})
def create_field(call):
    account = call.account
    board = call.board(call.get('idModel'))
    writing.check_count(len(board.fields), 50, 'custom fields')
    front = call.get('display_cardFront',
                     call.get('display/cardFront', True))
    data = {'id': account.new_id(), 'idModel': board.id,
            'modelType': 'board', 'fieldGroup': account.ids.hex(64),
            'display': {'cardFront': front},
            'name': rules.title(call.get('name')),
            'pos': rules.place(list(board.fields.values()),
                               call.get('pos', 'bottom')),
            'type': call.get('type', 'text')}
    if data['type'] == 'list':
        data['options'] = [
            new_option(account, data, each['value'], each.get('color'),
                       (place + 1) * rules.STEP)
            for place, each in enumerate(call.get('options') or ())]
    account.add_field(board, data)
    account.touch(board)
    return views.field_view(account, data)


def new_option(account, field, value, shade, pos):
    return {'id': account.new_id(), 'idCustomField': field['id'],
            'value': value, 'color': shade or 'none', 'pos': pos}


@route('PUT', '/customFields/{idField}', {
    'name': p.anything, 'pos': p.pos, 'display/cardFront': p.boolean})
def put_field(call, idField):
    data = find_field(call, idField)
    if call.has('name'):
        data['name'] = rules.title(call.get('name'))
    if call.has('pos'):
        data['pos'] = rules.place(
            list(call.account.boards[data['idModel']].fields.values()),
            call.get('pos'))
    if call.has('display/cardFront'):
        data['display'] = {'cardFront': call.get('display/cardFront')}
    return views.field_view(call.account, data)


@route('DELETE', '/customFields/{idField}')
def delete_field(call, idField):
    data = find_field(call, idField)
    board = call.account.boards[data['idModel']]
    del board.fields[idField], call.account.fields[idField]
    for card in board.cards.values():
        card['customFieldItems'] = [
            each for each in card.get('customFieldItems', ())
            if each['idCustomField'] != idField]
    return {'limits': {}}


@route('POST', '/customFields/{idField}/options', {
    'value': p.anything, 'color': p.text, 'pos': p.pos})
def add_option(call, idField):
    data = find_field(call, idField)
    if data['type'] != 'list' or not isinstance(call.get('value'), dict):
        raise bad('value')
    options = data.setdefault('options', [])
    option = new_option(call.account, data, call.get('value'),
                        call.get('color'),
                        rules.place(options, call.get('pos', 'bottom')))
    options.append(option)
    return option | {'_id': option['id']}


@route('DELETE', '/customFields/{idField}/options/{idOption}')
def delete_option(call, idField, idOption):
    data = find_field(call, idField)
    kept = [each for each in data.get('options', ())
            if each['id'] != idOption]
    if len(kept) == len(data.get('options', ())):
        raise ApiError(404, 'The requested resource was not found.')
    data['options'] = kept
    return {}
