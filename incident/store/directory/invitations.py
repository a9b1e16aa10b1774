"""The links by which people set their password: which are open, and where they were sent."""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import func, select, update

from incident.store.db.database import db
from incident.store.directory.people import Person, SignInLink

PASSWORD_LINK = "password"  # noqa: S105  # a purpose of links
"""The purpose of a link that sets a password: an invitation, or a reset."""


def latest_links(person_ids: Collection[int]) -> Mapping[int, SignInLink]:
    """Return the newest unused link of each of these people, also one that has expired."""
    unused = (
        SignInLink.person_id.in_(list(person_ids)),
        SignInLink.purpose == PASSWORD_LINK,
        SignInLink.used_at.is_(None),
    )
    rows = db.session.scalars(select(SignInLink).where(*unused).order_by(SignInLink.id))
    return {row.person_id: row for row in rows if row.person_id is not None}


def count_invited(now: dt.datetime) -> tuple[int, int]:
    """Count the active people without a password: with a link that works, and without one."""
    works = (
        select(SignInLink.id)
        .where(
            SignInLink.person_id == Person.id,
            SignInLink.purpose == PASSWORD_LINK,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
        .exists()
    )
    is_invited = (Person.is_active, Person.password_hash.is_(None), Person.signed_in_at.is_(None))
    counted = select(func.count()).select_from(Person).where(*is_invited)
    return db.session.scalar(counted.where(works)) or 0, db.session.scalar(counted.where(~works)) or 0


def note_sign_in(person_id: int, now: dt.datetime) -> None:
    """Record when a person signed in."""
    db.session.execute(update(Person).where(Person.id == person_id).values(signed_in_at=now))
