"""The scheduler's next due times, with one query."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import func, select

from incident.store.db.database import Moment, db
from incident.store.notifications.messages import WAITING, Message
from incident.store.playbooks.runs import IN_HAND, Command
from incident.store.playbooks.timers import PENDING, Timer


class NextDue(NamedTuple):
    """When the next timer, message and command are due (UTC); None where there is none."""

    timer_at: dt.datetime | None
    message_at: dt.datetime | None
    command_at: dt.datetime | None


_AHEAD = select(
    *(
        select(func.min(column, type_=Moment)).where(condition).scalar_subquery()
        for column, condition in (
            (Timer.due_at, PENDING),
            (Message.next_attempt_at, WAITING),
            (Command.next_attempt_at, IN_HAND),
        )
    )
)


def next_due() -> NextDue:
    """Return the next due times."""
    row = db.session.connection().execute(_AHEAD).one()
    return NextDue(row[0], row[1], row[2])
