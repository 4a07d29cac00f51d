"""Mounted as a machine does it: by a line of fstab, and by systemd. What is
mounted here is in a world of its own, which goes with the shell in it."""

import os
import pathlib
import re
import shutil
import socket
import tempfile

import pytest

from .harness import PROGRAM, environment
from .logins import Home
from .util import run, wait_until, write

TOP = pathlib.Path(__file__).resolve().parents[2]


def can_unshare():
    return os.getuid() == 0 and shutil.which('unshare') and \
        run('unshare', '-m', 'true', check=False).returncode == 0


private = pytest.mark.skipif(
    not can_unshare(), reason='mounts cannot be kept to oneself')


@pytest.fixture
def small(server):
    server.generate(boards=1, lists=2, cards=4)
    server.api('POST', '/boards', {'name': 'Seen here'}, token=server.token)
    return server


def inside(script, *args, env, seconds=60):
    """Runs a shell script where its mounts are its own."""
    done = run('unshare', '-m', 'sh', '-eu', '-c', script, 'sh', *args,
               env=env, check=False, seconds=seconds)
    if done.returncode == 3:
        pytest.skip('it has no place here')
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def profile(server):
    return (f'[default]\nrefresh = 7\n[work]\napi_key = {server.key}\n'
            f'token = {server.token}\napi_url = {server.url}\n')


# A line of fstab

@pytest.fixture
def top():
    """A folder that other users may look into."""
    with tempfile.TemporaryDirectory() as made:
        os.chmod(made, 0o755)
        bin_ = os.path.join(made, 'bin')
        os.mkdir(bin_)
        shutil.copy(PROGRAM, os.path.join(bin_, 'trellofs'))
        os.mkdir(os.path.join(made, 'mnt'))
        yield made


LOOK = '''
mount --bind "$1/bin" /usr/local/bin
mount -T "$1/fstab" "$1/mnt"
ls "$1/mnt"
head -n 2 "$1/mnt/.trellofs/status"
findmnt -n -o FSTYPE,SOURCE,OPTIONS "$1/mnt"
umount "$1/mnt"
! mountpoint -q "$1/mnt"
'''


@private
@pytest.mark.skipif(not shutil.which('mount.fuse3', path='/sbin:/usr/sbin'),
                    reason='there is no mount.fuse3')
@pytest.mark.parametrize('line', [
    'work MNT fuse.trellofs noauto 0 0',
    'trellofs#work MNT fuse noauto 0 0',
    'trellofs#work MNT fuse3 defaults 0 0',
    'work MNT fuse.trellofs noauto,user,nofail,_netdev,'
    'x-systemd.automount,x-systemd.idle-timeout=60,refresh=9,ro 0 2'])
def test_fstab(small, top, line):
    """As root, of root's own account."""
    home = Home(os.path.join(top, 'home'), small).write(profile(small))
    write(os.path.join(top, 'fstab'),
          line.replace('MNT', f'{top}/mnt') + '\n')
    said = inside(LOOK, top, env=environment(
        home.path, PATH='/usr/sbin:/usr/bin:/sbin:/bin'))
    assert 'Seen here\n' in said
    assert 'account: @tester\nprofile: work\n' in said
    assert re.search(r'^fuse\.trellofs +work +', said, re.M)
    assert 'default_permissions' in said
    assert (re.search(r' ro,', said) is not None) == (',ro ' in line)


@private
@pytest.mark.skipif(not shutil.which('mount.fuse3', path='/sbin:/usr/sbin'),
                    reason='there is no mount.fuse3')
@pytest.mark.parametrize('who', ['root for alice', 'alice'])
def test_fstab_of_a_user(small, top, who):
    """Mounted for a user, whose configuration is in the user's home."""
    home = os.path.join(top, 'alice')
    config = os.path.join(home, '.config', 'trellofs')
    os.makedirs(config)
    write(os.path.join(config, 'config'), profile(small))
    os.chmod(os.path.join(config, 'config'), 0o600)
    run('chown', '-R', '4711:4711', home, os.path.join(top, 'mnt'))
    write(os.path.join(top, 'passwd'),
          pathlib.Path('/etc/passwd').read_text(encoding='utf-8')
          + f'alice:x:4711:4711::{home}:/bin/sh\n')
    write(os.path.join(top, 'group'),
          pathlib.Path('/etc/group').read_text(encoding='utf-8')
          + 'alice:x:4711:\n')
    script = '''
        mount --bind "$1/bin" /usr/local/bin
        mount --bind "$1/passwd" /etc/passwd
        mount --bind "$1/group" /etc/group
        as_alice() { setpriv --reuid 4711 --regid 4711 --clear-groups "$@"; }
        options=noauto,user,_netdev
        mounts=as_alice
        if [ "$2" != alice ]; then options=$options,setuid=alice mounts=; fi
        [ -e /etc/fstab ] || exit 3
        echo "work $1/mnt fuse.trellofs $options 0 0" >"$1/fstab"
        mount --bind "$1/fstab" /etc/fstab
        $mounts mount "$1/mnt"
        as_alice ls "$1/mnt"
        as_alice head -n 2 "$1/mnt/.trellofs/status"
        if ls "$1/mnt" 2>/dev/null; then exit 1; fi
        as_alice fusermount3 -u "$1/mnt"
    '''
    said = inside(script, top, who,
                  env={'PATH': '/usr/sbin:/usr/bin:/sbin:/bin'})
    assert 'Seen here\n' in said
    assert 'account: @tester\nprofile: work\n' in said
    assert os.stat(os.path.join(home, '.local', 'state', 'trellofs',
                                'work.db')).st_uid == 4711


