"""Queries on machine commands; their table is defined with that of the runs."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import func, select, update

from incident.store.db.database import db
from incident.store.playbooks.runs import IN_HAND, Command


def due_commands(now: dt.datetime, limit: int) -> Sequence[Command]:
    """Lock and return commands that are due, and those that a process left when it died."""
    wanted = select(Command).where(IN_HAND, Command.next_attempt_at <= now)
    wanted = wanted.order_by(Command.next_attempt_at, Command.id).limit(limit).with_for_update(skip_locked=True)
    return db.session.scalars(wanted).all()


def next_command_at() -> dt.datetime | None:
    """Return when the next command is due."""
    return db.session.scalar(select(func.min(Command.next_attempt_at)).where(IN_HAND))


def extend_lease(command_ids: Collection[int], until: dt.datetime) -> None:
    """Extend the lease of running commands: until a moment they do not count as abandoned."""
    db.session.execute(
        update(Command)
        .where(Command.id.in_(list(command_ids)), Command.state == "sending")
        .values(next_attempt_at=until)
        .execution_options(synchronize_session=False)
    )
