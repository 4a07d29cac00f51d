"""Members, their boards and organizations; tokens; batch; search."""

import json

from . import nested, views
from . import params as p
from .api import NULL_VALUE, Reply, Request, parse_query
from .errors import ApiError, not_found
from .router import route
from .routes_boards import show_board

BOARD_FILTERS = ('all', 'closed', 'members', 'open', 'organization',
                 'public', 'starred', 'none', 'pinned', 'unpinned')
MEMBER_BOARDS = {
    'filter': p.csv, 'fields': p.fields('board'),
    'lists': p.choice(*nested.LIST_FILTERS), 'list_fields': p.fields('list'),
    'memberships': p.csv, 'organization': p.boolean,
    'organization_fields': p.fields('organization')} | nested.NESTED_ACTIONS
# What GET /1/members/{id} shows of others: no e-mail, no prefs.
PUBLIC = ('id',) + tuple(views.MEMBER_DEFAULTS)
OWN = PUBLIC + tuple(views.MEMBER_PRIVATE)


@route('GET', '/members/{member}',
       {'fields': p.fields('member'), 'boards': p.csv,
        'board_fields': p.fields('board'), 'organizations': p.csv,
        'organization_fields': p.fields('organization')})
def get_member(call, member):
    data = call.member(member)
    own = call.who == data['id']
    out = views.member_view(call.account, data,
                            call.get('fields', OWN if own else PUBLIC))
    if out.get('email') and not (own and 'account' in call.token.scope):
        out['email'] = None
    if call.get('boards'):
        out['boards'] = [
            views.board_view(call.account, each,
                             call.get('board_fields', views.BOARD_BASIC))
            for each in chosen_boards(call, data, call.get('boards'))]
    if call.get('organizations'):
        out['organizations'] = [
            views.organization_view(call.account, each,
                                    call.get('organization_fields'))
            for each in call.account.organizations.values()]
    return out


def chosen_boards(call, member, kinds):
    out = []
    for board in call.account.member_boards(member['id']):
        closed = board.data.get('closed', False)
        if call.who != member['id'] and not (
                call.token and board.membership(call.who)):
            continue
        if 'all' in kinds or 'members' in kinds \
                or 'open' in kinds and not closed \
                or 'closed' in kinds and closed \
                or 'starred' in kinds and board.data.get('starred'):
            out.append(board)
    return out


def show_boards(call, member, kinds):
    for kind in kinds:
        if kind not in BOARD_FILTERS:
            raise ApiError(400, 'invalid value for filter')
    fields = call.get('fields', views.ALL['board'])
    boards = chosen_boards(call, member, kinds)
    return [show_board(call, board, fields) for board in boards]


@route('GET', '/members/{member}/boards', MEMBER_BOARDS)
def get_boards(call, member):
    return show_boards(call, call.member(member),
                       call.get('filter', ['all']))


@route('GET', '/members/{member}/boards/{word}', MEMBER_BOARDS)
def get_filtered_boards(call, member, word):
    return show_boards(call, call.member(member), word.split(','))


@route('GET', '/members/{member}/cards',
       nested.CARD | nested.PAGING
       | {'filter': p.choice(*nested.CARD_FILTERS)})
def get_member_cards(call, member):
    data = call.member(member)
    cards = [card for board in chosen_boards(call, data, ['all'])
             for card in board.cards.values()
             if data['id'] in card.get('idMembers', ())]
    cards = nested.filter_cards(call.account, cards,
                                call.get('filter', 'visible'))
    return nested.show_cards(call, nested.page_cards(call, cards),
                             nested.read_card(call))


@route('GET', '/members/{member}/organizations',
       {'filter': p.csv, 'fields': p.fields('organization')})
def get_organizations(call, member):
    call.member(member)
    return [views.organization_view(call.account, each, call.get('fields'))
            for each in call.account.organizations.values()]


@route('GET', '/organizations/{word}',
       {'fields': p.fields('organization')})
def get_organization(call, word):
    for each in call.account.organizations.values():
        if word in (each['id'], each['name']):
            return views.organization_view(call.account, each,
                                           call.get('fields'))
    raise not_found()


# Tokens: anybody who holds one may ask about it.

def find_token(call, value):
    token = call.account.tokens.get(value)
    if token is None or token.revoked:
        raise ApiError(401, 'invalid token')
    return token


@route('GET', '/tokens/{token}', {'fields': p.fields('token'),
                                  'webhooks': p.boolean})
