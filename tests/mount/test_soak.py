"""Many changes by others, while programs read: in the end all is right."""

import os
import random
import subprocess
import time

import pytest

from . import expected
from .util import read, wait_until

SECONDS = 6


def check_by_id(top, views):
    """That every board, list and card is there once, where it belongs, in
    order and with its text; names may be older than the neighbours."""
    boards = by_id(top)
    assert set(boards) == {view.id for view in views}
    for view in views:
        lists = by_id(boards[view.id])
        assert list(lists) == [each['id'] for each in view.lists]
        for each in view.lists:
            cards = by_id(lists[each['id']])
            wanted = view.cards[each['id']]
            assert list(cards) == [card['id'] for card in wanted]
            for card in wanted:
                path = cards[card['id']]
                expected.check_text(read(path), os.path.basename(path),
                                    card, view)


def by_id(folder):
    """{id: path} of what is listed, in its order."""
    found = {}
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        number = os.getxattr(path, 'user.trello.id').decode()
        assert number not in found
        found[number] = path
    return found


class Others:
    """Somebody who does anything at all, by chance."""

    def __init__(self, server, seed):
        self.server = server
        self.chance = random.Random(seed)
        self.count = 0

    def api(self, method, path, **params):
        return self.server.api(method, path, params)

    def words(self):
        self.count += 1
        return self.chance.choice((
            f'Title {self.count}', 'The same', 'a/b', '.hidden', '-rf',
            'x' * self.chance.randrange(1, 400), 'Ünïcode 🚀', 'two\nlines'))

    def act(self):
        account = self.server.account
        boards = [each for each in account.boards.values()
                  if not each.data.get('closed')]
        board = self.chance.choice(boards)
        lists = [each for each in board.lists.values()
                 if not each.get('closed')]
        cards = [each for each in board.cards.values()
                 if not each.get('closed')]
        kind = self.chance.choice(KINDS)
        if kind.startswith('card'):
            getattr(self, kind)(self.chance.choice(cards), lists)
        else:
            getattr(self, kind)(board, lists)

    def card_text(self, card, _):
        self.api('PUT', f'/cards/{card["id"]}', desc=self.words() * 3)

    def card_name(self, card, _):
        self.api('PUT', f'/cards/{card["id"]}', name=self.words())

    def card_moves(self, card, lists):
        self.api('PUT', f'/cards/{card["id"]}',
                 idList=self.chance.choice(lists)['id'],
                 pos=self.chance.choice(('top', 'bottom')))

    def card_leaves(self, card, _):
        target = self.chance.choice([
            each for each in self.server.account.boards.values()])
        there = [each for each in target.lists.values()
                 if not each.get('closed')]
        self.api('PUT', f'/cards/{card["id"]}', idBoard=target.id,
                 idList=self.chance.choice(there)['id'])

    def card_archived(self, card, _):
        self.api('PUT', f'/cards/{card["id"]}', closed='true')

    def card_comment(self, card, _):
        self.api('POST', f'/cards/{card["id"]}/actions/comments',
                 text=self.words())

    def new_card(self, _, lists):
        self.api('POST', '/cards', idList=self.chance.choice(lists)['id'],
                 name=self.words(), desc=self.words())

    def list_name(self, _, lists):
        self.api('PUT', f'/lists/{self.chance.choice(lists)["id"]}',
                 name=self.words())

    def list_moves(self, _, lists):
        self.api('PUT', f'/lists/{self.chance.choice(lists)["id"]}',
                 pos='top')

    def board_name(self, board, _):
        self.api('PUT', f'/boards/{board.id}', name=self.words())

    def label(self, board, _):
        label = self.chance.choice(list(board.labels))
        self.api('PUT', f'/labels/{label}', name=self.words()[:100])


KINDS = ('card_text', 'card_text', 'card_name', 'card_moves', 'card_leaves',
         'card_archived', 'card_comment', 'new_card', 'new_card',
         'list_name', 'list_moves', 'board_name', 'label')
READERS = ('grep -rc e . >/dev/null', 'ls -lR . >/dev/null',
           'find . -type f -size +0 | wc -l >/dev/null',
           'tar c . >/dev/null')


@pytest.mark.parametrize('seed', [1])
def test_soak(mounts, server, seed):
    server.generate(boards=3, lists=3, cards=40, comments=0.3)
    account = mounts.account(server)
    account.wait_complete()
    readers = [subprocess.Popen(
        ['sh', '-c', f'while :; do {each}; done'], cwd=account.path,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for each in READERS]
    others = Others(server, seed)
    end = time.monotonic() + SECONDS
    try:
        while time.monotonic() < end:
            for _ in range(others.chance.randrange(1, 8)):
                others.act()
            time.sleep(others.chance.random() / 5)
    finally:
        for each in readers:
            each.kill()
    told = [each.communicate(timeout=20)[1] for each in readers]
    views = expected.of_server(server)
    wait_until(lambda: check_by_id(account.path, views) is None, 4,
               'the last of the news')
    # What went while it was looked at is no surprise; nothing else is said.
    for line in ''.join(told).splitlines():
        assert 'No such file' in line or 'file changed as we read' in line \
            or 'Cannot stat' in line or 'File removed' in line \
            or 'Exiting with failure' in line or 'shrank by' in line \
            or 'fts_read' in line, line
    account.unmount()
    again = mounts.again(account)
    check_by_id(again.path, views)
