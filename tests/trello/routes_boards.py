"""Reading boards, and everything below them."""

from . import nested, views
from . import params as p
from .api import encode, Reply
from .errors import StrictError
from .ids import parse_date
from .router import route

MEMBER_KINDS = {'normal': 'normal', 'admins': 'admin', 'owners': 'admin',
                'admin': 'admin'}

BOARD = {
    'fields': p.fields('board'),
    'lists': p.choice(*nested.LIST_FILTERS), 'list_fields': p.fields('list'),
    'cards': p.choice(*nested.CARD_FILTERS),
    'cards_modifiedSince': p.date,
    'checklists': p.choice('none', 'all'),
    'checklist_fields': p.fields('checklist'),
    'labels': p.choice('none', 'all'), 'label_fields': p.fields('label'),
    'labels_limit': p.number(1000),
    'members': p.choice('none', 'normal', 'admins', 'owners', 'all'),
    'member_fields': p.fields('member'),
    'memberships': p.csv, 'memberships_member': p.boolean,
    'memberships_member_fields': p.fields('member'),
    'membersInvited': p.choice('none', 'all'),
    'membersInvited_fields': p.fields('member'),
    'customFields': p.boolean, 'pluginData': p.boolean,
    'organization': p.boolean,
    'organization_fields': p.fields('organization'),
    'boardStars': p.choice('mine', 'none'), 'myPrefs': p.boolean,
    'tags': p.boolean} | nested.NESTED_CARD | nested.NESTED_ACTIONS


@route('GET', '/boards/{board}', BOARD)
def get_board(call, board):
    board = call.board(board)
    return show_board(call, board, call.get('fields', views.BOARD_BASIC))


def show_board(call, board, fields):
    account = call.account
    out = views.board_view(account, board, fields)
    add_cards(call, board, out)
    if call.get('lists', 'none') != 'none':
        out['lists'] = [
            views.list_view(account, each,
                            call.get('list_fields', views.LIST_NESTED))
            for each in nested.filter_lists(board, call.get('lists'))]
    if call.get('labels') == 'all':
        out['labels'] = show_labels(call, board, call.get('label_fields'),
                                    call.get('labels_limit', 50))
    if call.get('checklists') == 'all':
        fields = call.get('checklist_fields', views.CHECKLIST_BASIC)
        out['checklists'] = [views.checklist_view(account, each, fields)
                             for each in board.checklists.values()]
    if call.get('customFields'):
        out['customFields'] = [views.field_view(account, each)
                               for each in board.fields.values()]
    add_members(call, board, out)
    actions = nested.read_nested_actions(call)
    if actions:
        out['actions'] = nested.show_actions(account, board.actions, actions)
    for name in ('pluginData', 'tags', 'boardStars', 'membersInvited'):
        if call.get(name, 'none') not in ('none', False):
            out[name] = []
    return out


def add_cards(call, board, out):
    which = call.get('cards', 'none')
    if which == 'none':
        return
    cards = nested.filter_cards(call.account, board.cards.values(), which)
    since = call.get('cards_modifiedSince')
    if since:
        cards = [card for card in cards
                 if parse_date(card['dateLastActivity']) > since]
    cap = call.settings.nested_cards
    if cap is not None and len(cards) > cap:
        cards = sorted(cards, key=lambda card: card['id'])[-cap:]
    out['cards'] = nested.show_cards(call, cards,
                                     nested.read_card(call, 'card_'))


def show_labels(call, board, fields, limit):
    labels = list(board.labels.values())[:limit]
    return [views.label_view(call.account, each, fields or views.LABEL_BASIC)
            for each in labels]


def board_members(call, board, which, fields):
    kind = MEMBER_KINDS.get(which)
    return [views.member_view(call.account,
                              call.account.members[each['idMember']], fields)
            for each in board.memberships
            if kind is None or each['memberType'] == kind]


def add_members(call, board, out):
    which = call.get('members', 'none')
    if which != 'none':
        out['members'] = board_members(
            call, board, which,
            call.get('member_fields', views.MEMBER_NESTED + ('confirmed',)))
    kinds = call.get('memberships', ['none'])
    if kinds != ['none']:
        out['memberships'] = show_memberships(
            call, board, kinds, call.get('memberships_member', False),
            call.get('memberships_member_fields', views.MEMBER_SHORT))
    if call.get('organization'):
        data = call.account.organizations.get(
            board.data.get('idOrganization'))
        if data:
            out['organization'] = views.organization_view(
                call.account, data, call.get('organization_fields'))


