"""Queries on the commands that a machine carries out; the table lies beside that of the runs."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select

from incident.store.database import db
from incident.store.runs import IN_HAND, Command


def due_commands(now: dt.datetime, limit: int) -> Sequence[Command]:
    """Return commands to be carried out now, and those whose process died over them, and lock them."""
    wanted = select(Command).where(IN_HAND, Command.next_attempt_at <= now)
    wanted = wanted.order_by(Command.next_attempt_at, Command.id).limit(limit).with_for_update(skip_locked=True)
    return db.session.scalars(wanted).all()


def next_command_at() -> dt.datetime | None:
    """Return when the next command is to be carried out."""
    return db.session.scalar(select(func.min(Command.next_attempt_at)).where(IN_HAND))
