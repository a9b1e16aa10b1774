"""The links by which people set their password: which are open, and where they were sent."""

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import select, update

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


def note_sign_in(person_id: int, now: dt.datetime) -> None:
    """Record when a person signed in."""
    db.session.execute(update(Person).where(Person.id == person_id).values(signed_in_at=now))
