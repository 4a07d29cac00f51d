"""What /proc says about a process."""

import os
import re
import select


def find(word):
    """The newest process with this word as an argument, or None."""
    found = []
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{name}/cmdline', 'rb') as file:
                words = file.read().split(b'\0')
        except OSError:
            continue
        if os.fsencode(word) in words and int(name) != os.getpid():
            found.append(int(name))
    return max(found, default=None)


def memory(pid, field):
    """VmRSS, VmHWM, RssAnon... in bytes."""
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        text = file.read()
    return int(re.search(rf'^{field}:\s+(\d+) kB', text, re.M)[1]) * 1024


def cpu_seconds(pid):
    """Processor time of the threads that live: to the nanosecond, which
    /proc/PID/stat with its ticks of 10 ms is not."""
    total = 0
    for task in os.listdir(f'/proc/{pid}/task'):
        try:
            with open(f'/proc/{pid}/task/{task}/schedstat') as file:
                total += int(file.read().split()[0])
        except OSError:
            continue
    return total / 1e9


def wait_end(pid, seconds=20):
    """Until a process that need not be our child has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not select.select([handle], [], [], seconds)[0]:
            raise TimeoutError(f'process {pid} does not end')
    finally:
        os.close(handle)
