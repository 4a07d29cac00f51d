"""Creating, changing, moving and deleting cards."""

from . import nested, rules, views, writing
from . import params as p
from .errors import ApiError, bad
from .ids import iso
from .model import sorted_by_pos
from .router import route
from .writes_attachments import new_attachment

FIELDS = {
    'name': p.anything, 'desc': p.anything, 'closed': p.boolean,
    'idList': p.object_id, 'idBoard': p.object_id, 'pos': p.pos,
    'due': p.date, 'start': p.date, 'dueComplete': p.boolean,
    'dueReminder': p.anything, 'idLabels': p.ids, 'idMembers': p.ids,
    'idAttachmentCover': p.id_or_none, 'subscribed': p.boolean,
    'cover': p.mapping, 'address': p.text, 'locationName': p.text,
    'coordinates': p.anything}
CREATE = {name: FIELDS[name] for name in (
    'name', 'desc', 'pos', 'due', 'start', 'dueComplete', 'idList',
    'idMembers', 'idLabels', 'address', 'locationName', 'coordinates')} | {
        'urlSource': p.text, 'fileSource': p.anything, 'mimeType': p.text,
        'idCardSource': p.id_or_none, 'keepFromSource': p.csv,
        'cardRole': p.text}
PLAIN = ('closed', 'dueComplete', 'idAttachmentCover', 'subscribed',
         'address', 'locationName', 'coordinates', 'cover')


def simple_values(call, given, label=None):
    """The new values of fields that need no look at other objects.

    label: the name errors use, where the parameter is called value.
    """
    out = {name: given[name] for name in PLAIN if name in given}
    if 'name' in given:
        out['name'] = rules.title(given['name'], label or 'name')
    if 'desc' in given:
        out['desc'] = rules.long_text(given['desc'], label or 'desc')
    for name in ('due', 'start'):
        if name in given:
            out[name] = writing.date_text(given[name])
    if 'dueReminder' in given:
        out['dueReminder'] = reminder(given['dueReminder'])
    if 'closed' in out:
        out['dateClosed'] = iso(call.account.now()) if out['closed'] \
            else None
    return out


def reminder(value):
    if value in (None, '', 'null'):
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise bad('dueReminder') from None


@route('POST', '/cards', CREATE)
def create_card(call):
    account = call.account
    if not call.has('idList'):
        raise bad('idList')
    data = account.lists.get(call.get('idList'))
    if data is None:
        raise ApiError(404, 'could not find the board that the card '
                       'belongs to')
    board = call.check(account.board_of(data))
    source = source_card(call)
    values = simple_values(call, call.params)
    if 'name' not in values:
        if not source and not call.get('urlSource') \
                and not call.get('fileSource'):
            raise bad('name')
        values['name'] = source['name'] if source \
            else call.get('urlSource') or 'file'
    check_labels(board, call.get('idLabels', ()))
    check_members(board, call.get('idMembers', ()))
    check_room(call, board)
    card = {'id': account.new_id(), 'desc': '', 'closed': False,
            'idBoard': board.id, 'idList': data['id'],
            'idShort': board.last_short + 1,
            'shortLink': account.ids.short_link(),
            'idLabels': list(dict.fromkeys(call.get('idLabels', ()))),
            'idMembers': [], 'idMemberCreator': call.who,
            'subscribed': False} | values
    siblings = rules.open_cards(account, data['id'])
    card['pos'] = rules.place(siblings, call.get('pos', 'bottom'))
    account.add_card(board, card)
    rules.make_room(card, siblings + [card])
    account.touch(board, card)
    rules.log(account, board, 'createCard', call.who, {}, card)
    writing.set_members(call, board, card, call.get('idMembers', []))
    if source:
        copy_parts(call, source, board, card)
    attach_source(call, card)
    shown = views.card_view(account, card)
    return shown | {'attachments': nested.show_card(
        account, card, nested.Cards(attachments='true'))['attachments'],
        'stickers': [], 'limits': {}}


def source_card(call):
    if not call.get('idCardSource'):
        return None
    source = call.account.cards.get(call.get('idCardSource'))
    if source is None:
        raise writing.forbidden_elsewhere('cards')
    return source


def copy_parts(call, source, board, card):
    """keepFromSource: what comes along from the copied card."""
    keep = call.get('keepFromSource', ['all'])
    every = 'all' in keep
    for name, part in (('due', 'due'), ('start', 'start'),
                       ('desc', 'desc')):
        if (every or part in keep or name == 'desc') \
                and not call.has(name):
            card[name] = source.get(name, card.get(name))
    if every or 'labels' in keep:
        card['idLabels'] = [
            writing.label_like(call.account, board, call.account.labels[each])
            for each in source.get('idLabels', ())]
    if every or 'checklists' in keep:
        for each in call.account.card_checklists.get(source['id'], ()):
            copy_checklist(call.account, board, card, each)
    if every or 'comments' in keep:
        copy_comments(call, source, board, card)


