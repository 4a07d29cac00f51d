"""Lines below `## Attachments`: links that are attached, and what is taken
out of there."""

import os

import pytest

from .util import outcome, read, wait_until, write
from .writing import Account, Sent, by_another, state

HEAD = '## Attachments\n\n'


@pytest.fixture
def account(mounts, server):
    return Account(mounts, server, settle=1)


def links(account, name='A'):
    """[(name, address)] at the server, in their order."""
    return [(each['name'], each['url']) for each in
            account.server.account.cards[account.ids[name]].get(
                'attachments', ())]


def with_lines(card, *lines):
    """Its text with these lines as its attachments."""
    text = card.read().decode()
    before, _, after = text.partition(HEAD)
    if after:
        after = after[after.index('## Comments'):]
    else:
        before, _, after = text.partition('## Comments')
        after = '## Comments' + after
    lines = HEAD + ''.join(line + '\n' for line in lines) + '\n' \
        if lines else ''
    return (before + lines + after).encode()


def wait_links(account, *expected):
    wait_until(lambda: links(account) == list(expected), 15,
               lambda: f'{expected}, not {links(account)}')
    wait_until(account.drained, 15, 'all is sent')
    assert links(account) == list(expected)


def test_attached_once_and_taken_out(account):
    """Whatever became of the request there is one of each."""
    card, sent = account.card(), Sent(account)
    for drop in 'after', 'before':
        account.server.fault(method='POST', path='/attachments', drop=drop,
                             count=1)
    account.mount.expect('the connection ', 'the answer ', 'no answer')
    by_another(card.path, with_lines(
        card, '- [the spec](https://example.com/spec)',
        '* https://example.org/a(b)?c=d', '+ <https://example.net/e f>'))
    spec = ('the spec', 'https://example.com/spec')
    bare = ('https://example.org/a(b)?c=d',) * 2
    angle = ('https://example.net/e f',) * 2
    wait_links(account, spec, bare, angle)
    assert all(path == f'/1/cards/{account.ids["A"]}/attachments'
               for _, path in sent.writes())
    card.same()
    shown = card.read().decode()
    assert shown.count('## Attachments') == 1
    assert '\n- [the spec](https://example.com/spec)\n' in shown
    assert '](<https://example.net/e f>)\n' in shown
    # It comes back, the words are Trello's, and what is wrong is told.
    write(card.path, with_lines(card, '- [my words](https://example.com/spec)'))
    account.wait_settled()
    wait_until(lambda: card.read().decode().count('\n- [') == 3 + 2, 10,
               lambda: f'they are back: {card.read()}')
    assert b'my words' not in card.read()
    wait_links(account, spec, bare, angle)
    for wrong, why in (('words', b'"- words" does not belong there'),
                       ('[x](ftp://x.org)', b'no attachment "ftp://x.org"'),
                       ('[' + 'x' * 257 + '](https://x.org)',
                        b'words of the link are too long')):
        by_another(card.path, with_lines(card, '- ' + wrong))
        wait_until(lambda: why in read(card.path + '.error'), 10, why)
        os.unlink(card.path + '.error')
    wait_links(account, spec, bare, angle)


def test_deleted_if_allowed(mounts, server):
    """With a kill, and with a card that is new."""
    account = Account(mounts, server, settle=1, options='allow_delete')
    account.mount.expect('Trello is in trouble')
    card = account.card()
    text = with_lines(card, '- [x](https://x.org/)', '- [y](https://y.org/)')
    server.fault(method='POST', path='/attachments', status=503)
    write(card.path, text)
    account.wait_settled()
    assert account.kinds() == ['link-add', 'link-add']
    account.restart(kill=True)
    account.mount.expect('Trello is in trouble')
    assert card.read() == text and state(card.path) == 'pending'
    server.clear_faults()
    account.control('retry')
    wait_links(account, ('x', 'https://x.org/'), ('y', 'https://y.org/'))
    # Without proof nothing goes.
    write(card.path, '---\n---\n' + HEAD + '- https://z.org/\n')
    wait_links(account, ('x', 'https://x.org/'), ('y', 'https://y.org/'),
               ('https://z.org/',) * 2)
    wait_until(lambda: b'z.org' in card.read(), 10, 'the text')
    write(card.path, with_lines(card, '- [y](https://y.org/)'))
    wait_links(account, ('y', 'https://y.org/'))
    new = account.at('To Do', 'New.md')
    write(new, with_lines(card, '- [x](https://x.org/)'))
    wait_until(account.drained, 15, 'the new card')
    made = os.getxattr(new, 'user.trello.id').decode()
    account.ids['New'] = made
    assert links(account, 'New') == [('x', 'https://x.org/')]
    assert outcome(os.stat, new + '.error') == 'ENOENT'
