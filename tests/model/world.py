"""Random users of one account: two mounts, and somebody who acts through
Trello's own API; and what must be true when all of them are still.

Every word that somebody writes is unique, so that it can be found again."""

import contextlib
import errno
import os
import random
import re
import time

from mount import expected
from mount.util import folders, read, run, wait_until, write

QUIET = ('warning: ', 'notice: ', 'error: ')
OPTIONS = 'refresh=1,settle=0,comment_settle=1,lost_wait=2'
# What an operation may end with while the program is dead, or the file was
# changed by others between two steps.
EXPECTED = {errno.ENOENT, errno.ENOTCONN, errno.ECONNABORTED, errno.EIO,
            errno.EEXIST, errno.ENETUNREACH, errno.EINVAL, errno.ESTALE,
            errno.ENOTEMPTY, errno.EBUSY,
            # A text that was renamed over a card is still itself for a moment.
            errno.ENODATA}
DEAD = {errno.ENOTCONN, errno.ECONNABORTED, errno.EIO, errno.ENOENT}


# Whether all write the descriptions of a few cards. Otherwise each is one
# author's, and all the rest of a card is everybody's.
CONTEST = bool(os.environ.get('TRELLOFS_CONTEST'))
CONTESTED = 3


class Words:
    """What was written, and what became of it as its authors know."""

    def __init__(self):
        self.number = 0
        self.described = {}     # word -> who wrote it into a description
        self.removed = set()    # words that somebody who saw them took out
        self.commented = set()
        self.made = {}          # title word -> card text word
        self.items = set()
        self.archived = ''      # texts of cards that somebody archived

    def new(self, kind):
        self.number += 1
        return f'{kind}{self.number:04d}q'


class User:
    """Somebody at a mount, with ordinary tools."""

    def __init__(self, world, mount, name):
        self.world, self.mount, self.name = world, mount, name
        self.random, self.words = world.random, world.words

    def lists(self):
        return [os.path.join(self.mount.path, board, name)
                for board in folders(self.mount.path)
                for name in folders(os.path.join(self.mount.path, board))]

    def cards(self):
        return [os.path.join(folder, name) for folder in self.lists()
                for name in os.listdir(folder) if name.endswith('.md')]

    def described(self):
        """A card whose description is ours to change."""
        ours = [path for path in self.cards() if self.world.may_describe(
            os.getxattr(path, 'user.trello.id').decode(), self.name)]
        return self.random.choice(ours) if ours else None

    def act(self):
        action = self.random.choices(
            (self.describe, self.erase, self.comment, self.tick, self.item,
             self.make, self.move, self.rename, self.archive, self.label),
            (6, 2, 4, 2, 2, 3, 2, 1, 1, 1))[0]
        try:
            action()
        except OSError as error:
            if error.errno not in EXPECTED:
                raise

    def save(self, path, text):
        """As editors do: over itself, or by another file."""
        if self.random.random() < 0.5:
            write(path, text)
            return
        folder, name = os.path.split(path)
        spare = os.path.join(folder, f'.{name}.{self.words.number}.tmp')
        write(spare, text)
        try:
            os.rename(spare, path)
        except OSError:
            # What an editor cannot save it keeps to itself.
            with contextlib.suppress(OSError):
                os.unlink(spare)
            raise

    def describe(self):
        path = self.described()
        if path is None:
            return
        head, mark, body = read(path).partition(b'\n---\n')
        if not mark or b'<<<<<<<' in body:
            return
        desc, rest = split(body)
        word = self.words.new('desc')
        lines = desc.splitlines(True)
        lines.insert(self.random.randint(0, len(lines)),
                     word.encode() + b'\n')
        # Before the write: a kill may come right after it.
        text = head + mark + b''.join(lines) + rest
        self.save(path, text)
        self.words.described[word] = self.name

    def erase(self):
        """Takes a line out that is there."""
        path = self.described()
        if path is None:
            return
        head, mark, body = read(path).partition(b'\n---\n')
        desc, rest = split(body)
        lines = desc.splitlines(True)
        if not mark or b'<<<<<<<' in body or len(lines) < 2:
            return
        gone = lines.pop(self.random.randrange(len(lines)))
        self.words.removed |= set(re.findall(
            r'(?:desc|made)\d+q', gone.decode()))
        self.save(path, head + mark + b''.join(lines) + rest)

    def comment(self):
        path = self.random.choice(self.cards())
        word = self.words.new('comment')
        with open(path, 'r+b', buffering=0) as file:
            file.seek(0, os.SEEK_END)
        with open(path, 'ab', buffering=0) as file:
            file.write(word.encode() + b'\n')
        self.words.commented.add(word)

    def tick(self):
        path = self.random.choice(self.cards())
        text = read(path)
        if b'- [ ] ' in text:
            self.save(path, text.replace(b'- [ ] ', b'- [x] ', 1))

    def item(self):
        path = self.random.choice(self.cards())
        text = read(path)
        if text.count(b'\n- [') and b'<<<<<<<' not in text:
            word = self.words.new('item')
            at = text.index(b'\n- [') + 1
            self.save(path, text[:at] + f'- [ ] {word}\n'.encode() +
                      text[at:])
            self.words.items.add(word)

    def make(self):
        folder = self.random.choice(self.lists())
        title, word = self.words.new('title'), self.words.new('made')
        write(os.path.join(folder, title + '.md'), word + '\n')
        self.words.made[title] = word

    def move(self):
        path = self.random.choice(self.cards())
        target = self.random.choice(self.lists())
        rename(path, os.path.join(target, os.path.basename(path)))

    def rename(self):
        path = self.random.choice(self.cards())
        rename(path, path[:-3] + ' ' + self.words.new('name') + '.md')

    def archive(self):
        if len(self.cards()) > 3:
            path = self.random.choice(self.cards())
            text = read(path).decode()
            os.unlink(path)
            # Of a card that Trello has not heard of nothing is left then.
            self.words.archived += os.path.basename(path) + '\n' + text

    def label(self):
        path = self.random.choice(self.cards())
        text = read(path)
        if b'\nlabels: ' in text:
            text = re.sub(rb'\nlabels: [^\n]*', b'', text, count=1)
        else:
            text = text.replace(b'\n---\n', b'\nlabels: [marked]\n---\n', 1)
        self.save(path, text)


