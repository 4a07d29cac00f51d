"""Replies have the shape of those that api.trello.com was recorded with."""

import json
import os
import re
from urllib.parse import parse_qsl, unquote

import pytest

from . import router
from .errors import StrictError
from .exports import shared_data
from .ids import HEX24

PATH = shared_data('recorded.jsonl')
UNKNOWN = 'f' * 24
# Not used by any file system, or outlived by the recording.
SKIPPED = re.compile(
    r'/1/(webhooks|notifications|organizations)\b'
    r'|/members/[^/]+/(actions|notifications)')
# Free in form: only the type is compared.
OPAQUE = {'data', 'display', 'entities', 'limits', 'nonPublic', 'prefs',
          'previews', 'marketingOptIn', 'webhooks', 'labelNames', 'badges'}
# Recorded once upon a time and in no later recording.
GONE = {'ixUpdate', 'isSuggestedField', 'aaId', 'promotions', 'invitations',
        'enterpriseJoinRequest', 'allAdminsEnabled', 'idMemberCreator',
        'invited', 'availableLicenseCount', 'maximumLicenseCount',
        'billableMemberCount', 'activeBillableMemberCount', 'memberships',
        'billableCollaboratorCount', 'idBoards', 'prefs', 'idEnterprise',
        'premiumFeatures', 'limits'}


def recordings():
    if not os.path.exists(PATH):
        return []
    out = {}
    with open(PATH, encoding='utf-8') as file:
        for line in file:
            entry = json.loads(line)
            target = entry['uri'].replace('https://api.trello.com', '')
            shape = re.sub(r'[0-9a-f]{24}', '', target)
            name = (entry['method'], shape, entry['status'],
                    re.sub(r'[0-9a-f]{24}', '', entry['req_body'])[:80])
            if not SKIPPED.search(target):
                out.setdefault(name, (target, entry))
    return list(out.values())


class Stage:
    """The objects that stand for those of the recording."""

    def __init__(self, world):
        self.world = world
        api, card = world.api, world.card
        on_card = api('POST', f'/cards/{card}/idLabels',
                      {'value': world.label2})[0]
        checklist = api('POST', '/checklists', {'idCard': card})['id']
        item = api('POST', f'/checklists/{checklist}/checkItems',
                   {'name': 'x', 'checked': 'true'})['id']
        api('POST', f'/cards/{card}/idMembers', {'value': world.member})
        comment = world.client(
            'POST', f'/cards/{card}/actions/comments',
            form={'text': 'hello'}).json['id']
        link = api('POST', f'/cards/{card}/attachments',
                   {'url': 'https://example.invalid/x'})['id']
        field = api('POST', '/customFields', {
            'idModel': world.board.id, 'modelType': 'board', 'name': 'F',
            'type': 'list', 'options': [{'value': {'text': 'x'}}]})
        text = api('POST', '/customFields', {
            'idModel': world.board.id, 'modelType': 'board', 'name': 'T',
            'type': 'text'})['id']
        api('PUT', f'/cards/{card}/customField/{text}/item',
            {'value': {'text': 'x'}})
        world.card_data['pluginData'] = [{
            'id': '5e94ed6ad215c22d241c81e1', 'scope': 'card', 'value': '{}',
            'idPlugin': '5e40446acc3ae64e435cabc9', 'idModel': card,
            'access': 'shared'}]
        self.ids = {
            'boards': world.board.id, 'cards': card, 'lists': world.list,
            'checklists': checklist, 'labels': world.label,
            'actions': comment, 'customFields': field['id'],
            'customfields': field['id'], 'customField': text,
            'options': field['options'][0]['id'], 'attachments': link,
            'idLabels': on_card, 'idMembers': world.member,
            'checkItem': item, 'membersVoted': UNKNOWN}
        self.params = {
            'idList': world.list2, 'idBoard': world.other.id,
            'idMembers': world.member, 'idLabels': world.label,
            'idCard': card, 'idCardSource': card,
            'idChecklistSource': checklist, 'idModel': world.board.id,
            'idOrganization': None, 'idBoardSource': None}

    def path(self, path, missing):
        parts = path.split('/')
        for at, part in enumerate(parts):
            noun = parts[at - 1]
            if HEX24.match(part):
                parts[at] = UNKNOWN if missing else self.ids.get(
                    noun, self.world.me)
            elif part == 'hoppertest':
                parts[at] = 'me'
            elif part == 'wokenqingtian':
                parts[at] = 'alice'
            elif part == 'MEMBER_TOKEN':
                parts[at] = self.world.server.token
        return '/'.join(parts)

    def form(self, method, path, text):
        """The documented parameters of a recorded body, with our ids."""
        entry = router.find(method, path[2:], path)[0]
        out = {}
        for name, value in parse_qsl(text):
            name = re.sub(r'^source$', 'idBoardSource', name)
            if re.sub(r'\[.*', '', name) not in entry.params:
                continue
            if name == 'value' and HEX24.match(value):
                value = {'idLabels': self.world.label,
                         'idMembers': self.world.me,
                         'idBoard': self.world.other.id,
                         'idList': self.world.list2,
                         'membersVoted': self.world.me}[
                             path.rsplit('/', 1)[1]]
            value = self.params.get(name, value)
            if value is not None:
                out[name] = value
        if 'idList' in out and 'moveAllCards' not in path and \
                'idBoard' not in path:
            out['idList'] = self.world.list2
        elif 'moveAllCards' in path:
            out['idBoard'] = self.world.board.id
        elif 'idList' in out:
            out['idList'] = next(iter(self.world.other.lists))
        if path == '/1/lists' or path.startswith('/1/labels'):
            if 'idBoard' in out:
                out['idBoard'] = self.world.board.id
        return out


