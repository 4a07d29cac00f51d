"""Where attachments are kept: another origin, as S3 is to Trello.

Addresses are signed; a request that carries Trello credentials is served,
but noted, because it gave them away.
"""

import hashlib
import re

from .api import Reply
from .httpd import Dropped, common_headers, deliver, plain_error

PATH = re.compile(r'/bucket/([0-9a-f]{24})/([0-9a-f]{32})/[^?]*\Z')


def signature(attachment_id, seed='storage'):
    return hashlib.md5((seed + attachment_id).encode()).hexdigest()


class Storage:
    """The server of the second port.  tags: it says by ETag what it gives;
    ranges: it gives parts, and those of another content only as If-Range
    wants."""

    def __init__(self, owner):
        self.owner = owner
        self.tags = self.ranges = True
        self.leaks = []
        self.requests = []

    @property
    def scheme(self):
        return self.owner.scheme

    def address(self, attachment_id, name):
        return (f'{self.owner.storage_url}/bucket/{attachment_id}/'
                f'{signature(attachment_id)}/{name}')

    async def serve(self, request, out, connection):
        plan = self.owner.faults.plan(request, None)
        if plan and plan.drop == 'before':
            raise Dropped
        if 'authorization' in request.headers \
                or re.search(r'[?&](key|token)=', request.target):
            self.leaks.append(request.target)
        reply = self.answer(request)
        self.requests.append((request.method, request.target, reply.status,
                              request.headers.get('range')))
        if plan and plan.replaces():
            status, kind, body, headers = plan.replacement()
            reply = Reply(status, body, kind, headers)
        headers = common_headers(reply, self.owner.account.now())
        await deliver(out, reply, headers, reply.body, plan)

    def answer(self, request):
        match = PATH.match(request.path)
        if not match or match[2] != signature(match[1]):
            return plain_error(403, 'AccessDenied')
        data = self.owner.file_bytes(match[1])
        if data is None:
            return plain_error(404, 'NoSuchKey')
        tag = f'"{hashlib.md5(data).hexdigest()}"' if self.tags else ''
        reply = ranged(request, data, tag) if self.ranges else \
            Reply(200, data, 'application/octet-stream')
        if tag:
            reply.headers['etag'] = tag
        return reply


def ranged(request, data, tag):
    """The whole file, or the part that Range asks for."""
    want = re.fullmatch(r'bytes=(\d*)-(\d*)',
                        request.headers.get('range', ''))
    kind = 'application/octet-stream'
    other = request.headers.get('if-range', tag) != tag
    if not want or not (want[1] or want[2]) or other:
        return Reply(200, data, kind, {'accept-ranges': 'bytes'})
    if want[1]:
        first = int(want[1])
        last = min(int(want[2] or len(data)), len(data) - 1)
    else:
        first = max(0, len(data) - int(want[2]))
        last = len(data) - 1
    if first > last:
        return Reply(416, b'', kind,
                     {'content-range': f'bytes */{len(data)}'})
    return Reply(206, data[first:last + 1], kind, {
        'accept-ranges': 'bytes',
        'content-range': f'bytes {first}-{last}/{len(data)}'})
