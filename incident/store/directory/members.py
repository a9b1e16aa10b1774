"""Members: the people of a department, its head and deputies among them."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import CheckConstraint, ForeignKey, Index, Row, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incident.store.db.database import Base, db
from incident.store.directory.departments import Department
from incident.store.directory.people import Person


class Member(Base):
    """The position of a person in a department; `place` orders those of one position."""

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint("position IN ('head', 'deputy', 'member')", name="position"),
        Index("ix_members_person_id", "person_id"),
    )

    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    position: Mapped[str] = mapped_column(String(20))
    place: Mapped[int]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


def members_of(department_id: int) -> Sequence[Member]:
    """Return the members of a department in their order."""
    return db.session.scalars(select(Member).where(Member.department_id == department_id).order_by(Member.place)).all()


def all_members() -> Sequence[Row[str, str, str]]:
    """Return department, sign-in name and position of every member, in the order of departments and places."""
    query = select(Department.code, Person.login, Member.position)
    query = query.join(Department, Department.id == Member.department_id).join(Person, Person.id == Member.person_id)
    return db.session.execute(query.order_by(Department.code, Member.place)).all()


def member_counts(department_ids: Collection[int]) -> Mapping[int, int]:
    """Return the number of active members of each of these departments."""
    query = (
        select(Member.department_id, func.count())
        .join(Person, Person.id == Member.person_id)
        .where(Person.is_active, Member.department_id.in_(list(department_ids)))
    )
    return dict(db.session.execute(query.group_by(Member.department_id)).all())


def names_at(position: str) -> dict[int, str]:
    """Return the name of the first active person at a position, by department."""
    wanted = (
        select(Member.department_id, Person.name)
        .join(Person, Person.id == Member.person_id)
        .where(Member.position == position, Person.is_active)
        .order_by(Member.place.desc())
    )
    return {row.department_id: row.name for row in db.session.execute(wanted)}


def position_of(department_id: int, person_id: int) -> str | None:
    """Return the position of a person in a department, None when not a member."""
    member = db.session.get(Member, (department_id, person_id))
    return None if member is None else member.position


def people_at(department_id: int, position: str) -> Sequence[Person]:
    """Return the active people who hold a position in a department, in their order."""
    wanted = (
        select(Person)
        .join(Member, Member.person_id == Person.id)
        .where(Member.department_id == department_id, Member.position == position, Person.is_active)
        .order_by(Member.place)
    )
    return db.session.scalars(wanted).all()


def people_by_position(department_ids: Collection[int]) -> dict[tuple[int, str], list[Person]]:
    """Return the active people of several departments by department and position, as `people_at` returns them."""
    wanted = (
        select(Member.department_id, Member.position, Person)
        .join(Person, Person.id == Member.person_id)
        .where(Member.department_id.in_(list(department_ids)), Person.is_active)
        .order_by(Member.place)
    )
    found: dict[tuple[int, str], list[Person]] = {}
    for department_id, position, person in db.session.execute(wanted):
        found.setdefault((department_id, position), []).append(person)
    return found


def remove_members(department_id: int) -> None:
    """Delete all members of a department, before new ones are inserted."""
    db.session.execute(delete(Member).where(Member.department_id == department_id))
