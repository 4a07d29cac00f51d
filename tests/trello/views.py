"""How objects look in a reply: which keys, defaults, computed values."""

import functools
import urllib.parse

from . import limits
from .ids import slug
from .model import sorted_by_pos

COLORS = ('green', 'yellow', 'orange', 'red', 'purple', 'blue', 'sky',
          'lime', 'pink', 'black')

BOARD_DEFAULTS = {
    'nodeId': None, 'name': '', 'desc': '', 'descData': None,
    'closed': False, 'dateClosed': None, 'idOrganization': None,
    'idEnterprise': None, 'limits': limits.BOARD, 'pinned': False,
    'starred': False, 'url': None, 'prefs': None, 'shortLink': None,
    'subscribed': False, 'labelNames': None, 'powerUps': [],
    'dateLastActivity': None, 'dateLastView': None, 'shortUrl': None,
    'idTags': [], 'datePluginDisable': None, 'creationMethod': None,
    'ixUpdate': None, 'templateGallery': None, 'enterpriseOwned': False,
    'idBoardSource': None, 'premiumFeatures': [], 'idMemberCreator': None,
    'type': None, 'memberships': None}
BOARD_BASIC = ('id', 'name', 'desc', 'descData', 'closed', 'idOrganization',
               'idEnterprise', 'pinned', 'url', 'shortUrl', 'prefs',
               'labelNames')
PREFS = {
    'permissionLevel': 'private', 'hideVotes': False, 'voting': 'disabled',
    'comments': 'members', 'invitations': 'members', 'selfJoin': True,
    'cardCovers': True, 'showCompleteStatus': True, 'cardCounts': False,
    'isTemplate': False, 'cardAging': 'regular',
    'calendarFeedEnabled': False, 'hiddenPluginBoardButtons': [],
    'switcherViews': [], 'background': 'blue', 'backgroundColor': '#0079BF',
    'backgroundDarkColor': None, 'backgroundImage': None,
    'backgroundDarkImage': None, 'backgroundImageScaled': None,
    'backgroundTile': False, 'backgroundBrightness': 'dark',
    'sharedSourceUrl': None, 'backgroundBottomColor': '#0079BF',
    'backgroundTopColor': '#0079BF', 'canBePublic': True,
    'canBeEnterprise': True, 'canBeOrg': True, 'canBePrivate': True,
    'canInvite': True}

LIST_DEFAULTS = {
    'name': '', 'closed': False, 'color': None, 'idBoard': None, 'pos': 0,
    'subscribed': False, 'softLimit': None, 'type': None,
    'datasource': {'filter': False}, 'creationMethod': None,
    'idOrganization': None, 'limits': limits.LIST, 'nodeId': None}
LIST_BASIC = ('id', 'name', 'closed', 'pos', 'idBoard')
LIST_NESTED = ('id', 'name', 'closed', 'color', 'idBoard', 'pos',
               'subscribed', 'softLimit', 'type', 'datasource')

LABEL_DEFAULTS = {'idBoard': None, 'name': '', 'color': None,
                  'nodeId': None, 'uses': 0}
LABEL_BASIC = ('id', 'idBoard', 'name', 'color')

CHECKLIST_DEFAULTS = {
    'name': '', 'idCard': None, 'pos': 0, 'idBoard': None,
    'checkItems': None, 'creationMethod': None, 'limits': limits.CHECKLIST}
CHECKLIST_BASIC = ('id', 'name', 'idCard', 'pos', 'idBoard', 'checkItems')
ITEM_DEFAULTS = {
    'idChecklist': None, 'state': 'incomplete', 'idMember': None,
    'name': '', 'nameData': None, 'pos': 0, 'due': None,
    'dueReminder': None, 'type': None, 'creationMethod': None}
ITEM_BASIC = ('id', 'idChecklist', 'state', 'idMember', 'name', 'nameData',
              'pos', 'due', 'dueReminder')

