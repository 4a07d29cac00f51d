"""A board of everything that breaks file systems, editors and terminals."""

from .generate import COLORS, Generator

HUGE = 140737488355328      # where positions begin on boards of 2025
TITLES = (
    'a/b', '/', '//', '/etc/passwd', '../../etc/passwd', '.', '..', '...',
    '.hidden', '.order', '.board.md', '.archive', '.trellofs', '-', '--',
    '---', '-rf', '--help', '----', '....', '~', '~root', '*', '?', '[a-z]',
    'a*b?c', '$HOME', '$(reboot)', '`reboot`', '; reboot', '| cat', '&',
    '> /dev/null', '"quoted"', "it's", 'back\\slash', 'C:\\con', 'con', 'nul',
    'aux.txt', 'colon: value', 'key: [a, b', '# heading', '- [ ] item',
    '> quote', '%s%s%n', '%2e%2e%2f', 'name.md', 'name.md.md', '.md',
    'Name.MD', 'card.files', 'card.md.error', 'x #2', 'x #2.md', 'Untitled',
    'two  spaces', 'trailing dot.', 'trailing tilde~', '#emacs#',
    '.file.swp', 'F.md~', '4913', 'true', 'null', '1.0', '2026-11-23',
    '\x1b[31mred\x1b[0m', 'bell\x07', '\x1b]0;title\x07', 'tab\there',
    'line\nbreak', 'carriage\rreturn', 'nul\x01one', 'del\x7f',
    'c1\u0085next', '\u009b31m', '\u202eevil\u202c', '\u2066isolate\u2069',
    'a\u200eb', '\u200e', '\u200b', '\u2800', '\u3164', '\u00ad',
    'zero\u200dwidth', '\ufeffbom', 'line\u2028sep', 'para\u2029sep',
    'e\u0301', '\u00e9', 'A\u030a', '\u212b', '\ufb01', 'ＦＵＬＬ', '／', '．',
    '－dash', '＃', 'İstanbul', 'ß', 'ẞ', '𝕌𝕟𝕚', '日本語', 'العربية',
    'עברית', 'ไทย', 'हिन्दी', '👩‍👩‍👧‍👦', '🏳️‍🌈', '👍🏽', '🇩🇪', '\U0010ffff',
    '\ufffe', '\ufffd', '\ue000', 'z' + '\u0300' * 60)
LENGTHS = (200, 230, 231, 232, 233, 234, 235, 236, 251, 252, 253, 255, 256,
           1000, 4096, 16384)
DESCRIPTIONS = (
    '', '\n', ' ', '---\n', '---\ntitle: x\n---\n', '## Comments\n',
    '\\## Comments', '## Checklist: x\n\n- [ ] y', '## Attachments\n',
    'no newline at the end', 'ends with newlines\n\n\n', '\n\nbegins so',
    'crlf\r\nlines\r\n', 'lone\rreturn', 'tab\tand\x0bvt',
    '<<<<<<< yours\n=======\n>>>>>>> trello\n', '> @alice 2026-01-01\n>\n',
    '\ufeffbom first', 'wide 👩‍👩‍👧‍👦 text', '#' * 16384, '𝕏' * 8192,
    'x\n' * 8192, '\u2028', '```\n## Comments\n```', '    ## Comments')
LABELS = (('bug', 'red'), ('bug', 'blue'), ('bug', 'red'), ('', 'green'),
          ('', 'green'), ('', None), ('a, b', 'sky'), ('[x]', 'lime'),
          ('bug (red)', 'pink'), ('(green)', 'black'), ('Bug', 'red_dark'),
          ('null', 'blue_light'), ('x: y', 'orange'), ('#tag', 'purple'),
          ('émoji 🚀', 'yellow'), ('"', 'green_dark'), ("'", 'red_light'))


class Dread(Generator):
    """One list for each kind of trouble."""

    def column(self, board, name, closed=False):
        return self.list(board, name, len(board.lists), closed=closed)['id']

    def titles(self, board):
        here = self.column(board, 'titles / ./..')
        for place, title in enumerate(TITLES):
            self.card(board, here, title, place,
                      desc=DESCRIPTIONS[place % len(DESCRIPTIONS)])
        here = self.column(board, 'lengths')
        for place, length in enumerate(LENGTHS):
            self.card(board, here, 'x' * length, place)
            self.card(board, here, ('ü🚀' * length)[:length // 2], place)

    def equal(self, board, count):
        here = self.column(board, 'equal')
        for place in range(count):
            self.card(board, here, 'the same title', place)
        for place, title in enumerate(('Case', 'case', 'CASE', 'case.md',
                                       'the same title #2',
                                       'the same title #3')):
            self.card(board, here, title, count + place)

    def positions(self, board):
        here = self.column(board, 'positions')
        for value in (65535, 65535, 65535, 1e-9, 2e-9, 32767.5, 32767.500001,
                      32767.500002, HUGE, HUGE, HUGE - 16384, HUGE + 16384,
                      HUGE + 0.5, 2 ** 53 + 2.0, 5e-324, 1e300):
            self.card(board, here, f'at {value!r}', 0, pos=value)
        for place in range(3):
            self.card(board, here, f'archived {place}', 0, pos=65535,
                      closed=True)

    def closed(self, board):
        here = self.column(board, 'archived list', closed=True)
        for place in range(5):
            self.card(board, here, f'open card {place}', place)
            self.card(board, here, f'archived card {place}', place,
                      closed=True)
        for name in ('archived list', 'titles / ./..', '.archive', '-',
                     '\u200e', 'x' * 300):
            self.column(board, name)

    def labelled(self, board, count):
        here = self.column(board, 'labels')
        made = [self.label(board, *each) for each in LABELS]
        made += [self.label(board, f'label {number:04d}',
                            COLORS[number % len(COLORS)])
                 for number in range(count - len(made))]
        for place in range(0, len(made), 50):
            ids = [each['id'] for each in made[place:place + 50]]
            self.card(board, here, f'labels from {place}', place // 50,
                      idLabels=ids)

    def talked(self, board, on_one, spread):
        here = self.column(board, 'comments')
        members = self.members()
        card = self.card(board, here, 'a long talk', 0)
        for number in range(on_one):
            self.comment(board, card, f'comment {number}\n\n> quote\n',
                         members[number % len(members)])
        for number in range(spread):
            card = self.card(board, here, f'card {number}', number + 1)
            self.comment(board, card, DESCRIPTIONS[number
                                                   % len(DESCRIPTIONS)]
                         or 'x', members[number % len(members)])

    def listed(self, board):
        here = self.column(board, 'checklists')
        card = self.card(board, here, 'two hundred items', 0)
        self.checklist(board, card, 'Full', 200)
        self.checklist(board, card, 'Checklist', 0)
        self.checklist(board, card, 'Checklist', 2)
        odd = self.checklist(board, card, 'odd: items', len(TITLES))
        for item, title in zip(odd['checkItems'], TITLES):
            item['name'] = title
        for item in odd['checkItems'][:9]:
            item['pos'] = 16384


def dread(account, owner, equal=500, labels=60, comments=1200, spread=30,
          seed=13):
    """Adds the board. labels: up to 1000 in all."""
    maker = Dread(account, owner, seed)
    board = maker.board('.Dread / -board: \u202e…')
    board.data['desc'] = DESCRIPTIONS[4]
    maker.titles(board)
    maker.equal(board, equal)
    maker.positions(board)
    maker.closed(board)
    maker.labelled(board, labels)
    maker.talked(board, comments, spread)
    maker.listed(board)
    return board
