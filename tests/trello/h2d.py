"""HTTP/2, by python3-h2: many requests at once on one connection."""

import asyncio

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

from .api import Request
from .httpd import BODY_LIMIT, Dropped, numbers


class Http2:
    """One connection."""

    version = '2'

    def __init__(self, server, reader, writer):
        self.server = server
        self.reader = reader
        self.writer = writer
        self.number = next(numbers)
        self.conn = h2.connection.H2Connection(
            config=h2.config.H2Configuration(client_side=False))
        self.streams = {}       # id: headers and body so far
        self.tasks = set()
        self.window = asyncio.Event()

    async def run(self):
        self.conn.initiate_connection()
        self.conn.increment_flow_control_window(1 << 24)
        await self.flush()
        try:
            while True:
                data = await self.reader.read(65536)
                if not data or not await self.receive(data):
                    return
        finally:
            for task in self.tasks:
                task.cancel()

    async def receive(self, data):
        try:
            events = self.conn.receive_data(data)
        except h2.exceptions.ProtocolError:
            await self.flush()
            return False
        for event in events:
            if isinstance(event, h2.events.ConnectionTerminated):
                return False
            self.handle(event)
        await self.flush()
        return True

    def handle(self, event):
        if isinstance(event, h2.events.RequestReceived):
            self.streams[event.stream_id] = (dict(event.headers),
                                             bytearray())
        elif isinstance(event, h2.events.DataReceived):
            body = self.streams[event.stream_id][1]
            body += event.data
            if len(body) < BODY_LIMIT:
                self.conn.acknowledge_received_data(
                    event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self.begin(event.stream_id)
        elif isinstance(event, (h2.events.WindowUpdated,
                                h2.events.RemoteSettingsChanged,
                                h2.events.StreamReset)):
            self.window.set()

    def begin(self, stream_id):
        head, body = self.streams.pop(stream_id)
        head = {name if isinstance(name, str) else name.decode():
                value if isinstance(value, str) else value.decode()
                for name, value in head.items()}
        request = Request(
            head[':method'], head[':path'], head, bytes(body),
            base=f'{head.get(":scheme", "https")}://'
                 f'{head.get(":authority", "localhost")}')
        task = asyncio.get_running_loop().create_task(
            self.answer(request, Out2(self, stream_id)))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def answer(self, request, out):
        try:
            await self.server.serve(request, out, self)
        except Dropped:
            out.reset()
            await self.flush()
        except (ConnectionError, h2.exceptions.ProtocolError):
            pass

    async def flush(self):
        data = self.conn.data_to_send()
        if data:
            self.writer.write(data)
            await self.writer.drain()


class Out2:
    """Writes one reply on a stream."""

    def __init__(self, connection, stream_id):
        self.connection = connection
        self.conn = connection.conn
        self.stream_id = stream_id
        self.keep = True

    async def head(self, status, headers, length):
        fields = [(':status', str(status))] + [
            (name.lower(), value) for name, value in headers.items()]
        if length is not None:
            fields.append(('content-length', str(length)))
        self.conn.send_headers(self.stream_id, fields)
        await self.connection.flush()

    async def data(self, piece):
        while piece:
            room = min(self.conn.local_flow_control_window(self.stream_id),
                       self.conn.max_outbound_frame_size)
            if room <= 0:
                self.connection.window.clear()
                await self.connection.window.wait()
                continue
            self.conn.send_data(self.stream_id, piece[:room])
            piece = piece[room:]
            await self.connection.flush()

    async def flush(self):
        await self.connection.flush()

    async def end(self):
        self.conn.end_stream(self.stream_id)
        await self.connection.flush()

    def reset(self):
        try:
            self.conn.reset_stream(self.stream_id,
                                   h2.errors.ErrorCodes.INTERNAL_ERROR)
        except h2.exceptions.ProtocolError:
            pass
