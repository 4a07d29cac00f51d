"""What others change at Trello shows within a refresh and 1 s, under
whatever the kernel has cached, and nothing else is touched."""

import json
import os
import re

import pytest

from . import contract, expected
from .servers import checked_server
from .util import read, wait_until, write

REFRESH = 1
LIMIT = REFRESH + 1
REQUEST = re.compile(rb'opcode: (\w+) \(\d+\), nodeid: (\d+)')
FORGET_INODE = re.compile(rb': debug: forget inode (\d+)\n')
FORGET_NAME = re.compile(rb': debug: forget name (\d+) ([^\n]*)\n')


def parents(path):
    """The folders that a path is below of."""
    while len(path) > 1:
        path = os.path.dirname(path)
        yield path


class Log:
    """What the kernel asks a mount that runs with -d."""

    def __init__(self, mount):
        self.path = mount.log_path
        self.mark()

    def mark(self):
        self.at = os.path.getsize(self.path)

    def asked(self):
        """(operation, inode) of each request since the mark."""
        with open(self.path, 'rb') as log:
            log.seek(self.at)
            return {(what.decode(), int(number))
                    for what, number in REQUEST.findall(log.read())}

    def told(self):
        """({inode}, {(folder, name)}) that the kernel was told to forget
        since the mark."""
        with open(self.path, 'rb') as log:
            log.seek(self.at)
            text = log.read()
        return ({int(number) for number in FORGET_INODE.findall(text)},
                {(int(folder), os.fsdecode(name))
                 for folder, name in FORGET_NAME.findall(text)})

    def of(self, inodes):
        """The lines about these since the mark, and of what was told."""
        with open(self.path, encoding='utf-8', errors='replace') as log:
            log.seek(self.at)
            return ''.join(
                line for line in log if ': forget ' in line or any(
                    f'nodeid: {each},' in line for each in inodes))[-8000:]


