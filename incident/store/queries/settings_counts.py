"""What the page of settings counts: people, tokens, contacts by channel, departments without a contact."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Row, case, func, select

from incident.store.db.database import db
from incident.store.directory.departments import Contact, Department
from incident.store.directory.people import Person
from incident.store.directory.tokens import Token
from incident.store.queries.health import FINE


def count_active_people() -> int:
    """Count the people who may sign in."""
    return db.session.scalar(select(func.count()).select_from(Person).where(Person.is_active)) or 0


def count_live_tokens() -> int:
    """Count the tokens that were not revoked."""
    return db.session.scalar(select(func.count()).select_from(Token).where(Token.revoked_at.is_(None))) or 0


def count_departments() -> int:
    """Count the departments."""
    return db.session.scalar(select(func.count()).select_from(Department)) or 0


def count_unreachable() -> int:
    """Count the departments without a contact that is switched on."""
    live = select(Contact.id).where(Contact.department_id == Department.id, Contact.switched_off_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(Department).where(~live.exists())) or 0


def contacts_by_channel() -> Sequence[Row[str, int, int, dt.datetime | None]]:
    """Return each channel in use: its contacts, how many failed their last check, and when one was checked last."""
    is_failing = case((Contact.check_outcome.not_in(FINE), 1), else_=0)
    query = select(Contact.channel, func.count(), func.sum(is_failing), func.max(Contact.checked_at))
    query = query.where(Contact.switched_off_at.is_(None)).group_by(Contact.channel).order_by(Contact.channel)
    return db.session.execute(query).all()
