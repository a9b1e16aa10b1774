"""Drills: exercises with a playbook on a simulated incident, and the runs that they are compared with."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ForeignKey, Index, Select, String, select, union_all
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.values.access import Viewer, sees_red
from incident.store.db.database import Base, db
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.playbooks import Playbook
from incident.store.playbooks.runs import RED_RUNS, Run
from incident.store.queries.visibility import visible_incidents

MAX_VERSIONS = 100
"""How many versions of a playbook are looked into for earlier runs."""


class Drill(Base):
    """One exercise: its run is on an incident of its own, whose `speed` is that of its clock.

    `playbook_id` is the version in use; `ended_by` is who ended the run, or the scheduler.
    """

    __tablename__ = "drills"
    __table_args__ = (Index("ix_drills_playbook_id_id", "playbook_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), unique=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), unique=True)
    playbook_id: Mapped[int] = mapped_column(ForeignKey("playbooks.id"))
    started_at: Mapped[dt.datetime]
    started_by: Mapped[str] = mapped_column(String(300))
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(300))


def drill_on(incident_id: int) -> Drill | None:
    """Return the drill of an exercise's incident."""
    return db.session.scalar(select(Drill).where(Drill.incident_id == incident_id))


def list_drills(viewer: Viewer, playbook: str | None, before: int | None, limit: int) -> Sequence[Drill]:
    """Return drills, newest first, whose incidents and runs the viewer may see.

    Args:
        viewer: who requests them.
        playbook: the CACAO id of the playbook; None for all.
        before: the id of the last one of the previous page.
        limit: the maximum number.
    """
    query = _visible_drills(viewer)
    if playbook is not None:
        query = query.join(Playbook, Playbook.id == Drill.playbook_id).where(Playbook.cacao_id == playbook)
    if before is not None:
        query = query.where(Drill.id < before)
    return db.session.scalars(query.order_by(Drill.id.desc()).limit(limit)).all()


def drills_between(viewer: Viewer, since: dt.datetime, until: dt.datetime, limit: int) -> Sequence[Drill]:
    """Return the drills that a viewer may see and that were started in a span (UTC), oldest first."""
    query = _visible_drills(viewer).where(Drill.started_at >= since, Drill.started_at < until)
    return db.session.scalars(query.order_by(Drill.id).limit(limit)).all()


def _visible_drills(viewer: Viewer) -> Select[Drill]:
    query = select(Drill)
    visible = visible_incidents(viewer)
    if visible is not None:  # not joined: with few drills, the database would still go through all incidents
        query = query.where(select(Incident.id).where(Incident.id == Drill.incident_id, visible).exists())
    if not sees_red(viewer):
        query = query.where(Drill.run_id.not_in(select(Run.id).where(RED_RUNS)))
    return query


def ended_runs(viewer: Viewer, playbook: str, before: dt.datetime, limit: int, *, is_drill: bool) -> Sequence[Run]:
    """Return the ended runs of the newest versions of a playbook, newest first.

    Args:
        viewer: who requests them; runs on incidents that they may not see are left out.
        playbook: its CACAO id.
        before: only runs that started before this moment (UTC).
        limit: the maximum number.
        is_drill: the runs of drills, else those on real incidents.
    """
    is_wanted = Incident.speed.is_not(None) if is_drill else Incident.speed.is_(None)
    query = select(Run.id).join(Incident, Incident.id == Run.incident_id)
    query = query.where(is_wanted, Run.ended_at.is_not(None), Run.started_at < before)
    if is_drill:
        query = query.join(Drill, Drill.run_id == Run.id)
    if not sees_red(viewer):
        query = query.where(Run.is_red.is_(False))
    visible = visible_incidents(viewer)
    if visible is not None:
        query = query.where(visible)
    # Version by version, as an index gives the runs of each in their order.
    latest = (Run.started_at.desc(), Run.id.desc())
    its = [query.where(Run.playbook_id == one).order_by(*latest).limit(limit) for one in _versions_of(playbook)]
    if not its:
        return ()
    found = union_all(*(select(one.subquery().c.id) for one in its))
    return db.session.scalars(select(Run).where(Run.id.in_(found)).order_by(*latest).limit(limit)).all()


def _versions_of(playbook: str) -> Sequence[int]:
    wanted = select(Playbook.id).where(Playbook.cacao_id == playbook)
    return db.session.scalars(
        wanted.order_by(Playbook.modified_at.desc(), Playbook.id.desc()).limit(MAX_VERSIONS)
    ).all()
