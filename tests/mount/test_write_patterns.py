"""How particular programs save, step by step."""

import os
import time

import pytest

from .util import SLOW, outcome, read, wait_until, write
from .writing import Account, by_another, state


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


def put(path, text, sync=True):
    with open(path, 'wb') as file:
        file.write(text)
        file.flush()
        if sync:
            os.fsync(file.fileno())


def by_gedit(card, text):
    """GIO: a temporary file beside it, then a rename over it."""
    other = os.path.join(os.path.dirname(card.path), '.goutputstream-X7K2Q1')
    put(other, text)
    os.chmod(other, 0o600)
    os.rename(other, card.path)


def by_gedit_with_backup(card, text):
    other = os.path.join(os.path.dirname(card.path), '.goutputstream-X7K2Q1')
    put(other, text)
    if os.path.exists(card.path + '~'):
        os.unlink(card.path + '~')
    try:
        os.link(card.path, card.path + '~')
    except PermissionError:
        os.rename(card.path, card.path + '~')
    os.rename(other, card.path)


def by_jetbrains(card, text):
    """Safe write: the old file goes away only when the new one is there."""
    new, old = card.path + '___jb_tmp___', card.path + '___jb_old___'
    put(new, text)
    os.rename(card.path, old)
    os.rename(new, card.path)
    os.unlink(old)


def by_sublime(card, text):
    """atomic_save"""
    other = os.path.join(os.path.dirname(card.path), '.sublb5a.tmp')
    put(other, text)
    os.chmod(other, 0o600)
    os.rename(other, card.path)


def by_syncthing(card, text):
    other = os.path.join(os.path.dirname(card.path), '.syncthing.A.md.tmp')
    put(other, text)
    os.utime(other, (1.7e9, 1.7e9))
    os.rename(other, card.path)


def by_dropbox(card, text):
    """Old to a name of its own, new to its place."""
    away = os.path.join(os.path.dirname(card.path), '.dropbox.A.md')
    os.rename(card.path, away)
    put(card.path, text)
    os.unlink(away)


def by_temporary_md(card, text):
    """A writer whose temporary name ends in .md is no new card."""
    other = card.path.replace('A.md', 'A.tmp.md')
    put(other, text)
    os.rename(other, card.path)


def by_slow_temporary_md(card, text):
    other = card.path.replace('A.md', 'A 1.md')
    put(other, text, False)
    time.sleep(0.6 * SLOW)
    os.replace(other, card.path)


def by_word_processor(card, text):
    """New text beside it, both renamed, the old one removed."""
    new, old = card.path + '.new', card.path + '.old'
    put(new, text)
    os.rename(card.path, old)
    os.rename(new, card.path)
    os.unlink(old)


def by_unlink_and_create(card, text):
    os.unlink(card.path)
    put(card.path, text)


def by_unlink_and_slow_create(card, text):
    os.unlink(card.path)
    time.sleep(1.5 * SLOW)
    put(card.path, text)


def by_code(card, text):
    """VS Code: truncation and one WRITE, no fsync."""
    fd = os.open(card.path, os.O_WRONLY | os.O_TRUNC)
    os.write(fd, text)
    os.close(fd)


def by_obsidian(card, text):
    """Electron: open without truncation, write, cut behind it."""
    fd = os.open(card.path, os.O_RDWR)
    os.write(fd, text)
    os.ftruncate(fd, len(text))
    os.close(fd)


def by_kate(card, text):
    """QSaveFile"""
    other = card.path + '.kXq31T'
    put(other, text)
    os.rename(other, card.path)


def without_name(card, text):
    """O_TMPFILE is not to be had: programs fall back."""
    flags = os.O_TMPFILE | os.O_WRONLY
    assert outcome(os.open, os.path.dirname(card.path), flags) in (
        'EOPNOTSUPP', 'ENOTSUP')
    by_kate(card, text)


WAYS = {each.__name__: each for each in (
    by_gedit, by_gedit_with_backup, by_jetbrains, by_sublime, by_syncthing,
    by_dropbox, by_temporary_md, by_slow_temporary_md, by_word_processor,
    by_unlink_and_create, by_unlink_and_slow_create, by_code, by_obsidian,
    by_kate, without_name)}
LEFT = {'by_gedit_with_backup': ['A.md~']}


