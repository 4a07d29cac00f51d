"""Attaching links and files, downloading and removing them."""

import re
from urllib.parse import quote

from . import rules, views, writing
from . import params as p
from .api import Redirect
from .errors import HTML, ApiError, bad, not_found
from .ids import iso
from .multipart import File
from .router import route


def new_attachment(call, card, url=None, file=None, name=None,
                   mime_type=None):
    account = call.account
    board = account.board_of(card)
    attachments = writing.own_things(card, 'attachments')
    writing.check_count(len(attachments), call.settings.max_attachments,
                        'attachments')
    data = {'id': account.new_id(), 'bytes': None, 'date': iso(account.now()),
            'edgeColor': None, 'idMember': call.who, 'isUpload': False,
            'mimeType': mime_type or '', 'name': name or url, 'url': url,
            'previews': [], 'pos': rules.place(attachments, 'bottom')}
    if file is not None:
        # An empty address is filled in when the attachment is shown.
        data |= {'bytes': len(file.data), 'isUpload': True, 'url': '',
                 'name': name or file.name, 'fileName': file.name,
                 'mimeType': mime_type or file.mime_type}
        account.files[data['id']] = file.data
    attachments.append(data)
    account.touch(board, card)
    rules.log(account, board, 'addAttachmentToCard', call.who, {
        'attachment': {'id': data['id'], 'name': data['name'],
                       'url': data['url']}}, card)
    return data


@route('POST', '/cards/{card}/attachments', {
    'file': p.anything, 'url': p.text, 'name': p.anything,
    'mimeType': p.text, 'setCover': p.boolean})
def attach(call, card):
    card = call.card(card)
    name = None
    if call.get('name'):
        name = rules.title(call.get('name'), most=256)
    if len(call.get('mimeType', '')) > 256:
        raise bad('mimeType')
    file, url = call.get('file'), call.get('url')
    if isinstance(file, File):
        if len(file.data) > call.settings.upload_max:
            raise ApiError(413, '<html><body><h1>413 Request Entity Too '
                           'Large</h1></body></html>\n', HTML)
        url = None
    elif url is None or not re.match(r'(https?|ftp|mailto|file):|trello:',
                                     url):
        raise bad('url')
    else:
        file = None
    data = new_attachment(call, card, url, file, name, call.get('mimeType'))
    if call.get('setCover'):
        card['idAttachmentCover'] = data['id']
    return views.attachment_view(call.account, card, data) | {'limits': {}}


def find_attachment(call, card, attachment_id):
    for each in card.get('attachments', ()):
        if each['id'] == attachment_id:
            return each
    raise not_found()


@route('DELETE', '/cards/{card}/attachments/{idAttachment}')
def detach(call, card, idAttachment):
    account = call.account
    card = call.card(card)
    data = find_attachment(call, card, idAttachment)
    card['attachments'].remove(data)
    if card.get('idAttachmentCover') == idAttachment:
        card['idAttachmentCover'] = None
    account.files.pop(idAttachment, None)
    board = account.board_of(card)
    account.touch(board, card)
    rules.log(account, board, 'deleteAttachmentFromCard', call.who, {
        'attachment': {'id': data['id'], 'name': data['name']}}, card, False)
    return {'limits': {}}


@route('GET', '/cards/{card}/attachments/{idAttachment}/download/{file}')
def download(call, card, idAttachment, file):
    """Only credentials in the header count; the bytes are elsewhere."""
    if call.credentials.places != {'header'}:
        raise ApiError(401, 'unauthorized permission requested')
    card = call.card(card)
    data = find_attachment(call, card, idAttachment)
    if not data.get('isUpload'):
        raise not_found()
    name = quote(data.get('fileName') or data['name'], safe='')
    raise Redirect(call.api.storage_address(idAttachment, name))
