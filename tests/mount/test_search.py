""".trellofs/search/QUERY/: links to the cards that match, live, by the tools
that everybody has."""

import contextlib
import os
import re
import sqlite3
import string
import threading
import time

import pytest

from . import expected
from .networks import refused
from .servers import wait_quiet
from .util import outcome, read, run, wait_until, write
from .writing import Account

KEPT = 64


def at(mount, *names):
    return mount.at('.trellofs', 'search', *names)


def find(mount, query):
    """The names without .md, in their order."""
    return [name[:-3] for name in os.listdir(at(mount, query))]


def why(mount):
    """What user.trello.error of search says, or None."""
    try:
        return os.getxattr(at(mount), 'user.trello.error').decode()
    except OSError:
        return None


def problems(mount):
    return [line for line in read(mount.at('.trellofs', 'problems'))
            .decode().splitlines() if line.startswith('.trellofs/search/')]


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


def put_card(account, card, **params):
    return account.api('PUT', f'/cards/{account.ids[card]}', **params)


# Looking

def test_by_tools(account):
    mount = account.mount
    with open(at(mount, 'words', 'A.md'), encoding='utf-8') as file:
        assert 'old words stay here' in file.read()
    target = run('readlink', at(mount, 'words', 'A.md')).stdout.strip()
    assert target == '../../../Board/To Do/A.md'
    assert os.path.samefile(at(mount, 'words', 'A.md'),
                            account.at('To Do', 'A.md'))
    lines = run('ls', '-l', at(mount, 'words')).stdout.splitlines()
    assert [line[0] for line in lines[1:]] == ['l'] * 3
    found = run('find', at(mount, 'words'), '-follow', '-type', 'f').stdout
    assert sorted(found.splitlines()) == [
        at(mount, 'words', name + '.md') for name in 'ABC']
    found = run('grep', '-Rl', 'stay here', at(mount, 'words')).stdout
    assert len(found.splitlines()) == 3
    sizes = run('find', at(mount, 'words'), '-type', 'l', '-printf',
                '%s %l\n').stdout.splitlines()
    assert all(int(line.split()[0]) == len(line.split(' ', 1)[1])
               for line in sizes)
    assert run('stat', '-c', '%a %F', at(mount, 'words')).stdout == \
        '700 directory\n'


def test_nothing_of_it_is_in_listings(account):
    """Neither the account nor what is asked for shows where nobody looks."""
    find(account.mount, 'words')
    assert os.listdir(account.mount.path) == ['Board']
    assert os.listdir(at(account.mount)) == ['words']
    assert 'search' in os.listdir(account.mount.at('.trellofs'))


def test_operators(account):
    mount, server = account.mount, account.server
    me = server.api('GET', '/members/me', {}, server.token)
    labels = account.api('GET', f'/boards/{account.board}/labels')
    bug = next(each['id'] for each in labels if each['name'] == 'bug')
    account.api('POST', f'/cards/{account.ids["A"]}/idMembers',
                value=me['id'])
    account.api('POST', f'/cards/{account.ids["A"]}/idLabels', value=bug)
    account.api('POST', f'/cards/{account.ids["B"]}/idLabels', value=bug)
    soon = time.strftime('%Y-%m-%dT%H:%M:%SZ',
                         time.gmtime(time.time() + 3 * 86400))
    put_card(account, 'A', due=soon)
    put_card(account, 'B', due='2020-01-01T00:00:00Z')
    put_card(account, 'C', idList=account.lists['Doing'])
    wait_until(lambda: find(mount, 'list:doing') == ['C'] and
               len(find(mount, 'label:bug')) == 2 and find(mount, '@me') and
               find(mount, 'due:week') and find(mount, 'due:overdue'),
               10, 'the news')
    assert find(mount, '@me due:week -label:later') == ['A']
    assert find(mount, '@' + me['username']) == ['A']
    assert find(mount, '#bug -@me') == ['B']
    assert find(mount, 'label:red sort:due') == ['B', 'A']
    assert find(mount, 'due:overdue') == ['B']
    assert sorted(find(mount, '-list:Doing')) == ['A', 'B']
    assert sorted(find(mount, 'board:board "stay here"')) == list('ABC')
    assert sorted(find(mount, 'comment:"looks good"')) == list('ABC')
    assert find(mount, 'name:looks') == []
    assert sorted(find(mount, 'checklist:tw is:open has:description')) == \
        list('ABC')
    assert sorted(find(mount, 'created:day edited:day')) == list('ABC')


