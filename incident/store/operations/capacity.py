"""Connection capacity of PostgreSQL, the machines that share it, and the limits of the role."""

import datetime as dt

from sqlalchemy import func, inspect, select, text
from sqlalchemy.engine import Connection

from incident.store.operations.instance import Heartbeat

_ALLOWED = text(
    """
    SELECT least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true), '0')::int,
        nullif((SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user), -1),
        nullif((SELECT datconnlimit FROM pg_database WHERE datname = current_database()), -1)
    )
    """
)


def connections_allowed(connection: Connection) -> int:
    """Return how many connections the server, the database and the role allow to all machines together."""
    return int(connection.execute(_ALLOWED).scalar_one())


def other_nodes(connection: Connection, home: str, since: dt.datetime) -> int:
    """Count the other machines with a recent tick of their scheduler; none where there are no tables yet.

    Args:
        connection: to the database.
        home: the id of this machine's home.
        since: the start of what counts as recent (UTC).
    """
    if not inspect(connection).has_table(Heartbeat.__tablename__):
        return 0
    name = func.split_part(Heartbeat.process, ".", 1)
    return connection.execute(
        select(func.count(name.distinct())).where(Heartbeat.at > since, name != home)
    ).scalar_one()


def setting_of_server(connection: Connection, name: str) -> str:
    """Return the value of a server setting, such as `10s`."""
    return str(connection.execute(select(func.current_setting(name))).scalar_one())