def copy_comments(call, source, board, card):
    for each in list(call.account.card_actions.get(source['id'], ())):
        if each['type'] in ('commentCard', 'copyCommentCard'):
            rules.log(call.account, board, 'copyCommentCard', call.who, {
                'text': each['data']['text'],
                'idOriginalCommenter': each['idMemberCreator'],
                'cardSource': rules.card_stub(source)}, card, False)


def copy_checklist(account, board, card, source):
    items = [item | {'id': account.new_id()}
             for item in source['checkItems']]
    return account.add_checklist(board, {
        'id': account.new_id(), 'name': source['name'],
        'idCard': card['id'], 'idBoard': board.id, 'pos': source['pos'],
        'checkItems': items})


def attach_source(call, card):
    if call.get('urlSource'):
        new_attachment(call, card, url=call.get('urlSource'))
    elif call.get('fileSource'):
        new_attachment(call, card, file=call.get('fileSource'))


def check_labels(board, labels, name='idLabels'):
    for each in labels:
        if each not in board.labels:
            raise bad(name)


def check_members(board, members):
    for each in members:
        if not board.membership(each):
            raise bad('idMembers')


def check_room(call, board):
    count = sum(not card.get('closed') for card in board.cards.values())
    writing.check_count(count, call.settings.max_cards, 'cards')


@route('PUT', '/cards/{card}', FIELDS)
def update_card(call, card):
    return apply(call, call.card(card), call.params)


def update_one(field, kind):
    params = {'value': kind}
    if field == 'idBoard':
        params['idList'] = p.object_id
    elif field == 'idList':
        params['pos'] = p.pos

    @route('PUT', f'/cards/{{card}}/{field}', params)
    def handler(call, card):
        if not call.has('value'):
            raise bad('value')
        given = dict(call.params)
        given[field] = given.pop('value')
        return apply(call, call.card(card), given, 'value')
    return handler


for _name in ('name', 'desc', 'closed', 'idList', 'idBoard', 'pos', 'due',
              'start', 'dueComplete', 'idLabels', 'idMembers',
              'idAttachmentCover', 'subscribed'):
    update_one(_name, FIELDS[_name])


def apply(call, card, given, label=None):
    """One PUT: everything is checked, then all of it takes effect."""
    account = call.account
    values = simple_values(call, given, label)
    board, data = destination(call, card, given)
    check_labels(board, given.get('idLabels', ()))
    check_members(board, given.get('idMembers', ()))
    moved = move(call, card, board, data, given)
    old = writing.change(card, values)
    old.pop('dateClosed', None)
    if 'idLabels' in given:
        old |= writing.change(card, {'idLabels': given['idLabels']})
    changed = bool(old) or moved
    if changed:
        account.touch(board, card)
    rules.log_change(account, board, 'updateCard', call.who, 'card', card,
                     old, card)
    if 'idMembers' in given and writing.set_members(
            call, board, card, given['idMembers']):
        account.touch(board, card)
    return views.card_view(account, card)


def destination(call, card, given):
    """The board and the list that a card is to be in."""
    account = call.account
    board = account.board_of(card)
    data = account.lists[card['idList']]
    if 'idBoard' in given and given['idBoard'] != board.id:
        board = writing.target_board(call, given['idBoard'])
        lists = sorted_by_pos(rules.open_lists(board))
        data = lists[0] if lists else None
    if 'idList' in given:
        data = board.lists.get(given['idList'])
    if data is None:
        raise bad('idList')
    return board, data


def move(call, card, board, data, given):
    """Another board, another list, another place. True if it moved."""
    account = call.account
    old_list = account.lists[card['idList']]
    old_pos = card['pos']
    elsewhere = board.id != card['idBoard']
    if elsewhere:
        old, gone = writing.resettle(call, card, board)
    card['idList'] = data['id']
    siblings = rules.open_cards(account, data['id'], but=card)
    if 'pos' in given:
        card['pos'] = rules.place(siblings, given['pos'])
    elif elsewhere:
        card['pos'] = rules.place(siblings, 'bottom')
    if 'pos' in given or data is not old_list:
        rules.make_room(card, siblings)
    if elsewhere:
        account.touch(board, card)
        writing.log_move(call, card, board, old, gone)
    elif data is not old_list:
        account.touch(board, card)
        rules.log(account, board, 'updateCard', call.who, {
            'old': {'idList': old_list['id']},
            'card': {'idList': data['id']},
            'listBefore': rules.list_stub(old_list),
            'listAfter': rules.list_stub(data)}, card)
    elif card['pos'] != old_pos:
        account.touch(board, card)
        rules.log_change(account, board, 'updateCard', call.who, 'card',
                         card, {'pos': old_pos}, card)
    return elsewhere or data is not old_list or card['pos'] != old_pos


@route('DELETE', '/cards/{card}')
def delete_card(call, card):
    account = call.account
    card = call.card(card)
    board = account.board_of(card)
    for action in list(account.card_actions.get(card['id'], ())):
        account.drop_action(action)
    data = {'card': {'id': card['id'], 'idShort': card['idShort'],
                     'shortLink': card['shortLink']},
            'list': rules.list_stub(account.lists[card['idList']])}
    account.drop_card(card)
    account.touch(board)
    rules.log(account, board, 'deleteCard', call.who, data)
    return {'limits': {}}
