"""A small HTTP client for the server's own tests."""

import http.client
import json
from urllib.parse import urlencode


class Answer:
    def __init__(self, reply, body):
        self.status = reply.status
        self.headers = {name.lower(): value
                        for name, value in reply.getheaders()}
        self.body = body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def type(self):
        return self.headers.get('content-type')


class Client:
    """Requests to one server, each on a connection of its own."""

    def __init__(self, server, token=None, key=None, place='header'):
        self.server = server
        self.token = server.token if token is None else token
        self.key = server.key if key is None else key
        self.place = place

    def __call__(self, method, path, form=None, data=None, headers=None,
                 timeout=10, port=None, **query):
        """form: form fields; data: a JSON value; query: the query."""
        headers = dict(headers or {})
        body = None
        if self.place == 'header' and (self.key or self.token):
            headers.setdefault('authorization', self.header())
        elif self.place == 'url':
            query |= {'key': self.key, 'token': self.token}
        elif self.place == 'body':
            form = (form or {}) | {'key': self.key, 'token': self.token}
        if form is not None:
            body = urlencode(form)
            headers['content-type'] = 'application/x-www-form-urlencoded'
        elif isinstance(data, bytes):
            body = data
        elif data is not None:
            body = json.dumps(data)
            headers['content-type'] = 'application/json'
        if not path.startswith('/1/') and not path.startswith('/__'):
            path = '/1' + path
        if query:
            path += ('&' if '?' in path else '?') + urlencode(query)
        return self.send(method, path, body, headers, timeout, port)

    def header(self):
        return (f'OAuth oauth_consumer_key="{self.key}", '
                f'oauth_token="{self.token}"')

    def send(self, method, target, body, headers, timeout=10, port=None):
        connection = http.client.HTTPConnection(
            '127.0.0.1', port or self.server.port, timeout=timeout)
        try:
            connection.request(method, target, body, headers)
            reply = connection.getresponse()
            return Answer(reply, reply.read())
        finally:
            connection.close()
