"""Sources of alerts: a file here for a sender that needs code, a mapping for others."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import structlog

from incident.core.incidents.alert import Ignored
from incident.core.values.error_messages import N_
from incident.core.values.faults import RuleError
from incident.data.source_presets import source_presets
from incident.sources import alertmanager, generic, suricata
from incident.sources.mapped import mapped_source, preset_mappings
from incident.sources.payload import Item, Source, unread

CODED: Final[Mapping[str, Source]] = {
    source.name: source
    for source in (
        alertmanager.SOURCE,
        generic.SOURCE,
        suricata.SOURCE,
    )
}

SOURCES: Final = tuple(sorted({*CODED, *source_presets()}))
"""The names of the sources that need no set-up."""

IGNORED_WORDS: Final = {
    "not_an_alert": N_("Only events of the type alert are taken; this one is of the type {event_type}."),
    "left_out_by_mapping": N_("This source leaves out messages whose {member} is {value}."),
    "cut_off_by_sender": N_("The sender left out {count} further alerts of this group."),
}


def read_alerts(
    source: str, body: bytes, received_at: datetime, attributes: Mapping[str, str] | None = None
) -> list[Item]:
    """Return the content of a request's body in order: alerts, and ignored parts with a reason.

    Args:
        source: one of `SOURCES`.
        body: of the request.
        received_at: when it was received (UTC).
        attributes: of a CloudEvent whose data is the body.

    Raises:
        RuleError: `source.unknown` (not found), or with every fault of the body and its location.
    """
    if source not in SOURCES:
        raise RuleError("source.unknown", {"sources": ", ".join(SOURCES)}, kind="not_found")
    kind = CODED.get(source) or mapped_source(source, dict(preset_mappings())[source], received_at, attributes)
    return read_body(kind, body)


def read_body(kind: Source, body: bytes) -> list[Item]:
    """Return the content of a body in order; one that makes the source fail is kept as it came.

    Raises RuleError with every fault of the body and its location.
    """
    payload = kind.decode(body)
    try:
        return kind.parse(payload)
    except RuleError:
        raise
    except Exception as fault:  # noqa: BLE001  # what is wrong in here must not cost an alert
        structlog.get_logger().error("a payload could not be read", source=kind.name, exc_info=fault)
        return [unread(kind.name, payload)]


__all__ = [
    "CODED",
    "IGNORED_WORDS",
    "SOURCES",
    "Ignored",
    "Item",
    "Source",
    "mapped_source",
    "read_alerts",
    "read_body",
]
