"""Queries on the sealed secrets that playbooks name."""

from collections.abc import Collection, Sequence
from zlib import crc32

from sqlalchemy import Connection, exists, inspect, select

from incident.core.playbooks import secret_place
from incident.core.playbooks.task import NO_SECRET
from incident.store.db.database import db
from incident.store.operations.instance import Secret


def secrets_by_name(names: Collection[str]) -> dict[str, Secret]:
    """Return those of the secrets that are stored, by name."""
    if not names:
        return {}
    return {row.name: row for row in db.session.scalars(select(Secret).where(Secret.name.in_(list(names))))}


def binding_of(row: Secret) -> str:
    """Return the data that the sealed value of a secret is bound to."""
    return secret_place.binding(row.name, row.places)


def refusal(row: Secret | None, place: str) -> str | None:
    """Return why a secret may not be used at a place (`core/playbooks/task.py`); None when it may.

    Args:
        row: the secret; None when none is stored.
        place: an origin or a target for ssh (`core.secret_place`).
    """
    return NO_SECRET if row is None else secret_place.refusal(row.places, place)


def list_secrets(after: str | None = None, limit: int | None = None) -> Sequence[Secret]:
    """Return the stored secrets by name, after the last one of the previous page."""
    query = select(Secret).order_by(Secret.name).limit(limit)
    return db.session.scalars(query if after is None else query.where(Secret.name > after)).all()


def without_place(connection: Connection) -> Sequence[str]:
    """Return the names of secrets without a place; none of a database without such a table or column."""
    seen = inspect(connection)
    if not seen.has_table("secrets") or not any(one["name"] == "places" for one in seen.get_columns("secrets")):
        return ()
    return connection.execute(select(Secret.name).where(Secret.places.is_(None)).order_by(Secret.name)).scalars().all()


def is_any_deposited() -> bool:
    """Whether any secret is stored."""
    return bool(db.session.scalar(select(exists().where(Secret.name.is_not(None)))))


def version_of(row: Secret) -> int:
    """Return a number that changes when the value or the places of a secret do; If-Match uses it."""
    return crc32(f"{row.set_at.isoformat()} {row.places}".encode())
