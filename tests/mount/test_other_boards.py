"""Cards and lists that go to another board: labels are those of the same name
and colour there, or are made there; what that board does not have stays
behind, and that is told.  The text says so before Trello has answered, and
after it has."""

import json
import os

import pytest

from .util import SLOW, read, wait_until, write
from .writing import Account

BEFORE = ['labels: [bug, far away]', 'members: [tester, bob, carol]',
          'fields: {Effort: 3}']
AFTER = ['labels: [bug, far away]', 'members: [tester, carol]']
LEFT = 'moved to "Other" without member bob, field Effort: that board does ' \
    'not have them'


class Boards(Account):
    """Board, and Other with a list Far: A has what Other has, and more."""

    def __init__(self, mounts, server, settle=1):
        super().__init__(mounts, server, settle=settle)
        self.other = self.api('POST', '/boards', name='Other',
                              defaultLists='false')['id']
        self.far = self.api('POST', '/lists', name='Far',
                            idBoard=self.other)['id']
        self.label('bug', 'red', self.other)
        # The same name, another colour: another label.
        self.label('later', 'lime', self.other)
        self.label('far away', 'lime', self.other)
        self.label('far away', 'sky', self.board)
        self.people()
        field = self.api('POST', '/customFields', idModel=self.board,
                         modelType='board', name='Effort', type='number',
                         pos='bottom', display_cardFront='true')['id']
        self.give('A', 'bug', 'far away')
        self.server.api('PUT', f'/cards/{self.ids["A"]}/customField/{field}'
                        '/item', {'value': {'number': '3'}})
        wait_until(lambda: os.path.isdir(self.mount.at('Other', 'Far')), 10,
                   'the other board')
        wait_until(lambda: head(self.at('To Do', 'A.md')) == BEFORE, 10,
                   lambda: read(self.at('To Do', 'A.md')))

    def label(self, name, color, board):
        self.api('POST', f'/boards/{board}/labels', name=name, color=color)

    def people(self):
        account = self.server.account
        for name in ('bob', 'carol'):
            member = account.add_member({
                'id': account.new_id(), 'username': name, 'fullName': name,
                'initials': name[:2].upper()})
            for board in (self.board, self.other):
                if name != 'bob' or board == self.board:
                    account.add_membership(account.boards[board],
                                           member['id'])

    def give(self, card, *labels):
        found = {each['name']: each['id'] for each in
                 self.api('GET', f'/boards/{self.board}/labels')}
        for name in labels:
            self.api('POST', f'/cards/{self.ids[card]}/idLabels',
                     value=found[name])
        for name in ('tester', 'bob', 'carol'):
            self.api('POST', f'/cards/{self.ids[card]}/idMembers',
                     value=self.server.account.usernames[name]['id'])

    def problems(self):
        return read(self.mount.at('.trellofs', 'problems')).decode()

    def labels(self, board):
        return sorted((each['name'], each['color']) for each in
                      self.api('GET', f'/boards/{board}/labels')
                      if each['name'])

    def moved(self):
        """What the server has of A on the other board, by name."""
        card = self.api('GET', f'/cards/{self.ids["A"]}')
        assert card['idBoard'] == self.other
        names = {each['id']: each['username'] for each in
                 self.server.account.members.values()}
        return (sorted((each['name'], each['color'])
                       for each in card['labels']),
                sorted(names[each] for each in card['idMembers']))

    def check(self, path):
        """All is sent, and here is what is there."""
        wait_until(self.drained, 15, lambda: self.raw() + self.problems())
        assert self.moved() == ([('bug', 'red'), ('far away', 'sky')],
                                ['carol', 'tester'])
        assert self.labels(self.other) == [
            ('bug', 'red'), ('far away', 'lime'), ('far away', 'sky'),
            ('later', 'lime')]
        wait_until(lambda: head(path) == SENT, 10, lambda: read(path))


# Of two that are called so the colour tells them apart.
SENT = ['labels: [bug, far away (sky)]'] + AFTER[1:]


