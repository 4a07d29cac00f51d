"""How often the kernel asks the program, by the program's own log."""

import collections
import os
import re
import subprocess
import time

from . import report, timing


class Traced:
    """The mount, in the foreground, with every request logged."""

    def __init__(self, mount, folder):
        self.mount = mount
        self.log = os.path.join(folder, 'requests.log')

    def __enter__(self):
        with open(self.log, 'wb') as file:
            self.process = subprocess.Popen(
                self.mount.argv('-d'), env=self.mount.environment,
                stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        for _ in range(400):
            if os.path.ismount(self.mount.root):
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.025)
        self.process.kill()
        raise RuntimeError('the mount with -d does not start')

    def __exit__(self, *_):
        subprocess.run(['fusermount3', '-u', self.mount.root], check=True)
        self.process.wait(20)

    def count(self, work, sink):
        """Requests of one run, by kind."""
        before = os.stat(self.log).st_size
        timing.run(work.argv, self.mount.root, sink)
        with open(self.log, 'rb') as file:
            file.seek(before)
            text = file.read().decode('utf-8', 'replace')
        found = collections.Counter(re.findall(r'opcode: (\w+)', text))
        for kind in ('FORGET', 'BATCH_FORGET', 'INTERRUPT'):
            del found[kind]
        return found


def describe(found):
    if not found:
        return 'none'
    return ', '.join(f'{count} {kind}'
                     for kind, count in found.most_common())


def measure(mount, works, folder):
    sink = timing.Sink()
    for work in works:
        with Traced(mount, folder) as traced:
            found = [traced.count(work, sink) for _ in range(3)]
        for name, each in zip(('1st', '2nd', '3rd'), found):
            report.say(f'  {work.name if name == "1st" else "":<12} {name}: '
                       f'{describe(each)}')
