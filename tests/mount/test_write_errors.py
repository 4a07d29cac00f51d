"""Texts that cannot be sent: told at once, by the right errno at the right
call, with what, why and what to do; and nothing that was written is gone."""

import os

import pytest

from .util import outcome, read, run, wait_gone, wait_until, write
from .writing import Account, state


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


def front(card, line):
    """Its text with one more line of front matter."""
    return card.text.replace(b'\n---\n', b'\n' + line + b'\n---\n', 1)


WRONG = {
    'unknown key': (b'labls: [bug]', (b'line 4', b'labls', b'labels')),
    'unknown label': (b'labels: [bgu]', (b'line 4', b'bgu', b'bug')),
    'unknown member': (b'members: [nobody]', (b'line 4', b'nobody')),
    'bad date': (b'due: next tuesday', (b'line 4', b'next tuesday')),
    'bad flag': (b'done: perhaps', (b'line 4', b'perhaps')),
    'alias': (b'labels: &x [bug]\nmembers: *x', (b'line',)),
    'tag': (b'labels: !!seq [bug]', (b'line 4',)),
    'no YAML': (b'labels: [bug', (b'line',)),
    'twice': (b'done: true\ndone: false', (b'line 5', b'done')),
}
BELOW = {
    'text after items': (
        (b'- [ ] two\n', b'- [ ] two\n\nWords here.\n'), (b'line 1',)),
    'text before the quotes': (
        (b'## Comments\n', b'## Comments\n\nWords here.\n'), (b'line 1',)),
    'another section': (
        (b'## Comments\n', b'## Notes\n\nx\n\n## Comments\n'), (b'line 1',)),
}


def problems(account):
    return read(account.mount.at('.trellofs', 'problems')).decode()


def check_told(account, card, text, words):
    """The draft, the error file, the problem, and the end of all three."""
    error = card.path + '.error'
    wait_until(lambda: os.path.exists(error), 5, 'the error file')
    said = read(error)
    lines = said.split(b'\n')
    assert all(lines[:3]) and lines[3].startswith(b'----'), said
    for word in words:
        assert word in b'\n'.join(lines[:3]), said
    assert text in said
    assert card.read() == text
    assert state(card.path) == 'draft'
    assert os.getxattr(card.path, 'user.trello.error').startswith(lines[0])
    assert account.kinds() == []
    assert b'Board/To Do/A.md: ' in read(
        account.mount.at('.trellofs', 'problems'))
    assert 'A.md.error' in account.names()
    os.unlink(error)
    wait_until(lambda: card.read() == card.text, 2, 'its own text')
    wait_gone(error)
    assert account.kinds() == []
    assert state(card.path) == 'synced'
    assert read(account.mount.at('.trellofs', 'problems')) == b''
    card.same()


@pytest.mark.parametrize('kind', WRONG)
def test_wrong_front_matter(account, kind):
    """Refused at the WRITE that completes it."""
    card = account.card()
    line, words = WRONG[kind]
    text = front(card, line)
    fd = os.open(card.path, os.O_WRONLY | os.O_TRUNC)
    try:
        assert outcome(os.write, fd, text) == 'EINVAL'
    finally:
        os.close(fd)
    check_told(account, card, text, words)


@pytest.mark.parametrize('kind', BELOW)
def test_wrong_text_at_fsync(account, kind):
    card = account.card()
    (old, new), words = BELOW[kind]
    text = card.replaced(old, new)
    fd = os.open(card.path, os.O_WRONLY | os.O_TRUNC)
    try:
        os.write(fd, text)
        assert outcome(os.fsync, fd) == 'EINVAL'
    finally:
        os.close(fd)
    check_told(account, card, text, words)


@pytest.mark.parametrize('kind', BELOW)
def test_wrong_text_at_close(account, kind):
    """Nobody can be told; it is a draft."""
    card = account.card()
    (old, new), words = BELOW[kind]
    text = card.replaced(old, new)
    write(card.path, text)
    check_told(account, card, text, words)


@pytest.mark.parametrize('kind', [*WRONG, *BELOW])
def test_wrong_text_at_rename(account, kind):
    """Refused, nothing has moved, and the reason is beside the card."""
    card = account.card()
    if kind in WRONG:
        text = front(card, WRONG[kind][0])
    else:
        text = card.replaced(*BELOW[kind][0])
    other = card.path + '.tmp'
    write(other, text)
    assert outcome(os.rename, other, card.path) == 'EINVAL'
    assert read(other) == text and card.read() == card.text
    said = read(card.path + '.error')
    assert text in said
    for word in (WRONG | BELOW)[kind][1]:
        assert word in said
    assert account.kinds() == []
    # Another, good one ends it.
    write(other, card.replaced())
    os.rename(other, card.path)
    card.check_saved()


