"""A list or board that somebody else archives, closes or moves, or that the
user is taken off, while changes in it wait: they are kept, and when it is back
all is whole again."""

import os

import pytest

from . import expected
from .util import outcome, read, wait_until, write
from .writing import Account


@pytest.fixture
def account(mounts, server):
    other = server.api('POST', '/boards', {'name': 'Other',
                                           'defaultLists': 'false'})
    server.api('POST', '/lists', {'name': 'Far', 'idBoard': other['id']})
    made = Account(mounts, server)
    made.mount.expect('Trello did not accept')
    made.other = other['id']
    return made


def control(account, name):
    return outcome(write, account.mount.at('.trellofs', 'control', name),
                   '\n')


def lines(account, name):
    return read(account.mount.at('.trellofs', name)).decode()


# What waits here

def text_and_parts(account):
    card = account.card()
    text = card.replaced().replace(b'\n---\nnew', b'\nlabels: [bug]\n---\nnew')
    write(card.path, text.replace(b'[ ] one', b'[x] one') + b'Said here.\n')


def title(account):
    os.rename(account.at('To Do', 'A.md'), account.at('To Do', 'AA.md'))


def place(account):
    os.rename(account.at('To Do', 'A.md'), account.at('Doing', 'A.md'))


def archived_card(account):
    os.unlink(account.at('To Do', 'A.md'))


def new_card(account):
    write(account.at('To Do', 'New.md'), '---\nlabels: [bug]\n---\nnew one\n')


def new_list(account):
    os.mkdir(account.at('Made'))
    write(account.at('Made', 'In.md'), 'new one\n')


def name_of_list(account):
    os.rename(account.at('To Do'), account.at('Next'))


def board_of_list(account):
    os.rename(account.at('To Do'), account.mount.at('Other', 'To Do'))


LOCAL = [text_and_parts, title, place, archived_card, new_card, new_list,
         name_of_list, board_of_list]


# What others do

def put(account, path, **params):
    account.api('PUT', path, **params)


def list_archived(account, back=False):
    put(account, f'/lists/{account.lists["To Do"]}',
        closed='false' if back else 'true')


def board_closed(account, back=False):
    put(account, f'/boards/{account.board}',
        closed='false' if back else 'true')


def board_left(account, back=False):
    me = account.server.api('GET', '/members/me', {},
                            token=account.server.token)['id']
    path = f'/boards/{account.board}/members/{me}'
    if back:
        put(account, path, type='normal')
    else:
        account.api('DELETE', path)


def card_archived(account, back=False):
    put(account, f'/cards/{account.ids["A"]}',
        closed='false' if back else 'true')


def whole(account):
    """What Trello has of it all, without what differs from run to run."""
    state = account.server.state()
    names = {each['id']: each['name']
             for kind in ('boards', 'lists', 'labels') for each in state[kind]}
    return sorted(
        (each['name'], each['desc'], each['closed'], names[each['idList']],
         names[each['idBoard']],
         sorted(names[label] for label in each['idLabels']),
         sorted(action['data']['text'] for action in state['actions']
                if action['type'] == 'commentCard'
                and action['data']['card']['id'] == each['id']),
         sorted((item['name'], item['state']) for checklist in
                state['checklists'] if checklist['idCard'] == each['id']
                for item in checklist['checkItems']))
        for each in state['cards'])


def what_should_be(account, local):
    """If nobody had interfered."""
    cards = {name: [name, 'old words stay here\nsecond line\nthird line',
                    False, 'To Do', 'Board', [], ['Looks good.'],
                    [('one', 'incomplete'), ('two', 'incomplete')]]
             for name in 'ABC'}
    a = cards['A']
    made = {new_card: ['New', 'new one', False, 'To Do', 'Board', ['bug'],
                       [], []],
            new_list: ['In', 'new one', False, 'Made', 'Board', [], [], []]}
    if local is text_and_parts:
        a[1], a[5] = a[1].replace('old', 'new'), ['bug']
        a[6] = ['Looks good.', 'Said here.']
        a[7] = [('one', 'complete'), ('two', 'incomplete')]
    elif local is title:
        a[0] = 'AA'
    elif local is place:
        a[3] = 'Doing'
    elif local is archived_card:
        a[2] = True
    for each in cards.values():
        if local is name_of_list:
            each[3] = 'Next'
        if local is board_of_list:
            each[4] = 'Other'
    if local in made:
        cards['made'] = made[local]
    return sorted(tuple(each) for each in cards.values())


