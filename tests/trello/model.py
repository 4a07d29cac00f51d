"""The account: what exists and how to find it. No rules, no HTTP.

Objects are dictionaries with Trello's own keys; a key whose value is the
default may be absent (views.py fills it in). An Account can be pickled:
that is how stale reads are made.
"""

import bisect

from .ids import Clock, Ids, iso


class Board:
    """A board and everything on it."""

    def __init__(self, data):
        self.data = data
        self.id = data['id']
        self.lists = {}
        self.cards = {}
        self.labels = {}
        self.checklists = {}
        self.fields = {}
        self.actions = []       # oldest first
        self.memberships = []
        self.last_short = 0

    def membership(self, member_id):
        for each in self.memberships:
            if each['idMember'] == member_id:
                return each
        return None

    def member_ids(self):
        return [each['idMember'] for each in self.memberships]


class Account:
    """Everything the server knows: members, boards, keys and tokens."""

    def __init__(self, seed=None):
        self.ids = Ids(seed)
        self.clock = Clock()
        self.members = {}
        self.usernames = {}
        self.organizations = {}
        self.boards = {}
        self.lists = {}
        self.cards = {}
        self.labels = {}
        self.checklists = {}
        self.fields = {}
        self.actions = {}
        self.board_links = {}
        self.card_links = {}
        self.card_actions = {}      # card id: its actions, oldest first
        self.card_checklists = {}   # card id: its checklists
        self.keys = {}
        self.tokens = {}
        self.files = {}             # attachment id: bytes
        self.version = 0
        self.base_url = ''          # where attachments are downloaded
        self.owner = None           # the member under test

    def now(self):
        return self.clock.now()

    def new_id(self):
        return self.ids.new(self.now())

    # Adding

    def add_member(self, data):
        self.members[data['id']] = data
        self.usernames[data['username']] = data
        return data

    def add_board(self, data):
        board = Board(data)
        self.boards[board.id] = board
        self.board_links[data['shortLink']] = board
        return board

    def add_membership(self, board, member_id, kind='normal'):
        entry = {'id': self.new_id(), 'idMember': member_id,
                 'memberType': kind, 'unconfirmed': False,
                 'deactivated': False}
        board.memberships.append(entry)
        return entry

    def add_list(self, board, data):
        self.lists[data['id']] = data
        board.lists[data['id']] = data
        return data

    def add_card(self, board, data):
        self.cards[data['id']] = data
        self.card_links[data['shortLink']] = data
        board.cards[data['id']] = data
        board.last_short = max(board.last_short, data['idShort'])
        return data

    def add_label(self, board, data):
        self.labels[data['id']] = data
        board.labels[data['id']] = data
        return data

    def add_checklist(self, board, data):
        self.checklists[data['id']] = data
        board.checklists[data['id']] = data
        self.card_checklists.setdefault(data['idCard'], []).append(data)
        return data

    def add_field(self, board, data):
        self.fields[data['id']] = data
        board.fields[data['id']] = data
        return data

    def add_action(self, board, data):
        self.actions[data['id']] = data
        board.actions.append(data)
        card = data['data'].get('card')
        if card:
            self.card_actions.setdefault(card['id'], []).append(data)
        return data

    # Removing

    def drop_action(self, data):
        del self.actions[data['id']]
        board = self.boards.get(data['data'].get('board', {}).get('id'))
        if board:
            board.actions.remove(data)
        card = data['data'].get('card')
        if card:
            self.card_actions[card['id']].remove(data)

    def drop_checklist(self, data):
        del self.checklists[data['id']]
        del self.boards[data['idBoard']].checklists[data['id']]
        self.card_checklists[data['idCard']].remove(data)

    def drop_card(self, card):
        for checklist in list(self.card_checklists.get(card['id'], ())):
            self.drop_checklist(checklist)
        self.card_checklists.pop(card['id'], None)
        for attachment in card.get('attachments', ()):
            self.files.pop(attachment['id'], None)
        del self.cards[card['id']]
        del self.card_links[card['shortLink']]
        del self.boards[card['idBoard']].cards[card['id']]

    def drop_label(self, label):
        board = self.boards[label['idBoard']]
        for card in board.cards.values():
            if label['id'] in card.get('idLabels', ()):
                card['idLabels'].remove(label['id'])
        del self.labels[label['id']]
        del board.labels[label['id']]

    def drop_board(self, board):
        for card in list(board.cards.values()):
            self.drop_card(card)
        for owned, table in ((board.lists, self.lists),
                             (board.labels, self.labels),
                             (board.fields, self.fields)):
            for each in owned:
                del table[each]
        for action in board.actions:
            self.actions.pop(action['id'], None)
        del self.boards[board.id]
        del self.board_links[board.data['shortLink']]

    # Moving

    def move_card(self, card, board):
        """Takes the card, its checklists and its comments along."""
        old = self.boards[card['idBoard']]
        if old is board:
            return
        del old.cards[card['id']]
        board.cards[card['id']] = card
        card['idBoard'] = board.id
        for checklist in self.card_checklists.get(card['id'], ()):
            del old.checklists[checklist['id']]
            board.checklists[checklist['id']] = checklist
            checklist['idBoard'] = board.id
        for action in self.card_actions.get(card['id'], ()):
            if action['type'] in ('commentCard', 'copyCommentCard'):
                self.move_action(action, old, board)

    def move_action(self, action, old, board):
        old.actions.remove(action)
        bisect.insort(board.actions, action, key=lambda each: each['date'])
        action['data']['board'] = board_stub(board)

    # Finding

    def find_board(self, key):
        return self.boards.get(key) or self.board_links.get(key)

    def find_card(self, key):
        return self.cards.get(key) or self.card_links.get(key)

    def find_member(self, key):
        return self.members.get(key) or self.usernames.get(key)

    def board_of(self, thing):
        return self.boards[thing['idBoard']]

    def cards_of(self, list_id):
        board = self.board_of(self.lists[list_id])
        return [card for card in board.cards.values()
                if card['idList'] == list_id]

    def member_boards(self, member_id):
        return [board for board in self.boards.values()
                if board.membership(member_id)]

    def find_item(self, checklists, item_id):
        """The checklist that holds an item, and the item."""
        for checklist in checklists:
            for item in checklist['checkItems']:
                if item['id'] == item_id:
                    return checklist, item
        return None, None

    def comments_of(self, card_id):
        return sum(1 for each in self.card_actions.get(card_id, ())
                   if each['type'] in ('commentCard', 'copyCommentCard'))

    def touch(self, board, card=None, now=None):
        """Something happened: moves the dates of last activity."""
        stamp = iso(self.now() if now is None else now)
        self.version += 1
        board.data['dateLastActivity'] = stamp
        if card is not None:
            card['dateLastActivity'] = stamp
        return stamp


def board_stub(board):
    return {'id': board.id, 'name': board.data['name'],
            'shortLink': board.data['shortLink']}


def sort_key(thing):
    return (thing['pos'], thing['id'])


def sorted_by_pos(things):
    return sorted(things, key=sort_key)