# What the board does not have is left out of a new card, and so are the
# quotes of another one.
RIGHT_IF_NEW = {'unknown label', 'unknown member', 'text before the quotes'}


@pytest.mark.parametrize('kind', [each for each in (*WRONG, *BELOW)
                                  if each not in RIGHT_IF_NEW])
def test_wrong_text_at_rename_to_a_new_name(account, kind):
    """There is no card yet that could say why: problems does."""
    card = account.card()
    if kind in WRONG:
        text = front(card, WRONG[kind][0])
    else:
        text = card.replaced(*BELOW[kind][0])
    other, path = card.path + '.tmp', os.path.join(account.list, 'New.md')
    write(other, text)
    assert outcome(os.rename, other, path) == 'EINVAL'
    assert read(other) == text and not os.path.exists(path)
    line, = problems(account).splitlines()
    assert line.startswith('Board/To Do/New.md: ')
    for word in (WRONG | BELOW)[kind][1]:
        assert word.decode() in line
    assert account.mount.status_line('problems') == '1'
    assert account.kinds() == []
    # Another, good one ends it.
    write(other, b'good\n')
    os.rename(other, path)
    assert problems(account) == ''
    assert b'\ngood\n' in read(path)


def test_good_text_ends_it(account):
    card = account.card()
    write(card.path, card.replaced(*BELOW['text after items'][0]))
    wait_until(lambda: os.path.exists(card.path + '.error'), 5, 'the error')
    write(card.path, card.replaced())
    card.check_saved()
    wait_until(lambda: 'A.md.error' not in account.names(), 2, 'it is gone')


def test_text_that_was_given_up_is_gone_at_once(account):
    """Who removes the reason and reads then finds Trello's text."""
    card = account.card()
    for number in range(30):
        assert outcome(write, card.path, front(
            card, b'labels: [bgu%d]' % number)) == 'EINVAL'
        os.unlink(card.path + '.error')
        assert card.read() == card.text


def test_draft_goes_on(account):
    """The draft is edited in place until it is good."""
    card = account.card()
    write(card.path, card.replaced(*BELOW['text after items'][0]))
    wait_until(lambda: os.path.exists(card.path + '.error'), 5, 'the error')
    run('sed', '-i', 's/^Words here.$//; s/old words/new words/', card.path)
    wait_until(lambda: not os.path.exists(card.path + '.error'), 5, 'the end')
    account.wait_kinds('desc')


def test_error_file_cannot_be_written(account):
    card = account.card()
    write(card.path, card.replaced(*BELOW['text after items'][0]))
    error = card.path + '.error'
    wait_until(lambda: os.path.exists(error), 5, 'the error')
    assert outcome(write, error, 'x') in ('EACCES', 'EPERM', 'EROFS')
    assert outcome(os.rename, error, error + '2') == 'EPERM'
    assert outcome(os.rename, card.path, error) in ('EPERM', 'EEXIST')
    os.unlink(error)
    wait_until(lambda: card.read() == card.text, 2, 'its own text')


def test_editor_is_told(account, tmp_path):
    """vim's :w fails, and the text is still in the file."""
    card = account.card()
    text = front(card, b'labels: [bgu]')
    fd = os.open(card.path, os.O_WRONLY | os.O_TRUNC)
    os.write(fd, b'')
    assert outcome(os.write, fd, text) == 'EINVAL'
    # As vim does then: the old text is written back.
    os.ftruncate(fd, 0)
    os.lseek(fd, 0, os.SEEK_SET)
    os.write(fd, card.text)
    os.fsync(fd)
    os.close(fd)
    account.wait_kinds()
    assert card.read() == card.text
    wait_gone(card.path + '.error')


def test_binary(account):
    card = account.card()
    data = bytes(range(256)) * 40
    write(card.path, data)
    wait_until(lambda: os.path.exists(card.path + '.error'), 5, 'the error')
    assert card.read() == data
    assert account.kinds() == []
    os.unlink(card.path + '.error')
    wait_until(lambda: card.read() == card.text, 2, 'its own text')


def test_nul(account):
    card = account.card()
    text = card.replaced(b'old words', b'old\0words')
    write(card.path, text)
    wait_until(lambda: os.path.exists(card.path + '.error'), 5, 'the error')
    assert card.read() == text and account.kinds() == []
    os.unlink(card.path + '.error')
    wait_until(lambda: card.read() == card.text, 2, 'its own text')


