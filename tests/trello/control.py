"""The control calls under /__control/: for tests that are not in Python.

Bodies and replies are JSON. Never rate limited, no credentials.
"""

import asyncio
import copy
import dataclasses
import json

from .api import Reply, encode, parse_query
from .errors import ApiError, TEXT


def dump(account):
    """A copy of everything in an account, for tests to look at."""
    return copy.deepcopy({
        'boards': [dict(each.data) | {'memberships': each.memberships}
                   for each in account.boards.values()],
        'lists': list(account.lists.values()),
        'cards': list(account.cards.values()),
        'labels': list(account.labels.values()),
        'checklists': list(account.checklists.values()),
        'customFields': list(account.fields.values()),
        'actions': list(account.actions.values()),
        'members': list(account.members.values()),
        'tokens': [dataclasses.asdict(each) | {'scope': sorted(each.scope)}
                   for each in account.tokens.values()]})


class Control:
    def __init__(self, server):
        self.server = server

    async def answer(self, request):
        name = request.path[len('/__control/'):].strip('/')
        handler = getattr(self, f'{request.method.lower()}_{name}', None)
        if handler is None:
            return Reply(404, f'no control call {request.method} {name}',
                         TEXT)
        try:
            given = parse_query(request.query)
            if request.body:
                given |= json.loads(request.body)
            result = handler(given)
            if asyncio.iscoroutine(result):
                result = await result
        except ApiError as error:
            return Reply(error.status, error.body, error.content_type)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            return Reply(400, f'{type(error).__name__}: {error}', TEXT)
        return Reply(200, encode({} if result is None else result))

    def get_info(self, given):
        server = self.server
        return {'url': server.url, 'key': server.key, 'token': server.token,
                'secret': server.secret, 'storage': server.storage_url}

    def get_state(self, given):
        return dump(self.server.account)

    def get_requests(self, given):
        """since: the number of the first one wanted."""
        first = int(given.get('since', 0))
        return [each | {'body': each['body'].decode('utf-8', 'replace')}
                for each in self.server.requests[first:]]

    def get_counters(self, given):
        return self.server.counters()

    def get_violations(self, given):
        return self.server.violations

    def get_errors(self, given):
        return self.server.errors

    def get_leaks(self, given):
        return self.server.storage_leaks

    def get_faults(self, given):
        return [dataclasses.asdict(each)
                for each in self.server.faults.active]

    def post_fault(self, given):
        return {'id': self.server.fault(**given).id}

    def delete_fault(self, given):
        self.server.faults.remove(int(given['id']))

    def delete_faults(self, given):
        self.server.clear_faults()

    def post_api(self, given):
        """method, path, params: an edit as by another user."""
        result = self.server.api(given['method'], given['path'],
                                 given.get('params'), given.get('token'))
        return {'result': result if not isinstance(result, bytes)
                else result.decode('utf-8', 'replace')}

    def post_reset(self, given):
        self.server.reset()

    def post_forget(self, given):
        self.server.forget()

    def post_load(self, given):
        return {'id': self.server.load(given['path']).id}

    def post_generate(self, given):
        return [each.id for each in self.server.generate(**given)]

    def post_limits(self, given):
        self.server.limits(**given)

    def post_settings(self, given):
        for name, value in given.items():
            if not hasattr(self.server.settings, name):
                raise AttributeError(name)
            setattr(self.server.settings, name, value)

    def post_latency(self, given):
        self.server.latency = float(given['seconds'])

    def post_clock(self, given):
        self.server.account.clock.advance(float(given['advance']))

    def post_token(self, given):
        given.setdefault('member', None)
        return {'token': self.server.add_token(**given)}

    def post_visit(self, given):
        """url: an authorize address; the user agrees."""
        return {'shown': self.server.visit(given['url'])}

    def post_revoke(self, given):
        self.server.revoke(given['token'])

    async def post_refuse(self, given):
        """Closes the API's port for so many seconds."""
        listener = self.server.listeners[0]
        loop = asyncio.get_running_loop()

        async def shut():
            await asyncio.sleep(0.1)    # lets this reply leave first
            await listener.close()
            await asyncio.sleep(float(given.get('seconds', 1)))
            await listener.open()
        self.shutting = loop.create_task(shut())
