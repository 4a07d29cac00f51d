"""-o sync: a write, an fsync and every change of a name wait for Trello's
answer, and have its errno when it refuses."""

import os
import subprocess
import time

import pytest

from . import contract
from .servers import count
from .util import PATIENCE, SLOW, outcome, read, run, wait_until, write
from .writing import DESC, Account, state

REFUSALS = {
    'EINVAL': (400, 'invalid value for name'),
    'EACCES': (401, 'unauthorized permission requested'),
    'EDQUOT': (403, 'Too many things'),
    'ENOENT': (404, 'The requested resource was not found.'),
}


@pytest.fixture
def account(mounts, server):
    made = Account(mounts, server, options='sync')
    made.mount.expect('Trello did not accept')
    return made


def refuse(account, why, path='.'):
    status, body = REFUSALS[why]
    account.server.clear_faults()
    for method in ('POST', 'PUT', 'DELETE'):
        account.server.fault(method=method, path=path, status=status,
                             body=body)


def problems(account):
    return read(account.mount.at('.trellofs', 'problems')).decode()


def tree(account):
    return sorted(os.path.relpath(os.path.join(folder, name),
                                  account.mount.path)
                  for folder, folders, files in os.walk(account.mount.path)
                  for name in folders + files)


def desc(account, name='A'):
    return account.api('GET', f'/cards/{account.ids[name]}')['desc']


def test_all_is_there_at_once(account):
    """What returns has been done."""
    card = account.card()
    with open(card.path, 'wb', buffering=0) as file:
        file.write(card.replaced())
        assert desc(account).startswith('new words')
    assert card.read() == card.replaced() and state(card.path) == 'synced'
    os.rename(card.path, account.at('Doing', 'Z.md'))
    found = account.api('GET', f'/cards/{account.ids["A"]}')
    assert (found['name'], found['idList']) == ('Z', account.lists['Doing'])
    os.unlink(account.at('Doing', 'Z.md'))
    assert account.api('GET', f'/cards/{account.ids["A"]}')['closed']
    os.mkdir(account.at('New'))
    os.mkdir(account.mount.at('Board 2'))
    write(account.at('New', 'Card.md'), 'Text.\n')
    lists = account.api('GET', f'/boards/{account.board}/lists')
    made = [each for each in lists if each['name'] == 'New']
    cards = account.api('GET', f'/lists/{made[0]["id"]}/cards')
    assert [(each['name'], each['desc']) for each in cards] \
        == [('Card', 'Text.')]
    os.rename(account.at('New'), account.at('Newer'))
    assert 'Newer' in [each['name'] for each in account.api(
        'GET', f'/boards/{account.board}/lists')]
    assert account.raw() == problems(account) == ''
    boards = account.server.api('GET', '/members/me/boards', {},
                                token=account.server.token)
    assert 'Board 2' in [each['name'] for each in boards]


@pytest.mark.parametrize('why', REFUSALS)
def test_refused_names(account, why):
    """The errno is Trello's answer, and nothing is left of it."""
    before = tree(account)
    refuse(account, why)
    assert outcome(os.mkdir, account.at('New')) == why
    assert outcome(os.mkdir, account.mount.at('New')) == why
    assert outcome(os.rename, account.at('To Do', 'A.md'),
                   account.at('To Do', 'Z.md')) == why
    assert outcome(os.rename, account.at('To Do', 'A.md'),
                   account.at('Doing', 'A.md')) == why
    assert outcome(os.rename, account.at('To Do'), account.at('New')) == why
    assert outcome(os.rename, account.at(), account.mount.at('New')) == why
    if why != 'ENOENT':     # then it is gone, as was wanted
        assert outcome(os.unlink, account.at('To Do', 'A.md')) == why
        assert outcome(os.rmdir, account.at('Doing')) == why
    assert tree(account) == before
    assert account.raw() == problems(account) == ''
    assert state(account.at('To Do', 'A.md')) == 'synced'
    account.server.clear_faults()
    os.mkdir(account.at('New'))
    os.rename(account.at('To Do', 'A.md'), account.at('New', 'Z.md'))
    assert account.raw() == problems(account) == ''


@pytest.mark.parametrize('why', REFUSALS)
def test_refused_texts(account, why):
    """The text stays as a draft, with the reason beside it."""
    refuse(account, why)
    card = account.card()
    fd = os.open(card.path, os.O_WRONLY | os.O_TRUNC)
    assert outcome(os.write, fd, card.replaced()) == why
    os.close(fd)
    assert card.read() == card.replaced() and state(card.path) == 'draft'
    assert os.path.exists(card.path + '.error')
    path = account.at('To Do', 'New.md')
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    assert outcome(os.write, fd, b'Text.\n') == why
    os.close(fd)
    assert b'Text.' in read(path) and state(path) == 'draft'


def test_other_refusals_are_not_told(account):
    """Only what is done now is answered for."""
    refuse(account, 'EINVAL', '/cards')
    assert outcome(write, account.at('To Do', 'B.md'), 'Text.\n') == 'EINVAL'
    account.server.clear_faults()
    card = account.card()
    write(card.path, card.replaced())
    os.mkdir(account.at('New'))
    assert desc(account).startswith('new words')
    assert problems(account).count('\n') == 1


