"""A card is open in an editor while somebody else moves, renames or archives
it: what the editor saves under the old name is a save of that card."""

import os
import time

import pytest

from .terminal import missing
from .util import SLOW, outcome, read, wait_gone, wait_until, write
from .writing import DESC, Account, state

VIM = ('vim', '-N', '-u', 'NONE', '-i', 'NONE', '--cmd',
       'set backupskip= viminfo= ')


@pytest.fixture
def account(mounts, server):
    other = server.api('POST', '/boards', {'name': 'Other',
                                           'defaultLists': 'false'})
    server.api('POST', '/lists', {'name': 'Far', 'idBoard': other['id']})
    return Account(mounts, server)


def put(account, **params):
    account.api('PUT', f'/cards/{account.ids["A"]}', **params)


def moved(account):
    put(account, idList=account.lists['Doing'])
    return account.at('Doing', 'A.md')


def renamed(account):
    put(account, name='Another')
    return account.at('To Do', 'Another.md')


def moved_and_renamed(account):
    put(account, idList=account.lists['Doing'], name='Another')
    return account.at('Doing', 'Another.md')


def moved_far(account):
    found = account.server.state()['lists']
    there = [each for each in found if each['name'] == 'Far'][0]
    put(account, idBoard=there['idBoard'], idList=there['id'])
    return account.mount.at('Other', 'Far', 'A.md')


def archived(account):
    put(account, closed='true')
    return None


ELSEWHERE = [moved, renamed, moved_and_renamed, moved_far, archived]


def in_place(path, text):
    write(path, text)


def synced(path, text):
    with open(path, 'xb', buffering=0) as file:
        file.write(text)
        os.fsync(file.fileno())


def by_rename(path, text):
    write(path + '.tmp', text)
    os.rename(path + '.tmp', path)


def by_rename_of_card(path, text):
    other = os.path.join(os.path.dirname(path), 'tmp-A.md')
    write(other, text)
    time.sleep(0.2 * SLOW)
    os.rename(other, path)


def desc(account):
    return account.api('GET', f'/cards/{account.ids["A"]}')['desc']


def wait_elsewhere(account, card, where):
    """The card has left its name, and is there (None: nowhere)."""
    wait_until(lambda: not os.path.exists(card.path), 5, 'it has gone')
    if where:
        wait_until(lambda: os.path.exists(where), 5, 'it has come')
        assert os.stat(where).st_ino == card.ino


def check_saved(account, card, where, words):
    """It is one card, and has the words; nobody made another one."""
    wait_until(lambda: not os.path.exists(card.path), 5,
               'the old name is free again')
    if where:
        assert os.stat(where).st_ino == card.ino
        wait_until(lambda: words.encode() in read(where), 5, 'the words')
    here = {os.path.basename(where)} if where and os.path.dirname(
        where) == account.list else set()
    assert [name for name in account.names() if name[0] != '.'] == sorted(
        {'B.md', 'C.md'} | here)
    assert not [each for each in account.kinds() if 'create' in each]
    problems = read(account.mount.at('.trellofs', 'problems')).decode()
    line, = problems.splitlines()
    assert line.startswith('Board/To Do/A.md: saved to the card, which is ')
    if where:
        assert os.path.relpath(where, account.mount.path) in line
    else:
        assert 'archived' in line
    wait_until(account.drained, 10, 'it is sent')
    wait_until(lambda: words in desc(account), 5, 'it is at Trello')
    found = [each for each in account.server.state()['cards']
             if each['name'] in ('A', 'Another')]
    assert [each['id'] for each in found] == [account.ids['A']]
    return found[0]


@pytest.mark.parametrize('save', [in_place, synced, by_rename,
                                  by_rename_of_card])
@pytest.mark.parametrize('go', ELSEWHERE)
def test_saved_under_its_old_name(account, go, save):
    card = account.card()
    where = go(account)
    wait_elsewhere(account, card, where)
    text = card.replaced().replace(b'- [ ] one', b'- [x] one')
    save(card.path, text)
    found = check_saved(account, card, where, 'new words')
    assert found['desc'] == DESC.replace('old words', 'new words')
    lists = account.api('GET', f'/cards/{account.ids["A"]}/checklists')
    assert [(each['name'], each['state']) for each in lists[0][
        'checkItems']] == [('one', 'complete'), ('two', 'incomplete')]
    # Who goes on saves it there again.
    save(card.path, text.replace(b'new words', b'newer words'))
    found = check_saved(account, card, where, 'newer words')
    assert found['desc'] == DESC.replace('old words', 'newer words')