def play(stage, target, entry):
    path, _, query = target.partition('?')
    path = stage.path(path.rstrip('/'), entry['status'] == 404)
    given = {name: value for name, value in parse_qsl(unquote(query))
             if name not in ('key', 'token')}
    client = stage.world.client
    body = entry['req_body']
    if 'form-data' in body:
        head, _, rest = body.partition('\r\n\r\n')
        mark = head.split('\r\n')[0][2:]
        kind = {'content-type': f'multipart/form-data; boundary={mark}'}
        return client('POST', path, data=body.encode(), headers=kind)
    if entry['method'] == 'GET':
        return client('GET', path, **given)
    form = stage.form(entry['method'], path, body)
    if entry['status'] == 400 and entry['method'] == 'POST':
        client('POST', path, form=form)
    elif path.endswith(UNKNOWN) and entry['status'] == 200:
        stage.world.card_data['idMembersVoted'] = [UNKNOWN]
    return client(entry['method'], path, form=form)


def differences(old, new, where=''):
    """Keys that are missing, and values of another type; null fits all."""
    if old is None or new is None:
        return
    number = (int, float)
    same = type(old) is type(new) or (
        isinstance(old, number) and isinstance(new, number)
        and isinstance(old, bool) == isinstance(new, bool))
    if not same:
        yield f'{where}: {type(old).__name__}, not {type(new).__name__}'
    elif isinstance(old, dict):
        if where.rsplit('.', 1)[-1] in OPAQUE:
            return
        for name in old:
            if name in new:
                yield from differences(old[name], new[name],
                                       f'{where}.{name}')
            elif name not in GONE:
                yield f'{where}.{name} is missing'
    elif isinstance(old, list) and old and new:
        yield from differences(old[0], new[0], where)


@pytest.mark.parametrize(
    'target,entry', recordings(),
    ids=lambda value: value[:60] if isinstance(value, str) else '')
def test_reply_has_the_recorded_shape(world, target, entry):
    stage = Stage(world)
    try:
        answer = play(stage, target, entry)
    except StrictError:
        pytest.fail('no such route')
    assert answer.status == entry['status'], answer.text
    assert answer.type == entry['headers']['content-type']
    if answer.status != 200:
        assert answer.text == entry['body']
        return
    if entry['body'].endswith('\n'):
        assert answer.text == entry['body']
    wrong = list(differences(json.loads(entry['body']), answer.json))
    assert not wrong
    assert world.server.violations == []


def test_something_was_compared():
    if not os.path.exists(PATH):
        pytest.skip('no recordings here')
    assert len(recordings()) > 80
