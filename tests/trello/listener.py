"""A listening socket that can be shut and opened again on its port."""

import asyncio
import contextlib
import socket
import ssl

from .httpd import HEAD_LIMIT, Dropped, Http1


class Listener:
    """Accepts connections for a server object with serve() and scheme.

    It accepts by itself and not by asyncio.start_server, which forgets a
    connection that arrives while the port is being closed.
    """

    def __init__(self, server, host, port, ssl_context=None):
        self.server = server
        self.host = host
        self.port = port
        self.ssl_context = ssl_context
        self.socket = None
        self.acceptor = None
        self.tasks = set()

    async def open(self):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setblocking(False)
        try:
            listening.bind((self.host, self.port))
        except OSError:
            listening.close()
            raise
        listening.listen(512)
        self.port = listening.getsockname()[1]
        self.socket = listening
        self.acceptor = asyncio.get_running_loop().create_task(
            self.accept())

    @property
    def is_open(self):
        return self.socket is not None

    async def close(self):
        """Refuses new connections and drops the ones there are."""
        if self.socket is None:
            return
        self.acceptor.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.acceptor
        self.socket.close()
        self.socket = None
        for task in list(self.tasks):
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=5)

    async def accept(self):
        loop = asyncio.get_running_loop()
        while True:
            accepted, _ = await loop.sock_accept(self.socket)
            task = loop.create_task(self.connected(accepted))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def connected(self, accepted):
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(HEAD_LIMIT)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport = None
        try:
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, accepted, ssl=self.ssl_context)
            writer = asyncio.StreamWriter(transport, protocol, reader, loop)
            await self.choose(reader, writer).run()
            transport.close()
        except (OSError, ssl.SSLError, Dropped, asyncio.CancelledError):
            if transport:
                transport.abort()
            else:
                accepted.close()

    def choose(self, reader, writer):
        tls = writer.get_extra_info('ssl_object')
        if tls and tls.selected_alpn_protocol() == 'h2':
            from .h2d import Http2
            return Http2(self.server, reader, writer)
        return Http1(self.server, reader, writer)
