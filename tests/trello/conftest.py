"""Fixtures: a server with one small board, and a client of it."""

import time

import pytest

from .client import Client
from .server import ME, Server


class World:
    """A server and one of each thing on it."""

    def __init__(self):
        self.server = Server()
        self.board, self.other = self.server.generate(2, 3, 6, comments=0)
        self.card_data = next(iter(self.board.cards.values()))
        self.card = self.card_data['id']
        self.list, self.list2 = list(self.board.lists)[:2]
        self.label, self.label2 = list(self.board.labels)[:2]
        self.me = ME['id']
        self.member = self.board.memberships[1]['idMember']
        self.card_data['idLabels'] = []
        self.card_data['idMembers'] = []
        self.api = self.server.api
        self.client = Client(self.server)
        # Tests begin with a minute, so that none sees a window end.
        self.clock = self.server.account.clock
        self.clock.advance(60.1 - time.time() % 60)

    def cards(self, list_id):
        return sorted(self.server.account.cards_of(list_id),
                      key=lambda card: card['pos'])


@pytest.fixture
def world():
    world = World()
    with world.server:
        yield world
