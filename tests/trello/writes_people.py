"""Labels, members, votes and comments of a card, one by one. Additions of
labels and edits of comments are not in the action log."""

from . import rules, views, writing
from . import params as p
from .api import NULL_VALUE
from .errors import ApiError, bad, not_found
from .ids import iso
from .router import route
from .writes_cards import check_labels


@route('POST', '/cards/{card}/idLabels', {'value': p.object_id})
def add_label(call, card):
    card = call.card(card)
    board = call.account.board_of(card)
    label = call.get('value')
    check_labels(board, [label], 'value')
    labels = writing.own_things(card, 'idLabels')
    if label in labels:
        raise ApiError(400, 'that label is already on the card')
    labels.append(label)
    call.account.touch(board, card)
    return labels


@route('DELETE', '/cards/{card}/idLabels/{idLabel}')
def remove_label(call, card, idLabel):
    card = call.card(card)
    if idLabel not in card.get('idLabels', ()):
        raise ApiError(400, 'that label is not on the card')
    card['idLabels'].remove(idLabel)
    call.account.touch(call.account.board_of(card), card)
    return NULL_VALUE


@route('POST', '/cards/{card}/labels',
       {'color': writing.color, 'name': p.anything})
def add_new_label(call, card):
    card = call.card(card)
    board = call.account.board_of(card)
    if not call.has('color'):
        raise bad('color')
    label = writing.new_label(
        call.account, board,
        rules.title(call.get('name', ''), least=0), call.get('color'))
    writing.own_things(card, 'idLabels').append(label['id'])
    call.account.touch(board, card)
    return views.label_view(call.account, label)


@route('POST', '/cards/{card}/idMembers', {'value': p.object_id})
def add_member(call, card):
    card = call.card(card)
    board = call.account.board_of(card)
    if not board.membership(call.get('value')):
        raise bad('value')
    members = card.get('idMembers', [])
    if call.get('value') in members:
        raise ApiError(400, 'member is already on the card')
    writing.set_members(call, board, card, members + [call.get('value')])
    call.account.touch(board, card)
    return show_members(call, card)


def show_members(call, card):
    return [views.member_view(call.account, call.account.members[each])
            for each in card['idMembers']]


@route('DELETE', '/cards/{card}/idMembers/{idMember}')
def remove_member(call, card, idMember):
    card = call.card(card)
    members = card.get('idMembers', [])
    if idMember not in members:
        raise ApiError(400, 'member is not on the card')
    board = call.account.board_of(card)
    writing.set_members(call, board, card,
                        [each for each in members if each != idMember])
    call.account.touch(board, card)
    return show_members(call, card)


@route('POST', '/cards/{card}/membersVoted', {'value': p.object_id})
def vote(call, card):
    votes = writing.own_things(call.card(card), 'idMembersVoted')
    if call.get('value') in votes:
        raise ApiError(400, 'member has already voted on the card')
    votes.append(call.get('value'))
    return NULL_VALUE


@route('DELETE', '/cards/{card}/membersVoted/{idMember}')
def unvote(call, card, idMember):
    votes = call.card(card).get('idMembersVoted', [])
    if idMember not in votes:
        raise ApiError(400, 'member has not voted on the card')
    votes.remove(idMember)
    return NULL_VALUE


# Comments

def show_comment(call, action):
    return views.action_view(call.account, action, display=True,
                             entities=True)


def comment_text(value, name='text'):
    value = rules.long_text(value, name)
    if not value:
        raise bad(name)
    return value


@route('POST', '/cards/{card}/actions/comments', {'text': p.anything})
def add_comment(call, card):
    card = call.card(card)
    board = call.account.board_of(card)
    text = comment_text(call.get('text'))
    call.account.touch(board, card)
    return show_comment(call, rules.log(
        call.account, board, 'commentCard', call.who,
        {'text': text, 'textData': {'emoji': {}}}, card))


def own_comment(call, action_id, others_too=False):
    action = call.account.actions.get(action_id)
    if action is None:
        raise not_found()
    board = call.account.boards.get(action['data']['board']['id'])
    if board is None:
        raise not_found()
    call.check(board)
    if action['type'] not in ('commentCard', 'copyCommentCard'):
        raise ApiError(400, 'invalid action')
    entry = board.membership(call.who)
    admin = others_too and entry and entry['memberType'] == 'admin'
    if action['idMemberCreator'] != call.who and not admin:
        raise ApiError(401, 'unauthorized permission requested')
    return action, board


def edit_comment(call, action_id, text):
    action, board = own_comment(call, action_id)
    action['data']['text'] = text
    action['data']['dateLastEdited'] = iso(call.account.now())
    card = call.account.cards.get(action['data']['card']['id'])
    call.account.touch(board, card)
    return show_comment(call, action)


@route('PUT', '/actions/{idAction}', {'text': p.anything})
def put_comment(call, idAction):
    return edit_comment(call, idAction, comment_text(call.get('text')))


@route('PUT', '/actions/{idAction}/text', {'value': p.anything})
def put_comment_text(call, idAction):
    return edit_comment(call, idAction, comment_text(call.get('value'),
                                                     'value'))


@route('PUT', '/cards/{card}/actions/{idAction}/comments',
       {'text': p.anything})
def put_card_comment(call, card, idAction):
    call.card(card)
    return edit_comment(call, idAction, comment_text(call.get('text')))


@route('DELETE', '/actions/{idAction}')
def delete_comment(call, idAction):
    action, board = own_comment(call, idAction, others_too=True)
    card = call.account.cards.get(action['data']['card']['id'])
    call.account.drop_action(action)
    call.account.touch(board, card)
    return NULL_VALUE


@route('DELETE', '/cards/{card}/actions/{idAction}/comments')
def delete_card_comment(call, card, idAction):
    call.card(card)
    return delete_comment(call, idAction)
