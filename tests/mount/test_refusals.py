"""What Trello refuses, for each kind of change: who waits is told, the text
stays, the reason stands beside it with what to do, the tree shows what is
true, and both ways on work: Trello's state back, or once more."""

import dataclasses
import os
import re
from typing import Callable

import pytest

from trello.server import ME

from .util import outcome, read, run, wait_gone, wait_until, write
from .writing import Account, state

# As Trello says it, and what the reason shows of it.
REFUSALS = {
    400: 'invalid value for desc',
    401: 'unauthorized card permission requested',
    403: 'Too many checklists',
    404: 'The requested resource was not found.',
}
TEXT = 'text/plain; charset=utf-8'


def replace(old, new):
    """Edits A.md as a program does that saves in place."""
    def edit(account):
        path = account.at('To Do', 'A.md')
        text = read(path)
        assert text.count(old) == 1, text
        write(path, text.replace(old, new))
    return edit


def front(line):
    return replace(b'\n---\nold', b'\n' + line + b'\n---\nold')


def append(account):
    run('sh', '-c', 'echo "More words." >> "$0"', account.at('To Do', 'A.md'))


@dataclasses.dataclass
class Change:
    """One kind of change, and what becomes of it when it is refused."""
    do: Callable                # makes the change
    method: str                 # the request that sends it
    path: str
    told: str                   # the words for it
    shows: bytes = b''          # what the text has that was refused
    gone: bool = False          # a 404 says that it is as wanted
    name: str = 'A.md'          # the card's file when it is refused
    where: str = 'To Do'
    new: bool = False           # Trello does not have the card


