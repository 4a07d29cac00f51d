"""HTTP/1.1 on asyncio: connections, bodies, and replies as faults want
them. What a request means is the caller's business."""

import asyncio
import gzip
import itertools
import time

from .api import Reply, Request
from .errors import TEXT

REASONS = {200: 'OK', 206: 'Partial Content', 302: 'Found',
           400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden',
           404: 'Not Found', 414: 'URI Too Long',
           416: 'Range Not Satisfiable', 429: 'Too Many Requests',
           500: 'Internal Server Error', 503: 'Service Unavailable'}
HEAD_LIMIT = 1 << 20
BODY_LIMIT = 300 << 20
PIECE = 1 << 16
numbers = itertools.count(1)


class Dropped(Exception):
    """A fault closed the connection."""


class Http1:
    """One connection."""

    version = '1.1'

    def __init__(self, server, reader, writer):
        self.server = server
        self.reader = reader
        self.writer = writer
        self.number = next(numbers)

    async def run(self):
        while True:
            request = await self.read_request()
            if request is None:
                return
            keep = self.wants_keep(request)
            out = Out1(self.writer, keep)
            try:
                await self.server.serve(request, out, self)
            except Dropped:
                self.writer.transport.abort()
                return
            if not out.keep:
                return

    def wants_keep(self, request):
        asked = request.headers.get('connection', '').lower()
        return 'close' not in asked

    async def read_request(self):
        try:
            head = await self.reader.readuntil(b'\r\n\r\n')
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError,
                ConnectionError):
            return None
        lines = head.decode('latin-1').split('\r\n')
        parts = lines[0].split(' ')
        if len(parts) != 3:
            return None
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(':')
            if colon:
                headers[name.strip().lower()] = value.strip()
        body = await self.read_body(headers)
        if body is None:
            return None
        host = headers.get('host', 'localhost')
        request = Request(parts[0], parts[1], headers, body,
                          base=f'{self.server.scheme}://{host}')
        request.bytes_in = len(head) + len(body)
        return request

    async def read_body(self, headers):
        if headers.get('expect', '').lower() == '100-continue':
            self.writer.write(b'HTTP/1.1 100 Continue\r\n\r\n')
        try:
            if headers.get('transfer-encoding', '').lower() == 'chunked':
                return await self.read_chunks()
            length = int(headers.get('content-length', 0))
            if not 0 <= length <= BODY_LIMIT:
                return None
            cuts = getattr(self.server, 'cuts', ())
            if cuts and length > cuts[0]:
                await self.reader.readexactly(cuts.pop(0))
                return None
            return await self.reader.readexactly(length)
        except (asyncio.IncompleteReadError, ValueError, ConnectionError):
            return None

    async def read_chunks(self):
        body = bytearray()
        while True:
            line = await self.reader.readline()
            size = int(line.split(b';')[0], 16)
            body += await self.reader.readexactly(size)
            await self.reader.readline()
            if size == 0:
                return bytes(body)
            if len(body) > BODY_LIMIT:
                return None


class Out1:
    """Writes one reply on an HTTP/1.1 connection."""

    def __init__(self, writer, keep):
        self.writer = writer
        self.keep = keep
        self.chunked = False
        self.sent = 0

    async def head(self, status, headers, length):
        self.chunked = length is None
        lines = [f'HTTP/1.1 {status} {REASONS.get(status, "Status")}']
        lines += [f'{name}: {value}' for name, value in headers.items()]
        lines.append('transfer-encoding: chunked' if self.chunked
                     else f'content-length: {length}')
        lines.append('connection: ' + ('keep-alive' if self.keep
                                       else 'close'))
        self.writer.write(('\r\n'.join(lines) + '\r\n\r\n').encode())
        await self.writer.drain()

    async def data(self, piece):
        self.sent += len(piece)
        if self.chunked:
            piece = b'%x\r\n%s\r\n' % (len(piece), piece)
        self.writer.write(piece)
        await self.writer.drain()

    async def flush(self):
        """Until nothing waits here to be sent: what does is not, then."""
        self.writer.transport.set_write_buffer_limits(high=0)
        await self.writer.drain()

    async def end(self):
        if self.chunked:
            self.writer.write(b'0\r\n\r\n')
            await self.writer.drain()


def compress(request, reply, headers):
    """gzip, where asked for and worth it."""
    if 'gzip' not in request.headers.get('accept-encoding', ''):
        return reply.body
    if len(reply.body) < 1000:
        return reply.body
    headers['content-encoding'] = 'gzip'
    return gzip.compress(reply.body, 1, mtime=0)


def common_headers(reply, now):
    """What Trello sends with every reply."""
    headers = {
        'content-type': reply.content_type, 'vary': 'Accept-Encoding',
        'cache-control': 'max-age=0, must-revalidate, no-cache, no-store',
        'expires': 'Thu, 01 Jan 1970 00:00:00', 'pragma': 'no-cache',
        'x-content-type-options': 'nosniff',
        'x-trello-version': '1.249073.0',
        'x-trello-environment': 'Production',
        'x-server-time': str(int(now * 1000)),
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, PUT, POST, DELETE',
        'date': time.strftime('%a, %d %b %Y %H:%M:%S GMT',
                              time.gmtime(now)),
        'server': 'AtlassianEdge'}
    if not reply.content_type:
        del headers['content-type']
    return headers | reply.headers


async def deliver(out, reply, headers, body, plan):
    """Sends a reply, spoilt as the plan says."""
    if plan is None:
        await out.head(reply.status, headers, len(body))
        for at in range(0, len(body), PIECE):
            await out.data(body[at:at + PIECE])
        await out.end()
        return
    if plan.stall and plan.stall_at == 'headers':
        await asyncio.sleep(plan.stall)
    await out.head(reply.status, headers,
                   None if plan.chunked else len(body))
    await send_spoilt(out, body, plan)
    await out.end()


async def send_spoilt(out, body, plan):
    end = len(body) if plan.cut is None else min(plan.cut, len(body))
    pause = None
    if plan.stall and plan.stall_at != 'headers':
        pause = min(int(plan.stall_at), end)
    piece = PIECE
    if plan.rate:
        piece = max(1, plan.rate // 20)
    at = 0
    while at < end or pause is not None:
        if at == pause:
            pause = None
            await asyncio.sleep(plan.stall)
            continue
        stop = min(at + piece, end if pause is None else pause)
        await out.data(body[at:stop])
        if plan.rate:
            await asyncio.sleep((stop - at) / plan.rate)
        at = stop
    if plan.cut is not None and plan.cut < len(body):
        # Gives what was written a chance to leave before the reset.
        await out.flush()
        await asyncio.sleep(0.02)
        raise Dropped


def plain_error(status, text):
    return Reply(status, text, TEXT)
