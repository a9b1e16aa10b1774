"""Turns a payload into alerts after a mapping; no payload makes it fail, whatever JSON it is."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from incident.core.incidents.alert import MAX_ALERTS, Alert, AlertStatus, Ignored
from incident.core.incidents.indicator import VALUE_LIMIT, Indicator, guess_indicator, parse_indicator, with_nested
from incident.core.incidents.mapping.pointer import PayloadScope, Pointer, Template, json_text
from incident.core.incidents.mapping.rules import AlertMapping, PayloadCondition, TimeRule, Unwrap, Variant
from incident.core.values.faults import RuleError

T = TypeVar("T")
R = TypeVar("R")
MAX_CANDIDATES: Final = 200
"""Values of one alert that are tried as indicators."""

_NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A part of a payload that the mapping cannot read, as received, with the faults."""

    part: object
    faults: tuple[RuleError, ...]


MappedItem = Alert | Ignored | Unmapped


def apply_mapping(
    mapping: AlertMapping,
    payload: object,
    received_at: datetime,
    source: str,
    others: Sequence[tuple[str, AlertMapping]] = (),
) -> list[MappedItem]:
    """Return the content of a payload in order: alerts, ignored parts, and parts that cannot be read.

    Args:
        mapping: how the payload is read.
        payload: values of JSON; a list is several messages, each of which is read by itself.
        received_at: when it was received (UTC); later moments are not believed.
        source: the source that the alerts name.
        others: sources (name and mapping) that may have sent a message which this one wraps.

    Raises:
        RuleError: the only message has no known form or no list of alerts, or there are more than 1,000 alerts.
    """
    reading = _Reading(received_at, others)
    if not isinstance(payload, list):
        return _few([*reading.message(mapping, payload, source)], _list_of(mapping, payload))
    items: list[MappedItem] = []
    for message in _few(payload, ""):
        try:
            items += reading.message(mapping, message, source)
        except RuleError as fault:
            items.append(Unmapped(message, fault.all))
    return _few(items, "")


