"""Statutory clocks as pages show them."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from incident.actions.regime_versions import regime_at
from incident.actions.report_recipients import recipient_directory
from incident.core.deadlines.clocks import OPEN_STATES, SET_BY_PEOPLE
from incident.core.deadlines.regimes import Regime, Stage
from incident.data.report_forms import report_forms
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import Filing, IncidentClock
from incident.store.deadlines.filing_revocations import FilingRevocation, revocations_of
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.store.incidents import lookups
from incident.store.incidents.incidents import Incident
from incident.store.notifications import notices
from incident.store.notifications.notices import Notice
from incident.store.queries.filing_clocks import ended_filing_tasks
from incident.web import i18n
from incident.web.instance import now
from incident.web.pages.deadlines.authorities import RecipientView, recipient_views, recipient_words
from incident.web.pages.deadlines.clock_words import because_words
from incident.web.pages.names import clock_event_words
from incident.web.security import access


@dataclass(frozen=True)
class WarnedDepartment:
    """A department that was warned of a deadline, by its notice."""

    notice: Notice
    name: str


@dataclass(frozen=True)
class ClockView:
    """A clock with its law, its filings, and the words for it.

    `duty` is the department here that owes the report onward, `is_own` whether it is the viewer's; `names` are those of
    departments that received a filing, by code. `has_department` is whether anybody is warned: the
    departments on the incident, or that one. `revocations` are the latest of its filings, by the filing's id;
    `has_finished_step` is whether it runs though a filing that no longer counts has finished a step of a playbook;
    `present` is the moment at which it is shown.
    """

    clock: IncidentClock
    incident: Incident
    regime: Regime
    stage: Stage
    filings: Sequence[Filing]
    to: Sequence[RecipientView]
    reasons: Sequence[str]
    waits_for: str | None
    duty: Department | None = None
    is_own: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    warned: Sequence[WarnedDepartment] = ()
    has_department: bool = True
    revocations: Mapping[int, FilingRevocation] = field(default_factory=dict)
    has_finished_step: bool = False
    present: dt.datetime | None = None

    @property
    def form(self) -> str | None:
        """The kind of document that is the form of its report, None for one without or not ours."""
        return None if self.is_watched and not self.is_own else report_forms().get((self.regime.id, self.stage.key))

    @property
    def is_watched(self) -> bool:
        """Whether the recipient owes it, not we."""
        return self.clock.hop == 2

    def received_words(self, filing: Filing) -> str:
        """Return the names of the departments here that received a filing."""
        comma = i18n.comma()
        return comma.join(i18n.spoken(self.names.get(one["department"])) for one in filing.received_by)

    @property
    def receivers(self) -> Sequence[Department]:
        """The departments here that it goes to, each once."""
        return list({one.id: one for to in self.to for one in to.departments}.values())

    @property
    def recipients(self) -> str:
        """To whom it goes: the departments that the recipients resolve to, else their roles."""
        return recipient_words(self.to)

    @property
    def is_open(self) -> bool:
        """Whether it runs."""
        return self.clock.state in OPEN_STATES

    @property
    def asks(self) -> bool:
        """Whether it asks for a report, now or once it has started."""
        return self.is_open or self.clock.state == "waiting"

    @property
    def is_set_aside(self) -> bool:
        """Whether people waived or suspended it."""
        return self.clock.state in SET_BY_PEOPLE

    @property
    def is_unproved(self) -> bool:
        """Whether it was filed and nothing proves it."""
        return self.clock.state.startswith("filed") and not any(
            one.is_proved and not one.is_struck for one in self.filings
        )

    def is_late_at(self, at: dt.datetime) -> bool:
        """Whether a filing at a moment (UTC) is late."""
        return self.clock.state != "filed" and self.clock.lawful_at is not None and at > self.clock.lawful_at


def clock_views(rows: Sequence[tuple[IncidentClock, Incident]]) -> list[ClockView]:
    """Return clocks with what pages show of them."""
    filings = clock_rows.filings_of_clocks([clock.id for clock, _ in rows])
    warned = _warned([clock.id for clock, _ in rows])
    leading = lookups.leading_departments({incident.id for _, incident in rows})
    duty = departments.departments_of({clock.duty_department_id for clock, _ in rows if clock.duty_department_id})
    received = departments.departments_by_codes({one["department"] for row in filings for one in row.received_by})
    names = {code: one.name for code, one in received.items()}
    directory, own = recipient_directory(), access.viewer().department_ids
    revocations = {one.filing_id: one for one in revocations_of([one.id for one in filings])}
    finished = _finished_steps(rows, filings)
    found = []
    for clock, incident in rows:
        regime = regime_at(clock.regime_hash)
        stage = regime.stage(clock.stage)
        found.append(
            ClockView(
                clock=clock,
                incident=incident,
                regime=regime,
                stage=stage,
                filings=[one for one in filings if one.clock_id == clock.id],
                to=recipient_views(stage, directory),
                reasons=[because_words(one) for one in clock.because],
                waits_for=None if clock.waits_for is None else clock_event_words(clock.waits_for),
                warned=warned.get(clock.id, ()),
                duty=duty.get(clock.duty_department_id or 0),
                is_own=clock.duty_department_id in own,
                names=names,
                has_department=clock.duty_department_id is not None or incident.id in leading,
                revocations=revocations,
                has_finished_step=clock.id in finished,
                present=now(),
            )
        )
    return found


def _finished_steps(rows: Sequence[tuple[IncidentClock, Incident]], filings: Sequence[Filing]) -> Collection[int]:
    """Return the clocks that run though a filing that no longer counts has finished a step of a playbook."""
    struck = {one.clock_id for one in filings if one.is_struck}
    again = [clock for clock, _ in rows if clock.state in OPEN_STATES and clock.id in struck]
    done = {(one.incident_id, one.clock_regime, one.clock_stage) for one in ended_filing_tasks(again)}
    return {one.id for one in again if (one.incident_id, one.regime, one.stage) in done}


def _warned(clock_ids: Sequence[int]) -> Mapping[int, Sequence[WarnedDepartment]]:
    """Return the departments that were warned of each of some clocks, those that the viewer may see."""
    rows: list[Notice] = access.answerable_notices(notices.notices_about_each("clock", clock_ids, "deadline"))
    known = departments.departments_of({one.department_id for one in rows})
    found: dict[int, list[WarnedDepartment]] = {}
    for one in rows:
        found.setdefault(one.subject_id, []).append(WarnedDepartment(one, known[one.department_id].name))
    return found


def next_clock(incident: Incident) -> IncidentClock | None:
    """Return the clock of an incident that is due next."""
    running = [one for one in clock_rows.clocks_of(incident.id) if one.state in OPEN_STATES and one.due_at]
    return min(running, key=lambda one: (one.due_at, one.id), default=None)
