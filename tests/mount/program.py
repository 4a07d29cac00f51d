"""The program that is tested, and what it was built with."""

import os
import re

PROGRAM = os.path.abspath(
    os.environ.get('TRELLOFS') or
    os.path.join(os.environ.get('builddir') or '.', 'trellofs'))


def instrumented(path):
    """Whether it is watched while it runs: slower, and with memory that is
    not its own. A script that starts it may name what watches it."""
    try:
        with open(path, 'rb') as file:
            return bool(re.search(rb'__[at]san_init|valgrind', file.read()))
    except OSError:
        return False


INSTRUMENTED = instrumented(PROGRAM)
