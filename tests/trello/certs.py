"""Certificates for TLS tests: a CA of our own, and good and bad servers'."""

import os
import ssl
import subprocess

# Name: subject alternative names, days of validity, signed by the CA.
KINDS = {
    'good': ('IP:127.0.0.1,DNS:localhost,DNS:trello.invalid', 30, True),
    'wrong-host': ('DNS:elsewhere.example', 30, True),
    'expired': ('IP:127.0.0.1,DNS:localhost', -1, True),
    'self-signed': ('IP:127.0.0.1,DNS:localhost', 30, False)}


def openssl(folder, *args):
    subprocess.run(('openssl',) + args, cwd=folder, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


def make_certs(folder):
    """Makes the files in a folder. Returns paths: 'ca' is the CA's
    certificate, the names in KINDS are (certificate, key)."""
    os.makedirs(folder, exist_ok=True)
    curve = ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
             '-nodes')
    openssl(folder, 'req', '-x509', *curve, '-keyout', 'ca.key',
            '-out', 'ca.pem', '-days', '30', '-subj', '/CN=trellofs test CA')
    paths = {'ca': os.path.join(folder, 'ca.pem')}
    for name, (names, days, signed) in KINDS.items():
        make_one(folder, name, names, days, signed, curve)
        paths[name] = (os.path.join(folder, name + '.pem'),
                       os.path.join(folder, name + '.key'))
    return paths


def make_one(folder, name, names, days, signed, curve):
    extension = os.path.join(folder, name + '.ext')
    with open(extension, 'w', encoding='ascii') as file:
        file.write(f'subjectAltName={names}\n')
    key, request, cert = name + '.key', name + '.csr', name + '.pem'
    openssl(folder, 'req', '-new', *curve, '-keyout', key, '-out', request,
            '-subj', '/CN=trellofs test server')
    signer = ('-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial') \
        if signed else ('-signkey', key)
    openssl(folder, 'x509', '-req', '-in', request, *signer, '-days',
            str(days), '-extfile', name + '.ext', '-out', cert)


def server_context(cert, key, h2=False):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.set_alpn_protocols(['h2', 'http/1.1'] if h2 else ['http/1.1'])
    return context
