"""Kinds of parameters: each checks one value and gives its meaning."""

from .errors import ApiError, StrictError, bad
from .ids import HEX24, SHORT_LINK, id_bound, parse_date
from .views import ALL, NAMES

ACTION_TYPES = frozenset('''
addAttachmentToCard addChecklistToCard addMemberToBoard addMemberToCard
addMemberToOrganization addToOrganizationBoard commentCard
convertToCardFromCheckItem copyBoard copyCard copyCommentCard
copyChecklist createBoard createBoardInvitation createBoardPreference
createCard createCustomField createList createOrganization
deleteAttachmentFromCard deleteBoardInvitation deleteCard
deleteCustomField deleteOrganizationInvitation disablePlugin
disablePowerUp emailCard enablePlugin enablePowerUp makeAdminOfBoard
makeNormalMemberOfBoard makeNormalMemberOfOrganization
makeObserverOfBoard memberJoinedTrello moveCardFromBoard moveCardToBoard
moveListFromBoard moveListToBoard removeChecklistFromCard
removeFromOrganizationBoard removeMemberFromCard
unconfirmedBoardInvitation unconfirmedOrganizationInvitation updateBoard
updateCard updateCheckItemStateOnCard updateChecklist updateCustomField
updateCustomFieldItem updateList updateMember updateOrganization
'''.split())


def choice(*values):
    def kind(value, name):
        if value not in values:
            raise bad(name)
        return value
    return kind


def boolean(value, name):
    if value in (True, 'true'):
        return True
    if value in (False, 'false'):
        return False
    raise bad(name)


def text(value, name):
    if not isinstance(value, str):
        raise bad(name)
    return value


def anything(value, name):
    return value


def number(most, least=0):
    def kind(value, name):
        try:
            value = int(value)
        except (TypeError, ValueError):
            raise bad(name) from None
        if not least <= value <= most:
            raise bad(name)
        return value
    return kind


def csv(value, name):
    """A list of words: comma separated, or an array in JSON."""
    if isinstance(value, list):
        return [text(each, name) for each in value]
    if value is None:
        return []
    return [each for each in text(value, name).split(',') if each]


def fields(kind_of_thing, nothing=None):
    """The names after fields=. Names nobody documents are refused."""
    known = NAMES[kind_of_thing]

    def kind(value, name):
        if value == 'all':
            return ALL[kind_of_thing]
        if value == nothing:
            return None
        names = csv(value, name)
        for each in names:
            if each not in known:
                raise StrictError(400, f'invalid value for {name}')
        return ('id',) + tuple(each for each in names if each != 'id')
    return kind


def object_id(value, name):
    """An id in a body: the long one only."""
    if not isinstance(value, str) or not HEX24.match(value):
        if isinstance(value, str) and SHORT_LINK.match(value):
            raise ApiError(400, 'Invalid objectId')
        raise bad(name)
    return value


def id_or_none(value, name):
    return None if value in (None, '', 'null') else object_id(value, name)


def mapping(value, name):
    """An object, in a JSON body."""
    if value not in (None, '') and not isinstance(value, dict):
        raise bad(name)
    return value or {}


def ids(value, name):
    return [object_id(each, name) for each in csv(value, name)]


def bound(value, name):
    """before, since: an id or a date; a date has whole seconds only."""
    if value in ('', 'null', None):
        return None
    text(value, name)
    if HEX24.match(value):
        return value
    seconds = parse_date(value)
    if seconds is None:
        raise bad(name)
    return id_bound(seconds)


def action_filter(value, name):
    """Types of actions, some with the field that changed, or all."""
    if value == 'all':
        return None
    chosen = csv(value, name)
    for each in chosen:
        if each.split(':')[0] not in ACTION_TYPES:
            raise StrictError(400, f'invalid value for {name}')
    return chosen


def nested_actions(value, name):
    """actions= of a nested resource: false for none, None for all."""
    if value in ('', 'none', 'false'):
        return False
    if value == 'true':
        return None
    return action_filter(value, name)


def date(value, name):
    """A date that a client may have written in many forms, or nothing."""
    if value in (None, '', 'null'):
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value / 1000
    seconds = parse_date(text(value, name))
    if seconds is None:
        raise bad(name)
    return seconds


def pos(value, name):
    """top, bottom or a positive number; empty counts as top."""
    if value == '':
        return 'top'
    if value in ('top', 'bottom'):
        return value
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise bad(name)
    try:
        value = float(value)
    except ValueError:
        raise bad(name) from None
    if not 0 < value < 1e300:
        raise bad(name)
    return value