def apply_variant(variant: Variant, scope: PayloadScope, source: str, received_at: datetime) -> MappedItem:
    """Return what one part of a payload is after a variant.

    Args:
        variant: how it is read.
        scope: the part, and the payload around it.
        source: the source that the alert names.
        received_at: when it was received (UTC).
    """
    return _Reading(received_at, ()).part(variant, scope.alert, scope.payload, source)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is the same for all messages of a request."""

    received_at: datetime
    others: Sequence[tuple[str, AlertMapping]]

    def message(self, mapping: AlertMapping, payload: object, source: str) -> Iterable[MappedItem]:
        if not isinstance(payload, dict):
            raise RuleError("document.not_an_object")
        for variant in mapping.variants:
            if not variant.fits(payload):
                continue
            if variant.unwrap is None:
                return self.variant(variant, payload, source)
            inner = _unwrapped(variant.unwrap, payload)
            if inner is _NOTHING:
                continue
            sender = next((other for other in self.others if _is_from(other[1], inner)), None)
            if sender is not None:
                return apply_mapping(sender[1], inner, self.received_at, sender[0])
            payload = {**payload, variant.unwrap.into: inner}
        raise RuleError("mapping.no_variant", {"forms": _forms(mapping)})

    def variant(self, variant: Variant, payload: dict[str, Any], source: str) -> list[MappedItem]:
        return [self.part(variant, part, payload, source) for part in _parts(variant.alerts, payload)]

    def part(self, variant: Variant, part: object, payload: object, source: str) -> MappedItem:
        scope = PayloadScope(part, payload)
        if not isinstance(part, dict):
            return Unmapped(part, (RuleError("document.not_an_object"),))
        if (reason := _reason_to_ignore(variant.ignore, scope)) is not None:
            return reason
        try:
            fingerprint = _fingerprint(variant, scope)
        except RuleError as fault:
            return Unmapped(part, fault.all)
        return self.alert(variant, scope, source, fingerprint)

    def alert(self, variant: Variant, scope: PayloadScope, source: str, fingerprint: str) -> Alert:
        status: AlertStatus = _first(variant.status, lambda rule: rule.status(scope)) or "firing"
        ended_at = self.moment(variant.ended_at, scope) if status == "resolved" else None
        return Alert(
            source=source,
            fingerprint=fingerprint,
            title=_text(variant.title, scope) or "",
            status=status,
            grade=_first(variant.grade, lambda rule: rule.grade(scope)),
            category=_first(variant.category, lambda rule: rule.category(scope)),
            labels=_labels(variant, scope),
            occurred_at=self.moment(variant.occurred_at, scope),
            ended_at=ended_at,
            indicators=with_nested(_indicators(variant, scope)),
            description="\n".join(text for line in variant.description if (text := _text(line, scope))),
            payload=scope.alert,
        )

    def moment(self, rules: Iterable[TimeRule], scope: PayloadScope) -> datetime | None:
        return _first(rules, lambda rule: rule.moment(scope, self.received_at))


def _first(rules: Iterable[T], read: Callable[[T], R | None]) -> R | None:
    return next((found for rule in rules if (found := read(rule)) is not None), None)


def _text(templates: Iterable[Template], scope: PayloadScope) -> str | None:
    return _first(templates, lambda template: template.text_in(scope))


def _few(items: list[T], pointer: str) -> list[T]:
    if len(items) > MAX_ALERTS:
        raise RuleError("payload.too_many_alerts", {"most": MAX_ALERTS, "count": len(items)}, pointer=pointer)
    return items


def _list_of(mapping: AlertMapping, payload: object) -> str:
    """Return the place of the list of alerts in a payload, for a fault."""
    fitting = next((variant for variant in mapping.variants if variant.fits(payload)), None)
    return fitting.alerts.text.lstrip("$") if fitting and fitting.alerts else ""


def _parts(pointer: Pointer | None, payload: dict[str, Any]) -> list[Any]:
    """Return the alerts within a payload; raises RuleError when their list is missing, no list, or too long."""
    if pointer is None:
        return [payload]
    found = pointer.first(PayloadScope(payload, payload))
    place = pointer.text.lstrip("$")
    if found is None:
        raise RuleError("mapping.list_missing", {"list": place}, pointer=place)
    if not isinstance(found, dict | list):
        raise RuleError("mapping.no_list", {"list": place}, pointer=place)
    return [found] if isinstance(found, dict) else _few(found, place)


def _unwrapped(unwrap: Unwrap, payload: dict[str, Any]) -> Any:
    """Return the message within a message, `_NOTHING` where there is none in JSON."""
    value = payload.get(unwrap.member)
    if isinstance(value, dict | list):
        return value
    if not isinstance(value, str):
        return _NOTHING
    try:
        text = base64.b64decode(value, validate=True).decode() if unwrap.is_base64 else value
        inner = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError, binascii.Error):
        return _NOTHING
    return inner if isinstance(inner, dict | list) else _NOTHING


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _is_from(mapping: AlertMapping, inner: object) -> bool:
    first = inner[0] if isinstance(inner, list) and inner else inner
    return isinstance(first, dict) and mapping.recognises(first)


def _forms(mapping: AlertMapping) -> str:
    """Return the members by which the forms are recognised, for a fault."""
    forms = [
        " + ".join(condition.pointer.text for condition in variant.when if not condition.is_absent)
        for variant in mapping.variants
    ]
    return "; ".join(dict.fromkeys(filter(None, forms)))


def _reason_to_ignore(conditions: Iterable[PayloadCondition], scope: PayloadScope) -> Ignored | None:
    found = next((condition for condition in conditions if condition.holds(scope)), None)
    if found is None:
        return None
    value = found.pointer.text_in(scope)
    return Ignored("left_out_by_mapping", {"member": found.pointer.text, "value": (value or "-")[:80]})


def _fingerprint(variant: Variant, scope: PayloadScope) -> str:
    """Return what identifies the alert; raises RuleError when no alternative has all its values."""
    found = _first(variant.fingerprint, lambda rule: rule.fingerprint(scope))
    if found is None:
        known = "; ".join(rule.members for rule in variant.fingerprint)
        raise RuleError("mapping.no_fingerprint", {"members": known})
    return found


def _labels(variant: Variant, scope: PayloadScope) -> dict[str, str]:
    found = {
        name: text
        for name, pointers in variant.labels
        if (text := _first(pointers, lambda pointer: pointer.text_in(scope))) is not None
    }
    for pointer in variant.label_objects:
        members = pointer.first(scope)
        for name, value in members.items() if isinstance(members, dict) else ():
            if name and (text := json_text(value)) is not None:
                found.setdefault(str(name), text)
    return found


def _indicators(variant: Variant, scope: PayloadScope) -> Iterator[Indicator]:
    tried = 0
    for rule in variant.indicators:
        for text in (text for value in rule.pointer.each(scope) for text in _candidates(value, rule.kind)):
            tried += 1
            if tried > MAX_CANDIDATES:
                return
            found = _indicator(text, rule.kind)
            if found is not None and not _is_placeholder(found):
                yield found


def _candidates(value: object, kind: str | None) -> Iterator[str]:
    """Yield the texts in a value: of a list each item, of addresses also those between commas."""
    for item in value[:MAX_CANDIDATES] if isinstance(value, list) else [value]:
        if isinstance(item, str) and 0 < len(item) <= VALUE_LIMIT:
            yield from (item.replace(",", " ").split() if kind == "ip" else [item])


def _indicator(text: str, kind: str | None) -> Indicator | None:
    for one in _KINDS.get(kind or "", (kind,)):
        try:
            return guess_indicator(text) if one is None else parse_indicator(one, text)
        except RuleError:
            continue
    return None


def _is_placeholder(indicator: Indicator) -> bool:
    """Whether it stands for none: a hash of zeros, or the address 0.0.0.0 or ::."""
    return not indicator.value.strip("0.:")


_KINDS: Final[dict[str, tuple[str | None, ...]]] = {
    "ip": ("ipv4", "ipv6"),
    "hash": ("sha256", "sha1", "md5"),
}
