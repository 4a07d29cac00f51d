"""The errors that Trello answers with, texts as clients have seen them."""

import json

TEXT = 'text/plain; charset=utf-8'
JSON = 'application/json; charset=utf-8'
HTML = 'text/html; charset=utf-8'

NOT_FOUND = 'The requested resource was not found.'
NO_PERMISSION = 'unauthorized permission requested'
NO_CARD_PERMISSION = 'unauthorized card permission requested'


class ApiError(Exception):
    """An error reply: status, body as text and its content type."""

    def __init__(self, status, body, content_type=TEXT):
        super().__init__(f'{status} {body}')
        self.status = status
        self.body = body
        self.content_type = content_type


def bad(name):
    return ApiError(400, f'invalid value for {name}')


def not_found():
    return ApiError(404, NOT_FOUND)


def no_list():
    return ApiError(404, 'model not found')


def json_error(status, error, message):
    body = json.dumps({'error': error, 'message': message},
                      separators=(',', ':'))
    return ApiError(status, body, JSON)


def too_many_cards():
    return json_error(403, 'API_TOO_MANY_CARDS_REQUESTED',
                      'Requested too many cards, please reduce the number '
                      'of cards or nested actions')


class StrictError(ApiError):
    """A request that Trello does not document: refused and noted."""
