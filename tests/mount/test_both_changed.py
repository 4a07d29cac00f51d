"""What is changed here and by somebody else at the same time: different things
are both kept; of one value the later save wins, and the log says so."""

import os

import pytest

from .util import outcome, read, wait_until, write
from .writing import Account, state

SAID = 'somebody else has changed this, too: '


@pytest.fixture
def account(mounts, server):
    made = Account(mounts, server)
    made.api('POST', '/customFields', idModel=made.board, name='Size',
             modelType='board', type='number', pos='bottom')
    made.comment = server.api(
        'POST', f'/cards/{made.ids["A"]}/actions/comments', {'text': 'Mine.'},
        token=server.token)['id']
    control(made, 'refresh')
    return made


def control(account, name):
    return outcome(write, account.mount.at('.trellofs', 'control', name),
                   '\n')


def path_of(account, card):
    """Another title may have given it another name."""
    return [each.path for each in os.scandir(account.list)
            if each.inode() == card.ino][0]


def at_trello(account):
    return account.api('GET', f'/cards/{account.ids["A"]}',
                       checklists='all', customFieldItems='true',
                       actions='commentCard')


def item(account):
    return at_trello(account)['checklists'][0]['checkItems'][0]


def front(card, line):
    return card.replaced(b'\n---\nold', b'\n' + line + b'\n---\nold')


def set_card(account, **what):
    account.api('PUT', f'/cards/{account.ids["A"]}', **what)


def set_field(account):
    field = account.api('GET', f'/boards/{account.board}/customFields')[0]
    account.api('PUT', f'/cards/{account.ids["A"]}/customField/'
                f'{field["id"]}/item', value={'number': '5'})


def set_item(account):
    account.api('PUT', f'/cards/{account.ids["A"]}/checkItem/'
                f'{item(account)["id"]}', name='eins')


def set_comment(account):
    account.server.api('PUT', f'/actions/{account.comment}',
                       {'text': 'Theirs.'}, token=account.server.token)


def comment(found):
    """The newest that was said to the card."""
    return found['actions'][0]['data']['text']


# (here, there, what the log says, what Trello has then)
BOTH = {
    'due': (lambda card: front(card, b'due: 2026-12-01 10:00'),
            lambda account: set_card(account, due='2026-11-30T10:00Z'),
            'the due date', lambda found: found['due'],
            '2026-12-01T10:00:00.000Z'),
    'start': (lambda card: front(card, b'start: 2026-12-01 10:00'),
              lambda account: set_card(account, start='2026-11-30T10:00Z'),
              'the start date', lambda found: found['start'],
              '2026-12-01T10:00:00.000Z'),
    'title': (lambda card: front(card, b'title: Ours'),
              lambda account: set_card(account, name='Theirs'),
              'the title "Ours"', lambda found: found['name'], 'Ours'),
    'field': (lambda card: front(card, b'fields: {Size: 3}'), set_field,
              'the field "Size"', lambda found:
              found['customFieldItems'][0]['value'], {'number': '3'}),
    'item': (lambda card: card.replaced(b'[ ] one', b'[ ] uno'), set_item,
             'the item\'s new words "uno"', lambda found:
             found['checklists'][0]['checkItems'][0]['name'], 'uno'),
    'comment': (lambda card: card.replaced(b'> Mine.', b'> Ours.'),
                set_comment, 'the comment\'s new text "Ours."', comment,
                'Ours.'),
}


@pytest.mark.parametrize('kind', BOTH)
@pytest.mark.parametrize('first', ['here', 'there'])
def test_the_later_save_wins(account, kind, first):
    """Whether the news came before it was saved, or while it waited."""
    here, there, said, found, value = BOTH[kind]
    account.mount.expect(SAID)
    card = account.card()
    text = here(card)
    if first == 'there':
        there(account)
        assert control(account, 'refresh') == 'ok'
    write(path_of(account, card), text)
    if first == 'here':
        wait_until(account.kinds, 5, 'the change')
        there(account)
        assert control(account, 'refresh') == 'ok'
    assert control(account, 'sync') == 'ok'
    assert found(at_trello(account)) == value
    lines = [line for line in account.mount.log().splitlines()
             if SAID in line]
    path = path_of(account, card)
    assert state(path) == 'synced'
    if (kind, first) == ('title', 'there'):
        # Who writes to Theirs.md has seen that.
        assert lines == []
        return
    assert len(lines) == 1 and SAID + said in lines[0], lines
    assert os.path.relpath(path, account.mount.path) in lines[0]


def test_different_things_are_both_kept(account):
    """And the log says nothing."""
    card = account.card()
    write(card.path, front(card, b'due: 2026-12-01 10:00')
          .replace(b'third line', b'our line')
          .replace(b'[ ] one', b'[x] one'))
    set_card(account, start='2026-11-30T10:00Z', desc='their line\n'
             + at_trello(account)['desc'])
    set_item(account)
    account.api('POST', f'/cards/{account.ids["A"]}/idLabels',
                value=[each['id'] for each in account.api(
                    'GET', f'/boards/{account.board}/labels')
                       if each['name'] == 'bug'][0])
    assert control(account, 'refresh') == 'ok'
    assert control(account, 'sync') == 'ok'
    found = at_trello(account)
    assert found['due'] == '2026-12-01T10:00:00.000Z'
    assert found['start'] == '2026-11-30T10:00:00.000Z'
    assert found['desc'] == ('their line\nold words stay here\nsecond line\n'
                             'our line')
    assert (item(account)['name'], item(account)['state']) \
        == ('eins', 'complete')
    assert len(found['idLabels']) == 1
    text = read(card.path)
    for each in (b'labels: [bug]', b'due: ', b'start: ', b'their line\nold',
                 b'our line\n', b'- [x] eins\n'):
        assert each in text