ATTACHMENT_DEFAULTS = {
    'bytes': None, 'date': None, 'edgeColor': None, 'idMember': None,
    'isMalicious': False, 'isUpload': False, 'mimeType': '', 'name': '',
    'previews': [], 'url': '', 'pos': 0, 'fileName': None}

FIELD_DEFAULTS = {
    'idModel': None, 'modelType': 'board', 'fieldGroup': None,
    'display': {'cardFront': True}, 'name': '', 'pos': 0, 'options': None,
    'type': 'text', 'limits': limits.FIELD, 'isSuggestedField': False}

MEMBER_DEFAULTS = {
    'aaId': None, 'activityBlocked': False, 'avatarHash': None,
    'avatarUrl': None, 'bio': '', 'bioData': {'emoji': {}},
    'confirmed': True, 'fullName': '', 'idEnterprise': None,
    'idEnterprisesDeactivated': [], 'idMemberReferrer': None,
    'idPremOrgsAdmin': [], 'initials': '', 'memberType': 'normal',
    'nonPublic': {}, 'nonPublicAvailable': True, 'products': [],
    'status': 'disconnected', 'url': None, 'username': ''}
MEMBER_PRIVATE = {
    'aaBlockSyncUntil': None, 'aaEmail': None, 'aaEnrolledDate': None,
    'avatarSource': 'none', 'credentialsRemovedCount': 0,
    'domainClaimed': None, 'email': None, 'gravatarHash': '0' * 32,
    'idBoards': None, 'idOrganizations': [], 'idEnterprisesAdmin': [],
    'loginTypes': ['password'], 'marketingOptIn': {
        'optedIn': False, 'date': '2020-03-10T13:52:37.142Z'},
    'messagesDismissed': [], 'oneTimeMessagesDismissed': [],
    'prefs': {'sendSummaries': True, 'minutesBetweenSummaries': 60,
              'colorBlind': False, 'locale': 'en-US'},
    'trophies': [], 'uploadedAvatarHash': None, 'uploadedAvatarUrl': None,
    'premiumFeatures': [], 'isAaMastered': False, 'siftDecision': None,
    'ixUpdate': '0', 'limits': {}}
MEMBER_NESTED = ('id', 'username', 'activityBlocked', 'avatarHash',
                 'avatarUrl', 'fullName', 'idMemberReferrer', 'initials',
                 'nonPublic', 'nonPublicAvailable')
MEMBER_SHORT = ('id', 'fullName', 'username')

ORGANIZATION_DEFAULTS = {
    'name': '', 'displayName': '', 'desc': '', 'descData': None,
    'url': None, 'website': None, 'teamType': None, 'logoHash': None,
    'logoUrl': None, 'offering': 'trello.free', 'products': [],
    'powerUps': []}

ACTION_FIELDS = ('id', 'idMemberCreator', 'data', 'type', 'date',
                 'appCreator', 'limits')


def pick(thing, defaults, fields=None):
    """The fields of a thing whose values are stored as they are shown."""
    out = {'id': thing['id']}
    for name in fields or defaults:
        out[name] = thing['id'] if name == 'id' else \
            thing.get(name, defaults.get(name))
    return out


def board_view(account, board, fields=BOARD_BASIC):
    data = board.data
    out = pick(data, BOARD_DEFAULTS, fields)
    link = 'https://trello.com/b/' + data['shortLink']
    computed = {
        'url': lambda: f'{link}/{slug(data["name"])}',
        'shortUrl': lambda: link,
        'prefs': lambda: PREFS | data.get('prefs', {}),
        'labelNames': lambda: label_names(board),
        'memberships': lambda: board.memberships,
        'ixUpdate': lambda: str(len(board.actions)),
        'nodeId': lambda: node_id('board', data, data)}
    for name, compute in computed.items():
        if name in out:
            out[name] = compute()
    return out


