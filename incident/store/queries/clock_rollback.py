"""Reschedules messages and timers after the system clock was set back."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import bindparam, select, update

from incident.store.db.database import db, table_of
from incident.store.delivery.subscriptions import WAITING_EVENTS, QueuedEvent
from incident.store.notifications.messages import WAITING, Message
from incident.store.playbooks.timers import PENDING, Timer

_messages, _timers, _events = table_of(Message), table_of(Timer), table_of(QueuedEvent)


def reschedule(now: dt.datetime, back: dt.timedelta, kinds_at_once: Collection[str] = ()) -> int:
    """Move future messages and timers to earlier times, none before now; return how many.

    Args:
        now: the moment (UTC) by the new clock.
        back: by how much the clock was set back.
        kinds_at_once: kinds of timers that fire now, because each then finds its next moment by itself.
    """
    at_once = update(_timers).where(PENDING, _timers.c.due_at > now, _timers.c.kind.in_(kinds_at_once))
    count = db.session.connection().execute(at_once.values(due_at=now)).rowcount if kinds_at_once else 0
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