OWN = b'Mine.'
CARD = r'^/1/cards/[0-9a-f]{24}$'
PARTS = {
    'description': Change(
        replace(b'old words', b'new words'), 'PUT', CARD, 'the description',
        b'new words'),
    'title in the text': Change(
        front(b'title: Other'), 'PUT', CARD, 'the title "Other"',
        b'title: Other'),
    'start': Change(front(b'start: 2026-12-01'), 'PUT', CARD,
                    'the start date', b'start: 2026-12-01'),
    'due': Change(front(b'due: 2026-12-01'), 'PUT', CARD, 'the due date',
                  b'due: 2026-12-01'),
    'done': Change(front(b'done: true'), 'PUT', CARD,
                   'the change of `done`', b'done: true'),
    'label': Change(
        replace(b'labels: [later]', b'labels: [later, bug]'), 'POST',
        '/idLabels$', 'the label "bug"', b'labels: [later, bug]'),
    'label removed': Change(
        replace(b'labels: [later]\n', b''), 'DELETE', '/idLabels/',
        'the removal of the label "later"', gone=True),
    'member': Change(
        replace(b'members: [tester]', b'members: [tester, remote]'), 'POST',
        '/idMembers$', 'the member "remote"',
        b'members: [tester, remote]'),
    'member removed': Change(
        replace(b'members: [tester]\n', b''), 'DELETE', '/idMembers/',
        'the removal of the member "tester"', gone=True),
    'field': Change(front(b'fields: {Size: 3}'), 'PUT', '/customField/',
                    'the field "Size"', b'fields: {Size: 3}'),
    'checklist': Change(
        replace(b'## Comments\n',
                b'## Checklist: More\n\n- [x] three\n\n## Comments\n'),
        'POST', '/checklists$', 'the checklist "More"',
        b'## Checklist: More\n\n- [x] three\n'),
    'checklist renamed': Change(
        replace(b'Checklist: Steps', b'Checklist: Ways'), 'PUT',
        '/checklists/', 'the checklist\'s new name "Ways"', b'list: Ways'),
    'checklist removed': Change(
        replace(b'## Checklist: Steps\n\n- [ ] one\n- [ ] two\n\n', b''),
        'DELETE', '/checklists/', 'the removal of the checklist "Steps"',
        gone=True),
    'item': Change(
        replace(b'- [ ] two\n', b'- [ ] two\n- [ ] three\n'), 'POST',
        '/checkItems$', 'the item "three"', b'- [ ] three'),
    'item ticked': Change(
        replace(b'[ ] one', b'[x] one'), 'PUT', '/checkItem/',
        'the tick of the item "one"', b'[x] one'),
    'item reworded': Change(
        replace(b'[ ] one', b'[ ] uno'), 'PUT', '/checkItem/',
        'the item\'s new words "uno"', b'[ ] uno'),
    'item moved': Change(
        replace(b'- [ ] one\n- [ ] two\n', b'- [ ] two\n- [ ] one\n'),
        'PUT', '/checkItem/', 'the place of the item "',
        b'- [ ] two\n- [ ] one'),
    'item removed': Change(
        replace(b'- [ ] two\n', b''), 'DELETE', '/checkItems/',
        'the removal of the item "two"', gone=True),
    'link': Change(
        replace(b'## Comments\n', b'## Attachments\n\n- [x](https://x.org/)'
                b'\n\n## Comments\n'), 'POST', '/attachments$',
        'the link "x"', b'- [x](https://x.org/)'),
    'comment': Change(append, 'POST', '/comments$',
                      'the comment "More words."', b'More words.'),
    'comment edited': Change(
        replace(OWN, b'Ours.'), 'PUT', '/actions/',
        'the comment\'s new text "Ours."', b'Ours.'),
    'new card': Change(
        lambda account: write(account.at('To Do', 'New.md'), 'Hello.\n'),
        'POST', '/cards$', 'the new card "New"', b'Hello.', name='New.md',
        new=True),
    'copied card': Change(
        lambda account: run('cp', account.at('To Do', 'B.md'),
                            account.at('To Do', 'New.md')),
        'POST', '/cards$', 'the new card "New"', b'- [ ] two',
        name='New.md', new=True),
}
# Where there is no text: what is shown is what is true.
PLACES = {
    'title': Change(
        lambda account: os.rename(account.at('To Do', 'A.md'),
                                  account.at('To Do', 'Z.md')),
        'PUT', CARD, 'the title "Z"'),
    'list': Change(
        lambda account: os.rename(account.at('To Do', 'A.md'),
                                  account.at('Doing', 'A.md')),
        'PUT', CARD, 'the move to "Doing"'),
    'list and title': Change(
        lambda account: os.rename(account.at('To Do', 'A.md'),
                                  account.at('Doing', 'Z.md')),
        'PUT', CARD, 'the title "Z", the move to "Doing"'),
    'board': Change(
        lambda account: os.rename(account.at('To Do', 'A.md'),
                                  account.mount.at('Other', 'There', 'A.md')),
        'PUT', CARD, 'the move to "There"'),
    'archive': Change(
        lambda account: os.unlink(account.at('To Do', 'A.md')), 'PUT', CARD,
        'archiving the card', gone=True),
    'archive by renaming': Change(
        lambda account: os.rename(account.at('To Do', 'A.md'),
                                  account.at('To Do', 'A.txt')),
        'PUT', CARD, 'archiving the card', gone=True),
}


@pytest.fixture
def account(mounts, server):
    """One with something of everything that can be changed."""
    def api(method, path, **params):
        return server.api(method, path, params)
    other = api('POST', '/boards', name='Other', defaultLists='false')['id']
    api('POST', '/lists', name='There', idBoard=other)
    made = Refused(mounts, server)
    return made


class Refused(Account):
    """An account that can be told to refuse."""

    def make_card(self, name, desc=None):
        made = super().make_card(name) if desc is None else None
        if name != 'A':
            return made
        later = [each['id'] for each in self.api(
            'GET', f'/boards/{self.board}/labels') if each['name'] == 'later']
        self.api('POST', f'/cards/{made}/idLabels', value=later[0])
        self.api('POST', f'/cards/{made}/idMembers', value=ME['id'])
        self.api('POST', '/customFields', idModel=self.board, name='Size',
                 modelType='board', type='number', pos='bottom')
        self.server.api('POST', f'/cards/{made}/actions/comments',
                        {'text': OWN.decode()}, token=self.server.token)
        return made

    def control(self, name):
        return outcome(write, self.mount.at('.trellofs', 'control', name),
                       '\n')

    def problems(self):
        return read(self.mount.at('.trellofs', 'problems')).decode()

    def refuse(self, change, status):
        self.server.fault(method=change.method, path=change.path,
                          status=status, body=REFUSALS[status],
                          content_type=TEXT)

    def tree(self):
        """Every name with its state."""
        found = {}
        for folder, folders, files in os.walk(self.mount.path):
            for name in folders + files:
                path = os.path.join(folder, name)
                if not name.endswith('.error'):
                    found[os.path.relpath(path, self.mount.path)] = \
                        state(path)
        return found


