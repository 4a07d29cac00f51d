"""A card that somebody else archives or deletes while its text cannot be
sent: what was written is not lost with it."""

import os

import pytest

from .util import outcome, read, wait_gone, wait_until, write
from .writing import Account, state


@pytest.fixture
def account(mounts, server):
    made = Account(mounts, server)
    made.mount.expect('Trello did not accept')
    return made


def control(account, name):
    return outcome(write, account.mount.at('.trellofs', 'control', name),
                   '\n')


def lines(account, name):
    return read(account.mount.at('.trellofs', name)).decode()


def wrong(account):
    """A draft that has never been sent."""
    card = account.card()
    text = card.replaced(b'\n---\nold', b'\nlabels: [bgu]\n---\nold')
    assert outcome(write, card.path, text) == 'EINVAL'
    return text


def refused(account):
    """A draft that Trello does not want."""
    card = account.card()
    account.server.fault(method='PUT', path='/cards/', status=400,
                         body='invalid value for desc')
    write(card.path, card.replaced())
    assert control(account, 'sync') == 'EIO'
    account.server.clear_faults()
    return card.replaced()


def close(account, path, back):
    account.api('PUT', path, closed='false' if back else 'true')


def archived(account, back=False):
    close(account, f'/cards/{account.ids["A"]}', back)


def deleted(account):
    account.api('DELETE', f'/cards/{account.ids["A"]}')


def list_archived(account, back=False):
    close(account, f'/lists/{account.lists["To Do"]}', back)


def board_closed(account, back=False):
    close(account, f'/boards/{account.board}', back)


def board_left(account, back=False):
    me = account.server.api('GET', '/members/me', {},
                            token=account.server.token)['id']
    path = f'/boards/{account.board}/members/{me}'
    if back:
        account.api('PUT', path, type='normal')
    else:
        account.api('DELETE', path)


def list_renamed(account):
    account.api('PUT', f'/lists/{account.lists["To Do"]}', name='Next')
    return account.at('Next', 'A.md')


def list_moved(account):
    other = account.server.api('POST', '/boards', {'name': 'Other'},
                               token=account.server.token)['id']
    account.api('PUT', f'/lists/{account.lists["To Do"]}/idBoard',
                value=other)
    return account.mount.at('Other', 'To Do', 'A.md')


def board_renamed(account):
    account.api('PUT', f'/boards/{account.board}', name='Plank')
    return account.mount.at('Plank', 'To Do', 'A.md')


def check_kept(account, text):
    """It stands at the root, and goes when it is removed."""
    path = account.mount.at('A.md.error')
    assert control(account, 'refresh') == 'ok'
    wait_until(lambda: os.path.exists(path), 5, 'the text is at the root')
    said = read(path)
    assert said.endswith(b'\n---- the text that was not taken:\n' + text)
    assert said.split(b'\n')[2].startswith(b'the card is not there any more')
    assert lines(account, 'problems').startswith('A.md: ')
    assert 'A.md.error' in os.listdir(account.mount.path)
    os.unlink(path)
    assert not os.path.exists(path)
    assert lines(account, 'problems') == lines(account, 'pending') == ''
    assert control(account, 'sync') == 'ok'


@pytest.mark.parametrize('draft', [wrong, refused])
@pytest.mark.parametrize('gone', [archived, deleted, list_archived,
                                  board_closed])
def test_draft(account, gone, draft):
    text = draft(account)
    gone(account)
    check_kept(account, text)


def test_change_of_a_deleted_card(account):
    card = account.card()
    write(card.path, card.replaced())
    account.wait_kinds('desc')
    deleted(account)
    assert control(account, 'refresh') == 'ok'
    wait_until(lambda: 'A.md' not in account.names(), 5, 'it has gone')
    assert control(account, 'sync') == 'EIO'
    check_kept(account, card.replaced())


def test_change_of_an_archived_card(account):
    """Is sent all the same."""
    card = account.card()
    write(card.path, card.replaced())
    account.wait_kinds('desc')
    archived(account)
    assert control(account, 'refresh') == 'ok'
    assert control(account, 'sync') == 'ok'
    assert lines(account, 'problems') == ''
    found = account.api('GET', f'/cards/{account.ids["A"]}')
    assert found['desc'].startswith('new words')


ALL = [archived, deleted, list_archived, board_closed, board_left]


@pytest.mark.parametrize('gone', ALL)
def test_text_that_was_being_written(account, gone):
    card = account.card()
    with open(card.path, 'wb', buffering=0) as file:
        file.write(card.replaced())
        gone(account)
        assert control(account, 'refresh') == 'ok'
        wait_until(lambda: not os.path.exists(card.path), 5, 'it has gone')
        assert outcome(os.fsync, file.fileno()) == 'ENOENT'
    check_kept(account, card.replaced())


