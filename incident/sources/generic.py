"""Alerts of any program that can send JSON.

One alert a request: `{title, fingerprint, status, grade?, category?, sector?, region?, campaign?, labels?,
occurred_at?, indicators?, description?}`. It is written for this program, so everything unknown or wrong is refused,
each fault with its place. What the texts say is often copied from a log, into which a stranger can write: no text is
refused for its signs or its length, it is cleaned and cut, and what is no indicator is kept as the label
`unread_indicators`.
"""

from datetime import datetime
from typing import Any, Final, cast

from incident.core.incidents.alert import MAX_LABELS, Alert, AlertStatus
from incident.core.incidents.category import require_category
from incident.core.incidents.grade import require_grade
from incident.core.incidents.indicator import sort_indicators
from incident.core.values.affiliation import AREAS, require_area
from incident.core.values.document import Reader, any_text, one_of, text
from incident.core.values.faults import RuleError, member
from incident.core.values.moment import EARLIEST, parse_moment
from incident.core.values.text import LABEL_NAME_LIMIT
from incident.sources.doubled import has_doubled
from incident.sources.payload import Item, Source, decode_alert, unread

UNREAD: Final = "unread_indicators"
FIELDS: Final = (
    "title",
    "fingerprint",
    "status",
    "grade",
    "category",
    *AREAS,
    "labels",
    "occurred_at",
    "indicators",
    "description",
)


def parse(payload: object) -> list[Item]:
    """Return the one alert of the payload, unchanged if a member is a duplicate; raises RuleError with every fault."""
    if has_doubled(payload):
        return [unread(SOURCE.name, payload)]
    reader = Reader()
    parts = reader.members(payload, "", FIELDS)
    read = {
        "title": reader.required(parts, "title", "", any_text),
        "fingerprint": reader.required(parts, "fingerprint", "", _name),
        "status": reader.required(parts, "status", "", one_of(("firing", "resolved"))),
        "grade": reader.optional(parts, "grade", "", require_grade),
        "category": reader.optional(parts, "category", "", require_category),
        **{name: reader.optional(parts, name, "", require_area) for name in AREAS},
        "occurred_at": reader.optional(parts, "occurred_at", "", _moment),
        "description": reader.optional(parts, "description", "", any_text) or "",
    }
    labels = _labels(reader, parts.get("labels"))
    found, unread_values = reader.optional(parts, "indicators", "", sort_indicators) or ((), ())
    reader.finish()
    if unread_values:
        labels = {UNREAD: "; ".join(unread_values), **labels}
    return [_alert({**read, "labels": labels, "indicators": found}, payload)]


def _alert(read: dict[str, Any], payload: object) -> Alert:
    status = cast(AlertStatus, read.pop("status"))
    return Alert(source=SOURCE.name, status=status, payload=payload, **read)


def _name(value: object, pointer: str) -> str:
    """The identity of an alert; a blank one would merge all alerts into one."""
    if not any_text(value, pointer).strip():
        raise RuleError("document.not_a_text", pointer=pointer)
    return str(value)


def _moment(value: object, pointer: str) -> datetime:
    at = parse_moment(value, pointer)
    if at < EARLIEST:
        raise RuleError("moment.out_of_bounds", {"earliest": "2000-01-01"}, pointer=pointer)
    return at


def _labels(reader: Reader, value: object) -> dict[str, str]:
    members = {} if value is None else reader.members(value, "/labels")
    if len(members) > MAX_LABELS:
        reader.fault("alert.too_many_labels", "/labels", most=MAX_LABELS)
        return {}
    for name, label in members.items():
        reader.checked(text(LABEL_NAME_LIMIT), name, "/labels")
        reader.checked(any_text, label, member("/labels", name))
    return members


SOURCE: Final = Source("generic", parse, decode_alert)
