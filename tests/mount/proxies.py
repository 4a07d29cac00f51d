"""A proxy for HTTPS, on loopback."""

import contextlib
import socket
import threading


class Proxy:
    """Passes connections on, or answers with a status instead; what it was
    asked for stands in asked."""

    def __init__(self):
        self.status = None      # what it says instead of passing on
        self.asked = []
        self.open = set()
        self.listening = socket.create_server(('127.0.0.1', 0))
        self.url = 'http://127.0.0.1:%d' % self.listening.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        with contextlib.suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.cut()

    def cut(self):
        """Ends every connection."""
        for each in list(self.open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                threading.Thread(target=self.serve, args=(client,),
                                 daemon=True).start()

    def serve(self, client):
        self.open.add(client)
        with client, contextlib.suppress(OSError, ValueError):
            head = b''
            while not head.endswith(b'\r\n\r\n'):
                head += client.recv(1) or b'\r\n\r\n'
            self.asked.append(head)
            if self.status:
                client.sendall(b'HTTP/1.1 %d No\r\ncontent-length: 0\r\n'
                               b'connection: close\r\n\r\n' % self.status)
                return
            host, _, port = head.split()[1].decode().rpartition(':')
            with socket.create_connection((host, int(port))) as server:
                client.sendall(b'HTTP/1.1 200 Established\r\n\r\n')
                self.open.add(server)
                back = threading.Thread(target=self.pass_on,
                                        args=(server, client), daemon=True)
                back.start()
                self.pass_on(client, server)
                back.join()
                self.open.discard(server)
        self.open.discard(client)

    @staticmethod
    def pass_on(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
