"""Dates are shown in local time, with their offset."""

import datetime
import re
import zoneinfo

import pytest

from .contract import Parsed, instant
from .util import read_tree, wait_until

ZONES = ('UTC', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Auckland')


def cards(mount):
    return {path: Parsed(text)
            for path, text in read_tree(mount.path).items()}


@pytest.fixture(scope='module')
def in_utc(shared_mounts):
    return cards(shared_mounts.start('--demo'))


@pytest.mark.parametrize('name', ZONES)
def test_zone(mount, in_utc, name):
    """The same instants, as a clock there shows them; summer time too."""
    zone = zoneinfo.ZoneInfo(name)
    here = cards(mount('--demo', env={'TZ': name}))
    assert set(here) == set(in_utc)
    dates = 0
    for path, card in here.items():
        other = in_utc[path]
        assert card.description == other.description
        for key in ('start', 'due'):
            if key not in other.front:
                assert key not in card.front
                continue
            dates += 1
            moment = instant(other.front[key])
            assert instant(card.front[key]) == moment
            shown = datetime.datetime.fromtimestamp(moment, zone)
            assert card.front[key].startswith(
                shown.strftime('%Y-%m-%dT%H:%M'))
            assert re.search(r'[+-]\d\d:\d\d$', card.front[key])
        for mine, theirs in zip(card.comments, other.comments):
            moment = instant(theirs[1].decode() + '+00:00')
            shown = datetime.datetime.fromtimestamp(moment, zone)
            assert mine[1].decode() == shown.strftime('%Y-%m-%d %H:%M:%S')
    assert dates > 1


def test_another_zone_at_the_next_start(mounts, server):
    """What is known is shown as the clock now shows it."""
    board = server.generate(boards=1, lists=1, cards=3, comments=1)[0]
    card = next(iter(board.cards.values()))
    server.api('PUT', f'/cards/{card["id"]}',
               {'due': '2030-07-01T12:00:00.000Z'})
    account = mounts.account(server)
    account.wait_complete()
    before = cards(account)
    account.unmount()
    env = {name: value for name, value in account.env.items()
           if name.startswith('TRELLO')}
    again = mounts.start('-o', 'refresh=1', home=account.home,
                         env=env | {'TZ': 'Asia/Kolkata'})

    def shown():
        return any(each.front.get('due') == '2030-07-01T17:30+05:30'
                   for each in cards(again).values())
    wait_until(shown, 5, 'the other zone')
    for path, card in cards(again).items():
        for mine, theirs in zip(card.comments, before[path].comments):
            assert instant(mine[1].decode() + '+05:30') == \
                instant(theirs[1].decode() + '+00:00')
