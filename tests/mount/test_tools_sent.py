"""Tools, scripts and the savers of particular programs on a mount that
sends: a save is one request for the card, and nothing else leaves this
machine."""

import pytest

from . import test_write_patterns as patterns
from . import test_write_tools as tools
from .terminal import missing
from .util import read, run
from .writing import DESC, NEW_DESC, Account, Sent, state

LEFT = tools.LEFT | patterns.LEFT
WAYS = {**tools.WAYS, **patterns.WAYS}
# They look for the old word.
ONCE = ('in_the_middle', 'by_mmap')


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server, settle=1)


def save(way, card, tmp_path, text=None):
    """Changes one word, or to the text where the way allows it."""
    if way in tools.WAYS:
        program = tools.PROGRAMS.get(way)
        if program and missing(program):
            pytest.skip(missing(program))
        tools.WAYS[way](card, tmp_path)
    else:
        patterns.WAYS[way](card, text or card.replaced())


@pytest.mark.parametrize('way', WAYS)
def test_one_word(account, tmp_path, way):
    """Also what is local is still there after a restart."""
    card, sent = account.card(), Sent(account)
    save(way, card, tmp_path)
    sent.check_one_save(card)
    local = account.local()
    assert sorted(local) == LEFT.get(way, [])
    account.restart()
    assert account.local() == local
    sent.check_one_save(card)


@pytest.mark.parametrize('way', WAYS)
def test_killed_after_the_save(account, tmp_path, way):
    card, sent = account.card(), Sent(account)
    save(way, card, tmp_path)
    account.restart(kill=True)
    sent.check_one_save(card)
    assert sent.changes(card) == 1
    assert sorted(account.local()) == LEFT.get(way, [])


@pytest.mark.parametrize('way', patterns.WAYS)
def test_each_save_is_sent(account, way):
    """One save after the other, each when the one before has arrived."""
    card = account.card()
    for word in ('first', 'second', 'third'):
        sent = Sent(account)
        text = card.replaced(b'old words', word.encode())
        patterns.WAYS[way](card, text)
        sent.check_one_save(card, DESC.replace('old words', word), text)


@pytest.mark.parametrize('way', [each for each in WAYS if each not in ONCE])
def test_save_without_change(account, tmp_path, way):
    """The save of what is there already sends nothing."""
    card, sent = account.card(), Sent(account)
    save(way, card, tmp_path)
    sent.check_one_save(card)
    sent = Sent(account)
    changed = Changed(card)
    save(way, changed, tmp_path, changed.text)
    sent.wait_all()
    assert sent.writes() == [] and sent.desc(card) == NEW_DESC
    sent.check_nothing_else()
    card.same()
    assert card.read() == card.replaced() and state(card.path) == 'synced'


class Changed:
    """A card whose word has been changed, for changing it once more."""

    def __init__(self, card):
        self.path = card.path
        self.text = card.read()

    def replaced(self, *_):
        return self.text


def test_git(account):
    """A repository in a list sends nothing; what it checks out is a
    save."""
    if missing('git'):
        pytest.skip(missing('git'))

    def git(*args):
        return run('git', '-C', account.list, '-c', 'user.name=Me',
                   '-c', 'user.email=me@example.com', '-c',
                   'gc.auto=0', *args).stdout
    card, sent = account.card(), Sent(account)
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'first')
    sent.wait_all()
    assert sent.writes() == []
    tools.by_sed(card, None)
    sent.check_one_save(card)
    git('commit', '-qam', 'second')
    sent.check_one_save(card)
    account.restart()
    assert git('status', '--porcelain') == ''
    assert git('fsck', '--strict') == ''
    assert account.stray() == ['.git']
    sent = Sent(account)
    git('checkout', '-q', 'HEAD~1')
    sent.check_one_save(card, DESC, card.text)
    assert git('status', '--porcelain') == ''


def test_all_cards_by_sed(account):
    """One request a card."""
    cards, sent = [account.card(name) for name in 'ABC'], Sent(account)
    tools.shell('sed -i "s/old words/new words/" "$1"/*.md', account.list)
    sent.wait_all()
    assert sorted(sent.writes()) == sorted(
        ('PUT', f'/1/cards/{card.id.decode()}') for card in cards)
    for card in cards:
        assert sent.desc(card) == NEW_DESC and card.read() == card.replaced()
    sent.check_nothing_else()


def test_without_final_newline(account):
    """As VS Code saves: nothing but the change is sent, and the newline is
    there again."""
    card, sent = account.card(), Sent(account)
    patterns.by_code(card, card.replaced().rstrip(b'\n'))
    sent.wait_all()
    assert sent.writes() == [('PUT', f'/1/cards/{card.id.decode()}')]
    assert sent.desc(card) == NEW_DESC
    sent.check_nothing_else()
    card.same()
    assert card.read().split(b'\n')[4:] == card.replaced().split(b'\n')[4:]


def test_without_final_newline_and_without_change(account):
    card, sent = account.card(), Sent(account)
    patterns.by_code(card, card.text.rstrip(b'\n'))
    sent.wait_all()
    assert sent.writes() == [] and sent.desc(card) == DESC
    assert card.read() == card.text


def test_a_line_for_every_card(account):
    """A script that appends a line to every card: a comment each, in one
    request each."""
    sent = Sent(account)
    tools.shell('for card in "$1"/*.md; do echo Seen. >> "$card"; done',
                account.list)
    sent.wait_all()
    assert sorted(sent.writes()) == sorted(
        ('POST', f'/1/cards/{each}/actions/comments')
        for each in account.ids.values())
    for name in account.ids:
        assert read(account.card(name).path).count(b'> Seen.\n') == 1
