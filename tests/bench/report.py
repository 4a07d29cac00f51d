"""Prints what was measured, as soon as it is known."""


def say(text=''):
    print(text, flush=True)


def title(text, *lines):
    say()
    say(text)
    say('-' * len(text))
    for line in lines:
        say(line)


def heading(names):
    """Above rows(): local disk first, the others with their ratio to it."""
    say(' ' * 12 + f'{names[0]:>10}' +
        ''.join(f'{name:>19}' for name in names[1:]))


def row(name, local_ms, others):
    """others: (milliseconds, ratio) or None where it was not tried."""
    cells = ''.join(
        f'{ms:>10.0f} ({ratio:6.1f}x)' if ratio is not None else ' ' * 19
        for ms, ratio in others)
    say(f'{name:<12}{local_ms:>7.0f} ms{cells}')


def fact(name, value, limit=None, good=True):
    """limit: what it must be, if anything."""
    verdict = ''
    if limit is not None:
        verdict = f'   (required: {limit}: {"yes" if good else "NO"})'
    say(f'  {name + ":":<46} {value}{verdict}')


def mib(size):
    return f'{size / 1048576:.1f} MiB'
