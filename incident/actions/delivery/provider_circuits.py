"""Circuits of providers: consecutive failures open one, an answer closes it; of messages and of events alike."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from incident.actions.unit_of_work import UnitOfWork
from incident.core.delivery import circuit as rules
from incident.core.notifications.message import Accepted, DeliveryError
from incident.store.db.database import db
from incident.store.delivery import circuits
from incident.store.delivery.circuits import Circuit


@dataclass(frozen=True, slots=True)
class ProviderResult:
    """What an attempt that began at a moment (UTC) met at an origin."""

    origin: str
    outcome: Accepted | DeliveryError
    began_at: dt.datetime


def judge_providers(uow: UnitOfWork, results: Collection[ProviderResult]) -> None:
    """Update the circuits of the origins, within the caller's transaction."""
    locked = circuits.lock_circuits({one.origin for one in results})
    for one in results:
        if isinstance(one.outcome, DeliveryError) and not one.outcome.is_alive:
            locked[one.origin] = _failed(uow, locked.get(one.origin), one)
        elif (row := locked.pop(one.origin, None)) is not None:
            _closed(uow, row)


def _failed(uow: UnitOfWork, row: Circuit | None, result: ProviderResult) -> Circuit:
    before, origin = None if row is None else row.state, result.origin
    after = rules.failed(before, result.began_at, uow.now)
    if row is None:
        circuits.begin_circuit(origin, after)
        [row] = circuits.lock_circuits({origin}).values()
    row.state, row.fault = after, result.outcome.detail
    if after.is_open and (before is None or not before.is_open):
        detail = {"origin": origin, "failures": after.failures, "fault": result.outcome.detail}
        uow.record("circuit.opened", f"circuit:{origin}", detail)
    return row


def _closed(uow: UnitOfWork, row: Circuit) -> None:
    if row.opened_at is not None:
        opened_at = row.opened_at.isoformat()
        uow.record("circuit.closed", f"circuit:{row.origin}", {"origin": row.origin, "opened_at": opened_at})
        uow.wake_scheduler()  # messages that waited for it
    db.session.delete(row)
    db.session.flush()
