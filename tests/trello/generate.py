"""Makes accounts of any size, the same ones for the same seed."""

import random
import sys

from .ids import Ids, iso

WORDS = '''release deploy fix login page search index cache queue worker
billing invoice export import backup restore mobile desktop layout font
colour button modal form table chart report metric alert dashboard token
session cookie header proxy cluster node shard replica schema migration
rename merge review draft publish archive plan budget design research
interview survey note minute agenda roadmap sprint retro demo onboarding
contract vendor licence security audit policy password key rotate certificate
upgrade library compiler parser lexer buffer stream socket timeout retry
naïve café Überblick façade señal 設計 会議 проект данные émoji 🚀 ✅'''.split()
LISTS = ('Inbox', 'Next', 'Doing', 'Waiting', 'Review', 'Done', 'Someday',
         'Ideas', 'Bugs', 'Blocked')
COLORS = ('green', 'yellow', 'orange', 'red', 'purple', 'blue', 'sky',
          'lime', 'pink', 'black')
START = 1700000000
MEMBERS = (('alice', 'Alice Liddell'), ('bob', 'Bob Cratchit'),
           ('chen', '陈伟'), ('dora', 'Dora Spenlow'))


class Generator:
    """Adds boards to an account. Times start at a fixed moment."""

    def __init__(self, account, owner, seed=1):
        self.account = account
        self.owner = owner
        self.random = random.Random(seed)
        self.ids = Ids(seed)
        self.time = START + seed

    def new_id(self):
        self.time += 1
        return self.ids.new(self.time)

    def now(self):
        return iso(self.time)

    def words(self, least, most):
        count = self.random.randint(least, most)
        return ' '.join(self.random.choices(WORDS, k=count))

    def members(self):
        for name, full in MEMBERS:
            if name not in self.account.usernames:
                self.account.add_member({
                    'id': self.new_id(), 'username': name, 'fullName': full,
                    'initials': name[:2].upper()})
        return [self.account.usernames[name]['id'] for name, _ in MEMBERS]

    def board(self, name):
        board = self.account.add_board({
            'id': self.new_id(), 'name': name, 'desc': '', 'closed': False,
            'shortLink': self.ids.short_link(), 'idMemberCreator': self.owner,
            'idOrganization': next(iter(self.account.organizations), None),
            'dateLastActivity': self.now()})
        self.account.add_membership(board, self.owner, 'admin')
        for each in self.members():
            self.account.add_membership(board, each)
        return board

    def list(self, board, name, place, **more):
        return self.account.add_list(board, {
            'id': self.new_id(), 'name': name, 'idBoard': board.id,
            'pos': (place + 1) * 16384} | more)

    def label(self, board, name, color):
        return self.account.add_label(board, {
            'id': self.new_id(), 'idBoard': board.id, 'name': name,
            'color': color})

    def card(self, board, list_id, name, place, **more):
        card = {
            'id': self.new_id(), 'name': name, 'desc': '',
            'idBoard': sys.intern(board.id), 'idList': list_id,
            'pos': (place + 1) * 16384, 'idShort': board.last_short + 1,
            'shortLink': self.ids.short_link(),
            'dateLastActivity': self.now()} | more
        board.data['dateLastActivity'] = card['dateLastActivity']
        return self.account.add_card(board, card)

    def comment(self, board, card, text, who):
        data = {'text': text, 'card': {
            'id': card['id'], 'name': card['name'],
            'idShort': card['idShort'], 'shortLink': card['shortLink']},
            'board': {'id': board.id, 'name': board.data['name'],
                      'shortLink': board.data['shortLink']}}
        action_id = self.new_id()
        return self.account.add_action(board, {
            'id': action_id, 'idMemberCreator': who, 'data': data,
            'type': 'commentCard', 'date': self.now()})

    def checklist(self, board, card, name, items):
        entries = [{'id': self.new_id(), 'name': self.words(2, 6),
                    'state': self.random.choice(('complete', 'incomplete')),
                    'pos': (place + 1) * 16384}
                   for place in range(items)]
        return self.account.add_checklist(board, {
            'id': self.new_id(), 'name': name, 'idCard': card['id'],
            'idBoard': board.id, 'pos': 16384, 'checkItems': entries})

    def description(self, size):
        """Markdown of about so many bytes."""
        parts = []
        length = 0
        while length < size:
            kind = self.random.random()
            if kind < 0.15:
                part = '### ' + self.words(2, 5)
            elif kind < 0.4:
                part = '\n'.join('- ' + self.words(3, 8) for _ in range(3))
            elif kind < 0.5:
                part = '    ' + self.words(3, 6) + '\n    return 0'
            else:
                part = self.words(12, 40).capitalize() + '.'
            parts.append(part)
            length += len(part.encode()) + 2
        text = '\n\n'.join(parts).encode()[:size]
        return text.decode('utf-8', 'ignore')

    def furnish(self, board, card, members, labels, comments):
        """Some cards get labels, members, dates, checklists, comments."""
        pick = self.random.random
        if pick() < 0.3:
            card['idLabels'] = [each['id'] for each in
                                self.random.sample(labels, 2)]
        if pick() < 0.2:
            card['idMembers'] = [self.random.choice(members)]
        if pick() < 0.15:
            card['due'] = iso(self.time + self.random.randint(0, 9999999))
            card['dueComplete'] = pick() < 0.5
        if pick() < 0.1:
            self.checklist(board, card, 'Checklist',
                           self.random.randint(1, 8))
        if pick() < comments:
            for _ in range(self.random.randint(1, 3)):
                self.comment(board, card, self.words(4, 20),
                             self.random.choice(members))

    def fill(self, number, lists, cards, card_bytes, comments):
        """One board with so many cards over so many lists."""
        board = self.board(f'Board {number:03d} {self.words(1, 3)}')
        members = self.members()
        labels = [self.label(board, self.random.choice(WORDS), color)
                  for color in COLORS[:6]]
        ids = [self.list(board, f'{LISTS[place % len(LISTS)]} {place + 1}',
                         place)['id'] for place in range(lists)]
        text = self.description(max(card_bytes * 64, 65536))
        for place in range(cards):
            # Slices of one long text: making each anew takes far longer.
            start = self.random.randrange(max(1, len(text) - card_bytes))
            card = self.card(board, ids[place % lists],
                             f'{self.words(2, 6)} {place + 1}',
                             place // lists,
                             desc=text[start:start + card_bytes].strip())
            self.furnish(board, card, members, labels, comments)
        return board


def generate(account, owner, boards=1, lists=5, cards=100, card_bytes=1024,
             comments=0.1, seed=1):
    """Adds boards of so many cards each. comments: the share of cards that
    have some. Returns the boards."""
    maker = Generator(account, owner, seed)
    return [maker.fill(number + 1, lists, cards, card_bytes, comments)
            for number in range(boards)]
