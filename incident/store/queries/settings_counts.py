"""What the page of settings counts: people, tokens, contacts by channel, departments without a contact."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Row, ScalarSelect, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from incident.store.db.database import Base, db
from incident.store.directory.departments import Contact, Department
from incident.store.directory.invitations import PASSWORD_LINK
from incident.store.directory.people import Person, SignInLink
from incident.store.directory.tokens import Token
from incident.store.queries.health import FINE


class SettingsCounts(NamedTuple):
    """Counts for the page of settings.

    `invited` and `expired` are active people who never signed in and have no password, with a link that works and
    without one; `unreachable` are departments without a contact.
    """

    people: int
    invited: int
    expired: int
    tokens: int
    departments: int
    unreachable: int


def settings_counts(now: dt.datetime) -> SettingsCounts:
    """Count with one statement.

    Args:
        now: the moment (UTC).
    """
    works = SignInLink.purpose == PASSWORD_LINK, SignInLink.used_at.is_(None), SignInLink.expires_at > now
    link = select(SignInLink.id).where(SignInLink.person_id == Person.id, *works).exists()
    is_new = (Person.is_active, Person.password_hash.is_(None), Person.signed_in_at.is_(None))
    contact = select(Contact.id).where(Contact.department_id == Department.id, Contact.switched_off_at.is_(None))
    counted = (
        _number_of(Person, Person.is_active),
        _number_of(Person, *is_new, link),
        _number_of(Person, *is_new, ~link),
        _number_of(Token, Token.revoked_at.is_(None)),
        _number_of(Department),
        _number_of(Department, ~contact.exists()),
    )
    return SettingsCounts(*db.session.execute(select(*counted)).one())


def _number_of(model: type[Base], *wanted: ColumnElement[bool] | InstrumentedAttribute[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(model).where(*wanted).scalar_subquery()


def contacts_by_channel() -> Sequence[Row[str, int, int, dt.datetime | None]]:
    """Return each channel in use: its contacts, how many failed their last check, and when one was checked last."""
    is_failing = case((Contact.check_outcome.not_in(FINE), 1), else_=0)
    query = select(Contact.channel, func.count(), func.sum(is_failing), func.max(Contact.checked_at))
    query = query.where(Contact.switched_off_at.is_(None)).group_by(Contact.channel).order_by(Contact.channel)
    return db.session.execute(query).all()
