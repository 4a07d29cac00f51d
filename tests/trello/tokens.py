"""API keys and tokens, and what a token may do."""

import dataclasses

from .ids import iso


@dataclasses.dataclass
class App:
    """An API key, its secret and the name it asks for access under."""

    key: str
    secret: str
    name: str = 'trellofs tests'


@dataclasses.dataclass
class Token:
    value: str
    key: str
    member: str
    id: str
    created: float
    scope: frozenset = frozenset(('read', 'write'))
    expires: float = None
    revoked: bool = False
    secret: str = ''        # OAuth 1.0a only
    everywhere: bool = False    # the tests' own hand: no board is private

    def expired(self, now):
        return self.expires is not None and now >= self.expires

    def view(self, identifier):
        write = 'write' in self.scope
        read = 'read' in self.scope
        expires = None if self.expires is None else iso(self.expires)
        return {
            'id': self.id, 'identifier': identifier,
            'idMember': self.member, 'dateCreated': iso(self.created),
            'dateExpires': expires,
            'permissions': [
                {'idModel': self.member, 'modelType': 'Member',
                 'read': read, 'write': 'account' in self.scope},
                {'idModel': '*', 'modelType': 'Board',
                 'read': read, 'write': write},
                {'idModel': '*', 'modelType': 'Organization',
                 'read': read, 'write': write}]}


EXPIRATIONS = {'1hour': 3600, '1day': 86400, '30days': 30 * 86400,
               'never': None}


def make_token(account, key, member_id, scope='read,write', expires=None,
               value=None):
    """Adds a token. expires: seconds from now, negative for the past."""
    now = account.now()
    if not isinstance(scope, str):
        scope = ','.join(scope)
    token = Token(
        value=value or 'ATTA' + account.ids.hex(72), key=key,
        member=member_id, id=account.new_id(), created=now,
        scope=frozenset(part for part in scope.split(',') if part),
        expires=None if expires is None else now + expires)
    account.tokens[token.value] = token
    return token
