"""Comments that are typed and appended, as they arrive at the server."""

import time

import pytest

from .test_write_patterns import by_code, by_gedit, by_obsidian
from .util import SLOW, wait_until, write
from .writing import DESC, NEW_DESC, Account, Sent

WORDS = 'I have seen it and it is good.'
SAVERS = [by_obsidian, by_code, by_gedit]


def comments(account, name='A'):
    """The texts of a card's comments at the server, oldest first."""
    found = [each for each in account.server.state()['actions']
             if each['type'] == 'commentCard'
             and each['data']['card']['id'] == account.ids[name]]
    return [each['data']['text']
            for each in sorted(found, key=lambda each: each['id'])][1:]


def posts(sent):
    return [path for method, path in sent.writes() if method == 'POST']


def type_words(card, save, ends, pause):
    """Saves the buffer again and again while somebody types."""
    for end in ends:
        save(card, card.text + WORDS[:end].encode())
        time.sleep(pause * SLOW)


@pytest.mark.seconds(120)
@pytest.mark.parametrize('save', SAVERS)
def test_typed(mounts, server, save):
    """A save every two seconds: one request in the end."""
    account = Account(mounts, server, settle=1, options='comment_settle=5')
    card, sent = account.card(), Sent(account)
    type_words(card, save, range(5, 30, 5), 2)
    assert sent.writes() == []
    save(card, card.text + WORDS.encode() + b'\n')
    wait_until(sent.writes, 20, 'the comment')
    sent.wait_all()
    assert sent.writes() == [
        ('POST', f'/1/cards/{account.ids["A"]}/actions/comments')]
    assert comments(account) == [WORDS]
    check_text(card)


def check_text(card, words=WORDS):
    text = card.read()
    assert text.count(words[:6].encode()) == 1
    assert text.endswith(b'\n>\n> ' + words.encode() + b'\n\n')
    card.same()


@pytest.mark.seconds(120)
@pytest.mark.parametrize('save', SAVERS)
def test_typed_with_long_pauses(mounts, server, save):
    """What has been posted meanwhile is edited: one comment, as it is in
    the end."""
    account = Account(mounts, server, settle=1, options='comment_settle=1')
    card, sent = account.card(), Sent(account)
    for end in (6, 14, 22, len(WORDS)):
        save(card, card.text + WORDS[:end].encode())
        wait_until(lambda: comments(account) == [WORDS[:end].rstrip()], 20,
                   lambda: f'{WORDS[:end]!r}: {comments(account)}')
    sent.wait_all()
    assert len(posts(sent)) == 1
    check_text(card)


@pytest.mark.seconds(120)
@pytest.mark.parametrize('save', SAVERS)
def test_typed_while_others_change_the_card(mounts, server, save):
    """The buffer is that of before: nobody's change is undone."""
    account = Account(mounts, server, settle=1, options='comment_settle=4')
    card, sent = account.card(), Sent(account)
    for number, end in enumerate((6, 14, 22, len(WORDS))):
        save(card, card.text + WORDS[:end].encode())
        account.api('PUT', f'/cards/{account.ids["A"]}',
                    desc=DESC + f'\nline {number}')
        account.api('POST', f'/cards/{account.ids["A"]}/actions/comments',
                    text=f'from another {number}')
        account.control('refresh')
    wait_until(lambda: WORDS in comments(account), 20,
               lambda: f'the comment: {comments(account)}')
    sent.wait_all()
    assert len(sent.writes()) == 1
    assert sorted(comments(account)) == sorted(
        [WORDS] + [f'from another {number}' for number in range(4)])
    assert sent.desc(card) == DESC + '\nline 3'
    card.same()
    text = card.read()
    assert text.count(WORDS.encode()) == 1 and b'line 3' in text


@pytest.mark.seconds(120)
def test_typed_while_the_mount_dies(mounts, server):
    """The editor goes on where it was."""
    account = Account(mounts, server, settle=1, options='comment_settle=4')
    card, sent = account.card(), Sent(account)
    for end in (6, 14, 22):
        by_obsidian(card, card.text + WORDS[:end].encode())
        account.wait_settled()
        account.restart(kill=True)
    by_obsidian(card, card.text + WORDS.encode())
    wait_until(lambda: comments(account) == [WORDS], 20,
               lambda: f'the comment: {comments(account)}')
    sent.wait_all()
    assert len(posts(sent)) == 1
    check_text(card)