@pytest.mark.parametrize('way', WAYS)
def test_one_save(account, way):
    card = account.card()
    WAYS[way](card, card.replaced())
    card.check_saved()
    assert account.stray() == LEFT.get(way, [])


@pytest.mark.parametrize('way', WAYS)
def test_three_saves(account, way):
    """One after the other, of one buffer: one change in the end."""
    card = account.card()
    for word in (b'first', b'second', b'new words'):
        text = card.replaced(b'old words', word)
        WAYS[way](card, text)
        assert card.read() == text
    card.check_saved(text)
    assert account.stray() == LEFT.get(way, [])


@pytest.mark.parametrize('way', WAYS)
def test_three_saves_with_time(account, way):
    card = account.card()
    for word in (b'first', b'second', b'new words'):
        text = card.replaced(b'old words', word)
        WAYS[way](card, text)
        account.wait_kinds('desc', still=0)
        assert card.read() == text
    card.check_saved(text)


@pytest.mark.parametrize('way', WAYS)
def test_save_without_change(account, way):
    card = account.card()
    WAYS[way](card, card.text)
    account.wait_kinds()
    card.same()
    assert card.read() == card.text and state(card.path) == 'synced'


@pytest.mark.parametrize('way', [by_code, by_gedit, by_temporary_md])
def test_without_final_newline(account, way):
    """The text gets it, and nothing is a comment."""
    card = account.card()
    text = card.replaced().rstrip(b'\n')
    way(card, text)
    account.wait_kinds('desc')
    card.same()
    assert card.read() == card.replaced() or \
        card.read().split(b'\n')[4:] == card.replaced().split(b'\n')[4:]


@pytest.mark.parametrize('name', ['.A.md.tmp', 'A 1.md'])
def test_writing_goes_on_after_the_rename(account, name):
    """Who has the temporary file open has the card open then."""
    card = account.card()
    text = card.replaced()
    other = os.path.join(account.list, name)
    fd = os.open(other, os.O_RDWR | os.O_CREAT)
    half = text.index(b'words stay')
    os.write(fd, text[:half])
    os.rename(other, card.path)
    os.write(fd, text[half:])
    os.fsync(fd)
    assert os.pread(fd, 10000, 0) == text
    assert os.fstat(fd).st_ino == card.ino
    assert os.fstat(fd).st_size == len(text)
    os.close(fd)
    card.check_saved(text)


def test_writing_goes_on_in_what_was_a_card(account):
    """It is a local file now, and what is written stays there."""
    card = account.card()
    with open(card.path, 'ab', buffering=0) as file:
        os.rename(card.path, card.path + '~')
        file.write(b'more\n')
        assert os.fstat(file.fileno()).st_size == len(card.text) + 5
    assert read(card.path + '~') == card.text + b'more\n'
    account.wait_kinds('archive')
    write(card.path, card.replaced())
    card.check_saved()
    assert read(card.path + '~') == card.text + b'more\n'


@pytest.mark.parametrize('way', [by_gedit, by_temporary_md, by_jetbrains])
def test_comment_right_after_a_save(account, way):
    """The kernel may not have looked again yet: nothing is lost."""
    card = account.card()
    for number in range(20):
        word = b'words %d' % number
        way(card, card.replaced(b'old words', word))
        with open(card.path, 'ab', buffering=0) as file:
            file.write(b'comment %d\n' % number)
    account.wait_kinds('desc', *['comment-add'] * 20)
    text = card.read()
    assert [text.count(b'> comment %d\n' % number)
            for number in range(20)] == [1] * 20
    assert b'words 19 stay' in text
    card.same()


def test_another_saves_while_a_comment_is_appended(account):
    """What had been appended is not gone with the text it stood in."""
    card = account.card()
    with open(card.path, 'ab', buffering=0) as file:
        file.write(b'first\n')
        by_gedit(card, card.replaced())
        file.write(b'second\n')
    account.wait_kinds('comment-add', 'desc', 'comment-add')
    text = card.read()
    assert text.count(b'> first\n') == text.count(b'> second\n') == 1
    assert b'new words stay' in text
    card.same()


