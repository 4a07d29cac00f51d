"""Edits while the program is killed and the network fails: everything
arrives, and arrives once."""

import os
import random
import re
import time

import pytest

from .util import read, run, wait_until, write

QUIET = ('warning: ', 'notice: ', 'error: ')


def pending(mount):
    return read(mount.at('.trellofs', 'pending')).decode()


def drained(mount):
    try:
        write(mount.at('.trellofs', 'control', 'sync'), b'\n')
    except OSError:
        return False
    return pending(mount) == ''


class Storm:
    """Does things to one list, and knows what must come of them."""

    def __init__(self, server, seed):
        self.random = random.Random(seed)
        self.server = server
        self.board = server.generate(boards=1, lists=2, cards=6)[0].id
        state = server.state()
        self.lists = [each for each in state['lists']
                      if each['idBoard'] == self.board]
        self.comments = {}      # title -> words that must be there once
        self.made = []
        self.descs = {}
        self.number = 0

    def folder(self, mount):
        board = [name for name in os.listdir(mount.path)][0]
        return mount.at(board, self.lists[0]['name'])

    def word(self):
        self.number += 1
        return f'word{self.number:04d}x'

    def step(self, mount):
        folder = self.folder(mount)
        cards = sorted(name for name in os.listdir(folder)
                       if name.endswith('.md'))
        card = self.random.choice(cards)
        path = os.path.join(folder, card)
        what = self.random.choice(['comment', 'desc', 'make', 'tick'])
        word = self.word()
        if what == 'comment':
            with open(path, 'ab') as file:
                file.write(f'{word}\n'.encode())
            self.comments.setdefault(card, []).append(word)
        elif what == 'make':
            title = f'Made {word}'
            write(os.path.join(folder, title + '.md'),
                  f'made {word}\n'.encode())
            self.made.append((title, f'made {word}'))
        else:
            text = read(path).decode()
            head, _, body = text.partition('\n---\n')
            text = f'{head}\n---\n{word}\n{body}'
            write(path, text.encode())
            self.descs[card] = word

    def check(self):
        state = self.server.state()
        comments = [each['data']['text'].strip()
                    for each in state['actions']
                    if each['type'] == 'commentCard']
        for words in self.comments.values():
            for word in words:
                assert comments.count(word) == 1, word
        cards = [each for each in state['cards'] if not each.get('closed')]
        for title, desc in self.made:
            found = [each for each in cards if each['name'] == title]
            assert len(found) == 1, title
            assert desc in found[0]['desc']
        for card, word in self.descs.items():
            # A card may be there twice until it is known that Trello has
            # made it.
            title = re.sub(r'( #\w+)?\.md$', '', card)
            found = [each for each in cards if each['name'] == title]
            assert any(word in each['desc'] for each in found), (card, word)


def fault(server, rng):
    kind = rng.choice(['after', 'before', 'error', 'slow', 'none'])
    if kind in ('after', 'before'):
        server.fault(method='POST|PUT', drop=kind, count=rng.randint(1, 3))
    elif kind == 'error':
        server.fault(status=503, body='down', count=rng.randint(1, 4))
    elif kind == 'slow':
        server.fault(latency=0.3, count=5)


@pytest.mark.seconds(240)
@pytest.mark.parametrize('seed', [1, 2, 3])
def test_killed_and_cut(mounts, server, seed):
    server.limiter.enabled = False
    storm = Storm(server, seed)
    rng = random.Random(seed * 1000)
    mount = mounts.account(server)
    mount.expect(*QUIET)
    mount.wait_complete()
    for _ in range(6):
        fault(server, rng)
        for _ in range(rng.randint(1, 5)):
            storm.step(mount)
            time.sleep(rng.random() * 0.3)
        time.sleep(rng.random() * 2.5)
        # What is closed has been taken; the kill finds it anywhere.
        wait_until(lambda: 'being-written' not in pending(mount), 5,
                   'settling')
        mount.kill()
        # What is under way may come behind what the next one sends.
        wait_until(lambda: server.heard_out, 10, 'replies', step=0.001)
        run('fusermount3', '-u', '-z', mount.path, check=False)
        server.clear_faults()
        mount = mounts.again(mount)
        mount.expect(*QUIET)
        mount.wait_complete()
    wait_until(lambda: drained(mount), 60, 'everything is sent', step=0.2)
    storm.check()
    assert read(mount.at('.trellofs', 'problems')) == b''