# systemd

class Manager:
    """Listens as systemd does."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.setblocking(False)
        self.heard = []

    def listen(self):
        try:
            while True:
                self.heard.append(self.socket.recv(4096).decode())
        except BlockingIOError:
            return self.heard


@pytest.mark.parametrize('abstract', [False, True])
def test_readiness(mounts, tmp_path, abstract):
    """Told when the mount answers, and not before."""
    address = str(tmp_path / 'notify')
    manager = Manager('\0' + address if abstract else address)
    account = mounts.prepare('--demo', env={
        'NOTIFY_SOCKET': '@' + address if abstract else address})
    account.start()
    wait_until(lambda: manager.listen() == ['READY=1'], 5, 'readiness')
    account.unmount()
    assert manager.listen() == ['READY=1', 'STOPPING=1']


def test_nobody_listens(mounts, tmp_path):
    for address in ('', 'x', '/nowhere/socket', 'x' * 200):
        account = mounts.start('--demo', env={'NOTIFY_SOCKET': address})
        assert account.unmount() == 0


def unit(folder):
    """The service, for the program that is tested."""
    text = (TOP / 'contrib' / 'trellofs@.service.in').read_text(
        encoding='utf-8').replace('@bindir@', os.path.dirname(PROGRAM))
    os.makedirs(folder)
    write(os.path.join(folder, 'trellofs@.service'), text)


@pytest.mark.skipif(not shutil.which('systemd-analyze'),
                    reason='there is no systemd-analyze')
def test_unit_is_well_formed(tmp_path):
    unit(tmp_path / 'units')
    shutil.copy(tmp_path / 'units' / 'trellofs@.service',
                tmp_path / 'units' / 'trellofs@work.service')
    done = run('systemd-analyze', '--user', '--man=no', 'verify',
               tmp_path / 'units' / 'trellofs@work.service', check=False,
               env=environment(os.fspath(tmp_path),
                               XDG_RUNTIME_DIR=os.fspath(tmp_path)))
    assert done.returncode == 0 and done.stderr == ''


SYSTEMD = '/lib/systemd/systemd'
SERVICE = '''
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR"
%s --user --log-target=null >/dev/null 2>&1 &
manager=$!
trap 'kill $manager; wait $manager || :' EXIT
tries=0
until systemctl --user is-system-running >/dev/null 2>&1; do
	tries=$((tries + 1))
	[ $tries -lt 100 ] || { echo 'no manager'; exit 0; }
	sleep 0.1
done
state() { systemctl --user show -p "$1" --value trellofs@work; }
systemctl --user start trellofs@work
ls "$HOME/trello/work"
echo "$(state ActiveState) $(state Result)"
echo 'before the stop' >>"$HOME/trello/work/$1"
until [ -s "$HOME/trello/work/.trellofs/pending" ]; do
	sleep 0.02
done
systemctl --user stop trellofs@work
echo "$(state ActiveState) $(state Result)"
! mountpoint -q "$HOME/trello/work" && echo 'unmounted'
systemctl --user start trellofs@work
kill -9 "$(state MainPID)"
while [ "$(state NRestarts)" = 0 ] || [ "$(state ActiveState)" != active ]; do
	sleep 0.1
done
ls "$HOME/trello/work" >/dev/null && echo 'again'
while [ -s "$HOME/trello/work/.trellofs/pending" ]; do
	sleep 0.1
done
systemctl --user stop trellofs@work
''' % SYSTEMD


@private
@pytest.mark.skipif(not os.path.exists(SYSTEMD),
                    reason='there is no systemd')
def test_service(small, tmp_path):
    """Started, it is mounted; stopped, it is unmounted, and nothing is
    lost; killed, it comes back."""
    home = Home(tmp_path / 'home', small).write(profile(small))
    units = os.path.join(home.path, 'config', 'systemd', 'user')
    unit(units)
    os.makedirs(os.path.join(units, 'trellofs@.service.d'))
    write(os.path.join(units, 'trellofs@.service.d', 'soon.conf'),
          '[Service]\nRestartSec=0\n')
    board = next(each for each in small.account.boards.values()
                 if each.cards)
    card = next(iter(board.cards.values()))
    lists = {each['id']: each['name'] for each in board.lists.values()}
    said = inside(SERVICE, os.path.join(
        board.data['name'], lists[card['idList']], card['name'] + '.md'),
        env=home.environment(XDG_RUNTIME_DIR='/run/user'))
    if said == 'no manager\n':
        pytest.skip('systemd does not run here')
    assert 'Seen here\n' in said
    assert 'active success\n' in said
    assert 'inactive success\nunmounted\nagain\n' in said
    assert len(small.matching('POST', '/actions/comments')) == 1