def shown(account):
    """The cards' ids and where they are."""
    found = {}
    for folder, _, files in os.walk(account.mount.path):
        for name in files:
            path = os.path.join(folder, name)
            if name.endswith('.md'):
                found[os.getxattr(path, 'user.trello.id').decode()] = \
                    os.path.relpath(path, account.mount.path)
    return found


def nothing_left(account):
    assert control(account, 'refresh') == 'ok'
    expected.check_tree(account.mount.path,
                        expected.of_server(account.server))
    assert lines(account, 'pending') == lines(account, 'problems') == ''
    assert not [name for name in os.listdir(account.mount.path)
                if name.endswith('.error')]
    return True


@pytest.mark.parametrize('local', LOCAL)
@pytest.mark.parametrize('remote', [list_archived, board_closed, board_left,
                                    card_archived])
@pytest.mark.parametrize('sent', [True, False], ids=['sent', 'waits'])
def test_gone_and_back(account, remote, local, sent):
    """sent: it is tried while the place is gone."""
    before = shown(account)
    local(account)
    account.wait_settled()
    mine = shown(account)
    remote(account)
    assert control(account, 'refresh') == 'ok'
    if sent:
        tried = control(account, 'sync')
        if tried != 'ok':
            assert lines(account, 'problems') != ''
    remote(account, back=True)
    assert control(account, 'refresh') == 'ok'
    # A new card has another id when it is sent.
    again = wait_until(
        lambda: len(shown(account)) >= len(mine) and shown(account), 5,
        lambda: f'{mine} again, not {shown(account)}')
    if not sent:
        assert again == mine
    control(account, 'retry')
    assert control(account, 'sync') == 'ok'
    assert nothing_left(account)
    should = what_should_be(account, local)
    if (remote, local, sent) == (card_archived, archived_card, True):
        # Restored by others after it was archived by both.
        should = what_should_be(account, None)
    assert whole(account) == should
    assert set(shown(account)) >= set(before) - {account.ids['A']}


def test_list_with_a_new_name_moves_away(account):
    """It is there under that name."""
    name_of_list(account)
    put(account, f'/lists/{account.lists["To Do"]}/idBoard',
        value=account.other)
    assert control(account, 'refresh') == 'ok'
    there = account.mount.at('Other', 'Next')
    assert sorted(os.listdir(there)) == ['A.md', 'B.md', 'C.md']
    assert os.listdir(account.at()) == ['Doing']
    assert control(account, 'sync') == 'ok'
    assert nothing_left(account)
    assert os.path.isdir(there)


def list_moved(account):
    put(account, f'/lists/{account.lists["To Do"]}/idBoard',
        value=account.other)


def card_moved(account):
    far, = [each['id'] for each in account.server.state()['lists']
            if each['name'] == 'Far']
    put(account, f'/cards/{account.ids["A"]}', idBoard=account.other,
        idList=far)


@pytest.mark.parametrize('local, remote, card', [
    (text_and_parts, list_moved, 'A'), (text_and_parts, card_moved, 'A'),
    (new_card, list_moved, 'New')])
def test_label_goes_along_to_another_board(account, local, remote, card):
    """It is the one of that name there."""
    label = account.api('POST', f'/boards/{account.other}/labels',
                        name='bug', color='lime')['id']
    local(account)
    account.wait_settled()
    remote(account)
    assert control(account, 'refresh') == 'ok'
    assert control(account, 'sync') == 'ok'
    found, = [each for each in account.server.state()['cards']
              if each['name'] == card]
    assert (found['idBoard'], found['idLabels']) == (account.other, [label])
    assert nothing_left(account)


@pytest.mark.parametrize('remote', [list_moved, card_moved])
def test_label_that_the_other_board_has_not(account, remote):
    """All else is sent, and that is told."""
    text_and_parts(account)
    account.wait_settled()
    remote(account)
    assert control(account, 'refresh') == 'ok'
    assert control(account, 'sync') == 'EIO'
    card = account.api('GET', f'/cards/{account.ids["A"]}')
    assert card['desc'].startswith('new words') and card['labels'] == []
    line, = lines(account, 'problems').splitlines()
    assert 'the label "bug": the board "Other" has no such label' in line
    number = lines(account, 'pending').split()[0]
    write(account.mount.at('.trellofs', 'control', 'cancel'), number + '\n')
    assert nothing_left(account)
