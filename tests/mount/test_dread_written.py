"""Scripts over a board that nobody would like to have, a thousand cards of
it, while others work on it too."""

import os
import threading

import pytest

from trello.rules import title

from . import contract, expected
from .program import INSTRUMENTED
from .util import outcome, read, run, wait_until, write
from .writing import Account, Sent

pytestmark = pytest.mark.seconds(300)

LONGEST = 16384
# Of the board, those with equal titles; fewer where all is slow.
EQUAL = 400 if INSTRUMENTED else 800
ADD = 'sed -i "0,/^---\\$/! {0,/^---\\$/ s/^---\\$/---\\nADDED/}" '


class Dread:
    """The board, its mount, and what is to come of its cards."""

    def __init__(self, mounts, server):
        server.limits(token=10 ** 6, key=10 ** 6)
        server.dread(equal=EQUAL, comments=200)
        self.server, self.mounts = server, mounts
        self.mount = mounts.account(server, 'refresh=1,settle=1')
        self.mount.wait_complete()
        self.board = os.path.join(self.mount.path,
                                  os.listdir(self.mount.path)[0])
        self.before = {each['id']: dict(each)
                       for each in server.state()['cards']}
        self.open = {each['id']: each
                     for view in expected.of_server(server)
                     for each in view.all_cards()}
        assert len(self.open) > EQUAL + 200

    def raw(self):
        return read(self.mount.at('.trellofs', 'pending')).decode(
            errors='replace')

    def closed(self):
        return {each['id'] for each in self.server.state()['cards']
                if each.get('closed')}

    def shell(self, script, *args, **more):
        return run('bash', '-c', script, 'bash', *args, cwd=self.board,
                   seconds=120, **more)

    def folder(self, name):
        return os.path.join(self.board, name)

    def paths(self, folder=None):
        """{card's id: path}"""
        found = {}
        for where, _, names in os.walk(folder or self.board):
            for name in names:
                path = os.path.join(where, name)
                if not name.endswith('.md'):
                    continue
                found[os.getxattr(path, 'user.trello.id').decode()] = path
        return found

    def left(self):
        """What is no card."""
        return [os.path.join(folder, name)
                for folder, _, names in os.walk(self.board)
                for name in names if not name.endswith('.md')]

    def cards(self):
        return {each['id']: each for each in self.server.state()['cards']}

    def drain(self):
        wait_until(lambda: self.raw() == '', 120,
                   lambda: f'all is sent: {self.raw()[:2000]}')

    def check_everywhere(self):
        """This mount and a new one show what the server has."""
        with open(self.mount.at('.trellofs', 'control', 'refresh'), 'wb',
                  buffering=0) as file:
            file.write(b'1\n')
        other = self.mounts.account(self.server)
        other.wait_complete()
        views = expected.of_server(self.server)
        expected.check_tree(other.path, views)
        paths = self.paths()
        shown = {each['id']: (each, view) for view in views
                 for each in view.all_cards()}
        assert set(paths) == set(shown)
        for key, (card, view) in shown.items():
            expected.check_text(read(paths[key]), os.path.basename(
                paths[key]), card, view)
        assert self.left() == []


@pytest.fixture
def dread(mounts, server):
    return Dread(mounts, server)


def added(desc):
    return 'ADDED\n' + desc if desc else 'ADDED'


def fits(desc):
    return len(added(desc).encode('utf-16-le')) // 2 <= LONGEST


def test_sed_over_all(dread):
    """A line more in each description, one request each; where it does
    not fit sed says so, and nothing has happened."""
    sent = Sent(dread)
    done = dread.shell(f'find . -name "*.md" -print0 | xargs -0 -n1 {ADD}',
                       check=False)
    full = {key for key, each in dread.open.items()
            if not fits(each['desc'])}
    assert full and done.stderr.count('File too large') == len(full)
    sent.wait_all()
    paths = dread.paths()
    refused = set(dread.left())
    assert refused == {paths[key] + '.error' for key in full}
    for each in refused:
        assert b'at most 16,384 characters' in read(each)
        os.unlink(each)
    cards = dread.cards()
    for key, each in dread.open.items():
        assert cards[key]['desc'] == (
            each['desc'] if key in full else added(each['desc']))
    assert sorted(sent.writes()) == sorted(
        ('PUT', f'/1/cards/{key}') for key in set(dread.open) - full)
    sent.check_nothing_else()
    dread.check_everywhere()