def check_lines(account, path, change, status):
    """What, why, what to do; the same in each place where it stands."""
    lines = read(path + '.error').decode().split('\n')
    what, why, remedy = lines[:3]
    assert change.told in what, what
    assert f'Trello says {status}' in why and REFUSALS[status] in why, why
    assert 'remove' in remedy or 'rm ' in remedy, remedy
    assert re.search('retry|save|copy', remedy), remedy
    name = os.path.relpath(path, account.mount.path)
    assert account.problems() == f'{name}: {what}: {why}\n'
    said = os.getxattr(path, 'user.trello.error').decode()
    assert said == f'{what}: {why}: {remedy}'
    assert account.mount.status_line('problems') == '1'
    wait_until(lambda: account.mount.status_line('pending') == '0', 5,
               'all that belongs to it is refused, too')
    assert all(' (refused) ' in line for line in account.raw().splitlines())
    return lines


def refuse_once(account, change, status, expected):
    account.server.clear_faults()
    account.refuse(change, status)
    change.do(account)
    assert account.control('sync') == expected


@pytest.mark.seconds(120)
@pytest.mark.parametrize('kind', PARTS)
def test_text(account, kind):
    change = PARTS[kind]
    account.mount.expect('Trello did not accept')
    path = account.at(change.where, change.name)
    old = None if change.new else read(path)
    for status in REFUSALS:
        if status == 404 and change.gone:
            continue
        refuse_once(account, change, status, 'EIO')
        lines = check_lines(account, path, change, status)
        text = read(path)
        assert change.shows in text and text != old
        assert lines[3] == '---- the text that was not taken:'
        assert '\n'.join(lines[4:]).encode() == text
        assert state(path) == 'draft'
        if change.new:
            os.unlink(path)
        else:
            os.unlink(path + '.error')
            assert state(path) == 'synced'
            wait_until(lambda: read(path) == old, 2, 'its own text')
        wait_gone(path + '.error')
        assert account.raw() == account.problems() == ''
        assert account.control('sync') == 'ok'
    refuse_once(account, change, 400, 'EIO')
    account.server.clear_faults()
    before = len(account.server.matching(change.method, change.path))
    assert account.control('retry') == 'ok'
    assert not os.path.exists(path + '.error')
    assert account.control('sync') == 'ok'
    assert len(account.server.matching(change.method, change.path)) > before
    assert state(path) == 'synced' and change.shows in read(path)
    assert account.control('refresh') == 'ok'
    assert state(path) == 'synced' and change.shows in read(path)
    assert account.raw() == account.problems() == ''


def body(path, text=None):
    """A card's text, but for what it is called."""
    return (text or read(path)).split(b'\n---\n')[1]


@pytest.mark.parametrize('kind', ['new card', 'copied card'])
def test_new_card_is_sent_again_without_its_error(account, kind):
    """Trello has no text that could come back."""
    change = PARTS[kind]
    account.mount.expect('Trello did not accept')
    path = account.at(change.where, change.name)
    refuse_once(account, change, 403, 'EIO')
    text = read(path)
    os.unlink(path + '.error')
    wait_until(lambda: body(path) == body(path, text), 2, 'its text')
    assert account.control('sync') == 'EIO'
    assert body(path) == body(path, text) and os.path.exists(path + '.error')
    account.server.clear_faults()
    os.unlink(path + '.error')
    assert account.control('sync') == 'ok'
    assert state(path) == 'synced'
    assert body(path) == body(path, text)


