"""People, their sessions and sign-in links."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    String,
    delete,
    func,
    inspect,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incident.core.values.access import Role
from incident.store.db.database import Base, db, upsert
from incident.store.directory.departments import Department

IDLE_LIMIT = dt.timedelta(hours=4)
"""How long a session may stay unused before it ends."""


class Person(Base):
    """A user of the program; `login` is what they type, `is_mailed` whether they get mail of incidents they follow.

    `notifications_read_at` is when the newest notification came that they have marked as read.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(20), default="en")
    is_active: Mapped[bool] = mapped_column(default=True)
    is_mailed: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[dt.datetime]
    signed_in_at: Mapped[dt.datetime | None]
    notifications_read_at: Mapped[dt.datetime | None]

    department: Mapped[Department | None] = relationship(lazy="joined")


class Session(Base):
    """One signed-in browser; can be revoked, and expires when unused for a while.

    `agent` is the browser's name as it sends it, by which people distinguish their sessions.
    """

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    used_at: Mapped[dt.datetime]
    agent: Mapped[str | None] = mapped_column(String(200))
    revoked_at: Mapped[dt.datetime | None]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class SignInLink(Base):
    """A link that signs a person in, or (purpose `setup`, no person) creates the first administrator.

    `sent_to` is the mail address to which it was sent, None when it was passed on otherwise.
    """

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    sent_to: Mapped[str | None] = mapped_column(String(254))


