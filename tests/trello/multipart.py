"""multipart/form-data, as uploads send it."""

import re

from .errors import ApiError


class File:
    """An uploaded file: its name, type and bytes."""

    def __init__(self, name, mime_type, data):
        self.name = name
        self.mime_type = mime_type
        self.data = data


def parse_multipart(content_type, body):
    """Parts by name: text, or a File where there is a file name."""
    boundary = re.search(r'boundary="?([^";]+)', content_type)
    if not boundary:
        raise ApiError(400, 'Error parsing body')
    mark = b'--' + boundary[1].encode()
    pieces = (b'\r\n' + body).split(b'\r\n' + mark)
    if len(pieces) < 3 or not pieces[-1].startswith(b'--'):
        raise ApiError(400, 'Error parsing body')
    out = {}
    for piece in pieces[1:-1]:
        name, value = parse_part(piece)
        out[name] = value
    return out


def parse_part(piece):
    head, blank, data = piece.partition(b'\r\n\r\n')
    if not blank:
        raise ApiError(400, 'Error parsing body')
    headers = {}
    for line in head.decode('utf-8', 'replace').split('\r\n'):
        name, colon, value = line.partition(':')
        if colon:
            headers[name.strip().lower()] = value.strip()
    wanted = headers.get('content-disposition', '')
    name = re.search(r'[; ]name="([^"]*)"', wanted)
    file_name = re.search(r'filename="((?:[^"\\]|\\.)*)"', wanted)
    if not name:
        raise ApiError(400, 'Error parsing body')
    if file_name is None:
        return name[1], data.decode('utf-8', 'replace')
    plain = re.sub(r'\\(.)', r'\1', file_name[1])
    plain = plain.replace('%22', '"')
    return name[1], File(plain, headers.get('content-type'), data)
