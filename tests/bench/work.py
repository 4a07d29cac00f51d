"""What is timed: the tools that people use on a tree."""

import dataclasses
import os
import shutil

# Stands in a few cards of a generated account only.
PHRASE = 'retry queue'


@dataclasses.dataclass
class Work:
    name: str
    argv: list
    # Whether what it prints is the same wherever the tree is.
    same: bool = True


def make(tree, folder):
    """The commands, for the tree that was copied to the local disk."""
    names = list_files(tree)
    list_file = os.path.join(folder, 'names')
    with open(list_file, 'wb') as file:
        file.write(b''.join(os.fsencode(name) + b'\0' for name in names))
    works = [
        Work('grep -r', ['grep', '-r', PHRASE, '.']),
        Work('find -newer', ['find', '.', '-newer',
                             make_reference(tree, names, folder)]),
        Work('ls -lR', ['ls', '-lR'], same=False),
        Work('stat', ['xargs', '-0', '-a', list_file, 'stat', '-c',
                      '%n %s %Y %a']),
        Work('tar c', ['tar', 'cf', '-', '.'], same=False)]
    if shutil.which('rg'):
        works.append(Work('rg', ['rg', '--no-config', PHRASE, '.']))
    return works


def list_files(tree):
    found = []
    for folder, _, names in os.walk(tree):
        inside = os.path.relpath(folder, tree)
        found += (os.path.normpath(os.path.join(inside, name))
                  for name in names)
    return sorted(found)


def make_reference(tree, names, folder):
    """A file that is newer than half of the tree."""
    times = sorted(os.stat(os.path.join(tree, name)).st_mtime_ns
                   for name in names)
    path = os.path.join(folder, 'reference')
    with open(path, 'wb'):
        pass
    middle = times[len(times) // 2]
    os.utime(path, ns=(middle, middle))
    return path