@pytest.mark.seconds(90)
def test_comment_that_grows(mounts, server):
    """Obsidian saves every two seconds while somebody types: one comment,
    as it is in the end."""
    account = Account(mounts, server, options='comment_settle=3')
    card = account.card()
    words = 'I have seen it and it is good.'
    for end in range(4, len(words) + 1, 4):
        by_obsidian(card, card.text + words[:end].encode())
        account.wait_kinds('comment-add', still=0)
        time.sleep(0.5 * SLOW)
    by_obsidian(card, card.text + words.encode() + b'\n')
    wait_until(lambda: account.kinds() == [], 10, 'it is posted')
    posted = server.matching('POST', '/actions/comments')
    assert len(posted) == 1 and words.encode() in card.read()
    card.same()
    assert card.read().endswith(b'\n>\n> ' + words.encode() + b'\n\n')
    assert card.read().count(b'I have') == 1
    assert account.names() == ['A.md', 'B.md', 'C.md']


def test_comment_taken_back(account):
    """What was typed and deleted again before it was sent never was."""
    card = account.card()
    by_obsidian(card, card.text + b'Nonsense')
    account.wait_kinds('comment-add')
    by_obsidian(card, card.text)
    account.wait_kinds()
    assert card.read() == card.text


def test_desc_and_comment_in_one_buffer(account):
    card = account.card()
    by_code(card, card.replaced() + b'Done.\n')
    account.wait_kinds('desc', 'comment-add')
    by_code(card, card.replaced(b'old words', b'newer words') + b'Done!\n')
    account.wait_kinds('desc', 'comment-add')
    text = read(card.path)
    assert b'newer words stay' in text and b'Done!' in text
    assert text.count(b'Done') == 1


def test_ticking_and_back(account):
    card = account.card()
    ticked = card.replaced(b'- [ ] one', b'- [x] one')
    by_code(card, ticked)
    account.wait_kinds('item-state')
    by_code(card, card.text)
    account.wait_kinds()
    by_code(card, ticked)
    account.wait_kinds('item-state')
    assert card.read() == ticked


@pytest.mark.parametrize('way', [by_code, by_gedit, by_temporary_md])
def test_own_addition_taken_back_in_the_next_save(account, way):
    """One buffer: a paragraph came with the first save and went with the
    second, which brought another."""
    card = account.card()
    line = b'third line\n'
    wanted = card.replaced(line, b'other words\n' + line)
    way(card, card.replaced(line, line + b'a paragraph\n'))
    account.wait_kinds('desc')
    way(card, wanted)
    card.check_saved(wanted)


@pytest.mark.parametrize('way', [by_code, by_gedit, by_temporary_md])
def test_addition_of_another_is_not_taken_back(account, way):
    """The same texts, but from two programs that read the same one: both
    paragraphs stay, also when the second saves once more."""
    card = account.card()
    line = b'third line\n'
    by_another(card.path, card.replaced(line, line + b'a paragraph\n'))
    account.wait_kinds('desc')
    for _ in range(2):
        way(card, card.replaced(line, b'other words\n' + line))
        account.wait_kinds('desc')
        text = card.read()
        assert b'\nother words\nthird line\na paragraph\n' in text


def test_own_text_once_more(account):
    """Who saves what he has saved before changes nothing: what another has
    added since stays."""
    card = account.card()
    first = card.replaced(b'second line', b'second line, changed')
    by_code(card, first)
    account.wait_kinds('desc')
    by_another(card.path, card.replaced(b'old words', b'his words').replace(
        b'second line', b'second line, changed'))
    account.wait_kinds('desc')
    by_code(card, first)
    account.wait_kinds('desc')
    text = card.read()
    assert b'his words' in text and b'second line, changed' in text


def test_unlink_of_the_draft_of_a_new_card(account):
    """Made and removed before it was sent: nothing was."""
    path = os.path.join(account.list, 'New.md')
    write(path, 'text\n')
    account.wait_kinds('create', 'desc')
    os.unlink(path)
    account.wait_kinds()
    assert account.names() == ['A.md', 'B.md', 'C.md']


def test_first_save_in_a_folder(mounts, server):
    """The end of a save can come before anybody watches its folder."""
    server.generate(boards=1, lists=60, cards=60, comments=0)
    mount = mounts.account(server)
    mount.wait_complete()
    state = server.state()
    board = state['boards'][0]['name']
    lists = {each['id']: each['name'] for each in state['lists']}
    for card in state['cards']:
        with open(mount.at(board, lists[card['idList']],
                           card['name'] + '.md'), 'ab') as file:
            file.write(b'said\n')
    wait_until(lambda: b'being-written' not in read(
        mount.at('.trellofs', 'pending')), 10, 'all are settled')
