"""Incidents, the departments and people on them, and the alerts that reached them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    delete,
    false,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from incident.core.drills.drill import DrillClock
from incident.core.incidents.incident import Status
from incident.store.db.database import Base, db, insert_rows, upsert

OWES = text("next_due_at IS NOT NULL")
EXERCISE = text("speed IS NOT NULL")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""

OPEN = text("status <> 'closed' AND speed IS NULL")
"""Open incidents without exercises; a literal, as for `EXERCISE`."""

COUNTED = ("grade", "opened_at", "status", "speed", "tlp", "id")
"""What the overview counts them by: all columns of its conditions, so that it reads no row of the table."""


GROUPED = text("grouping <> 'own'")
"""Alerts that were attached to the incident of a group; a literal, as for `EXERCISE`."""


REGION_DIGITS = (2, 4, 6)
"""How many digits of GB/T 2260 identify a province, a city and a county."""


class first_part(FunctionElement[str]):
    """The first part of a sector: `energy` of `energy/electricity`."""

    type = String()
    inherit_cache = True


class first_parts(first_part):
    """The first two parts of a sector: `energy/electricity` of `energy/electricity/grid`, `energy/` of `energy`."""

    inherit_cache = True


@compiles(first_part, "postgresql")
def _first_on_postgresql(element: first_part, compiler: SQLCompiler, **options: Any) -> str:
    return f"split_part({compiler.process(element.clauses, **options)}, '/', 1)"


@compiles(first_part)
def _first(element: first_part, compiler: SQLCompiler, **options: Any) -> str:
    sector = compiler.process(element.clauses, **options)
    return f"substr({sector}, 1, instr({sector} || '/', '/') - 1)"


@compiles(first_parts, "postgresql")
def _two_on_postgresql(element: first_parts, compiler: SQLCompiler, **options: Any) -> str:
    sector = compiler.process(element.clauses, **options)
    return f"(split_part({sector}, '/', 1) || '/' || split_part({sector}, '/', 2))"


@compiles(first_parts)
def _two(element: first_parts, compiler: SQLCompiler, **options: Any) -> str:
    text_ = f"{compiler.process(element.clauses, **options)} || '//'"
    at = f"instr({text_}, '/')"
    return f"substr({text_}, 1, {at} + instr(substr({text_}, {at} + 1), '/') - 1)"


def region_head(column: ColumnElement[Any], digits: int) -> ColumnElement[str]:
    """Return the first digits of a region as a literal: an index on an expression serves only the same expression."""
    return func.substr(column, literal_column("1"), literal_column(str(digits)))


def _listed_by(name: str, of: Any, column: str | None = None) -> Index:
    """Return an index in list order on a value that few incidents have; the others are not in it."""
    is_said = text(f"{column or name} IS NOT NULL")
    return Index(
        f"ix_incidents_{name}_is_unreached_id", of, "is_unreached", "id", sqlite_where=is_said, postgresql_where=is_said
    )


class Incident(Base):
    """A security event that is being handled.

    `owner_id` is the person who leads the work on it. `speed` is how many times faster the clock of an exercise runs;
    it is None on real incidents. `handled_at` is when handling ended, from which summaries to authorities are due;
    `next_due_at` is when the next of their deadlines that run ends.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        CheckConstraint("status IN ('new', 'handling', 'closed')", name="status"),
        CheckConstraint("grade BETWEEN 1 AND 4", name="grade"),
        CheckConstraint("tlp IN ('clear', 'green', 'amber', 'amber+strict', 'red')", name="tlp"),
        Index("ix_incidents_is_unreached_id", "is_unreached", "id"),
        # The columns after the id are read from the index alone: a page of new incidents of a grade reads no other row.
        Index("ix_incidents_status_is_unreached_id_more", "status", "is_unreached", "id", "grade", "category"),
        Index("ix_incidents_grade_is_unreached_id", "grade", "is_unreached", "id"),
        Index("ix_incidents_category_is_unreached_id_more", "category", "is_unreached", "id", "grade"),
        Index("ix_incidents_changed_at_id", "changed_at", "id"),
        Index("ix_incidents_next_due_at_id", "next_due_at", "id", sqlite_where=OWES, postgresql_where=OWES),
        Index("ix_incidents_is_unreached_opened_at_id", "is_unreached", "opened_at", "id"),
        Index(
            "uq_incidents_open_alert_key",
            "alert_key",
            unique=True,
            sqlite_where=text("status <> 'closed'"),
            postgresql_where=text("status <> 'closed'"),
        ),
        Index("ix_incidents_alert_key_id", "alert_key", "id"),
        *(_listed_by(name, name) for name in ("region", "campaign", "owner_id")),
        Index("ix_incidents_open", *COUNTED, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_incidents_exercises", "is_unreached", "id", sqlite_where=EXERCISE, postgresql_where=EXERCISE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str | None] = mapped_column(String(60))
    grade: Mapped[int | None]
    sector: Mapped[str | None] = mapped_column(String(60))
    region: Mapped[str | None] = mapped_column(String(60))
    campaign: Mapped[str | None] = mapped_column(String(60))
    status: Mapped[Status] = mapped_column(String(10), default="new")
    tlp: Mapped[str] = mapped_column(String(12), default="amber")
    source: Mapped[str] = mapped_column(String(40))
    alert_key: Mapped[str | None] = mapped_column(String(300))
    occurred_at: Mapped[dt.datetime | None]
    detected_at: Mapped[dt.datetime | None]
    opened_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]
    handled_at: Mapped[dt.datetime | None]
    next_due_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    resolution: Mapped[str | None] = mapped_column(String(300))
    earlier_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    matched: Mapped[dict[str, Any] | None]
    is_unreached: Mapped[bool] = mapped_column(default=False)
    speed: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def is_exercise(self) -> bool:
        """Whether this is a drill's incident and not a real one."""
        return self.speed is not None

    @property
    def pace(self) -> DrillClock:
        """The clock of the incident."""
        return DrillClock(self.opened_at, self.speed or 1)


