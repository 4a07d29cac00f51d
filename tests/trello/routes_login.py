"""The pages and calls by which an application gets a token."""

import html

from . import params as p
from .api import Reply
from .errors import HTML, TEXT, ApiError
from .oauth1 import check_asked
from .router import route

PAGE = ('<!DOCTYPE html><html><head><title>Authorize</title></head><body>'
        '<p>%s would like to access your account: %s.</p></body></html>')
ASK = {'name': p.text, 'scope': p.text, 'expiration': p.text,
       'response_type': p.choice('token'), 'return_url': p.text,
       'callback_method': p.choice('postMessage', 'fragment')}


def page(asked):
    text = PAGE % (html.escape(asked.get('name', 'An application')),
                   html.escape(asked.get('scope', 'read')))
    return Reply(200, text, HTML)


@route('GET', '/authorize', ASK, open=True)
def authorize(call):
    if call.credentials.key not in call.account.keys:
        raise ApiError(400, 'App not found')
    if call.get('response_type') != 'token':
        raise ApiError(400, 'invalid response_type')
    check_asked(call.params)
    return page(call.params)


@route('GET', '/OAuthGetRequestToken', open=True)
@route('POST', '/OAuthGetRequestToken', open=True)
def get_request_token(call):
    return Reply(200, call.api.oauth.request_token(
        call.account, call.request, call.credentials), TEXT)


@route('GET', '/OAuthAuthorizeToken', ASK, open=True)
def authorize_token(call):
    call.api.oauth.ask(call.credentials.token, dict(call.params))
    return page(call.params)


@route('GET', '/OAuthGetAccessToken', open=True)
@route('POST', '/OAuthGetAccessToken', open=True)
def get_access_token(call):
    return Reply(200, call.api.oauth.access_token(
        call.account, call.request, call.credentials), TEXT)
