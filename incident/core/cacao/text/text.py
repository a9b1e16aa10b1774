"""Reading and writing of playbooks: as JSON, or the same content as YAML 1.2 for people.

Only JSON values are accepted. Limits keep every answer fast; exceeding one is reported.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Literal, NoReturn

from incident.core.cacao.faults import Fault, LoadRefused, error, pointer
from incident.core.cacao.text.yaml12 import YAML_BYTES, read_yaml, write_yaml
from incident.core.cacao.values import Json
from incident.core.cacao.vocabulary import MAX_FAULTS

Media = Literal["json", "yaml"]

MAX_BYTES = 10_000_000
MAX_DEPTH = 60
MAX_VALUES = 300_000
LARGEST_INTEGER = 2**53 - 1
_DIGITS = 400


class _Doubled(dict[str, Any]):
    """An object with a duplicate member; kept until its place is known."""

    member = ""


class _Unfit:
    """A number that is valid in JSON text but not in canonical JSON; kept until its place is known."""


def load(source: str | bytes, media: Media | None = None) -> Json:
    """Parse a text into a document: an object of strings, numbers, booleans, null, lists and objects.

    `media` is the format of the text; None decides by its first character. Raises LoadRefused with every fault found.
    """
    text = _decoded(source)
    if media is None:
        media = "json" if text.lstrip()[:1] in ("{", "[") else "yaml"
    document = _read_json(text) if media == "json" else _read_yaml(text)
    if not isinstance(document, dict):
        _refuse(error("not_an_object", "", "CACAO 2.0 section 3.1"))
    faults = list(islice(_faults_of(document, is_suspect=_is_suspect(text)), MAX_FAULTS))
    if faults:
        raise LoadRefused(faults)
    return document


def to_json_text(document: Json) -> str:
    """Return a document as indented JSON for people and other programs."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def to_yaml_text(document: Json) -> str:
    """Return a document as YAML 1.2 that `load` reads back to the same document."""
    return write_yaml(document)


def _refuse(*faults: Fault) -> NoReturn:
    raise LoadRefused(faults)


def _decoded(source: str | bytes) -> str:
    size = len(source)
    if size > MAX_BYTES:
        _refuse(error("too_large", "", size=size, limit=MAX_BYTES))
    if isinstance(source, str):
        return source.removeprefix("\ufeff")
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        _refuse(error("not_utf8", "", "RFC 8259 section 8.1", offset=problem.start))


def _read_json(text: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=lambda name: _Unfit(),
        )
    except json.JSONDecodeError as problem:
        code = "json_malformed"
        _refuse(error(code, "", "RFC 8259", line=problem.lineno, column=problem.colno, problem=problem.msg))
    except RecursionError:
        _refuse(error("too_deep", "", limit=MAX_DEPTH))


def _read_yaml(text: str) -> Any:
    if len(text) > YAML_BYTES:
        _refuse(error("yaml_too_large", "", size=len(text), limit=YAML_BYTES))
    return read_yaml(text, MAX_DEPTH)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    doubled = _Doubled(found)
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            doubled.member = name
        seen.add(name)
    return doubled


def _integer(text: str) -> Any:
    if len(text) > _DIGITS or abs(number := int(text)) > LARGEST_INTEGER:
        return _Unfit()
    return number


def _float(text: str) -> Any:
    number = float(text)
    return number if math.isfinite(number) else _Unfit()


def _is_suspect(text: str) -> bool:
    """Whether some string may contain a NUL or a lone surrogate, so that all must be checked."""
    return "\0" in text or "\\u0000" in text or "\\0" in text or "\\ud" in text.lower() or not _is_encodable(text)


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _faults_of(document: Json, is_suspect: bool) -> Iterator[Fault]:
    """Check every value once, without recursion."""
    count = 1
    stack: list[tuple[Any, tuple[str | int, ...]]] = [(document, ())]
    while stack:
        value, path = stack.pop()
        count += len(value) if isinstance(value, (dict, list)) else 0
        if count > MAX_VALUES:
            yield error("too_many_values", "", limit=MAX_VALUES)
            return
        if isinstance(value, dict):
            yield from _object_faults(value, path, is_suspect)
            stack.extend((member, (*path, name)) for name, member in value.items() if _matters(member, is_suspect))
        elif isinstance(value, list):
            stack.extend((item, (*path, index)) for index, item in enumerate(value) if _matters(item, is_suspect))
        else:
            yield from _scalar_faults(value, path)
        if len(path) > MAX_DEPTH:
            yield error("too_deep", pointer(*path), limit=MAX_DEPTH)
            return


def _matters(value: Any, is_suspect: bool) -> bool:
    return is_suspect or isinstance(value, (dict, list, _Unfit))


def _object_faults(value: Json, path: tuple[str | int, ...], is_suspect: bool) -> Iterator[Fault]:
    if isinstance(value, _Doubled):
        yield error("doubled_member", pointer(*path, value.member), "RFC 8259 section 4", member=value.member)
    if is_suspect:
        yield from _each(value, lambda name: _string_fault(name, path))


def _each(names: Json, judge: Callable[[str], Fault | None]) -> Iterator[Fault]:
    yield from (fault for name in names if (fault := judge(name)))


def _scalar_faults(value: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(value, _Unfit):
        yield error("number_unfit", pointer(*path), "RFC 8785 section 3.2.2.3", limit=LARGEST_INTEGER)
    elif isinstance(value, str) and (fault := _string_fault(value, path)):
        yield fault


def _string_fault(text: str, path: tuple[str | int, ...]) -> Fault | None:
    if "\0" in text:
        return error("nul_character", _printable(pointer(*path)))
    if not _is_encodable(text):
        return error("half_character", _printable(pointer(*path)), "RFC 8785 section 3.2.2.2")
    return None


def _printable(text: str) -> str:
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