def get_token(call, token):
    token = find_token(call, token)
    out = token.view(call.account.keys[token.key].name)
    if call.has('fields'):
        out = {name: out[name] for name in call.get('fields')}
    if call.get('webhooks'):
        out['webhooks'] = []
    return out


@route('GET', '/tokens/{token}/member', {'fields': p.fields('member')})
def get_token_member(call, token):
    token = find_token(call, token)
    return views.member_view(call.account,
                             call.account.members[token.member],
                             call.get('fields', PUBLIC))


@route('DELETE', '/tokens/{token}', scope='read')
def delete_token(call, token):
    find_token(call, token).revoked = True
    return NULL_VALUE


@route('GET', '/batch', {'urls': p.text})
def get_batch(call):
    """At most ten routes; a failure is an item and not the reply's."""
    urls = call.get('urls', '').split(',')
    if not call.get('urls') or len(urls) > 10:
        raise ApiError(400, 'invalid value for urls')
    return [batch_item(call, url) for url in urls]


def batch_item(call, url):
    path, _, query = url.partition('?')
    if not path.startswith('/'):
        return failure(ApiError(400, 'invalid url'))
    if not path.startswith('/1/'):
        path = '/1' + path
    if path.strip('/').split('/')[1] == 'batch':
        return failure(ApiError(400, 'batch routes cannot be nested'))
    if call.settings.batch_items_count:
        _, error = call.api.limiter.take(
            call.credentials.key, call.credentials.token, False)
        if error:
            return failure(error)
    request = Request('GET', path + ('?' + query if query else ''),
                      base=call.request.base)
    try:
        result = call.api.execute(request, call.account, call.credentials,
                                  parse_query(query), {})
    except ApiError as error:
        return failure(error)
    if isinstance(result, Reply):
        result = json.loads(result.body)
    return {'200': result}


NAMES = {400: 'BadRequest', 401: 'Unauthorized', 403: 'Forbidden',
         404: 'NotFound', 429: 'TooManyRequests'}


def failure(error):
    return {'name': NAMES.get(error.status, 'Error') + 'Error',
            'message': error.body, 'statusCode': error.status}


SEARCH = {
    'query': p.text, 'idBoards': p.csv, 'idOrganizations': p.csv,
    'idCards': p.csv, 'modelTypes': p.csv, 'board_fields': p.fields('board'),
    'boards_limit': p.number(1000), 'card_fields': p.fields('card'),
    'cards_limit': p.number(1000), 'cards_page': p.number(100),
    'card_board': p.boolean, 'card_list': p.boolean,
    'card_members': p.boolean, 'card_stickers': p.boolean,
    'card_attachments': p.boolean, 'partial': p.boolean,
    'board_organization': p.boolean, 'organizations_limit': p.number(1000),
    'organization_fields': p.fields('organization'),
    'member_fields': p.fields('member'), 'members_limit': p.number(1000)}


@route('GET', '/search', SEARCH)
def get_search(call):
    """Cards with all the words in their name or description; @me."""
    if not call.settings.search:
        raise not_found()
    words = call.get('query', '').lower().split()
    if not words:
        raise ApiError(400, 'invalid value for query')
    me = call.member('me')
    found = [card for board in call.account.member_boards(me['id'])
             for card in board.cards.values()
             if all(matches(call, card, word) for word in words)]
    limit = call.get('cards_limit', 10)
    start = limit * call.get('cards_page', 0)
    return {'options': {'terms': [{'text': word} for word in words],
                        'modifiers': [], 'modelTypes': ['cards'],
                        'partial': call.get('partial', False)},
            'cards': [views.card_view(call.account, card,
                                      call.get('card_fields',
                                               views.CARD_BASIC))
                      for card in found[start:start + limit]]}


def matches(call, card, word):
    if word == '@me':
        return call.who in card.get('idMembers', ())
    if word in ('is:open', 'is:archived'):
        return nested.is_open(card) == (word == 'is:open')
    kind, colon, rest = word.partition(':')
    if colon and kind == 'list':
        data = call.account.lists[card['idList']]
        return rest in data['name'].lower()
    if colon and kind == 'label':
        return any(rest in (call.account.labels[each]['name'].lower(),
                            call.account.labels[each]['color'])
                   for each in card.get('idLabels', ()))
    return word in card['name'].lower() or word in card.get('desc',
                                                            '').lower()