@pytest.mark.seconds(120)
def test_typed_and_desc(mounts, server):
    """Words of the description and of a comment in one buffer."""
    account = Account(mounts, server, settle=1, options='comment_settle=2')
    card, sent = account.card(), Sent(account)
    by_obsidian(card, card.replaced() + WORDS[:9].encode())
    by_obsidian(card, card.replaced() + WORDS.encode())
    wait_until(lambda: comments(account) == [WORDS], 20, 'the comment')
    sent.wait_all()
    assert sent.desc(card) == NEW_DESC
    assert sorted(method for method, _ in sent.writes()) == ['POST', 'PUT']
    check_text(card)


def test_taken_back(mounts, server):
    """Posted and deleted in the buffer again: it comes back, since nothing
    is deleted for good."""
    account = Account(mounts, server, settle=1, options='comment_settle=1')
    card, sent = account.card(), Sent(account)
    by_obsidian(card, card.text + WORDS.encode())
    wait_until(lambda: comments(account) == [WORDS], 20, 'the comment')
    sent.wait_all()
    by_obsidian(card, card.text)
    sent.wait_all()
    assert len(sent.writes()) == 1 and comments(account) == [WORDS]
    assert card.read().count(WORDS.encode()) == 1


# Appended

@pytest.fixture
def account(mounts, server):
    return Account(mounts, server, settle=1)


def append(path, *lines):
    with open(path, 'ab', buffering=0) as file:
        for line in lines:
            file.write(line.encode() + b'\n')


def check_comments(account, sent, *texts):
    wait_until(lambda: comments(account) == list(texts), 20,
               lambda: f'{texts}: {comments(account)}')
    sent.wait_all()
    assert comments(account) == list(texts)
    assert len(sent.writes()) == len(texts) == len(posts(sent))
    shown = account.card().read()
    for text in texts:
        quote = ''.join(f'> {line}\n' for line in text.split('\n'))
        assert shown.count(f'>\n{quote}\n'.encode()) == 1


def test_appended(account):
    """One, two, and two lines in one."""
    card, sent = account.card(), Sent(account)
    append(card.path, 'One, see #12')
    check_comments(account, sent, 'One, see #12')
    append(card.path, 'two')
    append(card.path, 'three', 'four')
    check_comments(account, sent, 'One, see #12', 'two', 'three\nfour')


def test_appended_faster_than_it_answers(account):
    card, sent = account.card(), Sent(account)
    account.server.latency = 0.5
    texts = [f'comment {number}' for number in range(8)]
    for text in texts:
        append(card.path, text)
        time.sleep(0.1 * SLOW)
    check_comments(account, sent, *texts)


def test_appended_without_network(account):
    card, sent = account.card(), Sent(account)
    account.mount.expect('warning: ')
    account.server.refuse()
    texts = [f'comment {number}' for number in range(4)]
    for text in texts:
        append(card.path, text)
    account.wait_settled()
    account.restart(kill=True)
    account.mount.expect('warning: ')
    append(card.path, 'last')
    account.wait_settled()
    account.server.refuse(False)
    check_comments(account, sent, *texts, 'last')


def test_appended_right_after_news(account):
    card, sent = account.card(), Sent(account)
    for number in range(5):
        account.api('PUT', f'/cards/{account.ids["A"]}', desc=str(number))
        append(card.path, f'comment {number}')
        account.control('refresh')
        append(card.path, f'again {number}')
    texts = [f'{word} {number}' for number in range(5)
             for word in ('comment', 'again')]
    check_comments(account, sent, *texts)
    assert sent.desc(card) == '4'


def test_appended_while_the_file_is_saved(account):
    """A comment between two saves of an editor that knows nothing of
    it."""
    card, sent = account.card(), Sent(account)
    write(card.path, card.replaced())
    append(card.path, 'mine')
    by_gedit(card, card.replaced(b'old words', b'newer words'))
    wait_until(lambda: comments(account) == ['mine'], 20, 'the comment')
    sent.wait_all()
    assert comments(account) == ['mine']
    assert sent.desc(card) == DESC.replace('old words', 'newer words')
    assert b'> mine\n' in card.read()
