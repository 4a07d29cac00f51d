"""Writing and crashes: the real program dies, or cannot go on, at any
moment, and nothing is lost, and nothing comes twice."""

import pytest

for name in ('account', 'runs', 'steps'):
    pytest.register_assert_rewrite(f'{__name__}.{name}')
