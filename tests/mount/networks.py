"""Ways in which a server can be away."""

import contextlib
import socket
import threading


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
def in_the_clear(server):
    """The port is somebody's who knows nothing of TLS."""
    port = server.port
    server.refuse()
    other = socket.create_server(('127.0.0.1', port))

    def answer():
        with contextlib.suppress(OSError):
            while True:
                client, _ = other.accept()
                with client, contextlib.suppress(OSError):
                    client.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')
                    client.shutdown(socket.SHUT_WR)
                    client.recv(65536)
    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield
    finally:
        other.shutdown(socket.SHUT_RDWR)
        other.close()
        thread.join(10)
        server.refuse(False)


@contextlib.contextmanager
def slow(server):
    """Every answer takes longer than anybody waits."""
    server.latency = 60
    try:
        yield
    finally:
        server.latency = 0
