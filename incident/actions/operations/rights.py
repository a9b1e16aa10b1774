"""The rights of the role that the program runs as, where another owns the tables (PostgreSQL)."""

import datetime as dt

from incident.actions.unit_of_work import transaction
from incident.store.db.database import db
from incident.store.journal import grants


def set_rights(role: str, now: dt.datetime) -> None:
    """Restrict the program's role to appending to the journal; no-op when it owns the tables or is restricted.

    Args:
        role: the role that the program runs as; the session is that of the role that owns the tables.
        now: when (UTC).
    """
    connection = db.session.connection()
    if role != grants.role_of(connection) and not grants.are_right(connection, role):
        with transaction("migrate", now) as uow:
            grants.grant(uow.connection, role)
    db.session.remove()
