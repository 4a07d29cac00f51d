"""What a death leaves behind for others."""

import os
import threading
import time

from mount.test_life import HEALED
from mount.util import PATIENCE, SLOW, outcome, wait_until

GONE = ('ENOTCONN', 'ECONNABORTED')


def test_killed_while_a_removal_waits(mounts, server):
    """The kernel waits for an answer with the folder locked, and the thread
    that tells the kernel of changes waits for that lock."""
    board = server.generate(boards=1, lists=1, cards=3)[0]
    mount = mounts.account(server, 'refresh=1,sync')
    mount.wait_complete()
    folder = mount.at(os.listdir(mount.path)[0])
    folder = os.path.join(folder, os.listdir(folder)[0])
    card = os.path.join(folder, os.listdir(folder)[0])
    server.fault(method='PUT', latency=20)
    ends = []
    thread = threading.Thread(
        target=lambda: ends.append(outcome(os.unlink, card)))
    thread.start()
    wait_until(lambda: server.in_flight, 5, 'the removal is under way')
    server.api('POST', '/cards', {'name': 'Another',
                                  'idList': next(iter(board.lists))})
    time.sleep(2 * SLOW)
    mount.kill()
    thread.join(5 * PATIENCE)
    assert ends and ends[0] in GONE
    server.clear_faults()
    again = mounts.again(mount, path=mount.path, expect=[HEALED])
    wait_until(lambda: not os.path.exists(card), 5, 'it stays removed')
