"""A card stays open in a real editor for long, while others change it again
and again: what they did elsewhere in the card is merged, where both changed
the same lines the user is asked, and nobody's words are lost."""

import os

import pytest

from .editors import EDITORS, change_word, prepare, type_more
from .util import outcome, read, wait_until, write
from .writing import DESC, Account, state


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server, settle=1)


class Others:
    """What others do with the card."""

    def __init__(self, account):
        self.account, self.card = account, account.ids['A']
        self.desc = DESC
        self.number = 0

    def put(self, **params):
        self.account.api('PUT', f'/cards/{self.card}', **params)

    def change(self, old, new):
        assert self.desc.count(old) == 1
        self.desc = self.desc.replace(old, new)
        self.put(desc=self.desc)

    def found(self):
        return self.account.api('GET', f'/cards/{self.card}',
                                checklists='all')

    def item(self, name):
        found, = [each for each in self.found()['checklists'][0][
            'checkItems'] if each['name'] == name]
        return found['id']

    def label(self, name):
        found, = [each['id'] for each in self.account.api(
            'GET', f'/boards/{self.account.board}/labels')
                  if each['name'] == name]
        return found

    def comment(self):
        self.number += 1
        self.account.api('POST', f'/cards/{self.card}/actions/comments',
                         text=f'Said {self.number}.')

    def seen(self):
        """Until the mount has seen all of it."""
        assert control(self.account, 'refresh') == 'ok'

    def elsewhere(self):
        """An hour's work: every part of the card but its description."""
        for due in ('2026-11-30T10:00Z', '2026-12-01T10:00Z'):
            self.put(due=due)
            self.comment()
            self.seen()
        self.account.api('POST', f'/cards/{self.card}/idLabels',
                         value=self.label('bug'))
        self.account.api('PUT', f'/cards/{self.card}/checkItem/'
                         f'{self.item("one")}', state='complete')
        self.account.api('DELETE', f'/cards/{self.card}/checkItem/'
                         f'{self.item("two")}')
        checklist = self.found()['checklists'][0]['id']
        self.account.api('POST', f'/checklists/{checklist}/checkItems',
                         name='three')
        self.seen()
        self.comment()
        self.seen()

    def check_elsewhere(self):
        """All of it is still so."""
        found = self.found()
        assert found['due'] == '2026-12-01T10:00:00.000Z'
        assert [each['name'] for each in found['labels']] == ['bug']
        assert [(each['name'], each['state']) for each in found[
            'checklists'][0]['checkItems']] == [
                ('one', 'complete'), ('three', 'incomplete')]
        assert comments(self.account) == [
            'Looks good.', 'Said 1.', 'Said 2.', 'Said 3.']


def comments(account):
    return [each['data']['text'] for each in account.server.state()['actions']
            if each['type'] == 'commentCard'
            and each['data']['card']['id'] == account.ids['A']]


def control(account, name):
    return outcome(write, account.mount.at('.trellofs', 'control', name),
                   '\n')


# How it is written although the file is another one than was read; what the
# editor asks then, if anything, and the answer.
SAVE = {'vim': (((':w!',), 'Enter'), 'Do you really want to write', (('y',),)),
        'emacs': (('C-x', 'C-s'), 'Save anyway?', (('yes',), 'Enter')),
        'nano': (('C-s',), 'File on disk has changed', (('y',),))}
LEAVE = {'vim': (('Enter', (':q!',), 'Enter'), 'no question', ()),
         'emacs': (('C-x', 'C-c'), 'xit anyway', (('yes',), 'Enter')),
         'nano': (('C-x',), 'Save modified buffer', (('n',),))}


def program(editor):
    return EDITORS[editor][0][0]


def save_all_the_same(editor, shown, done):
    keys, question, answer = SAVE[program(editor)]
    shown.keys(*keys)

    def asked():
        return question in shown.screen()

    def saved():
        return done() or asked()
    wait_until(saved, 15, lambda: f'it saves; there is\n{shown.screen()}')
    if asked():
        shown.keys(*answer)
    wait_until(done, 15, lambda: f'it saves; there is\n{shown.screen()}')


