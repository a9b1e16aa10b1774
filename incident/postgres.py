"""Connections to PostgreSQL with time limits; none waits for a server known to be silent.

Limits in the server (statements, locks, idle transactions) help while it is alive; keepalives and
`tcp_user_timeout` help when its machine or the network is gone. A server that is frozen, or a device between that
accepts all and forwards nothing, still acknowledges every packet: the limit on this side is for that.
"""

import threading
from collections.abc import Callable
from typing import Any, Self

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from incident.database_limits import DatabaseLimits

NAME = "incident"
KEEPALIVE_PROBES = 3


class Connection(psycopg.Connection[Any]):
    """A connection that is closed when the server has not answered in time."""

    answer_limit: float | None = None
    """Seconds; None waits without end."""

    is_fresh = True
    """Whether it was made just now, so that nobody needs to ask whether it still works."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server, as the driver does.

        Raises:
            OperationalError: when it has not answered within the limit; the connection is closed then.
        """
        if timeout is not None or self.answer_limit is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_limit)
        except psycopg.OperationalError as error:
            if error.sqlstate is not None or self.closed:  # the server's own words, or the connection is broken
                raise
            self.close()  # whatever it answers later would be taken for the answer to another question
            raise psycopg.OperationalError(f"no answer from the database within {self.answer_limit:g} s") from error

    def answers(self, limit: float) -> bool:
        """Ask whether it still works, and close it when it does not.

        Args:
            limit: seconds.
        """
        usual, self.answer_limit = self.answer_limit, limit
        was_autocommit = self.autocommit
        try:
            self.autocommit = True
            self.execute("SELECT 1")
            self.autocommit = was_autocommit
        except psycopg.Error:
            self.close()
            return False
        finally:
            self.answer_limit = usual
        return True

    @classmethod
    def open(
        cls, limits: DatabaseLimits, *, is_patient: bool = False, is_pooled: bool = False, **parameters: Any
    ) -> Self:
        """Connect.

        Args:
            limits: how long what may take.
            is_patient: whether statements, locks and answers may take as long as they like.
            is_pooled: whether the other end hands the connection to the server on after each transaction: it takes no
                options, so that the server limits by what its role is set to, and keeps no prepared statements.
            parameters: those of libpq; they go before the limits.

        Raises:
            OperationalError: when that is not possible in time.
        """
        more: dict[str, Any] = {"prepare_threshold": None} if is_pooled else {}
        if not is_patient and not is_pooled:
            more["options"] = options_of(limits, parameters.get("options"))
        opened = cls.connect(**(reaching(limits) | parameters | more))
        opened.answer_limit = None if is_patient else limits.answer
        return opened


def reaching(limits: DatabaseLimits) -> dict[str, Any]:
    """Return the parameters of libpq that say when a server counts as gone."""
    return {
        "fallback_application_name": NAME,
        "connect_timeout": limits.connect,
        "keepalives_idle": limits.keepalive,
        "keepalives_interval": max(1, limits.keepalive // KEEPALIVE_PROBES),
        "keepalives_count": KEEPALIVE_PROBES,
        "tcp_user_timeout": limits.tcp_user * 1000,
    }


def options_of(limits: DatabaseLimits, given: str | None) -> str:
    """Return what the server is asked to limit, as `options` of libpq.

    Args:
        limits: how long what may take.
        given: options that the address holds; they come last, and win.
    """
    on_server = {
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction,
    }
    ours = [f"-c {name}={seconds * 1000}" for name, seconds in on_server.items()]
    return " ".join([*ours, *filter(None, [given])])


def parameters_of(url: str) -> dict[str, Any]:
    """Return the parameters of libpq that an address holds.

    Args:
        url: as SQLAlchemy writes it, `postgresql+psycopg://...`.
    """
    return dict(conninfo_to_dict(make_conninfo(url.replace("postgresql+psycopg://", "postgresql://", 1))))


class Gate:
    """Opens connections; while the server is known to be silent one thread tries, and the others fail at once.

    Else each of many threads would wait for the whole time that connecting may take, again and again, and a server that
    answers nobody would keep everybody busy.
    """

    def __init__(self) -> None:
        self._is_silent = False
        self._trying = threading.Lock()

    def open(self, connect: Callable[[], Connection]) -> Connection:
        """Return a connection that `connect` makes.

        Raises:
            OperationalError: when the server does not answer, at once when another thread is asking it already.
        """
        if not self._is_silent:
            return self._try(connect)
        if not self._trying.acquire(blocking=False):
            raise psycopg.OperationalError("the database does not answer; another thread tries to reach it")
        try:
            return self._try(connect)
        finally:
            self._trying.release()

    def _try(self, connect: Callable[[], Connection]) -> Connection:
        try:
            made = connect()
        except psycopg.errors.ConnectionTimeout:
            self._is_silent = True
            raise
        self._is_silent = False
        return made
