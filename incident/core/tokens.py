"""What full text is made of: one tokenizer for what is kept and for what is asked, in any script, pure.

Scripts without spaces give each pair of neighbouring characters and each character, so that a query of one or two
Chinese characters finds what it should. Compounds (addresses, domains, URLs, numbers of incidents, file names) are kept
whole behind a `=`, together with the parts that people ask for: `evil.example` finds `mail.evil.example`.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import Final

import idna

from incident.core.indicator import refang

TEXT_LIMIT: Final = 100_000
WORDS_MOST: Final = 10_000
ASKED_MOST: Final = 16
PREFIX_LEAST: Final = 3
LENGTH_LIMIT: Final = 64
CHAIN_MOST: Final = 12

_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b-\u303c"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
_WORD = rf"[^\W_{_SPACELESS}]+"
_PIECES = re.compile(
    rf"(?P<run>[{_SPACELESS}]+)"
    rf"|\w[\w+.-]*://(?P<url>[^\s\"'<>\u2018-\u201f\u3000-\u303f{_SPACELESS}]+)"
    rf"|(?P<plain>{_WORD})(?P<joined>(?:(?:::|--|[._@:/-]){_WORD})*)"
)
_MARKS = re.compile("[\u0300-\u036f]+")
_UNFIT = re.compile(r"[^\w.@:/=-]")
_JOINTS = re.compile(r"[-_]")


@dataclass(frozen=True, slots=True)
class Asked:
    """One word of a query; as a prefix it also finds longer words."""

    word: str
    is_prefix: bool = False


def words_of(texts: Iterable[str | None]) -> list[str]:
    """The words under which a document with these texts is found, each once, at most 10,000."""
    found: dict[str, None] = {}
    left = TEXT_LIMIT
    for text in texts:
        if not text:
            continue
        for word in _words(text[:left]):
            found[word] = None
        left -= min(left, len(text))
        if not left or len(found) > WORDS_MOST:
            break
    return list(found)[:WORDS_MOST]


def asked(query: str) -> tuple[Asked, ...]:
    """The words that a document must all have; none when the query holds nothing that can be looked up."""
    found: dict[Asked, None] = {}
    for match in _PIECES.finditer(_folded(query[:TEXT_LIMIT])):
        for one in _asked_of(match):
            found[one] = None
        if len(found) >= ASKED_MOST:
            break
    return tuple(found)[:ASKED_MOST]


def _folded(text: str) -> str:
    """The text as it is compared: one width, one case, without accents, and defanged writing undone."""
    if text.isascii():
        return _refanged(text.lower())
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return _refanged(unicodedata.normalize("NFC", _MARKS.sub("", plain)))


def _refanged(text: str) -> str:
    is_harmless = "hxxp" in text or "[" in text or "(" in text or "{" in text
    return refang(text) if is_harmless else text


def _words(text: str) -> Iterator[str]:
    for match in _PIECES.finditer(_folded(text)):
        run, url, plain, joined = match.group("run", "url", "plain", "joined")
        if run:
            yield from _pairs(run)
            yield from run
        elif url:
            yield from _url_words(url)
        elif joined:
            yield from _compound_words(plain + joined)
        else:
            yield plain if len(plain) <= LENGTH_LIMIT else _fit(plain)


def _asked_of(match: re.Match[str]) -> Iterator[Asked]:
    run, url, plain, joined = match.group("run", "url", "plain", "joined")
    if run:
        yield from map(Asked, _pairs(run) if len(run) > 1 else run)
    elif url:
        yield Asked(_whole(_trimmed(url)))
    elif not joined:
        yield _asked_word(plain)
    elif _is_name(plain + joined):
        yield Asked(_whole(_address(plain + joined)))
    else:
        yield from map(_asked_word, _JOINTS.split(plain + joined))


def _asked_word(word: str) -> Asked:
    return Asked(_fit(word), PREFIX_LEAST <= len(word) <= LENGTH_LIMIT and not word.isdigit())


def _is_name(compound: str) -> bool:
    """Whether a compound names one thing (an address, a file, a number), not just words joined by hyphens."""
    return any(char.isdigit() or char in ".@:/" for char in compound)


def _pairs(run: str) -> Iterator[str]:
    return (run[at : at + 2] for at in range(len(run) - 1))


def _fit(word: str) -> str:
    """The word, or a short stand-in for one that is too long or has signs the databases give a meaning to."""
    if len(word) <= LENGTH_LIMIT and not _UNFIT.search(word):
        return word
    return "==" + hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=10).hexdigest()


def _whole(compound: str) -> str:
    return _fit(compound if compound.isalnum() else f"={compound}")


def _trimmed(url: str) -> str:
    return url.rstrip("/.,;:!?)]}")


def _address(compound: str) -> str:
    """An IPv6 address in its one short form, anything else as it is."""
    if compound.count(":") < 2:
        return compound
    try:
        return str(IPv6Address(compound))
    except AddressValueError:
        return compound


def _url_words(url: str) -> Iterator[str]:
    whole = _trimmed(url)
    yield _whole(whole)
    place = re.split(r"[?#]", whole, maxsplit=1)[0]
    for match in _PIECES.finditer(whole):
        run, plain, joined = match.group("run", "plain", "joined")
        if not run and place.startswith(plain + joined):
            yield from _compound_words(place)
        else:
            yield from _compound_words(plain + joined)


@lru_cache(maxsize=4096)
def _compound_words(compound: str) -> tuple[str, ...]:
    """A compound whole and in the parts that people ask for."""
    return tuple(dict.fromkeys(_compound(_address(compound))))


def _compound(compound: str) -> Iterator[str]:
    yield _whole(compound)
    for joint in "/@:.":
        if joint in compound:
            parts = [part for part in compound.split(joint) if part]
            yield from _chain(parts, joint)
            if joint != "." or not compound.replace(".", "").isdigit():
                for part in parts:
                    yield from _compound(part)
            return
    if _JOINTS.search(compound):
        yield from _unhyphened(compound)


def _unhyphened(compound: str) -> Iterator[str]:
    parts = _JOINTS.split(compound)
    yield from (_fit(part) for part in parts if part)
    yield from _chain(compound.split("-"), "-")
    if compound.startswith("xn--"):
        yield from _words(_shown(compound))


def _chain(parts: list[str], joint: str) -> Iterator[str]:
    """What a compound is also asked by: the start of a path, an IPv4 address or a number; the end of a domain."""
    if len(parts) > CHAIN_MOST:
        return
    is_domain = joint == "." and not all(part.isdigit() for part in parts)
    for at in range(1, len(parts)):
        yield _whole(joint.join(parts[at:] if is_domain else parts[:at]))


def _shown(label: str) -> str:
    try:
        return idna.decode(label)
    except (idna.IDNAError, UnicodeError):
        return ""