RENAME = ('for each in */*.md; do'
          ' mv -- "$each" "${each%/*}/x ${each##*/}"; done')


def test_mv_of_all_names(dread):
    """Each card has the title that its new name says."""
    wanted = {key: title(contract.title_of('x ' + os.path.basename(path),
                                           '.md'))
              for key, path in dread.paths().items()}
    sent = Sent(dread)
    dread.shell(RENAME)
    sent.wait_all()
    cards = dread.cards()
    for key, name in wanted.items():
        assert cards[key]['name'] == name
        for field in ('desc', 'idList', 'pos', 'idLabels'):
            assert cards[key].get(field) == dread.before[key].get(field)
    assert sorted(sent.writes()) == sorted(
        ('PUT', f'/1/cards/{key}') for key in wanted)
    sent.check_nothing_else()
    dread.check_everywhere()


def test_mv_into_one_list(dread):
    """Those of the same name find another; none goes over another."""
    target = 'comments'
    there = set(dread.paths(dread.folder(target)))
    paths = {key: path for key, path in dread.paths().items()
             if key not in there}
    sent = Sent(dread)
    dread.shell('find . -mindepth 2 -name "*.md" -not -path "./$1/*"'
                ' -exec mv -n -t "$1" -- {} +', target)
    sent.wait_all()
    names = [os.path.basename(path) for path in paths.values()]
    cards = dread.cards()
    list_id = cards[next(iter(there))]['idList']
    moved = {key for key in paths if cards[key]['idList'] == list_id}
    assert len(moved) == len(set(names) - {
        os.path.basename(path) for key, path in dread.paths().items()
        if key in there})
    for key in dread.open:
        assert cards[key]['desc'] == dread.before[key]['desc']
        if key not in moved:
            assert cards[key]['idList'] == dread.before[key]['idList']
    assert {path for _, path in sent.writes()} == {
        f'/1/cards/{key}' for key in moved}
    assert len(sent.writes()) == len(moved)
    sent.check_nothing_else()
    dread.check_everywhere()


class Others(threading.Thread):
    """Somebody who works on the same board: new lines at the ends of
    descriptions, comments, titles, cards, archived cards."""

    def __init__(self, dread):
        super().__init__(daemon=True)
        self.server = dread.server
        self.ids = [key for key, each in sorted(dread.open.items())
                    if len(each['desc']) < LONGEST - 100]
        self.list = dread.open[self.ids[0]]['idList']
        self.described, self.commented, self.renamed = {}, {}, {}
        self.archived, self.made = set(), {}
        self.error = None
        self.stop = threading.Event()

    def run(self):
        try:
            for number, key in enumerate(self.ids[::3]):
                if self.stop.is_set():
                    break
                self.change(number, key)
        except Exception as error:          # told by finish()
            self.error = error

    def change(self, number, key):
        if number % 5 == 0:
            with self.server.core.lock:
                self.put(key, desc=self.server.account.cards[key]['desc']
                         + f'\nby {number}')
            self.described[key] = f'\nby {number}'
        elif number % 5 == 1:
            self.server.api('POST', f'/cards/{key}/actions/comments',
                            {'text': f'said {number}'})
            self.commented[key] = f'said {number}'
        elif number % 5 == 2:
            self.put(key, name=f'named by others {number}')
            self.renamed[key] = f'named by others {number}'
        elif number % 5 == 3:
            self.put(key, closed='true')
            self.archived.add(key)
        else:
            made = self.server.api('POST', '/cards', {
                'name': f'new {number}', 'desc': f'text {number}',
                'idList': self.list})
            self.made[made['id']] = f'text {number}'

    def put(self, key, **params):
        self.server.api('PUT', f'/cards/{key}', params)

    def finish(self):
        self.stop.set()
        self.join(60)
        if self.error:
            raise self.error


