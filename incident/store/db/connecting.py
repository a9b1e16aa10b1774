"""Connections to PostgreSQL: limits, and a liveness check before a pooled connection is used."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from incident.database_limits import DatabaseLimits

if TYPE_CHECKING:
    from incident.postgres import Connection, Gate

PING_LIMIT = 2.0
"""Seconds in which a pooled connection must answer; a working one does so in one millisecond."""


@dataclass(eq=False)
class _Reaching:
    """Connection settings of one engine."""

    limits: DatabaseLimits
    gate: "Gate"
    direct_url: str | None = None
    owner_url: str | None = None
    is_patient: bool = False

    def connect(self, parameters: dict[str, Any]) -> "Connection":
        from incident.postgres import Connection, parameters_of

        is_pooled = self.direct_url is not None
        past = self.owner_url or self.direct_url
        if self.is_patient and past is not None:
            parameters, is_pooled = parameters_of(past), False
        return self.gate.open(
            lambda: Connection.open(self.limits, is_patient=self.is_patient, is_pooled=is_pooled, **parameters)
        )


_REACHING: "WeakKeyDictionary[Engine, _Reaching]" = WeakKeyDictionary()


def install_limits(
    engine: Engine, limits: DatabaseLimits, direct_url: str | None = None, owner_url: str | None = None
) -> None:
    """Make an engine connect with limits, and check a connection before it is used again.

    The check replaces `pool_pre_ping`, which would wait as long as a statement may take.

    Args:
        engine: the engine, which has not connected yet.
        limits: the time limits.
        direct_url: the address past the pooler that the engine connects to; None where there is no pooler.
        owner_url: the address with the role that owns the tables, past any pooler; None where the engine's does.
    """
    from incident.postgres import Gate  # the driver may be missing where SQLite is used

    reaching = _REACHING[engine] = _Reaching(limits, Gate(), direct_url, owner_url)

    @event.listens_for(engine, "do_connect")
    def connect(
        _dialect: Dialect, _record: ConnectionPoolEntry, _arguments: list[Any], parameters: dict[str, Any]
    ) -> "Connection":
        return reaching.connect(parameters)

    @event.listens_for(engine, "checkout")
    def look(connection: "Connection", _record: ConnectionPoolEntry, _proxy: object) -> None:
        is_fresh, connection.is_fresh = connection.is_fresh, False
        if not is_fresh and not connection.answers(min(PING_LIMIT, limits.connect)):
            raise InvalidatePoolError("a connection of the pool is dead")


def owner_address(engine: Engine) -> str | None:
    """Return the address of PostgreSQL with the role that owns the tables, past any pooler; None for the engine's."""
    reaching = _REACHING.get(engine)
    return None if reaching is None else reaching.owner_url or reaching.direct_url


@contextmanager
def without_limits(engine: Engine) -> Iterator[None]:
    """Remove the limits of statements, locks and answers in the block, and connect past any pooler.

    A migration may have much to write, and excludes others by a lock of its session. The connections are those of the
    role that owns the tables, where the settings name one.
    """
    reaching = _REACHING.get(engine)
    if reaching is None:
        yield
        return
    engine.dispose()
    reaching.is_patient = True
    try:
        yield
    finally:
        reaching.is_patient = False
        engine.dispose()
