"""Every board export, written: what is saved without a change sends
nothing, and what is changed sends no more than that."""

import os

import pytest

from . import contract, expected
from .expected import EXPORTS
from .util import read, run, wait_until
from .writing import Sent


@pytest.fixture(params=EXPORTS)
def path(request):
    path = expected.export_path(request.param)
    if not os.path.exists(path):
        pytest.skip(f'there is no {path}; TRELLOFS_SHARED names its folder')
    return path


class Opened:
    """A mount of one export, and its cards."""

    def __init__(self, mount, server=None):
        self.mount, self.server = mount, server
        self.mount.wait_complete()
        self.paths = [os.path.join(folder, name)
                      for folder, _, names in os.walk(mount.path)
                      for name in names]
        self.before = {each: read(each) for each in self.paths}
        assert self.paths

    def pending(self):
        return read(self.mount.at('.trellofs', 'pending')).decode()

    raw = pending

    def wait_settled(self):
        wait_until(lambda: ' being-written ' not in self.pending(), 20,
                   lambda: f'texts are settled: {self.pending()}')

    def sync(self):
        with open(self.mount.at('.trellofs', 'control', 'sync'), 'wb',
                  buffering=0) as file:
            file.write(b'1\n')
        assert self.pending() == ''

    def closed(self):
        return {key for key, each in self.server.account.cards.items()
                if each.get('closed')}

    def save(self, texts, tmp_path):
        """cat X > each."""
        for number, (card, text) in enumerate(texts.items()):
            copy = tmp_path / str(number)
            copy.write_bytes(text)
            run('sh', '-c', 'cat "$0" > "$1"', copy, card)

    def check_texts(self, changed=()):
        for card, text in (self.before | dict(changed)).items():
            assert read(card) == text, card
        assert read(self.mount.at('.trellofs', 'problems')) == b''


def attribute(path, name):
    return os.getxattr(path, 'user.trello.' + name).decode()


@pytest.fixture
def in_memory(mounts, path):
    """The export by itself; it sends nothing before it is told to."""
    return Opened(mounts.start('-o', 'settle=60', '--export', path))


@pytest.fixture
def at_server(mounts, server, path):
    """The export at the server."""
    server.limits(token=10 ** 6, key=10 ** 6)
    server.load(path)
    return Opened(mounts.account(server, 'refresh=1,settle=1'), server)


def ticked(opened):
    """{path: text} of the cards that have an item, with one ticked."""
    texts = {each: contract.ticked(text)
             for each, text in opened.before.items()}
    texts = {each: text for each, text in texts.items() if text}
    if not texts:
        pytest.skip('no card has an item')
    return texts


def test_saved_as_they_are(in_memory, tmp_path):
    in_memory.save(in_memory.before, tmp_path)
    in_memory.wait_settled()
    assert in_memory.pending() == ''
    in_memory.check_texts()
    for card in in_memory.paths:
        assert attribute(card, 'state') == 'synced'


def test_ticked(in_memory, tmp_path):
    texts = ticked(in_memory)
    in_memory.save(texts, tmp_path)
    in_memory.wait_settled()
    lines = in_memory.pending().splitlines()
    assert len(lines) == len(texts)
    assert all(' item-state ' in line for line in lines)
    in_memory.check_texts(texts)
    in_memory.sync()
    in_memory.check_texts(texts)
    # And back again.
    in_memory.save({each: in_memory.before[each] for each in texts},
                   tmp_path)
    in_memory.wait_settled()
    assert len(in_memory.pending().splitlines()) == len(texts)
    in_memory.sync()
    in_memory.check_texts()


def test_described(in_memory, tmp_path):
    texts = {each: contract.described(
        text, contract.Parsed(text).description + b'\r\nblanks  \n\n')
             for each, text in in_memory.before.items()}
    in_memory.save(texts, tmp_path)
    in_memory.wait_settled()
    lines = in_memory.pending().splitlines()
    assert len(lines) == len(texts)
    assert all(' desc ' in line for line in lines)
    in_memory.sync()
    in_memory.check_texts(texts)


def test_saved_as_they_are_at_the_server(at_server, tmp_path):
    sent = Sent(at_server)
    at_server.save(at_server.before, tmp_path)
    at_server.wait_settled()
    sent.wait_all()
    assert sent.writes() == []
    at_server.check_texts()


def test_ticked_at_the_server(at_server, tmp_path):
    texts = ticked(at_server)
    sent = Sent(at_server)
    at_server.save(texts, tmp_path)
    at_server.wait_settled()
    sent.wait_all()
    check_one_each(sent, texts, r'/1/cards/{}/checkItem/')
    at_server.check_texts(texts)


def check_one_each(sent, paths, route):
    wanted = sorted(route.format(attribute(each, 'id')) for each in paths)
    writes = sorted(sent.writes())
    assert len(writes) == len(wanted)
    for (method, path), begin in zip(writes, wanted):
        assert method == 'PUT' and path.startswith(begin)
    sent.check_nothing_else()


def test_described_at_the_server(at_server, tmp_path):
    """Every description comes back byte for byte."""
    descs = {each: contract.Parsed(text).description
             + b'\r\nblanks  \n## Comments\n\n'
             for each, text in at_server.before.items()}
    texts = {each: contract.described(at_server.before[each], desc)
             for each, desc in descs.items()}
    sent = Sent(at_server)
    at_server.save(texts, tmp_path)
    at_server.wait_settled()
    sent.wait_all()
    check_one_each(sent, texts, '/1/cards/{}')
    at_server.check_texts(texts)
    cards = at_server.server.account.cards
    for each, desc in descs.items():
        assert cards[attribute(each, 'id')]['desc'].encode() == desc