def node_id(kind, data, board):
    """The name of a thing in Atlassian's own world."""
    return (f'ari:cloud:trello::{kind}/workspace/'
            f'{board.get("idOrganization")}/{data["id"]}')


def label_names(board):
    names = dict.fromkeys(COLORS, '')
    for label in reversed(list(board.labels.values())):
        if label['color'] in names:
            names[label['color']] = label['name']
    return names


def list_view(account, data, fields=LIST_NESTED):
    out = pick(data, LIST_DEFAULTS, fields)
    if 'nodeId' in out:
        out['nodeId'] = node_id('list', data, account.board_of(data).data)
    return out


def label_view(account, data, fields=LABEL_BASIC):
    out = pick(data, LABEL_DEFAULTS, fields)
    if 'uses' in out:
        out['uses'] = sum(data['id'] in card.get('idLabels', ())
                          for card in account.board_of(data).cards.values())
    return out


def item_view(item, checklist, fields=ITEM_BASIC):
    out = pick(item, ITEM_DEFAULTS, fields)
    if 'idChecklist' in out:
        out['idChecklist'] = checklist['id']
    return out


def checklist_view(account, data, fields=CHECKLIST_BASIC,
                   item_fields=ITEM_BASIC):
    out = pick(data, CHECKLIST_DEFAULTS, fields)
    if 'checkItems' in out:
        out['checkItems'] = [item_view(item, data, item_fields)
                             for item in data['checkItems']]
    return out


def attachment_view(account, card, data, fields=None):
    out = pick(data, ATTACHMENT_DEFAULTS, fields)
    if not out.get('url', True):
        name = urllib.parse.quote(data.get('fileName') or data['name'],
                                  safe='')
        out['url'] = (f'{account.base_url}/1/cards/{card["id"]}'
                      f'/attachments/{data["id"]}/download/{name}')
    return out


def field_view(account, data, fields=None):
    out = pick(data, FIELD_DEFAULTS, fields)
    if out.get('options', 0) is None:
        del out['options']
    return out


def member_view(account, data, fields=MEMBER_NESTED):
    out = pick(data, MEMBER_DEFAULTS | MEMBER_PRIVATE, fields)
    if 'url' in out:
        out['url'] = 'https://trello.com/' + data['username']
    if 'idBoards' in out:
        out['idBoards'] = [board.id
                           for board in account.member_boards(data['id'])]
    if 'idOrganizations' in out:
        out['idOrganizations'] = list(account.organizations)
    return out


def organization_view(account, data, fields=None):
    out = pick(data, ORGANIZATION_DEFAULTS, fields)
    if 'url' in out:
        out['url'] = 'https://trello.com/' + data['name']
    return out


def action_view(account, data, fields=ACTION_FIELDS, creator=MEMBER_NESTED,
                member=MEMBER_NESTED, display=False, entities=False):
    """creator, member: the fields wanted of them, None for neither."""
    out = pick(data, {'limits': {}, 'appCreator': None}, fields)
    if 'limits' in out and data['type'] in ('commentCard',
                                            'copyCommentCard'):
        out['limits'] = limits.COMMENT
    if display:
        out['display'] = data.get('display') or display_view(account, data)
    if entities:
        out['entities'] = list(display_view(account, data)
                               ['entities'].values())
    if creator is not None:
        who = account.members.get(data['idMemberCreator'])
        if who:
            out['memberCreator'] = member_view(account, who, creator)
    other = account.members.get(data['data'].get('idMember'))
    if member is not None and other:
        out['member'] = member_view(account, other, member)
    return out


