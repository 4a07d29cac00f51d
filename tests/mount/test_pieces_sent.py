"""Texts that come in pieces, late, cut off, or from elsewhere: what the
server holds in the end, and that nobody's words are gone."""

import os
import signal
import sqlite3
import subprocess
import time

import pytest

from .util import SLOW, outcome, read, run, wait_gone, wait_until, write
from .writing import DESC, NEW_DESC, Account, Sent, by_another, state

DAY_MS = 24 * 3600 * 1000


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server, settle=1)


def shell(script, *args, **more):
    return run('bash', '-c', script, 'bash', *args, **more)


def start(script, *args):
    return subprocess.Popen(['bash', '-c', script, 'bash', *args])


class Held:
    """What the server holds of a card beside its description."""

    def __init__(self, account, card):
        self.account, self.id = account, card.id.decode()
        self.before = self.look()

    def look(self):
        """(title, list, labels, checklists, comments)"""
        here = self.account.server.state()
        [card] = [each for each in here['cards'] if each['id'] == self.id]
        items = {each['id']: [item['name'] for item in each['checkItems']]
                 for each in here['checklists']
                 if each['idCard'] == self.id}
        comments = [each['data']['text'] for each in
                    sorted(here['actions'], key=lambda each: each['id'])
                    if each['type'] == 'commentCard'
                    and each['data']['card']['id'] == self.id]
        return (card['name'], card['idList'], card['idLabels'], items,
                comments)

    def same(self):
        assert self.look() == self.before


def wait_desc(sent, card, desc):
    wait_until(lambda: sent.desc(card) == desc, 20,
               lambda: f'{desc!r}, not {sent.desc(card)!r}')
    sent.wait_all()
    assert sent.desc(card) == desc
    sent.check_nothing_else()
    card.same()


def body(text):
    """All but the rev, which the text has of its own once it is made anew."""
    return [line for line in text.split(b'\n')
            if not line.startswith(b'rev: ')]


# A text that comes slowly

def test_pause_between_two_writes(account):
    card, sent = account.card(), Sent(account)
    held = Held(account, card)
    with start('(echo a; sleep 5; echo b) > "$1"', card.path) as writer:
        wait_until(lambda: card.read() == b'a\n', 5, 'the first line')
        time.sleep(3 * SLOW)
        assert card.read() == b'a\n' and sent.writes() == []
        assert writer.wait(20) == 0
    wait_desc(sent, card, 'a\nb')
    held.same()
    assert len(sent.writes()) == 1
    # What such a text does not say it does not touch.
    text = card.read()
    assert b'\na\nb\n' in text and b'- [ ] one\n' in text
    assert b'Looks good.' in text and b'old words' not in text


@pytest.mark.seconds(150)
@pytest.mark.parametrize('mode', ['>', '>>'])
def test_thinking_for_longer_than_a_save_may_take(account, mode):
    """cat > C.md, and the second line comes after 70 s."""
    card, other, sent = account.card('C'), account.card('B'), Sent(account)
    held = Held(account, card)
    reader, writer = os.pipe()
    with subprocess.Popen(['bash', '-c', f'cat {mode} "$0"', card.path],
                          stdin=reader) as cat:
        os.close(reader)
        os.write(writer, b'a\n')
        wait_until(lambda: card.read().endswith(b'a\n'), 5, 'a line')
        time.sleep(50)
        assert sent.writes() == []
        wait_until(sent.writes, 20, 'it is taken')
        sent.wait_all()
        time.sleep(5)
        os.write(writer, b'b\n')
        os.close(writer)
        assert cat.wait(20) == 0
    if mode == '>':
        wait_desc(sent, card, 'a\nb')
        held.same()
    else:
        wait_until(lambda: held.look()[-1][1:] == ['a', 'b'], 20,
                   lambda: f'the comments: {held.look()}')
        wait_desc(sent, card, DESC)
        assert held.look()[:-1] == held.before[:-1]
    assert len(sent.writes()) == 2
    assert other.read() == other.text


def test_another_saves_in_between(account):
    """While one writes for long another one saves: whose file it is in the
    end, his text it has, and no half of it stands in the other's."""
    card, sent = account.card(), Sent(account)
    held = Held(account, card)
    with open(card.path, 'wb', buffering=0) as file:
        file.write(b'first half\n')
        by_another(card.path, card.replaced())
        wait_desc(sent, card, NEW_DESC)
        held.same()
        assert card.read() == card.replaced()
    sent.wait_all()
    assert sent.desc(card) == NEW_DESC
    held.same()


