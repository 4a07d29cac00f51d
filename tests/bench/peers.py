"""Other file systems that show the local tree, each with the options that
let the kernel cache most."""

import os
import shutil
import subprocess

from . import process
from .sshd import Sshd


class Unavailable(Exception):
    """This file system cannot be had here, with the reason."""


def need(*programs):
    for program in programs:
        path = os.environ['PATH'] + ':/usr/sbin:/sbin'
        if shutil.which(program, path=path) is None:
            raise Unavailable(f'{program} is not installed')


class Peer:
    """A mount of the tree."""

    def __init__(self, tree, folder):
        self.tree = tree
        self.folder = os.path.join(folder, self.name)
        self.root = os.path.join(self.folder, 'mnt')
        os.makedirs(self.root)
        self.pid = None

    def mount(self):
        done = subprocess.run(self.command(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0 or not os.path.ismount(self.root):
            raise Unavailable(done.stdout.strip() or 'it does not mount')
        self.pid = process.find(self.root)

    def unmount(self):
        if os.path.ismount(self.root):
            subprocess.run(['fusermount3', '-u', self.root], check=True)
        if self.pid is not None:
            process.wait_end(self.pid)
        self.pid = None

    def remount(self):
        self.unmount()
        self.mount()

    def end(self):
        self.unmount()


class Bindfs(Peer):
    name = 'bindfs'

    def __init__(self, tree, folder):
        need('bindfs')
        super().__init__(tree, folder)

    def command(self):
        return ['bindfs', '-o', 'kernel_cache,entry_timeout=3600,'
                'attr_timeout=3600,negative_timeout=3600',
                self.tree, self.root]


class Sshfs(Peer):
    name = 'sshfs'

    def __init__(self, tree, folder):
        need('sshfs', 'ssh', 'sshd', 'ssh-keygen')
        super().__init__(tree, folder)
        self.sshd = Sshd(self.folder)
        reason = self.sshd.start()
        if reason is not None:
            raise Unavailable(reason)

    def command(self):
        return ['sshfs', '-F', self.sshd.client_config, '-o',
                'kernel_cache,dcache_timeout=3600,entry_timeout=3600,'
                'attr_timeout=3600,negative_timeout=3600',
                f'here:{self.tree}', self.root]

    def end(self):
        super().end()
        self.sshd.end()


class Rclone(Peer):
    name = 'rclone'

    def __init__(self, tree, folder):
        need('rclone')
        super().__init__(tree, folder)

    def command(self):
        config = os.path.join(self.folder, 'config')
        with open(config, 'a', encoding='ascii'):
            pass
        return ['rclone', 'mount', self.tree, self.root, '--daemon',
                '--config', config, '--vfs-cache-mode', 'full',
                '--cache-dir', os.path.join(self.folder, 'cache'),
                '--dir-cache-time', '1h', '--attr-timeout', '1h']


def mount_all(tree, folder):
    """Those that can be had, and why the others cannot."""
    mounted, reasons = [], []
    for kind in (Bindfs, Sshfs, Rclone):
        peer = None
        try:
            peer = kind(tree, folder)
            peer.mount()
            mounted.append(peer)
        except Unavailable as reason:
            reasons.append(f'{kind.name}: left out: {reason}')
            if peer is not None:
                peer.end()
    return mounted, reasons
