"""The program dies at every point of a script once: before and after each
commit, before each request, while it is under way, and when its answer has
come.  In the end account and mount are as if it had not died."""

import collections
import concurrent.futures
import difflib
import pprint
import queue

import pytest

from .account import World
from .runs import Run, TooSlow, need_shim
from .steps import (Append, Mkdir, New, Remove, Rename, Rmdir, Save,
                    SaveOver, Slowly, Sync)

WORKERS = 4
ITEM = '- [ ] three\n'
SCRIPTS = {
    'description and labels': [
        (Save, 'To Do/A.md', ('old words', 'new words'),
         ('\n---\nnew', '\nlabels: [bug]\n---\nnew')),
        (Save, 'To Do/A.md', ('[bug]', '[later]'),
         ('second', 'another')),
    ],
    'a new card': [
        (New, 'To Do/New.md',
         '---\nlabels: [bug]\ndue: 2030-01-01 12:00\n---\nIts text\n\n'
         '## Checklist: One\n\n- [ ] first\n- [x] second\n\n'
         '## Checklist: Two\n\n- [ ] third\n\n## Comments\n\nIts comment\n'),
    ],
    'moved, renamed, archived': [
        (Rename, 'To Do/A.md', 'Doing/A.md'),
        (Rename, 'Doing/A.md', 'Doing/Other.md'),
        (Rename, 'To Do/B.md', 'Doing/Both.md'),
        (Remove, 'To Do/C.md'),
    ],
    'a list with cards': [
        (Mkdir, 'New list'),
        (New, 'New list/One.md', 'Text of one\n'),
        (New, 'New list/Two.md', 'Text of two\n'),
        (Rename, 'New list', 'Newer list'),
        (Rename, 'To Do/A.md', 'Newer list/A.md'),
        (Rmdir, 'Done'),
    ],
    'a board with a list and a card': [
        (Mkdir, '../New board'),
        (Mkdir, '../New board/List'),
        (New, '../New board/List/Card.md', 'Text of the card\n'),
        (Append, '../New board/List/Card.md', 'said'),
    ],
    'comments': [
        (Append, 'To Do/A.md', 'said first'),
        (Append, 'To Do/A.md', 'said second'),
        (Append, 'To Do/B.md', 'said first'),
        (Sync,),
        (Append, 'To Do/A.md', 'said third'),
    ],
    'files renamed over cards': [
        (SaveOver, 'To Do/A.md', ('old words', 'new words')),
        (SaveOver, 'To Do/B.md', ('- [ ] one', '- [x] one')),
        (SaveOver, 'To Do/A.md', ('second', 'another')),
    ],
    'removed and made again': [
        (Remove, 'To Do/A.md'),
        (New, 'To Do/A.md', 'Another text\n'),
        (Rename, 'To Do/B.md', 'To Do/C.md'),
    ],
    'checklists and items': [
        (Save, 'To Do/A.md', (ITEM, '- [x] three\n- [ ] four\n')),
        (Save, 'To Do/A.md', ('- [ ] one\n', '')),
        (Save, 'To Do/B.md', (ITEM, ITEM + '\n## Checklist: More\n\n'
                              '- [ ] five\n- [ ] six\n')),
        (Save, 'To Do/C.md', ('## Checklist: Steps\n\n- [ ] one\n- [ ] two\n'
                              + ITEM + '\n', '')),
    ],
    'a text in pieces': [
        (Slowly, 'To Do/A.md', ('old words', 'new words'),
         ('third line', 'third line\n' + 40 * 'and more\n')),
    ],
    'between requests': [
        (New, 'To Do/New.md', 'Text\n'),
        (Sync,),
        (Append, 'To Do/New.md', 'said'),
        (Rename, 'To Do/New.md', 'Doing/Newer.md'),
        (Sync,),
        (Save, 'Doing/Newer.md', ('Text', 'Words')),
    ],
}


@pytest.fixture(scope='module')
def worlds(tmp_path_factory):
    need_shim()
    made = queue.Queue()
    folder = tmp_path_factory.mktemp('worlds')
    worlds = [World(folder / str(number)) for number in range(WORKERS)]
    for world in worlds:
        made.put(world.__enter__())
    yield made
    for world in worlds:
        world.__exit__(None)


def script_of(name):
    return [lambda step=step: step[0](*step[1:]) for step in SCRIPTS[name]
            ] + [Sync]


def one(worlds, act):
    world = worlds.get()
    try:
        for _ in range(5):
            try:
                return act(world)
            except TooSlow:
                continue
        raise AssertionError('the machine is too slow for this')
    finally:
        worlds.put(world)


def learn(worlds, script):
    """What comes of it without a death, and the points on the way."""
    def act(world):
        with Run(world, script) as run:
            return run.whole(), run.points()
    return one(worlds, act)


def die(worlds, script, at, *more):
    """(the run, its result)"""
    def act(world):
        with Run(world, script) as run:
            return run, run.with_death(at, *more)
    return one(worlds, act)


def same(result, expected, when):
    lines = [pprint.pformat(each, width=200).splitlines()
             for each in (expected, result)]
    assert result == expected, '\n'.join(
        [when, *difflib.unified_diff(*lines, 'without', 'with', n=1)])


@pytest.mark.seconds(600)
@pytest.mark.parametrize('name', SCRIPTS)
def test_every_point(worlds, name):
    script = script_of(name)
    expected, points = learn(worlds, script)
    deaths = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        runs = [pool.submit(die, worlds, script, at)
                for at in range(1, len(points) + 1)]
        for at, each in enumerate(runs, 1):
            run, result = each.result()
            assert result is not None, '\n'.join(difflib.unified_diff(
                points, run.points(), 'learnt', f'not dead at {at}'))
            deaths[run.died_at[0].split(' ')[0]] += 1
            same(result, expected, f'died at {at}: {run.died_at}')
    print(f'{name}: died at {sum(deaths.values())} points: {dict(deaths)}')
    assert sum(deaths.values()) == len(points) >= 20


@pytest.mark.seconds(600)
@pytest.mark.parametrize('name', ['a new card', 'between requests'])
def test_again(worlds, name):
    """The next life ends soon after it began, and the one after that."""
    script = script_of(name)
    expected, points = learn(worlds, script)
    deaths = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        runs = [pool.submit(die, worlds, script, at, 1 + at % 23, 1 + at % 7)
                for at in range(1, len(points) + 1)]
        for at, each in enumerate(runs, 1):
            run, result = each.result()
            deaths[len(run.died_at)] += 1
            same(result, expected, f'died at {run.died_at}')
    print(f'{name}: died so often: {dict(deaths)}')
    assert deaths[3] > len(points) / 2
