"""Tokenizer of full-text search, for stored texts and queries, in any script; pure.

Scripts without spaces give each pair of neighbouring characters and each character, so that a query of one or two
Chinese characters finds the expected documents. Compounds (addresses, domains, URLs, incident numbers, file names) are
indexed whole behind a `=`, together with the parts that people search for: `evil.example` finds `mail.evil.example`. An
address inside another one (`?next=https://...`, plain or percent-encoded) is found like one on its own.

Measured over 100,000 texts with 50 to find (`make bench ARGS=--pieces`): our words find all 50 of a Chinese word of two
characters, a domain inside a host name, an IPv4 and an IPv6 address and an English word, in at most 0.3 ms with FTS5
and 2 ms in PostgreSQL. FTS5's trigrams find no word of two characters, and 50 wrong rows for `203.0.113.7` (in 15 ms);
`unicode61` finds neither the Chinese word nor another spelling of the IPv6 address; PostgreSQL's parser finds neither
these nor the domain.

Every step is linear in the length of the text, and no text raises, because the input comes from outside.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from itertools import islice
from typing import Final
from urllib.parse import unquote

import idna

from incident.core.incidents.indicator import refang

TEXT_LIMIT: Final = 100_000
MAX_WORDS: Final = 10_000
MAX_ASKED: Final = 16
PREFIX_LEAST: Final = 3
LENGTH_LIMIT: Final = 64
MAX_CHAIN: Final = 12
MAX_NESTED: Final = 8
MAX_DECODINGS: Final = 3
MAX_SCHEME: Final = 32
CACHED_LENGTH: Final = 256

MAX_SIZE: Final = 400_000
"""Size limit in bytes of all words of a document, an upper estimate: PostgreSQL accepts tsvectors up to 1 MB."""

MAX_MARKS: Final = 32
"""Longest row of signs that are neither letters nor blanks: sorting a row of combining marks takes quadratic time."""

_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b-\u303c"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
_WORD = rf"[^\W_{_SPACELESS}]+"
_PIECES = re.compile(rf"([{_SPACELESS}]+)|({_WORD})((?:(?:::|--|[._@:/-]){_WORD})*+)")
_SCHEME = re.compile(r"[a-z][a-z0-9+-]*\Z", re.ASCII)
_REST_OF_URL = re.compile(rf"[^\s\"'<>\u2018-\u201f\u3000-\u303f{_SPACELESS}]+")
_INNER_SCHEME = re.compile(rf"[a-z][a-z0-9+-]{{0,{MAX_SCHEME - 1}}}://", re.ASCII)
_LONG_ROW = re.compile(rf"(?<![^\w\s])[^\w\s]{{{MAX_MARKS + 1},}}")
_MARKS = re.compile("[\u0300-\u036f]+")
_UNFIT = re.compile(r"[^\w.@:/=-]")
_JOINTS = re.compile(r"[-_]")


@dataclass(frozen=True, slots=True)
class QueryWord:
    """One word of a query; as a prefix it also matches longer words."""

    word: str
    is_prefix: bool = False


def words_of(texts: Iterable[str | None]) -> list[str]:
    """Return the index words of a document with these texts, without duplicates, at most 10,000."""
    found: dict[str, None] = {}
    left, size = TEXT_LIMIT, 0
    for text in filter(None, texts):
        for word in _words(_folded(text[:left])):
            if word in found:
                continue
            size += len(word) * (1 if word.isascii() else 4)
            if len(found) >= MAX_WORDS or size > MAX_SIZE:
                return list(found)
            found[word] = None
        left -= min(left, len(text))
        if not left:
            break
    return list(found)


def simple_words_of(texts: Iterable[str | None]) -> list[str]:
    """Return the plain words of the texts, without compounds: the fallback when `words_of` has failed."""
    joined = " ".join(filter(None, texts))[:TEXT_LIMIT].lower()
    return list(dict.fromkeys(_fit(word) for word in re.findall(_WORD, joined)))[: MAX_WORDS // 4]


def query_words(query: str) -> tuple[QueryWord, ...]:
    """Return the words that a document must all contain; none when the query has no searchable word."""
    found: dict[QueryWord, None] = {}
    for one in islice(_asked(_folded(query[:TEXT_LIMIT])), 1_000):
        found[one] = None
        if len(found) >= MAX_ASKED:
            break
    return tuple(found)


def _folded(text: str) -> str:
    """Return the text in the form used for comparison: one width, one case, no accents, not defanged."""
    if text.isascii():
        return _refanged(text.lower())
    short = _LONG_ROW.sub(lambda row: row[0][:MAX_MARKS], text)
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", short)[:TEXT_LIMIT].casefold())
    return _refanged(unicodedata.normalize("NFC", _MARKS.sub("", plain)))


def _refanged(text: str) -> str:
    is_harmless = "hxxp" in text or "[" in text or "(" in text or "{" in text
    return refang(text) if is_harmless else text


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Split the text at its URLs: the text before each, and the URL without its scheme; "" after the last."""
    begin = at = 0
    while (at := text.find("://", at)) >= 0:
        scheme = _SCHEME.search(text, max(begin, at - MAX_SCHEME), at)
        at += 3
        if scheme and (rest := _REST_OF_URL.match(text, at)):
            yield text[begin : scheme.start()], _trimmed(rest[0])
            begin = at = rest.end()
    yield text[begin:], ""


