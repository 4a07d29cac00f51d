"""The fixtures of tests/mount, and what they need."""

import os

import pytest

pytest.register_assert_rewrite('model.world')

from mount.conftest import (  # noqa: E402, F401
    mounts, pytest_configure, pytest_runtest_protocol, reason_to_skip,
    server)


def pytest_collection_modifyitems(items):
    reason = reason_to_skip()
    for item in items if reason else ():
        if os.path.dirname(item.path) == os.path.dirname(__file__):
            item.add_marker(pytest.mark.skip(reason=reason))
