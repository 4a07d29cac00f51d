"""A plugin of pytest: --part 2/4 runs every fourth test from the second on, so
that parts side by side take about the same time.  Most tests wait most of the
time."""


def pytest_addoption(parser):
    parser.addoption('--part', metavar='N/M', default='1/1',
                     help='run only part N of M')


def pytest_collection_modifyitems(config, items):
    part, parts = map(int, config.getoption('part').split('/'))
    items[:] = items[part - 1::parts]
