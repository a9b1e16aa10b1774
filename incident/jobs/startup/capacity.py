"""Checks that the pools of all machines fit the limits of PostgreSQL and of a pooler."""

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from incident import clock
from incident.config import SettingFault, Settings
from incident.node import this_node
from incident.store.operations import capacity

WORKERS = 4
"""Default number of web workers of `incident serve`."""

BESIDE = 3
"""Processes with a pool besides the web workers: scheduler, delivery and watchdog."""

LISTENERS = 2
"""Connections on which scheduler and delivery wait for wake-ups."""

LATELY = dt.timedelta(minutes=10)

LIMITS = {
    "statement_timeout": "statement",
    "lock_timeout": "lock",
    "idle_in_transaction_session_timeout": "idle_in_transaction",
}
"""A limit of the server, and our setting that must fit."""


def connections_of_node(settings: Settings, workers: int = WORKERS) -> int:
    """Return the maximum number of connections of one machine."""
    export = 0 if settings.export is None else 1  # it sends one query at a time
    return (workers + BESIDE) * settings.database_pool_size + LISTENERS + export


def faults_of_connections(settings: Settings, connection: Connection, workers: int = WORKERS) -> list[SettingFault]:
    """Return the conflicts between our pools and the server, or the pooler in front of it.

    Args:
        settings: the settings from the environment.
        connection: to the PostgreSQL of the settings.
        workers: web workers of this machine; others are assumed to have as many.
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
    """A pooler does not forward limits, so the role must have them; the hint is a statement to copy."""
    missing = [name for name in LIMITS if capacity.setting_of_server(connection, name) == "0"]
    if missing:
        role = connection.exec_driver_sql("SELECT quote_ident(current_user)").scalar_one()
        limits = vars(settings.database_limits)
        said = "; ".join(f"ALTER ROLE {role} SET {name} = '{limits[LIMITS[name]]}s'" for name in missing)
        what = f"through the pooler nothing limits {', '.join(missing)}"
        yield SettingFault("INCIDENT_DATABASE_URL", what, f"Run {said}; then RECONNECT in the pooler.")


def fault_of_connecting(error: SQLAlchemyError | ImportError) -> SettingFault | None:
    """Return the fault when the other end is a pooler that the settings do not declare; else None."""
    if "startup parameter" not in str(error):
        return None
    what = "leads to a pooler such as PgBouncer"
    hint = "Set INCIDENT_DATABASE_DIRECT_URL to the address of PostgreSQL itself (docs/operations.md)."
    return SettingFault("INCIDENT_DATABASE_URL", what, hint)