def test_names_told_apart(account):
    mount = account.mount
    made = account.api('POST', '/cards', name='A', desc='once more',
                       idList=account.lists['Doing'])
    wait_until(lambda: len(find(mount, 'name:a')) == 2, 10, 'the card')
    assert sorted(find(mount, 'name:a')) == ['A', f'A #{made["idShort"]}']
    assert b'once more' in read(at(mount, 'name:a',
                                   f'A #{made["idShort"]}.md'))
    assert find(mount, 'list:doing') == ['A']


def test_archived(account):
    """Only if they are asked for, and somebody has looked at them."""
    mount = account.mount
    old = account.api('POST', '/lists', name='Old', idBoard=account.board)
    account.api('POST', '/cards', name='Inside', desc='words',
                idList=old['id'])
    account.api('PUT', f'/lists/{old["id"]}', closed='true')
    put_card(account, 'B', closed='true')
    wait_until(lambda: sorted(find(mount, 'words')) == ['A', 'C'] and
               'Old' not in os.listdir(account.at()), 10, 'the news')
    assert find(mount, 'is:archived') == []
    assert sorted(os.listdir(account.at('.archive'))) == ['B.md', 'Old']
    wait_until(lambda: sorted(find(mount, 'words is:archived')) ==
               ['B', 'Inside'], 5, 'what is archived')
    assert os.readlink(at(mount, 'words is:archived', 'Inside.md')) == \
        '../../../Board/.archive/Old/Inside.md'
    assert b'old words' in read(at(mount, 'words is:archived', 'B.md'))
    assert find(mount, '-is:open list:"to do"') == ['B']
    assert sorted(find(mount, 'is:archived board:board')) == ['B', 'Inside']
    assert sorted(find(mount, 'words')) == ['A', 'C']
    assert sorted(find(mount, '-is:archived')) == ['A', 'C']
    assert find(mount, 'is:open is:archived') == []
    os.rename(account.at('.archive', 'B.md'), account.at('To Do', 'B.md'))
    assert sorted(find(mount, 'words')) == list('ABC')
    assert find(mount, 'words is:archived') == ['Inside']


# Live

def test_what_is_changed_here(account):
    mount = account.mount
    assert find(mount, 'nice') == []
    with open(account.at('To Do', 'A.md'), 'a', encoding='utf-8') as file:
        file.write('A nice comment.\n')
    wait_until(lambda: find(mount, 'nice') == ['A'], 5, 'the comment')
    assert find(mount, 'comment:nice') == ['A']
    card = account.card('B')
    write(card.path, card.replaced(b'old words', b'nice things'))
    wait_until(lambda: sorted(find(mount, 'nice')) == ['A', 'B'], 5,
               'the description')
    assert 'B' not in find(mount, '"old words"')
    # What is a name needs no time at all.
    os.rename(account.at('To Do', 'A.md'), account.at('To Do', 'Z.md'))
    assert sorted(find(mount, 'nice')) == ['B', 'Z']
    assert not os.path.lexists(at(mount, 'nice', 'A.md'))
    os.rename(account.at('To Do', 'Z.md'), account.at('Doing', 'Z.md'))
    assert os.readlink(at(mount, 'nice', 'Z.md')) == \
        '../../../Board/Doing/Z.md'
    assert find(mount, 'list:doing') == ['Z']
    os.rename(account.at('Doing'), account.at('Under way'))
    assert find(mount, 'list:doing') == []
    assert os.readlink(at(mount, 'nice', 'Z.md')) == \
        '../../../Board/Under way/Z.md'
    os.unlink(account.at('Under way', 'Z.md'))
    assert find(mount, 'nice') == ['B']
    write(account.at('To Do', 'New.md'), 'a nice new card\n')
    wait_until(lambda: sorted(find(mount, 'nice')) == ['B', 'New'], 5,
               'the new card')


