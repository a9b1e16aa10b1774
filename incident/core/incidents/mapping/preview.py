"""What each target of the form reads from a sample; a fault in one does not hide the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from incident.core.incidents.alert import Alert
from incident.core.incidents.indicator import Indicator
from incident.core.incidents.mapping.document import VERSION, check_mapping
from incident.core.incidents.mapping.engine import apply_variant
from incident.core.incidents.mapping.form import MappingForm, written_members
from incident.core.incidents.mapping.places import scopes_of
from incident.core.incidents.mapping.pointer import PayloadScope, parse_pointer
from incident.core.values.faults import RuleError

NOTHING: Final = "\u2014"
WHOLE: Final = "$"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPreview:
    """What the first alert of a sample becomes, target by target; None where nothing is found.

    `written` are the sender's own words at the places of state, grade and category; `places` the texts at the places
    of labels and indicators.
    """

    count: int = 0
    title: str | None = None
    description: str | None = None
    fingerprint: str | None = None
    status: str | None = None
    occurred_at: datetime | None = None
    ended_at: datetime | None = None
    grade: int | None = None
    category: str | None = None
    indicators: Mapping[str, tuple[Indicator, ...]] = field(default_factory=dict)
    written: Mapping[str, str | None] = field(default_factory=dict)
    places: Mapping[str, str | None] = field(default_factory=dict)


def preview_form(form: MappingForm, payload: object, received_at: datetime) -> MappingPreview:
    """Return what each target reads from the first alert of a sample.

    Args:
        form: the form; targets with faults read nothing.
        payload: values of JSON, as received.
        received_at: when it would be received (UTC).
    """
    scopes = scopes_of(payload, form.alerts)
    if not scopes:
        return MappingPreview()
    members, _ = written_members(form)
    alone = _Alone(scopes[0], received_at)
    read = {name: alone.alert(name, value) for name, value in members.items()}
    ends = alone.alert("occurred_at", members["ended_at"]) if "ended_at" in members else None
    return MappingPreview(
        count=len(scopes),
        title=_text(read.get("title"), "title"),
        description=_text(read.get("description"), "description"),
        fingerprint=_text(read.get("fingerprint"), "fingerprint"),
        status=_text(read.get("status"), "status"),
        occurred_at=getattr(read.get("occurred_at"), "occurred_at", None),
        ended_at=None if ends is None else ends.occurred_at,
        grade=getattr(read.get("grade"), "grade", None),
        category=_text(read.get("category"), "category"),
        indicators={place: alone.indicators(place, kind) for place, kind in form.indicators if place},
        written={name: alone.text(getattr(form, name)) for name in ("status", "grade", "category")},
        places={place: alone.text(place) for _, place in form.labels if place},
    )


@dataclass(frozen=True, slots=True)
class _Alone:
    """One alert of a sample, on which single members of a mapping are applied."""

    scope: PayloadScope
    received_at: datetime

    def alert(self, name: str, value: Any) -> Alert | None:
        """Return the alert after a mapping with this member alone; None when the member has a fault or no value."""
        lone: dict[str, Any] = {"name": "alone", "title": NOTHING, "fingerprint": WHOLE}
        given = [*value, NOTHING] if isinstance(value, list) else [value, NOTHING]
        lone |= {name: given if name == "title" else value}
        try:
            mapping = check_mapping({"version": VERSION, "variants": [lone]})
        except RuleError:
            return None
        item = apply_variant(mapping.variants[0], self.scope, "sample", self.received_at)
        return item if isinstance(item, Alert) else None

    def indicators(self, place: str, kind: str) -> tuple[Indicator, ...]:
        """Return the indicators at a place."""
        alert = self.alert("indicators", [{"pointer": place, "kind": kind} if kind else place])
        return () if alert is None else alert.indicators

    def text(self, place: str) -> str | None:
        """Return the text at a place."""
        try:
            return parse_pointer(place).text_in(self.scope) if place else None
        except RuleError:
            return None


def _text(alert: Alert | None, name: str) -> str | None:
    value = None if alert is None else getattr(alert, name)
    return None if value in (None, "", NOTHING) else str(value)
