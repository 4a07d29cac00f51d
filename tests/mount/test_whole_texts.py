"""Who reads while others change what is read has the old text or the new one,
never one that is cut to the size of the other."""

import ast
import os
import random
import subprocess
import sys

import pytest

from .program import INSTRUMENTED
from .util import SLOW, wait_until
from .writing import Account

READERS = 4
CHANGES = 30
TEXTS = ('short', 'long ' * 700, 'middle ' * 100, '')

# Again and again, and says what it sees for the first time. Most of the time
# nobody reads: how long a program stands between two steps of one read(2)
# nobody can know.
READ_ON = """
import os, random, sys, time
from mount.test_whole_texts import read_once
seen, count = set(), 0
while True:
    each = read_once(sys.argv[1])
    if each not in seen:
        seen.add(each)
        print(each, flush=True)
    count += 1
    os.pwrite(2, b'%9d' % count, 0)
    time.sleep(random.random() * 0.004)
"""


def read_once(path):
    """What one read(2) gives that finds nothing in the kernel's cache, where
    the kernel knows the size; and the sizes before and after it."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        return (os.fstat(file).st_size, os.read(file, 1 << 20),
                os.stat(path).st_size)
    finally:
        os.close(file)


class Readers:
    """Processes that read a file."""

    def __init__(self, path, folder):
        self.all = []
        self.files = [os.path.join(folder, f'reader{number}')
                      for number in range(READERS)]
        for each in self.files:
            with open(each + '.seen', 'wb') as seen, \
                    open(each + '.count', 'wb') as count:
                self.all.append(subprocess.Popen(
                    [sys.executable, '-c', READ_ON, path],
                    stdin=subprocess.DEVNULL, stdout=seen, stderr=count,
                    env={'PYTHONPATH': os.pathsep.join(sys.path)}))

    def counts(self):
        """How often each has read."""
        found = []
        for each in self.files:
            with open(each + '.count', encoding='utf-8') as count:
                found.append(int(count.read() or 0))
        return found

    def wait(self):
        """Until each has read once from its beginning to its end: nobody is
        so slow that two changes come meanwhile."""
        least = [count + 2 for count in self.counts()]
        wait_until(lambda: all(map(int.__ge__, self.counts(), least)), 20,
                   'the readers', step=0.002)

    def end(self):
        """All that they have seen."""
        found = set()
        for each, name in zip(self.all, self.files):
            each.terminate()
            each.wait(20)
            with open(name + '.seen', encoding='utf-8') as seen:
                # It may have been ended in the middle of a line.
                found |= {ast.literal_eval(line) for line in seen
                          if line.endswith('\n')}
        return found


@pytest.mark.skipif(INSTRUMENTED or SLOW > 1,
                    reason='requests wait too long there')
def test_a_remote_change(mounts, server, tmp_path):
    server.limits(token=10000, key=30000)
    account = Account(mounts, server, options='refresh=600')
    card = account.api('POST', '/cards', name='D', desc='first',
                       idList=account.lists['Doing'])['id']
    account.control('refresh')
    path = account.at('Doing', 'D.md')
    texts = [read_once(path)[1]]
    readers = Readers(path, tmp_path)
    try:
        for number in range(1, CHANGES):
            account.api('PUT', f'/cards/{card}',
                        desc=f'{number} {random.choice(TEXTS)}')
            account.control('refresh')
            texts.append(read_once(path)[1])
            readers.wait()
    finally:
        seen = readers.end()
    assert len(set(texts)) == CHANGES
    wrong = [(before, len(text), text[-40:]) for before, text, _ in seen
             if text not in texts]
    assert not wrong
    assert {size for before, _, after in seen for size in (before, after)} \
        <= {len(text) for text in texts}