def rename(old, new):
    """Not over another card: that archives one, and is another story."""
    if not os.path.exists(new):
        os.rename(old, new)


def split(body):
    """A description, and all behind it."""
    for mark in (b'\n## Checklist: ', b'\n## Attachments\n',
                 b'\n## Comments\n', b'## Checklist: ', b'## Comments\n'):
        at = body.find(mark)
        if at >= 0 and (mark[:1] == b'\n' or at == 0):
            return body[:at], body[at:]
    return body, b''


class Remote:
    """Somebody who uses Trello in the browser."""

    name = 'remote'

    def __init__(self, world):
        self.world = world
        self.random, self.words = world.random, world.words

    def api(self, method, path, **params):
        return self.world.server.api(method, path, params)

    def cards(self):
        state = self.world.server.state()
        boards = {each['id'] for each in state['boards']
                  if not each.get('closed')}
        return [each for each in state['cards'] if not each.get('closed')
                and each['idBoard'] in boards]

    def act(self):
        self.random.choices(
            (self.describe, self.comment, self.tick, self.move, self.rename,
             self.archive, self.make, self.title), (5, 3, 2, 2, 1, 1, 1, 1)
        )[0]()

    def card(self):
        return self.random.choice(self.cards())

    def describe(self):
        ours = [card for card in self.cards()
                if self.world.may_describe(card['id'], self.name)]
        if not ours:
            return
        card = self.random.choice(ours)
        word = self.words.new('desc')
        lines = card['desc'].splitlines(True)
        if lines and not lines[-1].endswith('\n'):
            lines[-1] += '\n'
        lines.insert(self.random.randint(0, len(lines)), word + '\n')
        self.api('PUT', f'/cards/{card["id"]}', desc=''.join(lines).strip())
        self.words.described[word] = self.name

    def comment(self):
        word = self.words.new('comment')
        self.api('POST', f'/cards/{self.card()["id"]}/actions/comments',
                 text=word)
        self.words.commented.add(word)

    def tick(self):
        card = self.card()
        for each in self.world.server.state()['checklists']:
            for item in each['checkItems']:
                if each['idCard'] == card['id']:
                    self.api('PUT', f'/cards/{card["id"]}/checkItem/'
                             f'{item["id"]}', state='complete')
                    return

    def move(self):
        card = self.card()
        lists = [each for each in self.world.server.state()['lists']
                 if each['idBoard'] == card['idBoard']
                 and not each.get('closed')]
        self.api('PUT', f'/cards/{card["id"]}', pos='top',
                 idList=self.random.choice(lists)['id'])

    def rename(self):
        self.api('PUT', f'/cards/{self.card()["id"]}',
                 name=self.words.new('name'))

    def archive(self):
        if len(self.cards()) > 3:
            self.api('PUT', f'/cards/{self.card()["id"]}', closed='true')

    def make(self):
        title, word = self.words.new('title'), self.words.new('made')
        self.api('POST', '/cards', name=title, desc=word,
                 idList=self.card()['idList'])
        self.words.made[title] = word

    def title(self):
        """The list's."""
        self.api('PUT', f'/lists/{self.card()["idList"]}',
                 name=self.words.new('list'))