def test_new_card_that_comes_slowly(account):
    path = os.path.join(account.list, 'New.md')
    sent = Sent(account)
    with start('(sleep 5; echo x) > "$1"', path) as writer:
        wait_until(lambda: os.path.exists(path), 5, 'the card')
        number = os.stat(path).st_ino
        time.sleep(4 * SLOW)
        assert sent.writes() == []
        assert writer.wait(20) == 0
    wait_until(sent.writes, 20, 'the card is made')
    sent.wait_all()
    assert sent.writes() == [('POST', '/1/cards')]
    [made] = set(account.server.account.cards) - sent.cards
    assert account.server.account.cards[made]['name'] == 'New'
    assert account.server.account.cards[made]['desc'] == 'x'
    assert os.stat(path).st_ino == number and b'\nx\n' in read(path)


def test_new_card_in_three_pieces(account):
    """Each of them closed: one card with what it says in the end."""
    path = os.path.join(account.list, 'New.md')
    sent = Sent(account)
    write(path, 'one\n')
    write(path, 'one\ntwo\n')
    time.sleep(0.5 * SLOW)
    write(path, 'one\ntwo\nthree\n')
    wait_until(sent.writes, 20, 'the card is made')
    sent.wait_all()
    assert sent.writes() == [('POST', '/1/cards')]
    [made] = set(account.server.account.cards) - sent.cards
    assert account.server.account.cards[made]['desc'] == 'one\ntwo\nthree'


# Held open while the card changes

def change_at_trello(account, card, **what):
    account.api('PUT', '/cards/' + card.id.decode(), **what)
    account.control('refresh')


def test_appending_while_the_card_changes(account):
    card, sent = account.card(), Sent(account)
    held = Held(account, card)
    with open(card.path, 'ab', buffering=0) as file:
        change_at_trello(account, card, desc='changed')
        file.write(b'first\n')
        change_at_trello(account, card, desc='changed more',
                         due='2030-01-02T10:00:00.000Z')
        file.write(b'second\n')
        time.sleep(2 * SLOW)
        change_at_trello(account, card, desc='changed much more')
        file.write(b'third\n')
    wait_until(lambda: len(held.look()[-1]) == 2, 20, 'the comment')
    wait_desc(sent, card, 'changed much more')
    assert held.look()[-1] == ['Looks good.', 'first\nsecond\nthird']
    assert held.look()[:-1] == held.before[:-1]
    text = card.read()
    assert b'> first\n> second\n> third\n' in text
    assert b'\nchanged much more\n' in text and b'due: 2030-01-02' in text


