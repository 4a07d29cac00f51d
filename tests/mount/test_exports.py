"""Every board export: all that is to be seen is there once and is right."""

import os
import subprocess

import pytest

from . import contract, expected
from .expected import EXPORTS
from .util import read, read_tree, run


@pytest.fixture(scope='module', params=EXPORTS)
def export(request, shared_mounts):
    """(mount, view) of one export."""
    path = expected.export_path(request.param)
    if not os.path.exists(path):
        pytest.skip(f'there is no {path}; TRELLOFS_SHARED names its folder')
    return shared_mounts.start('--export', path), expected.of_export(path)


def test_tree_and_texts(export):
    """Names, order, sizes, front matter, description, checklists and
    comments, of every list and card."""
    mount, view = export
    expected.check_tree(mount.path, [view])


def test_ls_in_trellos_order(export):
    mount, view = export
    board = mount.at(contract.name_of(view.name))
    assert run('ls', '-U', board).stdout.splitlines() == list(view.tree())
    for name, cards in view.tree().items():
        shown = run('ls', '-U', os.path.join(board, name)).stdout
        assert shown.splitlines() == list(cards)


def test_sizes(export):
    """wc -c reads what stat says."""
    mount, view = export
    paths = run('find', mount.path, '-type', 'f', '-print0').stdout
    paths = paths.rstrip('\0').split('\0')
    assert len(paths) == len(view.all_cards())
    stat = run('stat', '-c', '%s', *paths).stdout.split()
    for path, size in zip(paths, stat):
        assert len(read(path)) == int(size)
    counted = run('wc', '-c', *paths).stdout.splitlines()
    assert [line.split()[0] for line in counted[:len(paths)]] == stat


def distinct_lines(view):
    """Lines that stand in the descriptions, comments and check items of
    cards that are to be seen."""
    lines = set()
    for card in view.all_cards():
        texts = [card.get('desc') or '']
        texts += [each['data']['text']
                  for each in view.comments.get(card['id'], ())]
        for checklist in view.checklists.get(card['id'], ()):
            texts += [each['name'] for each in checklist['checkItems']]
        for text in texts:
            lines |= set(text.split('\n'))
    return sorted(each for each in lines if each.strip())


def test_grep_finds_every_line(export, tmp_path):
    """grep -rF finds each line of what people wrote."""
    mount, view = export
    lines = distinct_lines(view)
    patterns = tmp_path / 'patterns'
    found = run('grep', '-rhF', '', mount.path, check=False).stdout
    for line in lines:
        assert line in found
    # The same by grep's own many patterns: all lines that match one.
    patterns.write_text('\n'.join(lines) + '\n')
    if lines:
        matched = run('grep', '-rhF', '-f', patterns, mount.path).stdout
        for line in lines:
            assert line in matched


def test_attributes(export):
    """Extended attributes name the object that is shown."""
    mount, view = export
    board = mount.at(contract.name_of(view.name))
    lists = dict(zip(view.tree(), view.lists))
    assert attribute(board, 'id') == view.id
    for name, cards in view.tree().items():
        folder = os.path.join(board, name)
        assert attribute(folder, 'id') == lists[name]['id']
        assert attribute(folder, 'board') == view.id
        for each, card in cards.items():
            check_card(os.path.join(folder, each), card, view)


def attribute(path, name):
    return os.getxattr(path, 'user.trello.' + name).decode()


def check_card(path, card, view):
    assert attribute(path, 'id') == card['id']
    assert attribute(path, 'board') == view.id
    assert attribute(path, 'list') == card['idList']
    assert attribute(path, 'url') == expected.address(card)
    assert attribute(path, 'state') == 'synced'
    assert float(attribute(path, 'pos')) == card['pos']
    created = contract.instant(attribute(path, 'created'))
    assert created == int(card['id'][:8], 16)
    assert contract.instant(attribute(path, 'activity')) == \
        pytest.approx(contract.instant(card['dateLastActivity']), abs=0.001)
    listed = [each for each in os.listxattr(path)
              if each.startswith('user.trello.')]
    for name in listed:
        os.getxattr(path, name)
    assert {'user.trello.' + each for each in (
        'id', 'url', 'board', 'list', 'created', 'activity', 'state',
        'pos')} <= set(listed)


def test_times(export):
    """A card's mtime is its dateLastActivity."""
    mount, view = export
    board = mount.at(contract.name_of(view.name))
    for name, cards in view.tree().items():
        for each, card in cards.items():
            mtime = os.stat(os.path.join(board, name, each)).st_mtime
            assert mtime == pytest.approx(
                contract.instant(card['dateLastActivity']), abs=0.002)


@pytest.fixture
def exports():
    paths = [expected.export_path(each) for each in EXPORTS]
    if not all(map(os.path.exists, paths)):
        pytest.skip('there are no exports; TRELLOFS_SHARED names their '
                    'folder')
    return paths


def test_all_at_once(mount, exports):
    args = [word for path in exports for word in ('--export', path)]
    boards = mount(*args)
    expected.check_tree(boards.path, map(expected.of_export, exports))


def test_from_a_pipe(mounts, exports, tmp_path):
    """An export may come out of a decompressor."""
    direct = mounts.start('--export', exports[2])
    fifo = tmp_path / 'fifo'
    os.mkfifo(fifo)
    feeder = subprocess.Popen(['sh', '-c', 'cat "$0" > "$1"', exports[2],
                               os.fspath(fifo)])
    try:
        piped = mounts.start('--export', os.fspath(fifo))
    finally:
        feeder.kill()
        feeder.wait(10)
    assert read_tree(piped.path) == read_tree(direct.path)
