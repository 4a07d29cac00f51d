"""What tests of writing share: an account with a few cards, what waits to
be sent, and the checks that every save must pass."""

import os
import re
import tempfile
import time

from .util import SLOW, read, run, wait_gone, wait_until

BEGIN = b'old words stay here'
DESC = BEGIN.decode() + '\nsecond line\nthird line'
NEW_DESC = DESC.replace('old words', 'new words')
LINE = re.compile(r'(\d+) (\d+)s (\d+) ([a-z-]+)(?: \((\w+)\))? (.*)')


class Account:
    """A server with one board, and a mount of it that sends nothing for
    long: what a program changed stays to be seen in .trellofs/pending."""

    def __init__(self, mounts, server, settle=60, env=None, options='',
                 args=(), **more):
        self.mounts, self.server = mounts, server
        self.board = self.api('POST', '/boards', name='Board',
                              defaultLists='false')['id']
        self.lists = {name: self.api(
            'POST', '/lists', name=name, idBoard=self.board)['id']
                      for name in ('Doing', 'To Do')[::-1]}
        self.api('POST', f'/boards/{self.board}/labels', name='bug',
                 color='red')
        self.api('POST', f'/boards/{self.board}/labels', name='later',
                 color='green')
        self.ids = {name: self.make_card(name) for name in 'ABC'}
        options = f'refresh=1,settle={settle}' + (options and ',' + options)
        self.mount = mounts.account(
            server, options, args, env=env, **more)
        self.mount.wait_complete()
        self.list = self.at('To Do')
        self.before = self.closed()
        os.listdir(self.list)

    def make_card(self, name, desc=DESC):
        """With something in every section."""
        card = self.api('POST', '/cards', name=name, desc=desc,
                        idList=self.lists['To Do'])
        checklist = self.api('POST', '/checklists', name='Steps',
                             idCard=card['id'])
        for item in ('one', 'two'):
            self.api('POST', f'/checklists/{checklist["id"]}/checkItems',
                     name=item)
        self.api('POST', f'/cards/{card["id"]}/actions/comments',
                 text='Looks good.')
        return card['id']

    def restart(self, kill=False):
        """The same mount once more, on the same folder."""
        if kill:
            self.mount.kill()
            run('fusermount3', '-u', '-z', self.mount.path)
        else:
            assert self.mount.unmount() == 0
        self.mount = self.mounts.again(self.mount, path=self.mount.path)
        self.mount.wait_complete()

    def api(self, method, path, **params):
        return self.server.api(method, path, params)

    def at(self, *names):
        return self.mount.at('Board', *names)

    def card(self, name='A'):
        return Card(self, self.at('To Do', name + '.md'))

    def raw(self):
        return read(self.mount.at('.trellofs', 'pending')).decode()

    def pending(self):
        """[(what, path, held or refused or None)], oldest first."""
        found = []
        for line in self.raw().splitlines():
            if ' being-written ' in line:
                continue
            match = LINE.fullmatch(line)
            assert match, line
            found.append((match[4], match[6], match[5]))
        return found

    def kinds(self, path=None):
        """What waits, without the paths; path: of one card only."""
        name = path and os.path.relpath(path, self.mount.path)
        return [what for what, where, _ in self.pending()
                if name is None or where == name]

    def wait_kinds(self, *kinds, still=0.4):
        """Until exactly this waits, and it stays so."""
        wait_until(lambda: self.kinds() == list(kinds), 6,
                   lambda: f'{kinds} wait, not {self.raw()}')
        time.sleep(still * SLOW)
        assert self.kinds() == list(kinds)

    def wait_settled(self):
        """Until every text that was written is taken."""
        wait_until(lambda: ' being-written ' not in self.raw(), 6,
                   lambda: f'texts are settled: {self.raw()}')

    def control(self, command, text='1\n'):
        with open(self.mount.at('.trellofs', 'control', command), 'w',
                  encoding='ascii') as file:
            file.write(text)

    def drained(self):
        """Tells it to send all; whether nothing is left."""
        try:
            self.control('sync')
        except OSError:
            return False
        return self.raw() == ''

    def remount(self, **env):
        """The same mount once more, with what it knew."""
        self.mount = self.mounts.again(self.mount, env=env)
        self.list = self.at('To Do')
        return self.mount

    def closed(self):
        return {key for key, each in self.server.account.cards.items()
                if each.get('closed')}

    def names(self, folder=None):
        return sorted(os.listdir(folder or self.list))

    def stray(self, folder=None):
        """What is in the list beside its cards, checked to be local."""
        names = set(self.names(folder)) - {'A.md', 'B.md', 'C.md'}
        for name in names:
            path = os.path.join(folder or self.list, name)
            if not os.path.islink(path):
                assert state(path) == 'local', name
        return sorted(names)

    def local(self):
        """{name: content} of what is in the list beside its cards."""
        return {name: read(os.path.join(self.list, name))
                for name in self.stray()}


