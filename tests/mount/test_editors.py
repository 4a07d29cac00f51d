"""Real editors in a terminal: one word of a card's description is changed
and saved. That is one change of the card, and nothing else."""

import os

import pytest

from .editors import (EDITORS, LEFT, STAY, by_ed, change_word, leave, open_in,
                      prepare, save, type_more, wait_saved)
from .util import wait_until
from .writing import Account, state


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


@pytest.mark.parametrize('editor', EDITORS)
def test_one_word(account, terminal, editor):
    card = account.card()
    shown = change_word(editor, terminal, card)
    assert account.kinds() == []
    save(editor, shown)
    wait_saved(card, shown)
    card.check_saved()
    leave(editor, shown)
    card.check_saved()
    assert account.stray() == LEFT.get(editor, [])


@pytest.mark.parametrize('editor', STAY)
def test_two_saves(account, terminal, editor):
    """A second save of the same buffer continues the first."""
    card = account.card()
    shown = change_word(editor, terminal, card)
    save(editor, shown)
    card.check_saved()
    type_more(editor, shown, 'er')
    shown.wait_for('newer words')
    save(editor, shown)
    text = card.replaced(b'old words', b'newer words')
    wait_saved(card, shown, text)
    leave(editor, shown)
    card.check_saved(text)
    assert account.stray() == LEFT.get(editor, [])


def test_ed(account):
    card = account.card()
    by_ed(card)
    card.check_saved()
    assert account.stray() == []


def test_swap_file_is_local(account, terminal):
    """While vim runs its swap file is there, and is nobody's business."""
    prepare('vim')
    card = account.card()
    shown = open_in('vim', terminal, card.path, 1)
    shown.wait_for('old words')
    swap = os.path.join(account.list, '.A.md.swp')
    wait_until(lambda: os.path.exists(swap), 5, 'the swap file')
    assert state(swap) == 'local'
    assert account.kinds() == []
    shown.keys((':q!',), 'Enter')
    assert shown.wait() == 0
    assert account.stray() == []
    assert card.read() == card.text and account.kinds() == []
