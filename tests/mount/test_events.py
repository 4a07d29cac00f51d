""".trellofs/events has a line for each thing that others change."""

import json
import os
import subprocess

import pytest

from .util import outcome, read, wait_until, write
from .writing import Account


@pytest.fixture
def account(mounts, server):
    other = server.api('POST', '/boards', {'name': 'Other',
                                           'defaultLists': 'false'})
    server.api('POST', '/lists', {'name': 'Far', 'idBoard': other['id']})
    made = Account(mounts, server)
    made.other = other['id']
    made.member = server.api('GET', '/members/me', {},
                             token=server.token)['id']
    made.field = made.api('POST', '/customFields', idModel=made.board,
                          name='Size', modelType='board', type='number',
                          pos='bottom')['id']
    refresh(made)
    return made


def refresh(account):
    assert outcome(write, account.mount.at(
        '.trellofs', 'control', 'refresh'), '\n') == 'ok'


class Others:
    """What they do, and what is said of it from the last time on."""

    def __init__(self, account):
        self.account = account
        self.card = f'/cards/{account.ids["A"]}'
        self.at = os.path.getsize(self.path())

    def path(self):
        return self.account.mount.at('.trellofs', 'events')

    def api(self, method, path, **params):
        return self.account.api(method, path, **params)

    def put(self, **params):
        self.api('PUT', self.card, **params)

    def found(self):
        return self.api('GET', self.card, checklists='all',
                        attachments='true')

    def said(self):
        refresh(self.account)
        text = read(self.path())[self.at:]
        self.at += len(text)
        assert text.endswith(b'\n') or not text
        return [json.loads(line) for line in text.splitlines()]

    def check(self, event, path, kind='card', **more):
        """Exactly one line, and this is what it says."""
        line, = self.said()
        assert line.pop('time').endswith('Z') and line.pop('id')
        assert line == {'event': event, 'kind': kind, 'path': path} | more

    def check_card(self, *what):
        self.check('changed', 'Board/To Do/A.md', what=list(what))


def label(others):
    return others.api('GET', f'/boards/{others.account.board}/labels')[0][
        'id']


def test_parts_of_a_card(account):
    others = Others(account)
    for params, what in (({'desc': 'Other words'}, 'desc'),
                         ({'due': '2026-12-01T10:00Z'}, 'due'),
                         ({'dueComplete': 'true'}, 'done'),
                         ({'start': '2026-11-30T10:00Z'}, 'start')):
        others.put(**params)
        others.check_card(what)
    one = label(others)
    others.api('POST', others.card + '/idLabels', value=one)
    others.check_card('label-add')
    others.api('DELETE', f'{others.card}/idLabels/{one}')
    others.check_card('label-remove')
    others.api('POST', others.card + '/idMembers', value=account.member)
    others.check_card('member-add')
    others.api('DELETE', f'{others.card}/idMembers/{account.member}')
    others.check_card('member-remove')
    others.api('PUT', f'{others.card}/customField/{account.field}/item',
               value={'number': '5'})
    others.check_card('field')
    link = others.api('POST', others.card + '/attachments',
                      url='https://example.com/', name='Spec')['id']
    others.check_card('link-add')
    others.api('DELETE', f'{others.card}/attachments/{link}')
    others.check_card('attachment-remove')
    comment = others.api('POST', others.card + '/actions/comments',
                         text='Well.')['id']
    others.check_card('comment-add')
    others.api('PUT', f'/actions/{comment}', text='Better.')
    others.check_card('comment-edit')
    others.api('DELETE', f'/actions/{comment}')
    others.check_card('comment-remove')


def test_checklists_of_a_card(account):
    others = Others(account)
    steps = others.found()['checklists'][0]
    first, second = (each['id'] for each in steps['checkItems'])
    others.api('PUT', f'{others.card}/checkItem/{first}', state='complete')
    others.check_card('item-state')
    others.api('PUT', f'{others.card}/checkItem/{first}', name='uno')
    others.check_card('item-name')
    others.api('PUT', f'{others.card}/checkItem/{second}', pos='top')
    others.check_card('item-move')
    others.api('POST', f'/checklists/{steps["id"]}/checkItems', name='three')
    others.check_card('item-add')
    others.api('DELETE', f'{others.card}/checkItem/{second}')
    others.check_card('item-remove')
    others.api('PUT', f'/checklists/{steps["id"]}', name='Ways')
    others.check_card('checklist-name')
    made = others.api('POST', '/checklists', idCard=account.ids['A'],
                      name='More')['id']
    others.check_card('checklist-add')
    others.api('DELETE', f'/checklists/{made}')
    others.check_card('checklist-remove')


def test_several_at_once_are_one_line(account):
    others = Others(account)
    others.put(desc='Other words', due='2026-12-01T10:00Z')
    others.api('POST', others.card + '/actions/comments', text='Well.')
    line, = others.said()
    assert set(line['what']) == {'desc', 'due', 'comment-add'}


def test_cards_lists_and_boards(account):
    others = Others(account)
    folder = f'/lists/{account.lists["To Do"]}'
    board = f'/boards/{account.board}'
    others.put(name='Named')
    moved, changed = sorted(others.said(), key=lambda line: line['event'],
                            reverse=True)
    assert (moved['event'], moved['from'], moved['path']) == (
        'moved', 'Board/To Do/A.md', 'Board/To Do/Named.md')
    assert (changed['event'], changed['what']) == ('changed', ['title'])
    others.put(idList=account.lists['Doing'])
    others.check('moved', 'Board/Doing/Named.md',
                 **{'from': 'Board/To Do/Named.md'})
    others.put(closed='true')
    others.check('gone', 'Board/Doing/Named.md')
    others.put(closed='false')
    others.check('created', 'Board/Doing/Named.md')
    others.api('DELETE', others.card)
    others.check('gone', 'Board/Doing/Named.md')
    others.api('PUT', folder, name='Next')
    others.check('moved', 'Board/Next', 'list', **{'from': 'Board/To Do'})
    others.api('PUT', folder + '/idBoard', value=account.other)
    others.check('moved', 'Other/Next', 'list', **{'from': 'Board/Next'})
    others.api('PUT', board, name='Plank')
    others.check('moved', 'Plank', 'board', **{'from': 'Board'})
    others.api('PUT', board, closed='true')
    others.check('gone', 'Plank', 'board')
    others.api('PUT', board, closed='false')
    others.check('created', 'Plank', 'board')


def test_followed(account):
    """tail -f shows each line once, when it comes."""
    others = Others(account)
    with subprocess.Popen(
            ['tail', '-f', '-n', '+1', '-s', '0.1', others.path()],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as tail:
        os.set_blocking(tail.stdout.fileno(), False)
        seen = b''

        def more(count):
            nonlocal seen
            seen += tail.stdout.read() or b''
            return seen.count(b'\n') >= count
        for number in range(1, 4):
            others.put(desc=f'words {number}')
            refresh(account)
            wait_until(lambda number=number: more(number), 10,
                       lambda: f'a line more, behind {seen}')
        tail.terminate()
    assert seen == read(others.path())
