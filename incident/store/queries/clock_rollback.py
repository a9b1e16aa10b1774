"""Reschedules messages and timers after the system clock was set back."""

import datetime as dt

from sqlalchemy import bindparam, select, update

from incident.store.db.database import db, table_of
from incident.store.delivery.subscriptions import WAITING_EVENTS, QueuedEvent
from incident.store.notifications.messages import WAITING, Message
from incident.store.playbooks.timers import PENDING, Timer

_messages, _timers, _events = table_of(Message), table_of(Timer), table_of(QueuedEvent)


def reschedule(now: dt.datetime, back: dt.timedelta) -> int:
    """Move future messages and timers to earlier times, none before now; return how many.

    Args:
        now: the moment (UTC) by the new clock.
        back: by how much the clock was set back.
    """
    count = 0
    for table, column, waits in (
        (_messages, _messages.c.next_attempt_at, WAITING),
        (_timers, _timers.c.due_at, PENDING),
        (_events, _events.c.next_attempt_at, WAITING_EVENTS),
    ):
        found = db.session.execute(select(table.c.id, column).where(waits, column > now)).all()
        if found:
            moved = [{"row_id": row_id, "moment": max(now, moment - back)} for row_id, moment in found]
            statement = update(table).where(table.c.id == bindparam("row_id")).values({column: bindparam("moment")})
            db.session.connection().execute(statement, moved)
        count += len(found)
    return count