def take_drafts(dread, others):
    """Takes the errors away; the cards in which others wrote into the very
    line, and for which both is to be seen."""
    drafts = set()
    by_path = {path: key for key, path in dread.paths().items()}
    for each in dread.left():
        key = by_path[each.removesuffix('.error')]
        text = read(each.removesuffix('.error'))
        if b'<<<<<<< yours' in text:
            assert b'ADDED' in text
            assert others.described[key].encode() in text
            drafts.add(key)
        else:
            assert not fits(dread.before[key]['desc'])
        os.unlink(each)
    return drafts


def test_sed_while_others_work(dread):
    """Nobody's change is lost."""
    dread.mount.expect('its description was changed at Trello while')
    others = Others(dread)
    others.start()
    dread.shell(f'find . -name "*.md" -print0 | xargs -0 -n1 {ADD}',
                check=False)
    wait_until(lambda: len(others.archived) > 30 and len(others.made) > 30,
               60, 'others have done enough')
    others.finish()
    dread.drain()
    drafts = take_drafts(dread, others)
    dread.drain()
    cards = dread.cards()
    said = {each['data']['card']['id']: each['data']['text']
            for each in dread.server.state()['actions']
            if each['type'] == 'commentCard'}
    for key, before in dread.open.items():
        now = cards[key]
        if not fits(before['desc']):
            assert now['desc'] == before['desc']
            continue
        plain = before['desc'] + others.described.get(key, '')
        assert bool(now.get('closed')) == (key in others.archived)
        if key in drafts:
            assert now['desc'] in (plain, added(before['desc']))
        elif key in others.archived or key in others.renamed:
            # Gone, or not to be found, when its turn came.
            assert now['desc'] in (plain, added(plain))
        else:
            assert now['desc'] == added(plain)
        assert now['name'] == others.renamed.get(key, before['name'])
    for key, text in others.commented.items():
        assert said[key] == text
    for key, text in others.made.items():
        assert cards[key]['desc'] in (text, added(text))
    assert set(cards) == set(dread.before) | set(others.made)
    dread.check_everywhere()


def test_mv_while_others_work(dread):
    """A name that others have changed is not to be found, or found under
    the name that they gave: no card goes over another, none is gone."""
    dread.mount.expect('somebody else has changed this, too')
    others = Others(dread)
    others.start()
    dread.shell(RENAME, check=False)
    others.finish()
    dread.drain()
    cards = dread.cards()
    assert set(cards) == set(dread.before) | set(others.made)
    closed = {key for key, each in cards.items() if each.get('closed')}
    assert closed == others.archived | {
        key for key, each in dread.before.items() if each.get('closed')}
    for key, before in dread.open.items():
        assert cards[key]['desc'] == before['desc'] + others.described.get(
            key, '')
    dread.check_everywhere()


# Names that a user may think of, each as bytes.
GIVEN = [each.encode() for each in (
    'plain', 'trailing ', '  leading', 'tab\tin', 'two  blanks', '-rf',
    '--', 'a..', '／slash', '．dot', 'x #2', '#', '%s%n', '*', '?',
    '"quoted"', "it's", '$(reboot)', '`x`', 'back\\slash', 'new\nline',
    '\u200e', '\u202eevil', 'עברית', 'العربية', '日本語',
    '👩‍👩‍👧‍👦', 'e\u0301', '\u00e9', 'A', 'a', 'a.md', 'x' * 252,
    'ü' * 126, '🚀' * 63, 'x' * 232, 'x' * 233, '…', 'name.tar.gz',
    'Untitled', 'true', '---', 'A.md.error', 'bell\x07', '\x1b[31m',
    'del\x7f', '\u0085x', 'line\u2028sep', 'key: [a, b')] + [
    b'bad \xff utf-8', b'\xc3', b'\xed\xa0\x80']


@pytest.fixture
def account(mounts, server):
    server.limits(token=10 ** 6, key=10 ** 6)
    return Account(mounts, server, settle=1)


def as_title(name):
    """What Trello makes of it."""
    return title(contract.title_of(name.decode('utf-8', 'replace')))


