"""The stand-in server, in a process of its own."""

import json
import os
import subprocess
import sys
import time
import urllib.request

SERVER = os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), 'trello', 'server.py')


class Account:
    """A generated account, with what a client needs to reach it."""

    def __init__(self, folder, boards, lists, cards, card_bytes):
        """cards: in each board."""
        os.makedirs(folder, exist_ok=True)
        port_file = os.path.join(folder, 'port')
        self.process = subprocess.Popen(
            [sys.executable, SERVER, '--port-file', port_file],
            stdout=subprocess.DEVNULL)
        try:
            self.origin = f'http://127.0.0.1:{self.read_port(port_file)}'
            info = self.control('GET', 'info')
            self.url, self.key = info['url'], info['key']
            self.token = info['token']
            self.control('POST', 'generate', {
                'boards': boards, 'lists': lists, 'cards': cards,
                'card_bytes': card_bytes})
        except BaseException:
            self.end()
            raise

    def read_port(self, path):
        for _ in range(200):
            if os.path.exists(path):
                with open(path, encoding='ascii') as file:
                    return int(file.read())
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError('the stand-in server does not start')

    def control(self, method, call, data=None):
        request = urllib.request.Request(
            f'{self.origin}/__control/{call}', method=method,
            data=json.dumps(data).encode() if data is not None else None)
        with urllib.request.urlopen(request, timeout=300) as reply:
            return json.load(reply)

    def latency(self, seconds):
        self.control('POST', 'latency', {'seconds': seconds})

    def forget(self):
        self.control('POST', 'forget', {})

    def counters(self):
        return self.control('GET', 'counters')

    def bytes_out(self):
        return sum(each['bytes_out']
                   for each in self.control('GET', 'requests'))

    def end(self):
        self.process.terminate()
        self.process.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
