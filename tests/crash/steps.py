"""What a user does, in steps that can be taken again.

do(mount) takes a step; it fails with an OSError if the program dies
meanwhile.  seen(mount) says whether it has taken effect.  A user whose
program failed looks, and does it once more if it has not.
"""

import os

from mount.util import read, write


def exists(path):
    """An OSError if the program has died meanwhile."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return False
    return True


def is_saved(path, words):
    """The card has the words, and the mount took them."""
    return (exists(path) and words.encode() in read(path)
            and not exists(path + '.error'))


class Step:
    def kept(self, mount):
        """Nothing of it is lost, though it may be a draft."""
        return self.seen(mount)

    def __repr__(self):
        return f'{type(self).__name__}{tuple(vars(self).values())}'


class Save(Step):
    """A card's text, changed by an editor that writes it in place."""

    def __init__(self, name, *changes):
        self.name, self.changes = name, changes
        self.text = None

    def edit(self, mount):
        """What the editor has in its buffer, from the first time on."""
        if self.text is None:
            text = read(mount.at('Board', self.name)).decode()
            for old, new in self.changes:
                assert text.count(old) == 1, (old, text)
                text = text.replace(old, new)
            self.text = text
        return self.text.encode()

    def do(self, mount):
        write(mount.at('Board', self.name), self.edit(mount))

    def seen(self, mount):
        path = mount.at('Board', self.name)
        return self.kept(mount) and not exists(path + '.error')

    def kept(self, mount):
        text = read(mount.at('Board', self.name)).decode()
        return all(new in text and (old in new or old not in text)
                   for old, new in self.changes)


class SaveOver(Save):
    """By one that writes another file and renames it over the card."""

    def do(self, mount):
        path = mount.at('Board', self.name)
        other = os.path.join(os.path.dirname(path), '.save.tmp')
        with open(other, 'wb') as file:
            file.write(self.edit(mount))
            file.flush()
            os.fsync(file.fileno())
        os.rename(other, path)


class Slowly(Save):
    """By one that writes the text in pieces."""

    def do(self, mount):
        text = self.edit(mount)
        with open(mount.at('Board', self.name), 'wb', buffering=0) as file:
            for begin in range(0, len(text), 150):
                file.write(text[begin:begin + 150])


class New(Step):
    """A file with a text that was not there."""

    def __init__(self, name, text):
        self.name, self.text = name, text

    def do(self, mount):
        write(mount.at('Board', self.name), self.text)

    def seen(self, mount):
        return is_saved(mount.at('Board', self.name), self.words())

    def kept(self, mount):
        path = mount.at('Board', self.name)
        return self.words().encode() in read(path)

    def words(self):
        return self.text.splitlines()[-1]


class Append(Step):
    def __init__(self, name, words):
        self.name, self.words = name, words

    def do(self, mount):
        with open(mount.at('Board', self.name), 'ab') as file:
            file.write(f'{self.words}\n'.encode())

    def seen(self, mount):
        return is_saved(mount.at('Board', self.name), self.words)


class Rename(Step):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def do(self, mount):
        os.rename(mount.at('Board', self.old), mount.at('Board', self.new))

    def seen(self, mount):
        return not exists(mount.at('Board', self.old))


class Remove(Step):
    def __init__(self, name):
        self.name = name

    def do(self, mount):
        os.unlink(mount.at('Board', self.name))

    def seen(self, mount):
        return not exists(mount.at('Board', self.name))


class Mkdir(Step):
    def __init__(self, name):
        self.name = name

    def do(self, mount):
        os.mkdir(mount.at('Board', self.name))

    def seen(self, mount):
        return exists(mount.at('Board', self.name))


class Rmdir(Mkdir):
    def do(self, mount):
        os.rmdir(mount.at('Board', self.name))

    def seen(self, mount):
        return not exists(mount.at('Board', self.name))


class Sync(Step):
    """Everything so far is to be at Trello."""

    def do(self, mount):
        write(mount.at('.trellofs', 'control', 'sync'), '\n')

    def seen(self, mount):
        return False

    def kept(self, mount):
        return True
