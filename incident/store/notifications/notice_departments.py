"""Departments above that were notified under a notice of another: their members may see and answer it."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import ColumnElement, ForeignKey, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db, upsert
from incident.store.db.read_once import read_once
from incident.store.notifications.notices import Notice

FEW = 2_000
"""Up to this many notices are passed to the database as ids."""


class NoticeDepartment(Base):
    """A department above that was notified under a notice."""

    __tablename__ = "notice_departments"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), primary_key=True, index=True)
    notified_at: Mapped[dt.datetime]


def put_department_above(notice_id: int, department_id: int, now: dt.datetime) -> None:
    """Record that a department above was notified under a notice, unless it is recorded."""
    row = upsert(NoticeDepartment).values(notice_id=notice_id, department_id=department_id, notified_at=now)
    db.session.execute(row.on_conflict_do_nothing())


def departments_above(notice_id: int) -> frozenset[int]:
    """Return the departments above that were notified under a notice."""
    wanted = select(NoticeDepartment.department_id).where(NoticeDepartment.notice_id == notice_id)
    return frozenset(db.session.scalars(wanted))


def departments_above_each(notice_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the departments above that were notified under each of these notices, of those that have any."""
    if not notice_ids:
        return {}
    wanted = select(NoticeDepartment.notice_id, NoticeDepartment.department_id)
    found: dict[int, frozenset[int]] = {}
    for notice_id, department_id in db.session.execute(wanted.where(NoticeDepartment.notice_id.in_(list(notice_ids)))):
        found[notice_id] = found.get(notice_id, frozenset()) | {department_id}
    return found


def departments_above_on(incident_id: int) -> frozenset[int]:
    """Return the departments above that were notified under any notice of an incident."""
    wanted = select(NoticeDepartment.department_id).join(Notice, Notice.id == NoticeDepartment.notice_id)
    return frozenset(db.session.scalars(wanted.where(Notice.incident_id == incident_id)))


def notified_under(department_ids: Collection[int], among: Collection[int]) -> frozenset[int]:
    """Return those of the notices under which one of the departments was notified as the one above."""
    wanted = select(NoticeDepartment.notice_id).where(
        NoticeDepartment.department_id.in_(list(department_ids)), NoticeDepartment.notice_id.in_(list(among))
    )
    return frozenset(db.session.scalars(wanted))


def is_notified(department_ids: Collection[int]) -> ColumnElement[bool]:
    """Return the condition that a notice belongs to one of the departments, or one was notified as the one above."""
    own = list(department_ids)
    is_own = Notice.department_id.in_(own)
    under = _under(own)
    return is_own if not under else or_(is_own, Notice.id.in_(under))


def incidents_under(department_ids: Collection[int]) -> Collection[int]:
    """Return the incidents of the latest notices under which one of the departments was notified as the one above."""
    if not (under := _under(list(department_ids))):
        return ()
    return read_once(("incidents under", *under), lambda: _incidents_of(under))


def _incidents_of(notice_ids: list[int]) -> list[int]:
    found = db.session.scalars(select(Notice.incident_id).where(Notice.id.in_(notice_ids)).distinct())
    return [one for one in found if one is not None]


def _under(department_ids: list[int]) -> list[int]:
    """Return the latest notices, queried first: nearly all departments have none."""
    return read_once(("notices under", *department_ids), lambda: _latest_under(department_ids))


def _latest_under(department_ids: list[int]) -> list[int]:
    wanted = select(NoticeDepartment.notice_id).where(NoticeDepartment.department_id.in_(department_ids))
    return list(db.session.scalars(wanted.order_by(NoticeDepartment.notice_id.desc()).limit(FEW)))
