"""OAuth 1.0a: published vectors and the three legs."""

import time
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from .client import Client
from .oauth1 import base_string, escape, sign

CONSUMER, CONSUMER_SECRET = 'dpf43f3p2l4k3l03', 'kd94hf93k423kf44'


def fields(token, stamp, nonce, **more):
    out = {'oauth_consumer_key': CONSUMER, 'oauth_timestamp': stamp,
           'oauth_signature_method': 'HMAC-SHA1', 'oauth_nonce': nonce}
    if token:
        out['oauth_token'] = token
    return list((out | more).items())


VECTORS = (
    # RFC 5849, 1.2
    ('POST', 'https://photos.example.net/initiate', '', fields(
        '', '137131200', 'wIjqoS',
        oauth_callback='http://printer.example.com/ready'),
     '74KNZJeDHnMBp0EMJ9ZHt/XKycU=', ''),
    ('POST', 'https://photos.example.net/token', 'hdhd0244k9j7ao03', fields(
        'hh5s93j4hdidpola', '137131201', 'walatlh',
        oauth_verifier='hfdp7dh39dks9884'),
     'gKgrFCywp7rO0OXSjdot/IHF7IU=', ''),
    ('GET', 'http://photos.example.net/photos', 'pfkkdhi9sl3r4s00', fields(
        'nnch734d00sl2jdk', '137131202', 'chapoH'),
     'MdpQcU8iPSUjWoN/UDMsK2sui9I=', 'file=vacation.jpg&size=original'),
    # OAuth Core 1.0a, appendix A
    ('GET', 'http://photos.example.net/photos', 'pfkkdhi9sl3r4s00', fields(
        'nnch734d00sl2jdk', '1191242096', 'kllo9940pd9333jh',
        oauth_version='1.0'),
     'tR3+Ty81lMeYAr/Fid0kMTYa/WM=', 'file=vacation.jpg&size=original'))


@pytest.mark.parametrize('method,url,secret,params,wanted,query', VECTORS)
def test_published_signatures(method, url, secret, params, wanted, query):
    assert sign(method, url, params + parse_qsl(query), CONSUMER_SECRET,
                secret) == wanted


def test_base_string_of_rfc_5849():
    """3.4.1.1: names and values that need encoding, twice."""
    params = parse_qsl('b5=%3D%253D&a3=a&c%40=&a2=r%20b',
                       keep_blank_values=True)
    params += parse_qsl('c2&a3=2+q', keep_blank_values=True)
    params += [('oauth_consumer_key', '9djdj82h48djs9d2'),
               ('oauth_token', 'kkk9d7dh3k39sjv7'),
               ('oauth_signature_method', 'HMAC-SHA1'),
               ('oauth_timestamp', '137131201'), ('oauth_nonce', '7d8f3e4a')]
    assert base_string('post', 'HTTP://EXAMPLE.COM:80/request', params) == (
        'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q'
        '%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_'
        'key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_m'
        'ethod%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk'
        '9d7dh3k39sjv7')


class Signer:
    """Signs requests as a client would."""

    def __init__(self, server):
        self.server = server
        self.token = self.secret = ''
        self.count = 0

    def __call__(self, method, path, form=None, stamp=None, nonce=None,
                 spoil=False, consumer_secret=None, **more):
        self.count += 1
        own = {'oauth_consumer_key': self.server.key,
               'oauth_nonce': nonce or f'n{self.count}',
               'oauth_signature_method': 'HMAC-SHA1',
               'oauth_timestamp': str(int(stamp or time.time())),
               'oauth_version': '1.0'} | more
        if self.token:
            own['oauth_token'] = self.token
        url = self.server.url + path
        params = list(own.items()) + parse_qsl(urlsplit(url).query)
        params += list((form or {}).items())
        signature = sign(method, url, params,
                         consumer_secret or self.server.secret, self.secret)
        own['oauth_signature'] = signature[::-1] if spoil else signature
        header = 'OAuth ' + ', '.join(f'{name}="{escape(value)}"'
                                      for name, value in own.items())
        client = Client(self.server, '', '', place='none')
        return client(method, path, form=form,
                      headers={'authorization': header})

    def log_in(self):
        first = parse_qs(self('POST', '/OAuthGetRequestToken',
                              oauth_callback='oob').text)
        self.token = first['oauth_token'][0]
        self.secret = first['oauth_token_secret'][0]
        verifier = self.server.visit(
            'https://trello.com/1/OAuthAuthorizeToken?oauth_token='
            f'{self.token}&name=x&scope=read,write&expiration=never')
        last = parse_qs(self('POST', '/OAuthGetAccessToken',
                             oauth_verifier=verifier).text)
        self.token = last['oauth_token'][0]
        self.secret = last['oauth_token_secret'][0]
        return self


def test_three_legs_and_signed_requests(world):
    signer = Signer(world.server).log_in()
    assert signer('GET', '/members/me?fields=username').json['username'] == \
        'tester'
    answer = signer('PUT', f'/cards/{world.card}', form={
        'name': 'a b&c=d +%/ü', 'desc': ''})
    assert answer.json['name'] == 'a b&c=d +%/ü'
    plain = Client(world.server, signer.token)
    assert plain('GET', '/members/me').status == 200
    assert world.server.violations == []


def test_bad_signatures(world):
    signer = Signer(world.server).log_in()
    assert signer('GET', '/members/me', spoil=True).status == 401
    assert signer('GET', '/members/me', consumer_secret='x').status == 401
    assert signer('GET', '/members/me', nonce='same').status == 200
    stamp = time.time()
    one = [signer('GET', '/members/me', nonce='once', stamp=stamp).status
           for _ in range(2)]
    assert one == [200, 401]
    assert signer('GET', '/members/me',
                  stamp=time.time() - 3600).status == 401
    signer.secret = 'wrong'
    assert signer('GET', '/members/me').text == 'invalid signature'


def test_no_token_without_the_user(world):
    signer = Signer(world.server)
    first = parse_qs(signer('POST', '/OAuthGetRequestToken',
                            oauth_callback='oob').text)
    assert first['oauth_callback_confirmed'] == ['true']
    signer.token = first['oauth_token'][0]
    signer.secret = first['oauth_token_secret'][0]
    answer = signer('POST', '/OAuthGetAccessToken', oauth_verifier='guess')
    assert answer.status == 401
    assert signer('GET', '/members/me').text == 'invalid token'
