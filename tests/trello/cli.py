"""The command line: one server, until SIGTERM or SIGINT."""

import argparse
import os
import signal

from .certs import make_certs
from .server import KEY, SECRET, TOKEN, Server


def parse(argv):
    parser = argparse.ArgumentParser(
        prog='server.py', description='A stand-in for the Trello API.')
    add = parser.add_argument
    add('--port', type=int, default=0, help='0: any free one')
    add('--port-file', metavar='F', help='the port is written here')
    add('--tls', nargs=2, metavar=('CERT', 'KEY'))
    add('--h2', action='store_true', help='HTTP/2 where TLS agrees on it')
    add('--export', action='append', default=[], metavar='FILE')
    add('--generate', metavar='BOARDSxLISTSxCARDS',
        help='cards in each board')
    add('--dread', action='store_true',
        help='a board of everything that breaks file systems')
    add('--latency', type=float, default=0, metavar='MS')
    add('--limit', metavar='TOKEN/KEY/SECONDS', help='requests a window')
    add('--key', default=KEY)
    add('--token', default=TOKEN)
    add('--secret', default=SECRET)
    add('--make-certs', metavar='FOLDER',
        help='make a CA and certificates there, and end')
    return parser.parse_args(argv)


def build(options):
    server = Server(port=options.port, key=options.key, token=options.token,
                    secret=options.secret, tls=options.tls, h2=options.h2)
    if options.export:
        server.load(*options.export)
    if options.generate:
        boards, lists, cards = map(int, options.generate.split('x'))
        server.generate(boards, lists, cards)
    if options.dread:
        server.dread()
    if options.limit:
        token, key, seconds = options.limit.split('/')
        server.limits(int(token), int(key), float(seconds))
    server.latency = options.latency / 1000
    return server


def write_port(path, port):
    """Whole or not at all, as somebody waits for the file."""
    with open(path + '.new', 'w', encoding='ascii') as file:
        print(port, file=file)
    os.replace(path + '.new', path)


def main(argv=None):
    options = parse(argv)
    if options.make_certs:
        make_certs(options.make_certs)
        return 0
    signals = (signal.SIGTERM, signal.SIGINT)
    # Blocked before the server's thread exists, so that this one waits.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    server = build(options).start()
    print(server.port, flush=True)
    if options.port_file:
        write_port(options.port_file, server.port)
    signal.sigwait(signals)
    server.stop()
    return 0
