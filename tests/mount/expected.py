"""What a mount of boards must show: made from Trello's own JSON, as an
export has it or the stand-in server holds it."""

import json
import os

from trello.exports import shared_data

from . import contract
from .contract import Parsed, instant, names_of
from .util import read

EXPORTS = ('clipkit-ja', 'fda-food-recalls', 'mclang-json-parse',
           'mclang-nc-import', 'nebula-ux', 'tekken-2025',
           'zed-testing-2013')
COMMENTS = ('commentCard', 'copyCommentCard')


def export_path(name):
    return shared_data('exports', name + '.json')


def position(thing):
    return (thing.get('pos') or 0, thing['id'])


class View:
    """One board, and what of it is to be seen."""

    def __init__(self, data):
        self.data = data
        self.id, self.name = data['id'], data['name']
        self.labels = {each['id']: each for each in data.get('labels') or []}
        self.members = {each['id']: each['username']
                        for each in data.get('members') or []}
        self.fields = data.get('customFields') or []
        self.lists = sorted((each for each in data['lists']
                             if not each.get('closed')), key=position)
        self.cards = {each['id']: [] for each in self.lists}
        for card in sorted(data['cards'], key=position):
            if not card.get('closed') and card['idList'] in self.cards:
                self.cards[card['idList']].append(card)
            self.take_labels(card)
        self.checklists = {}
        for each in sorted(data.get('checklists') or [], key=position):
            self.checklists.setdefault(each['idCard'], []).append(each)
        self.comments = {}
        for each in sorted((each for each in data.get('actions') or []
                            if each['type'] in COMMENTS),
                           key=lambda each: (each['date'], each['id'])):
            card = each['data']['card']['id']
            self.comments.setdefault(card, []).append(each)

    def take_labels(self, card):
        """Older exports have labels in the cards only, the oldest without
        ids."""
        embedded = card.get('labels') or []
        for each in embedded:
            each.setdefault('id', f'{each["name"]}/{each["color"]}')
            self.labels.setdefault(each['id'], each)
        if not card.get('idLabels'):
            card['idLabels'] = [each['id'] for each in embedded]

    def tree(self):
        """{list name: {card name: card}}, in Trello's order."""
        return {name: names_of(self.cards[each['id']], True)
                for name, each in names_of(self.lists).items()}

    def all_cards(self):
        return [card for cards in self.cards.values() for card in cards]


def of_export(path):
    with open(path, encoding='utf-8') as file:
        return View(json.load(file))


def of_server(server):
    """The open boards of the server's account."""
    state = server.state()
    members = {each['id']: each for each in state['members']}
    views = []
    for board in state['boards']:
        if board.get('closed'):
            continue
        mine = {name: [each for each in state[name]
                       if each.get('idBoard') == board['id']]
                for name in ('lists', 'cards', 'labels', 'checklists')}
        mine['customFields'] = [each for each in state['customFields']
                                if each['idModel'] == board['id']]
        mine['actions'] = [
            each for each in state['actions']
            if each['data'].get('board', {}).get('id') == board['id']]
        mine['members'] = [members[each['idMember']]
                           for each in board['memberships']]
        views.append(View(board | mine))
    return views


def check_tree(top, views, texts=True):
    """That below top are exactly these boards: every list and card once,
    by its name and in Trello's order, and with its text."""
    boards = names_of(views_as_things(views))
    assert os.listdir(top) == sorted(boards, key=str.encode)
    for name, thing in boards.items():
        check_board(os.path.join(top, name), thing['view'], texts)


def views_as_things(views):
    return [{'id': view.id, 'name': view.name, 'view': view}
            for view in views]


def check_board(path, view, texts=True):
    tree = view.tree()
    assert os.listdir(path) == list(tree)
    for name, cards in tree.items():
        folder = os.path.join(path, name)
        with os.scandir(folder) as entries:
            sizes = {each.name: each.stat().st_size for each in entries}
        assert list(sizes) == list(cards)
        for each, card in cards.items() if texts else ():
            text = read(os.path.join(folder, each))
            assert len(text) == sizes[each]
            check_text(text, each, card, view)


def check_text(text, name, card, view):
    """That a card's text says what Trello says, and no more."""
    parsed = Parsed(text)
    desc = card.get('desc') or ''
    assert parsed.description == encoded(desc)
    assert parsed.checklists == [
        (encoded(each['name']), [(item.get('state') == 'complete',
                                  encoded(item['name']))
                                 for item in sorted(each['checkItems'],
                                                    key=position)])
        for each in view.checklists.get(card['id'], ())]
    wanted = view.comments.get(card['id'], ())
    assert [each[2] for each in parsed.comments] == \
        [encoded(each['data']['text']) for each in wanted]
    assert [each[1].decode() for each in parsed.comments] == \
        [each['date'][:19].replace('T', ' ') for each in wanted]
    assert len(parsed.attachments) == len(card.get('attachments') or ())
    check_front(parsed.front, name, card, view)


def encoded(text):
    return text.encode('utf-8', 'replace')


def address(card):
    link = card.get('shortLink') or card.get('shortlink')
    return f'https://trello.com/c/{link}' if link else card['shortUrl']


def check_front(front, name, card, view):
    assert front.pop('url', None) == address(card)
    assert front.pop('rev', None)
    title = card['name']
    if contract.title_of(name, contract.CARD) != title:
        assert front.pop('title', None) == title
    check_labels(front.pop('labels', []), card, view)
    assert sorted(front.pop('members', [])) == sorted(
        view.members[each] for each in card.get('idMembers') or ()
        if each in view.members)
    for key in ('start', 'due'):
        if card.get(key):
            assert key in front
            assert instant(front.pop(key)) == instant(card[key])
    if card.get('dueComplete'):
        assert front.pop('done', None) == 'true'
    assert len(front.pop('fields', {})) == \
        len(card.get('customFieldItems') or ())
    assert front == {}, 'what else is in the front matter'


def check_labels(shown, card, view):
    wanted = [view.labels[each] for each in card.get('idLabels') or ()
              if each in view.labels]
    assert len(shown) == len(wanted)
    for label in wanted:
        forms = contract.shown_labels(label, view.labels.values())
        match = [each for each in forms if each in shown]
        assert match, f'no {forms[0]} among {shown}'
        shown.remove(match[0])
