"""Attempts to send messages and events: written before, completed after, many with one statement."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Table, bindparam, case, delete, func, insert, select, update

from incident.store.db.database import Moment, db, table_of
from incident.store.directory.departments import Contact
from incident.store.incidents.incidents import Incident
from incident.store.notifications.messages import Delivery, Message

_IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)


class Attempt(NamedTuple):
    """One attempt with its message, recipient and incident."""

    id: int
    attempt: int
    began_at: dt.datetime
    bundle_id: str | None
    message_id: int
    webhook_id: str
    state: str
    attempts: int
    level: int
    contact_id: int
    contact: str
    channel: str
    origin: str | None
    number: str | None
    is_exercise: bool

    @property
    def is_last(self) -> bool:
        """Whether no later attempt has begun, so that its result decides about the message."""
        return self.attempts == self.attempt and self.state in {"sending", "cancelled"}


_ATTEMPTS = (
    select(
        Delivery.id,
        Delivery.attempt,
        Delivery.began_at,
        Delivery.bundle_id,
        Message.id,
        Message.webhook_id,
        Message.state,
        Message.attempts,
        Message.level,
        Contact.id,
        Contact.name,
        Contact.channel,
        Contact.origin,
        Incident.number,
        Incident.speed.is_not(None),
    )
    .join(Message, Message.id == Delivery.message_id)
    .join(Contact, Contact.id == Message.contact_id)
    .outerjoin(Incident, Incident.id == Message.incident_id)
    .where(Delivery.id.in_(_IDS))
    .order_by(Message.id)
    .with_for_update(of=Message)
)


def attempts(delivery_ids: Collection[int]) -> dict[int, Attempt]:
    """Return attempts by id; their messages are locked."""
    found = db.session.connection().execute(_ATTEMPTS, {"ids": list(delivery_ids)})
    return {attempt.id: attempt for attempt in (Attempt._make(row) for row in found)}


class EndedAttempt(NamedTuple):
    """The result of an attempt to send the row of an outbox; `outcome` is the stored word."""

    attempt_id: int
    row_id: int
    ended_at: dt.datetime
    outcome: str
    detail: str


class AttemptLog:
    """Statements on an outbox and the log of the attempts to send its rows, each compiled once.

    Args:
        outbox: a table with `state`, `attempts`, `next_attempt_at`, `ended_at` and `fault`.
        log: a table with `attempt`, `began_at`, `ended_at`, `outcome` and `detail`.
        key: the column of the log that refers to the outbox.
        further: other columns of the log, given with each attempt.
    """

    def __init__(self, outbox: Table, log: Table, key: str, further: Sequence[str] = ()) -> None:
        row, attempt = outbox.c, log.c
        ended: dict[str, Any] = {name: bindparam(f"its_{name}") for name in ("ended_at", "outcome", "detail")}
        self._end = update(log).where(attempt.id == bindparam("attempt_id")).values(ended)
        self._sent = (
            update(outbox)
            .where(row.id == bindparam("its_row_id"))
            .values(state="sent", ended_at=bindparam("its_ended_at"), fault=None)
        )
        self._begin = (
            update(outbox)
            .where(row.id.in_(_IDS))
            .values(state="sending", attempts=row.attempts + 1, next_attempt_at=bindparam("until"))
        )
        given = [bindparam(name, type_=attempt[name].type) for name in further]
        self._insert = (
            insert(log)
            .from_select(
                [key, "attempt", "began_at", *further],
                select(row.id, row.attempts, bindparam("now", type_=Moment), *given).where(row.id.in_(_IDS)),
            )
            .returning(attempt[key], attempt.id)
        )
        self._unknown = (
            update(log)
            .where(attempt[key].in_(_IDS), attempt.ended_at.is_(None))
            .values(ended_at=bindparam("now"), outcome="unknown")
        )
        self._give_back = (
            update(outbox)
            .where(row.id.in_(select(attempt[key]).where(attempt.id.in_(_IDS))))
            .values(
                state=case((row.state == "sending", "pending"), else_=row.state),
                attempts=row.attempts - 1,
                next_attempt_at=bindparam("now"),
            )
        )
        self._take_back = delete(log).where(attempt.id.in_(_IDS))
        self._since = select(func.count()).where(
            attempt[key] == bindparam("row_id"), attempt.began_at >= bindparam("since")
        )

    def begin(self, row_ids: Collection[int], until: dt.datetime) -> None:
        """Record that rows are being sent: after the given moment they count as left by a process that died."""
        db.session.connection().execute(self._begin, {"ids": list(row_ids), "until": until})

    def insert(self, row_ids: Collection[int], now: dt.datetime, **further: Any) -> dict[int, int]:
        """Insert the attempt of each of these started rows; return its id by that of the row."""
        if not row_ids:
            return {}
        parameters = {"ids": list(row_ids), "now": now, **further}
        return {row[0]: row[1] for row in db.session.connection().execute(self._insert, parameters)}

    def mark_unknown(self, row_ids: Collection[int], now: dt.datetime) -> None:
        """Complete the attempts of rows that a process left when it died."""
        if row_ids:
            db.session.connection().execute(self._unknown, {"ids": list(row_ids), "now": now})

    def end(self, ends: Collection[EndedAttempt]) -> None:
        """Store the results of attempts."""
        rows = [
            {"attempt_id": one.attempt_id, "its_ended_at": one.ended_at}
            | {"its_outcome": one.outcome, "its_detail": one.detail}
            for one in ends
        ]
        if rows:
            db.session.connection().execute(self._end, rows)

    def mark_sent(self, ends: Collection[EndedAttempt]) -> None:
        """Record that rows were accepted with these attempts."""
        rows = [{"its_row_id": one.row_id, "its_ended_at": one.ended_at} for one in ends]
        if rows:
            db.session.connection().execute(self._sent, rows)

    def withdraw(self, attempt_ids: Collection[int], now: dt.datetime) -> None:
        """Undo attempts that were written but not made: their rows are due again."""
        connection = db.session.connection()
        connection.execute(self._give_back, {"ids": list(attempt_ids), "now": now})
        connection.execute(self._take_back, {"ids": list(attempt_ids)})

    def tries_since(self, row_id: int, moment: dt.datetime) -> int:
        """Count the attempts to send a row since a moment."""
        return db.session.connection().execute(self._since, {"row_id": row_id, "since": moment}).scalar() or 0


MESSAGE_LOG = AttemptLog(table_of(Message), table_of(Delivery), "message_id", ["bundle_id"])