def display_view(account, data):
    words = ''.join('_' + c.lower() if c.isupper() else c
                    for c in data['type'])
    entities = {}
    comment = 'text' in data['data']
    for name in ('card',) if comment else ('card', 'list', 'board'):
        thing = data['data'].get(name)
        if thing:
            entities[name] = {'type': name, 'id': thing['id'],
                              'text': thing.get('name', '')}
    if comment:
        words = 'comment_on_card'
        entities['comment'] = {'type': 'comment',
                               'text': data['data']['text']}
    who = account.members.get(data['idMemberCreator'])
    if who:
        entities['memberCreator'] = {
            'type': 'member', 'id': who['id'], 'username': who['username'],
            'text': who.get('fullName', '')}
    return {'translationKey': 'action_' + words, 'entities': entities}


# Cards: the many ones, so what a reply needs is worked out once per set of
# fields and not once per card.

CARD_PLAIN = {
    'address': None, 'agent': None, 'closed': False, 'cardRole': None,
    'coordinates': None, 'creationMethod': None,
    'creationMethodError': None, 'creationMethodLoadingStartedAt': None,
    'dateClosed': None, 'dateCompleted': None, 'dateLastActivity': None,
    'dateViewedByCreator': None, 'desc': '', 'due': None,
    'dueComplete': False, 'dueReminder': None, 'email': None,
    'externalSource': None, 'faviconUrl': None, 'id': None,
    'idAttachmentCover': None, 'idBoard': None, 'idLabels': [],
    'idList': None, 'idMemberCreator': None, 'idMembers': [],
    'idMembersVoted': [], 'idShort': 0, 'isTemplate': False,
    'limits': limits.CARD, 'locationName': None,
    'manualCoverAttachment': False, 'mirrorSourceId': None,
    'mirrorSourceNodeId': None, 'name': '',
    'originalDesc': None, 'originalName': None, 'pinned': False, 'pos': 0,
    'recurrenceRule': None, 'shortLink': None,
    'singleInstrumentationId': None, 'sourceEmail': None, 'start': None,
    'staticMapUrl': None, 'subscribed': False, 'urlSource': None,
    'urlSourceText': None}
COVER = {'idAttachment': None, 'color': None, 'idUploadedBackground': None,
         'size': 'normal', 'brightness': 'dark', 'yPosition': 0.5,
         'idPlugin': None}
CARD_BASIC = (
    'id', 'badges', 'checkItemStates', 'closed', 'dueComplete',
    'dateLastActivity', 'desc', 'descData', 'due', 'dueReminder', 'email',
    'idBoard', 'idChecklists', 'idList', 'idMembers', 'idMembersVoted',
    'idShort', 'idAttachmentCover', 'labels', 'idLabels',
    'manualCoverAttachment', 'name', 'pinned', 'pos', 'shortLink',
    'shortUrl', 'start', 'subscribed', 'url', 'cover', 'isTemplate',
    'cardRole')


def _badges(account, card):
    items = done = 0
    dues = []
    for checklist in account.card_checklists.get(card['id'], ()):
        for item in checklist['checkItems']:
            items += 1
            if item.get('state') == 'complete':
                done += 1
            elif item.get('due'):
                dues.append(item['due'])
    due = card.get('due')
    return {
        'attachmentsByType': {'trello': {'board': 0, 'card': 0}},
        'externalSource': None, 'location': False,
        'votes': len(card.get('idMembersVoted', ())),
        'viewingMemberVoted': False,
        'subscribed': card.get('subscribed', False),
        'attachments': len(card.get('attachments', ())), 'fogbugz': '',
        'checkItems': items, 'checkItemsChecked': done,
        'checkItemsEarliestDue': min(dues, default=None),
        'comments': account.comments_of(card['id']),
        'description': bool(card.get('desc')), 'due': due,
        'dueComplete': card.get('dueComplete', False),
        'lastUpdatedByAi': False, 'start': card.get('start'),
        'maliciousAttachments': 0}


def _labels(account, card):
    return [label_view(account, account.labels[each])
            for each in card.get('idLabels', ())]