class World:
    """A server, a mount of it, and all that a user has looked at."""

    def __init__(self, server, mount):
        self.server, self.mount = server, mount
        self.log = Log(mount)
        self.asked_at = 0

    # Trello's side

    def api(self, method, path, **params):
        return self.server.api(method, path, params)

    @property
    def boards(self):
        return [each for each in self.server.account.boards.values()
                if not each.data.get('closed')]

    def view(self, number=0):
        views = {each.id: each for each in expected.of_server(self.server)}
        return views[self.boards[number].id]

    # The user's side

    def at(self, *names):
        return self.mount.at(*names)

    def folder(self, number=0):
        return self.at(contract.name_of(self.boards[number].data['name']))

    def path(self, card):
        """Where a card is to be seen."""
        for view in expected.of_server(self.server):
            for name, cards in view.tree().items():
                for each, found in cards.items():
                    if found['id'] == card['id']:
                        return self.at(contract.name_of(view.name), name,
                                       each)
        raise KeyError(card['id'])

    def card(self, number=0, board=0):
        return self.view(board).all_cards()[number]

    def look(self):
        """Reads everything: {path: (text, inode, mtime)}. What comes or
        goes meanwhile is left out."""
        found = {}
        for folder, names, files in os.walk(self.mount.path):
            for name in names + files:
                path = os.path.join(folder, name)
                try:
                    text = read(path) if name in files else None
                    status = os.stat(path)
                    found[path] = text, status.st_ino, \
                        text is not None and status.st_mtime_ns
                except FileNotFoundError:
                    pass
        return found

    def check(self):
        expected.check_tree(self.mount.path,
                            expected.of_server(self.server))
        return True

    def begin(self):
        """Everything is known and cached."""
        wait_until(self.check, 10, 'the tree')
        # What came before may still be told, behind what shows already.
        for _ in range(10):
            self.before = self.look()
            self.mark()
            if self.look() == self.before and not self.told():
                break
        self.mark()

    def mark(self):
        self.log.mark()
        self.asked_at = len(self.server.requests)

    def see(self, *fresh):
        """Waits until everything is right. fresh: paths that may be read
        again; nothing else is. Meanwhile all that is neither new nor gone
        reads as it was or as it becomes."""
        self.samples = []
        wait_until(self.sample, LIMIT, 'the news')
        after = self.look()
        for seen in self.samples:
            self.check_sample(seen, after)
        changed = {found[path][1] for path in set(self.before) | set(after)
                   if self.before.get(path) != after.get(path)
                   for found in (self.before, after) if path in found}
        fresh = {os.stat(path).st_ino for path in fresh
                 if os.path.exists(path)} | changed
        # What nobody told it to forget the kernel forgot by itself.
        told = self.told()
        assert told or after == self.before
        again = self.read_again() & told
        assert again <= fresh, self.log.of(again - fresh)
        return after

    def sample(self):
        self.samples.append(self.look())
        return self.check()

    def check_sample(self, seen, after):
        assert set(self.before) & set(after) <= set(seen)
        for path, found in seen.items():
            assert found[:2] in (self.before.get(path, ())[:2],
                                 after.get(path, ())[:2]), path

    def read_again(self):
        """The inodes of files that the kernel asked the program for since
        begin()."""
        return {number for what, number in self.log.asked()
                if what == 'READ'}

    def told(self):
        """The inodes that the kernel was told to forget since begin(), by
        number, by name, or because they are below such a name."""
        inodes, names = self.log.told()
        return inodes | {
            found[1] for path, found in self.before.items()
            if any(os.path.join(self.path_of(folder), name) in
                   (path, *parents(path)) for folder, name in names)}

    def path_of(self, inode):
        """That of a folder, of begin()."""
        return self.mount.path if inode == 1 else next(
            (path for path, found in self.before.items()
             if found[1] == inode), '')

    def boards_asked(self):
        """The ids of boards that were looked at since begin()."""
        found = set()
        for each in self.server.requests[self.asked_at:]:
            found |= set(re.findall(r'^/1/boards/(\w+)', each['path']))
        return found


# Small boards are read as a whole when there are news, of big ones what moved.
@pytest.fixture(scope='module', params=(24, 120), ids=('small', 'big'))
def account(shared_mounts, request):
    """(server, mount) of a module; tests leave their traces."""
    with checked_server() as server:
        server.generate(boards=4, lists=4, cards=request.param, comments=0.4)
        mount = shared_mounts.account(server, f'refresh={REFRESH}',
                                      args=('-d',))
        yield server, mount
        # Before the server goes: a mount without one complains.
        shared_mounts.finish()


@pytest.fixture
def world(account):
    world = World(*account)
    world.begin()
    yield world
    assert account[0].counters()['sent_429'] == 0


# Cards

TEXTS = ('short', 'x' * 9000, '',
         'Ünïcode 🚀\n\n## Comments\n\\## Attachments')


def test_descriptions(world):
    """Longer, shorter, none, and with headings of ours."""
    cards = {world.path(card): card
             for card in (world.card(each) for each in range(3, 7))}
    before = {path: os.stat(path) for path in cards}
    for card, text in zip(cards.values(), TEXTS):
        world.api('PUT', f'/cards/{card["id"]}', desc=text)
    world.see()
    for path, text in zip(cards, TEXTS):
        now = os.stat(path)
        assert contract.Parsed(read(path)).description == text.encode()
        assert now.st_size == len(read(path))
        assert now.st_ino == before[path].st_ino
        assert now.st_ctime_ns > before[path].st_ctime_ns
        assert now.st_mtime_ns > before[path].st_mtime_ns
    assert world.boards_asked() == {world.boards[0].id}


