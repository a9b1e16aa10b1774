"""Queries on the commands that a machine carries out; the table lies beside that of the runs."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import func, select, update

from incident.store.db.database import db
from incident.store.playbooks.runs import IN_HAND, Command


def due_commands(now: dt.datetime, limit: int) -> Sequence[Command]:
    """Return commands to be carried out now, and those whose process died over them, and lock them."""
    wanted = select(Command).where(IN_HAND, Command.next_attempt_at <= now)
    wanted = wanted.order_by(Command.next_attempt_at, Command.id).limit(limit).with_for_update(skip_locked=True)
    return db.session.scalars(wanted).all()


def next_command_at() -> dt.datetime | None:
    """Return when the next command is to be carried out."""
    return db.session.scalar(select(func.min(Command.next_attempt_at)).where(IN_HAND))


def put_off(command_ids: Collection[int], until: dt.datetime) -> None:
    """Let commands in hand count as left by their process only from a moment on."""
    db.session.execute(
        update(Command)
        .where(Command.id.in_(list(command_ids)), Command.state == "sending")
        .values(next_attempt_at=until)
        .execution_options(synchronize_session=False)
    )
