"""Indicators: addresses, names, hashes and accounts, each in one canonical form so that equal ones compare equal."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args
from urllib.parse import unquote, urlsplit, urlunsplit

from incident.core.values.document import Reader
from incident.core.values.faults import RuleError, member
from incident.core.values.host import ascii_name
from incident.core.values.text import is_plain

Kind = Literal["ipv4", "ipv6", "domain", "url", "email", "md5", "sha1", "sha256", "account"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
VALUE_LIMIT: Final = 2_048
MAX_INDICATORS: Final = 1_000
MAX_NESTED: Final = 8
MAX_DECODINGS: Final = 3

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_LOCAL_PART = re.compile(r"[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f]{1,64}")
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)
_LIVE = re.compile(r"\bhttp(?=s?://)")
_INNER = re.compile(r"\b[a-z][a-z0-9+-]{0,31}://[^\s\"'<>]+", re.IGNORECASE | re.ASCII)
_REFANGS = (
    (re.compile(r"\bhxxp(s?)(?=\[?:)", re.IGNORECASE), r"http\1"),
    (re.compile(r"\[(\.|dot)\]|\((\.|dot)\)|\{(\.|dot)\}", re.IGNORECASE), "."),
    (re.compile(r"\[:\]"), ":"),
    (re.compile(r"\[:?//\]"), "://"),
    (re.compile(r"\[(@|at)\]|\((@|at)\)", re.IGNORECASE), "@"),
)
_NESTED_REFANGS = 8
"""Rounds that resolve nested notation; each of them scans the whole text."""


@dataclass(frozen=True, slots=True, order=True)
class Indicator:
    """One indicator in its canonical form, created with `parse_indicator` or `guess_indicator`."""

    kind: Kind
    value: str

    def to_json(self) -> dict[str, str]:
        """Return the indicator in the form of the API."""
        return {"kind": self.kind, "value": self.value}


def parse_indicator(kind: str, value: str, pointer: str = "") -> Indicator:
    """Return the indicator of that kind in canonical form; defanged notation (`hxxp`, `[.]`) is accepted.

    Raises RuleError `indicator.unknown_kind` or `indicator.malformed`.
    """
    if kind not in KINDS:
        raise RuleError("indicator.unknown_kind", {"kinds": ", ".join(KINDS)}, pointer=pointer)
    text = value.strip()
    canonical = None
    if 0 < len(text) <= VALUE_LIMIT and is_plain(text):
        canonical = _CANONICAL[kind](text if kind == "account" else refang(text))
    if canonical is None:
        raise RuleError("indicator.malformed", {"kind": kind}, pointer=pointer)
    return Indicator(kind, canonical)


def guess_indicator(value: str, pointer: str = "") -> Indicator:
    """Return the indicator of the first kind that matches the value; never an account, which any word could be.

    Raises RuleError `indicator.unrecognised`.
    """
    text = refang(value.strip())
    if 0 < len(text) <= VALUE_LIMIT and is_plain(text):
        for kind in _GUESSED:
            canonical = _CANONICAL[kind](text)
            if canonical is not None:
                return Indicator(kind, canonical)
    raise RuleError("indicator.unrecognised", {"kinds": ", ".join(KINDS)}, pointer=pointer)


def read_indicators(items: object, pointer: str = "") -> tuple[Indicator, ...]:
    """Return the indicators of a list of `{kind, value}` objects or plain texts, without duplicates, in the given
    order.

    Raises RuleError with every fault and its place.
    """
    reader = Reader()
    read = [reader.checked(_read, item, member(pointer, index)) for index, item in enumerate(_few(items, pointer))]
    reader.finish()
    return with_nested(indicator for indicator in read if indicator is not None)


def _few(items: object, pointer: str) -> list[Any]:
    if not isinstance(items, list) or len(items) > MAX_INDICATORS:
        raise RuleError("indicator.list", {"most": MAX_INDICATORS}, pointer=pointer)
    return items


def sort_indicators(items: object, pointer: str = "") -> tuple[tuple[Indicator, ...], tuple[str, ...]]:
    """Return the indicators of such a list, and its values that do not match their kind.

    Raises RuleError with every other fault, as `read_indicators` does.
    """
    reader, found, unread = Reader(), list[Indicator | None](), list[str]()
    for index, item in enumerate(_few(items, pointer)):
        value = _unread(item)
        if value is None:
            found.append(reader.checked(_read, item, member(pointer, index)))
        else:
            unread.append(value)
    reader.finish()
    return with_nested(indicator for indicator in found if indicator is not None), tuple(unread)


def _unread(item: object) -> str | None:
    """Return the value of an item of the right shape that is no indicator of its kind; None for others."""
    try:
        _read(item, "")
    except RuleError as fault:
        if fault.code in {"indicator.malformed", "indicator.unrecognised"}:
            return str(item["value"] if isinstance(item, Mapping) else item)
    return None


def with_nested(indicators: Iterable[Indicator]) -> tuple[Indicator, ...]:
    """Return the indicators, each URL followed by those inside it, without duplicates.

    URLs inside others are such as `?next=https://...`, also percent-encoded.
    """
    found: dict[Indicator, None] = {}
    for indicator in indicators:
        found[indicator] = None
        if indicator.kind == "url":
            found.update(dict.fromkeys(_nested(indicator.value)))
    return tuple(found)


def nesting_in(texts: Iterable[str]) -> tuple[Indicator, ...]:
    """Return the URLs in free texts that contain another, with the contained ones: typical links of phishing mails."""
    found: dict[Indicator, None] = {}
    for text in texts:
        if "://" not in text:
            continue
        for match in _INNER.finditer(refang(text)):
            url = _url(match[0].rstrip(".,;:!?)]}")) if len(match[0]) <= VALUE_LIMIT else None
            if url and (nested := _nested(url)):
                found.update(dict.fromkeys((Indicator("url", url), *nested)))
            if len(found) > MAX_INDICATORS // 10:
                return tuple(found)
    return tuple(found)


def _nested(url: str) -> tuple[Indicator, ...]:
    """Return the URLs inside a URL, from the outermost to the innermost, at most 8."""
    found: dict[str, None] = {}
    waiting = [url]
    while waiting and len(found) < MAX_NESTED:
        for inner in _inner_urls(waiting.pop(0)):
            if inner not in found and inner != url:
                found[inner] = None
                waiting.append(inner)
    return tuple(Indicator("url", inner) for inner in found)[:MAX_NESTED]


def _inner_urls(url: str) -> Iterator[str]:
    place, _, rest = url.partition("://")[2].partition("?")
    query, _, fragment = rest.partition("#")
    behind = f"{place}?{rest}" if _INNER.search(place) else place
    for part in (behind, *re.split("[&;]", query), fragment):
        text = part
        for _ in range(MAX_DECODINGS):
            if "%" in text and not _INNER.search(text):
                text = unquote(text)
        match = _INNER.search(text)
        inner = _url(match[0]) if match and len(match[0]) <= VALUE_LIMIT and is_plain(match[0]) else None
        if inner:
            yield inner


def refang(text: str) -> str:
    """Undo defanged notation: `hxxps://evil[.]example` is `https://evil.example`, `[[.]]` is `.`.

    Deeper nesting than anybody writes is left unchanged.
    """
    plain = text
    for _ in range(_NESTED_REFANGS):
        before = plain
        for pattern, meant in _REFANGS:
            plain = pattern.sub(meant, plain)
        if plain == before:
            return plain
    return text


def defang(indicator: Indicator) -> str:
    """Return the value in a form that no program turns into a link: `hxxps://evil[.]example/a.b`."""
    if indicator.kind == "url":
        scheme, _, rest = indicator.value.partition("://")
        host, slash, path = rest.partition("/")
        scheme = {"http": "hxxp", "https": "hxxps"}.get(scheme, scheme)
        return f"{scheme}://{_open(host)}{slash}{_LIVE.sub('hxxp', path)}"
    if indicator.kind in {"domain", "ipv4", "ipv6"}:
        return _open(indicator.value)
    return _open(indicator.value.replace("@", "[@]")) if indicator.kind == "email" else indicator.value


def _open(host: str) -> str:
    return host.replace(".", "[.]") if "." in host else host.replace(":", "[:]")


def _read(item: object, pointer: str) -> Indicator:
    if isinstance(item, str):
        return guess_indicator(item, pointer)
    if isinstance(item, Mapping) and set(item) <= {"kind", "value"} and isinstance(item.get("value"), str):
        kind, value = item.get("kind"), item["value"]
        return guess_indicator(value, pointer) if kind is None else parse_indicator(str(kind), value, pointer)
    raise RuleError("indicator.shape", pointer=pointer)


def _ipv4(text: str) -> str | None:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        return None


def _ipv6(text: str) -> str | None:
    try:
        address = ipaddress.IPv6Address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return None if address.scope_id else str(address)


def _domain(text: str) -> str | None:
    name = ascii_name(text.rstrip("."))
    if name is None or len(name) > 253:
        return None
    labels = name.split(".")
    is_name = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return name if is_name else None


def _url(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    name = _host(host)
    if "://" not in text or name is None or not _SCHEME.fullmatch(parts.scheme) or re.search(r"\s", text):
        return None
    user = parts.netloc.rpartition("@")[0]
    standing = {"http": 80, "https": 443, "ftp": 21}.get(parts.scheme)
    place = (f"{user}@" if user else "") + name + (f":{port}" if port not in {None, standing} else "")
    return urlunsplit((parts.scheme, place, parts.path or "/", parts.query, parts.fragment))


def _host(host: str) -> str | None:
    literal = _ipv6(host) if ":" in host else None
    if literal:
        return f"[{literal}]"
    single = host.lower() if _LABEL.fullmatch(host.lower()) and not host.isdigit() else None
    return _ipv4(host) or _domain(host) or single


def _email(text: str) -> str | None:
    local, _, domain = text.rpartition("@")
    name = _domain(domain)
    return f"{local}@{name}" if name and _LOCAL_PART.fullmatch(local) else None


def _hash(length: int) -> Callable[[str], str | None]:
    def canonical(text: str) -> str | None:
        lowered = text.lower()
        return lowered if len(lowered) == length and _HEX.fullmatch(lowered) else None

    return canonical


def _account(text: str) -> str | None:
    return text if len(text) <= 320 and "\n" not in text and "\t" not in text and "\r" not in text else None


_CANONICAL: Final[Mapping[str, Callable[[str], str | None]]] = {
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "domain": _domain,
    "url": _url,
    "email": _email,
    "md5": _hash(32),
    "sha1": _hash(40),
    "sha256": _hash(64),
    "account": _account,
}
_GUESSED: Final[Iterable[Kind]] = ("ipv4", "ipv6", "md5", "sha1", "sha256", "url", "email", "domain")
