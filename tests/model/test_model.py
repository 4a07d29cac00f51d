"""Everybody edits everything, with faults, kills and cuts; at the end all
say the same, and nothing that anybody wrote is lost or there twice.

TRELLOFS_SEEDS=FROM-TO runs other seeds than the usual ones; each is a test
of its own, by which a failure is run again. TRELLOFS_CONTEST lets all of
them change the same descriptions, too."""

import os

import pytest

from .world import World

FROM, TO = map(int, os.environ.get('TRELLOFS_SEEDS', '1-8').split('-'))
STEPS = int(os.environ.get('TRELLOFS_STEPS', '25'))


@pytest.mark.seconds(240)
@pytest.mark.parametrize('seed', range(FROM, TO + 1))
def test_model(mounts, server, seed):
    world = World(mounts, server, seed)
    world.run(STEPS)
    world.finish()