def head(path):
    """The lines of the front matter that name what is a board's."""
    lines = read(path).split(b'---\n')[1].decode().splitlines()
    return [line for line in lines
            if line.split(':')[0] in ('labels', 'members', 'fields')]


def rest(path):
    """All behind the front matter: description, checklists, comments."""
    return read(path).split(b'---\n', 2)[2]


@pytest.fixture
def account(mounts, server):
    return Boards(mounts, server)


def by_card(account):
    os.rename(account.at('To Do', 'A.md'),
              account.mount.at('Other', 'Far', 'A.md'))
    return account.mount.at('Other', 'Far', 'A.md')


def by_list(account):
    os.rename(account.at('To Do'), account.mount.at('Other', 'To Do'))
    return account.mount.at('Other', 'To Do', 'A.md')


WAYS = [by_card, by_list]


@pytest.mark.parametrize('go', WAYS)
def test_at_once_and_after_the_answer(account, go):
    body = rest(account.at('To Do', 'A.md'))
    account.server.latency = 0.3
    account.server.forget()
    path = go(account)
    wait_until(lambda: head(path) == SENT, 5, lambda: read(path))
    assert rest(path) == body
    where = 'Other/Far/A.md' if go is by_card else 'Other/To Do'
    assert account.problems() == f'{where}: {LEFT}\n'
    account.check(path)
    assert rest(path) == body
    assert account.problems() == f'{where}: {LEFT}\n'
    writes = [each for each in account.server.requests
              if each['method'] != 'GET']
    assert len(writes) == 1
    account.server.latency = 0
    card = account.api('GET', f'/cards/{account.ids["A"]}', checklists='all')
    assert [len(each['checkItems']) for each in card['checklists']] == [2]
    # It was all foreseen: nothing of it is news of others.
    events = read(account.mount.at('.trellofs', 'events')).decode()
    assert not [line for line in events.splitlines()
                if json.loads(line)['id'] == account.ids['A']
                and json.loads(line)['event'] != 'changed'
                and 'A.md' in line and 'Other' in line]


@pytest.mark.parametrize('go', WAYS)
def test_taken_back(account, go):
    """Undone before it is sent, or refused."""
    old, before = account.at('To Do', 'A.md'), read(account.at('To Do',
                                                               'A.md'))
    path = go(account)
    wait_until(lambda: head(path) == SENT, 5, lambda: read(path))
    if go is by_card:
        os.rename(path, old)
    else:
        os.rename(os.path.dirname(path), os.path.dirname(old))
    assert read(old) == before and account.problems() == ''
    account.server.fault(method='PUT', path='/idBoard|/cards/', status=400,
                         body='invalid value for idBoard')
    account.mount.expect('did not accept')
    go(account)
    wait_until(lambda: os.path.exists(old), 10, 'it is back')
    wait_until(lambda: head(old) == BEFORE, 5, lambda: read(old))
    assert 'without' not in account.problems()
    account.server.clear_faults()
    with open(account.mount.at('.trellofs', 'control', 'retry'), 'w') as file:
        file.write('1\n')
    account.check(path)


@pytest.mark.parametrize('go, drop', [(by_card, 'before'),
                                      (by_list, 'after')])
def test_killed_while_it_is_sent(account, go, drop):
    account.server.fault(method='PUT', drop=drop, path='/cards/|/lists/',
                         latency=0.2)
    path = go(account)
    account.server.wait_for('PUT', '/cards/|/lists/')
    account.restart(kill=True)
    account.server.clear_faults()
    account.check(path)


@pytest.mark.parametrize('go', WAYS)
def test_without_a_network(account, go):
    account.mount.expect('cannot be reached')
    account.server.refuse(True)
    path = go(account)
    account.restart()
    account.mount.expect('cannot be reached')
    assert head(path) == SENT
    write(path, read(path).replace(b'far away (sky)', b'later').replace(
        b'- [ ] one', b'- [x] one'))
    account.wait_settled()
    assert head(path)[0] == 'labels: [bug, later]'
    account.server.refuse(False)
    wait_until(account.drained, 30, lambda: account.raw() +
               account.problems(), step=0.2)
    assert account.moved()[0] == [('bug', 'red'), ('later', 'lime')]
    wait_until(lambda: head(path)[0] == 'labels: [bug, later]', 10,
               lambda: read(path))


