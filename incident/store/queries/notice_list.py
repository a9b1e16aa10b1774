"""Lists of notices: filters, progress on each incident, unreached and declined ones; visible rows only."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select

from incident.core.notifications.notice import UNANSWERED
from incident.core.values.access import Viewer
from incident.store.db.database import db, table_of
from incident.store.directory.departments import Department
from incident.store.incidents.incidents import Incident
from incident.store.notifications.notice_departments import is_notified
from incident.store.notifications.notices import HANDLING, OF_INCIDENT, Notice
from incident.store.queries.urgent_reports import urgent_visibility
from incident.store.queries.visibility import visible_incidents
from incident.store.queries.work_filter import WorkFilter, work_conditions


def list_notices(viewer: Viewer, wanted: WorkFilter, after: int | None, limit: int) -> Sequence[Notice]:
    """Return notices, newest first; a department gets its own, also those of incidents that it may not see itself."""
    visible = or_(and_(*notice_visibility(viewer)), urgent_visibility(viewer))
    query = select(Notice).where(*work_conditions(Notice, viewer, wanted), visible)
    if after is not None:
        query = query.where(Notice.id < after)
    return db.session.scalars(query.order_by(Notice.id.desc()).limit(limit)).all()


def notice_visibility(viewer: Viewer) -> list[ColumnElement[bool]]:
    """Return the conditions that a viewer may see a notice of an incident; a department sees its own."""
    visible = None if viewer.role == "department" else visible_incidents(viewer)
    return [OF_INCIDENT] if visible is None else [exists().where(Incident.id == Notice.incident_id, visible)]


@dataclass
class NotificationProgress:
    """Progress of the departments of one incident; `next_at` is when the next level is notified."""

    waiting: int = 0
    acknowledged: int = 0
    accepted: int = 0
    declined: int = 0
    exhausted: int = 0
    unreached: int = 0
    next_at: dt.datetime | None = None

    @property
    def state(self) -> str | None:
        """The progress in one word, the most urgent first; None when nobody was notified."""
        words = {
            "unreached": self.unreached,
            "declined": self.declined,
            "exhausted": self.exhausted,
            "waiting": self.waiting or self.next_at is not None,
            "accepted": self.accepted,
            "acknowledged": self.acknowledged,
        }
        return next((word for word, is_so in words.items() if is_so), None)


def notification_progress(incident_ids: Collection[int]) -> Mapping[int, NotificationProgress]:
    """Return the progress of the departments that were asked to handle each incident."""
    query = select(Notice.incident_id, Notice.state, Notice.is_unreached, Notice.next_at)
    found = {one: NotificationProgress() for one in incident_ids}
    for incident_id, state, is_unreached, next_at in db.session.execute(
        query.where(Notice.incident_id.in_(list(incident_ids)), HANDLING)
    ):
        _count(found[incident_id or 0], state, is_unreached, next_at)
    return found


def _count(progress: NotificationProgress, state: str, is_unreached: bool, next_at: dt.datetime | None) -> None:
    progress.acknowledged += state == "acknowledged"
    progress.accepted += state in ("accepted", "done")
    progress.declined += state == "declined"
    progress.exhausted += state == "exhausted"
    progress.unreached += is_unreached and state in UNANSWERED
    progress.waiting += state == "open"
    if next_at is not None:  # an acknowledged notice goes on too where its policy requires that somebody accepts
        progress.next_at = min(next_at, progress.next_at or next_at)


def unreached_notices(viewer: Viewer, limit: int = 20) -> Sequence[Row[int, str, str, str, str, str]]:
    """Return the notices that reached no contact, oldest first, without exercises.

    Each row has notice, number, title, department and TLP.
    """
    query = (
        select(Notice.id, Incident.number, Incident.title, Department.code, Department.name, Incident.tlp)
        .join(Incident, Incident.id == Notice.incident_id)
        .join(Department, Department.id == Notice.department_id)
        .where(Notice.is_unreached.is_(True), Notice.state.in_(UNANSWERED), Incident.speed.is_(None))
    )
    visible = visible_incidents(viewer)
    if visible is not None:
        query = query.where(visible)
    return db.session.execute(query.order_by(Notice.id).limit(limit)).all()


def declined_notices(viewer: Viewer, limit: int = 20) -> Sequence[Row[int, str, str, str, str | None, str | None, str]]:
    """Return the declined notices that nobody has taken on since, without exercises.

    Each row has notice, number, title, department, reason and TLP. A notice is settled when another department is named
    afterwards, when somebody accepts it, and when it is withdrawn.
    """
    later = table_of(Notice).alias("later")
    query = (
        select(
            Notice.id, Incident.number, Incident.title, Department.name, Notice.answered_by, Notice.reason, Incident.tlp
        )
        .join(Incident, Incident.id == Notice.incident_id)
        .join(Department, Department.id == Notice.department_id)
        .where(Notice.state == "declined", Incident.speed.is_(None))
        .where(~exists().where(*_of_same_matter(later), later.c.opened_at > Notice.answered_at))
    )
    visible = visible_incidents(viewer)
    if visible is not None:
        query = query.where(visible)
    return db.session.execute(query.order_by(Notice.id).limit(limit)).all()


def _of_same_matter(other: Any) -> tuple[ColumnElement[bool], ...]:
    return tuple(other.c[name] == getattr(Notice, name) for name in ("subject_type", "subject_id", "purpose"))


def waiting_by_department(department_ids: Collection[int]) -> Mapping[int, int]:
    """Return the number of notices of each of these departments that wait for an answer."""
    query = select(Notice.department_id, func.count()).where(
        Notice.state.in_(UNANSWERED), Notice.department_id.in_(list(department_ids)), OF_INCIDENT
    )
    return dict(db.session.execute(query.group_by(Notice.department_id)).all())


def waiting_notice_ids(department_ids: Collection[int | str]) -> Select[*tuple[Any, ...]]:
    """Return the query for the ids of the notices of some departments that wait for an answer, to count them."""
    own = [one for one in department_ids if isinstance(one, int)]
    return select(Notice.id).where(Notice.state.in_(UNANSWERED), is_notified(own), OF_INCIDENT)
