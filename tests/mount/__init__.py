"""Tests of the real program on real mounts."""

import pytest

# So that their assertions say what they compared.
for name in ('contract', 'expected', 'harness', 'servers', 'util'):
    pytest.register_assert_rewrite(f'{__name__}.{name}')
