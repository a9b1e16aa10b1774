"""The only module that commits.

A unit of work is one transaction: its effects are rows in it, its journal entries are chained last.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, OperationalError

from incident.core.journal import chain
from incident.keyring import KeyRing
from incident.store.db import write_lock
from incident.store.db.database import WRITE, Base, advisory_lock, db, insert_row, insert_rows, to_json
from incident.store.directory.departments import Department
from incident.store.journal.journal import append, begin_chain, lock_head
from incident.store.operations import instance
from incident.store.queries.news_audience import Announcement, notify_followers

T = TypeVar("T")
Row = TypeVar("Row", bound=Base)

WAKES = "incident_wakes"
"""Key in `session.info`: this transaction adds a timer or a message, so its commit wakes the scheduler."""

WAKE_BEFORE = dt.timedelta(seconds=10)
"""Due times later than this are found by the scheduler's sweeps, every second, without a wake-up."""

CHANNEL = "incident_wake"
"""The PostgreSQL channel on which schedulers listen."""

KEEP_FOR = dt.timedelta(hours=24)
RACES_LIMIT = 5
DIGEST_LENGTH = 64


@dataclass(frozen=True)
class StoredResponse:
    """A response that was sent: its status and its body as JSON text."""

    status: int
    body: str


class ResponseReplay(Exception):
    """A request with the same `Idempotency-Key` has been answered; `answer` is that response."""

    def __init__(self, answer: StoredResponse) -> None:
        super().__init__("answered before")
        self.answer = answer


class IdempotencyKeyReused(Exception):
    """The `Idempotency-Key` was used for another request."""


@dataclass(frozen=True)
class IdempotentRequest:
    """An idempotency key of a caller, and the function that renders the response.

    Args:
        owner: the owner of the key, such as `token:4`.
        key: the key; without one (None) the response is the same, and nothing is stored.
        request: everything that identifies the request (method, path, body).
        render: converts the transaction's result into the response; called inside the transaction.
        ring: seals the response, which may contain a secret that is returned only once.
    """

    owner: str
    key: str | None
    request: bytes
    render: Callable[[Any], StoredResponse]
    ring: KeyRing

    @property
    def digest(self) -> str:
        """SHA-256 of the request, in hexadecimal: brute force could reveal a short secret in the request from it."""
        return hashlib.sha256(self.request).hexdigest()

    def is_same(self, kept: instance.IdempotencyRecord) -> bool:
        """Whether a response was stored for this request; those from before 0.1.0 have the bare digest."""
        mark = kept.request_hash
        return self.ring.is_signed(request_text(self.digest), mark) if "~" in mark else mark == self.digest

    @property
    def place(self) -> str:
        """The data that the sealed response is bound to."""
        return f"idempotency_keys:{self.owner}:{self.key}:sealed_response"

    def refuse_second(self, now: dt.datetime) -> None:
        """Raise ResponseReplay when the request was answered, IdempotencyKeyReused when another one was."""
        if self.key is None:
            return
        advisory_lock(self.place)  # of two equal concurrent requests, the second waits for the first
        kept = instance.idempotency_record(self.owner, self.key)
        if kept is None:
            return
        if kept.stored_at <= now - KEEP_FOR:
            db.session.delete(kept)
            db.session.flush()
            return
        if not self.is_same(kept):
            raise IdempotencyKeyReused
        _digest, stored = split_digest(self.ring.open(kept.sealed_response, self.place))
        status, _, body = stored.partition(" ")
        raise ResponseReplay(StoredResponse(int(status), body))

    def store(self, answer: StoredResponse, now: dt.datetime) -> None:
        """Keep the answer within the caller's transaction."""
        if self.key is None:
            return
        kept = instance.IdempotencyRecord(
            owner=self.owner,
            key=self.key,
            request_hash=self.ring.sign(request_text(self.digest)),
            sealed_response=self.ring.seal(f"{self.digest} {answer.status} {answer.body}", self.place),
            stored_at=now,
        )
        db.session.add(kept)


class Idempotency(Protocol):
    """A request that is done once: a key, and where the answer under it is kept."""

    @property
    def render(self) -> Callable[[Any], StoredResponse]:
        """Converts the transaction's result into the response."""

    def refuse_second(self, now: dt.datetime) -> None:
        """Raise ResponseReplay when the request was answered, IdempotencyKeyReused when another one was."""

    def store(self, answer: StoredResponse, now: dt.datetime) -> None:
        """Keep the answer within the caller's transaction."""


