"""Alerts of senders that a mapping describes: the presets, and sources that people describe themselves.

A part that cannot be read is kept as it came and does not affect the others, as with every source.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Final

import structlog

from incident.core.incidents.alert import Alert, Ignored, raw_alert
from incident.core.incidents.mapping import AlertMapping, MappedItem, Unmapped, apply_mapping, check_mapping
from incident.data.source_presets import source_presets
from incident.sources.doubled import has_doubled
from incident.sources.payload import Broken, Item, Source, decode_lines, unread

log: Final = structlog.get_logger()


@cache
def preset_mappings() -> tuple[tuple[str, AlertMapping], ...]:
    """Return the presets, each as its name and its mapping."""
    return tuple((name, check_mapping(preset.mapping)) for name, preset in source_presets().items())


def mapped_source(
    name: str, mapping: AlertMapping, received_at: datetime, attributes: Mapping[str, str] | None = None
) -> Source:
    """Return the source that reads payloads by a mapping, for one request.

    Args:
        name: of the source.
        mapping: how its payloads are read.
        received_at: when the request was received (UTC).
        attributes: of a CloudEvent whose data is the body.
    """

    def parse(payload: object) -> list[Item]:
        return read_mapped(name, mapping, {**attributes, "data": payload} if attributes else payload, received_at)

    return Source(name, parse, decode_lines)


def read_mapped(
    source: str,
    mapping: AlertMapping,
    payload: object,
    received_at: datetime,
    others: Sequence[tuple[str, AlertMapping]] | None = None,
) -> list[Item]:
    """Return the content of a payload in order: alerts, and ignored parts with a reason.

    Args:
        source: the source that its alerts name.
        mapping: how the payload is read.
        payload: values of JSON, as `decode_lines` returns them.
        received_at: when it was received (UTC).
        others: sources whose messages this one may wrap; the presets, if none are given.

    Raises:
        RuleError: as `apply_mapping`.
    """
    known = preset_mappings() if others is None else others
    items = apply_mapping(mapping, payload, received_at, source, known)
    if has_doubled(payload) and not any(_is_doubled(item) for item in items):
        return [unread(source, payload)]
    return [_kept(source, item) for item in items]


def _is_doubled(item: MappedItem) -> bool:
    return has_doubled(item.payload if isinstance(item, Alert) else getattr(item, "part", None))


def _kept(source: str, item: MappedItem) -> Item:
    if isinstance(item, Ignored):
        return item
    if isinstance(item, Unmapped):
        log.warning("an alert could not be read", source=source, faults=[str(fault) for fault in item.faults][:10])
        return unread(source, item.part.text if isinstance(item.part, Broken) else item.part)
    if not has_doubled(item.payload):
        return item
    return raw_alert(item.source, item.payload, fingerprint=item.fingerprint, title=item.title)
