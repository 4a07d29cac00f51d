"""TLS and HTTP/2, by curl."""

import json
import shutil
import subprocess

import pytest

from .certs import make_certs
from .client import Client
from .server import Server

pytestmark = pytest.mark.skipif(
    not shutil.which('curl') or not shutil.which('openssl'),
    reason='curl and openssl are needed')


@pytest.fixture(scope='module')
def certs(tmp_path_factory):
    return make_certs(str(tmp_path_factory.mktemp('certs')))


def curl(server, certs, path, *args):
    header = 'authorization: ' + Client(server).header()
    return subprocess.run(
        ('curl', '-sS', '--cacert', certs['ca'], '-H', header, *args,
         server.url + path), capture_output=True, timeout=20, check=False)


def has_h2():
    shown = subprocess.run(('curl', '-V'), capture_output=True, text=True,
                           check=True)
    return 'HTTP2' in shown.stdout


@pytest.mark.parametrize('version', ['1.1', '2'])
def test_both_protocols(certs, version):
    if version == '2' and not has_h2():
        pytest.skip('this curl has no HTTP/2')
    with Server(tls=certs['good'], h2=True) as server:
        board = server.generate(1, 3, 300)[0]
        ran = curl(server, certs, f'/boards/{board.id}?cards=all',
                   '--compressed', '--http' + version)
        assert ran.returncode == 0, ran.stderr
        assert len(json.loads(ran.stdout)['cards']) == 300
        assert server.requests[-1]['http'] == version


def test_many_streams_of_one_connection(certs):
    if not has_h2():
        pytest.skip('this curl has no HTTP/2')
    with Server(tls=certs['good'], h2=True) as server:
        server.generate(1, 1, 5)
        server.fault(latency=0.2)
        more = [server.url + '/members/me/boards'] * 5
        ran = curl(server, certs, '/members/me', '--parallel', '--http2',
                   *more)
        assert ran.returncode == 0, ran.stderr
        assert len(server.requests) == 6
        assert server.counters()['most_in_flight'] > 1


def test_faults_over_http2(certs):
    if not has_h2():
        pytest.skip('this curl has no HTTP/2')
    with Server(tls=certs['good'], h2=True) as server:
        server.generate(1, 1, 50)
        for fault in ({'drop': 'before'}, {'drop': 'after'}, {'cut': 50}):
            server.fault(count=1, **fault)
            ran = curl(server, certs, '/members/me/boards', '--http2')
            assert ran.returncode != 0
        assert curl(server, certs, '/members/me', '--http2').returncode == 0


@pytest.mark.parametrize('kind', ['wrong-host', 'expired', 'self-signed'])
def test_bad_certificates(certs, kind):
    with Server(tls=certs[kind]) as server:
        ran = curl(server, certs, '/members/me')
        assert ran.returncode == 60
        assert server.requests == []
