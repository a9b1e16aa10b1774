"""Marks the hits of a search in a text, and cuts the text around the first one; pure."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from incident.core.incidents.search_tokenizer import query_words

AROUND: Final = 70
"""Characters before the first hit of a snippet."""

SNIPPET: Final = 220
"""Length of a snippet in characters."""

TEXT_MOST: Final = 20_000
"""Characters of a text that are looked through."""


@dataclass(frozen=True)
class Part:
    """A part of a text; `is_hit` when the search found it."""

    text: str
    is_hit: bool = False


def needles_of(query: str) -> tuple[str, ...]:
    """Return the texts to mark for a query, the longest first."""
    typed = [_folded(word)[0] for word in query.split()]
    words = [one.word.lstrip("=") for one in query_words(query)]
    return tuple(sorted({one for one in (*typed, *words) if one}, key=lambda one: (-len(one), one)))


def marked(text: str, needles: Sequence[str]) -> tuple[Part, ...]:
    """Divide a text into parts that are hits and parts that are not."""
    return tuple(_parts(text, _spans(text, needles)))


def snippet(text: str, needles: Sequence[str]) -> tuple[Part, ...]:
    """Return the part of a text around the first hit, with marks; nothing when there is no hit."""
    spans = _spans(text[:TEXT_MOST], needles)
    if not spans:
        return ()
    begin = max(0, spans[0][0] - AROUND)
    end = min(len(text), begin + SNIPPET)
    cut = text[begin:end]
    parts = _parts(cut, [(one - begin, min(other, end) - begin) for one, other in spans if one < end])
    before, after = [Part("…")] * (begin > 0), [Part("…")] * (end < len(text))
    return tuple(before + list(parts) + after)


def _parts(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[Part]:
    at = 0
    for begin, end in spans:
        if begin < at:  # one character, such as an ellipsis, may hold several hits
            continue
        if begin > at:
            yield Part(text[at:begin])
        yield Part(text[begin:end], is_hit=True)
        at = end
    if at < len(text):
        yield Part(text[at:])


def _spans(text: str, needles: Sequence[str]) -> list[tuple[int, int]]:
    """Return begin and end of all hits, in order, without overlaps."""
    folded, places = _folded(text)
    taken: list[tuple[int, int]] = []
    for needle in needles:
        at = folded.find(needle)
        while at >= 0:
            end = at + len(needle)
            if _begins_word(folded, at) and not any(at < other and begin < end for begin, other in taken):
                taken.append((at, end))
            at = folded.find(needle, end)
    return [(places[begin], places[end - 1] + 1) for begin, end in sorted(taken)]


def _begins_word(text: str, at: int) -> bool:
    """Whether a word begins here; inside a word a hit would not be one that the search found."""
    return at == 0 or not (text[at].isascii() and text[at].isalnum() and text[at - 1].isalnum())


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text in the form used for comparison, and for each of its characters the place in the text."""
    found: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for one in unicodedata.normalize("NFKD", character).casefold():
            if not unicodedata.combining(one):
                found.append(one)
                places.append(place)
    return "".join(found), places