def test_same_size(world):
    """The size says nothing; the text is another one."""
    card = world.card(5)
    path = world.path(card)
    world.api('PUT', f'/cards/{card["id"]}', desc='abcdef')
    world.see()
    world.begin()
    world.api('PUT', f'/cards/{card["id"]}', desc='ABCDEF')
    world.see()
    assert b'ABCDEF' in read(path) and b'abcdef' not in read(path)


def test_rename(world):
    card = world.card(1)
    old = world.path(card)
    number = os.stat(old).st_ino
    new = os.path.join(os.path.dirname(old), 'Named by another.md')
    assert not os.path.exists(new)
    world.api('PUT', f'/cards/{card["id"]}', name='Named by another')
    after = world.see()
    assert old not in after and not os.path.exists(old)
    assert os.stat(new).st_ino == number


def test_new_card_under_a_missed_name(world):
    view = world.view()
    folder = os.path.join(world.folder(), list(view.tree())[0])
    path = os.path.join(folder, 'Newly made.md')
    for _ in range(3):
        assert not os.path.exists(path)
    world.api('POST', '/cards', idList=view.lists[0]['id'],
              name='Newly made', desc='by another')
    world.see()
    assert b'by another' in read(path)
    assert os.listdir(folder)[-1] == 'Newly made.md'


def test_new_card_on_top(world):
    view = world.view()
    folder = os.path.join(world.folder(), list(view.tree())[0])
    world.api('POST', '/cards', idList=view.lists[0]['id'], name='On top',
              pos='top')
    world.see()
    assert os.listdir(folder)[0] == 'On top.md'


def test_moves(world):
    """To another list, to another board, and to another place."""
    one, two = world.card(2), world.card(8)
    old, number = world.path(one), os.stat(world.path(one)).st_ino
    target, board = world.view().lists[-1], world.view(1)
    world.api('PUT', f'/cards/{one["id"]}', idList=target['id'],
              pos='bottom')
    gone = world.path(two)
    world.api('PUT', f'/cards/{two["id"]}', idBoard=board.id,
              idList=board.lists[0]['id'])
    cards = list(world.view(2).cards.values())[1]
    folder = os.path.dirname(world.path(cards[0]))
    names = os.listdir(folder)
    world.api('PUT', f'/cards/{cards[-1]["id"]}', pos='top')
    after = world.see()
    assert old not in after and gone not in after
    assert world.path(two) in after
    assert os.stat(world.path(one)).st_ino == number
    assert os.getxattr(world.path(one), 'user.trello.list') == \
        target['id'].encode()
    assert os.getxattr(world.path(two), 'user.trello.board') == \
        board.id.encode()
    assert os.listdir(folder) == names[-1:] + names[:-1]


def test_archive_and_restore(world):
    card = world.card(4)
    path = world.path(card)
    world.api('PUT', f'/cards/{card["id"]}', closed='true')
    assert path not in world.see()
    world.begin()
    world.api('PUT', f'/cards/{card["id"]}', closed='false')
    assert path in world.see()


def test_delete(world):
    card = world.card(4)
    path = world.path(card)
    world.api('DELETE', f'/cards/{card["id"]}')
    assert path not in world.see()
    assert not os.path.exists(path)


def test_several_at_once(world):
    """Names change places."""
    one, two, three = (world.card(each, 2) for each in range(3))
    for card, name in ((one, 'Swap'), (two, one['name']),
                       (three, two['name'])):
        world.api('PUT', f'/cards/{card["id"]}', name=name)
    wait_until(world.check, LIMIT, 'the news')


def test_open_file_reads_on(world):
    """Who has a card open reads a text, old or new, and no error."""
    card = world.card(6)
    with open(world.path(card), 'rb') as file:
        first = file.read(20)
        world.api('PUT', f'/cards/{card["id"]}', name='Renamed while open')
        world.see()
        assert first == b'---\nurl: https://tre'
        assert file.read()
        world.begin()
        world.api('DELETE', f'/cards/{card["id"]}')
        world.see()


# What stands in a card

