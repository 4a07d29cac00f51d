"""What happens to cards that are written, made, renamed and removed in all
the ways that a shell knows."""

import os
import time

import pytest

from .util import SLOW, outcome, read, run, wait_until, write
from .writing import DESC, Account, by_another, state


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


def shell(script, *args, **more):
    return run('bash', '-c', script, 'bash', *args, **more)


def at(account, name):
    return os.path.join(account.list, name)


# The first look

def test_first_write_in_a_folder(mounts, server):
    """The end of a save is seen though nobody has looked there before: it
    comes right after the name was looked up."""
    account = Account(mounts, server)
    names = [f'List {number}' for number in range(60)]
    for name in names:
        made = account.api('POST', '/lists', name=name,
                           idBoard=account.board)
        account.api('POST', '/cards', name='Card', idList=made['id'])
    account.mount.unmount()
    mount = account.mount = mounts.again(account.mount)
    mount.wait_complete()
    wait_until(lambda: os.path.exists(account.at(names[-1])), 10, 'the lists')
    for name in names:
        with open(account.at(name, 'Card.md'), 'ab', buffering=0) as file:
            file.write(b'words\n')
    account.wait_kinds(*['comment-add'] * len(names))


# Appending

def test_append(account):
    card = account.card()
    shell('echo "One, see #12" >> "$1"', card.path)
    account.wait_kinds('comment-add')
    shell('echo two >> "$1"', card.path)
    account.wait_kinds('comment-add', 'comment-add')
    shell('{ echo three; echo four; } >> "$1"', card.path)
    account.wait_kinds(*['comment-add'] * 3)
    card.same()
    text = card.read()
    assert text.startswith(card.text.split(b'## Comments')[0][:30])
    assert text.count(b'> @tester') == 3
    assert b'> One, see #12\n' in text and b'> three\n> four\n' in text


def test_append_at_once(account):
    """Faster than anything settles."""
    card = account.card()
    shell('for i in 1 2 3 4 5; do echo "comment $i" >> "$1"; done',
          card.path)
    account.wait_kinds(*['comment-add'] * 5)
    text = card.read()
    assert [text.count(b'> comment %d\n' % each)
            for each in range(1, 6)] == [1] * 5


def test_append_after_remote_change(account):
    card = account.card()
    account.api('PUT', f'/cards/{account.ids["A"]}', desc='changed')
    shell('echo mine >> "$1"', card.path)
    account.wait_kinds('comment-add')
    wait_until(lambda: b'\nchanged\n' in card.read(), 5, 'the news')
    assert b'> mine\n' in card.read()


# What a text does not say

def test_text_without_front_matter(account):
    card = account.card()
    write(card.path, '# Only this\n\n## Comments\n\n- [ ] no item\n')
    account.wait_kinds('desc')
    text = card.read()
    assert b'# Only this' in text and b'Looks good.' in text
    assert b'- [ ] one\n' in text


def test_removed_item_and_checklist(account):
    card = account.card()
    write(card.path, card.text.replace(b'- [ ] two\n', b''))
    account.wait_kinds('item-remove')
    write(card.path, card.text.replace(
        b'## Checklist: Steps\n\n- [ ] one\n- [ ] two\n\n', b''))
    time.sleep(0.5 * SLOW)
    assert b'Checklist' not in card.read()
    assert 'checklist-remove' in account.kinds()


# Two programs

def test_two_that_read_the_same_text_other_parts(account):
    card = account.card()
    by_another(card.path, card.text.replace(b'- [ ] one', b'- [x] one'))
    account.wait_kinds('item-state')
    write(card.path, card.replaced())
    account.wait_kinds('item-state', 'desc')
    text = card.read()
    assert b'new words' in text and b'- [x] one' in text


def test_two_in_the_same_line(account):
    """As on any disk the later save is what counts."""
    card = account.card()
    by_another(card.path, card.text.replace(b'old words', b'his words'))
    account.wait_kinds('desc')
    text = card.text.replace(b'old words', b'her very own words')
    write(card.path, text)
    account.wait_kinds('desc')
    assert card.read() == text


def by_writing(path, text):
    write(path, text)


def by_syncing(path, text):
    with open(path, 'wb', buffering=0) as file:
        file.write(text)
        os.fsync(file.fileno())


def by_renaming(path, text):
    write(path + '~', text)
    os.rename(path + '~', path)


def without_markers(text, keep=b'her very own'):
    """What somebody makes of a text with two versions."""
    return b''.join(
        line for line in text.splitlines(True)
        if not line.startswith((b'<<<<<<<', b'=======', b'>>>>>>>'))
        and (b' words stay here' not in line or keep in line))