def test_writing_while_the_card_changes(account):
    """A text in two halves, and somebody else's change between them, in
    other lines: both are there."""
    card, sent = account.card(), Sent(account)
    held = Held(account, card)
    text = card.replaced()
    with open(card.path, 'wb', buffering=0) as file:
        file.write(text[:len(text) // 2])
        change_at_trello(account, card,
                         desc=DESC.replace('third line', 'third place'))
        file.write(text[len(text) // 2:])
    wait_desc(sent, card, NEW_DESC.replace('third line', 'third place'))
    held.same()
    assert b'new words' in card.read() and b'third place' in card.read()


# Halves

@pytest.mark.parametrize('sync', [True, False])
def test_split_inside_a_character(account, sync):
    """As emacs writes: the gap may be anywhere."""
    card, sent = account.card(), Sent(account)
    text = card.replaced(b'old words', 'Grüße'.encode())
    half = text.index('ü'.encode()) + 1
    with open(card.path, 'wb', buffering=0) as file:
        file.write(text[:half])
        time.sleep(1.5 * SLOW)
        assert sent.writes() == []
        file.write(text[half:])
        if sync:
            os.fsync(file.fileno())
    sent.check_one_save(card, DESC.replace('old words', 'Grüße'), text)


CUTS = {
    'front matter': (b'---\nold', 4),
    'first line': (b'old words', 6),
    'line': (b'second line\n', len(b'second line\n')),
    'before the checklist': (b'## Checklist', 0),
    'checklist': (b'- [ ] two\n', 0),
    'before the comments': (b'## Comments', 0),
    'comments': (b'## Comments\n', len(b'## Comments\n')),
}


@pytest.mark.parametrize('cut', CUTS)
def test_first_lines_only(account, tmp_path, cut):
    """What the rest would have said stays."""
    card, sent = account.card('C'), Sent(account)
    held = Held(account, card)
    mark, skip = CUTS[cut]
    write(tmp_path / 'x', card.text[:card.text.index(mark) + skip])
    run('cp', tmp_path / 'x', card.path)
    account.wait_settled()
    time.sleep(1.5 * SLOW)
    sent.wait_all()
    assert sent.writes() == [] and sent.desc(card) == DESC
    held.same()
    card.same()
    assert card.read() == card.text


def test_first_lines_changed(account, tmp_path):
    card, sent = account.card('C'), Sent(account)
    held = Held(account, card)
    shell('head -6 "$1" | sed "s/old words/new words/" > "$2"; cp "$2" "$1"',
          card.path, tmp_path / 'x')
    wait_desc(sent, card, NEW_DESC)
    held.same()
    assert body(card.read()) == body(card.replaced())


def test_writer_that_is_killed(account):
    """It has written half of what it wanted to."""
    card, sent = account.card(), Sent(account)
    held = Held(account, card)
    half = card.replaced().index(b'second') + 3
    reader, writer = os.pipe()
    with subprocess.Popen(['tee', card.path], stdin=reader,
                          stdout=subprocess.DEVNULL) as tee:
        os.close(reader)
        os.write(writer, card.replaced()[:half])
        wait_until(lambda: len(card.read()) == half, 5, 'the half')
        tee.send_signal(signal.SIGKILL)
    os.close(writer)
    wait_desc(sent, card, NEW_DESC)
    held.same()
    assert body(card.read()) == body(card.replaced())


def test_mount_that_is_killed(account):
    """What was written until then is a draft that says so, and is sent when
    it is saved as a whole."""
    card, sent = account.card(), Sent(account)
    held = Held(account, card)
    text = card.replaced()
    half = text.index(b'## Comments')
    with open(card.path, 'wb', buffering=0) as file:
        file.write(text[:half])
        account.restart(kill=True)
        assert outcome(file.write, text[half:]) != 'ok'
    assert card.read() == text[:half] and state(card.path) == 'draft'
    assert os.path.exists(card.path + '.error')
    assert sent.writes() == []
    write(card.path, text)
    sent.check_one_save(card)
    held.same()


# From elsewhere, and of long ago

def test_of_long_ago(mounts, server):
    """Nobody knows any more what a text of forty days ago was made from: it
    says what it says, and removes nothing."""
    account = Account(mounts, server, settle=1, options='comment_settle=1')
    card, sent = account.card(), Sent(account)
    old = card.replaced().replace(b'- [ ] one\n', b'') + b'Mine.\n'
    account.api('POST', f'/cards/{card.id.decode()}/actions/comments',
                text='Meanwhile.')
    account.api('POST', f'/cards/{card.id.decode()}/idLabels',
                value=account.server.state()['labels'][0]['id'])
    account.control('refresh')
    wait_until(lambda: b'Meanwhile.' in card.read(), 5, 'the news')
    account.mount.unmount()
    with sqlite3.connect(account.mount.database()) as database:
        database.execute('UPDATE revisions SET at_ms = at_ms - ?',
                         (40 * DAY_MS,))
    database.close()
    account.remount()
    card.path = account.card().path
    held = Held(account, card)
    write(card.path, old)
    wait_until(lambda: 'Mine.' in held.look()[-1], 20, 'the comment')
    wait_desc(sent, card, NEW_DESC)
    assert held.look()[-1] == ['Looks good.', 'Meanwhile.', 'Mine.']
    assert held.look()[:-1] == held.before[:-1]
    text = card.read()
    for words in (b'labels: [', b'- [ ] one\n- [ ] two\n', b'new words',
                  b'Meanwhile.', b'> Mine.'):
        assert words in text


def test_from_another_machine(account):
    """Its rev was never seen here; it may add, and set what it says."""
    card, sent = account.card(), Sent(account)
    held = Held(account, card)
    rev = card.text.split(b'rev: ')[1].split(b'\n')[0]
    text = card.replaced().replace(rev, b'deadbeef')
    text = text.replace(b'- [ ] two\n', b'- [x] three\n')
    text = text.replace(b'---\nnew', b'labels: [bug]\n---\nnew')
    write(card.path, text)
    wait_desc(sent, card, NEW_DESC)
    title, where, labels, items, comments = held.look()
    assert (title, where, comments) == (
        held.before[0], held.before[1], held.before[-1])
    assert len(labels) == 1
    assert list(items.values()) == [['one', 'two', 'three']]
    shown = card.read()
    assert b'new words' in shown and b'- [x] three\n' in shown
    wait_gone(card.path + '.error')


def test_copied_over_another_card(account):
    """B takes A's words; neither loses a comment or an item, nor its
    name."""
    one, two, sent = account.card('A'), account.card('B'), Sent(account)
    account.api('POST', f'/cards/{two.id.decode()}/actions/comments',
                text="B's own.")
    account.control('refresh')
    first, second = Held(account, one), Held(account, two)
    write(one.path, one.replaced())
    wait_desc(sent, one, NEW_DESC)
    run('cp', one.path, two.path)
    wait_desc(sent, two, NEW_DESC)
    first.same()
    second.same()
    text = read(two.path)
    assert text.count(b'Looks good.') == 1 and b"B's own." in text
    assert two.id.decode() not in one.read().decode()


# Two programs

def test_two_that_read_the_same_text(account):
    """Neither undoes the other, whichever way they save."""
    card, sent = account.card(), Sent(account)
    by_another(card.path, card.replaced(b'third line', b'third place'))
    wait_desc(sent, card, DESC.replace('third line', 'third place'))
    write(card.path, card.replaced())
    both = NEW_DESC.replace('third line', 'third place')
    wait_desc(sent, card, both)
    # And once more, from the same text.
    by_another(card.path, card.replaced(b'third line', b'third time'))
    write(card.path, card.replaced(b'old words', b'newer words'))
    wait_desc(sent, card, DESC.replace('third line', 'third time').replace(
        'old words', 'newer words'))


@pytest.mark.parametrize('time_between', [False, True])
def test_two_that_write_in_the_same_place(account, time_between):
    """Both have something to add behind the last line: it is all there.
    What one of them changes the other's later save may change again."""
    card, sent = account.card(), Sent(account)
    end = b'third line\n'
    by_another(card.path, card.replaced(end, end + b'his paragraph\n'))
    if time_between:
        wait_desc(sent, card, DESC + '\nhis paragraph')
    write(card.path, card.replaced(end, end + b'my paragraph\n'))
    wait_desc(sent, card, DESC + '\nhis paragraph\nmy paragraph')
    write(card.path, card.replaced(end, end + b'my very own paragraph\n'))
    wait_desc(sent, card, DESC + '\nhis paragraph\nmy very own paragraph')
    by_another(card.path, card.replaced(end, b'another line\n' + end))
    wait_desc(sent, card, DESC.replace('third', 'another line\nthird')
              + '\nhis paragraph\nmy very own paragraph')


def test_two_with_the_same_line_and_others(account):
    """The later save has the line; the earlier one's other lines stay."""
    card, sent = account.card(), Sent(account)
    by_another(card.path, card.replaced(b'old words', b'his words').replace(
        b'third line\n', b'third line\nhis paragraph\n'))
    write(card.path, card.replaced(b'old words', b'my words'))
    wait_desc(sent, card, DESC.replace('old words', 'my words')
              + '\nhis paragraph')


def test_two_at_once(account):
    """Each saves its own part ten times, one right after the other."""
    card, sent = account.card(), Sent(account)
    for number in range(10):
        by_another(card.path, card.replaced(
            b'- [ ] one', b'- [ ] item %d' % number))
        write(card.path, card.replaced(b'old words', b'words %d' % number))
    account.wait_settled()
    wait_desc(sent, card, DESC.replace('old words', 'words 9'))
    [items] = [[item['name'] for item in each['checkItems']]
               for each in account.server.state()['checklists']
               if each['idCard'] == card.id.decode()]
    assert items == ['item 9', 'two']


def test_all_at_once(account):
    """Somebody at Trello, two editors and a script: nobody's words are
    gone."""
    card, sent = account.card(), Sent(account)
    held = Held(account, card)
    write(card.path, card.replaced())
    account.api('PUT', '/cards/' + card.id.decode(),
                desc=DESC.replace('third line', 'third place'))
    shell('echo "A script." >> "$1"', card.path)
    account.control('refresh')
    by_another(card.path, card.replaced(b'- [ ] two\n',
                                        b'- [ ] two\n- [ ] three\n'))
    wait_until(lambda: 'A script.' in held.look()[-1], 20, 'the comment')
    wait_desc(sent, card, NEW_DESC.replace('third line', 'third place'))
    assert list(held.look()[3].values()) == [['one', 'two', 'three']]
    assert held.look()[-1] == ['Looks good.', 'A script.']
    text = card.read()
    for words in (b'new words', b'third place', b'- [ ] three\n',
                  b'> A script.\n'):
        assert text.count(words) == 1
