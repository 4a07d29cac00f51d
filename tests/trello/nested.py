"""Nested resources: the parameters that many routes share, and what they
add to a reply."""

import dataclasses

from . import params as p
from . import views
from .errors import too_many_cards
from .model import sorted_by_pos

CARD_FILTERS = ('none', 'open', 'closed', 'all', 'visible')
LIST_FILTERS = ('none', 'open', 'closed', 'all')
DEFAULT_CARD_ACTIONS = ['commentCard', 'updateCard:idList']

# A card's own nested resources, as GET /1/cards/{id} names them.
CARD = {
    'fields': p.fields('card'), 'attachments': p.choice('true', 'false',
                                                        'cover'),
    'attachment_fields': p.fields('attachment'), 'members': p.boolean,
    'member_fields': p.fields('member'), 'membersVoted': p.boolean,
    'memberVoted_fields': p.fields('member'), 'checkItemStates': p.boolean,
    'checkItemState_fields': p.text, 'checklists': p.choice('none', 'all'),
    'checklist_fields': p.fields('checklist'), 'customFieldItems': p.boolean,
    'stickers': p.boolean, 'sticker_fields': p.text,
    'pluginData': p.boolean}
# The same, below a board.
NESTED_CARD = {
    'card_fields': p.fields('card'),
    'card_attachments': p.choice('true', 'false', 'cover'),
    'card_attachment_fields': p.fields('attachment'),
    'card_checklists': p.choice('none', 'all'), 'card_members': p.boolean,
    'card_member_fields': p.fields('member'),
    'card_customFieldItems': p.boolean, 'card_stickers': p.boolean,
    'card_pluginData': p.boolean}
ACTIONS = {
    'filter': p.action_filter, 'fields': p.fields('action'),
    'limit': p.number(1000), 'format': p.choice('count', 'list', 'minimal'),
    'since': p.bound, 'before': p.bound, 'page': p.number(19),
    'idModels': p.csv, 'reactions': p.boolean, 'member': p.boolean,
    'member_fields': p.fields('member'), 'memberCreator': p.boolean,
    'memberCreator_fields': p.fields('member'), 'display': p.boolean,
    'entities': p.boolean}
NESTED_ACTIONS = {
    'actions': p.nested_actions, 'action_fields': p.fields('action'),
    'actions_limit': p.number(1000), 'actions_since': p.bound,
    'actions_before': p.bound,
    'actions_format': p.choice('count', 'list', 'minimal'),
    'action_member': p.boolean, 'action_member_fields': p.fields('member'),
    'action_memberCreator': p.boolean,
    'action_memberCreator_fields': p.fields('member'),
    'actions_display': p.boolean, 'actions_entities': p.boolean}
PAGING = {'limit': p.number(1000), 'since': p.bound, 'before': p.bound}


@dataclasses.dataclass
class Actions:
    """Which actions are wanted, and what of each."""

    filter: list = None
    limit: int = 50
    since: str = None
    before: str = None
    page: int = 0
    format: str = 'list'
    models: list = None
    view: dict = dataclasses.field(default_factory=dict)


def read_actions(call, default_filter=None):
    """The options of a route that answers with actions."""
    return Actions(
        call.get('filter', default_filter), call.get('limit', 50),
        call.get('since'), call.get('before'), call.get('page', 0),
        call.get('format', 'list'), call.get('idModels'),
        {'fields': call.get('fields', views.ACTION_FIELDS),
         'creator': shown(call, 'memberCreator'),
         'member': shown(call, 'member'),
         'display': call.get('display', False),
         'entities': call.get('entities', False)})


def read_nested_actions(call):
    """The same for actions=...; None if they are not asked for."""
    if call.get('actions', False) is False:
        return None
    return Actions(
        call.get('actions'), call.get('actions_limit', 50),
        call.get('actions_since'), call.get('actions_before'), 0,
        call.get('actions_format', 'list'), None,
        {'fields': call.get('action_fields', views.ACTION_FIELDS),
         'creator': shown(call, 'action_memberCreator'),
         'member': shown(call, 'action_member'),
         'display': call.get('actions_display', False),
         'entities': call.get('actions_entities', False)})


def shown(call, name):
    if not call.get(name, True):
        return None
    return call.get(name + '_fields', views.MEMBER_NESTED)


def wanted(action, chosen):
    if chosen is None:
        return True
    for each in chosen:
        kind, _, changed = each.partition(':')
        if action['type'] == kind and (
                not changed or changed in action['data'].get('old', ())):
            return True
    return False


