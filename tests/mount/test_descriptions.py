"""A description that is changed in a card's text is at the server byte for
byte, and comes back so to another machine."""

import os

import pytest

from trello.dread import DESCRIPTIONS

from . import contract
from .util import outcome, read, wait_until, write
from .writing import Account, Sent

# What is longest, in characters as Trello counts them.
LONGEST = 16384
MARKERS = '<<<<<<< yours'
HARD = [each for each in DESCRIPTIONS if MARKERS not in each] + [
    'one\r\ntwo\r\n', '\r\n', '\r', 'a\r\nb\nc\r\n', 'mixed\n\r\n\r',
    'blanks \t \nand  \n   ', '   begins so', '\n', '\n\n\n', '\t',
    '## Comments', '## Comments\r\n', '## Comments\r', '\\\\## Comments',
    '## Checklist: Steps\n\n- [ ] one\n', '## Checklist:', '## Checklists',
    '## Attachments  ', '## comments', '##  Comments', '---', '---\n---\n',
    '---\nurl: https://trello.com/c/AAAAAAAA\nrev: 1\n---\n', '\\',
    '- [ ] one\n- [x] two\n', '> @tester 2026-11-02 14:03:27\n>\n> Hi.\n',
    '# Title\n\n```yaml\n---\nkey: value\n---\n```\n', '\ufeff', '\u0085',
    'e\u0301 and \u00e9', '\x01\x1b[31m\x7f', 'x' * LONGEST,
    ('x' * 78 + '\r\n') * 204 + 'x' * 64, '𝕏' * (LONGEST // 2), 'ü' * LONGEST,
    '\u20ac\n' * (LONGEST // 2), ' ' * LONGEST, '\n' * LONGEST,
    '## Comments\n' * (LONGEST // 12), '\\## Comments\n' * (LONGEST // 13)]


class Described:
    """A list of cards, one for each description."""

    def __init__(self, mounts, server, descs):
        server.limits(token=10 ** 6, key=10 ** 6)
        self.account = Account(mounts, server, settle=1)
        account = self.account
        self.folder = account.at('Doing')
        self.names = {account.api('POST', '/cards', name=f'Card {number}',
                                  desc=desc, idList=account.lists['Doing']
                                  )['id']: f'Card {number}.md'
                      for number, desc in enumerate(descs)}
        account.control('refresh')
        wait_until(lambda: len(os.listdir(self.folder)) == len(self.names),
                   10, 'the cards')
        self.descs = dict(zip(self.names, descs))

    def path(self, card):
        return os.path.join(self.folder, self.names[card])

    def change(self, descs):
        """Each card gets another description; one request each."""
        sent = Sent(self.account)
        wanted = dict(zip(self.names, descs))
        texts = {}
        for card, desc in wanted.items():
            texts[card] = contract.described(read(self.path(card)),
                                             desc.encode())
            write(self.path(card), texts[card])
        sent.wait_all()
        changed = [card for card in wanted
                   if wanted[card] != self.descs[card]]
        unsent = [(self.descs[card][:60], wanted[card][:60])
                  for card in changed
                  if ('PUT', f'/1/cards/{card}') not in sent.writes()]
        assert unsent == []
        assert len(sent.writes()) == len(changed)
        sent.check_nothing_else()
        for card, desc in wanted.items():
            assert sent.server.account.cards[card]['desc'] == desc
            assert read(self.path(card)) == texts[card]
        self.descs = wanted

    def check_elsewhere(self):
        """Another machine shows the same."""
        account = self.account
        other = account.mounts.account(account.server)
        other.wait_complete()
        for card, desc in self.descs.items():
            path = other.at('Board', 'Doing', self.names[card])
            parsed = contract.Parsed(read(path))
            assert parsed.description == desc.encode()


@pytest.mark.parametrize('step', [1, 5, 17])
def test_from_one_to_another(mounts, server, step):
    cards = Described(mounts, server, HARD)
    cards.change(HARD[step:] + HARD[:step])
    cards.change(HARD[2 * step:] + HARD[:2 * step])
    cards.check_elsewhere()


def test_from_nothing_and_back(mounts, server):
    cards = Described(mounts, server, [''] * len(HARD))
    cards.change(HARD)
    cards.check_elsewhere()
    cards.change([''] * len(HARD))
    cards.check_elsewhere()


def test_at_the_end_of_each(mounts, server):
    """A line more, as somebody would type it."""
    room = [each for each in HARD
            if len(each.encode('utf-16-le')) // 2 < LONGEST - 300]
    cards = Described(mounts, server, room)
    for more in ('\nnext line', '\r\n', '  ', '\n## Comments', '\n'):
        room = [each + more for each in room]
        cards.change(room)
    cards.check_elsewhere()


@pytest.mark.parametrize('desc', ['x' * (LONGEST + 1),
                                  '𝕏' * (LONGEST // 2) + 'x'],
                         ids=['x', 'wide'])
def test_one_more_than_fits(mounts, server, desc):
    """An error at once, and nothing is sent."""
    account = Account(mounts, server, settle=1)
    card, sent = account.card(), Sent(account)
    text = contract.described(card.text, desc.encode())
    assert outcome(save_and_sync, card.path, text) == 'EFBIG'
    write(card.path, card.text)
    sent.wait_all()
    assert sent.writes() == []


def save_and_sync(path, text):
    with open(path, 'wb', buffering=0) as file:
        file.write(text)
        os.fsync(file.fileno())
