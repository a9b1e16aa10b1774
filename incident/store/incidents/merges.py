"""Merges of duplicate incidents, and the alerts that they moved."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, String, Text, insert, literal, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db
from incident.store.incidents.incidents import Alert, Incident

IN_EFFECT: Final = text("incident_merges.undone_at IS NULL")
"""A literal, not a parameter: a partial index serves only queries that contain its condition."""


class IncidentMerge(Base):
    """A duplicate that was closed, and the survivor that has its alerts, reports, indicators and evidence.

    `before` is what an undo needs: the state of both incidents before the merge, and what was moved.
    """

    __tablename__ = "incident_merges"
    __table_args__ = (
        Index(
            "uq_incident_merges_in_effect",
            "duplicate_id",
            unique=True,
            sqlite_where=IN_EFFECT,
            postgresql_where=IN_EFFECT,
        ),
        Index("ix_incident_merges_duplicate_id", "duplicate_id"),
        Index("ix_incident_merges_survivor_id", "survivor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    duplicate_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    survivor_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    reason: Mapped[str] = mapped_column(Text)
    merged_at: Mapped[dt.datetime]
    merged_by: Mapped[str] = mapped_column(String(300))
    before: Mapped[dict[str, Any]]
    undone_at: Mapped[dt.datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(300))


class MergedAlert(Base):
    """An alert that a merge moved."""

    __tablename__ = "merged_alerts"

    merge_id: Mapped[int] = mapped_column(ForeignKey("incident_merges.id"), primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id"), primary_key=True)


has_duplicates: Final = (
    select(IncidentMerge.id).where(IN_EFFECT, IncidentMerge.survivor_id == Incident.id).exists().label("has_duplicates")
)
"""Whether others were merged into an incident, as a column of a query for incidents."""


def merge_of(duplicate_id: int) -> IncidentMerge | None:
    """Return the merge in effect by which an incident went into another one."""
    wanted = select(IncidentMerge).where(IN_EFFECT, IncidentMerge.duplicate_id == duplicate_id)
    return db.session.scalar(wanted)


def merges_around(incident_id: int) -> Sequence[IncidentMerge]:
    """Return the merges in effect by which an incident went into another one, or others into it, oldest first."""
    its = or_(IncidentMerge.duplicate_id == incident_id, IncidentMerge.survivor_id == incident_id)
    return db.session.scalars(select(IncidentMerge).where(IN_EFFECT, its).order_by(IncidentMerge.id)).all()


def last_merge_of(duplicate_id: int) -> IncidentMerge | None:
    """Return the last merge by which an incident went into another one, also when it was undone."""
    wanted = select(IncidentMerge).where(IncidentMerge.duplicate_id == duplicate_id)
    return db.session.scalar(wanted.order_by(IncidentMerge.id.desc()).limit(1))


def merges_into(survivor_id: int) -> Sequence[IncidentMerge]:
    """Return the merges in effect by which other incidents went into one, oldest first."""
    wanted = select(IncidentMerge).where(IN_EFFECT, IncidentMerge.survivor_id == survivor_id)
    return db.session.scalars(wanted.order_by(IncidentMerge.id)).all()


def survivors_among(incident_ids: Collection[int]) -> Sequence[int]:
    """Return the ids of those of some incidents into which others were merged."""
    its = IncidentMerge.survivor_id.in_(list(incident_ids))
    return db.session.scalars(select(IncidentMerge.survivor_id).where(IN_EFFECT, its).distinct()).all()


def duplicates_of(incident_id: int) -> Sequence[Incident]:
    """Return all incidents that went into one, also by way of others, oldest merge first."""
    found, waiting = list[int](), [incident_id]
    while waiting:
        ids = [one.duplicate_id for one in merges_into(waiting.pop())]
        found += ids
        waiting += ids
    if not found:
        return ()
    return db.session.scalars(select(Incident).where(Incident.id.in_(found)).order_by(Incident.id)).all()


def numbers_around(incident_id: int) -> Sequence[str]:
    """Return the numbers of all incidents with which one was ever merged, itself included, also when it was undone."""
    known, waiting = {incident_id}, [incident_id]
    while waiting:
        its = waiting.pop()
        touching = or_(IncidentMerge.duplicate_id == its, IncidentMerge.survivor_id == its)
        pairs = db.session.execute(select(IncidentMerge.duplicate_id, IncidentMerge.survivor_id).where(touching))
        new = {one for pair in pairs for one in pair} - known
        known |= new
        waiting += new
    return db.session.scalars(select(Incident.number).where(Incident.id.in_(known)).order_by(Incident.id)).all()


def move_alerts(merge: IncidentMerge) -> int:
    """Give all alerts of a duplicate to the survivor, and note which; return how many."""
    its = select(literal(merge.id), Alert.id).where(Alert.incident_id == merge.duplicate_id)
    noted = db.session.execute(insert(MergedAlert).from_select(["merge_id", "alert_id"], its))
    moved = update(Alert).where(Alert.incident_id == merge.duplicate_id).values(incident_id=merge.survivor_id)
    db.session.execute(moved.execution_options(synchronize_session=False))
    return int(getattr(noted, "rowcount", 0))


def return_alerts(merge: IncidentMerge) -> None:
    """Give the alerts that a merge moved back to the duplicate."""
    its = select(MergedAlert.alert_id).where(MergedAlert.merge_id == merge.id)
    back = update(Alert).where(Alert.id.in_(its), Alert.incident_id == merge.survivor_id)
    db.session.execute(back.values(incident_id=merge.duplicate_id).execution_options(synchronize_session=False))


def with_duplicates(incident_id: int) -> list[int]:
    """Return the id of an incident, and those of all that went into it."""
    return [incident_id, *(one.id for one in duplicates_of(incident_id))]


def merged_with(incident_id: int) -> list[int]:
    """Return the ids of an incident, of its duplicates, and of those into which it went in turn."""
    found, merge = with_duplicates(incident_id), merge_of(incident_id)
    while merge is not None and merge.survivor_id not in found:
        found.append(merge.survivor_id)
        merge = merge_of(merge.survivor_id)
    return found
