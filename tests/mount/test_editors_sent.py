"""Real editors on a mount that sends: a save is one request for the card
that was edited, and nothing else leaves this machine."""

import os

import pytest

from .editors import (EDITORS, LEFT, STAY, by_ed, change_word, leave, open_in,
                      prepare, save, type_more, wait_saved)
from .terminal import missing
from .util import read, run, wait_until
from .writing import DESC, Account, Sent, state


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server, settle=1)


@pytest.mark.parametrize('editor', EDITORS)
def test_one_word(account, terminal, editor):
    card, sent = account.card(), Sent(account)
    shown = change_word(editor, terminal, card)
    save(editor, shown)
    wait_saved(card, shown)
    sent.check_one_save(card)
    leave(editor, shown)
    sent.check_one_save(card)
    check_restart(account, sent, card, LEFT.get(editor, []))


def check_restart(account, sent, card, left):
    """What is local is still there, and nothing more is sent."""
    local = account.local()
    assert sorted(local) == left
    account.restart()
    assert account.local() == local
    sent.check_one_save(card)


@pytest.mark.parametrize('editor', STAY)
def test_two_saves(account, terminal, editor):
    """Each is one request, also when the first has been sent."""
    card, sent = account.card(), Sent(account)
    shown = change_word(editor, terminal, card)
    save(editor, shown)
    sent.check_one_save(card)
    sent = Sent(account)
    type_more(editor, shown, 'er')
    shown.wait_for('newer words')
    save(editor, shown)
    text = card.replaced(b'old words', b'newer words')
    wait_saved(card, shown, text)
    desc = DESC.replace('old words', 'newer words')
    sent.check_one_save(card, desc, text)
    leave(editor, shown)
    sent.check_one_save(card, desc, text)
    assert account.stray() == LEFT.get(editor, [])


@pytest.mark.parametrize('editor', EDITORS)
def test_killed_after_the_save(account, terminal, editor):
    """The mount dies as soon as the text is there: it arrives, once."""
    card, sent = account.card(), Sent(account)
    shown = change_word(editor, terminal, card)
    save(editor, shown)
    wait_saved(card, shown)
    account.restart(kill=True)
    sent.check_one_save(card)
    assert sent.changes(card) == 1


def test_ed(account):
    card, sent = account.card(), Sent(account)
    by_ed(card)
    sent.check_one_save(card)
    check_restart(account, sent, card, [])


def test_ed_killed_after_the_save(account):
    card, sent = account.card(), Sent(account)
    by_ed(card)
    account.restart(kill=True)
    sent.check_one_save(card)
    assert sent.changes(card) == 1


def test_swap_file_survives(account, terminal):
    """The mount dies under vim: what was typed is in its swap file, which
    vim finds after the restart."""
    prepare('vim')
    card, sent = account.card(), Sent(account)
    swap = os.path.join(account.list, '.A.md.swp')
    shown = change_word('vim', terminal, card)
    shown.keys((':preserve',), 'Enter')
    wait_until(lambda: b'new words' in read(swap), 5, 'the swap file')
    account.restart(kill=True)
    assert b'new words' in read(swap) and state(swap) == 'local'
    assert card.read() == card.text and sent.writes() == []
    recovered = terminal('vim', '-N', '-u', 'NONE', '-r', card.path)
    recovered.wait_for('Press ENTER')
    recovered.keys('Enter', (':wq',), 'Enter')
    assert recovered.wait() == 0
    os.unlink(swap)
    sent.check_one_save(card)
    assert account.stray() == []


def test_backup_of_emacs_is_an_old_text(account, terminal):
    """What the back-up holds can be put back, which is a save too."""
    prepare('emacs')
    card, sent = account.card(), Sent(account)
    shown = change_word('emacs', terminal, card)
    save('emacs', shown)
    sent.check_one_save(card)
    leave('emacs', shown)
    assert read(card.path + '~') == card.text
    again = Sent(account)
    run('mv', card.path + '~', card.path)
    again.check_one_save(card, DESC, card.text)
    assert account.stray() == []