def test_sparse(account):
    """A WRITE beyond the end leaves NULs behind."""
    card = account.card()
    with open(card.path, 'r+b') as file:
        file.seek(len(card.text) + 1000)
        file.write(b'x')
    wait_until(lambda: os.path.exists(card.path + '.error'), 5, 'the error')
    os.unlink(card.path + '.error')
    wait_until(lambda: card.read() == card.text, 2, 'its own text')
    assert account.kinds() == []


@pytest.mark.parametrize('begin', [b'', b'---\ntitle: T\n---\n'])
def test_two_mib(account, begin):
    """The WRITE that goes beyond 1 MiB is refused, like those behind it."""
    card = account.card()
    with open(card.path, 'wb', buffering=0) as file:
        file.write(begin)
        while outcome(file.write, b'x' * 8192) == 'ok':
            assert file.tell() <= (1 << 20) + len(card.text)
        assert file.tell() + 8192 > 1 << 20
        assert outcome(file.write, b'y') == 'EFBIG'
        assert outcome(os.fsync, file.fileno()) == 'EFBIG'
    assert b'1 MiB' in read(card.path + '.error').splitlines()[0]
    assert state(card.path) == 'draft' and account.kinds() == []
    os.unlink(card.path + '.error')
    wait_until(lambda: card.read() == card.text, 5, 'its text')


@pytest.mark.seconds(120)
def test_one_mib(account):
    """So much is only too much for one description."""
    card = account.card()
    begin, end = card.text.split(b'- [ ] one\n')
    item = b'- [ ] ' + b'x' * 1000 + b'\n'
    text = begin + item * 1000 + b'- [ ] one\n' + end
    assert len(text) < 1 << 20
    write(card.path, text)
    wait_until(lambda: len(account.kinds()) == 1000, 40, 'all items')
    assert card.read() == text


def test_comments_may_be_longer(account):
    """What stands below them does not count."""
    def said():
        """How many wait, or have been sent when this takes long."""
        there = [each for each in account.server.state()['actions']
                 if each['data'].get('text', '').startswith('xxx')]
        assert set(account.kinds()) <= {'comment-add'}
        return len(account.kinds()) + len(there)

    card = account.card()
    for _ in range(65):
        account.api('POST', f'/cards/{account.ids["A"]}/actions/comments',
                    text='x' * 16000)
    wait_until(lambda: len(card.read()) > 65 * 16000, 20, 'the comments')
    with open(card.path, 'ab', buffering=0) as file:
        for _ in range(3):
            file.write(b'x' * 16000 + b'\n')
            os.fsync(file.fileno())
    wait_until(lambda: said() == 68, 10, 'all comments')
    write(card.path, card.read())
    account.wait_settled()
    wait_until(lambda: said() == 68, 10, 'all comments, once')


def test_two_mib_at_rename(account):
    card = account.card()
    other = card.path + '.tmp'
    write(other, b'x' * (2 << 20))
    assert outcome(os.rename, other, card.path) == 'EFBIG'
    assert os.stat(other).st_size == 2 << 20 and card.read() == card.text
    assert account.kinds() == []


def test_description_too_long(account):
    card = account.card()
    text = card.replaced(b'third line', b'x' * 16385)
    fd = os.open(card.path, os.O_WRONLY | os.O_TRUNC)
    os.write(fd, text)
    assert outcome(os.fsync, fd) == 'EFBIG'
    os.close(fd)
    assert card.read() == text and account.kinds() == []
    wait_until(lambda: os.path.exists(card.path + '.error'), 5, 'the error')
    write(card.path, card.replaced(b'third line', b'x' * 16000))
    account.wait_kinds('desc')


MARKED = b'<<<<<<< yours\na\n=======\nb\n>>>>>>> trello'


def test_markers_left(account):
    """A text with merge markers is not sent."""
    card = account.card()
    text = card.replaced(b'second line', MARKED)
    write(card.path, text)
    check_told(account, card, text, (b'markers', b'line 6'))


def test_markers_left_in_a_new_card(account):
    path = os.path.join(account.list, 'New.md')
    write(path, MARKED + b'\n')
    wait_until(lambda: os.path.exists(path + '.error'), 5, 'the error')
    assert read(path) == MARKED + b'\n' and 'desc' not in account.kinds()
    write(path, b'a\nb\n')
    account.wait_kinds('create', 'desc')
    wait_gone(path + '.error')


