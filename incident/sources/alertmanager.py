"""Alerts of Prometheus Alertmanager, as its webhook receiver sends them (payload version 4).

One request carries a group; each of its alerts is processed separately, under Alertmanager's fingerprint. An
unreadable one is stored unchanged and affects no other: Alertmanager does not send again what was refused.

The title is the annotation `summary`, else the label `alertname`. The grade is the label `grade` (1 to 4) where
somebody set it, else it follows from the label `severity`; no severity alone makes an incident of grade I. Fields that
are not known here are let by, as Alertmanager adds some from time to time.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from incident.core.incidents.alert import Alert, AlertStatus, Ignored, fingerprint_of, raw_alert
from incident.core.values.document import Reader
from incident.core.values.faults import RuleError, member
from incident.core.values.moment import EARLIEST, parse_moment
from incident.sources.doubled import Doubled
from incident.sources.payload import Item, Source, decode_alert, each_by_itself

VERSION: Final = "4"
MAX_GROUP: Final = 10_000
"""Number of alerts of a group: they are taken one after the other, and Alertmanager sends no refused group again."""

SEVERITIES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("critical", "severe", "emergency", "fatal", "disaster", "page"), 2),
    **dict.fromkeys(("error", "high", "major"), 2),
    **dict.fromkeys(("warning", "medium", "moderate", "average", "minor"), 3),
    **dict.fromkeys(("info", "information", "informational", "notice", "low", "none"), 4),
}
"""The grade for each severity; any other word means none, and the routing rules decide."""


def parse(payload: object) -> list[Item]:
    """The alerts of the group, each for itself; raises RuleError with every fault.

    Of a group in which a member is there twice it is not known which alerts are in it: it is kept whole, as it came.
    """
    if isinstance(payload, Doubled):
        return [raw_alert(SOURCE.name, payload)]
    reader = Reader()
    group = reader.members(payload, "")
    if str(group.get("version", VERSION)) != VERSION:
        reader.fault("alertmanager.version", "/version", expected=VERSION)
    items = _alerts(reader, group)
    reader.finish()
    read = partial(_alert, group=group)
    return [*(each_by_itself(SOURCE.name, item, read) for item in items), *_cut_off(group)]


def _alert(reader: Reader, item: object, group: Mapping[str, Any]) -> Alert:
    pointer = ""
    parts = reader.members(item, pointer)
    labels = _texts(reader, parts.get("labels"), member(pointer, "labels"))
    notes = _texts(reader, parts.get("annotations"), member(pointer, "annotations"))
    fingerprint = parts.get("fingerprint")
    return Alert(
        source=SOURCE.name,
        fingerprint=fingerprint if isinstance(fingerprint, str) and fingerprint else fingerprint_of(labels),
        title=notes.get("summary") or notes.get("title") or labels.get("alertname") or "Alertmanager",
        status=_status(reader, parts.get("status", group.get("status")), member(pointer, "status")),
        grade=_grade(labels),
        category=labels.get("category"),
        labels=labels,
        occurred_at=_moment(parts.get("startsAt")),
        description=notes.get("description") or notes.get("message") or "",
        sender_group=_group(group),
        payload=item,
    )


def _group(group: Mapping[str, Any]) -> str | None:
    """Return what identifies the group that Alertmanager sent: its key, else its labels."""
    key, labels = group.get("groupKey"), group.get("groupLabels")
    if isinstance(key, str) and key:
        return key
    return json.dumps(labels, sort_keys=True) if isinstance(labels, dict) and labels else None


def _alerts(reader: Reader, group: Mapping[str, Any]) -> list[Any]:
    found = group.get("alerts")
    if not isinstance(found, list):
        reader.fault(f"alertmanager.alerts_{'missing' if found is None else 'no_list'}", "/alerts")
        return []
    if len(found) > MAX_GROUP:
        reader.fault("alertmanager.too_many_alerts", "/alerts", count=len(found), most=MAX_GROUP)
    return found


def _texts(reader: Reader, value: object, pointer: str) -> dict[str, str]:
    members = {} if value is None else reader.members(value, pointer)
    for name, text in members.items():
        if not isinstance(text, str):
            reader.fault("document.not_a_text", member(pointer, name))
    return {name: str(text) for name, text in members.items()}


def _status(reader: Reader, value: object, pointer: str) -> AlertStatus:
    if value == "resolved":
        return "resolved"
    if value != "firing":
        reader.fault("document.not_a_choice", pointer, choices="firing, resolved")
    return "firing"


def _grade(labels: Mapping[str, str]) -> int | None:
    said = labels.get("grade", "")
    return int(said) if said in {"1", "2", "3", "4"} else SEVERITIES.get(labels.get("severity", "").lower())


def _moment(value: object) -> datetime | None:
    """Return the start; None for Go's zero time (the year 1) and for an invalid moment."""
    try:
        at = parse_moment(value)
    except RuleError:
        return None
    return at if at >= EARLIEST else None


def _cut_off(group: Mapping[str, Any]) -> list[Item]:
    count = group.get("truncatedAlerts")
    return [Ignored("cut_off_by_sender", {"count": count})] if isinstance(count, int) and count > 0 else []


SOURCE: Final = Source("alertmanager", parse, decode_alert)
