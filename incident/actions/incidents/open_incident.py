"""Opens an incident within the caller's transaction.

It is routed, numbered and recorded in the journal, its departments are notified, its playbook is started.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from incident.actions.incidents import routing
from incident.actions.notifications import notices
from incident.actions.playbooks import runs
from incident.actions.playbooks.playbook_loader import PlaybookFaults
from incident.actions.reports import reports
from incident.actions.systems.matching import match_columns, match_systems, with_named
from incident.actions.unit_of_work import UnitOfWork
from incident.core.incidents import incident as rules_of_incident
from incident.core.incidents import routing as rules
from incident.core.incidents.indicator import Indicator as Seen
from incident.core.incidents.indicator import nesting_in, with_nested
from incident.core.incidents.typed_number import EXERCISE_PREFIX, PREFIX
from incident.core.systems.matching import SystemMatch
from incident.core.values.faults import RuleError, raise_all
from incident.core.values.text import visible
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.incidents import numbers
from incident.store.incidents.incidents import Incident, IncidentPerson, Indicator
from incident.store.playbooks import playbooks
from incident.store.playbooks.playbooks import Version
from incident.store.playbooks.tasks import Task
from incident.store.queries import search
from incident.store.queries.routing_state import RoutingState
from incident.store.systems.systems import IncidentSystem


@dataclass(frozen=True, kw_only=True)
class NewIncident:
    """The facts of an incident at its opening.

    `departments` are codes; None leaves them to the rules. `systems` are codes of those that are named, beside those
    that its indicators and labels show. `playbook` is a CACAO id, `values` are of its external variables. `person_id`
    is who opens it. `speed` is that of a drill's clock: no rule applies to an exercise, nor to an incident that
    `is_unrouted`. `words` are its search terms; without them they are computed.
    """

    title: str
    description: str = ""
    category: str | None = None
    grade: int | None = None
    tlp: str = "amber"
    source: str = "manual"
    occurred_at: dt.datetime | None = None
    detected_at: dt.datetime | None = None
    departments: Sequence[str] | None = None
    systems: Sequence[str] = ()
    playbook: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    reports: Sequence[int] = ()
    indicators: Sequence[Seen] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    sector: str | None = None
    region: str | None = None
    campaign: str | None = None
    alert_key: str | None = None
    earlier: Incident | None = None
    person_id: int | None = None
    speed: int | None = None
    is_unrouted: bool = False
    words: Sequence[str] | None = None

    def __post_init__(self) -> None:
        """Remove invisible characters; find addresses and search terms.

        All of this happens before the write lock is acquired.
        """
        if self.words is not None:
            return
        object.__setattr__(self, "title", visible(self.title).strip() or "?")
        object.__setattr__(self, "description", visible(self.description))
        texts = [self.title, self.description, *self.labels.values()]
        seen = with_nested([*self.indicators, *nesting_in(texts)])
        object.__setattr__(self, "indicators", seen)
        words = search.terms_of([self.title, self.description, *(one.value for one in seen)])
        object.__setattr__(self, "words", [*words, *search.hidden_terms_of(self.labels.values())])


class Routing(NamedTuple):
    """The values that the rules give an incident, what is displayed of the rule that matched, and its systems.

    `windows` is the version of the maintenance windows.
    """

    verdict: rules.RoutingResult
    shown: dict[str, Any]
    systems: Sequence[SystemMatch] = ()
    windows: str | None = None


def open_in(uow: UnitOfWork, new: NewIncident, zone: ZoneInfo, routed: Routing | None = None) -> Incident:
    """Open an incident.

    Args:
        uow: the caller's unit of work.
        new: its facts.
        zone: decides the year in its number.
        routed: its routing, where the caller needed it before.

    Raises:
        RuleError: for unknown departments, systems, playbooks or reports; every fault at once.
    """
    verdict, shown, systems, _ = routed or route_new(uow, new)
    on_it, playbook = _resolve(uow, new, verdict, systems)
    incident = _add_row(uow, new, verdict, shown, zone)
    for seen in new.indicators:
        uow.insert(Indicator, incident_id=incident.id, kind=seen.kind, value=seen.value)
    for match in systems:
        uow.insert(IncidentSystem, incident_id=incident.id, **match_columns(match))
    if new.person_id is not None:
        db.session.add(IncidentPerson(incident_id=incident.id, person_id=new.person_id))
    search.file_incident(incident, new.words or ())
    uow.record(
        "incident.opened", f"incident:{incident.number}", _opening_detail(new, incident, systems), incident.number
    )
    reports.link_in(uow, incident, new.reports)
    tasks: list[Task] = []
    if playbook is not None:
        tasks = _start(uow, incident, playbook, on_it, new)
    is_unreached = not notices.notify_first(uow, incident, on_it, tasks)
    if incident.is_unreached != is_unreached:  # an unchanged value must not be written
        incident.is_unreached = is_unreached
    return incident


def route_new(uow: UnitOfWork, new: NewIncident) -> Routing:
    """Find the systems and apply the rules in force; values that the incident states win."""
    is_routed = new.speed is None and not new.is_unrouted
    state = routing.state_in_force(uow) if is_routed else RoutingState(None, None, None)
    matches = with_named(new.systems, match_systems(state.systems, new.indicators, new.labels))
    given = rules.RoutingInput(
        source=new.source,
        category=new.category,
        grade=new.grade,
        sector=new.sector,
        region=new.region,
        campaign=new.campaign,
        labels=new.labels,
        departments=None if new.departments is None else tuple(new.departments),
        playbook=new.playbook,
        systems=tuple(one.system for one in matches),
    )
    if not is_routed:
        return Routing(rules.match((), rules.Default(), given), {"rule": None, "is_default": False}, matches, None)
    return Routing(*routing.route(given, state), matches, state.windows)


def _resolve(
    uow: UnitOfWork, new: NewIncident, verdict: rules.RoutingResult, systems: Sequence[SystemMatch]
) -> tuple[list[Department], Version | None]:
    """Look up the departments and the playbook; missing ones that a rule names are left out, not refused."""
    faults: list[RuleError] = []
    known = uow.departments = departments.departments_by_codes(verdict.departments)
    if new.departments is not None:
        for index, code in enumerate(new.departments):
            if code not in known:
                faults.append(RuleError("department.unknown", {"code": code}, pointer=f"/departments/{index}"))
    found = {one.system.code for one in systems}
    for index, code in enumerate(new.systems):
        if code not in found:
            faults.append(RuleError("system.unknown", {"code": code}, pointer=f"/systems/{index}"))
    playbook = playbooks.current_version(verdict.playbook) if verdict.playbook else None
    if new.playbook and playbook is None:
        faults.append(RuleError("playbook.unknown", {"playbook": new.playbook}, pointer="/playbook"))
    raise_all(faults)
    return [known[code] for code in dict.fromkeys(verdict.departments) if code in known], playbook


def _start(
    uow: UnitOfWork, incident: Incident, playbook: Version, on_it: Sequence[Department], new: NewIncident
) -> list[Task]:
    """Start a playbook, unless it has to wait for approval.

    One that only a rule names and that may not start does not prevent the opening of an incident.
    """
    lead = on_it[0].id if on_it else None
    try:
        _, tasks = runs.start_in(uow, incident, playbook, new.values, lambda: lead)
    except PlaybookFaults as refused:
        if new.playbook is not None:
            raise
        runs.record_refusal(uow, incident, playbook, refused)
        return []
    return tasks


def _add_row(
    uow: UnitOfWork, new: NewIncident, verdict: rules.RoutingResult, shown: dict[str, Any], zone: ZoneInfo
) -> Incident:
    year = rules_of_incident.year_of(uow.now, zone)
    prefix = PREFIX if new.speed is None else EXERCISE_PREFIX
    count = numbers.next_count(f"{prefix}-{year}")
    incident = Incident(
        number=rules_of_incident.number(prefix, year, count),
        title=new.title,
        description=new.description,
        category=verdict.category,
        grade=verdict.grade,
        sector=new.sector,
        region=new.region,
        campaign=new.campaign,
        tlp=new.tlp,
        source=new.source,
        alert_key=new.alert_key,
        occurred_at=new.occurred_at,
        detected_at=new.detected_at,
        opened_at=uow.now,
        changed_at=uow.now,
        earlier_id=None if new.earlier is None else new.earlier.id,
        matched=shown,
        speed=new.speed,
    )
    return uow.add(incident)


def _opening_detail(new: NewIncident, incident: Incident, systems: Sequence[SystemMatch]) -> dict[str, object]:
    found = [{"code": one.system.code, "matched_by": one.matched_by, "seen": one.seen} for one in systems]
    return ({"systems": found} if found else {}) | {
        "title": incident.title,
        "category": incident.category,
        "grade": incident.grade,
        "sector": incident.sector,
        "region": incident.region,
        "campaign": incident.campaign,
        "tlp": incident.tlp,
        "source": incident.source,
        "matched": incident.matched,
        "earlier": None if new.earlier is None else new.earlier.number,
    }