def test_markers_that_are_at_trello(account):
    """Somebody wants them there."""
    account.api('PUT', f'/cards/{account.ids["A"]}', desc='x\n'
                + MARKED.decode())
    card = account.card()
    wait_until(lambda: MARKED in card.read(), 5, 'the news')
    write(card.path, card.read().replace(b'\nx\n', b'\nnew words\n'))
    account.wait_kinds('desc')
    write(card.path, card.read().replace(b'new words', MARKED))
    wait_until(lambda: os.path.exists(card.path + '.error'), 5, 'the error')


def test_empty_text_is_none(account):
    card = account.card()
    write(card.path, b'')
    wait_until(lambda: card.read() == card.text, 5, 'its text is back')
    account.wait_kinds()
    run('truncate', '-s', '0', card.path)
    wait_until(lambda: card.read() == card.text, 65, 'its text is back')
    account.wait_kinds()


def test_front_matter_that_is_not_complete_yet(account):
    """Is no error until it is closed."""
    card = account.card()
    with open(card.path, 'wb', buffering=0) as file:
        for line in front(card, b'done: true').splitlines(True):
            file.write(line)
            assert not os.path.exists(card.path + '.error')
    account.wait_kinds('done')


STRANGE = '''---
labels: [bug, nowhere]
members: [nobody]
fields: {Priority: High}
done: true
---
Text.
'''


def test_new_card_with_names_of_another_board(account):
    """They are left out, and problems says so."""
    path = os.path.join(account.list, 'New.md')
    write(path, STRANGE)
    account.wait_settled()
    text = read(path)
    assert b'labels: [bug]\n' in text and b'Text.' in text
    assert b'nowhere' not in text and b'nobody' not in text
    assert not os.path.exists(path + '.error')
    assert problems(account).startswith('Board/To Do/New.md: left out ')
    for word in ('"nowhere"', '"nobody"', '"Priority"'):
        assert word in problems(account)
    assert account.mount.status_line('problems') == '1'
    # The same buffer once more, from who has not seen what became of it.
    write(path, STRANGE.replace('Text', 'Other text'))
    account.wait_settled()
    assert b'Other text.' in read(path) and '"nowhere"' in problems(account)
    # What was read from it and saved ends it.
    write(path, read(path).replace(b'Other', b'Another'))
    wait_until(lambda: problems(account) == '', 5, 'it is over')
    assert account.mount.status_line('problems') == '0'
    # Who has seen the card's own text is told at once.
    text = read(path).replace(b'[bug]', b'[bug, nowhere]')
    assert outcome(write, path, text) == 'EINVAL'


def test_copies_of_cards_of_another_board(account):
    """cp -r of a list: new cards, without what is not known there."""
    board = account.api('POST', '/boards', name='Other',
                        defaultLists='false')['id']
    made = account.api('POST', '/lists', name='List', idBoard=board)['id']
    label = account.api('POST', f'/boards/{board}/labels', name='strange',
                        color='blue')['id']
    for name in ('One', 'Two'):
        account.api('POST', '/cards', name=name, desc='words', idList=made,
                    idLabels=label)
    path = account.mount.at('Other', 'List')
    wait_until(lambda: account.names(path) == ['One.md', 'Two.md'], 5,
               'the board')
    account.mount.wait_complete()
    run('cp', *[os.path.join(path, name) for name in account.names(path)],
        account.list)
    account.wait_settled()
    assert problems(account).count('label "strange"') == 2
    assert account.names(path) == ['One.md', 'Two.md']
    assert account.names()[3:] == ['One.md', 'Two.md']
    wait_until(account.drained, 10, 'they are sent')
    found = [each for each in account.server.state()['cards']
             if each['idList'] == account.lists['To Do']]
    assert [(each['name'], each['desc'], each.get('idLabels', []))
            for each in found[3:]] == [('One', 'words', []),
                                       ('Two', 'words', [])]


def test_read_only(mounts, server):
    account = Account(mounts, server, options='ro')
    card = account.card()
    assert outcome(write, card.path, 'x') == 'EROFS'
    assert outcome(os.unlink, card.path) == 'EROFS'
    assert outcome(os.rename, card.path, card.path + '2') == 'EROFS'
    assert outcome(os.mkdir, account.at('New')) == 'EROFS'
    assert outcome(os.rmdir, account.at('Doing')) == 'EROFS'
    assert outcome(write, os.path.join(account.list, 'N.md'), '') == 'EROFS'
    assert account.kinds() == []