def test_comments_and_checklists(world):
    """Made, changed and removed."""
    talked = next(each for each in world.view().all_cards()
                  if world.view().comments.get(each['id']))
    listed = world.card(7, 1)
    talk, todo = world.path(talked), world.path(listed)
    comment = world.api('POST', f'/cards/{talked["id"]}/actions/comments',
                        text='First line\n\nlast line')
    checklist = world.api('POST', '/checklists', idCard=listed['id'],
                          name='List')
    item = world.api('POST', f'/checklists/{checklist["id"]}/checkItems',
                     name='Do it')
    world.see()
    assert read(talk).endswith(b'> First line\n>\n> last line\n\n')
    assert b'## Checklist: List\n\n- [ ] Do it\n' in read(todo)

    world.begin()
    world.api('PUT', f'/actions/{comment["id"]}', text='Edited')
    world.api('PUT', f'/cards/{listed["id"]}/checkItem/{item["id"]}',
              state='complete')
    world.see()
    assert read(talk).endswith(b'> Edited\n\n')
    assert b'- [x] Do it\n' in read(todo)

    world.begin()
    world.api('DELETE', f'/actions/{comment["id"]}')
    world.api('DELETE', f'/checklists/{checklist["id"]}')
    world.see()
    assert b'Edited' not in read(talk) and b'Do it' not in read(todo)


def test_label_of_many_cards(world):
    """Its name changes in each card that has it, and in no other; the
    cards' mtime moves with their text."""
    view = world.view(1)
    label = next(iter(view.labels.values()))
    marked = [world.path(card) for card in view.all_cards()
              if label['id'] in card.get('idLabels', ())]
    assert 0 < len(marked) < len(view.all_cards())
    times = {path: os.stat(path).st_mtime_ns for path in marked}
    world.api('PUT', f'/labels/{label["id"]}', name='Relabelled')
    world.see()
    for path in marked:
        assert 'Relabelled' in contract.Parsed(read(path)).front['labels']
        assert os.stat(path).st_mtime_ns > times[path]
    again = world.read_again()
    assert {os.stat(path).st_ino for path in marked} <= again
    world.begin()
    world.api('DELETE', f'/labels/{label["id"]}')
    world.see()


def test_labels_members_and_dates(world):
    card = world.card(8)
    path = world.path(card)
    label = next(iter(world.view().labels))
    member = world.boards[0].memberships[2]['idMember']
    for method, part, value in (('POST', 'idLabels', label),
                                ('POST', 'idMembers', member)):
        if value not in card.get(part, ()):
            world.api(method, f'/cards/{card["id"]}/{part}', value=value)
    world.api('PUT', f'/cards/{card["id"]}', due='2030-01-02T03:04:00.000Z',
              dueComplete='true')
    world.see()
    front = contract.Parsed(read(path)).front
    assert front['due'] == '2030-01-02T03:04+00:00'
    assert front['done'] == 'true' and front['members'] and front['labels']
    world.begin()
    world.api('PUT', f'/cards/{card["id"]}', due='null', dueComplete='false')
    world.api('DELETE', f'/cards/{card["id"]}/idMembers/{member}')
    world.see()
    assert 'due' not in contract.Parsed(read(path)).front


def test_attachment_field_and_members(world):
    """And a member who leaves another board."""
    card = world.card(9)
    path = world.path(card)
    world.api('POST', f'/cards/{card["id"]}/attachments',
              url='https://example.com/spec', name='the spec')
    field = world.api('POST', '/customFields', idModel=world.boards[0].id,
                      modelType='board', name='Estimate', type='number',
                      pos='bottom', display_cardFront='true')
    world.api('PUT', f'/cards/{card["id"]}/customField/{field["id"]}/item',
              value={'number': '3'})
    board = world.boards[3]
    member = board.memberships[1]['idMember']
    world.api('DELETE', f'/boards/{board.id}/members/{member}')
    world.see()
    assert b'- [the spec](https://example.com/spec)\n' in read(path)
    assert contract.Parsed(read(path)).front['fields'] == {'Estimate': '3'}