@pytest.mark.parametrize('kind', PLACES)
def test_place(account, kind):
    change = PLACES[kind]
    account.mount.expect('Trello did not accept')
    path = account.at('To Do', 'A.md')
    text, ino = read(path), os.stat(path).st_ino
    tree = account.tree()
    name = os.path.relpath(path, account.mount.path)
    for status in REFUSALS:
        if status == 404 and change.gone:
            continue
        refuse_once(account, change, status, 'EIO')
        lines = check_lines(account, path, change, status)
        assert lines[3:] == ['']
        copies = {'Board/To Do/A.txt': 'local'} if 'renam' in kind else {}
        assert account.tree() == tree | {name: 'problem'} | copies
        assert read(path) == text and os.stat(path).st_ino == ino
        os.unlink(path + '.error')
        assert account.tree() == tree | copies
        assert account.raw() == account.problems() == ''
        assert account.control('sync') == 'ok'
        if copies:
            os.unlink(account.at('To Do', 'A.txt'))
    refuse_once(account, change, 400, 'EIO')
    account.server.clear_faults()
    assert account.control('retry') == 'ok'
    assert not os.path.exists(path)
    assert not os.path.exists(path + '.error')
    assert account.control('sync') == 'ok'
    assert account.raw() == account.problems() == ''
    changed = account.tree()
    assert name not in changed and 'problem' not in changed.values()
    assert account.control('refresh') == 'ok'
    assert account.tree() == changed


FOLDERS = {
    'list': Change(lambda account: os.mkdir(account.at('New')), 'POST',
                   '/lists$', 'the new list "New"', name='New', new=True),
    'list renamed': Change(
        lambda account: os.rename(account.at('Doing'), account.at('New')),
        'PUT', '/lists/', 'the list\'s new name "New"', name='Doing'),
    'list moved': Change(
        lambda account: os.rename(account.at('Doing'),
                                  account.mount.at('Other', 'Doing')),
        'PUT', '/lists/', 'the list\'s move to "Other"', name='Doing'),
    'list archived': Change(
        lambda account: os.rmdir(account.at('Doing')), 'PUT', '/lists/',
        'archiving the list', name='Doing', gone=True),
    'board': Change(lambda account: os.mkdir(account.mount.at('New')),
                    'POST', '/boards', 'the new board "New"',
                    name='../New', new=True),
    'board renamed': Change(
        lambda account: os.rename(account.mount.at('Other'),
                                  account.mount.at('New')),
        'PUT', '/boards/', 'the board\'s new name "New"', name='../Other'),
}


def check_folder(account, path, change, status):
    name = os.path.relpath(path, account.mount.path)
    said = os.getxattr(path, 'user.trello.error').decode()
    assert change.told in said and f'Trello says {status}' in said
    assert '.trellofs/control/retry' in said
    assert account.problems().startswith(f'{name}: Trello did not accept ')
    assert account.problems().count('\n') == 1
    assert said in account.problems()
    assert state(path) == 'problem'
    assert account.mount.status_line('problems') == '1'


@pytest.mark.parametrize('kind', FOLDERS)
def test_folder(account, kind):
    """What is at Trello is shown; what was made stays, with its problem."""
    change = FOLDERS[kind]
    account.mount.expect('Trello did not accept')
    path = os.path.normpath(account.at(change.name))
    tree = account.tree()
    name = os.path.relpath(path, account.mount.path)
    for status in REFUSALS:
        if status == 404 and change.gone:
            continue
        refuse_once(account, change, status, 'EIO')
        check_folder(account, path, change, status)
        assert account.tree() == tree | {name: 'problem'}
        # Taken back by its number, or by removing what was not made.
        if change.new and status != 401:
            os.rmdir(path)
        else:
            number = account.raw().split()[0]
            write(account.mount.at('.trellofs', 'control', 'cancel'),
                  number + '\n')
        assert account.tree() == tree
        assert account.raw() == account.problems() == ''
        assert account.control('sync') == 'ok'
    refuse_once(account, change, 400, 'EIO')
    account.server.clear_faults()
    assert account.control('retry') == 'ok'
    assert account.control('sync') == 'ok'
    assert account.raw() == account.problems() == ''
    changed = account.tree()
    assert changed != tree and set(changed.values()) == {'synced'}
    assert account.control('refresh') == 'ok'
    assert account.tree() == changed


@pytest.mark.parametrize('kind', ['list renamed', 'list archived',
                                  'board renamed'])
