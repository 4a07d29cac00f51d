"""Two machines on which one card is changed at once, each before it has seen
what the other did: at the end both show what Trello has, and nobody's words
are lost."""

import os
import threading

import pytest

from . import expected
from .util import outcome, read, wait_until, write
from .writing import DESC, Account, state


class Machine:
    """One of the two; it sends when it is told to."""

    def __init__(self, account, mount):
        self.account, self.mount = account, mount
        self.text = read(self.path())

    def path(self, name='A.md', folder='To Do'):
        return self.mount.at('Board', folder, name)

    def save(self, *changes):
        """What was there and what is there now, as an editor does."""
        text = self.text
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        write(self.path(), text)

    def append(self, line):
        with open(self.path(), 'ab') as file:
            file.write(line + b'\n')

    def control(self, name):
        return outcome(write, self.mount.at('.trellofs', 'control', name),
                       '\n')

    def problems(self):
        return read(self.mount.at('.trellofs', 'problems')).decode()


@pytest.fixture
def pair(mounts, server):
    account = Account(mounts, server)
    second = mounts.account(server, 'refresh=1,settle=60')
    second.wait_complete()
    pair = [Machine(account, account.mount), Machine(account, second)]
    for each in pair:
        each.mount.expect('somebody else has changed this, too',
                          'its description was changed at Trello while')
    assert pair[0].text == pair[1].text
    return pair


def one_after_the_other(pair):
    for each in pair:
        assert each.control('sync') == 'ok'


def at_the_same_time(pair):
    threads = [threading.Thread(target=each.control, args=('sync',))
               for each in pair]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


BOTH = pytest.mark.parametrize('send', [one_after_the_other,
                                        at_the_same_time])


def agree(pair, names=True):
    """Both show what Trello has, and nothing waits any more. names: also
    under the same names."""
    def same():
        for each in pair:
            assert each.control('sync') == 'ok'
            assert each.control('refresh') == 'ok'
            assert read(each.mount.at('.trellofs', 'pending')) == b''
            assert each.problems() == ''
            if names:
                expected.check_tree(each.mount.path, expected.of_server(
                    pair[0].account.server))
        return True
    wait_until(same, 15, 'both show what Trello has')


def at_trello(pair):
    return pair[0].account.api(
        'GET', f'/cards/{pair[0].account.ids["A"]}', checklists='all')


def comments(pair):
    return sorted(
        each['data']['text'] for each in pair[0].account.server.state()[
            'actions'] if each['type'] == 'commentCard'
        and each['data']['card']['id'] == pair[0].account.ids['A'])


@BOTH
def test_comments(pair, send):
    for number, each in enumerate(pair):
        each.append(b'said on %d' % number)
    send(pair)
    agree(pair)
    assert comments(pair) == ['Looks good.', 'said on 0', 'said on 1']


@BOTH
@pytest.mark.parametrize('items', [('one', 'two'), ('one', 'one')])
def test_ticks(pair, send, items):
    for each, item in zip(pair, items):
        each.save((f'[ ] {item}'.encode(), f'[x] {item}'.encode()))
    send(pair)
    agree(pair)
    assert {each['name'] for each in at_trello(pair)['checklists'][0][
        'checkItems'] if each['state'] == 'complete'} == set(items)


@BOTH
def test_items(pair, send):
    """Each adds one, and removes one that the other has ticked."""
    pair[0].save((b'- [ ] one\n', b'- [x] one\n'),
                 (b'- [ ] two\n', b'- [ ] first\n'))
    pair[1].save((b'- [ ] one\n', b''),
                 (b'- [ ] two\n', b'- [x] two\n- [ ] second\n'))
    send(pair)
    agree(pair)
    names = [each['name'] for each in at_trello(pair)['checklists'][0][
        'checkItems']]
    assert names.count('first') == names.count('second') == 1
    assert len(names) == len(set(names))


@BOTH
def test_labels(pair, send):
    """One is added by each; and what one removes the other leaves alone."""
    for each, label in zip(pair, (b'bug', b'later')):
        each.save((b'\n---\nold', b'\nlabels: [%s]\n---\nold' % label))
    send(pair)
    agree(pair)
    assert {each['name'] for each in at_trello(pair)['labels']} == {
        'bug', 'later'}
    for each in pair:
        each.text = read(each.path())
    pair[0].save((b'later, bug', b'later') if b'later, bug' in pair[0].text
                 else (b'bug, later', b'later'))
    pair[1].save((b'third line', b'our line'))
    send(pair)
    agree(pair)
    found = at_trello(pair)
    assert [each['name'] for each in found['labels']] == ['later']
    assert found['desc'].endswith('our line')


