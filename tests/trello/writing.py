"""What several writes share: changing fields, moving cards, labels that
follow a card to another board."""

from . import auth, rules
from .errors import ApiError, bad, json_error
from .ids import iso

COLORS = ('green', 'yellow', 'orange', 'red', 'purple', 'blue', 'sky',
          'lime', 'pink', 'black')
LABEL_COLORS = frozenset(color + shade for color in COLORS
                         for shade in ('', '_light', '_dark'))


def change(thing, new):
    """Sets fields and returns the old values of those that changed."""
    old = {}
    for name, value in new.items():
        if thing.get(name) != value:
            old[name] = thing.get(name)
            thing[name] = value
    return old


def forbidden_elsewhere(path='boards'):
    """A part of the request failed: 449 tells which and why."""
    error = json_error(449, '', '')
    error.body = ('{"path":"%s","originalMessage":"Unauthorized",'
                  '"originalStatus":401}' % path)
    return error


def own_things(data, name):
    """A mutable list of a card, made when first needed."""
    return data.setdefault(name, [])


def color(value, name):
    if value in (None, '', 'null'):
        return None
    if value not in LABEL_COLORS:
        raise bad(name)
    return value


def new_label(account, board, name, shade):
    if len(board.labels) >= 1000:
        raise rules.too_many('labels')
    return account.add_label(board, {
        'id': account.new_id(), 'idBoard': board.id, 'name': name,
        'color': shade})


def label_like(account, board, label):
    """The board's label of the same name and colour, made if missing."""
    for each in board.labels.values():
        if (each['name'], each['color']) == (label['name'], label['color']):
            return each['id']
    return new_label(account, board, label['name'], label['color'])['id']


def resettle(call, card, board):
    """What a card keeps on another board."""
    account = call.account
    old = account.board_of(card)
    account.move_card(card, board)
    card['idLabels'] = [label_like(account, board, account.labels[each])
                        for each in card.get('idLabels', ())]
    card['customFieldItems'] = [
        each for each in card.get('customFieldItems', ())
        if each['idCustomField'] in board.fields]
    gone = [each for each in card.get('idMembers', ())
            if not board.membership(each)]
    card['idMembers'] = [each for each in card.get('idMembers', ())
                         if each not in gone]
    board.last_short += 1
    card['idShort'] = board.last_short
    return old, gone


def log_move(call, card, board, old, gone):
    account = call.account
    rules.log(account, old, 'moveCardFromBoard', call.who,
              {'card': rules.card_stub(card),
               'boardTarget': {'id': board.id}})
    rules.log(account, board, 'moveCardToBoard', call.who,
              {'boardSource': {'id': old.id, 'name': old.data['name']}},
              card)
    for each in gone:
        rules.log(account, board, 'removeMemberFromCard', call.who,
                  {'idMember': each, 'deactivated': False}, card, False)
    account.touch(old)


def set_members(call, board, card, wanted):
    """Replaces the members of a card; each change is an action."""
    before = card.get('idMembers', [])
    card['idMembers'] = list(dict.fromkeys(wanted))
    for each in wanted:
        if each not in before:
            log_member(call, board, card, 'addMemberToCard', each)
    for each in before:
        if each not in wanted:
            log_member(call, board, card, 'removeMemberFromCard', each)
    return card['idMembers'] != before


def log_member(call, board, card, kind, member_id):
    data = {'idMember': member_id}
    if kind == 'removeMemberFromCard':
        data['deactivated'] = False
    rules.log(call.account, board, kind, call.who, data, card, False)


def date_text(seconds):
    return None if seconds is None else iso(seconds)


def check_count(things, most, what):
    if most is not None and things >= most:
        raise rules.too_many(what)


def target_board(call, board_id, missing=None):
    """A board named in a body, which the caller may write to."""
    board = call.account.boards.get(board_id)
    if board is None:
        raise missing or bad('idBoard')
    if not auth.may_write(board, call.token):
        raise missing or forbidden_elsewhere()
    return board


def no_board_for_list(board_id):
    return ApiError(401, f'unauthorized board list requested {board_id}')