# Lists

def test_lists_and_boards(world):
    """Made, renamed, put elsewhere, archived or closed, and restored."""
    board, folder = world.boards[0], world.folder()
    one, other = os.path.join(folder, 'A list'), world.at('A board')
    assert not os.path.exists(one) and not os.path.exists(other)
    made = world.api('POST', '/lists', name='A list', idBoard=board.id,
                     pos='bottom')
    world.api('POST', '/cards', idList=made['id'], name='In it')
    new = world.server.api('POST', '/boards', {'name': 'A board'},
                           token=world.server.token)
    world.see()
    assert os.listdir(one) == ['In it.md']
    assert sorted(os.listdir(other)) == ['Doing', 'Done', 'To Do']
    numbers = os.stat(one).st_ino, os.stat(other).st_ino

    world.begin()
    world.api('PUT', f'/lists/{made["id"]}', name='The list')
    world.api('PUT', f'/boards/{new["id"]}', name='The board')
    gone = one, other
    one, other = os.path.join(folder, 'The list'), world.at('The board')
    # With its name the kernel forgets what is below a folder.
    world.see(os.path.join(one, 'In it.md'))
    assert not any(map(os.path.exists, gone))
    assert (os.stat(one).st_ino, os.stat(other).st_ino) == numbers
    assert os.listdir(one) == ['In it.md'] and len(os.listdir(other)) == 3

    world.begin()
    world.api('PUT', f'/lists/{made["id"]}', pos='top')
    world.see()
    assert os.listdir(folder)[0] == 'The list'

    world.begin()
    world.api('PUT', f'/lists/{made["id"]}', closed='true')
    world.api('PUT', f'/boards/{new["id"]}', closed='true')
    world.see()
    assert not os.path.exists(one) and not os.path.exists(other)
    assert not os.path.exists(os.path.join(one, 'In it.md'))

    world.begin()
    world.api('PUT', f'/lists/{made["id"]}', closed='false')
    world.api('PUT', f'/boards/{new["id"]}', closed='false')
    world.see()
    assert os.listdir(one) == ['In it.md'] and len(os.listdir(other)) == 3

    world.begin()
    world.api('DELETE', f'/boards/{new["id"]}')
    world.see()
    assert not os.path.exists(other)


def test_list_to_another_board(world):
    moved = world.view().lists[1]
    world.api('PUT', f'/lists/{moved["id"]}', name='Wanderer')
    world.see()
    world.begin()
    name = 'Wanderer'
    old = os.path.join(world.folder(), name)
    world.api('PUT', f'/lists/{moved["id"]}/idBoard',
              value=world.boards[1].id)
    after = world.see()
    assert old not in after
    assert any(path.startswith(world.folder(1)) and name in path
               for path in after)


def test_archive_all_cards(world):
    emptied = world.view(2).lists[0]
    world.api('POST', f'/lists/{emptied["id"]}/archiveAllCards')
    world.see()


def test_member_is_put_off_a_board(world):
    """A board that one may not see any more is gone."""
    board = world.server.generate(boards=1, lists=1, cards=2, seed=99)[0]
    world.see()
    world.begin()
    path = world.at(contract.name_of(board.data['name']))
    assert os.path.exists(path)
    me = world.server.account.owner
    world.api('DELETE', f'/boards/{board.id}/members/{me}')
    wait_until(lambda: not os.path.exists(path), LIMIT, 'its end')
    world.api('DELETE', f'/boards/{board.id}')