def show_actions(account, actions, options):
    """Newest first, filtered, cut to the limit."""
    found = []
    skip = options.page * options.limit
    for action in reversed(actions):
        if len(found) >= skip + options.limit:
            break
        if options.before and action['id'] >= options.before:
            continue
        if options.since and action['id'] <= options.since:
            continue
        if options.models and action['data'].get('card', {}).get('id') \
                not in options.models:
            continue
        if wanted(action, options.filter):
            found.append(action)
    found = found[skip:]
    if options.format == 'count':
        return {'_value': len(found)}
    return [views.action_view(account, each, **options.view)
            for each in found]


@dataclasses.dataclass
class Cards:
    """What is wanted of each card."""

    fields: tuple = views.CARD_BASIC
    attachments: str = 'false'
    attachment_fields: tuple = None
    checklists: str = 'none'
    checklist_fields: tuple = views.CHECKLIST_BASIC
    members: bool = False
    member_fields: tuple = views.MEMBER_NESTED
    fieldItems: bool = False
    stickers: bool = False
    pluginData: bool = False


def read_card(call, prefix=''):
    get = call.get
    return Cards(
        get(prefix + 'fields', views.CARD_BASIC),
        get(prefix + 'attachments', 'false'),
        get(prefix + 'attachment_fields'),
        get(prefix + 'checklists', 'none'),
        get('checklist_fields', views.CHECKLIST_BASIC),
        get(prefix + 'members', False),
        get(prefix + 'member_fields', views.MEMBER_NESTED),
        get(prefix + 'customFieldItems', False),
        get(prefix + 'stickers', False), get(prefix + 'pluginData', False))


def show_card(account, card, want):
    out = views.card_view(account, card, want.fields)
    if want.attachments != 'false':
        cover = card.get('idAttachmentCover')
        out['attachments'] = [
            views.attachment_view(account, card, each,
                                  want.attachment_fields)
            for each in card.get('attachments', ())
            if want.attachments == 'true' or each['id'] == cover]
    if want.checklists == 'all':
        out['checklists'] = [
            views.checklist_view(account, each, want.checklist_fields)
            for each in account.card_checklists.get(card['id'], ())]
    if want.members:
        out['members'] = [
            views.member_view(account, account.members[each],
                              want.member_fields)
            for each in card.get('idMembers', ())
            if each in account.members]
    if want.fieldItems:
        out['customFieldItems'] = [
            views.field_item_view(account, card, each)
            for each in card.get('customFieldItems', ())]
    if want.stickers:
        out['stickers'] = card.get('stickers', [])
    if want.pluginData:
        out['pluginData'] = card.get('pluginData', [])
    return out


def is_open(thing):
    return not thing.get('closed')


def filter_cards(account, cards, which):
    """open: not archived itself; visible: nor is its list."""
    if which == 'none':
        return []
    if which == 'open':
        return [card for card in cards if is_open(card)]
    if which == 'visible':
        return [card for card in cards if is_open(card)
                and is_open(account.lists[card['idList']])]
    if which == 'closed':
        return [card for card in cards if not is_open(card)]
    return list(cards)


def filter_lists(board, which):
    lists = sorted_by_pos(board.lists.values())
    if which == 'open':
        return [each for each in lists if is_open(each)]
    if which == 'closed':
        return [each for each in lists if not is_open(each)]
    return lists if which == 'all' else []


def page_cards(call, cards):
    """before, since and limit go by creation; limit keeps the newest."""
    before, since = call.get('before'), call.get('since')
    if before:
        cards = [card for card in cards if card['id'] < before]
    if since:
        cards = [card for card in cards if card['id'] > since]
    limit = min(call.get('limit', call.settings.cards_page),
                call.settings.cards_page)
    if len(cards) > limit:
        newest = sorted(card['id'] for card in cards)[-limit:]
        keep = set(newest if limit else ())
        cards = [card for card in cards if card['id'] in keep]
    return cards


def show_cards(call, cards, want, actions=None):
    """Many cards in board order, each with its own actions if asked."""
    account = call.account
    most = call.settings.too_many_cards
    if actions:
        most = call.settings.too_many_cards_with_actions
    if most is not None and len(cards) > most:
        raise too_many_cards()
    out = []
    for card in views.board_order(account, cards):
        shown_card = show_card(account, card, want)
        if actions:
            shown_card['actions'] = show_actions(
                account, account.card_actions.get(card['id'], ()), actions)
        out.append(shown_card)
    return out