def test_what_others_change(account):
    """A program that stays in the folder sees it too."""
    mount = account.mount
    folder = os.open(at(mount, 'nice'), os.O_RDONLY)
    try:
        assert os.listdir(folder) == []
        put_card(account, 'C', desc='Nice to see')
        wait_until(lambda: os.listdir(folder) == ['C.md'], 10, 'the news')
        before = os.fstat(folder).st_mtime_ns
        assert os.listdir(folder) == ['C.md']
        assert os.fstat(folder).st_mtime_ns == before
        put_card(account, 'C', name='Sea')
        wait_until(lambda: os.listdir(folder) == ['Sea.md'], 10, 'the title')
        assert os.fstat(folder).st_mtime_ns > before
        assert outcome(os.stat, 'C.md', dir_fd=folder) == 'ENOENT'
        put_card(account, 'C', closed='true')
        wait_until(lambda: os.listdir(folder) == [], 10, 'its end')
    finally:
        os.close(folder)


def test_while_it_is_read(account):
    """Whoever reads a long listing gets all that was there when he began,
    each once, whatever changes meanwhile."""
    for number in range(150):
        account.api('POST', '/cards', name=f'{number:03} ' + 'x' * 200,
                    desc='many', idList=account.lists['Doing'])
    mount = account.mount
    wait_until(lambda: len(find(mount, 'many')) == 150, 20, 'the cards')
    seen = []
    with os.scandir(at(mount, 'many')) as entries:
        for entry in entries:
            if not seen:
                os.unlink(account.at('Doing', entry.name))
                write(account.at('To Do', 'One more.md'), 'many\n')
            seen.append(entry.name)
    assert len(seen) == len(set(seen)) == 150
    wait_until(lambda: 'One more' in find(mount, 'many'), 5, 'the new card')
    assert len(find(mount, 'many')) == 150


def test_many_at_once(account):
    """Programs that search while others save, rename and archive: what they
    are shown is what was there at some time."""
    mount, rounds = account.mount, 30
    done = threading.Event()
    wrong = []

    def look(query, may_be):
        try:
            while not done.is_set():
                for name in os.listdir(at(mount, query)):
                    target = outcome(os.readlink, at(mount, query, name))
                    if name not in may_be or target not in ('ok', 'ENOENT'):
                        wrong.append((query, name, target))
        except OSError as error:
            wrong.append((query, error))

    names = {f'{each}{end}.md' for each in 'ABC' for end in ('', '2')}
    queries = ['words', 'is:open sort:due', '-name:b', 'list:doing',
               'due:week', '@me']
    threads = [threading.Thread(target=look, args=(query, names))
               for query in queries]
    for thread in threads:
        thread.start()
    for number in range(rounds):
        old, new = ('', '2') if number % 2 == 0 else ('2', '')
        for name in 'AB':
            os.rename(account.at('To Do', f'{name}{old}.md'),
                      account.at('To Do', f'{name}{new}.md'))
        card = account.at('To Do', 'C.md')
        write(card, read(card).replace(b'line', b'lines', 1))
        find(mount, f'words -n{number}')
    done.set()
    for thread in threads:
        thread.join(30)
    assert not wrong
    assert sorted(find(mount, 'words')) == list('ABC')


# What is wrong

def test_what_is_no_query(account):
    mount = account.mount
    assert why(mount) is None
    assert outcome(os.listdir, at(mount, 'words lable:bug')) == 'ENOENT'
    said = why(mount)
    assert 'no operator lable:' in said and 'label:?' in said
    assert 'character 7' in said
    assert os.listxattr(at(mount)) == ['user.trello.error']
    assert problems(mount) == ['.trellofs/search/' + said]
    assert mount.status_line('problems') == '1'
    assert outcome(os.listdir, at(mount, 'due:wek')) == 'ENOENT'
    assert 'week' in why(mount)
    assert len(problems(mount)) == 1
    assert os.listdir(at(mount)) == []
    assert len(find(mount, 'words')) == 3
    assert why(mount) is None and problems(mount) == []
    assert os.listxattr(at(mount)) == []
    assert mount.status_line('problems') == '0'


def test_hidden_names_are_none(account):
    for name in ('.hidden', '.git', '.Trash-1000', '.label:bug'):
        assert outcome(os.stat, at(account.mount, name)) == 'ENOENT'
    assert why(account.mount) is None
    assert os.listdir(at(account.mount)) == []


