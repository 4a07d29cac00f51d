"""What archives much waits for the user's word, and can be taken back; what
goes as a whole is one request."""

import os
import re
import time

import pytest

from .util import SLOW, outcome, read, read_tree, run, wait_until, walk_names
from .writing import Account, state

HELD = 'a lot are held'


class Boards:
    """A server with boards full of cards, and a mount of it all."""

    def __init__(self, mounts, server, boards, lists, cards):
        server.generate(boards=boards, lists=lists, cards=cards)
        self.mounts, self.server = mounts, server
        self.mount = mounts.account(server, 'refresh=5')
        self.mount.expect(HELD)
        self.mount.wait_complete(60)
        self.before = self.server.state()
        self.asked = len(server.requests)

    def folders(self):
        return sorted(name for name in os.listdir(self.mount.path))

    def look(self):
        """All that is to be seen: names in their order, inode numbers,
        texts."""
        names = walk_names(self.mount.path)
        return (names, read_tree(self.mount.path),
                {os.path.join(folder, name): os.stat(self.mount.at(
                    folder, name)).st_ino
                 for folder, below, files in names for name in below + files})

    def pending(self):
        return read(self.mount.at('.trellofs', 'pending')).decode()

    def control(self, command):
        with open(self.mount.at('.trellofs', 'control', command), 'w',
                  encoding='ascii') as file:
            file.write('1\n')

    def wait_held(self, count):
        """Until so much is held, and nothing waits otherwise."""
        wait_until(lambda: self.mount.status_line('held').startswith(
            f'{count} '), 20, lambda: f'{count} are held:\n{self.pending()}')
        assert len(re.findall(r' \(held\) ', self.pending())) == count

    def remount(self, kill):
        if kill:
            self.mount.kill()
        else:
            self.mount.unmount()
        self.mount = self.mounts.again(self.mount, path=self.mount.path)
        self.mount.expect(HELD, 'unmounted what a trellofs')
        self.mount.wait_complete(60)

    def writes(self):
        """What was sent: methods and paths."""
        return [(each['method'], each['path'])
                for each in self.server.requests[self.asked:]
                if each['method'] != 'GET']

    def unchanged(self):
        assert self.writes() == []
        assert self.server.state() == self.before

    def said(self):
        return self.mount.log().count(HELD)


def remove_all(boards):
    """rm -rf of everything that is listed."""
    run('rm', '-rf', *(boards.mount.at(name) for name in boards.folders()),
        seconds=60)
    assert boards.folders() == []


@pytest.mark.seconds(240)
@pytest.mark.parametrize('kill', [False, True], ids=['restart', 'kill'])
def test_everything(mounts, server, kill):
    """rm -rf of 1,000 cards changes nothing; discard takes it back, also
    after a restart; confirm sends one request for each board."""
    boards = Boards(mounts, server, 5, 4, 200)
    seen = boards.look()
    held = 1000 + 5 * 4 + 5
    remove_all(boards)
    boards.wait_held(held)
    assert boards.said() == 1
    boards.control('sync')
    boards.unchanged()
    boards.remount(kill)
    assert boards.folders() == []
    boards.wait_held(held)
    assert boards.said() == 1
    boards.control('discard')
    assert boards.pending() == '' and boards.look() == seen
    assert outcome(boards.control, 'discard') == 'ENOENT'
    assert outcome(boards.control, 'confirm') == 'ok'
    boards.unchanged()
    remove_all(boards)
    boards.wait_held(held)
    boards.control('confirm')
    boards.control('sync')
    assert boards.pending() == '' and boards.folders() == []
    assert sorted(boards.writes()) == sorted(
        ('PUT', '/1/boards/' + each['id']) for each in boards.before['boards'])
    assert all(each.get('closed') for each in server.state()['boards'])


@pytest.mark.seconds(120)
def test_few_cards_on_boards(mounts, server):
    """Not many cards; but what is on a board that is to be closed waits with
    it, for as long as it takes."""
    boards = Boards(mounts, server, 3, 2, 6)
    seen = boards.look()
    remove_all(boards)
    boards.wait_held(18 + 6 + 3)
    time.sleep(12 * SLOW)
    boards.control('sync')
    boards.unchanged()
    boards.control('discard')
    assert boards.look() == seen
    boards.unchanged()


@pytest.mark.seconds(120)
def test_list_of_two_hundred(mounts, server):
    """One request, once it is confirmed."""
    boards = Boards(mounts, server, 1, 2, 400)
    board = boards.mount.at(boards.folders()[0])
    going, staying = sorted(os.listdir(board))
    count = len(os.listdir(os.path.join(board, going)))
    assert count > 100
    seen = boards.look()
    run('rm', '-rf', os.path.join(board, going), seconds=60)
    boards.wait_held(count + 1)
    assert os.listdir(board) == [staying]
    boards.control('discard')
    assert boards.look() == seen
    run('rm', '-rf', os.path.join(board, going), seconds=60)
    boards.wait_held(count + 1)
    boards.control('confirm')
    boards.control('sync')
    closed = [each['id'] for each in server.state()['lists']
              if each.get('closed')]
    assert len(closed) == 1 and boards.pending() == ''
    assert boards.writes() == [('PUT', '/1/lists/' + closed[0])]
    assert os.listdir(board) == [staying]
    # Trello's cards are not archived: they come back with their list.
    assert not any(each.get('closed') for each in server.state()['cards'])


@pytest.fixture
def account(mounts, server):
    made = Account(mounts, server)
    made.mount.expect(HELD)
    return made


