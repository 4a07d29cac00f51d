"""The contract's rules for names and texts, written a second time: what the
program shows is compared with what these say."""

import datetime
import re
import unicodedata

NAME_BYTES = 235
CARD = '.md'
UNSHOWN = {code: '\ufffd' for code in (
    *range(0x80, 0xa0), *range(0x202a, 0x202f), *range(0x2066, 0x206a),
    *range(0xd800, 0xe000))}
SHOWN = UNSHOWN | {code: chr(0x2400 + code) for code in range(0x20)} \
    | {0x7f: '\u2421', ord('/'): '\uff0f'}
FIRST = {'.': '\uff0e', '-': '\uff0d'}


# Names

def is_blank(title):
    return all(char.isspace() and unicodedata.category(char) != 'Cc'
               or char in '\t\n\v\f\r\x85' for char in title)


def name_of(title, suffix='', extension=''):
    """The file name of a title."""
    name = 'Untitled' if is_blank(title) else title
    name = FIRST.get(name[0], name[0]) + name[1:]
    name = name.translate(SHOWN)
    room = NAME_BYTES - len((suffix + extension).encode())
    if len(name.encode()) > room:
        cut = name.encode()[:room - len('…'.encode())]
        name = cut.decode('utf-8', 'ignore') + '…'
    return name + suffix + extension


def title_of(name, extension=''):
    """The title that a file name says."""
    name = name.removesuffix(extension)
    for char, shown in FIRST.items():
        if name.startswith(shown):
            name = char + name[1:]
    return name.replace('\uff0f', '/')


def suffixes(thing, is_card):
    yield ''
    if is_card:
        yield f' #{thing["idShort"]}'
    for digits in range(4, 25):
        yield ' #' + thing['id'][-digits:]


def names_of(things, is_card=False):
    """{name: thing} of what comes new into a folder, in the order of
    things: the older id chooses first."""
    names = {}
    for thing in sorted(things, key=lambda each: each['id']):
        for suffix in suffixes(thing, is_card):
            name = name_of(thing['name'], suffix, CARD if is_card else '')
            if name not in names:
                names[name] = thing
                break
    by_id = {thing['id']: name for name, thing in names.items()}
    return {by_id[thing['id']]: thing for thing in things}


# Texts

HEADING = re.compile(
    rb'## (Checklist:([ \t].*)?|Attachments[ \t]*|Comments[ \t]*)(?<!\r)\Z',
    re.S)
ITEM = re.compile(rb'- \[([ x])\] ?(.*)\Z', re.S)
HEADER = re.compile(rb'> @(\S+) (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\Z')
LINK = re.compile(rb'- \[((?:[^\]\\]|\\.)*)\]\((<.*>|[^ ]*)\)\Z', re.S)
REFERENCE = re.compile(rb'(\\*)&#(\d{1,7});')
PLAIN = re.compile(r'[^,\]}]*')
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
ESCAPE = re.compile(r'\\(x..|u....|U........|.)')
ESCAPED = {'n': '\n', 't': '\t', 'r': '\r'}


class Parsed:
    """A card's text, taken apart."""

    def __init__(self, text):
        assert text.startswith(b'---\n'), text[:80]
        end = text.index(b'\n---\n', 3)
        self.front = front_matter(text[4:end].decode())
        self.checklists = []    # (name, [(complete, item)])
        self.attachments = []   # (text, address)
        self.comments = []      # (author, date, text)
        self.take_body(text[end + 5:])

    def take_body(self, body):
        assert body.endswith(b'\n')
        lines = body[:-1].split(b'\n')
        heads = headings(lines)
        assert lines[heads[-1]] == b'## Comments', 'the last heading'
        self.take_description(lines[:heads[0]])
        for first, last in zip(heads, heads[1:] + [None]):
            self.take_section(lines[first], lines[first + 1:last],
                              last is None)

    def take_description(self, lines):
        if not lines:
            self.description = b''
            return
        assert lines[-1] == b'', 'one blank line before the first section'
        self.description = b'\n'.join(unescaped(each)
                                      for each in lines[:-1])

    def take_section(self, heading, lines, is_last):
        assert (heading == b'## Comments') == is_last
        if not is_last:
            assert lines.pop() == b'', 'a blank line after a section'
        if lines:
            assert lines.pop(0) == b'', 'a blank line after a heading'
        if heading == b'## Comments':
            self.comments = list(comments(lines))
        elif heading == b'## Attachments':
            self.attachments = [LINK.match(each).groups() for each in lines]
        else:
            items = [ITEM.match(each).groups() for each in lines]
            name = heading.removeprefix(b'## Checklist:').strip(b' \t')
            self.checklists.append((referred(name), [
                (mark == b'x', referred(name)) for mark, name in items]))