@pytest.mark.parametrize('copy', ['auto', 'no', 'yes'])
@pytest.mark.parametrize('go', ELSEWHERE)
def test_in_vim(account, terminal, go, copy):
    if missing('vim') or missing('tmux'):
        pytest.skip('vim and tmux are not installed')
    card = account.card()
    shown = terminal(*VIM, '-c', f'set backupcopy={copy}', card.path)
    shown.wait_for('old words')
    where = go(account)
    wait_elsewhere(account, card, where)
    shown.keys('/', ('old',), 'Enter', 'c', 'w', ('new',), 'Escape')
    shown.keys((':w!',), 'Enter')
    shown.wait_for('written')
    check_saved(account, card, where, 'new words')
    shown.keys('0', 'c', 'w', ('newer',), 'Escape')
    shown.keys((':w!',), 'Enter')
    wait_until(lambda: account.drained() and 'newer' in desc(account), 10,
               lambda: f'the second save; there is {shown.screen()}')
    check_saved(account, card, where, 'newer words')
    shown.keys((':q!',), 'Enter')
    assert shown.wait() == 0
    assert '.A.md.swp' not in account.names()


def test_wrong_text_under_the_old_name(account):
    """It is a draft there; mended, it is a save of the card."""
    card = account.card()
    where = moved(account)
    wait_elsewhere(account, card, where)
    text = card.replaced(b'\n---\n', b'\nlabels: [bgu]\n---\n')
    write(card.path, text)
    wait_until(lambda: os.path.exists(card.path + '.error'), 5, 'the error')
    assert read(card.path) == text and state(card.path) == 'draft'
    assert read(where) == card.text
    write(card.path, card.replaced(b'\n---\n', b'\nlabels: [bug]\n---\n'))
    wait_until(lambda: b'labels: [bug]' in read(where), 5, 'the label')
    wait_gone(card.path + '.error')
    wait_gone(card.path)


def test_same_lines_were_changed_there(account):
    """Both versions stand where the editor saved, until they are one."""
    card = account.card()
    where = moved(account)
    put(account, desc=DESC.replace('old words', 'his words'))
    wait_elsewhere(account, card, where)
    wait_until(lambda: b'his words' in read(where), 5, 'the news')
    write(card.path, card.replaced())
    wait_until(lambda: os.path.exists(card.path + '.error'), 5, 'the error')
    text = read(card.path)
    assert b'<<<<<<< yours' in text and b'his words' in text
    lines = [line for line in text.splitlines(True)
             if not line.startswith((b'<<<<<<<', b'=======', b'>>>>>>>'))
             and b'his words' not in line]
    write(card.path, b''.join(lines))
    wait_until(lambda: b'new words' in read(where), 5, 'the words')
    wait_gone(card.path)
    wait_until(account.drained, 10, 'it is sent')
    assert desc(account) == DESC.replace('old words', 'new words')


def test_what_is_no_save_of_it(account):
    """Another name, another text, or a move of one's own: a new card."""
    card, other = account.card(), account.card('B')
    where = moved(account)
    wait_elsewhere(account, card, where)
    write(account.at('To Do', 'X.md'), card.text)
    write(card.path, other.text.replace(b'old words', b'strange words'))
    os.rename(account.at('To Do', 'C.md'), account.at('Doing', 'C.md'))
    write(account.at('To Do', 'Local.md'), b'x\n')
    account.wait_settled()
    assert read(where) == card.text
    assert account.names() == ['A.md', 'B.md', 'Local.md', 'X.md']
    assert b'strange words' in read(card.path)
    assert read(account.mount.at('.trellofs', 'problems')) == b''
    wait_until(account.drained, 10, 'they are sent')
    assert desc(account) == DESC


def test_card_that_was_deleted(account):
    """Its text is not lost."""
    account.mount.expect('did not accept')
    card = account.card()
    account.api('DELETE', f'/cards/{account.ids["A"]}')
    wait_elsewhere(account, card, None)
    write(card.path, card.replaced())
    account.wait_settled()
    outcome(account.control, 'sync')
    found = wait_until(lambda: [
        os.path.join(folder, name)
        for folder in (account.list, account.mount.path)
        for name in os.listdir(folder) if 'A.md' in name], 5, 'the text')
    assert b'new words' in b''.join(read(path) for path in found)


@pytest.mark.parametrize('go', [go for go in ELSEWHERE if go != archived])
def test_open_all_the_while(account, go):
    """What was being written when it left its name is settled when it is
    closed, too."""
    card = account.card()
    with open(card.path, 'wb', buffering=0) as file:
        file.write(card.replaced())
        where = go(account)
        wait_elsewhere(account, card, where)
        assert b'new words' in read(where)
        assert 'being-written' in account.raw()
    account.wait_settled()
    wait_until(account.drained, 10, 'it is sent')
    assert desc(account) == DESC.replace('old words', 'new words')


def test_after_a_restart(account):
    """It is known for long."""
    card = account.card()
    where = moved(account)
    wait_elsewhere(account, card, where)
    account.mount.unmount()
    account.remount()
    path, where = account.at('To Do', 'A.md'), account.at('Doing', 'A.md')
    assert not os.path.exists(path)
    write(path, card.replaced())
    wait_until(lambda: b'new words' in read(where), 5, 'the words')
    wait_until(lambda: not os.path.exists(path), 5, 'its end there')