def show_memberships(call, board, kinds, with_member, fields):
    out = []
    for each in board.memberships:
        mine = 'me' in kinds and each['idMember'] == call.who
        if not ('all' in kinds or 'active' in kinds or mine
                or each['memberType'] in kinds):
            continue
        entry = dict(each)
        if with_member:
            entry['member'] = views.member_view(
                call.account, call.account.members[each['idMember']], fields)
        out.append(entry)
    return out


CARDS_BELOW = nested.CARD | nested.PAGING | nested.NESTED_ACTIONS | {
    'filter': p.choice(*nested.CARD_FILTERS)}


def list_cards(call, cards, which):
    cards = nested.filter_cards(call.account, cards, which)
    return nested.show_cards(call, nested.page_cards(call, cards),
                             nested.read_card(call),
                             nested.read_nested_actions(call))


@route('GET', '/boards/{board}/cards', CARDS_BELOW)
def get_cards(call, board):
    board = call.board(board)
    return list_cards(call, board.cards.values(), call.get('filter', 'open'))


@route('GET', '/boards/{board}/cards/{word=none|open|closed|all|visible}',
       CARDS_BELOW)
def get_filtered_cards(call, board, word):
    board = call.board(board)
    return list_cards(call, board.cards.values(), word)


LISTS = {'cards': p.choice(*nested.CARD_FILTERS),
         'filter': p.choice(*nested.LIST_FILTERS),
         'fields': p.fields('list')} | nested.NESTED_CARD


def show_lists(call, board, which):
    out = []
    for each in nested.filter_lists(board, which):
        entry = views.list_view(call.account, each,
                                call.get('fields', views.LIST_NESTED))
        if call.get('cards', 'none') != 'none':
            cards = nested.filter_cards(
                call.account, call.account.cards_of(each['id']),
                call.get('cards'))
            entry['cards'] = nested.show_cards(
                call, cards, nested.read_card(call, 'card_'))
        out.append(entry)
    return out


@route('GET', '/boards/{board}/lists', LISTS)
def get_lists(call, board):
    return show_lists(call, call.board(board), call.get('filter', 'open'))


@route('GET', '/boards/{board}/lists/{word=none|open|closed|all}', LISTS)
def get_filtered_lists(call, board, word):
    return show_lists(call, call.board(board), word)


@route('GET', '/boards/{board}/labels',
       {'fields': p.fields('label'), 'limit': p.number(1000)})
def get_labels(call, board):
    return show_labels(call, call.board(board), call.get('fields'),
                       call.get('limit', 50))


@route('GET', '/boards/{board}/checklists',
       {'filter': p.choice('all', 'none'), 'fields': p.fields('checklist'),
        'checkItems': p.choice('all', 'none'),
        'checkItem_fields': p.fields('item')})
def get_checklists(call, board):
    board = call.board(board)
    return [views.checklist_view(
        call.account, each, call.get('fields', views.CHECKLIST_BASIC),
        call.get('checkItem_fields', views.ITEM_BASIC))
        for each in board.checklists.values()]


@route('GET', '/boards/{board}/members',
       {'filter': p.choice('all', 'normal', 'admins', 'owners', 'none'),
        'fields': p.fields('member'), 'activity': p.boolean})
def get_members(call, board):
    return board_members(call, call.board(board), call.get('filter', 'all'),
                         call.get('fields', views.MEMBER_SHORT))


@route('GET', '/boards/{board}/memberships',
       {'filter': p.csv, 'member': p.boolean,
        'member_fields': p.fields('member')})
def get_memberships(call, board):
    return show_memberships(
        call, call.board(board), call.get('filter', ['all']),
        call.get('member', False),
        call.get('member_fields', views.MEMBER_SHORT))


@route('GET', '/boards/{board}/customFields')
def get_custom_fields(call, board):
    return [views.field_view(call.account, each)
            for each in call.board(board).fields.values()]


@route('GET', '/boards/{board}/actions', nested.ACTIONS)
def get_actions(call, board):
    return nested.show_actions(call.account, call.board(board).actions,
                               nested.read_actions(call))


@route('GET', '/boards/{board}/pluginData')
def get_plugin_data(call, board):
    call.board(board)
    return []


@route('GET', '/boards/{board}/{word=labelnames|labelNames}')
def get_label_names(call, board, word):
    return views.label_names(call.board(board))


@route('GET', '/boards/{board}/{word}')
def get_board_field(call, board, word):
    board = call.board(board)
    return field_reply(call, views.board_view(call.account, board,
                                              views.ALL['board']), word)


def field_reply(call, shown, name):
    """GET .../{field}: a scalar is wrapped, an object is not."""
    if name not in shown:
        raise StrictError(404, 'Cannot GET ' + call.request.target)
    value = shown[name]
    if isinstance(value, (dict, list)):
        return value
    return Reply(200, encode({'_value': value}) + b'\n')
