"""A listening socket that can be shut and opened again on its port."""

import asyncio
import contextlib
import socket
import ssl

from .httpd import HEAD_LIMIT, Dropped, Http1

# States of sockets, as include/net/tcp_states.h numbers them.
ESTABLISHED, CLOSE_WAIT, LISTEN = 1, 8, 10


def sockets():
    """(local port, remote port, state, bytes to read or, of one that
    listens, connections to accept) of all TCP sockets of IPv4: proc(5)."""
    with open('/proc/net/tcp', encoding='ascii') as table:
        for line in list(table)[1:]:
            _, local, remote, state, queues = line.split()[:5]
            yield (int(local[-4:], 16), int(remote[-4:], 16),
                   int(state, 16), int(queues.split(':')[1], 16))


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
        self.peers = set()      # the other ends' ports

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
            accepted, address = await loop.sock_accept(self.socket)
            task = loop.create_task(self.connected(accepted))
            self.tasks.add(task)
            self.peers.add(address[1])
            task.add_done_callback(
                lambda task, peer=address[1]: self.forget(task, peer))

    def forget(self, task, peer):
        self.tasks.discard(task)
        self.peers.discard(peer)

    @property
    def heard_out(self):
        """Whether everything that programs asked which are dead now has
        been done: it may still be in a socket, or waiting for its turn."""
        established = set()
        for local, remote, state, queued in sockets():
            if local != self.port:
                continue
            if state == CLOSE_WAIT or state == LISTEN and queued:
                return False
            if state == ESTABLISHED:
                established.add(remote)
        return set(self.peers) <= established

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
