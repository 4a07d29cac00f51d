"""Uploads, downloads by another origin, what must not go there."""

from urllib.parse import urlsplit

from .client import Client

MARK = 'x-x-x'


def multipart(*parts):
    out = b''
    for head, data in parts:
        out += (f'--{MARK}\r\nContent-Disposition: form-data; {head}\r\n'
                '\r\n').encode() + data + b'\r\n'
    return out + f'--{MARK}--\r\n'.encode()


def upload(world, name='a b/ü.bin', data=b'\0\r\n--x' * 999, **more):
    parts = [(f'name="file"; filename="{name}"', data)] + [
        (f'name="{key}"', value.encode()) for key, value in more.items()]
    return world.client(
        'POST', f'/cards/{world.card}/attachments', data=multipart(*parts),
        headers={'content-type': f'multipart/form-data; boundary={MARK}'})


def fetch(world, location, **headers):
    parts = urlsplit(location)
    assert parts.port != world.server.port
    nobody = Client(world.server, '', '', place='none')
    return nobody.send('GET', parts.path, None, headers, port=parts.port)


def test_upload_and_download(world):
    data = b'\0\r\n--x' * 999
    made = upload(world).json
    assert (made['bytes'], made['isUpload']) == (len(data), True)
    assert made['name'] == made['fileName'] == 'a b/ü.bin'
    path = urlsplit(made['url']).path
    assert path.endswith('/download/a%20b%2F%C3%BC.bin')
    answer = world.client('GET', path)
    assert answer.status == 302
    location = answer.headers['location']
    assert fetch(world, location).body == data
    part = fetch(world, location, Range='bytes=10-19')
    assert (part.status, part.body) == (206, data[10:20])
    assert part.headers['content-range'] == f'bytes 10-19/{len(data)}'
    assert fetch(world, location, Range='bytes=5990-').body == data[5990:]
    assert fetch(world, location, Range='bytes=99999-').status == 416
    assert world.server.storage_leaks == []
    assert world.server.violations == []
    assert world.client('DELETE', path.split('/download')[0]).json == \
        {'limits': {}}
    assert fetch(world, location).status == 404


def test_download_needs_the_header(world):
    path = urlsplit(upload(world).json['url']).path
    by_url = Client(world.server, place='url')
    answer = by_url('GET', path)
    assert (answer.status, answer.text) == (
        401, 'unauthorized permission requested')
    nobody = Client(world.server, '', '', place='none')
    assert nobody('GET', path).status == 401


def test_credentials_at_storage_are_noted(world):
    made = upload(world).json
    location = world.client('GET', urlsplit(made['url']).path).headers[
        'location']
    fetch(world, location, Authorization=world.client.header())
    assert len(world.server.storage_leaks) == 1


def test_name_and_type_by_the_client(world):
    made = upload(world, name='x', mimeType='text/plain').json
    assert made['mimeType'] == 'text/plain'
    shown = world.client('GET', f'/cards/{world.card}', attachments='true',
                         fields='name').json
    assert shown['attachments'][0]['id'] == made['id']


def test_links(world):
    path = f'/cards/{world.card}/attachments'
    made = world.client('POST', path, form={
        'url': 'https://example.invalid/x', 'name': 'X'}).json
    assert (made['isUpload'], made['bytes']) == (False, None)
    assert made['url'] == 'https://example.invalid/x'
    for wrong in ({}, {'url': 'example'}, {'url': ''}):
        assert world.client('POST', path, form=wrong).text == \
            'invalid value for url'
    long = {'url': 'https://example.invalid/', 'name': 'x' * 257}
    assert world.client('POST', path, form=long).status == 400


def test_too_large(world):
    world.server.settings.upload_max = 100
    answer = upload(world)
    assert answer.status == 413 and answer.type.startswith('text/html')
    assert not world.card_data.get('attachments')


def test_attaching_is_logged(world):
    made = upload(world).json
    world.client('DELETE', f'/cards/{world.card}/attachments/{made["id"]}')
    found = world.client('GET', f'/cards/{world.card}/actions',
                         filter='all').json
    assert [each['type'] for each in found] == ['deleteAttachmentFromCard',
                                                'addAttachmentToCard']
