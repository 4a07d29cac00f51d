"""An account that begins anew for each run, and what it looks like in the
end, without all that differs from run to run."""

import collections
import contextlib
import os
import pickle
import re
import shutil
import threading

from mount.harness import Mounts
from mount.servers import check
from mount.util import read_tree, wait_until
from trello.model import sorted_by_pos
from trello.server import Server

# Nothing is sent before somebody orders it, as long as the steps are quick.
# What a death cut off is over before the next life begins.
OPTIONS = 'refresh=3600,settle=5,comment_settle=60,lost_wait=0'
DESC = 'old words stay here\nsecond line\nthird line'
# Of these each is the making of one thing.
MAKING = ('createCard', 'createList', 'createBoard', 'addChecklistToCard',
          'commentCard')


class World:
    """A server with a board, and the database of a program that knows it.
    Both can be had again and again as they were."""

    def __init__(self, folder):
        os.mkdir(folder)
        self.folder = folder
        self.server = Server()
        self.number = 0
        self.started = threading.Lock()

    def __enter__(self):
        self.server.start()
        self.server.limiter.enabled = False
        self.fill()
        mounts = Mounts(self.make('first'))
        mount = mounts.account(self.server, OPTIONS)
        mount.wait_complete()
        self.wait_idle(mount)
        mounts.finish()
        self.state = os.path.join(mount.home, 'state')
        self.account = pickle.dumps(self.server.account)
        return self

    def __exit__(self, kind, *_):
        self.server.stop()
        if kind is None:
            check(self.server)

    def make(self, name):
        path = os.path.join(self.folder, name)
        os.mkdir(path)
        return path

    def api(self, method, path, **params):
        return self.server.api(method, path, params)

    def fill(self):
        board = self.api('POST', '/boards', name='Board',
                         defaultLists='false')['id']
        lists = [self.api('POST', '/lists', name=name, idBoard=board)['id']
                 for name in ('Done', 'Doing', 'To Do')]
        for name, color in (('bug', 'red'), ('later', 'green')):
            self.api('POST', f'/boards/{board}/labels', name=name,
                     color=color)
        for name in 'ABCD':
            card = self.api('POST', '/cards', name=name, desc=DESC,
                            idList=lists[2])['id']
            steps = self.api('POST', '/checklists', name='Steps',
                             idCard=card)['id']
            for item in ('one', 'two', 'three'):
                self.api('POST', f'/checklists/{steps}/checkItems',
                         name=item)
            self.api('POST', f'/cards/{card}/actions/comments',
                     text='Looks good.')

    def again(self):
        """Everything as it was: the folder of a home for the program."""
        server = self.server
        with server.core.lock:
            server.account = server.core.account = \
                pickle.loads(self.account)
            server.core.snapshots = []
        server.clear_faults()
        server.requests.clear()
        self.number += 1
        folder = self.make(f'run{self.number}')
        home = os.path.join(folder, 'home')
        os.mkdir(home)
        shutil.copytree(self.state, os.path.join(home, 'state'))
        return folder, home

    @contextlib.contextmanager
    def mounted(self, options=OPTIONS):
        """A mount of everything as it was."""
        folder, home = self.again()
        mounts = Mounts(folder)
        try:
            yield mounts.account(self.server, options, home=home)
            mounts.finish()
        finally:
            for mount in mounts.all:
                mount.clean()

    def wait_idle(self, mount):
        """Until nothing is under way, and nothing will be."""
        def idle():
            return (self.server.in_flight == 0 and
                    'none' not in mount.status_line('last news') and
                    'not known' not in mount.status_line('rights'))
        wait_until(idle, 10, 'nothing is under way')

    def result(self, mount):
        """What the account and the mount hold in the end."""
        return shown(self.server), tree(mount.path)


def shown(server):
    """What people see at Trello."""
    with server.core.lock:
        account = server.account
        boards = [board_of(account, board)
                  for board in account.boards.values()]
        made = collections.Counter(
            each['type'] for each in account.actions.values()
            if each['type'] in MAKING)
    return {'boards': boards, 'made': dict(made)}


def board_of(account, board):
    lists = sorted_by_pos(board.lists.values())
    cards = sorted_by_pos(board.cards.values())
    return {'name': board.data['name'], 'closed': board.data['closed'],
            'lists': [{
                'name': each['name'], 'closed': each.get('closed', False),
                'cards': [card_of(account, card) for card in cards
                          if card['idList'] == each['id']]}
                      for each in lists]}


def card_of(account, card):
    return {
        'name': card['name'], 'desc': card.get('desc', ''),
        'closed': card.get('closed', False),
        'due': card.get('due'), 'start': card.get('start'),
        'done': card.get('dueComplete', False),
        'labels': sorted(account.labels[each]['name']
                         for each in card.get('idLabels', ())),
        'members': sorted(account.members[each]['username']
                          for each in card.get('idMembers', ())),
        'checklists': [
            (each['name'], [(item['name'], item.get('state'))
                            for item in sorted_by_pos(each['checkItems'])])
            for each in sorted_by_pos(
                account.card_checklists.get(card['id'], ()))],
        'comments': [each['data']['text']
                     for each in account.card_actions.get(card['id'], ())
                     if each['type'] == 'commentCard'],
        'links': [each['url'] for each in card.get('attachments', ())]}


# What no two runs have in common.
SUBSTITUTES = [(re.compile(pattern, re.M), by) for pattern, by in (
    (rb'^url: .*', b'url: U'), (rb'^rev: .*', b'rev: R'),
    (rb'^(> @\w+) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d', rb'\1 T'))]


def tree(path):
    found = {}
    for name, text in read_tree(path).items():
        for pattern, by in SUBSTITUTES:
            text = pattern.sub(by, text)
        found[name] = text.decode()
    return found