@pytest.mark.parametrize('save', [by_writing, by_syncing, by_renaming])
def test_same_line_changed_at_trello(account, save):
    """Both versions, between markers, and nothing is sent until they are
    gone; what changes at Trello meanwhile is not undone."""
    card = account.card()
    account.api('PUT', f'/cards/{account.ids["A"]}',
                desc=DESC.replace('old words', 'his words'))
    wait_until(lambda: b'his words' in card.read(), 5, 'the news')
    save(card.path, card.text.replace(b'old words', b'her very own words'))
    wait_until(lambda: os.path.exists(card.path + '.error'), 5, 'the error')
    text = card.read()
    assert b'his words' in text and b'her very own words' in text
    assert text.index(b'<<<<<<< yours') < text.index(b'>>>>>>> trello')
    assert state(card.path) == 'draft'
    outcome(save, card.path, text)
    time.sleep(0.3 * SLOW)
    assert state(card.path) == 'draft' and account.kinds() == []
    assert card.read() == text
    account.api('PUT', f'/cards/{account.ids["A"]}', desc=DESC.replace(
        'old words', 'his words').replace('third line', 'line three'))
    time.sleep(1.5 * SLOW)
    assert card.read() == text
    save(card.path, without_markers(text))
    wait_until(lambda: not os.path.exists(card.path + '.error'), 5,
               'the error is gone')
    account.wait_kinds('desc')
    text = card.read()
    assert b'her very own words' in text and b'line three' in text
    assert b'his words' not in text and b'third line' not in text


# Names

def test_copy_over_a_card(account):
    """B takes A's text; A's url says nothing of B."""
    one, two = account.card('A'), account.card('B')
    write(one.path, one.replaced())
    account.wait_kinds('desc')
    run('cp', one.path, two.path)
    wait_until(lambda: account.kinds(two.path) == ['desc'], 5, 'the desc')
    two.same()
    text = two.read()
    assert b'new words' in text and b'Looks good.' in text
    assert b'- [ ] one\n' in text
    assert text.count(b'Looks good.') == 1


def test_rename(account):
    card = account.card()
    os.rename(card.path, at(account, 'D.md'))
    account.wait_kinds('title')
    assert account.names() == ['B.md', 'C.md', 'D.md']
    assert os.stat(at(account, 'D.md')).st_ino == card.ino
    assert read(at(account, 'D.md')) == card.text
    os.rename(at(account, 'D.md'), card.path)
    account.wait_kinds()


def test_move(account):
    card = account.card()
    run('mv', card.path, account.at('Doing'))
    account.wait_kinds('move')
    path = account.at('Doing', 'A.md')
    assert account.names() == ['B.md', 'C.md']
    assert os.stat(path).st_ino == card.ino and read(path) == card.text
    list_id = os.getxattr(path, 'user.trello.list').decode()
    assert list_id == account.lists['Doing']
    run('mv', path, account.list)
    wait_until(lambda: account.names() == ['A.md', 'B.md', 'C.md'], 5,
               'it is back')
    assert 'archive' not in account.kinds()


def test_move_and_rename(account):
    card = account.card()
    os.rename(card.path, account.at('Doing', 'Z.md'))
    time.sleep(0.3 * SLOW)
    assert sorted(account.kinds()) == ['move', 'title']
    assert os.stat(account.at('Doing', 'Z.md')).st_ino == card.ino


def test_rename_over_another_card(account):
    """A takes the title, B is archived."""
    one = account.card('A')
    os.rename(one.path, at(account, 'B.md'))
    time.sleep(0.3 * SLOW)
    assert sorted(account.kinds()) == ['archive', 'title']
    assert account.names() == ['B.md', 'C.md']
    assert os.stat(at(account, 'B.md')).st_ino == one.ino
    assert os.getxattr(at(account, 'B.md'), 'user.trello.id') == one.id


def test_to_a_local_name_and_back(account):
    card = account.card()
    os.rename(card.path, card.path + '~')
    account.wait_kinds('archive')
    assert state(card.path + '~') == 'local'
    assert read(card.path + '~') == card.text
    os.rename(card.path + '~', card.path)
    account.wait_kinds()
    assert os.getxattr(card.path, 'user.trello.id') == card.id
    assert card.read() == card.text


def test_remove(account):
    card = account.card()
    os.unlink(card.path)
    account.wait_kinds('archive')
    assert account.names() == ['B.md', 'C.md']
    assert not os.path.exists(card.path)


