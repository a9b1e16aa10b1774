"""Subscriptions of other systems: the events that each may get, and those that it wants."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from incident.core.values.faults import RuleError, raise_all

SHARED_KINDS: Final = frozenset(
    {"alert", "command", "drill", "incident", "machinery", "notice", "playbook", "run", "step", "task"}
)
"""Kinds of event types that may leave: none is about a reporter, a person or a secret."""

SHARED_TLP: Final = ("clear", "green", "amber", "amber+strict")
"""The sharing levels that a subscription may reach; an incident of TLP:RED is for named people only."""

ANY: Final = "*"
MAX_EVENTS: Final = 50
MAX_SUBSCRIPTIONS: Final = 50
NAME_LIMIT: Final = 200
FAILING_LIMIT: Final = timedelta(days=3)
"""How long every delivery may fail before the subscription is paused."""

KEPT_FOR: Final = timedelta(days=30)
"""How long ended deliveries stay in the log."""


def shared_types(known: Collection[str]) -> list[str]:
    """Return those of the event types of the journal that subscriptions may get, in order."""
    return sorted(one for one in known if one.partition(".")[0] in SHARED_KINDS)


def is_wanted(patterns: Collection[str], event_type: str) -> bool:
    """Whether one of the patterns names an event type that may be shared: `*`, `incident.*` or `incident.opened`."""
    kind = event_type.partition(".")[0]
    return kind in SHARED_KINDS and not {ANY, f"{kind}.*", event_type}.isdisjoint(patterns)


def require_events(patterns: Sequence[str], known: Collection[str], pointer: str = "/events") -> list[str]:
    """Return the patterns without repeats.

    Args:
        patterns: event types; `*` at the end stands for all of a kind.
        known: the event types of the journal.
        pointer: the place of the list.

    Raises:
        RuleError: `subscription.no_events`, or `subscription.event_unknown` for each that names nothing.
    """
    if not patterns:
        raise RuleError("subscription.no_events", pointer=pointer)
    shared = shared_types(known)
    raise_all(
        RuleError("subscription.event_unknown", {"event": one, "example": "incident.*"}, pointer=f"{pointer}/{index}")
        for index, one in enumerate(patterns)
        if not any(is_wanted([one], event_type) for event_type in shared)
    )
    return list(dict.fromkeys(patterns))


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedIncident:
    """What subscriptions get of an incident: no description, no note, nothing of its reports."""

    number: str
    title: str
    category: str | None
    grade: int | None
    sector: str | None
    region: str | None
    campaign: str | None
    status: str
    tlp: str
    departments: tuple[str, ...]
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    is_exercise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFilter:
    """Which events of the wanted types a subscription gets; an empty tuple means all.

    With any of `categories`, `grades`, `departments`, `regions` and `campaigns`, events without an incident are left
    out. `tlp` is the highest sharing level, `has_exercises` whether drills are included.
    """

    categories: tuple[str, ...] = ()
    grades: tuple[int, ...] = ()
    departments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    tlp: str = "amber"
    has_exercises: bool = False

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "SubscriptionFilter":
        """Read the stored form; members that are missing are the usual ones."""
        lists = ("categories", "grades", "departments", "regions", "campaigns")
        given: dict[str, Any] = {name: tuple(kept.get(name, ())) for name in lists}
        return cls(**given, tlp=kept.get("tlp", "amber"), has_exercises=bool(kept.get("has_exercises", False)))

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @property
    def names_incidents(self) -> bool:
        """Whether it selects by facts that only an incident has."""
        return any((self.categories, self.grades, self.departments, self.regions, self.campaigns))

    def may_share(self, tlp: str, *, is_exercise: bool) -> bool:
        """Whether an incident of a sharing level may be shared at all."""
        if tlp not in SHARED_TLP or SHARED_TLP.index(tlp) > SHARED_TLP.index(self.tlp):
            return False
        return self.has_exercises or not is_exercise

    def admits(self, incident: SharedIncident | None, around: Collection[str] = ()) -> bool:
        """Whether an event passes.

        Args:
            incident: that of the event; None without one.
            around: those of the wanted regions in which it lies.
        """
        if incident is None:
            return not self.names_incidents
        if not self.may_share(incident.tlp, is_exercise=incident.is_exercise):
            return False
        return (
            (not self.categories or incident.category in self.categories)
            and (not self.grades or incident.grade in self.grades)
            and (not self.departments or not set(self.departments).isdisjoint(incident.departments))
            and (not self.regions or bool(around))
            and (not self.campaigns or incident.campaign in self.campaigns)
        )


def require_shared_tlp(value: object, pointer: str = "") -> str:
    """Return the value as the highest sharing level of a subscription; raises RuleError `subscription.tlp`."""
    if isinstance(value, str) and value in SHARED_TLP:
        return value
    raise RuleError("subscription.tlp", {"levels": ", ".join(SHARED_TLP)}, pointer=pointer)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedEvent:
    """An entry of the journal as far as it may leave; `actor` and `subject` are references without names."""

    seq: int
    type: str
    at: datetime
    actor: str
    subject: str
    incident: SharedIncident | None = None
    changed: tuple[str, ...] = field(default=())


def event_data(event: SharedEvent, public_url: str) -> dict[str, Any]:
    """Return the member `data` of the body.

    Args:
        event: the event.
        public_url: that of the instance, for the link to the incident.
    """
    incident = None if event.incident is None else _incident_data(event.incident, public_url)
    data: dict[str, Any] = {"seq": event.seq, "actor": event.actor, "subject": event.subject, "incident": incident}
    return data | ({"changed": list(event.changed)} if event.changed else {})


def _incident_data(incident: SharedIncident, public_url: str) -> dict[str, Any]:
    data = asdict(incident) | {"departments": list(incident.departments)}
    for name in ("opened_at", "changed_at", "closed_at"):
        moment: datetime | None = data[name]
        data[name] = None if moment is None else moment.isoformat().replace("+00:00", "Z")
    return data | {"url": f"{public_url}/incidents/{incident.number}"}


def is_hopeless(failing_since: datetime | None, now: datetime) -> bool:
    """Whether a subscription has failed for so long that it is paused."""
    return failing_since is not None and now - failing_since >= FAILING_LIMIT
