"""Fixtures: mounts that are looked after, and a Trello to mount."""

import os
import shutil
import signal

import pytest

pytest.register_assert_rewrite(__package__ + '.writing')

from . import harness  # noqa: E402
from .servers import checked_server  # noqa: E402
from .terminal import Terminal  # noqa: E402

# No test takes longer; a mark gives another one its time: @seconds(n).
SECONDS = 60


def reason_to_skip():
    if not os.path.exists('/dev/fuse'):
        return 'there is no /dev/fuse'
    if not os.access('/dev/fuse', os.R_OK | os.W_OK):
        return '/dev/fuse may not be opened'
    if shutil.which('fusermount3') is None:
        return 'there is no fusermount3'
    if not os.access(harness.PROGRAM, os.X_OK):
        return f'there is no {harness.PROGRAM}; TRELLOFS names it'
    return None


def heed_signals():
    """What starts the tests may have them ignored, as shells do in the
    background; programs would inherit that."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def pytest_configure(config):
    heed_signals()
    config.addinivalue_line(
        'markers', 'seconds(n): how long the test may take')


def mark_to_skip(items, file):
    """Those in the file's folder, where nothing can be mounted."""
    reason = reason_to_skip()
    here = os.path.dirname(file)
    for item in items if reason else ():
        if os.path.dirname(item.path) == here:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_modifyitems(items):
    mark_to_skip(items, __file__)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    mark = item.get_closest_marker('seconds')
    with harness.Watchdog(mark.args[0] if mark else SECONDS):
        yield


@pytest.fixture
def mounts(tmp_path):
    """Starts mounts; at the end each must be fit and unmount cleanly."""
    made = harness.Mounts(tmp_path)
    yield made
    made.finish()


@pytest.fixture
def mount(mounts):
    """mount(ARGUMENT..., env={}): a mount that answers."""
    return mounts.start


@pytest.fixture
def server(request):
    """A Trello without boards; at the end nobody must have asked it for
    what Trello does not document.  Who has mounted it unmounts before it
    ends: what waits is sent then."""
    mounts = request.getfixturevalue('mounts') \
        if 'mounts' in request.fixturenames else None
    with checked_server() as made:
        yield made
        made.clear_faults()
        made.refuse(False)
        made.latency = 0
        if mounts:
            mounts.finish()


@pytest.fixture(scope='module')
def shared_mounts(tmp_path_factory):
    """As mounts, for all tests of a module."""
    made = harness.Mounts(tmp_path_factory.mktemp('shared'))
    yield made
    made.finish()


@pytest.fixture
def terminal(tmp_path):
    """terminal(ARGUMENT...): a program in a terminal of its own."""
    opened = []

    def start(*argv):
        opened.append(Terminal(tmp_path / f'terminal{len(opened)}', *argv))
        return opened[-1]
    yield start
    for each in opened:
        each.close()