def go_on(editor, shown):
    """Types more, whatever the editor says of the file."""
    if program(editor) == 'emacs':
        shown.keys(('e',))
        wait_until(lambda: 'really edit the buffer?' in shown.screen()
                   or 'newe words' in shown.screen(), 5, shown.screen)
        if 'newe words' not in shown.screen():
            shown.keys(('y',))
            shown.wait_for('newe words')
        shown.keys(('r',))
    else:
        type_more(editor, shown, 'er')
    shown.wait_for('newer words')


def leave_at_last(editor, shown):
    """With nothing to save, whatever it thinks."""
    keys, question, answer = LEAVE[program(editor)]
    shown.keys(*keys)
    wait_until(lambda: question in shown.screen()
               or os.path.exists(shown.status), 10, shown.screen)
    if not os.path.exists(shown.status):
        shown.keys(*answer)
    assert shown.wait() == 0


OPEN = pytest.mark.parametrize('editor', [
    'vim', 'vim-backupcopy-yes', 'vim-backupcopy-no', 'emacs', 'nano'])


@OPEN
def test_other_parts_and_lines(account, terminal, editor):
    card, others = account.card(), Others(account)
    shown = change_word(editor, terminal, card)
    others.elsewhere()
    others.change('third line', 'their line')
    others.seen()
    assert b'their line' in card.read()
    save_all_the_same(editor, shown, lambda: b'new words' in card.read())
    desc = others.desc.replace('old words', 'new words')
    wait_until(lambda: others.found()['desc'] == desc, 15,
               lambda: f'{desc} at Trello; there is {others.found()["desc"]}')
    others.check_elsewhere()
    card.same()
    assert b'their line' in card.read() and b'> Said 3.' in card.read()

    # It is still open, as it was; more comes, and it is saved once more.
    others.desc = desc
    others.change('their line', 'their own line')
    others.comment()
    others.seen()
    go_on(editor, shown)
    save_all_the_same(editor, shown, lambda: b'newer words' in card.read())
    desc = others.desc.replace('new words', 'newer words')
    wait_until(lambda: others.found()['desc'] == desc, 15,
               lambda: f'{desc} at Trello; there is {others.found()["desc"]}')
    assert comments(account)[-1] == 'Said 4.'
    assert control(account, 'sync') == 'ok'
    assert not os.path.exists(card.path + '.error')
    leave_at_last(editor, shown)
    assert control(account, 'sync') == 'ok'
    assert others.found()['desc'] == desc
    assert len(comments(account)) == 5


@OPEN
def test_same_lines(account, terminal, editor):
    """The user reads it anew, and sees both; what is saved then is sent."""
    account.mount.expect('was changed at Trello')
    card, others = account.card(), Others(account)
    shown = change_word(editor, terminal, card)
    others.elsewhere()
    others.change('old words', 'his words')
    others.seen()
    save_all_the_same(editor, shown,
                      lambda: os.path.exists(card.path + '.error'))
    text = card.read()
    assert state(card.path) == 'draft'
    for each in (b'<<<<<<< yours\nnew words', b'his words stay here\n>>>>>>>'):
        assert each in text
    assert others.found()['desc'] == others.desc
    said = read(account.mount.at('.trellofs', 'problems')).decode()
    assert said.startswith('Board/To Do/A.md: ')
    # More of it comes meanwhile.
    others.change('third line', 'their line')
    others.comment()
    others.seen()
    leave_at_last(editor, shown)
    # vim again: all lines with markers go, and both versions stay.
    prepare('vim')
    again = terminal(*EDITORS['vim'][0], card.path)
    again.wait_for('<<<<<<< yours')
    again.keys((':g/^[<=>]\\{7\\}/d',), 'Enter', (':wq',), 'Enter')
    assert again.wait() == 0
    wait_until(lambda: not os.path.exists(card.path + '.error'), 10,
               'it is none any more')
    assert control(account, 'sync') == 'ok'
    found = others.found()['desc']
    for each in ('new words stay here\n', 'his words stay here\n',
                 'second line\n', 'their line'):
        assert found.count(each) == 1, found
    others.number = 0
    assert comments(account) == [
        'Looks good.', 'Said 1.', 'Said 2.', 'Said 3.', 'Said 4.']
    assert read(account.mount.at('.trellofs', 'problems')) == b''
    card.same()