def test_fsync_and_rename(account):
    """As editors save."""
    card = account.card()
    other = card.path + '.tmp'
    with open(other, 'wb') as file:
        file.write(card.replaced())
        file.flush()
        os.fsync(file.fileno())
    assert desc(account).startswith('old words')
    os.rename(other, card.path)
    assert desc(account).startswith('new words')
    card.same()
    write(other, card.text)
    refuse(account, 'EACCES')
    assert outcome(os.rename, other, card.path) == 'EACCES'
    assert state(card.path) == 'draft' and b'old words' in card.read()


def test_lines(account):
    """A text that is written in pieces is one when it has its end."""
    card = account.card()
    before = len(account.server.matching('PUT', '/cards/'))
    with open(card.path, 'wb', buffering=0) as file:
        for line in card.replaced().splitlines(True):
            file.write(line)
            assert not os.path.exists(card.path + '.error')
    assert card.read() == card.replaced() and state(card.path) == 'synced'
    assert desc(account).startswith('new words')
    assert len(account.server.matching('PUT', '/cards/')) == before + 1


def test_wrong_text(account):
    card = account.card()
    text = card.replaced(b'\n---\nold', b'\nlabels: [bgu]\n---\nold')
    assert outcome(write, card.path, text) == 'EINVAL'
    assert read(card.path) == text and state(card.path) == 'draft'
    fd = os.open(card.path, os.O_WRONLY | os.O_TRUNC)
    try:
        # An fsync of its own says that this is all.
        os.write(fd, b'---\nlabels: [bug]\n')
        assert outcome(os.fsync, fd) == 'EINVAL'
    finally:
        os.close(fd)


def test_conflict(account):
    """It is a draft, and who saves is told that it is not at Trello."""
    account.mount.expect('was changed at Trello')
    card = account.card()
    account.api('PUT', f'/cards/{account.ids["A"]}',
                desc=DESC.replace('old words', 'his words'))
    write(account.mount.at('.trellofs', 'control', 'refresh'), '\n')
    assert outcome(write, card.path, card.replaced()) == 'EINVAL'
    assert state(card.path) == 'draft'
    assert b'<<<<<<< yours' in card.read() and b'his words' in card.read()
    assert problems(account).startswith('Board/To Do/A.md: ')


@pytest.mark.seconds(90)
def test_without_network(mounts, server):
    """What needs Trello fails in time, and is sent later; the rest works."""
    account = Account(mounts, server, settle=1, options='sync')
    account.mount.expect('cannot be reached', 'connection', 'refused')
    account.server.refuse(True)
    begin = time.monotonic()
    assert outcome(os.mkdir, account.at('New')) == 'ENETUNREACH'
    assert time.monotonic() - begin < 12 * PATIENCE
    card = account.card()
    assert outcome(write, card.path, card.replaced()) == 'ENETUNREACH'
    assert card.read() == card.replaced()
    begin = time.monotonic()
    write(account.at('notes.txt'), 'mine')
    os.rename(account.at('notes.txt'), account.at('more.txt'))
    os.mkdir(account.at('To Do', 'folder'))
    os.unlink(account.at('more.txt'))
    assert time.monotonic() - begin < 5 * PATIENCE
    account.server.refuse(False)
    account.server.wait_for('POST', '/lists', timeout=30 * PATIENCE)
    account.server.wait_for('PUT', '/cards/', timeout=30 * PATIENCE)


def test_of_the_kernel(account):
    """Both ways to ask for it are the same."""
    card = account.card()
    run('dd', 'of=' + card.path, 'oflag=append', 'conv=notrunc',
        'status=none', input=b'A comment.\n', stdin=None)
    found = account.api('GET', f'/cards/{account.ids["A"]}/actions',
                        filter='commentCard')
    assert found[0]['data']['text'] == 'A comment.'


def test_news_while_a_change_waits(mounts, server):
    """Who waits in a folder keeps no news from all the others."""
    one, two = server.generate(boards=2, lists=3, cards=6)
    account = mounts.account(server, 'refresh=1,sync')
    account.wait_complete()
    lists = [each for each in server.account.lists.values()
             if each['idBoard'] == one.id]
    for name in os.listdir(account.path):
        os.listdir(account.at(name))
    board = account.at(contract.name_of(one.data['name']))
    fault = server.fault(method='POST', path='/1/lists', stall=8 * SLOW,
                         count=1)
    waiting = subprocess.Popen(['mkdir', os.path.join(board, 'New')])
    try:
        wait_until(lambda: fault.fired, 10, 'the request')
        # First what the folder's lock is needed for.
        server.api('PUT', f'/lists/{lists[0]["id"]}', {'name': 'Behind it'})
        asked = len(server.requests)
        wait_until(lambda: count(server, f'/boards/{one.id}', asked), 3,
                   'its news')
        server.api('PUT', f'/boards/{two.id}', {'name': 'Not behind it'})
        wait_until(lambda: 'Not behind it' in os.listdir(account.path), 3,
                   'the news of another')
        assert waiting.poll() is None
        assert waiting.wait(20 * PATIENCE) == 0
        wait_until(lambda: {'Behind it', 'New'} <= set(os.listdir(board)), 3,
                   'its own news')
    finally:
        waiting.kill()
        waiting.wait(10)