def test_list(account):
    """A few cards in a list: one request, and nothing to confirm."""
    asked = len(account.server.requests)
    run('rm', '-rf', account.list)
    assert os.listdir(account.at()) == ['Doing']
    account.wait_kinds(*['archive'] * 3, 'archive-list')
    account.control('sync')
    assert account.raw() == ''
    assert [(each['method'], each['path'])
            for each in account.server.requests[asked:]
            if each['method'] != 'GET'] == [
                ('PUT', '/1/lists/' + account.lists['To Do'])]
    assert account.closed() == account.before
    assert os.listdir(account.at()) == ['Doing']


def test_list_with_a_comment_and_a_change(account):
    """What was written before is sent all the same."""
    card, other = account.card('A'), account.card('B')
    with open(card.path, 'ab') as file:
        file.write(b'A comment.\n')
    with open(other.path, 'wb') as file:
        file.write(other.replaced())
    run('rm', '-rf', account.list)
    wait_until(lambda: sorted(account.kinds()) == [
        *['archive'] * 3, 'archive-list', 'comment-add', 'desc'], 6,
               lambda: f'all waits: {account.raw()}')
    account.control('sync')
    assert account.raw() == ''
    here = account.server.account
    assert here.lists[account.lists['To Do']]['closed']
    assert b'new words' in here.cards[account.ids['B']]['desc'].encode()
    assert [each['data']['text'] for each in here.actions.values()
            if each['type'] == 'commentCard'
            and each['data']['card']['id'] == account.ids['A']] == [
                'Looks good.', 'A comment.']


def many(account, count):
    for number in range(count):
        account.api('POST', '/cards', name=f'card {number}',
                    idList=account.lists['Doing'])
    folder = account.at('Doing')
    wait_until(lambda: len(os.listdir(folder)) == count, 10, 'the cards')
    return folder


def holds(account):
    return [held for _, _, held in account.pending()]


def test_one_by_one(account):
    """The 51st is one too many, and that is said once."""
    folder = many(account, 60)
    for number in range(60):
        os.unlink(os.path.join(folder, f'card {number}.md'))
        time.sleep(0.02 * SLOW)
    wait_until(lambda: holds(account) == ['held'] * 60, 5, 'they are held')
    assert account.mount.log().count(HELD) == 1
    account.control('discard')
    assert account.raw() == '' and len(os.listdir(folder)) == 60
    assert state(os.path.join(folder, 'card 7.md')) == 'synced'
    # And once more when it happens again.
    run('find', folder, '-name', '*.md', '-delete')
    wait_until(lambda: holds(account) == ['held'] * 60, 5, 'they are held')
    assert account.mount.log().count(HELD) == 2
    account.control('confirm')
    account.control('sync')
    assert account.raw() == '' and os.listdir(folder) == []
    assert len(account.closed() - account.before) == 60


def test_confirmed_at_once(account):
    """Before anybody could see that it is held."""
    folder = many(account, 60)
    for number in range(60):
        os.unlink(os.path.join(folder, f'card {number}.md'))
    account.control('confirm')
    account.control('sync')
    assert account.raw() == '' and os.listdir(folder) == []
    assert len(account.closed() - account.before) == 60
    # There is nothing more to confirm, and nothing to take back.
    account.control('confirm')
    assert outcome(account.control, 'discard') == 'ENOENT'


def test_discarded_at_once(account):
    folder = many(account, 60)
    for number in range(60):
        os.unlink(os.path.join(folder, f'card {number}.md'))
    account.control('discard')
    assert account.raw() == '' and len(os.listdir(folder)) == 60


def test_fifty(account):
    folder = many(account, 50)
    run('find', folder, '-name', '*.md', '-delete')
    time.sleep(0.5 * SLOW)
    assert holds(account) == [None] * 50
    account.control('sync')
    assert len(account.closed() - account.before) == 50


def test_without_a_network(account):
    """It is held, and can be taken back, also then."""
    folder = many(account, 60)
    account.mount.expect('not reachable|cannot be reached|offline|network')
    account.server.refuse()
    run('find', folder, '-name', '*.md', '-delete')
    wait_until(lambda: holds(account) == ['held'] * 60, 10, 'they are held')
    account.control('discard')
    assert account.raw() == '' and len(os.listdir(folder)) == 60
    account.server.refuse(False)


def test_board(account):
    run('rm', '-rf', account.at())
    assert 'Board' not in os.listdir(account.mount.path)
    wait_until(lambda: ('close-board', 'held') in [
        (what, held) for what, _, held in account.pending()], 5, 'it is held')
    wait_until(lambda: holds(account) == ['held'] * 6, 5, 'all of it is held')
    account.control('discard')
    assert account.raw() == ''
    assert 'Board' in os.listdir(account.mount.path)
    assert account.names() == ['A.md', 'B.md', 'C.md']


def test_list_that_moves_away_before_its_board_goes(account):
    """It does not go with the board."""
    os.mkdir(account.mount.at('Other'))
    account.control('sync')
    os.rename(account.list, account.mount.at('Other', 'To Do'))
    os.unlink(account.mount.at('Other', 'To Do', 'A.md'))
    run('rm', '-rf', account.at())
    wait_until(lambda: 'held' in holds(account), 5, 'the board is held')
    account.control('confirm')
    account.control('sync')
    assert account.raw() == ''
    here = {each['id']: each for kind in ('boards', 'lists')
            for each in account.server.state()[kind]}
    assert here[account.board]['closed']
    kept = here[account.lists['To Do']]
    assert not kept.get('closed') and kept['idBoard'] != account.board
    assert account.closed() - account.before == {account.ids['A']}
    assert account.names(account.mount.at('Other', 'To Do')) == [
        'B.md', 'C.md']