BLANK = [each.encode() for each in (
    ' ', '  \t ', '\n', '\u00a0', '\u3000', '\ufeff', '\x7f', '\u0085')]


def check_given(account, sent, wanted):
    """Each name is a card of its title, here and on another machine."""
    sent.wait_all()
    cards = {each['id']: each for each in account.server.state()['cards']
             if each['idList'] == account.lists['Doing']
             and not each.get('closed')}
    assert sorted(each['desc'] for each in cards.values()) == sorted(wanted)
    for each in cards.values():
        assert each['name'] == wanted[each['desc']]
    account.control('refresh')
    other = account.mounts.account(account.server)
    other.wait_complete()
    for mount in (other, account.mount):
        folder = os.fsencode(mount.at('Board', 'Doing'))
        shown = os.listdir(folder)
        assert len(shown) == len(cards)
        for name in shown:
            path = os.path.join(folder, name)
            card = cards[os.getxattr(path, 'user.trello.id').decode()]
            parsed = contract.Parsed(read(path))
            assert parsed.description.decode() == card['desc']
            said = parsed.front.get('title') or contract.title_of(
                name.decode(), '.md')
            assert said == card['name']


def test_names_that_are_given_to_new_cards(account):
    sent = Sent(account)
    folder = os.fsencode(account.at('Doing'))
    wanted = {}
    for number, name in enumerate(GIVEN):
        desc = f'text {number}'
        with open(os.path.join(folder, name + b'.md'), 'xb') as file:
            file.write(desc.encode() + b'\n')
        wanted[desc] = as_title(name)
    check_given(account, sent, wanted)
    assert len(sent.writes()) == len(GIVEN)


def test_names_that_are_given_to_cards(account):
    folder = os.fsencode(account.at('Doing'))
    wanted = {}
    for number, name in enumerate(GIVEN):
        desc = f'text {number}'
        account.api('POST', '/cards', name=f'card {number}', desc=desc,
                    idList=account.lists['Doing'])
        wanted[desc] = as_title(name)
    account.control('refresh')
    sent = Sent(account)
    for number, name in enumerate(GIVEN):
        os.rename(os.path.join(folder, b'card %d.md' % number),
                  os.path.join(folder, name + b'.md'))
    check_given(account, sent, wanted)
    assert {method for method, _ in sent.writes()} == {'PUT'}
    assert len(sent.writes()) == len(GIVEN)
    sent.check_nothing_else()


@pytest.mark.parametrize('blank', BLANK, ids=repr)
def test_name_that_is_no_title(account, blank):
    """Said at once: Trello has no such titles."""
    sent = Sent(account)
    card, path = account.card(), account.at('Doing', os.fsdecode(blank))
    assert outcome(write, path + '.md', b'text\n') == 'EINVAL'
    assert outcome(os.rename, card.path, path + '.md') == 'EINVAL'
    write(account.at('Doing', 'note'), b'text\n')
    assert outcome(os.rename, account.at('Doing', 'note'),
                   path + '.md') == 'EINVAL'
    assert outcome(os.mkdir, account.at(os.fsdecode(blank))) == 'EINVAL'
    assert outcome(os.rename, account.at('Doing'),
                   account.at(os.fsdecode(blank))) == 'EINVAL'
    assert outcome(os.mkdir, account.mount.at(os.fsdecode(blank))) == 'EINVAL'
    sent.wait_all()
    assert sent.writes() == []
    card.same()


def test_names_on_one_line(mounts, server):
    """What pending says of a name that was given has one line, and nothing
    for the terminal."""
    account = Account(mounts, server)
    folder = os.fsencode(account.at('Doing'))
    given = [b'new\nline', b'\x1b[31mred', b'bell\x07', b'bad \xff',
             '\u202eevil'.encode()]
    for name in given:
        write(os.path.join(folder, name + b'.md'), b'')
    lines = read(account.mount.at('.trellofs', 'pending')).decode()
    assert sorted(line.split('/')[-1] for line in lines.splitlines()
                  if ' create ' in line) == sorted([
                      'new?line.md', '?[31mred.md', 'bell?.md', 'bad ?.md',
                      '?evil.md'])