def test_nasty_names(account):
    mount = account.mount
    assert find(mount, 'x' * 255) == []
    assert outcome(os.stat, at(mount, 'x' * 256)) == 'ENAMETOOLONG'
    assert sorted(find(mount, 'wor ' * 63 + 'wor')) == list('ABC')
    folder = os.fsencode(at(mount))
    assert outcome(os.stat, folder + b'/\xff\xfe') == 'ENOENT'
    assert 'UTF-8' in why(mount)
    assert outcome(os.stat, at(mount, ' ')) == 'ENOENT'
    assert 'nothing to search for' in why(mount)
    assert outcome(os.stat, at(mount, '"a')) == 'ENOENT'
    assert outcome(os.stat, at(mount, 'zzz:a\x1b[31m\n')) == 'ENOENT'
    assert '\x1b' not in why(mount) and '\n' not in why(mount)
    for query in ('old\nwords', 'old\twords\x01', 'OLD  Words', 'old*',
                  'old; -- words', "old' words", 'old (words)'):
        assert sorted(find(mount, query)) == list('ABC'), query
    for query in ('old) OR (none', '*', '"', "'"):
        assert outcome(os.listdir, at(mount, query)) in ('ok', 'ENOENT')


def test_nothing_can_be_changed_there(account):
    mount = account.mount
    folder, link = at(mount, 'words'), at(mount, 'words', 'A.md')
    find(mount, 'words')
    assert outcome(write, at(mount, 'words', 'New.md'), 'x') == 'EPERM'
    assert outcome(os.mkdir, at(mount, 'words', 'New')) == 'EPERM'
    assert outcome(os.mkdir, folder) == 'EEXIST'
    assert outcome(os.symlink, 'x', at(mount, 'words', 'L')) == 'EPERM'
    assert outcome(os.unlink, link) == 'EPERM'
    assert outcome(os.rmdir, folder) == 'EPERM'
    assert outcome(os.rename, link, account.at('Doing', 'A.md')) == 'EPERM'
    assert outcome(os.rename, account.at('To Do', 'A.md'), link) == 'EPERM'
    assert outcome(os.rename, folder, at(mount, 'other')) in (
        'EPERM', 'EEXIST', 'ENOTEMPTY')
    assert outcome(os.chmod, folder, 0o755) == 'EPERM'
    assert outcome(os.utime, link, follow_symlinks=False) == 'EPERM'
    assert outcome(os.setxattr, folder, 'user.trello.pos', b'top') == 'EPERM'
    assert account.names() == ['A.md', 'B.md', 'C.md']
    assert account.raw() == ''
    # Through a link it is the card.
    with open(link, 'a', encoding='utf-8') as file:
        file.write('Said through a link.\n')
    account.wait_kinds('comment-add')


# The last of them

def test_two_hundred_queries(account):
    mount = account.mount
    names = [f'words -n{number}' for number in range(200)]
    for name in names:
        assert len(find(mount, name)) == 3
    assert os.listdir(at(mount)) == names[-KEPT:]
    # Who asks again stays.
    assert len(find(mount, names[-KEPT])) == 3
    assert find(mount, 'one more') == []
    assert os.listdir(at(mount)) == \
        [names[-KEPT]] + names[-KEPT + 2:] + ['one more']
    for name in names[:50]:
        assert len(find(mount, name)) == 3
    assert len(os.listdir(at(mount))) == KEPT


def test_in_a_folder_that_has_gone(account):
    """A program that stays in a folder that 64 others came after."""
    mount = account.mount
    folder = os.open(at(mount, 'words'), os.O_RDONLY)
    try:
        assert len(os.listdir(folder)) == 3
        for number in range(KEPT):
            find(mount, f'n{number}')
        assert outcome(os.listdir, folder) in ('ok', 'ENOENT')
        assert len(find(mount, 'words')) == 3
    finally:
        os.close(folder)


# Without asking anybody

def test_no_request_is_sent(mounts, server):
    server.generate(boards=2, lists=3, cards=40)
    mount = mounts.account(server, 'refresh=3600')
    mount.wait_complete()
    wait_quiet(server)
    before = len(server.requests)
    for letter in string.ascii_lowercase:
        find(mount, letter)
        find(mount, f'-{letter} has:description sort:created')
    assert len(server.requests) == before


