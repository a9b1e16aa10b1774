"""The places of a sample that a mapping can name, each with an example of its value."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from incident.core.incidents.mapping.pointer import PayloadScope, json_text, parse_pointer
from incident.core.values.faults import RuleError, member

MAX_PLACES: Final = 150
MAX_MESSAGES: Final = 20
MAX_DEPTH: Final = 6
MAX_EXAMPLE: Final = 80


@dataclass(frozen=True, slots=True)
class PayloadPlace:
    """A pointer, and an example of what is there; for a list of alerts their number."""

    pointer: str
    example: str = ""


def scopes_of(payload: object, alerts: str) -> list[PayloadScope]:
    """Return the alerts of a sample, each with its message, as far as they are objects.

    Args:
        payload: values of JSON; a list is several messages.
        alerts: the place of the list of alerts, empty when a message is one alert.
    """
    found = []
    for message in _messages(payload):
        for alert in _alerts(message, alerts):
            found.append(PayloadScope(alert, message))
    return found[:MAX_MESSAGES]


def places_in(payload: object, alerts: str) -> list[PayloadPlace]:
    """Return the places within an alert, then those around it; the first value of each is the example."""
    found: dict[str, str] = {}
    scopes = scopes_of(payload, alerts)
    for alert, _ in scopes:
        _add(found, _values(alert, "", MAX_DEPTH))
    for _, message in scopes if alerts else ():
        around = _values(message, "$", MAX_DEPTH)
        _add(found, ((place, text) for place, text in around if not f"{place}/".startswith(f"${alerts}/")))
    return [PayloadPlace(place, text) for place, text in found.items()][:MAX_PLACES]


def lists_in(payload: object) -> list[PayloadPlace]:
    """Return the places of the lists of objects in a sample."""
    found: dict[str, str] = {}
    for message in _messages(payload):
        for place, size in _lists(message, "", MAX_DEPTH):
            found.setdefault(place, str(size))
    return [PayloadPlace(place, size) for place, size in found.items()][:MAX_MESSAGES]


def _add(found: dict[str, str], values: Iterator[tuple[str, str]]) -> None:
    for place, text in values:
        found[place] = found.get(place) or text


def _messages(payload: object) -> list[dict[str, Any]]:
    listed = payload if isinstance(payload, list) else [payload]
    return [message for message in listed if isinstance(message, dict)][:MAX_MESSAGES]


def _alerts(message: dict[str, Any], alerts: str) -> list[dict[str, Any]]:
    if not alerts:
        return [message]
    try:
        found = parse_pointer(alerts).first(PayloadScope(message, message))
    except RuleError:
        return []
    listed = found if isinstance(found, list) else [found]
    return [alert for alert in listed[:MAX_MESSAGES] if isinstance(alert, dict)]


def _named(value: dict[str, Any], pointer: str) -> Iterator[tuple[str, Any]]:
    """Yield the members whose places a template can name."""
    for name, below in value.items():
        if name and not set("*{}") & set(name):
            yield member(pointer, name), below


def _values(value: dict[str, Any], pointer: str, depth: int) -> Iterator[tuple[str, str]]:
    for place, below in _named(value, pointer):
        if isinstance(below, dict):
            yield from _values(below, place, depth - 1) if depth > 1 else ()
        elif isinstance(below, list) and any(isinstance(item, dict) for item in below):
            for item in below[:MAX_MESSAGES] if depth > 1 else ():
                yield from _values(item, f"{place}/*", depth - 1) if isinstance(item, dict) else ()
        else:
            yield place, (json_text(below) or "")[:MAX_EXAMPLE]


def _lists(value: dict[str, Any], pointer: str, depth: int) -> Iterator[tuple[str, int]]:
    for place, below in _named(value, pointer):
        if isinstance(below, list) and below and isinstance(below[0], dict):
            yield place, len(below)
        elif isinstance(below, dict) and depth > 1:
            yield from _lists(below, place, depth - 1)
