"""Whether the pools of all machines fit into what PostgreSQL has room for, and what a pooler in front of it needs."""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from incident import clock
from incident.config import SettingFault, Settings
from incident.node import this_node
from incident.store.operations import capacity

WORKERS = 4
"""Web workers of `incident serve` unless it is told otherwise."""

BESIDE = 3
"""Processes beside the web workers that have a pool: the clock, the post and the watch."""

LISTENERS = 2
"""Connections on which clock and post wait for wakes."""

LATELY = dt.timedelta(minutes=10)

LIMITS = {
    "statement_timeout": "statement",
    "lock_timeout": "lock",
    "idle_in_transaction_session_timeout": "idle_in_transaction",
}
"""What the server limits, and by which of our limits."""


def connections_of_node(settings: Settings, workers: int = WORKERS) -> int:
    """Return how many connections one machine may take at most."""
    export = 0 if settings.export is None else 1  # it asks one thing after the other
    return (workers + BESIDE) * settings.database_pool_size + LISTENERS + export


def faults_of_connections(settings: Settings, connection: Connection, workers: int = WORKERS) -> list[SettingFault]:
    """Return what does not fit between our pools and the server, or the pooler in front of it.

    Args:
        settings: what the environment said.
        connection: to the PostgreSQL of the settings.
        workers: web workers of this machine; others are taken to have as many.
    """
    if settings.database_direct_url is not None:
        return list(_faults_of_pooler(settings, connection))
    nodes = 1 + capacity.other_nodes(connection, this_node(settings.home).home, clock.machine() - LATELY)
    wanted, allowed = nodes * connections_of_node(settings, workers), capacity.connections_allowed(connection)
    if wanted <= allowed:
        return []
    machines = "this machine" if nodes == 1 else f"the {nodes} machines"
    what = f"{machines} may take {wanted} connections, and PostgreSQL has {allowed} for all"
    hint = "Make the pool smaller, raise max_connections, or put PgBouncer between (docs/operations.md)."
    return [SettingFault("INCIDENT_DATABASE_POOL_SIZE", what, hint)]


def _faults_of_pooler(settings: Settings, connection: Connection) -> Iterator[SettingFault]:
    """A pooler passes no limits on, so the role must have them; what is said of it is said as a statement to copy."""
    missing = [name for name in LIMITS if capacity.setting_of_server(connection, name) == "0"]
    if missing:
        role = connection.exec_driver_sql("SELECT quote_ident(current_user)").scalar_one()
        limits = vars(settings.database_limits)
        said = "; ".join(f"ALTER ROLE {role} SET {name} = '{limits[LIMITS[name]]}s'" for name in missing)
        what = f"through the pooler nothing limits {', '.join(missing)}"
        yield SettingFault("INCIDENT_DATABASE_URL", what, f"Run {said}; then RECONNECT in the pooler.")


def fault_of_connecting(error: SQLAlchemyError | ImportError) -> SettingFault | None:
    """Return what is wrong when the other end turned out to be a pooler that nobody has told of; else None."""
    if "startup parameter" not in str(error):
        return None
    what = "leads to a pooler such as PgBouncer"
    hint = "Set INCIDENT_DATABASE_DIRECT_URL to the address of PostgreSQL itself (docs/operations.md)."
    return SettingFault("INCIDENT_DATABASE_URL", what, hint)
