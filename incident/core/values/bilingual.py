"""Texts in English and Chinese, such as `Isolate / 隔离`: selects the part in the reader's language."""

import re
from collections import Counter
from typing import Final

SLASH: Final = " / "
SHORT_LIMIT: Final = 60
"""Below this many characters the lengths of two texts are no evidence."""

PROSE_LEAST: Final = 0.5
MAX_PROSE: Final = 12.0
"""The largest ratio of the English length to the Chinese length at which both count as the same text."""

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LETTER = re.compile("[A-Za-z]")
_LATIN = re.compile("[A-Za-z]{2}")
_MARK = re.compile(r"(\s*(?:[-*+•]|\d{1,3}[.)、])\s+|\s*)(.*)", re.DOTALL)
_CODE = re.compile(r"```.*?```|~~~.*?~~~|`[^`\n]+`|https?://[^\s，。；、）]+", re.DOTALL)
_GAP = re.compile(r"\n(?:[ \t]*\n)+")
_FENCES: Final = ("```", "~~~")

Pair = tuple[str, str]


def in_language(text: str, language: str) -> str:
    """Return the part of a text in a language; all of it when it may not be a translated pair.

    Args:
        text: `English / 中文`, lines of that form, or English paragraphs followed by Chinese ones; either may be first.
        language: a supported language; every one that does not begin with `zh` selects the English.
    """
    if not _HAN.search(text) or not _LATIN.search(text):
        return text
    pair = _halves(text.strip())
    if pair is None:
        return text
    return pair[language.startswith("zh")]


def _halves(text: str) -> Pair | None:
    """Return the English and the Chinese part of a text, None when in doubt."""
    if "\n" not in text:
        return _line(text)
    return _lines(text) or _blocks(text) or _wrapped(text)


def _line(text: str) -> Pair | None:
    """Split `English / 中文`; a side may contain slashes when all of its parts are in its language."""
    parts = text.split(SLASH)
    chinese = [_HAN.search(part) is not None for part in parts]
    if chinese == sorted(chinese):
        at, is_first = chinese.count(False), False
    elif chinese == sorted(chinese, reverse=True):
        at, is_first = chinese.count(True), True
    else:
        return None
    if chinese.count(True) > 1 and any(_LETTER.search(part) for part, own in zip(parts, chinese, strict=True) if own):
        return None  # several pairs in a row: joined names
    left, right = SLASH.join(parts[:at]), SLASH.join(parts[at:])
    if not left.strip() or not right.strip():
        return None
    return _if_alike(right, left) if is_first else _if_alike(left, right)


def _lines(text: str) -> Pair | None:
    """Split lines that are a pair each; list markers are kept in both."""
    english, chinese, count = [], [], 0
    for line in text.split("\n"):
        mark, rest = _MARK.fullmatch(line).groups()  # type: ignore[union-attr]  # it fits every line
        pair = _line(rest) if rest else ("", "")
        if pair is None:
            return None
        count += bool(rest)
        english.append(mark + pair[0])
        chinese.append(mark + pair[1])
    return ("\n".join(english), "\n".join(chinese)) if count > 1 else None


def _wrapped(text: str) -> Pair | None:
    """Split one pair that spans several lines."""
    pair = _line(text) if text.count(SLASH) == 1 and not _GAP.search(text) else None
    return pair if pair and all(_HAN.search(line) for line in pair[1].split("\n")) else None


def _blocks(text: str) -> Pair | None:
    """Split paragraphs of one language that are followed by as many in the other."""
    gaps = [(one.start(), one.end()) for one in _GAP.finditer(text)]
    starts, ends = [0, *(end for _, end in gaps)], [*(start for start, _ in gaps), len(text)]
    chinese = [_is_chinese(text[start:end]) for start, end in zip(starts, ends, strict=True)]
    if None in chinese or len(set(chinese)) < 2:
        return None
    turn = next(at for at, one in enumerate(chinese) if one is not chinese[0])
    if any(one is chinese[0] for one in chinese[turn:]):
        return None
    first, second = text[: ends[turn - 1]], text[starts[turn] :]
    return _if_alike(second, first) if chinese[0] else _if_alike(first, second)


def _is_chinese(paragraph: str) -> bool | None:
    """Return whether a paragraph is Chinese rather than English, None when it has only code, addresses or signs."""
    if paragraph.startswith(("    ", "\t")):
        return None
    prose = _CODE.sub("", paragraph)
    if _HAN.search(prose):
        return True
    return False if _LATIN.search(prose) else None


def _if_alike(english: str, chinese: str) -> Pair | None:
    """Return both when they can be the same text: similar length, the same code and addresses.

    Otherwise, content that is in only one of them would be lost to the readers of the other.
    """
    if _LATIN.search(english) is None or Counter(_CODE.findall(english)) != Counter(_CODE.findall(chinese)):
        return None
    if any(english.count(fence) % 2 for fence in _FENCES):
        return None
    is_short = len(english) < SHORT_LIMIT and len(chinese) < SHORT_LIMIT
    if not is_short and not PROSE_LEAST <= len(english) / len(chinese) <= MAX_PROSE:
        return None
    return english, chinese
