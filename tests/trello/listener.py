"""A listening socket that can be shut and opened again on its port."""

import asyncio
import contextlib
import socket

from .httpd import HEAD_LIMIT, Dropped, Http1


class Listener:
    """Accepts connections for a server object with serve() and scheme."""

    def __init__(self, server, host, port, ssl_context=None, h2=False):
        self.server = server
        self.host = host
        self.port = port
        self.ssl_context = ssl_context
        self.h2 = h2
        self.acceptor = None
        self.tasks = set()

    async def open(self):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((self.host, self.port))
        listening.listen(512)
        self.port = listening.getsockname()[1]
        self.acceptor = await asyncio.start_server(
            self.connected, sock=listening, ssl=self.ssl_context,
            limit=HEAD_LIMIT)

    async def close(self):
        """Refuses new connections and drops the ones there are."""
        if self.acceptor:
            self.acceptor.close()
            self.acceptor = None
        for task in list(self.tasks):
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=5)

    async def connected(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            await self.choose(reader, writer).run()
        except (ConnectionError, Dropped, TimeoutError):
            pass
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self.tasks.discard(task)
            with contextlib.suppress(Exception):
                writer.close()

    def choose(self, reader, writer):
        tls = writer.get_extra_info('ssl_object')
        if tls and tls.selected_alpn_protocol() == 'h2':
            from .h2d import Http2
            return Http2(self.server, reader, writer)
        return Http1(self.server, reader, writer)
