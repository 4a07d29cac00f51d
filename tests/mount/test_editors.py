"""Real editors in a terminal: one word of a card's description is changed
and saved. That is one change of the card, and nothing else."""

import os
import time

import pytest

from .terminal import missing
from .util import SLOW, run, wait_until
from .writing import Account, state

SLOWLY = 0.05
# The word of three letters at the cursor becomes another.
DELETE = ('DC', 'DC', 'DC', ('new',))
CONTROL_D = ('C-d', 'C-d', 'C-d', ('new',))
VI = ('3', 'x', 'i', ('new',), 'Escape')
VIM = ('vim', '-N', '-u', 'NONE', '-i', 'NONE', '--cmd',
       'set backupskip= viminfo= ')
EMACS = ('emacs', '-nw', '-Q', '--eval',
         '(setq inhibit-startup-screen t auto-save-default t '
         'backup-enable-predicate (lambda (name) t) '
         'make-backup-files %s backup-by-copying %s)')


def vim(*settings):
    return VIM + ('-c', 'set ' + ' '.join(settings))


def emacs(backups, copying='nil'):
    return EMACS[:-1] + (EMACS[-1] % (backups, copying),)


# Its name: (argv, the position's argument, keys to edit, to save, to leave)
EDITORS = {
    'vim': (VIM, '+{}', VI, ((':w',), 'Enter'), ((':q',), 'Enter')),
    'vim-backupcopy-yes': (
        vim('backupcopy=yes'), '+{}', VI, ((':w',), 'Enter'),
        ((':q',), 'Enter')),
    'vim-backupcopy-no': (
        vim('backupcopy=no'), '+{}', VI, ((':w',), 'Enter'),
        ((':q',), 'Enter')),
    'vim-backup': (
        vim('backup', 'backupcopy=no'), '+{}', VI, ((':w',), 'Enter'),
        ((':q',), 'Enter')),
    'vim-wq': (
        vim('undofile', 'undodir=.'), '+{}', VI, ((':wq',), 'Enter'), ()),
    'neovim': (('nvim', '-u', 'NONE', '-i', 'NONE'), '+{}', VI,
               ((':w',), 'Enter'), ((':q',), 'Enter')),
    'neovim-backup': (
        ('nvim', '-u', 'NONE', '-i', 'NONE', '-c',
         'set backupskip= backup backupdir=. backupcopy=no'), '+{}', VI,
        ((':w',), 'Enter'), ((':q',), 'Enter')),
    'nano': (('nano', '-I'), '+{}', DELETE, ('C-s',), ('C-x',)),
    'nano-locking-backup': (('nano', '-I', '-G', '-B'), '+{}', DELETE,
                            ('C-s',), ('C-x',)),
    'emacs': (emacs('t'), '+{}', CONTROL_D, ('C-x', 'C-s'),
              ('C-x', 'C-c')),
    'emacs-copying': (emacs('t', 't'), '+{}', CONTROL_D, ('C-x', 'C-s'),
                      ('C-x', 'C-c')),
    'emacs-without-backups': (emacs('nil'), '+{}', CONTROL_D,
                              ('C-x', 'C-s'), ('C-x', 'C-c')),
    'micro': (('micro',), '+{}:1', DELETE, ('C-s',), ('C-q',)),
    'kakoune': (('kak', '-n'), '+{}', ('d', 'd', 'd', 'i', ('new',),
                                       'Escape'),
                ((':w',), 'Enter'), ((':q',), 'Enter')),
    'mg': (('mg', '-n'), '+{}', CONTROL_D, ('C-x', 'C-s'), ('C-x', 'C-c')),
    'mg-backup': (('mg',), '+{}', CONTROL_D, ('C-x', 'C-s'),
                  ('C-x', 'C-c')),
    'joe': (('joe',), '+{}', CONTROL_D, ('C-k', 'd', 'Enter'),
            ('C-k', 'q')),
    'ne': (('ne',), '+{}', DELETE, ('C-s',), ('C-q',)),
    'mcedit': (('mcedit',), '+{}', DELETE, ('F2',), ('F10',)),
}
# Editors that ask before they save, and the answer.
ASKS = {'mcedit': ('Save', ('Enter',))}
# What is left beside the card, and is local.
LEFT = {'vim-backup': ['A.md~'], 'vim-wq': ['.A.md.un~'],
        'neovim-backup': ['A.md~'], 'nano-locking-backup': ['A.md~'],
        'emacs': ['A.md~'], 'emacs-copying': ['A.md~'],
        'mg-backup': ['A.md~'], 'joe': ['A.md~']}


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server)


def line_of(text, word):
    return text[:text.index(word)].count(b'\n') + 1


def open_in(editor, terminal, path, line):
    argv, position, *_ = EDITORS[editor]
    return terminal(*argv, position.format(line), path)


def prepare(editor):
    reason = missing(EDITORS[editor][0][0]) or missing('tmux')
    if reason:
        pytest.skip(reason)


def save(editor, shown, text):
    """Presses save and waits until the file says so."""
    shown.keys(*EDITORS[editor][3])
    if editor in ASKS:
        question, answer = ASKS[editor]
        shown.wait_for(question)
        shown.keys(*answer)


@pytest.mark.parametrize('editor', EDITORS)
def test_one_word(account, terminal, editor):
    prepare(editor)
    card = account.card()
    shown = open_in(editor, terminal, card.path,
                    line_of(card.text, b'old words'))
    shown.wait_for('old words')
    time.sleep(0.1 * SLOW)
    shown.keys(*EDITORS[editor][2], pause=SLOWLY)
    shown.wait_for('new words')
    assert account.kinds() == []
    save(editor, shown, card.replaced())
    wait_until(lambda: card.read() == card.replaced(), 10,
               lambda: f'the text; there is {shown.screen()}')
    card.check_saved()
    shown.keys(*EDITORS[editor][4], pause=SLOWLY)
    assert shown.wait() == 0
    card.check_saved()
    assert account.stray() == LEFT.get(editor, [])


@pytest.mark.parametrize('editor', EDITORS)
def test_two_saves(account, terminal, editor):
    """A second save of the same buffer continues the first."""
    if not EDITORS[editor][4]:
        pytest.skip('it saves only as it ends')
    prepare(editor)
    card = account.card()
    shown = open_in(editor, terminal, card.path,
                    line_of(card.text, b'old words'))
    shown.wait_for('old words')
    time.sleep(0.1 * SLOW)
    shown.keys(*EDITORS[editor][2], pause=SLOWLY)
    shown.wait_for('new words')
    save(editor, shown, card.replaced())
    card.check_saved()
    if editor.startswith(('vim', 'neovim')):
        shown.keys('a', ('er',), 'Escape', pause=SLOWLY)
    elif editor == 'kakoune':
        shown.keys('i', ('er',), 'Escape', pause=SLOWLY)
    else:
        shown.keys(('er',), pause=SLOWLY)
    shown.wait_for('newer words')
    save(editor, shown, None)
    text = card.replaced(b'old words', b'newer words')
    wait_until(lambda: card.read() == text, 10,
               lambda: f'the text; there is {shown.screen()}')
    shown.keys(*EDITORS[editor][4], pause=SLOWLY)
    assert shown.wait() == 0
    card.check_saved(text)
    assert account.stray() == LEFT.get(editor, [])


def test_ed(account):
    if missing('ed'):
        pytest.skip(missing('ed'))
    card = account.card()
    done = run('sh', '-c', r'printf "/old words/s/old/new/\nw\nq\n" |'
               ' ed -s "$0"', card.path)
    assert done.stderr == ''
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
