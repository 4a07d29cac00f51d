"""Loads what the web page's "Export as JSON" wrote, from 2012 on."""

import copy
import json
import os

from .ids import iso

# Where the sample exports and recordings are, beside the source tree.
HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.environ.get('TRELLOFS_SHARED') or os.path.join(
    HERE, '..', '..', '..', 'shared')


def shared_data(*parts):
    """The path of a shared sample; it need not exist."""
    return os.path.normpath(os.path.join(SHARED, 'data', *parts))


def load_export(account, source, owner=None):
    """Adds the board of an export (a path or the decoded JSON).

    owner: the id of a member who becomes an administrator of the board.
    """
    if isinstance(source, (str, os.PathLike)):
        with open(source, encoding='utf-8') as file:
            source = json.load(file)
    data = copy.deepcopy(source)
    parts = {name: data.pop(name, None) or [] for name in (
        'lists', 'cards', 'labels', 'checklists', 'customFields', 'actions',
        'members', 'memberships')}
    board = account.add_board(board_data(account, data))
    add_members(account, board, parts, owner)
    for each in parts['lists']:
        account.add_list(board, each | {'idBoard': board.id})
    for each in parts['labels']:
        account.add_label(board, each | {'idBoard': board.id})
    for each in parts['customFields']:
        account.add_field(board, each)
    for each in parts['cards']:
        add_card(account, board, each)
    for each in parts['checklists']:
        each.pop('limits', None)
        account.add_checklist(board, each)
    for each in reversed(parts['actions']):
        each.pop('memberCreator', None)
        each.pop('limits', None)
        account.add_action(board, each)
    return board


def short_link(account, data):
    """Old exports spell it shortlink, or have it in addresses only."""
    link = data.pop('shortlink', None) or data.get('shortLink')
    if not link and data.get('shortUrl'):
        link = data['shortUrl'].rstrip('/').rsplit('/', 1)[-1]
    taken = link in account.card_links or link in account.board_links
    if not link or len(link) != 8 or taken:
        link = account.ids.short_link()
    return link


def board_data(account, data):
    data['shortLink'] = short_link(account, data)
    if not data.get('dateLastActivity'):
        data['dateLastActivity'] = iso(account.now())
    for name in ('url', 'shortUrl', 'limits', 'labelNames', 'pluginData'):
        data.pop(name, None)
    return data


def add_members(account, board, parts, owner):
    """Members of the board, and whoever else did something on it."""
    creators = [each['memberCreator'] for each in parts['actions']
                if each.get('memberCreator')]
    for each in parts['members'] + creators:
        if each['id'] not in account.members and each.get('username'):
            each = dict(each)
            if each['username'] in account.usernames:
                each['username'] += each['id'][-4:]
            account.add_member(each)
    known = [each for each in parts['memberships']
             if each['idMember'] in account.members]
    board.memberships.extend(known)
    for each in parts['members']:
        if not board.membership(each['id']):
            account.add_membership(board, each['id'])
    if owner and not board.membership(owner):
        account.add_membership(board, owner, 'admin')


def add_card(account, board, card):
    card['idBoard'] = board.id
    card['shortLink'] = short_link(account, card)
    for name in ('badges', 'url', 'shortUrl', 'limits', 'idChecklists',
                 'checkItemStates', 'cover'):
        card.pop(name, None)
    labels = card.pop('labels', [])
    card['idLabels'] = card.get('idLabels') or [
        label_of(account, board, each) for each in labels]
    for each in labels:
        if each.get('id') and each['id'] not in board.labels:
            label_of(account, board, each)
    for each in card.get('attachments', ()):
        if each.get('isUpload'):
            # Served by this server, with made-up bytes.
            each['url'] = ''
    account.add_card(board, card)


def label_of(account, board, label):
    """The id of a card's label; in 2013 labels had no ids."""
    if label.get('id'):
        if label['id'] not in board.labels:
            account.add_label(board, {
                'id': label['id'], 'idBoard': board.id,
                'name': label.get('name', ''), 'color': label.get('color')})
        return label['id']
    for each in board.labels.values():
        if (each['name'], each['color']) == (label['name'], label['color']):
            return each['id']
    entry = {'id': account.new_id(), 'idBoard': board.id,
             'name': label['name'], 'color': label['color']}
    return account.add_label(board, entry)['id']
