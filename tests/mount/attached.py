"""Files that are attached to cards at the server."""

import os
from urllib.parse import quote

from trello.client import Client

from .util import wait_until

MARK = 'x-x-x-x'


def attach(server, card, name, data, kind='application/octet-stream'):
    """Uploads a file as another program does; the attachment."""
    head = ('Content-Disposition: form-data; name="file"; '
            f'filename="{quote(name)}"\r\nContent-Type: {kind}')
    more = (f'--{MARK}\r\nContent-Disposition: form-data; name="name"'
            f'\r\n\r\n{name}\r\n')
    body = (f'{more}--{MARK}\r\n{head}\r\n\r\n').encode(
        'utf-8', 'surrogateescape') + data + f'\r\n--{MARK}--\r\n'.encode()
    answer = Client(server)(
        'POST', f'/cards/{card}/attachments', data=body,
        headers={'content-type': f'multipart/form-data; boundary={MARK}'})
    assert answer.status == 200, answer.body
    return answer.json


def noise(size, seed=1):
    """Bytes that are nowhere the same, quickly."""
    word = (seed * 0x9e3779b97f4a7c15) & ((1 << 64) - 1)
    line = b''.join(((word ^ at) * 0x5851f42d4c957f2d & ((1 << 64) - 1))
                    .to_bytes(8, 'little') for at in range(512))
    pages = (size + 4095) // 4096
    return b''.join(page.to_bytes(8, 'little') + line[8:]
                    for page in range(pages))[:size]


def wait_files(path, *names, seconds=6):
    """Until the folder of a card has just these."""
    wait_until(lambda: sorted(os.listdir(path)) == sorted(names), seconds,
               lambda: f'{names} in {path}, not {os.listdir(path)}')