def headings(lines):
    """The numbers of the lines that are headings of ours."""
    return [number for number, line in enumerate(lines)
            if HEADING.match(line)]


def described(text, desc):
    """A card's text as it is with another description."""
    end = text.index(b'\n---\n', 3) + 5
    lines = text[end:].split(b'\n')
    if desc:
        desc = b'\n'.join(map(escaped, desc.split(b'\n'))) + b'\n\n'
    return text[:end] + desc + b'\n'.join(lines[headings(lines)[0]:])


def ticked(text):
    """A card's text with its first item ticked, or no longer; None where
    it has none."""
    head = text.index(b'\n---\n', 3) + 5
    lines = text[head:].split(b'\n')
    first = headings(lines)[0]
    if not lines[first].startswith(b'## Checklist:'):
        return None
    for number in range(first, headings(lines)[-1]):
        if ITEM.match(lines[number]):
            was = lines[number][3:4]
            mark = b'x' if was == b' ' else b' '
            lines[number] = b'- [' + mark + lines[number][4:]
            return text[:head] + b'\n'.join(lines)
    return None


def escaped(line):
    if HEADING.match(line.lstrip(b'\\')):
        return b'\\' + line
    return line


def unescaped(line):
    if line.startswith(b'\\') and HEADING.match(line.lstrip(b'\\')):
        return line[1:]
    return line


def referred(name):
    """A name in which &#10; stands for the character of that number."""
    def one(found):
        if found[1]:
            return found[0][1:]
        return chr(int(found[2])).encode()
    return REFERENCE.sub(one, name)


def comments(lines):
    """(author, date, text) of each block quote."""
    quotes = [[]]
    for line in lines:
        if line:
            quotes[-1].append(line)
        else:
            quotes.append([])
    assert not quotes.pop(), 'a blank line ends the comments'
    for quote in quotes:
        author, date = HEADER.match(quote[0]).groups()
        assert quote[1] == b'>'
        assert all(each == b'>' or each[:2] == b'> ' for each in quote)
        yield author, date, b'\n'.join(unescaped(each[2:])
                                       for each in quote[2:])


def front_matter(text):
    """{key: string, list or dict}, the values as YAML's own readers would
    give them; only what one line can hold."""
    found = {}
    for line in text.split('\n'):
        key, _, value = line.partition(': ')
        assert key not in found
        found[key] = yaml_value(value)
    return found


def yaml_value(text):
    if text.startswith('['):
        return flow(text, ']', False)
    if text.startswith('{'):
        return dict(flow(text, '}', True))
    if text.startswith('"'):
        return scalar(text, 0)[0]
    return text


def flow(text, end, pairs):
    found, at = [], 1
    while True:
        one, at = scalar(text, at, ':' if pairs else '')
        if pairs:
            assert text[at:at + 2] == ': '
            value, at = scalar(text, at + 2)
            one = (one, value)
        found.append(one)
        if text[at] == end:
            assert at == len(text) - 1
            return found
        assert text[at:at + 2] == ', '
        at += 2


def scalar(text, at, stop=''):
    """The scalar that begins there, and where it ends."""
    if text[at] == '"':
        match = QUOTED.match(text, at)
        return ESCAPE.sub(unescape, match[1]), match.end()
    match = PLAIN.match(text, at)
    value = match[0]
    if stop:
        value = value.partition(': ')[0]
    return value, at + len(value)


def unescape(found):
    what = found[1]
    if len(what) > 1:
        return chr(int(what[1:], 16))
    return ESCAPED.get(what, what)


# What stands for an object of Trello's

def instant(date):
    """A date of Trello's or of a card's text: seconds since 1970."""
    date = date.replace('Z', '+00:00')
    return datetime.datetime.fromisoformat(date).timestamp()


def shown_labels(label, labels):
    """What a label may be called, the best first: its name; with its
    colour where that is empty, not unique or another's way of being
    called; and where that is not enough, with the end of its id."""
    name, color = label['name'], label.get('color') or 'no colour'
    same = [each for each in labels if each['name'] == name]
    full = f'{name} ({color})'.lstrip()
    forms = [name, full] if name and len(same) == 1 else [full]
    return forms + [f'{full} #{label["id"][-digits:]}'
                    for digits in range(4, 25)]
