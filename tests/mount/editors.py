"""Real editors: how each is started, how a word is changed in it, how it
saves and how it is left."""

import time

import pytest

from .terminal import missing
from .util import SLOW, run, wait_until

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
# Those that are still there when they have saved.
STAY = [each for each in EDITORS if EDITORS[each][4]]
# Editors that ask before they save, and the answer.
ASKS = {'mcedit': ('Save', ('Enter',))}
# What is left beside the card, and is local.
LEFT = {'vim-backup': ['A.md~'], 'vim-wq': ['.A.md.un~'],
        'neovim-backup': ['A.md~'], 'nano-locking-backup': ['A.md~'],
        'emacs': ['A.md~'], 'emacs-copying': ['A.md~'],
        'mg-backup': ['A.md~'], 'joe': ['A.md~']}


def line_of(text, word):
    return text[:text.index(word)].count(b'\n') + 1


def open_in(editor, terminal, path, line):
    argv, position, *_ = EDITORS[editor]
    return terminal(*argv, position.format(line), path)


def prepare(editor):
    reason = missing(EDITORS[editor][0][0]) or missing('tmux')
    if reason:
        pytest.skip(reason)


def save(editor, shown):
    """Presses save, and answers if it asks."""
    shown.keys(*EDITORS[editor][3])
    if editor in ASKS:
        question, answer = ASKS[editor]
        shown.wait_for(question)
        shown.keys(*answer)


def change_word(editor, terminal, card):
    """Opens a card and changes one word, up to before it is saved."""
    prepare(editor)
    shown = open_in(editor, terminal, card.path,
                    line_of(card.text, b'old words'))
    shown.wait_for('old words')
    time.sleep(0.1 * SLOW)
    shown.keys(*EDITORS[editor][2], pause=SLOWLY)
    shown.wait_for('new words')
    return shown


def type_more(editor, shown, word):
    """Behind what was typed."""
    into = {'vim': ('a',), 'nvim': ('a',), 'kak': ('i',)}
    before = into.get(EDITORS[editor][0][0], ())
    after = ('Escape',) if before else ()
    shown.keys(*before, (word,), *after, pause=SLOWLY)


def wait_saved(card, shown, text=None):
    wait_until(lambda: card.read() == (text or card.replaced()), 10,
               lambda: f'the text; there is {shown.screen()}')


def leave(editor, shown):
    shown.keys(*EDITORS[editor][4], pause=SLOWLY)
    assert shown.wait() == 0


def by_ed(card):
    if missing('ed'):
        pytest.skip(missing('ed'))
    done = run('sh', '-c', r'printf "/old words/s/old/new/\nw\nq\n" |'
               ' ed -s "$0"', card.path)
    assert done.stderr == ''
