"""Sources of alerts: one file for each kind of sender, and one line here."""

from collections.abc import Mapping
from typing import Final

import structlog

from incident.core.values.error_messages import N_
from incident.core.values.faults import RuleError
from incident.sources import alertmanager, generic, suricata
from incident.sources.payload import Ignored, Item, Source, unread

SOURCES: Final[Mapping[str, Source]] = {
    source.name: source
    for source in (
        alertmanager.SOURCE,
        generic.SOURCE,
        suricata.SOURCE,
    )
}

IGNORED_WORDS: Final = {
    "not_an_alert": N_("Only events of the type alert are taken; this one is of the type {event_type}."),
    "cut_off_by_sender": N_("The sender left out {count} further alerts of this group."),
}


def read_alerts(source: str, body: bytes) -> list[Item]:
    """Return the content of a request's body in order: alerts, and ignored parts with a reason.

    Raises RuleError `source.unknown` (not found), or with every fault of the body and its location.
    """
    if source not in SOURCES:
        raise RuleError("source.unknown", {"sources": ", ".join(sorted(SOURCES))}, kind="not_found")
    kind = SOURCES[source]
    payload = kind.decode(body)
    try:
        return kind.parse(payload)
    except RuleError:
        raise
    except Exception as fault:  # noqa: BLE001  # what is wrong in here must not cost an alert
        structlog.get_logger().error("a payload could not be read", source=source, exc_info=fault)
        return [unread(source, payload)]


__all__ = ["IGNORED_WORDS", "SOURCES", "Ignored", "Item", "Source", "read_alerts"]
