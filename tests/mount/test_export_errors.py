"""What is no board export is refused: one line that names the file, exit
status 1, and nothing mounted."""

import json
import os
import re

import pytest

from . import expected
from .expected import EXPORTS

BOARD = {'id': '5f0000000000000000000aaa', 'name': 'Small', 'lists': [],
         'cards': []}


def refused(mounts, *files, path=None):
    args = [word for each in files for word in ('--export', os.fspath(each))]
    status, told = mounts.fails(*args, path=path)
    assert status == 1
    assert re.fullmatch(r'trellofs: [^\n]{10,}\n', told), told
    return told


@pytest.mark.parametrize('content', [
    b'', b' \n', b'{', b'nonsense', b'[]', b'null', b'"text"', b'{}',
    b'{"id":1,"name":2}', b'{"hello": "world"}', b'\x1f\x8b\x08\0' * 50,
    b'\xff\xfe{\0}\0', b'<html><body>Sign in</body></html>',
    json.dumps([BOARD]).encode(), json.dumps(BOARD).encode()[:-1],
    json.dumps(BOARD).encode() + b'{}'])
def test_no_export(mounts, tmp_path, content):
    path = tmp_path / 'board.json'
    path.write_bytes(content)
    assert os.fspath(path) in refused(mounts, path)


def test_other_json_of_trellos(mounts, tmp_path):
    """A card as Trello's page shows it is no board."""
    path = tmp_path / 'card.json'
    path.write_text(json.dumps({
        'id': '5f0000000000000000000aab', 'name': 'A card', 'desc': '',
        'idList': '5f0000000000000000000aac', 'pos': 1, 'closed': False,
        'idBoard': BOARD['id']}))
    assert os.fspath(path) in refused(mounts, path)


def test_missing(mounts, tmp_path):
    path = tmp_path / 'not there.json'
    assert os.fspath(path) in refused(mounts, path)


def test_a_folder(mounts, tmp_path):
    assert os.fspath(tmp_path) in refused(mounts, tmp_path)


def test_depth_and_strings(mounts, tmp_path):
    """Bounds hold for files too."""
    path = tmp_path / 'deep.json'
    path.write_text(json.dumps(BOARD)[:-1] + ',"x":' + '[' * 10000
                    + ']' * 10000 + '}')
    assert os.fspath(path) in refused(mounts, path)


@pytest.fixture
def export():
    path = expected.export_path(EXPORTS[2])
    if not os.path.exists(path):
        pytest.skip(f'there is no {path}; TRELLOFS_SHARED names its folder')
    return path


@pytest.mark.parametrize('part', [0.01, 0.5, 0.99])
def test_cut(mounts, tmp_path, export, part):
    with open(export, 'rb') as file:
        data = file.read()
    path = tmp_path / 'cut.json'
    path.write_bytes(data[:int(len(data) * part)])
    assert os.fspath(path) in refused(mounts, path)


def test_one_bad_among_good(mounts, tmp_path, export):
    path = tmp_path / 'bad.json'
    path.write_text('{')
    assert os.fspath(path) in refused(mounts, export, path)


def test_the_same_board_twice(mounts, tmp_path, export):
    """Also from two files; both are named."""
    copy = tmp_path / 'copy.json'
    with open(export, 'rb') as file:
        copy.write_bytes(file.read())
    assert export in refused(mounts, export, export)
    told = refused(mounts, export, copy)
    assert os.fspath(copy) in told and export in told


def test_mount_point_errors(mounts, tmp_path, export):
    file = tmp_path / 'file'
    file.write_text('')
    missing = os.fspath(tmp_path / 'missing')
    assert missing in refused(mounts, export, path=missing)
    assert os.fspath(file) in refused(mounts, export, path=os.fspath(file))
