"""Common code of the sources: decoding of JSON payloads, and ignored parts."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

import structlog

from incident.core.incidents.alert import MAX_ALERTS, Alert, Ignored, raw_alert
from incident.core.incidents.indicator import Indicator, guess_indicator, parse_indicator, with_nested
from incident.core.values.document import Reader
from incident.core.values.faults import RuleError, raise_all
from incident.sources.doubled import Doubled, doubled_faults, has_doubled, object_of

Item = Alert | Ignored


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of sender.

    `parse` turns a decoded payload into its alerts and ignored parts, in order; `decode` turns the bytes of a request
    into that payload. Both raise RuleError with the location of the fault.
    """

    name: str
    parse: Callable[[object], list[Item]]
    decode: Callable[[bytes], object]


def decode_json(body: bytes, pointer: str = "") -> object:
    """Return the value of a JSON text in UTF-8.

    Raises RuleError `payload.not_utf8`, `payload.not_json`, `payload.bad_number`, `payload.too_deep` or, for each
    duplicate member of an object, `payload.doubled_member`.
    """
    value = decode_alert(body, pointer)
    raise_all(doubled_faults(value, pointer))
    return value


def decode_alert(body: bytes, pointer: str = "") -> object:
    """Decode JSON from machines: an object with a duplicate member is a `Doubled`, as no alert is refused.

    Raises RuleError as `decode_json`, but for `payload.doubled_member`.
    """
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant, object_pairs_hook=object_of)
    except UnicodeDecodeError as error:
        raise RuleError("payload.not_utf8", {"byte": error.start}, pointer=pointer) from error
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise RuleError("payload.not_json", place, pointer=pointer) from error
    except RecursionError as error:
        raise RuleError("payload.too_deep", pointer=pointer) from error
    except ValueError as error:  # NaN, or a number of thousands of digits
        raise RuleError("payload.bad_number", pointer=pointer) from error


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that is not JSON, as text."""

    text: str


def decode_lines(body: bytes) -> object:
    """Return the payload: one JSON value in any layout, or a list of the values of each line (NDJSON)."""
    lines = [line for line in body.splitlines() if line.strip()]
    if len(lines) > 1 and _is_whole(lines[0]):
        return [_decode_line(line) for line in require_few(lines)]
    return decode_alert(body)


def _decode_line(line: bytes) -> object:
    try:
        return decode_alert(line)
    except RuleError:
        return Broken(line.decode("utf-8", "replace"))


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(decode_alert(line), dict)
    except RuleError:
        return False


def require_few(items: list[Any], pointer: str = "") -> list[Any]:
    """Return the items; raises RuleError `payload.too_many_alerts` when there are more than 1,000."""
    if len(items) > MAX_ALERTS:
        raise RuleError("payload.too_many_alerts", {"most": MAX_ALERTS, "count": len(items)}, pointer=pointer)
    return items


def each_by_itself(source: str, item: object, read: Callable[[Reader, object], Item]) -> Item:
    """Return the content of one part of a payload; the raw part, where it has a fault or `read` fails.

    Args:
        source: the kind of sender.
        item: the part.
        read: parses it, and keeps its faults in the reader.
    """
    if has_doubled(item):
        return unread(source, item)
    reader = Reader()
    try:
        told = read(reader, item)
    except Exception as fault:  # noqa: BLE001  # what is wrong in here must not cost an alert
        structlog.get_logger().error("an alert could not be read", source=source, exc_info=fault)
    else:
        if not reader.faults:
            return told
    return unread(source, item)


def unread(source: str, item: object) -> Alert:
    """Return the replacement of an unreadable part, under the sender's own fingerprint and status if it has them.

    A duplicate status is ignored: with `firing` and `resolved` in one alert, a missing incident would be worse.
    """
    parts = item if isinstance(item, dict) else {}
    if isinstance(item, Doubled):
        parts = {name: value for name, value in item.items() if name not in item.doubled}
    fingerprint = parts.get("fingerprint")
    return raw_alert(
        source,
        item,
        fingerprint=fingerprint if isinstance(fingerprint, str) else None,
        status="resolved" if parts.get("status") == "resolved" else "firing",
    )


def seen_indicators(candidates: Iterable[tuple[str | None, object]]) -> tuple[Indicator, ...]:
    """Return the indicators in a machine's text, without duplicates; others are left out, as the alert itself counts.

    A candidate is a kind, None to detect it, and the value.
    """
    return with_nested(found for kind, value in candidates if (found := _seen(kind, value)) is not None)


def _seen(kind: str | None, value: object) -> Indicator | None:
    if not isinstance(value, str):
        return None
    try:
        return guess_indicator(value) if kind is None else parse_indicator(kind, value)
    except RuleError:
        return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
