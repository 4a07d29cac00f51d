"""The fixtures of tests/mount, and what they need."""

from mount.conftest import (  # noqa: F401
    mark_to_skip, mounts, pytest_configure, pytest_runtest_protocol, server)


def pytest_collection_modifyitems(items):
    mark_to_skip(items, __file__)
