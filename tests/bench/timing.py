"""Runs commands and says how long they took."""

import os
import statistics
import subprocess
import tempfile
import time

ENVIRONMENT = os.environ | {'LC_ALL': 'C.UTF-8', 'TZ': 'UTC'}


class Sink:
    """Where commands write: a file in memory, as some of them look away
    when it is /dev/null, and a pipe has a reader that takes part."""

    def __init__(self):
        where = '/dev/shm' if os.access('/dev/shm', os.W_OK) else None
        self.file = tempfile.TemporaryFile(dir=where)

    def clear(self):
        self.file.seek(0)
        self.file.truncate()

    def lines(self):
        self.file.seek(0)
        return sorted(self.file.read().splitlines())

    def size(self):
        return os.fstat(self.file.fileno()).st_size


def run(argv, cwd, sink):
    """Seconds from the start of a command to its end."""
    sink.clear()
    start = time.perf_counter()
    done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL,
                          stdout=sink.file, env=ENVIRONMENT)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise RuntimeError(f'{" ".join(argv[:6])} in {cwd}: '
                           f'exit {done.returncode}')
    return seconds


def median(values):
    return statistics.median(values)


def median_ratio(ours, theirs):
    """Taken pair by pair, as both ran at the same time."""
    return median([a / b for a, b in zip(ours, theirs)])
