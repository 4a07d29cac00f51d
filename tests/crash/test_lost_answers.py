"""Something is made, and the connection is cut before Trello can say so:
what was made is found, and not made again."""

import concurrent.futures
import os
import urllib.parse

import pytest

from mount.util import read, wait_until, write

from .account import World

OFFLINE = 'warning: .*'


def add_card(folder, word):
    write(os.path.join(folder, word + '.md'), f'text of {word}\n')


def add_comment(folder, word):
    with open(os.path.join(folder, 'A.md'), 'ab') as file:
        file.write(f'{word}\n'.encode())


def insert(folder, before, more):
    path = os.path.join(folder, 'A.md')
    text = read(path).decode()
    assert text.count(before) == 1
    write(path, text.replace(before, more + before))


def add_item(folder, word):
    insert(folder, '- [ ] three\n', f'- [ ] {word}\n')


def add_checklist(folder, word):
    insert(folder, '## Comments\n', f'## Checklist: {word}\n\n')


def add_list(folder, word):
    os.mkdir(os.path.join(folder, '..', word))


def add_board(folder, word):
    os.mkdir(os.path.join(folder, '..', '..', word))


# How each is made, by which request, what that calls it, and how many.
KINDS = {
    'card': (add_card, '/1/cards', 'name', 100),
    'comment': (add_comment, '/actions/comments', 'text', 100),
    'item': (add_item, '/checkItems', 'name', 100),
    'checklist': (add_checklist, '/1/checklists', 'name', 25),
    'list': (add_list, '/1/lists', 'name', 25),
    'board': (add_board, r'/1/boards/?', 'name', 25),
}


def things(account, kind):
    """What all things of the kind are called."""
    if kind == 'comment':
        return [each['data']['text'] for each in account.actions.values()
                if each['type'] == 'commentCard']
    if kind == 'item':
        return [item['name'] for each in account.checklists.values()
                for item in each['checkItems']]
    if kind == 'board':
        return [each.data['name'] for each in account.boards.values()]
    return [each['name'] for each in getattr(account, kind + 's').values()]


def sent(mount):
    """Whether everything is; what was put off goes now."""
    write(mount.at('.trellofs', 'control', 'retry'), '\n')
    write(mount.at('.trellofs', 'control', 'sync'), '\n')
    return read(mount.at('.trellofs', 'pending')) == b''


def posts(server, path, key):
    """What the requests that make such things were to call them."""
    return [dict(urllib.parse.parse_qsl(each['body'].decode()))[key]
            for each in server.matching('POST', path + '$')]


def make_all(folder, kind):
    act, path, key, count = KINDS[kind]
    words = [f'{kind} {number}' for number in range(count)]
    with World(folder) as world, world.mounted() as mount:
        mount.expect(OFFLINE)
        for word in words:
            fault = world.server.fault(method='POST', path=path + '$',
                                       drop='after', count=1)
            act(mount.at('Board', 'To Do'), word)
            wait_until(lambda: sent(mount), 20, f'{word} is sent')
            assert fault.fired == 1
        assert read(mount.at('.trellofs', 'problems')) == b''
        found = things(world.server.account, kind)
        assert [found.count(word) for word in words] == [1] * count
        assert sorted(posts(world.server, path, key)) == sorted(words)


@pytest.mark.seconds(300)
def test_made_once(tmp_path):
    """All kinds side by side: each mount may send a few requests a second
    only."""
    with concurrent.futures.ThreadPoolExecutor(len(KINDS)) as pool:
        for each in [pool.submit(make_all, tmp_path / kind, kind)
                     for kind in KINDS]:
            each.result()
