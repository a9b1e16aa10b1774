"""Counters of incident numbers: a row on SQLite, a sequence for each year on PostgreSQL.

A row is locked until the transaction ends, so that all transactions that open an incident would wait for each other. A
sequence is not locked, and its values are not returned: a transaction that is rolled back leaves a gap.
"""

import re

from sqlalchemy import String, cast, func, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from incident.store.db.database import Base, advisory_lock, db
from incident.store.db.prepared import fetch_one
from incident.store.incidents.incidents import Incident

_COUNT = text("UPDATE counters SET value = value + 1 WHERE name = :counter RETURNING value")
_NEXT = text("SELECT nextval(to_regclass(CAST(:sequence AS text)))")
"""Null when there is no such sequence yet, because `nextval` of null is null."""

_MAKE = text("SELECT incident_number_sequence(:sequence, :first)")
"""Creates it with the rights of the owner of the tables (`store/journal/append_only.py`).

The role of the program needs none.
"""


class Counter(Base):
    """A count that never decreases, such as the last number of a year."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


def next_count(name: str) -> int:
    """Return the next count, larger than all before, and never one that was returned already.

    Args:
        name: the name of the count: the prefix of the numbers, and the year, such as `INC-2026`.
    """
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        return _next_of_sequence(connection, sequence_of(name))
    row = fetch_one(connection, _COUNT, counter=name)
    if row is not None:
        return int(row[0])
    first = _last_given(name) + 1
    db.session.add(Counter(name=name, value=first))
    db.session.flush()
    return first


def sequence_of(name: str) -> str:
    """Return the name of a count's sequence, which needs no quotes; raises ValueError for any other name."""
    if not re.fullmatch(r"[A-Z]+-[0-9]+", name):
        raise ValueError(f"no count: {name!r}")
    return f"numbers_{name.lower().replace('-', '_')}"


def _next_of_sequence(connection: Connection, sequence: str) -> int:
    row = fetch_one(connection, _NEXT, sequence=sequence)
    if row is None or row[0] is None:
        advisory_lock(sequence)  # the first incident of a year creates it; others wait until that is committed
        first = _last_given(sequence.removeprefix("numbers_").replace("_", "-").upper()) + 1
        # The function checks the catalogue itself; a separate query could be answered from outdated data.
        connection.execute(_MAKE, {"sequence": sequence, "first": first})
        row = fetch_one(connection, _NEXT, sequence=sequence)
    if row is None:
        raise LookupError(sequence)
    return int(row[0])


def _last_given(name: str) -> int:
    """Return the last number of any incident: after a restore, there is no other source."""
    count = cast(func.substr(Incident.number, len(name) + 2), Incident.id.type)
    return db.session.scalar(select(func.max(count)).where(Incident.number.startswith(f"{name}-"))) or 0