def ids_in(folder):
    """{id: path} of what is in it, in its order. Names are compared by
    tests/mount: which of two cards of one title came first to one of them is
    another mount's own business, and so is what an editor left behind when
    somebody renamed its folder."""
    paths = [os.path.join(folder, name) for name in os.listdir(folder)
             if not name.endswith('.tmp')]
    return {os.getxattr(path, 'user.trello.id').decode(): path
            for path in paths}


def check_board(path, view):
    lists = ids_in(path)
    assert list(lists) == [each['id'] for each in view.lists]
    for key, folder in lists.items():
        cards = ids_in(folder)
        assert list(cards) == [each['id'] for each in view.cards[key]]
        for card in view.cards[key]:
            file = cards[card['id']]
            name = re.sub(r' #\w+\.md$', '.md', os.path.basename(file))
            expected.check_text(read(file), name, card, view)


class World:
    """One seed."""

    def __init__(self, mounts, server, seed, users=2):
        self.random = random.Random(seed)
        self.server, self.mounts = server, mounts
        self.words = Words()
        self.authors = {}       # of descriptions, by the card's id
        self.fill()
        self.users = [User(self, self.start(), f'mount {number}')
                      for number in range(users)]
        self.remote = Remote(self)
        self.drafts = []        # texts that were found in drafts

    def fill(self):
        for number in range(2):
            board = self.api('POST', '/boards', name=f'Board {number}',
                             defaultLists='false')['id']
            self.api('POST', f'/boards/{board}/labels', name='marked',
                     color='red')
            for name in ('One', 'Two'):
                folder = self.api('POST', '/lists', name=name,
                                  idBoard=board)['id']
                for card in range(3):
                    self.make_card(folder, f'{name} {number} {card}')

    def make_card(self, folder, name):
        card = self.api('POST', '/cards', name=name, idList=folder,
                        desc='\n'.join(f'line {n}' for n in range(6)))
        self.authors[card['id']] = ('mount 0', 'mount 1', 'remote')[
            len(self.authors) % 3]
        steps = self.api('POST', '/checklists', name='Steps',
                         idCard=card['id'])
        for item in ('one', 'two', 'three'):
            self.api('POST', f'/checklists/{steps["id"]}/checkItems',
                     name=item)

    def may_describe(self, card, who):
        if CONTEST:
            return card in list(self.authors)[:CONTESTED]
        return self.authors.get(card) == who

    def api(self, method, path, **params):
        return self.server.api(method, path, params)

    def start(self):
        mount = self.mounts.account(self.server, OPTIONS)
        mount.expect(*QUIET)
        mount.wait_complete()
        return mount

    def restart(self, user):
        run('fusermount3', '-u', '-z', user.mount.path, check=False)
        user.mount = self.mounts.again(user.mount)
        user.mount.expect(*QUIET)

    # What happens

    def run(self, steps):
        for _ in range(steps):
            who = self.random.choices((*self.users, self.remote),
                                      (3, 3, 2))[0]
            who.act()
            if self.random.random() < 0.15:
                self.trouble()
            time.sleep(self.random.choice((0, 0, 0.02, 0.1, 0.4)))
        self.server.clear_faults()

    def trouble(self):
        kind = self.random.choice(('after', 'before', 'error', 'slow',
                                   'limit', 'cut', 'kill', 'stop'))
        if kind in ('after', 'before'):
            self.server.fault(method='POST|PUT|DELETE', drop=kind,
                              count=self.random.randint(1, 3))
        elif kind == 'error':
            self.server.fault(status=503, body='down', count=2)
        elif kind == 'slow':
            self.server.fault(latency=0.3, count=5)
        elif kind == 'limit':
            self.server.fault(status=500, after=True, count=1,
                              method='POST|PUT')
        elif kind == 'cut':
            self.server.fault(drop='before', count=8)
        elif kind == 'kill':
            user = self.random.choice(self.users)
            self.wait_settled(user)
            user.mount.kill()
            # A description that is on the way while its sender dies may
            # arrive behind the next one: a client cannot help that.
            wait_until(lambda: self.server.heard_out, 10, 'replies',
                       step=0.001)
            self.restart(user)
        else:
            user = self.random.choice(self.users)
            self.wait_settled(user)
            user.mount.unmount()
            self.restart(user)

    @staticmethod
    def wait_settled(user):
        """What somebody is still writing when it is cut off is a draft: that
        is another test's."""
        def settled():
            text = read(user.mount.at('.trellofs', 'pending'))
            return b'being-written' not in text
        wait_until(settled, 10, 'settling')

    # The end

    def finish(self):
        self.server.clear_faults()
        for user in self.users:
            wait_until(lambda user=user: self.drained(user), 60,
                       lambda user=user: self.tell(user), step=0.1)
            # Others may rename or archive a list meanwhile.
            wait_until(lambda user=user: self.take_drafts(user), 10,
                       'what could not be sent')
        # What a description replaced is looked at behind everything else.
        wait_until(lambda: self.agree() and self.check_words(), 40,
                   self.tell_difference, step=0.2)

    @staticmethod
    def drained(user):
        with contextlib.suppress(OSError):
            write(user.mount.at('.trellofs', 'control', 'sync'), b'\n')
        return all(b'(refused)' in line for line in
                   read(user.mount.at('.trellofs', 'pending')).splitlines())

    def take_drafts(self, user):
        """What could not be sent is still there, and is given up."""
        for path in list(user.cards()):
            with contextlib.suppress(FileNotFoundError):
                error = read(path + '.error').decode()
                self.drafts += [read(path).decode(), error]
                os.unlink(path + '.error')
        # What was written in a card that has gone since.
        for name in os.listdir(user.mount.path):
            path = user.mount.at(name)
            if os.path.isfile(path):
                self.drafts.append(read(path).decode())
                os.unlink(path)
        return True

    def agree(self):
        views = {view.id: view for view in expected.of_server(self.server)}
        for user in self.users:
            self.take_drafts(user)
            boards = ids_in(user.mount.path)
            assert set(boards) == set(views)
            for key, path in boards.items():
                check_board(path, views[key])
        return True

    def check_words(self):
        state = self.server.state()
        kept = '\n'.join(self.drafts) + self.words.archived
        comments = [each['data']['text'] for each in state['actions']
                    if each['type'] == 'commentCard']
        for word in self.words.commented:
            times = sum(word in text for text in comments)
            assert times == 1 or times == 0 and word in kept, \
                f'comment {word}: {times} times'
        names = [each['name'] for each in state['cards']]
        descs = [each['desc'] for each in state['cards']]
        for title, word in self.words.made.items():
            assert sum(word in desc for desc in descs) <= 1, title
            assert any(word in desc for desc in descs) or word in kept \
                or word in self.words.removed, \
                f'card {title}, {word} in {names}'
        for word, who in self.words.described.items():
            assert any(word in desc for desc in descs) or word in kept \
                or word in self.words.removed, f'{word} of {who} is lost'
        items = [item['name'] for each in state['checklists']
                 for item in each['checkItems']]
        for word in self.words.items:
            assert items.count(word) == 1 or \
                items.count(word) == 0 and word in kept, f'item {word}'
        counters = self.server.counters()
        assert counters['sent_429'] == 0
        return True

    def tell(self, user):
        return user.name + ' has left:\n' + \
            read(user.mount.at('.trellofs', 'pending')).decode() + \
            read(user.mount.at('.trellofs', 'problems')).decode()

    def tell_difference(self):
        lines = []
        for view in expected.of_server(self.server):
            lines.append(f'server: {view.name}: ' + repr(
                {name: list(cards) for name, cards in view.tree().items()}))
        for user in self.users:
            for folder in user.lists():
                lines.append(f'{user.name}: {folder}: {os.listdir(folder)}')
            lines.append(self.tell(user))
        return '\n'.join(lines)