def _words(text: str) -> Iterator[str]:
    for before, url in _sections(text):
        yield from _words_without_urls(before)
        if url:
            yield from _url_words(url)
            yield from _decoded_words(url)


def _decoded_words(url: str) -> Iterator[str]:
    """Return the words of percent-encoded parts of a URL, decoded up to three times."""
    for _ in range(MAX_DECODINGS):
        encoded, url = url, _folded(unquote(url)) if "%" in url else url
        if url == encoded:
            return
        for before, inner in _sections(url):
            yield from _words_without_urls(before)
            yield from _url_words(inner) if inner else ()


def _words_without_urls(text: str) -> Iterator[str]:
    for run, plain, joined in _PIECES.findall(text):
        if run:
            yield from _pairs(run)
            yield from run
        elif joined:
            yield from _compound_words(plain + joined)
        else:
            yield plain if len(plain) <= LENGTH_LIMIT else _fit(plain)


def _asked(text: str) -> Iterator[QueryWord]:
    for before, url in _sections(text):
        for match in _PIECES.finditer(before):
            yield from _asked_of(*match.groups(""))
        if url:
            yield QueryWord(_whole(url))


def _asked_of(run: str, plain: str, joined: str) -> Iterator[QueryWord]:
    if run:
        yield from map(QueryWord, _pairs(run) if len(run) > 1 else run)
    elif not joined:
        yield _asked_word(plain)
    elif _is_name(plain + joined):
        yield QueryWord(_whole(_address(plain + joined)))
    else:
        yield from map(_asked_word, filter(None, _JOINTS.split(plain + joined)))


def _asked_word(word: str) -> QueryWord:
    return QueryWord(_fit(word), PREFIX_LEAST <= len(word) <= LENGTH_LIMIT and not word.isdigit())


def _is_name(compound: str) -> bool:
    """Whether a compound names one object (an address, a file, a number), not just words joined by hyphens."""
    return any(char.isdigit() or char in ".@:/" for char in compound)


def _pairs(run: str) -> Iterator[str]:
    return (run[at : at + 2] for at in range(len(run) - 1))


def _fit(word: str) -> str:
    """Return the word, or a short substitute for one that is too long or has characters special to the databases."""
    if len(word) <= LENGTH_LIMIT and not _UNFIT.search(word):
        return word
    return "==" + hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=10).hexdigest()


def _whole(compound: str) -> str:
    return _fit(compound if compound.isalnum() else f"={compound}")


def _trimmed(url: str) -> str:
    return url.rstrip("/.,;:!?)]}")


def _address(compound: str) -> str:
    """Return an IPv6 address in its canonical short form, anything else unchanged."""
    if compound.count(":") < 2 or len(compound) > LENGTH_LIMIT:
        return compound
    try:
        return str(IPv6Address(compound))
    except AddressValueError:
        return compound


def _url_words(url: str) -> Iterator[str]:
    """Return the words of a URL without its scheme and of each URL inside it: whole, host and path, parts."""
    begin, ends = 0, "?#"
    for _ in range(MAX_NESTED):
        inner = _INNER_SCHEME.search(url, begin)
        yield _whole(url[begin:])
        yield from _place_words(url[begin : inner.start() if inner else len(url)], ends)
        if inner is None:
            return
        begin, ends = inner.end(), "?#&"
    yield from _words_without_urls(url[begin:])


def _place_words(url: str, ends: str) -> Iterator[str]:
    place = _trimmed(re.split(f"[{ends}]", url, maxsplit=1)[0])
    if place:
        yield from _compound_words(place)
    yield from _words_without_urls(url)


def _compound_words(compound: str) -> Iterable[str]:
    """Return a compound whole and the parts that people search for."""
    return _cached_words(compound) if len(compound) <= CACHED_LENGTH else _compound(_address(compound))


@lru_cache(maxsize=4096)
def _cached_words(compound: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_compound(_address(compound))))


def _compound(compound: str) -> Iterator[str]:
    yield _whole(compound)
    for joint in "/@:.":
        if joint in compound:
            parts = [part for part in compound.split(joint) if part]
            yield from _chain(parts, joint)
            if joint != "." or not compound.replace(".", "").isdigit():
                for part in parts:
                    yield from _compound_words(part)
            return
    if _JOINTS.search(compound):
        yield from _unhyphened(compound)


def _unhyphened(compound: str) -> Iterator[str]:
    parts = _JOINTS.split(compound)
    yield from (_fit(part) for part in parts if part)
    yield from _chain(compound.split("-"), "-")
    if compound.startswith("xn--") and len(compound) <= LENGTH_LIMIT:
        yield from _words_without_urls(_folded(_shown(compound)))


def _chain(parts: list[str], joint: str) -> Iterator[str]:
    """Yield further search forms of a compound: prefixes of a path, IPv4 address or number; suffixes of a domain."""
    if len(parts) > MAX_CHAIN:
        return
    is_domain = joint == "." and not all(part.isdigit() for part in parts)
    for at in range(1, len(parts)):
        yield _whole(joint.join(parts[at:] if is_domain else parts[:at]))


@lru_cache(maxsize=1024)
def _shown(label: str) -> str:
    try:
        return idna.decode(label)
    except (idna.IDNAError, UnicodeError):
        return ""
