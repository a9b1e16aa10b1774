"""Systems, and those that incidents are about."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, bindparam, cast, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, db, load_one
from incident.store.systems.windows import MaintenanceWindow


class System(Base):
    """An affected system: its owner, how much it is protected and needed, and what it is recognised by.

    `addresses` and `names` are in canonical form. An inactive system is recognised in no alert.
    """

    __tablename__ = "systems"
    __table_args__ = (CheckConstraint("protection_level BETWEEN 1 AND 5", name="protection_level"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    protection_level: Mapped[int | None]
    criticality: Mapped[str | None] = mapped_column(String(10))
    is_critical_infrastructure: Mapped[bool] = mapped_column(default=False)
    addresses: Mapped[list[Any]]
    names: Mapped[list[Any]]
    note: Mapped[str] = mapped_column(String(2000), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)


class IncidentSystem(Base):
    """A system of an incident, how it was matched, and the value that was seen.

    One that a person removed stays with `removed_at`, so that the next alert does not bring it back.
    """

    __tablename__ = "incident_systems"
    __table_args__ = (Index("ix_incident_systems_system_id_incident_id", "system_id", "incident_id"),)

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), primary_key=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("systems.id"), primary_key=True)
    matched_by: Mapped[str] = mapped_column(String(10))
    seen: Mapped[str | None] = mapped_column(String(200))
    removed_at: Mapped[dt.datetime | None]


_BY_CODE = select(System).where(System.code == bindparam("code"))

FACTS: Final = (
    "name",
    "department_id",
    "protection_level",
    "criticality",
    "is_critical_infrastructure",
    "addresses",
    "names",
    "note",
    "is_active",
)


def system_by_code(code: str) -> System | None:
    """Return a system by its code."""
    return load_one(System, _BY_CODE, db.session.connection(), code=code)


def systems_by_codes(codes: Collection[str]) -> dict[str, System]:
    """Return the systems that exist among these codes."""
    if not codes:
        return {}
    return {one.code: one for one in db.session.scalars(select(System).where(System.code.in_(list(codes))))}


def lock_system(system_id: int) -> System | None:
    """Return a system and lock its row until the transaction ends."""
    wanted = select(System).where(System.id == system_id).with_for_update()
    return db.session.scalar(wanted.execution_options(populate_existing=True))


def list_systems(words: str, after: str | None, limit: int, owners: Collection[int] | None = None) -> Sequence[System]:
    """Return systems by code, those whose code, name, addresses or names contain the words.

    Args:
        words: the text as typed, in any letter case; an empty one matches all.
        after: the code of the last one of the previous page.
        limit: the maximum number.
        owners: the ids of departments whose systems may be found; None for all.
    """
    query = select(System).order_by(System.code).limit(limit)
    if words:
        texts = (System.code, System.name, cast(System.addresses, Text), cast(System.names, Text))
        query = query.where(or_(*(text.icontains(words, autoescape=True) for text in texts)))
    if after is not None:
        query = query.where(System.code > after)
    if owners is not None:
        query = query.where(System.department_id.in_(list(owners)))
    return db.session.scalars(query).all()


def names_of_systems(ids: Collection[int]) -> Mapping[int, str]:
    """Return the names of systems by id."""
    if not ids:
        return {}
    return {
        row[0]: row[1] for row in db.session.execute(select(System.id, System.name).where(System.id.in_(list(ids))))
    }


def all_systems() -> Sequence[System]:
    """Return every system by code."""
    return db.session.scalars(select(System).order_by(System.code)).all()


def count_systems() -> int:
    """Return how many systems there are."""
    return db.session.scalar(select(func.count()).select_from(System)) or 0


def is_used(system_id: int) -> bool:
    """Return whether an incident or a maintenance window has, or had, a system."""
    of_incident = select(IncidentSystem.incident_id).where(IncidentSystem.system_id == system_id).limit(1)
    of_window = select(MaintenanceWindow.id).where(MaintenanceWindow.system_id == system_id).limit(1)
    return any(db.session.scalar(wanted) is not None for wanted in (of_incident, of_window))


def links_of(incident_id: int) -> Mapping[int, IncidentSystem]:
    """Return the systems of an incident by id, with those that were removed from it."""
    found = db.session.scalars(select(IncidentSystem).where(IncidentSystem.incident_id == incident_id))
    return {one.system_id: one for one in found}
