"""Statutory clocks of incidents, what happened that starts and ends them, and filings."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, select, text
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.deadlines.clocks import ClockState
from incident.core.deadlines.regimes import AWARE, HANDLED
from incident.store.approvals import IN_FORCE, TwoPersonRecord, waiting_index
from incident.store.db.database import Base, db

MOVED_BY_TWO: Final = (AWARE, HANDLED)
"""Kinds of events of which a later one needs a second person."""

OPEN: Final = text(
    "incident_clocks.state NOT IN ('waiting', 'not_applicable', 'filed', 'filed_late', 'waived', 'suspended')"
)
"""Clocks that run; a literal, not a parameter: a partial index serves only queries that contain its condition.

It is negated because SQLite prefers an index on the state for a list of states, and then sorts all rows.
"""


class ClockEventRecord(TwoPersonRecord, Base):
    """Something that happened on an incident and that clocks start with, such as who became aware of it when.

    A later awareness, or a later end of handling, waits for a second person. `who` and `how` say who knew it, by what.
    `corrects_id` is the record that it takes the place of, or withdraws.
    """

    __tablename__ = "clock_events"
    __table_args__ = (Index("ix_clock_events_incident_id_id", "incident_id", "id"), waiting_index("clock_events"))

    kind: Mapped[str] = mapped_column(String(30))
    happened_at: Mapped[dt.datetime]
    who: Mapped[str | None] = mapped_column(String(200))
    how: Mapped[str | None] = mapped_column(Text)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("clock_events.id"))
    is_withdrawal: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def approval_kind(self) -> str:
        """The kind of its approvals."""
        if self.kind not in MOVED_BY_TWO:
            return "clock_event"
        return "awareness" if self.kind == AWARE else self.kind


class IncidentClock(Base):
    """The clock of one stage of a regime on an incident, as it was last computed.

    `regime_hash` and `profile_id` are the versions of the regime and of the organisation's profile that it started
    with. `duty_department_id` is the department that owes the report because it received the one before; null where it
    is ours, or only watched. `reason` says why it was waived or suspended. `warned_percent` is the last of the
    thresholds 50, 80 and 100 of which people were warned, 0 before the first; `warn_at` is when they are warned next.
    """

    __tablename__ = "incident_clocks"
    __table_args__ = (
        UniqueConstraint("incident_id", "regime", "stage", "n", name="uq_incident_clocks_incident_id_regime_stage_n"),
        Index("ix_incident_clocks_state_due_at_id", "state", "due_at", "id"),
        Index("ix_incident_clocks_open_due_at_id", "due_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    regime: Mapped[str] = mapped_column(String(60))
    stage: Mapped[str] = mapped_column(String(60))
    hop: Mapped[int]
    n: Mapped[int]
    state: Mapped[ClockState] = mapped_column(String(20))
    start_at: Mapped[dt.datetime | None]
    due_at: Mapped[dt.datetime | None]
    lawful_at: Mapped[dt.datetime | None]
    because: Mapped[list[Any]]
    waits_for: Mapped[str | None] = mapped_column(String(70))
    reason: Mapped[str | None] = mapped_column(Text)
    regime_hash: Mapped[str] = mapped_column(ForeignKey("regime_versions.content_hash"))
    profile_id: Mapped[int | None] = mapped_column(ForeignKey("organization_profiles.id"))
    changed_at: Mapped[dt.datetime]
    duty_department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    warned_percent: Mapped[int] = mapped_column(default=0, server_default="0")
    warn_at: Mapped[dt.datetime | None]


class Filing(Base):
    """A report to an authority: it ends its clock unless it is an oral announcement.

    `receivers` lists the departments here that received it, `{department, roles}`; `evidence` lists `{name, sha256}`;
    `late` is `{reason_code, text}` of a filing after its time. `returned_at` is when the authority returned it, and
    `return_recorded_at` when that was recorded; `revoked_at` is when two people struck it out. `document_id` is the
    official document that was filed; one document may prove the filings of several clocks.
    """

    __tablename__ = "filings"
    __table_args__ = (Index("ix_filings_incident_id_id", "incident_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    clock_id: Mapped[int] = mapped_column(ForeignKey("incident_clocks.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    filed_at: Mapped[dt.datetime]
    recipient: Mapped[str] = mapped_column(String(300))
    receivers: Mapped[list[Any] | None]
    is_oral: Mapped[bool]
    receipt_number: Mapped[str | None] = mapped_column(String(200))
    evidence: Mapped[list[Any]]
    late: Mapped[dict[str, Any] | None]
    recorded_at: Mapped[dt.datetime]
    recorded_by: Mapped[str] = mapped_column(String(300))
    returned_at: Mapped[dt.datetime | None]
    return_reason: Mapped[str | None] = mapped_column(Text)
    return_recorded_at: Mapped[dt.datetime | None]
    return_recorded_by: Mapped[str | None] = mapped_column(String(300))
    revoked_at: Mapped[dt.datetime | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)

    @property
    def is_struck(self) -> bool:
        """Whether it counts no longer for its own clock: it was revoked, or returned by the authority."""
        return self.revoked_at is not None or self.returned_at is not None

    @property
    def received_by(self) -> Sequence[Mapping[str, Any]]:
        """The departments here that received it, each with its roles."""
        return self.receivers or []

    @property
    def is_proved(self) -> bool:
        """Whether a receipt number, an evidence file or a signed document proves it."""
        return bool(self.receipt_number or self.evidence or self.document_id)


def clock_events_of(incident_id: int) -> Sequence[ClockEventRecord]:
    """Return what was recorded about an incident, in the order in which it was."""
    wanted = select(ClockEventRecord).where(ClockEventRecord.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(ClockEventRecord.id)).all()


def recorded_events(
    events: Sequence[ClockEventRecord],
) -> list[tuple[ClockEventRecord, ClockEventRecord | None]]:
    """Return events that people recorded, each as recorded first and as it counts now; None for a withdrawn one."""
    firsts: dict[int, ClockEventRecord] = {}
    found: dict[int, ClockEventRecord | None] = {}
    for one in events:
        if one.kind in MOVED_BY_TWO:
            continue
        first = firsts[one.id] = one if one.corrects_id is None else firsts[one.corrects_id]
        found.setdefault(first.id, None)
        if one.state == IN_FORCE and not one.is_withdrawal:
            found[first.id] = one
    return [(firsts[key], current) for key, current in found.items()]


def effective_event(events: Sequence[ClockEventRecord], kind: str) -> ClockEventRecord | None:
    """Return the record of a kind that counts: the earliest since the last that two people put later."""
    in_force = [one for one in events if one.kind == kind and one.state == IN_FORCE]
    found: ClockEventRecord | None = None
    for one in sorted(in_force, key=lambda one: (one.confirmed_at or one.proposed_at, one.id)):
        if found is None or one.confirmed_at is not None or one.happened_at < found.happened_at:
            found = one
    return found


def effective_awareness(events: Sequence[ClockEventRecord]) -> ClockEventRecord | None:
    """Return the record of awareness from which clocks run."""
    return effective_event(events, AWARE)


def clocks_of(incident_id: int) -> Sequence[IncidentClock]:
    """Return the clocks of an incident, in the order in which they began."""
    wanted = select(IncidentClock).where(IncidentClock.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(IncidentClock.id)).all()


def clocks_by_ids(ids: Collection[int]) -> Sequence[IncidentClock]:
    """Return clocks by their ids, with one query."""
    return db.session.scalars(select(IncidentClock).where(IncidentClock.id.in_(list(ids)))).all() if ids else ()


def filings_of(incident_id: int) -> Sequence[Filing]:
    """Return the filings on an incident, in the order in which they were recorded."""
    return db.session.scalars(select(Filing).where(Filing.incident_id == incident_id).order_by(Filing.id)).all()


def counted_filings(filings: Sequence[Filing]) -> list[Filing]:
    """Return the filings that were not revoked; those that the authority returned are among them."""
    return [one for one in filings if one.revoked_at is None]


def filings_of_clocks(ids: Sequence[int]) -> Sequence[Filing]:
    """Return the filings of some clocks, in the order in which they were recorded."""
    return db.session.scalars(select(Filing).where(Filing.clock_id.in_(ids)).order_by(Filing.id)).all() if ids else []


def filings_with_document(document_id: int) -> Sequence[Filing]:
    """Return the filings that an official document proves and that count, in the order in which they were recorded."""
    wanted = select(Filing).where(Filing.document_id == document_id, Filing.revoked_at.is_(None))
    return db.session.scalars(wanted.order_by(Filing.id)).all()