def test_nothing_has_happened(world):
    """No change, no invalidation: refreshes leave everything cached."""
    # Python asks each file that it opens whether it is a terminal.
    usual = {'FORGET', 'BATCH_FORGET', 'STATFS', 'IOCTL'}
    for _ in range(5):
        world.begin()
        polls = len(world.server.requests)
        wait_until(lambda: len(world.server.requests) >= polls + 3,
                   6 * REFRESH, 'refreshes')
        world.look()
        assert world.log.told() == (set(), set())
        # A kernel short of memory may have dropped what nobody told it to.
        asked = {what for what, _ in world.log.asked()}
        if asked <= usual:
            break
    assert asked <= usual
    assert world.boards_asked() == set()


# What it costs

def test_requests_of_news(world):
    """A request for the list; then of a small board the whole, of a big one
    what moved and each ten cards, or the whole where many moved."""
    cards = world.view(3).all_cards()
    big = len(cards) > 100
    for moved, more in ((1, 1), (12, 2), (22, 1)):
        world.begin()
        for card in cards[:moved]:
            world.api('PUT', f'/cards/{card["id"]}', due='2031-01-02',
                      desc=f'{moved} words')
        wait_until(world.check, LIMIT, 'the news')
        asked = [each['path'] for each in
                 world.server.requests[world.asked_at:]
                 if each['method'] == 'GET'
                 and not each['path'].endswith('/members/me/boards')]
        looks = [path for path in asked if path.startswith('/1/boards/')]
        # A poll may fall between the changes: then there are two looks.
        assert 1 <= len(looks) <= 4, asked
        assert len(asked) - len(looks) <= 4 * big, asked
        if len(looks) == 1:
            assert len(asked) == 1 + big * more, asked


# .trellofs/events

def events(world, since):
    """The lines that were added behind so many bytes."""
    text = read(world.at('.trellofs', 'events'))
    assert len(text) == os.stat(world.at('.trellofs', 'events')).st_size
    return [json.loads(line) for line in text[since:].splitlines()]


def test_events(world):
    """A line for each thing that others did, and none for our own doing."""
    path = world.at('.trellofs', 'events')
    since = os.path.getsize(path)
    view = world.view()
    one, two = world.card(2), world.card(5)
    below = len(world.mount.path) + 1
    where = {card['id']: world.path(card)[below:] for card in (one, two)}
    world.api('PUT', f'/cards/{one["id"]}', name='Named for events',
              desc='And other words')
    world.api('POST', f'/cards/{one["id"]}/actions/comments', text='Seen?')
    wait_until(world.check, LIMIT, 'the news')
    said = events(world, since)
    changed = [each for each in said if each['event'] == 'changed'
               and each['id'] == one['id']]
    assert {word for each in changed for word in each['what']} == {
        'title', 'desc', 'comment-add'}
    moved, = [each for each in said if each['event'] == 'moved']
    assert moved['from'] == where[one['id']]
    assert moved['path'] == world.path(one)[below:]
    assert moved['kind'] == 'card'

    since = os.path.getsize(path)
    listed = world.api('POST', '/lists', name='For events',
                       idBoard=view.id, pos='bottom')
    made = world.api('POST', '/cards', idList=listed['id'], name='Made')
    world.api('PUT', f'/cards/{two["id"]}', closed='true')
    wait_until(world.check, LIMIT, 'the news')
    folder = world.folder()[below:]
    assert {(each['event'], each['kind'], each['id'], each['path'])
            for each in events(world, since)} == {
                ('created', 'list', listed['id'], folder + '/For events'),
                ('created', 'card', made['id'],
                 folder + '/For events/Made.md'),
                ('gone', 'card', two['id'], where[two['id']])}

    since = os.path.getsize(path)
    with open(world.at(folder, 'For events', 'Made.md'), 'ab') as file:
        file.write(b'My own words\n')
    write(world.at('.trellofs', 'control', 'sync'), b'\n')
    asked = len(world.server.requests)
    wait_until(lambda: len(world.server.matching(
        'GET', f'/boards/{view.id}')) > 0 and
        len(world.server.requests) > asked + 3, LIMIT + 2, 'a look')
    assert events(world, since) == []
