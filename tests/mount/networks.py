"""Ways in which a server can be away."""

import contextlib
import socket


@contextlib.contextmanager
def refused(server):
    """Nobody listens."""
    server.refuse()
    try:
        yield
    finally:
        server.refuse(False)


@contextlib.contextmanager
def blackhole(server):
    """The port takes connections, and never says a word."""
    port = server.port
    server.refuse()
    hole = socket.socket()
    hole.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    hole.bind(('127.0.0.1', port))
    hole.listen(64)
    try:
        yield
    finally:
        hole.close()
        server.refuse(False)


@contextlib.contextmanager
def slow(server):
    """Every answer takes longer than anybody waits."""
    server.latency = 60
    try:
        yield
    finally:
        server.latency = 0