@dataclass
class UnitOfWork:
    """The current transaction: actor, time, and the journal entries that it will write."""

    by: str
    now: dt.datetime
    connection: Connection
    idempotency: Idempotency | None = None
    entries: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[tuple[type[Base], tuple[str, ...]], list[dict[str, Any]]] = field(default_factory=dict)
    added: list[Base] = field(default_factory=list)
    cache: dict[type, Any] = field(default_factory=dict)
    """Results that a transaction with many notifications looks up once, by their type."""

    departments: dict[str, Department] = field(default_factory=dict)
    """Departments by their code, as far as they were looked up in this transaction."""

    news: list[Announcement] = field(default_factory=list)
    """Changes of which the followers of incidents are notified."""

    @property
    def seconds_held(self) -> float:
        """How long this transaction has kept all other writers waiting; 0 on PostgreSQL, where they do not wait."""
        return write_lock.seconds_held(self.connection)

    def record(
        self, event_type: str, subject: str, detail: Mapping[str, Any] | None = None, incident: str | None = None
    ) -> None:
        """Add an entry for the journal; it is chained when the transaction ends.

        Args:
            verb: the event type, such as `incident.closed`.
            subject: its object, such as `notice:7`.
            detail: JSON values.
            incident: the number of the incident on whose timeline it appears.
        """
        self.entries.append(
            {"event_type": event_type, "subject": subject, "detail": dict(detail or {}), "incident": incident}
        )

    def add(self, row: Row) -> Row:
        """Insert a row at once and return it with its id, as an object whose changes are tracked."""
        self.added.append(insert_row(row, self.connection))
        return row

    def insert(self, model: type[Base], **row: Any) -> None:
        """Queue a row that is not needed as an object; `flush` inserts those of one table together.

        Args:
            model: the table.
            row: the values by column.
        """
        self.rows.setdefault((model, tuple(row)), []).append(row)

    def flush(self) -> None:
        """Write all queued rows to the database: at the end, and before a query that could return them."""
        db.session.flush()
        for (model, _), rows in self.rows.items():
            insert_rows(self.connection, model, rows)
        self.rows.clear()

    def wake_scheduler(self, due_at: dt.datetime | None = None) -> None:
        """Wake the scheduler at the commit, unless its next sweep comes before the due time.

        Args:
            due_at: the due time (UTC); None for at once.
        """
        if due_at is None or due_at < self.now + WAKE_BEFORE:
            db.session.info[WAKES] = True

    def store_response(self, result: object) -> None:
        """Render the response of this result; with a key it is stored, so that the same request gets it again."""
        if self.idempotency is None:
            return
        self.flush()
        self.idempotency.store(self.idempotency.render(result), self.now)


@contextmanager
def transaction(by: str, now: dt.datetime, idempotency: Idempotency | None = None) -> Iterator[UnitOfWork]:
    """Do one transaction: begin for writing, yield, chain the journal, commit; roll back on any error.

    Args:
        by: the actor as in the journal, such as `person:3:Li Wei`.
        now: the moment of the transaction (UTC).
        idempotency: makes the transaction happen once under a caller's key.

    Raises:
        ResponseReplay: when `idempotency` names a request that was answered.
        IdempotencyKeyReused: when its key was used for another request.
    """
    db.session.rollback()
    db.session.info.pop(WAKES, None)
    uow = UnitOfWork(by, now, db.session.connection(execution_options={WRITE: True}), idempotency)
    try:
        if idempotency is not None:
            idempotency.refuse_second(now)
        yield uow
        for one in uow.news:
            notify_followers(one, by, now)
        uow.flush()
        _chain(uow)
        if db.session.info.get(WAKES) and db.session.get_bind().dialect.name == "postgresql":
            db.session.execute(text(f"NOTIFY {CHANNEL}"))
        db.session.commit()
    except BaseException:
        for row in filter(db.session.__contains__, uow.added):
            db.session.expunge(row)
        db.session.rollback()
        raise


def retry_on_conflict(use_case: Callable[[], T]) -> T:
    """Retry a use case after a conflict: a unique row appeared, or PostgreSQL found a deadlock."""
    for _ in range(RACES_LIMIT - 1):
        try:
            return use_case()
        except IntegrityError:
            continue
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in {"40001", "40P01"}:
                raise
    return use_case()


def request_text(digest: str) -> str:
    """Return the text of a request that the key ring signs, so that nobody without it can guess requests."""
    return f"request {digest}"


def split_digest(opened: str) -> tuple[str | None, str]:
    """Split an opened stored response into the request's digest, None in an older one, and the response."""
    first, _, rest = opened.partition(" ")
    return (first, rest) if len(first) == DIGEST_LENGTH else (None, opened)


def _chain(uow: UnitOfWork) -> None:
    """Append the transaction's entries to the one chain; the head is locked as late as possible."""
    if not uow.entries:
        return
    head = lock_head()
    if head is None:
        begin_chain(chain.GENESIS)
    count, last = head or (0, chain.GENESIS)
    rows = []
    for entry in uow.entries:
        count += 1
        drawn = chain.Entry(seq=count, at=uow.now, actor=uow.by, **entry)
        last = chain.link(last, chain.canonical_entry(drawn))
        added = {"seq": count, "at": uow.now, "actor": uow.by, "hash": last, "detail": to_json(entry["detail"])}
        rows.append(entry | added)
    append(rows, count, last)
