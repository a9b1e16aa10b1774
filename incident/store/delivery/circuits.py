"""Circuits of providers: which of them are open."""

import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import Select, String, and_, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from incident.core.delivery import circuit as rules
from incident.store.db.database import Base, db, upsert


class Circuit(Base):
    """Recent results of a provider (scheme, host and port; or all of mail, all of SMS), see `core/delivery/circuit.py`.

    Only a provider that failed last has a row.
    """

    __tablename__ = "circuits"

    origin: Mapped[str] = mapped_column(String(300), primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[dt.datetime]
    opened_at: Mapped[dt.datetime | None]
    try_at: Mapped[dt.datetime | None]
    pause: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str | None] = mapped_column(String(500))

    @property
    def state(self) -> rules.Circuit:
        """The circuit as a value of the rules."""
        return rules.Circuit(self.failures, self.failed_at, self.opened_at, self.try_at, self.pause)

    @state.setter
    def state(self, state: rules.Circuit) -> None:
        self.failures, self.failed_at = state.failures, state.failed_at
        self.opened_at, self.try_at, self.pause = state.opened_at, state.try_at, state.pause


IS_OPEN = and_(
    Circuit.opened_at.is_not(None), Circuit.try_at > bindparam("now"), Circuit.try_at <= bindparam("latest_try_at")
)
"""A circuit allows no call now: `core.circuit.allows_call` in SQL; `moments` are its values."""

_LOCKED = (
    select(Circuit)
    .where(Circuit.origin.in_(bindparam("origins", expanding=True)))
    .order_by(Circuit.origin)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_LOCKED_OPEN = _LOCKED.where(Circuit.opened_at.is_not(None))
_ANY = select(Circuit.origin).limit(1)
_ONE_LEFT_ALONE = select(Circuit.origin).where(IS_OPEN).limit(1)


def open_at(now: dt.datetime) -> dict[str, dt.datetime]:
    """Return the values of `IS_OPEN` at a moment."""
    return {"now": now, "latest_try_at": rules.latest_try_at(now)}


def lock_circuits(origins: Collection[str]) -> dict[str, Circuit]:
    """Return circuits by origin and lock them, always in the same order."""
    return _lock(_LOCKED, origins)


def lock_open_circuits(origins: Collection[str]) -> dict[str, Circuit]:
    """Lock and return those of these circuits that are open."""
    return _lock(_LOCKED_OPEN, origins)


def _lock(wanted: Select[Circuit], origins: Collection[str]) -> dict[str, Circuit]:
    if not origins or db.session.connection().execute(_ANY).first() is None:  # the usual case: no provider fails
        return {}
    return {row.origin: row for row in db.session.scalars(wanted, {"origins": sorted(origins)})}


def begin_circuit(origin: str, state: rules.Circuit) -> None:
    """Record that a provider has failed; when another process recorded it before, nothing changes."""
    row = {"failures": state.failures, "failed_at": state.failed_at, "pause": state.pause}
    db.session.execute(upsert(Circuit).values(origin=origin, **row).on_conflict_do_nothing())


def has_open_circuit(now: dt.datetime) -> bool:
    """Whether the circuit of any provider is open now."""
    return db.session.connection().execute(_ONE_LEFT_ALONE, open_at(now)).first() is not None


def open_circuits() -> Sequence[Circuit]:
    """Return the circuits that are open, the longest first."""
    wanted = select(Circuit).where(Circuit.opened_at.is_not(None))
    return db.session.scalars(wanted.order_by(Circuit.opened_at, Circuit.origin)).all()