class Throttle(Base):
    """Number of attempts of something in a window; the key is a keyed hash, never an address or a name."""

    __tablename__ = "throttles"
    __table_args__ = (Index("ix_throttles_window_at", "window_at"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


def people_of_role(role: str) -> Sequence[int]:
    """Return the ids of the people with a role who can sign in."""
    return db.session.scalars(select(Person.id).where(Person.role == role, Person.is_active).order_by(Person.id)).all()


def person_by_login(login: str) -> Person | None:
    """Return the active person with this login."""
    return db.session.scalar(select(Person).where(Person.login == login, Person.is_active))


def by_logins(logins: Collection[str]) -> Sequence[Person]:
    """Return the people with these logins, also those who have left; present ones come last."""
    if not logins:
        return ()
    wanted = select(Person).where(Person.login.in_(list(logins))).order_by(Person.is_active)
    return db.session.scalars(wanted).all()


def people_of(ids: Collection[int]) -> Sequence[Person]:
    """Return people by their ids."""
    if not ids:
        return ()
    return db.session.scalars(select(Person).where(Person.id.in_(list(ids)))).all()


def logins_by_id(ids: Collection[int]) -> dict[int, str]:
    """Return the logins of people by their ids."""
    if not ids:
        return {}
    return {row[0]: row[1] for row in db.session.execute(select(Person.id, Person.login).where(Person.id.in_(ids)))}


def active_people() -> Sequence[Person]:
    """Return all active people by name."""
    return db.session.scalars(select(Person).where(Person.is_active).order_by(Person.name, Person.id)).all()


def has_others() -> bool:
    """Return whether more than one person may sign in."""
    return len(db.session.scalars(select(Person.id).where(Person.is_active).limit(2)).all()) > 1


def count_with_roles(connection: Connection, roles: Collection[Role]) -> int:
    """Count the active people with one of these roles; 0 in a database without tables."""
    if not inspect(connection).has_table("people"):
        return 0
    wanted = select(func.count()).where(Person.is_active, Person.role.in_(list(roles)))
    return connection.execute(wanted).scalar_one()


class PersonChoice(NamedTuple):
    """What decides whether an active person may be chosen for something, and how the choice is shown."""

    login: str
    name: str
    role: str
    department_id: int | None


def people_to_choose() -> Sequence[PersonChoice]:
    """Return all active people by name, without the rest of their rows: pages offer them again and again."""
    wanted = select(Person.login, Person.name, Person.role, Person.department_id).where(Person.is_active)
    return [PersonChoice(*row) for row in db.session.execute(wanted.order_by(Person.name, Person.id))]


def active_by_logins(logins: Collection[str]) -> Sequence[Person]:
    """Return the active people among these logins."""
    if not logins:
        return ()
    return db.session.scalars(select(Person).where(Person.login.in_(list(logins)), Person.is_active)).all()


def names_of_people(ids: Collection[int]) -> Mapping[int, str]:
    """Return the names of people by id."""
    if not ids:
        return {}
    return dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all())


def live_session(token_hash: str, now: dt.datetime) -> Session | None:
    """Return the session of this token unless it has ended."""
    return db.session.scalar(select(Session).where(Session.token_hash == token_hash, *_live(now)))


def live_sessions(person_id: int, now: dt.datetime) -> Sequence[Session]:
    """Return the live sessions of a person, the one used last first."""
    wanted = select(Session).where(Session.person_id == person_id, *_live(now))
    return db.session.scalars(wanted.order_by(Session.used_at.desc(), Session.id.desc())).all()


def _live(now: dt.datetime) -> tuple[ColumnElement[bool], ...]:
    return Session.revoked_at.is_(None), Session.expires_at > now, Session.used_at > now - IDLE_LIMIT


def note_use(session_id: int, now: dt.datetime) -> None:
    """Record that a session was used."""
    db.session.execute(update(Session).where(Session.id == session_id, Session.used_at < now).values(used_at=now))


def end_sessions(person_id: int, now: dt.datetime, but: int | None = None) -> int:
    """Revoke the sessions of a person, all or all but one; return how many were live."""
    living = update(Session).where(
        Session.person_id == person_id, Session.revoked_at.is_(None), Session.id != (but or 0)
    )
    return len(db.session.scalars(living.values(revoked_at=now).returning(Session.id)).all())


def end_links_of(purpose: str, now: dt.datetime) -> int:
    """Expire all live links of a purpose; return how many there were."""
    living = update(SignInLink).where(
        SignInLink.purpose == purpose, SignInLink.used_at.is_(None), SignInLink.expires_at > now
    )
    return len(db.session.scalars(living.values(used_at=now).returning(SignInLink.id)).all())


def end_links(person_id: int, purpose: str, now: dt.datetime) -> None:
    """Expire the unused links of a person for a purpose."""
    unused = update(SignInLink).where(
        SignInLink.person_id == person_id, SignInLink.purpose == purpose, SignInLink.used_at.is_(None)
    )
    db.session.execute(unused.values(used_at=now))


def replace_password_hash(person_id: int, read: str | None, hashed: str) -> bool:
    """Replace the hash of a password unless it has changed since it was read; return whether it was replaced."""
    unchanged = update(Person).where(Person.id == person_id, Person.password_hash.is_not_distinct_from(read))
    return db.session.scalar(unchanged.values(password_hash=hashed).returning(Person.id)) is not None


def live_link(token_hash: str, now: dt.datetime) -> SignInLink | None:
    """Return a sign-in link that has neither expired nor been used."""
    return db.session.scalar(
        select(SignInLink).where(
            SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > now
        )
    )


def has_administrator() -> bool:
    """Whether anybody can sign in as an administrator of this instance."""
    return db.session.scalar(select(Person.id).where(Person.role == "administrator", Person.is_active)) is not None


def count_use(key: str, window_at: dt.datetime) -> None:
    """Count one attempt of a key in the window that begins at a moment."""
    added = upsert(Throttle).values(key=key, window_at=window_at, count=1)
    again = added.on_conflict_do_update(index_elements=["key", "window_at"], set_={"count": Throttle.count + 1})
    db.session.execute(again)


def forget_tries_before(moment: dt.datetime) -> None:
    """Delete the counts of windows that began before a moment."""
    db.session.execute(delete(Throttle).where(Throttle.window_at < moment))


def tries(key: str, since: dt.datetime) -> int:
    """Return how often `key` was counted since a moment."""
    rows = db.session.scalars(select(Throttle.count).where(Throttle.key == key, Throttle.window_at >= since))
    return sum(rows)


def first_of_each_role() -> Sequence[Person]:
    """Return the oldest active person of each role."""
    firsts = select(func.min(Person.id)).where(Person.is_active).group_by(Person.role)
    return db.session.scalars(select(Person).where(Person.id.in_(firsts)).order_by(Person.id)).all()


def list_people(after: int | None, limit: int) -> Sequence[Person]:
    """Return people in the order in which they were added."""
    query = select(Person).order_by(Person.id).limit(limit)
    return db.session.scalars(query if after is None else query.where(Person.id > after)).all()


def all_people() -> Sequence[Person]:
    """Return all present and former users by name."""
    return db.session.scalars(select(Person).order_by(Person.is_active.desc(), Person.name, Person.id)).all()


def search_people(words: str, limit: int) -> Sequence[Person]:
    """Return the active people whose login or name contains a text in any letter case, by name."""
    holds = or_(Person.login.icontains(words, autoescape=True), Person.name.icontains(words, autoescape=True))
    wanted = select(Person).where(Person.is_active, holds).order_by(Person.name, Person.id).limit(limit)
    return db.session.scalars(wanted).all()
