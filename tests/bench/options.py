"""What the command line of the bench says: make's BENCH_ variables."""

import argparse

PARTS = ('warm', 'fresh', 'cold', 'requests', 'idle', 'fill', 'write', 'heavy',
         'big', 'news', 'search')


def parts(text):
    names = tuple(text.replace(',', ' ').split())
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(
                f'{name}: not one of {" ".join(PARTS)}')
    return names


def parse(argv=None):
    parser = argparse.ArgumentParser(
        prog='bench', description='Times a mount beside the same tree on '
        'the local disk and on other file systems.')
    add = parser.add_argument
    add('--program', required=True, help='trellofs')
    add('--folder', default='.', help='the local disk that is compared')
    add('--boards', type=int, default=10)
    add('--lists', type=int, default=10, help='in each board')
    add('--cards', type=int, default=50, help='in each list')
    add('--card-bytes', type=int, default=1024)
    add('--runs', type=int, default=5)
    add('--cold-runs', type=int, default=3, help='newly mounted and cold')
    add('--peer-runs', type=int, default=2, help='of bindfs, sshfs, rclone')
    add('--latency', type=float, default=150, metavar='MS')
    add('--idle', type=float, default=10, metavar='SECONDS')
    add('--heavy-boards', type=int, default=10)
    add('--heavy-cards', type=int, default=5000, help='in each board')
    add('--big-boards', type=int, default=100)
    add('--big-cards', type=int, default=1000, help='in each board')
    add('--parts', type=parts, default=PARTS, help=' '.join(PARTS))
    return parser.parse_args(argv)
