"""-o sync: changes wait for Trello's answer, and nobody else does."""

import os
import subprocess

from . import contract
from .servers import count
from .util import SLOW, wait_until


def test_news_while_a_change_waits(mounts, server):
    """Who waits in a folder keeps no news from all the others."""
    one, two = server.generate(boards=2, lists=3, cards=6)
    account = mounts.account(server, 'refresh=1,sync')
    account.wait_complete()
    lists = [each for each in server.account.lists.values()
             if each['idBoard'] == one.id]
    for name in os.listdir(account.path):
        os.listdir(account.at(name))
    board = account.at(contract.name_of(one.data['name']))
    fault = server.fault(method='POST', path='/1/lists', stall=8 * SLOW,
                         count=1)
    waiting = subprocess.Popen(['mkdir', os.path.join(board, 'New')])
    try:
        wait_until(lambda: fault.fired, 10, 'the request')
        # First what the folder's lock is needed for.
        server.api('PUT', f'/lists/{lists[0]["id"]}', {'name': 'Behind it'})
        asked = len(server.requests)
        wait_until(lambda: count(server, f'/boards/{one.id}', asked), 3,
                   'its news')
        server.api('PUT', f'/boards/{two.id}', {'name': 'Not behind it'})
        wait_until(lambda: 'Not behind it' in os.listdir(account.path), 3,
                   'the news of another')
        assert waiting.poll() is None
        assert waiting.wait(20 * SLOW) == 0
        wait_until(lambda: {'Behind it', 'New'} <= set(os.listdir(board)), 3,
                   'its own news')
    finally:
        waiting.kill()
        waiting.wait(10)
