"""Queries on the sealed secrets that playbooks name."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from incident.store.database import db
from incident.store.instance import Secret


def secret_place(name: str) -> str:
    """Return what a secret's sealed value is bound to."""
    return f"secrets:{name}:sealed"


def sealed_by_name(names: Collection[str]) -> dict[str, str]:
    """Return the sealed values of those secrets that are deposited."""
    if not names:
        return {}
    rows = db.session.scalars(select(Secret).where(Secret.name.in_(list(names))))
    return {row.name: row.sealed for row in rows}


def secret_names() -> Sequence[str]:
    """Return the names of all deposited secrets."""
    return db.session.scalars(select(Secret.name).order_by(Secret.name)).all()
