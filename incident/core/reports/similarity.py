"""Which words of a text tell it from others: by them, similar reports are found."""

import re
from typing import Final
from urllib.parse import urlsplit

MOST_WORDS: Final = 6
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{3,59}|[\u4e00-\u9fff]{2,12}")
_CHINESE_SHOWN: Final = 6
"""Chinese is written without spaces: of a longer run, the first characters are looked for."""


def telling_words(text: str, url: str | None = None) -> tuple[str, ...]:
    """Return the host of the address and the longest words of a text, at most six.

    Args:
        text: what a report says.
        url: its address; one that cannot be read is left out.
    """
    host = _host(url or "")
    words = [one[:_CHINESE_SHOWN] if one[0] >= "\u4e00" else one.strip("._@-") for one in _WORD.findall(text[:5_000])]
    longest = sorted(dict.fromkeys(words), key=lambda word: -_weight(word))
    found = ([host] if host else []) + [one for one in longest if one.casefold() != host]
    return tuple(found[:MOST_WORDS])


def _weight(word: str) -> int:
    """Return how much a word tells: digits more than letters, a Chinese character as much as three."""
    return len(word) * (3 if word[0] >= "\u4e00" else 2 if any(letter.isdigit() for letter in word) else 1)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
