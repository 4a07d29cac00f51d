"""Small helpers, each with a bound on its time."""

import errno
import os
import subprocess
import time

from .program import INSTRUMENTED

# Set where everything runs slowly: then pauses are longer, too.
SLOW = 4 if os.environ.get('TRELLOFS_SLOW') else 1
# How often longer the program may take for what it does.
SLOWED = SLOW * (3 if INSTRUMENTED else 1)
# How often longer is waited for what is to come, where much runs side by side.
PATIENCE = SLOWED * int(os.environ.get('TRELLOFS_PATIENCE') or 1)


def wait_until(predicate, seconds, what='it', step=0.02):
    """Waits for a true value and returns it. Neither an OSError nor a
    failed assertion is true."""
    seconds *= PATIENCE
    end = time.monotonic() + seconds
    while True:
        try:
            found = predicate()
        except (OSError, AssertionError) as error:
            found, last = None, error
        else:
            last = found
        if found:
            return found
        if time.monotonic() > end:
            what = what() if callable(what) else what
            raise AssertionError(
                f'{what}: not within {seconds} s; last: {last}')
        time.sleep(step)


def wait_gone(path, seconds=5):
    """The kernel is told of a name's end a moment after it."""
    wait_until(lambda: not os.path.lexists(path), seconds, f'the end of {path}')


def run(*argv, seconds=20, check=True, **more):
    """Runs a program to its end. Output is text with its own line ends,
    bytes that are no UTF-8 are kept."""
    more.setdefault('stdin', subprocess.DEVNULL)
    done = subprocess.run(
        [os.fspath(each) for each in argv], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=seconds * PATIENCE, **more)
    done.stdout = done.stdout.decode('utf-8', 'surrogateescape')
    done.stderr = done.stderr.decode('utf-8', 'surrogateescape')
    if check and done.returncode != 0:
        raise AssertionError(f'{argv}: exit {done.returncode}\n'
                             f'{done.stdout}{done.stderr}')
    return done


def outcome(function, *args, **more):
    """'ok', or the name of the errno with which it failed."""
    try:
        function(*args, **more)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
    return 'ok'


def timed(function, *args):
    """What it returned (or its OSError) and the seconds it took."""
    began = time.monotonic()
    try:
        result = function(*args)
    except OSError as error:
        result = error
    return result, time.monotonic() - began


def write(path, data):
    data = data.encode() if isinstance(data, str) else data
    with open(path, 'wb') as file:
        file.write(data)


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def folders(path):
    """The folders of a folder, in its own order."""
    with os.scandir(path) as entries:
        return [each.name for each in entries if each.is_dir()]


def read_tree(top):
    """Every file below top, as find sees it: {relative path: bytes}."""
    found = {}
    for folder, _, names in os.walk(top, onerror=fail):
        for name in names:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, top)] = read(path)
    return found


def walk_names(top):
    """Every name below top in the order of readdir, as one list."""
    found = []
    for folder, names, files in os.walk(top, onerror=fail):
        found.append((os.path.relpath(folder, top), names, files))
    return found


def fail(error):
    raise error