@pytest.mark.parametrize('go', WAYS)
def test_label_changed_before_and_after(account, go):
    """Labels by the names that an old text has for them."""
    old = read(account.at('To Do', 'A.md'))
    path = go(account)
    write(path, old.replace(b'[bug, far away]', b'[far away, later]'))
    account.wait_settled()
    assert head(path)[0] == 'labels: [far away (sky), later]'
    wait_until(account.drained, 15, lambda: account.raw() +
               account.problems())
    assert account.moved()[0] == [('far away', 'sky'), ('later', 'lime')]
    write(path, old.replace(b'[bug, far away]', b'[bug]'))
    account.wait_settled()
    wait_until(account.drained, 15, lambda: account.raw() +
               account.problems())
    assert account.moved()[0] == [('bug', 'red'), ('later', 'lime')]
    wait_until(lambda: sorted(head(path)[0][9:-1].split(', ')) == [
        'bug', 'later'], 10 * SLOW, lambda: read(path))


def test_board_that_is_being_made(account):
    """It has what the card brings, and who makes it."""
    os.mkdir(account.mount.at('New'))
    os.mkdir(account.mount.at('New', 'List'))
    path = account.mount.at('New', 'List', 'A.md')
    os.rename(account.at('To Do', 'A.md'), path)
    assert head(path) == ['labels: [bug, far away]', 'members: [tester]']
    wait_until(account.drained, 20, lambda: account.raw() +
               account.problems())
    wait_until(lambda: head(path) == ['labels: [bug, far away]',
                                      'members: [tester]'], 10,
               lambda: read(path))


def board(name, letter, **more):
    def id_of(number):
        return f'5f00000000{letter}{number:013}'
    person = {'id': '5f0000000000000000000001', 'username': 'you',
              'fullName': 'You'}
    return {
        'id': id_of(1), 'name': name, 'desc': '', 'closed': False,
        'shortLink': letter * 8, 'dateLastActivity':
        '2026-01-01T00:00:00.000Z', 'actions': [], 'checklists': [],
        'members': [person], 'memberships': [],
        'customFields': [], 'labels': [
            {'id': id_of(10 + at), 'idBoard': id_of(1), 'name': label,
             'color': color}
            for at, (label, color) in enumerate(more['labels'])],
        'lists': [{'id': id_of(2), 'name': 'List', 'closed': False,
                   'pos': 1, 'idBoard': id_of(1)}],
        'cards': [{'id': id_of(3), 'name': 'Card', 'desc': 'words',
                   'closed': False, 'idBoard': id_of(1), 'idList': id_of(2),
                   'pos': 1, 'idShort': 1, 'shortLink': letter * 7 + '1',
                   'idMembers': [person['id']], 'labels': [],
                   'idLabels': [id_of(10 + at) for at in
                                range(len(more['labels']))],
                   'dateLastActivity': '2026-01-01T00:00:00.000Z'}]}


@pytest.mark.parametrize('go', WAYS)
def test_exports(mount, tmp_path, go):
    args = []
    for each in (board('One', 'a', labels=[('bug', 'red'), ('new', 'sky')]),
                 board('Two', 'b', labels=[('bug', 'red')])):
        path = tmp_path / (each['name'] + '.json')
        path.write_text(json.dumps(each), encoding='utf-8')
        args += ['--export', str(path)]
    made = mount(*args, '-o', 'settle=1')
    old = made.at('One', 'List')
    if go is by_list:
        path = made.at('Two', 'Other')
        os.rename(old, path)
        path = os.path.join(path, 'Card.md')
    else:
        path = made.at('Two', 'List', 'Moved.md')
        os.rename(os.path.join(old, 'Card.md'), path)
    assert head(path)[0] == 'labels: [bug, new]'
    wait_until(lambda: read(made.at('.trellofs', 'pending')) == b'', 15,
               'it is taken')
    assert head(path)[0] == 'labels: [bug, new]'
    assert b'new' in read(made.at('Two', '.board.md')) or go is by_list
