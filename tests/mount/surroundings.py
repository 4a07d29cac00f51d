"""What a program sees of the machine: its clocks, the names of hosts, and
whether there is room for what it downloads.

The program has surroundings.so preloaded, which reads them from a file."""

import io
import os
import struct

from .harness import PROGRAM, preloading

SHIM = os.path.join(os.path.dirname(PROGRAM), 'tests', 'mount',
                    'surroundings.so')
# What names under .invalid are: this machine, of no host, or nobody says.
HERE, UNKNOWN, MUTE = range(3)
HOST = 'trello.invalid'


class Surroundings:
    """Those of the mounts that are started with its env."""

    def __init__(self, path):
        self.path = os.fspath(path)
        self.wall_s = self.slept_s = 0
        self.names = HERE
        self.full = False
        with open(self.path, 'wb') as file:
            file.write(bytes(32))
        os.mkfifo(self.path + '.jumps')
        self.jumps = io.FileIO(
            os.open(self.path + '.jumps', os.O_RDWR | os.O_NONBLOCK), 'r+')
        self.env = preloading(SHIM) | {'SURROUNDINGS': self.path}

    def tell(self):
        with open(self.path, 'r+b') as file:
            file.write(struct.pack('=4q', self.wall_s, self.slept_s,
                                   self.names, self.full))

    def set_clock(self, seconds):
        """The wall clock is set so much forward, or back."""
        self.wall_s += seconds
        self.tell()
        self.jump()

    def sleep(self, seconds):
        """The machine sleeps so long."""
        self.slept_s += seconds
        self.tell()
        self.jump()

    def jump(self):
        """The kernel says that the clock has jumped."""
        self.jumps.write(bytes(8))

    def set_names(self, names):
        self.names = names
        self.tell()

    def set_full(self, full):
        """Whether the disk with the user's cache is."""
        self.full = full
        self.tell()
