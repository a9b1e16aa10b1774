"""Departments, their contacts, and their escalation policies."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Row,
    String,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.notifications.message import PUSH
from incident.store.db.by_id import rows_by_ids
from incident.store.db.database import Base, db, load_one


class Department(Base):
    """A responsible department; the policy is null until one is set.

    `authority` says as what it receives reports: `{roles, regions?, sectors?}`, null for a department that is none.
    `timezone` (IANA), `calendar` (by name) and `working_hours` (`{from, until}`) say when its people work.
    """

    __tablename__ = "departments"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    policy: Mapped[dict[str, Any] | None]
    competence: Mapped[dict[str, Any] | None]
    authority: Mapped[dict[str, Any] | None]
    timezone: Mapped[str] = mapped_column(String(64), default="UTC", server_default="UTC")
    calendar: Mapped[str] = mapped_column(String(64), default="plain", server_default="plain")
    working_hours: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)


class Contact(Base):
    """One contact of a department at one level, or of one of its people.

    `origin` is the provider whose circuit applies; `check_due_at` is when it is next checked, `confirmed_at` when
    somebody last confirmed it; `confirm_due_at` is the deadline of the oldest unconfirmed test, where `confirm_within`
    requires confirmation.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 20", name="level"),
        Index("ix_contacts_department_id_level", "department_id", "level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(String(2000))
    level: Mapped[int]
    language: Mapped[str] = mapped_column(String(20), default="en")
    sealed_secret: Mapped[str | None] = mapped_column(String(400))
    old_sealed_secret: Mapped[str | None] = mapped_column(String(400))
    old_secret_ends_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    switched_off_at: Mapped[dt.datetime | None]
    switched_off_why: Mapped[str | None] = mapped_column(String(500))
    origin: Mapped[str | None] = mapped_column(String(300))
    limit_per_minute: Mapped[int | None]
    check_every: Mapped[str | None] = mapped_column(String(20))
    check_due_at: Mapped[dt.datetime | None]
    checked_at: Mapped[dt.datetime | None]
    check_outcome: Mapped[str | None] = mapped_column(String(10))
    check_detail: Mapped[str | None] = mapped_column(String(500))
    confirmed_at: Mapped[dt.datetime | None]
    confirm_within: Mapped[str | None] = mapped_column(String(20))
    confirm_due_at: Mapped[dt.datetime | None]


_BY_CODE = select(Department).where(Department.code == bindparam("code"))


def department_by_code(code: str) -> Department | None:
    """Return a department by its code."""
    return load_one(Department, _BY_CODE, db.session.connection(), code=code)


_BY_CODES = select(Department).where(Department.code.in_(bindparam("codes", expanding=True)))
_BY_WORDS = (
    select(Department)
    .where(or_(Department.code == bindparam("words"), func.lower(Department.name) == bindparam("lowered")))
    .order_by(Department.code != bindparam("words"), Department.id)
    .limit(1)
)


def departments_by_codes(codes: Iterable[str]) -> dict[str, Department]:
    """Return the departments that exist among these codes."""
    wanted = list(codes)
    if not wanted:
        return {}
    if len(wanted) == 1:  # the usual case, and the cheaper statement
        one = department_by_code(wanted[0])
        return {} if one is None else {one.code: one}
    return {department.code: department for department in db.session.scalars(_BY_CODES, {"codes": wanted})}


def department_by_code_or_name(words: str) -> Department | None:
    """Return a department by its code, else by its name in any letter case (the oldest of that name)."""
    return db.session.scalar(_BY_WORDS, {"words": words, "lowered": words.lower()})


def departments_of(ids: Iterable[int]) -> dict[int, Department]:
    """Return departments by id."""
    return rows_by_ids(Department, ids)


def line_above(department_id: int) -> list[int]:
    """Return a department and those above it, the nearest first; each once, even in a loop."""
    line: list[int] = []
    following: int | None = department_id
    while following is not None and following not in line:
        line.append(following)
        following = db.session.scalar(select(Department.parent_id).where(Department.id == following))
    return line


def list_departments() -> Sequence[Department]:
    """Return all departments by code."""
    return db.session.scalars(select(Department).order_by(Department.code)).all()


def departments_after(code: str | None, limit: int) -> Sequence[Department]:
    """Return departments by code, after a code when one is given."""
    query = select(Department).order_by(Department.code).limit(limit)
    return db.session.scalars(query if code is None else query.where(Department.code > code)).all()


def first_names(limit: int) -> Sequence[Row[str, str]]:
    """Return code and name of the first departments by code."""
    return db.session.execute(select(Department.code, Department.name).order_by(Department.code).limit(limit)).all()


def search_departments(
    words: str, limit: int, after: str | None = None, among: Collection[int] | None = None
) -> Sequence[Department]:
    """Return the departments whose code or name contains the text in any letter case, by code.

    Args:
        words: the text as typed; an empty one matches all.
        limit: the maximum number.
        after: the code of the last one of the previous page. On the first page an exact match of code or name comes
            first.
        among: the ids of those that may be found; None for all.
    """
    holds = or_(Department.code.icontains(words, autoescape=True), Department.name.icontains(words, autoescape=True))
    query = select(Department).where(holds).order_by(Department.code).limit(limit)
    if among is not None:
        return db.session.scalars(query.where(Department.id.in_(list(among)))).all()
    if after is not None:
        return db.session.scalars(query.where(Department.code > after)).all()
    code = code_of(words) if words else None
    first = [] if code is None else db.session.scalars(select(Department).where(Department.code == code)).all()
    return [*first, *(one for one in db.session.scalars(query) if one.code != code)][:limit]


def code_of(words: str) -> str | None:
    """Return the code of the department with this code, else the only one with this name in any case."""
    if (found := department_by_code(words)) is not None:
        return found.code
    named = select(Department.code).where(func.lower(Department.name) == words.lower()).limit(2)
    codes = db.session.scalars(named).all()
    return codes[0] if len(codes) == 1 else None


def is_shared_name(words: str) -> bool:
    """Return whether more than one department has this name, in any case."""
    named = select(Department.id).where(func.lower(Department.name) == words.lower()).limit(2)
    return len(db.session.scalars(named).all()) > 1


def competences() -> Mapping[str, dict[str, Any]]:
    """Return each department's competence by its code; those without one are left out."""
    query = select(Department.code, Department.competence).where(Department.competence.is_not(None))
    said = db.session.execute(query.order_by(Department.code))
    return {code: competence for code, competence in said if competence is not None}


def authorities() -> Sequence[Department]:
    """Return the departments that receive reports, by code."""
    query = select(Department).where(Department.authority.is_not(None))
    return [one for one in db.session.scalars(query.order_by(Department.code)) if one.authority is not None]


def live_contacts() -> Sequence[Contact]:
    """Return every contact that is switched on, by department and level."""
    wanted = select(Contact).where(Contact.switched_off_at.is_(None), Contact.channel != PUSH)
    return db.session.scalars(wanted.order_by(Contact.department_id, Contact.level, Contact.id)).all()


def contacts_by_ids(ids: Collection[int]) -> Sequence[Contact]:
    """Return contacts by their ids, the oldest first."""
    return db.session.scalars(select(Contact).where(Contact.id.in_(list(ids))).order_by(Contact.id)).all()


def contacts_of(department_id: int) -> Sequence[Contact]:
    """Return every contact of a department, by level, without the devices of people."""
    wanted = select(Contact).where(Contact.department_id == department_id, Contact.channel != PUSH)
    wanted = wanted.order_by(Contact.level, Contact.id)
    return db.session.scalars(wanted).all()


def contacts_to_check(now: dt.datetime, limit: int) -> Sequence[int]:
    """Return the ids of contacts whose check is due, the longest waiting first."""
    wanted = select(Contact.id).where(Contact.check_due_at <= now, Contact.switched_off_at.is_(None))
    return db.session.scalars(wanted.order_by(Contact.check_due_at, Contact.id).limit(limit)).all()


def contacts_by_key(contact_ids: Collection[int]) -> Mapping[int, Contact]:
    """Return contacts by id."""
    found = db.session.scalars(select(Contact).where(Contact.id.in_(list(contact_ids))))
    return {contact.id: contact for contact in found}


def contact_counts(department_ids: Collection[int]) -> Mapping[int, int]:
    """Return the number of active contacts of each of these departments."""
    query = select(Contact.department_id, func.count()).where(
        Contact.switched_off_at.is_(None), Contact.channel != PUSH, Contact.department_id.in_(list(department_ids))
    )
    return dict(db.session.execute(query.group_by(Contact.department_id)).all())


def names_by_code() -> Mapping[str, str]:
    """Return the name of every department by its code."""
    return dict(db.session.execute(select(Department.code, Department.name)).all())