def test_archived_by_others(account, kind):
    """Nothing is left to be tried again, and problems says that it ended."""
    change = FOLDERS[kind]
    account.mount.expect('Trello did not accept')
    path = os.path.normpath(account.at(change.name))
    refuse_once(account, change, 400, 'EIO')
    check_folder(account, path, change, 400)
    account.server.clear_faults()
    route = f'/lists/{account.lists["Doing"]}' if 'list' in kind \
        else '/boards/' + os.getxattr(path, 'user.trello.id').decode()
    account.api('PUT', route, closed='true')
    assert account.control('refresh') == 'ok'
    assert not os.path.exists(path)
    assert account.raw() == ''
    name = os.path.relpath(path, account.mount.path)
    assert account.problems().startswith(f'{name}: ')
    assert 'has ended' in account.problems()
    assert account.control('sync') == 'ok'
    account.api('PUT', route, closed='false')
    assert account.control('refresh') == 'ok'
    assert state(path) == 'synced'


@pytest.mark.parametrize('kind', ['list renamed', 'board renamed'])
def test_folder_renamed_again(account, kind):
    """Another name takes the place of the refused one."""
    change = FOLDERS[kind]
    account.mount.expect('Trello did not accept')
    path = os.path.normpath(account.at(change.name))
    refuse_once(account, change, 400, 'EIO')
    account.server.clear_faults()
    other = os.path.join(os.path.dirname(path), 'Better')
    os.rename(path, other)
    assert account.control('sync') == 'ok'
    assert account.raw() == account.problems() == ''
    assert state(other) == 'synced' and not os.path.exists(path)


def test_board_closed(account):
    """The closing is confirmed first."""
    change = Change(None, 'PUT', '/boards/', 'closing the board', gone=True)
    account.mount.expect('Trello did not accept', 'a lot are held')
    account.refuse(change, 401)
    path = account.mount.at('Other')
    os.rmdir(os.path.join(path, 'There'))
    assert account.control('sync') == 'ok'
    os.rmdir(path)
    wait_until(lambda: '(held)' in account.raw(), 5, 'it is held')
    assert account.control('confirm') == 'ok'
    assert account.control('sync') == 'EIO'
    assert account.tree()['Other'] == 'problem'
    check_folder(account, path, change, 401)
    account.server.clear_faults()
    assert account.control('retry') == 'ok'
    assert account.control('sync') == 'ok'
    assert not os.path.exists(path)
    assert account.raw() == account.problems() == ''


def test_list_with_cards(account):
    """Nothing in a list that Trello does not make is lost."""
    change = FOLDERS['list']
    account.mount.expect('Trello did not accept')
    account.refuse(change, 403)
    os.mkdir(account.at('New'))
    path = account.at('New', 'X.md')
    write(path, 'Hello.\n')
    assert account.control('sync') == 'EIO'
    assert b'Hello.' in read(path) and state(path) == 'draft'
    assert state(account.at('New')) == 'problem'
    assert account.mount.status_line('problems') == '2'
    said = read(path + '.error').decode().split('\n')
    assert 'the new card "X"' in said[0] and 'belongs to' in said[1]
    account.server.clear_faults()
    assert account.control('retry') == 'ok'
    assert account.control('sync') == 'ok'
    assert state(account.at('New')) == state(path) == 'synced'
    assert b'Hello.' in read(path)
    assert account.raw() == account.problems() == ''


def test_several_at_once(account):
    """Each is told, and what was accepted is not among it."""
    account.mount.expect('Trello did not accept')
    for method, path in (('POST', '/idLabels$'), ('PUT', '/checkItem/')):
        account.server.fault(method=method, path=path, status=400, body='no')
    path = account.at('To Do', 'A.md')
    text = read(path).replace(b'old words', b'new words') \
        .replace(b'labels: [later]', b'labels: [bug, later]') \
        .replace(b'[ ] one', b'[x] one')
    write(path, text)
    assert account.control('sync') == 'EIO'
    said = read(path + '.error').decode()
    assert said.startswith('Trello did not accept the label "bug", the tick '
                           'of the item "one"\n'), said
    assert said.endswith(read(path).decode())
    for each in (b'new words', b'bug', b'[x] one'):
        assert each in read(path)
    os.unlink(path + '.error')
    wait_until(lambda: b'bug' not in read(path), 2, 'its own text')
    assert b'new words' in read(path)
    assert account.raw() == ''


