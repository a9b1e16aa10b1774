"""Sources of alerts: a file here for a sender that needs code, a mapping for others."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import structlog

from incident.core.incidents.alert import Ignored
from incident.core.incidents.mapping import AlertMapping, MappedItem, apply_mapping
from incident.core.values.error_messages import N_
from incident.core.values.faults import RuleError, raise_all
from incident.data.source_presets import source_presets
from incident.sources import alertmanager, generic, suricata
from incident.sources.doubled import doubled_faults
from incident.sources.mapped import mapped_source, preset_mappings
from incident.sources.payload import Item, Source, decode_lines, unread

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
    "not_an_alert": N_("Only events of the type alert are accepted. This one has the type {event_type}."),
    "left_out_by_mapping": N_("This source ignores messages whose {member} is {value}."),
    "subscription_confirmed": N_("The subscription of the topic {topic} is being confirmed."),
    "subscription_ended": N_("The subscription of the topic {topic} has ended."),
    "subscription_waits": N_("The topic {topic} is waiting until someone allows it under Sources."),
    "cut_off_by_sender": N_("The sender left out {count} more alerts of this group."),
}


FindMapping = Callable[[str], AlertMapping | None]
"""Returns the mapping of a source that people described, None where there is none of that name."""


def read_alerts(
    source: str,
    body: bytes,
    received_at: datetime,
    attributes: Mapping[str, str] | None = None,
    own: FindMapping = lambda _name: None,
) -> list[Item]:
    """Return the content of a request's body in order: alerts, and ignored parts with a reason.

    Args:
        source: one of `SOURCES`, or a source that people described.
        body: of the request.
        received_at: when it was received (UTC).
        attributes: of a CloudEvent whose data is the body.
        own: asked for a source that is none of `SOURCES`.

    Raises:
        RuleError: `source.unknown` (not found), or with every fault of the body and its location.
    """
    kind = CODED.get(source)
    if kind is None:
        mapping = dict(preset_mappings()).get(source) or own(source)
        if mapping is None:
            raise RuleError("source.unknown", {"sources": ", ".join(SOURCES)}, kind="not_found")
        kind = mapped_source(source, mapping, received_at, attributes)
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


def try_source(source: str, mapping: AlertMapping | None, body: bytes, received_at: datetime) -> list[MappedItem]:
    """Return what a body would become, with the faults of each part that could not be read; nothing is kept.

    Args:
        source: the name that the alerts would have.
        mapping: how the payload is read; None for one of `SOURCES`.
        body: what the sender sends.
        received_at: when it would be received (UTC).

    Raises:
        RuleError: with every fault of the body and its location.
    """
    if mapping is None and source in CODED:
        return list(CODED[source].parse(CODED[source].decode(body)))
    payload = decode_lines(body)
    raise_all(doubled_faults(payload))
    found = mapping or dict(preset_mappings())[source]
    return apply_mapping(found, payload, received_at, source, preset_mappings())


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
    "try_source",
]