_listed_by("sector_1", first_part(Incident.__table__.c.sector), "sector")
_listed_by("sector_2", first_parts(Incident.__table__.c.sector), "sector")
for _digits in REGION_DIGITS:
    _listed_by(f"region_{_digits}", region_head(Incident.__table__.c.region, _digits), "region")


class IncidentDepartment(Base):
    """A department that is responsible for an incident, or has a task in it.

    With `is_recipient` it is neither: it has only received a report about it.
    """

    __tablename__ = "incident_departments"
    __table_args__ = (Index("ix_incident_departments_department_id_incident_id", "department_id", "incident_id"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), primary_key=True)
    place: Mapped[int] = mapped_column(default=0)
    is_recipient: Mapped[bool] = mapped_column(default=False, server_default=false())


class IncidentPerson(Base):
    """A person named on an incident, who may see it when it is TLP:RED."""

    __tablename__ = "incident_people"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)


class Alert(Base):
    """One alert and the decision about it.

    `sender` is the actor that sent it. `grouping` says how one that no incident had yet was placed (`own`, `rule`,
    `storm`), and `group_key` is the key of its group.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_incident_id_source_fingerprint_id", "incident_id", "source", "fingerprint", "id"),
        Index(
            "ix_alerts_sender_grouping_received_at",
            "sender",
            "grouping",
            "received_at",
            sqlite_where=text("grouping IS NOT NULL"),
            postgresql_where=text("grouping IS NOT NULL"),
        ),
        Index(
            "ix_alerts_group_key_id",
            "group_key",
            "id",
            sqlite_where=text("group_key IS NOT NULL"),
            postgresql_where=text("group_key IS NOT NULL"),
        ),
        Index(
            "ix_alerts_grouped_fingerprint_source",
            "fingerprint",
            "source",
            sqlite_where=GROUPED,
            postgresql_where=GROUPED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    fingerprint: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(300))
    labels: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    occurred_at: Mapped[dt.datetime | None]
    received_at: Mapped[dt.datetime]
    decision: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(60))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    sender: Mapped[str | None] = mapped_column(String(100))
    grouping: Mapped[str | None] = mapped_column(String(10))
    group_key: Mapped[str | None] = mapped_column(String(64))


class Indicator(Base):
    """An address, domain, URL, hash or account seen in an incident."""

    __tablename__ = "indicators"
    __table_args__ = (Index("ix_indicators_kind_value", "kind", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(String(2048))


def lock_incident(incident_id: int) -> Incident:
    """Return an incident and lock its row until the transaction ends.

    Every use case on an incident locks it first, before its runs, notices and timers, so that no two of them deadlock.
    Rows that refer to it may be added meanwhile.
    """
    wanted = select(Incident).where(Incident.id == incident_id).with_for_update(key_share=True)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def incident_by_number(number: str) -> Incident | None:
    """Return an incident by its number."""
    return db.session.scalar(select(Incident).where(Incident.number == number))


def open_incident_of(alert_key: str) -> Incident | None:
    """Return the incident that an alert with this key belongs to now, and lock its row until the transaction ends."""
    wanted = select(Incident).where(Incident.alert_key == alert_key, Incident.status != "closed")
    return db.session.scalar(wanted.with_for_update(key_share=True).execution_options(populate_existing=True))


def last_closed_of(alert_key: str) -> Incident | None:
    """Return the newest closed incident of an alert key."""
    wanted = select(Incident).where(Incident.alert_key == alert_key, Incident.status == "closed")
    return db.session.scalar(wanted.order_by(Incident.id.desc()).limit(1))


def indicators_of(incident_id: int) -> Sequence[Indicator]:
    """Return the indicators of an incident in the order they were given."""
    return db.session.scalars(
        select(Indicator).where(Indicator.incident_id == incident_id).order_by(Indicator.id)
    ).all()


def departments_on(incident_id: int) -> Sequence[int]:
    """Return the ids of the departments on an incident, in the order in which they were named."""
    wanted = select(IncidentDepartment.department_id).where(IncidentDepartment.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(IncidentDepartment.place, IncidentDepartment.department_id)).all()


def people_on(incident_id: int) -> Sequence[int]:
    """Return the ids of the people named on an incident."""
    return db.session.scalars(select(IncidentPerson.person_id).where(IncidentPerson.incident_id == incident_id)).all()


def name_person(incident_id: int, person_id: int) -> bool:
    """Name a person on an incident, who may be named already; return whether they were not."""
    is_new = person_id not in people_on(incident_id)
    named = upsert(IncidentPerson).values(incident_id=incident_id, person_id=person_id)
    db.session.execute(named.on_conflict_do_nothing())
    return is_new


def remove_person(incident_id: int, person_id: int) -> None:
    """Name a person on an incident no longer."""
    its = IncidentPerson.incident_id == incident_id
    db.session.execute(delete(IncidentPerson).where(its, IncidentPerson.person_id == person_id))


def add_department(incident_id: int, department_id: int, place: int, *, is_recipient: bool = False) -> None:
    """Put a department on an incident that is known not to have it."""
    row = {"incident_id": incident_id, "department_id": department_id, "place": place, "is_recipient": is_recipient}
    insert_rows(db.session.connection(), IncidentDepartment, [row])