def test_one_of_several_is_given_up(account):
    """The others stay, and are told."""
    account.mount.expect('Trello did not accept')
    for method, path in (('POST', '/idLabels$'), ('PUT', '/checkItem/')):
        account.server.fault(method=method, path=path, status=400, body='no')
    path = account.at('To Do', 'A.md')
    old = read(path)
    write(path, old.replace(b'labels: [later]', b'labels: [bug, later]')
          .replace(b'[ ] one', b'[x] one'))
    assert account.control('sync') == 'EIO'
    numbers = {line.split()[3]: line.split()[0]
               for line in account.raw().splitlines()}
    write(account.mount.at('.trellofs', 'control', 'cancel'),
          numbers['label-add'])
    assert read(path + '.error').startswith(
        b'Trello did not accept the tick of the item "one"\n')
    assert state(path) == 'draft' and b'[x] one' in read(path)
    write(account.mount.at('.trellofs', 'control', 'cancel'),
          numbers['item-state'])
    wait_until(lambda: read(path) == old, 2, 'its own text')
    assert account.raw() == account.problems() == ''


def test_draft_that_was_edited_since(account):
    """A text that came after the refusal is not lost by another try."""
    account.mount.expect('Trello did not accept')
    refuse_once(account, PARTS['description'], 400, 'EIO')
    account.server.clear_faults()
    path = account.at('To Do', 'A.md')
    text = read(path).replace(b'second line', b'more words') \
        .replace(b'- [ ] two\n', b'- [ ] two\n\nNot here.\n')
    write(path, text)
    wait_until(lambda: b'Not here.' in read(path + '.error')
               .split(b'\n----')[0], 5, 'it is wrong')
    account.control('retry')
    assert read(path) == text and state(path) == 'draft'
    text = text.replace(b'\nNot here.\n', b'')
    write(path, text)
    assert account.control('sync') == 'ok'
    assert read(path) == text and state(path) == 'synced'
    desc = account.api('GET', f'/cards/{account.ids["A"]}')['desc']
    assert desc == 'new words stay here\nmore words\nthird line'


def test_after_a_restart(account):
    """Drafts, their reasons and both ways on are still there."""
    account.mount.expect('Trello did not accept')
    refuse_once(account, PARTS['description'], 400, 'EIO')
    account.server.clear_faults()
    refuse_once(account, FOLDERS['list'], 403, 'EIO')
    account.server.clear_faults()
    said = account.problems()
    account.mount.unmount()
    account.mount = account.mounts.again(account.mount)
    path = account.at('To Do', 'A.md')
    assert account.problems() == said
    assert state(path) == 'draft' and b'new words' in read(path)
    assert state(account.at('New')) == 'problem'
    assert account.control('retry') == account.control('sync') == 'ok'
    assert state(path) == state(account.at('New')) == 'synced'
    assert not os.path.exists(path + '.error') and account.problems() == ''


def test_card_with_a_problem_is_renamed_and_archived(account):
    """The file beside it goes where the card goes."""
    account.mount.expect('Trello did not accept')
    refuse_once(account, PARTS['description'], 400, 'EIO')
    account.server.clear_faults()
    for place in (('To Do', 'Z.md'), ('Doing', 'Z.md')):
        old = account.at('To Do', 'A.md') if place[0] == 'To Do' \
            else account.at('To Do', 'Z.md')
        os.rename(old, account.at(*place))
        assert not os.path.exists(old + '.error')
        assert b'new words' in read(account.at(*place))
        assert read(account.at(*place) + '.error')
    path = account.at('Doing', 'Z.md')
    assert account.names(account.at('Doing')) == ['Z.md', 'Z.md.error']
    run('rm', path)
    assert account.names(account.at('Doing')) == []
    assert account.control('sync') == 'ok'
    assert account.raw() == account.problems() == ''


def test_folder_of_drafts_is_removed(account):
    account.mount.expect('Trello did not accept', 'a lot are held')
    refuse_once(account, PARTS['new card'], 400, 'EIO')
    refuse_once(account, PARTS['description'], 400, 'EIO')
    account.server.clear_faults()
    run('rm', '-r', account.list)
    assert not os.path.exists(account.list)
    assert account.control('sync') == 'ok'
    assert account.raw() == account.problems() == ''


def test_names_of_error_files_are_taken(account):
    path = account.at('To Do', 'A.md.error')
    assert outcome(write, path, 'mine') == 'EPERM'
    write(account.at('To Do', 'x'), 'mine')
    assert outcome(os.rename, account.at('To Do', 'x'), path) == 'EPERM'
    assert outcome(os.mkdir, path) == 'EPERM'