def by_another(path, text):
    """Saved by a program that is not the one that runs the test."""
    with tempfile.TemporaryFile() as file:
        file.write(text)
        file.seek(0)
        run('tee', path, stdin=file)


def state(path):
    return os.getxattr(path, 'user.trello.state').decode()


class Card:
    """A card as it was, for comparing."""

    def __init__(self, account, path):
        self.account, self.path = account, path
        self.text = read(path)
        self.ino = os.stat(path).st_ino
        self.id = os.getxattr(path, 'user.trello.id')

    def read(self):
        return read(self.path)

    def replaced(self, old=b'old words', new=b'new words'):
        """Its text as an editor would save it."""
        assert self.text.count(old) == 1
        return self.text.replace(old, new)

    def same(self):
        """It is still the same card."""
        assert os.stat(self.path).st_ino == self.ino
        assert os.getxattr(self.path, 'user.trello.id') == self.id

    def check_saved(self, text=None, kinds=('desc',)):
        """Exactly one change waits, and the file is what was written."""
        self.account.wait_kinds(*kinds)
        assert self.account.kinds(self.path) == list(kinds)
        self.same()
        assert self.read() == (text or self.replaced())
        assert os.stat(self.path).st_size == len(self.read())
        assert state(self.path) == 'pending'
        assert not os.path.exists(self.path + '.error')
        assert {'A.md', 'B.md', 'C.md'} <= set(self.account.names())
        self.account.stray()


class Sent:
    """What a mount sends to the server from now on, and what of it is to
    be seen there."""

    def __init__(self, account):
        self.account, self.server = account, account.server
        self.first = len(self.server.requests)
        self.cards = set(self.server.account.cards)
        self.closed = account.closed()

    def requests(self):
        return self.server.requests[self.first:]

    def writes(self):
        """[(method, path)] of all that is no question."""
        return [(each['method'], each['path']) for each in self.requests()
                if each['method'] != 'GET']

    def looks(self):
        """The questions what a description was before."""
        return [each for each in self.requests() if each['method'] == 'GET'
                and '/actions?filter=updateCard:desc' in each['target']]

    def wait_all(self):
        """Until nothing waits, and it stays so."""
        wait_until(lambda: self.account.raw() == '', 20,
                   lambda: f'all is sent; there is {self.account.raw()}')
        time.sleep(0.4 * SLOW)
        assert self.account.raw() == ''

    def desc(self, card):
        return self.server.account.cards[card.id.decode()]['desc']

    def changes(self, card, field='desc'):
        """How often a field of the card was changed at the server."""
        return sum(1 for each in self.server.state()['actions']
                   if each['type'] == 'updateCard'
                   and each['data']['card']['id'] == card.id.decode()
                   and field in each['data'].get('old', ()))

    def check_nothing_else(self):
        """No card came, none went."""
        assert set(self.server.account.cards) == self.cards
        assert self.account.closed() == self.closed

    def check_one_save(self, card, desc=NEW_DESC, text=None):
        """It went in one request, and all is as it should be at both
        ends."""
        wait_until(self.writes, 20, lambda: 'a request; there waits '
                   + self.account.raw())
        self.wait_all()
        assert self.writes() == [('PUT', f'/1/cards/{card.id.decode()}')]
        assert len(self.looks()) <= 1
        assert self.desc(card) == desc
        self.check_nothing_else()
        card.same()
        assert card.read() == (text or card.replaced())
        assert state(card.path) == 'synced'
        wait_gone(card.path + '.error')