def test_remove_and_create(account):
    """Within 10 s: a save."""
    card = account.card()
    os.unlink(card.path)
    account.wait_kinds('archive')
    write(card.path, card.replaced())
    account.wait_kinds('desc')
    assert os.getxattr(card.path, 'user.trello.id') == card.id
    assert card.read() == card.replaced()


def test_remove_and_create_another_text(account):
    card = account.card()
    os.unlink(card.path)
    write(card.path, 'something else\n')
    account.wait_kinds('desc')
    assert os.getxattr(card.path, 'user.trello.id') == card.id
    assert b'\nsomething else\n' in card.read()


def test_create(account):
    path = at(account, 'New.md')
    write(path, '---\nlabels: [bug]\ndue: 2030-01-02\n---\nWords.\n\n'
          '## Checklist: Things\n\n- [ ] first\n- [x] second\n')
    wait_until(lambda: 'create' in account.kinds(path), 5, 'the card')
    time.sleep(0.3 * SLOW)
    text = read(path)
    assert b'labels: [bug]' in text and b'due: 2030-01-02T' in text
    assert b'\nWords.\n' in text and b'- [x] second\n' in text
    assert state(path) == 'pending'
    assert not os.path.exists(path + '.error')
    assert os.getxattr(path, 'user.trello.list').decode() == \
        account.lists['To Do']
    assert account.names()[-1] == 'New.md'


def test_create_with_touch(account):
    path = at(account, 'New.md')
    run('touch', path)
    account.wait_kinds('create')
    assert b'## Comments\n' in read(path)
    run('touch', path)
    account.wait_kinds('create')


def test_new_card_is_renamed_edited_and_moved_at_once(account):
    path = at(account, 'New.md')
    write(path, 'text\n')
    os.rename(path, at(account, 'Newer.md'))
    shell('sed -i s/text/words/ "$1"', at(account, 'Newer.md'))
    os.rename(at(account, 'Newer.md'), account.at('Doing', 'Newer.md'))
    time.sleep(0.5 * SLOW)
    assert 'archive' not in account.kinds()
    assert account.names() == ['A.md', 'B.md', 'C.md']
    assert b'\nwords\n' in read(account.at('Doing', 'Newer.md'))


def test_names_that_are_no_titles(account):
    write(at(account, '．hidden.md'), 'x\n')
    write(at(account, 'a／b.md'), 'x\n')
    time.sleep(0.3 * SLOW)
    assert {'a／b.md', '．hidden.md'} <= set(account.names())
    assert b'title:' not in read(at(account, 'a／b.md'))


def test_errors_of_names(account):
    card = account.card()
    assert outcome(os.link, card.path, at(account, 'L.md')) == 'EPERM'
    assert outcome(os.symlink, 'x', at(account, 'L.md')) == 'EPERM'
    assert outcome(os.unlink, at(account, 'nothing.md')) == 'ENOENT'
    assert outcome(os.rmdir, card.path) == 'ENOTDIR'
    assert outcome(os.unlink, account.list) in ('EISDIR', 'EPERM')
    assert outcome(os.mkdir, card.path) == 'EEXIST'
    assert outcome(os.mkdir, at(account, 'folder.md')) == 'EPERM'
    assert outcome(os.rename, card.path, account.list) in (
        'EISDIR', 'ENOTEMPTY', 'EPERM')
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    assert outcome(os.open, card.path, flags) == 'EEXIST'
    assert outcome(write, at(account, 'n' * 252 + '.md'), '') in (
        'EFBIG', 'ENAMETOOLONG', 'ok')
    account.wait_kinds(*account.kinds())
    card.same()


def test_cancel(account):
    card, other = account.card(), account.card('B')
    write(card.path, card.replaced())
    account.wait_kinds('desc')
    os.unlink(other.path)
    account.wait_kinds('desc', 'archive')
    lines = read(account.mount.at('.trellofs', 'pending')).decode()
    numbers = [line.split()[0] for line in lines.splitlines()]
    assert outcome(account.control, 'cancel', '999999\n') == 'ENOENT'
    assert outcome(account.control, 'cancel', 'x\n') == 'EINVAL'
    account.control('cancel', numbers[0] + '\n')
    assert account.kinds() == ['archive']
    assert b'old words' in card.read()
    account.control('cancel', numbers[1] + '\n')
    assert account.kinds() == []
    assert account.names() == ['A.md', 'B.md', 'C.md']
    other.same()
