"""An sshd of its own on a loopback port, with keys made for it."""

import os
import pwd
import shutil
import socket
import subprocess
import time

SERVER = '''
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
'''
CLIENT = '''
Host here
HostName 127.0.0.1
Port {port}
User {user}
IdentityFile {folder}/user
IdentitiesOnly yes
UserKnownHostsFile {folder}/known
StrictHostKeyChecking accept-new
LogLevel ERROR
'''
# Debian's sshd wants it when root starts it.
PRIVILEGE_FOLDER = '/run/sshd'


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


class Sshd:
    def __init__(self, folder):
        self.folder = folder
        self.client_config = os.path.join(folder, 'ssh_config')
        self.process = None
        self.made_folder = False

    def start(self):
        """None, or why it cannot be."""
        port = free_port()
        fill = {'folder': self.folder, 'port': port,
                'user': pwd.getpwuid(os.getuid()).pw_name}
        for key in ('host', 'user'):
            subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '',
                            '-f', os.path.join(self.folder, key)],
                           check=True, stdin=subprocess.DEVNULL)
        server_config = os.path.join(self.folder, 'sshd_config')
        for path, text in ((server_config, SERVER),
                           (self.client_config, CLIENT)):
            with open(path, 'w', encoding='ascii') as file:
                file.write(text.format(**fill))
        if os.getuid() == 0 and not os.path.isdir(PRIVILEGE_FOLDER):
            os.mkdir(PRIVILEGE_FOLDER, 0o755)
            self.made_folder = True
        self.process = subprocess.Popen(
            [shutil.which('sshd', path='/usr/sbin:/sbin:/usr/bin'), '-D',
             '-f', server_config, '-E', os.path.join(self.folder, 'log')],
            stdin=subprocess.DEVNULL)
        return self.wait_for(port)

    def wait_for(self, port):
        for _ in range(100):
            if self.process.poll() is not None:
                break
            with socket.socket() as sock:
                if sock.connect_ex(('127.0.0.1', port)) == 0:
                    return None
            time.sleep(0.05)
        self.end()
        return 'sshd does not start here'

    def end(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None
        if self.made_folder:
            os.rmdir(PRIVILEGE_FOLDER)
            self.made_folder = False