def _states(account, card):
    return [{'idCheckItem': item['id'], 'state': 'complete'}
            for checklist in account.card_checklists.get(card['id'], ())
            for item in checklist['checkItems']
            if item.get('state') == 'complete']


def _url(account, card):
    return (f'https://trello.com/c/{card["shortLink"]}/'
            f'{card["idShort"]}-{slug(card["name"])}')


CARD_COMPUTED = {
    'badges': _badges, 'checkItemStates': _states, 'labels': _labels,
    'url': _url,
    'idChecklists': lambda account, card: [
        each['id'] for each in account.card_checklists.get(card['id'], ())],
    'nodeId': lambda account, card:
        node_id('card', card, account.board_of(card).data),
    'shortUrl': lambda account, card:
        'https://trello.com/c/' + card['shortLink'],
    'descData': lambda account, card:
        card.get('descData') or ({'emoji': {}} if card.get('desc') else None),
    'cover': lambda account, card: COVER | (card.get('cover') or {})}
CARD_ALL = tuple(dict.fromkeys(
    CARD_BASIC + tuple(CARD_PLAIN) + tuple(CARD_COMPUTED)))


@functools.lru_cache(64)
def _card_plan(fields):
    plain = [(name, CARD_PLAIN[name]) for name in ('id',) + fields
             if name in CARD_PLAIN]
    computed = [(name, CARD_COMPUTED[name]) for name in fields
                if name in CARD_COMPUTED]
    return dict(plain), computed


def card_view(account, card, fields=CARD_BASIC):
    defaults, computed = _card_plan(tuple(fields))
    get = card.get
    out = {name: get(name, default) for name, default in defaults.items()}
    for name, compute in computed:
        out[name] = compute(account, card)
    return out


def field_item_view(account, card, item):
    return item | {'idModel': card['id'], 'modelType': 'card'}


def board_order(account, cards):
    """Sorted by list position, then card position, as Trello does."""
    rank = {}
    board_ids = {card['idBoard'] for card in cards}
    for board_id in board_ids:
        lists = account.boards[board_id].lists.values()
        for place, each in enumerate(sorted_by_pos(lists)):
            rank[each['id']] = place
    return sorted(cards, key=lambda card: (rank.get(card['idList'], -1),
                                           card['pos'], card['id']))


NAMES = {
    'board': frozenset(BOARD_DEFAULTS) | {'id'},
    'list': frozenset(LIST_DEFAULTS) | {'id'},
    'card': frozenset(CARD_ALL),
    'label': frozenset(LABEL_DEFAULTS) | {'id'},
    'checklist': frozenset(CHECKLIST_DEFAULTS) | {'id'},
    'item': frozenset(ITEM_DEFAULTS) | {'id'},
    'attachment': frozenset(ATTACHMENT_DEFAULTS) | {'id'},
    'field': frozenset(FIELD_DEFAULTS) | {'id'},
    'member': frozenset(MEMBER_DEFAULTS) | frozenset(MEMBER_PRIVATE) | {'id'},
    'organization': frozenset(ORGANIZATION_DEFAULTS) | {'id'},
    'action': frozenset(ACTION_FIELDS) | {'memberCreator', 'member',
                                          'display'},
    'token': frozenset(('id', 'identifier', 'idMember', 'dateCreated',
                        'dateExpires', 'permissions'))}
ALL = {
    'board': tuple(name for name in BOARD_DEFAULTS),
    'list': tuple(LIST_DEFAULTS), 'card': CARD_ALL,
    'label': LABEL_BASIC + ('uses',),
    'checklist': CHECKLIST_BASIC, 'item': ITEM_BASIC,
    'attachment': tuple(ATTACHMENT_DEFAULTS),
    'field': tuple(FIELD_DEFAULTS),
    'member': tuple(MEMBER_DEFAULTS),
    'organization': tuple(ORGANIZATION_DEFAULTS),
    'action': ACTION_FIELDS,
    'token': tuple(NAMES['token'])}