@BOTH
def test_titles(pair, send):
    """The later one stays."""
    for number, each in enumerate(pair):
        os.rename(each.path(), each.path(f'Named {number}.md'))
    send(pair)
    agree(pair)
    assert at_trello(pair)['name'] in (
        {'Named 1'} if send is one_after_the_other
        else {'Named 0', 'Named 1'})


@BOTH
def test_places(pair, send):
    account = pair[0].account
    account.lists['Later'] = account.api(
        'POST', '/lists', name='Later', idBoard=account.board)['id']
    for each in pair:
        assert each.control('refresh') == 'ok'
    for each, folder in zip(pair, ('Doing', 'Later')):
        os.rename(each.path(), each.path(folder=folder))
    send(pair)
    agree(pair)
    assert at_trello(pair)['idList'] in (
        {account.lists['Later']} if send is one_after_the_other
        else {account.lists[name] for name in ('Doing', 'Later')})


@BOTH
def test_other_lines(pair, send):
    pair[0].save((b'old words', b'new words'))
    pair[1].save((b'third line', b'our line'))
    send(pair)
    agree(pair)
    assert at_trello(pair)['desc'] == DESC.replace(
        'old words', 'new words').replace('third line', 'our line')


def resolve(machine):
    """Whoever has a draft keeps both versions, without the markers."""
    text = b''.join(
        line for line in read(machine.path()).splitlines(True)
        if not line.startswith((b'<<<<<<<', b'=======', b'>>>>>>>')))
    write(machine.path(), text)


@BOTH
def test_same_line(pair, send):
    """One of them is asked, and has both."""
    for each, word in zip(pair, (b'his', b'her')):
        each.save((b'old words', word + b' words'))
    if send is at_the_same_time:
        send(pair)
    for each in pair:
        each.control('sync')
    asked = wait_until(
        lambda: [each for each in pair if os.path.exists(
            each.path() + '.error')], 10, 'somebody is asked')
    assert len(asked) == 1
    text = read(asked[0].path())
    assert b'<<<<<<< yours' in text and state(asked[0].path()) == 'draft'
    assert b'his words' in text and b'her words' in text
    assert 'Board/To Do/A.md' in asked[0].problems()
    resolve(asked[0])
    agree(pair)
    found = at_trello(pair)['desc']
    assert found.count('his words') == found.count('her words') == 1
    assert '<<<' not in found


@BOTH
def test_archived_while_it_is_changed(pair, send):
    """What was written is in the archived card."""
    os.unlink(pair[0].path())
    pair[1].save((b'old words', b'new words'))
    pair[1].append(b'a comment')
    send(pair)
    for each in pair:
        each.control('sync')
    found = at_trello(pair)
    assert found['closed'] and found['desc'].startswith('new words')
    assert comments(pair) == ['Looks good.', 'a comment']


@BOTH
def test_new_cards_of_one_name(pair, send):
    """Are two cards."""
    for number, each in enumerate(pair):
        write(each.path('New.md'), f'made on {number}\n')
    send(pair)
    agree(pair, names=False)
    made = {each['id']: each['desc'] for each in pair[0].account.server.state(
        )['cards'] if each['name'] == 'New'}
    assert sorted(made.values()) == ['made on 0', 'made on 1']
    for number, each in enumerate(pair):
        # What has a name keeps it.
        assert b'made on %d' % number in read(each.path('New.md'))
        folder = os.path.dirname(each.path())
        found = {os.getxattr(os.path.join(folder, name), 'user.trello.id')
                 for name in os.listdir(folder)}
        assert {key.encode() for key in made} <= found


@BOTH
def test_list_is_renamed_under_it(pair, send):
    os.rename(pair[0].mount.at('Board', 'To Do'),
              pair[0].mount.at('Board', 'Next'))
    pair[1].save((b'old words', b'new words'))
    os.rename(pair[1].path('B.md'), pair[1].path('B.md', 'Doing'))
    os.rename(pair[1].path('C.md'), pair[1].path('D.md'))
    send(pair)
    agree(pair)
    assert at_trello(pair)['desc'].startswith('new words')
    assert sorted(os.listdir(pair[1].mount.at('Board', 'Next'))) == [
        'A.md', 'D.md']