def test_offline_and_after_a_restart(account, server):
    mount = account.mount
    mount.expect('warning: ', 'error: ')
    assert len(find(mount, 'words')) == 3
    with refused(server):
        with open(account.at('To Do', 'A.md'), 'a', encoding='utf-8') as file:
            file.write('Nice.\n')
        wait_until(lambda: find(mount, 'nice') == ['A'], 5, 'the comment')
        account.mount = account.mounts.again(mount, path=mount.path) \
            if mount.unmount() == 0 else None
        mount = account.mount
        mount.expect('warning: ', 'error: ')
        assert os.listdir(at(mount)) == []
        assert find(mount, 'nice') == ['A']
        assert len(find(mount, 'words')) == 3


def test_after_a_kill(account):
    """What was saved before is found."""
    write(account.at('To Do', 'A.md'), account.card('A').replaced())
    os.rename(account.at('To Do', 'B.md'), account.at('Doing', 'B.md'))
    wait_until(lambda: len(account.pending()) == 2, 5, 'both wait')
    account.restart(kill=True)
    assert find(account.mount, '"new words"') == ['A']
    assert find(account.mount, 'list:doing') == ['B']
    assert sorted(find(account.mount, '"old words"')) == ['B', 'C']


def not_indexed(mount):
    database = sqlite3.connect(f'file:{mount.database()}?mode=ro', uri=True)
    with contextlib.closing(database):
        return database.execute('SELECT count(*) FROM unsearched') \
            .fetchone()[0]


def test_many_are_indexed_by_themselves(mounts, server):
    """A big account, before anybody searches."""
    server.generate(boards=1, lists=2, cards=700)
    mount = mounts.account(server)
    mount.wait_complete()
    wait_until(lambda: not_indexed(mount) < 500, 10, 'the index')
    assert len(find(mount, 'is:open')) == 700


def test_read_only(mounts, server):
    account = Account(mounts, server, options='ro')
    assert len(find(account.mount, 'words')) == 3
    assert outcome(write, at(account.mount, 'words', 'x'), '') in (
        'EROFS', 'EPERM')


def test_demo(mounts):
    mount = mounts.start('--demo')
    board = os.listdir(mount.path)[0]
    folder = os.path.join(mount.path, board)
    name = os.listdir(folder)[0]
    assert sorted(os.listdir(at(mount, f'list:"{name}"'))) == \
        sorted(os.listdir(os.path.join(folder, name)))
    assert find(mount, '灯台') == ['灯台の鍵を探す']
    assert find(mount, '@me')


def test_numbered_lists(mounts):
    """Lists are found by their titles, and by what is shown."""
    mount = mounts.start('--demo', '-o', 'numbered')
    folder = mount.at(os.listdir(mount.path)[0])
    name = os.listdir(folder)[0]
    cards = sorted(os.listdir(os.path.join(folder, name)))
    assert name.startswith('01 ')
    for each in (name[3:], name):
        assert sorted(os.listdir(at(mount, f'list:"{each}"'))) == cards


# Beside what Trello says of each card

def texts_of(view, card):
    texts = [card.get('name') or '', card.get('desc') or '']
    for each in view.checklists.get(card['id'], ()):
        texts.append(each['name'])
        texts += [item['name'] for item in each['checkItems']]
    texts += [each['data']['text']
              for each in view.comments.get(card['id'], ())]
    for each in card.get('attachments') or ():
        texts.append(each.get('name') or '')
        if not each.get('isUpload'):
            texts.append(each.get('url') or '')
    return '\n'.join(texts)


def words_of(text):
    return set(re.findall('[a-z0-9]+', text.lower()))


@pytest.mark.parametrize('name', expected.EXPORTS)
def test_words_of_exports(mounts, name):
    """What is found for a word are the cards that have it."""
    path = expected.export_path(name)
    if not os.path.exists(path):
        pytest.skip(f'there is no {path}; TRELLOFS_SHARED names its folder')
    mount = mounts.start('--export', path)
    assert os.listdir(mount.path)
    mount.wait_complete()
    view = expected.of_export(path)
    cards = [(card, texts_of(view, card)) for card in view.all_cards()]
    plain = [(card, words_of(text)) for card, text in cards
             if text.isascii()]
    words = sorted(set().union(*(found for _, found in plain)))
    for word in words[::max(1, len(words) // 40)]:
        shown = {os.getxattr(at(mount, f'"{word}"', each),
                             'user.trello.id').decode()
                 for each in os.listdir(at(mount, f'"{word}"'))}
        for card, found in plain:
            assert (card['id'] in shown) == (word in found), (word, card)