@pytest.mark.parametrize('gone', ALL)
def test_text_that_was_being_written_and_is_closed(mounts, server, gone):
    """The close comes when nobody can see the folder any more."""
    account = Account(mounts, server, settle=1)
    account.mount.expect('Trello did not accept')
    card = account.card()
    with open(card.path, 'wb', buffering=0) as file:
        file.write(card.replaced())
        gone(account)
        assert control(account, 'refresh') == 'ok'
        wait_until(lambda: not os.path.exists(card.path), 5, 'it has gone')
    wait_until(lambda: os.path.exists(account.mount.at('A.md.error')), 10,
               'the text is at the root')
    check_kept(account, card.replaced())


@pytest.mark.parametrize('move', [list_renamed, list_moved, board_renamed])
def test_text_that_was_being_written_and_goes_elsewhere(account, move):
    """It is a save of the card, wherever that is."""
    card = account.card()
    with open(card.path, 'wb', buffering=0) as file:
        file.write(card.replaced())
        path = move(account)
        assert control(account, 'refresh') == 'ok'
        assert not os.path.exists(card.path)
        assert read(path) == card.replaced()
    wait_until(lambda: ' desc ' in lines(account, 'pending'), 10,
               'it is a change of the card')
    assert control(account, 'sync') == 'ok'
    found = account.api('GET', f'/cards/{account.ids["A"]}')
    assert found['desc'].startswith('new words')
    assert lines(account, 'problems') == ''
    assert os.stat(path).st_ino == card.ino


@pytest.mark.parametrize('gone', [archived, list_archived, board_closed,
                                  board_left])
def test_restored(account, gone):
    """The draft is in the card again, and the reason beside it."""
    text = wrong(account)
    gone(account)
    assert control(account, 'refresh') == 'ok'
    wait_until(lambda: os.path.exists(account.mount.at('A.md.error')), 5,
               'the text is at the root')
    gone(account, back=True)
    path = account.at('To Do', 'A.md')
    wait_until(lambda: os.path.exists(path + '.error'), 10,
               'it is beside its card')
    wait_gone(account.mount.at('A.md.error'))
    assert read(path) == text and state(path) == 'draft'
    os.unlink(path + '.error')
    assert state(path) == 'synced'


LONG = [f'Word {number} of what I had to say to it.' for number in range(60)]


def checklist(account):
    return account.api('GET', f'/cards/{account.ids["A"]}/checklists')[0]


def comment_edited(account):
    made = account.server.api(
        'POST', f'/cards/{account.ids["A"]}/actions/comments',
        {'text': 'Mine.'}, token=account.server.token)['id']
    assert control(account, 'refresh') == 'ok'
    card = account.card()
    write(card.path, card.replaced(b'> Mine.', b'> ' + '\n> '.join(
        LONG).encode()))
    return f'/actions/{made}', LONG


def item_added(account):
    card = account.card()
    words = ' '.join(LONG)
    write(card.path, card.replaced(b'- [ ] two', b'- [ ] two\n- [ ] '
                                   + words.encode()))
    return f'/checklists/{checklist(account)["id"]}', [words]


def item_reworded(account):
    card = account.card()
    words = ' '.join(LONG)
    write(card.path, card.replaced(b'- [ ] two', b'- [ ] '
                                   + words.encode()))
    item = checklist(account)['checkItems'][1]['id']
    return f'/cards/{account.ids["A"]}/checkItem/{item}', [words]


@pytest.mark.parametrize('change', [comment_edited, item_added,
                                    item_reworded])
def test_words_whose_place_is_gone(account, change):
    """The card's text has no place for them any more; they are told whole."""
    path, words = change(account)
    account.wait_settled()
    account.api('DELETE', path)
    assert control(account, 'refresh') == 'ok'
    assert control(account, 'sync') == 'EIO'
    error = account.at('To Do', 'A.md.error')
    text = read(error).decode().split('---- the text that was not taken')[1]
    for each in words:
        assert text.count(each) == 1
    os.unlink(error)
    assert lines(account, 'problems') == lines(account, 'pending') == ''


def test_two_of_one_name(account):
    for name in ('To Do', 'Doing'):
        made = account.api('POST', '/cards', name='Same',
                           idList=account.lists[name])
        path = account.at(name, 'Same.md')
        wait_until(lambda: os.path.exists(path), 5, 'the card')
        assert outcome(write, path, f'---\nlabels: [{name}]\n---\n') \
            == 'EINVAL'
        account.api('DELETE', f'/cards/{made["id"]}')
    wait_until(lambda: len([each for each in os.listdir(account.mount.path)
                            if each.endswith('.md.error')]) == 2, 5, 'both')
    assert lines(account, 'problems').count('\n') == 2
    for each in os.listdir(account.mount.path):
        if each.endswith('.md.error'):
            os.unlink(account.mount.at(each))
    assert lines(account, 'problems') == ''
