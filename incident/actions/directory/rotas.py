"""Duty rotas: stored, with overrides and leave."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from incident.actions.notifications.unreached import notify_unreached
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.duty.rota import MAX_LEAVE, MAX_OVERRIDES, Leave, Override, Rota
from incident.core.values.faults import RuleError, raise_all, refuse_stale
from incident.core.values.text import require_names
from incident.store.db.database import db
from incident.store.directory import people
from incident.store.directory.departments import Department
from incident.store.duty import rotas
from incident.store.duty.rotas import DutyRota

KEEP_FOR = dt.timedelta(days=400)
"""How long overrides and leave that have ended stay in a rota; the journal keeps them permanently."""


def rota_of(department_id: int) -> Rota:
    """Return the rota of a department as a value, empty when it has none."""
    row = rotas.rota_of(department_id)
    return Rota() if row is None else Rota.from_json(row.document)


def put_rota(department_id: int, rota: Rota, version: int | None, by: str, now: dt.datetime) -> DutyRota:
    """Store the rota of a department; every later notification uses it.

    Args:
        department_id: the department.
        rota: the parsed rota.
        version: the version that the caller has read (0 for none); None skips the check.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `version.stale` (conflict), `person.unknown` and `name.invisible` at each place.
    """
    require_names({f"/rotations/{index}/name": one.name for index, one in enumerate(rota.rotations)})
    with transaction(by, now) as uow:
        row = _hold(department_id)
        refuse_stale(0 if row is None else row.version, version)
        kept = _keep(uow, department_id, row, rota, "rota.changed", {})
    notify_unreached(department_id, by, now)
    return kept


def restore_rota(department_id: int, version: int | None, by: str, now: dt.datetime) -> DutyRota:
    """Undo the last change of a rota: the one before it is stored again, and undoing twice changes nothing.

    Raises:
        RuleError: `rota.nothing_before` (conflict), and those of `put_rota`.
    """
    row = rotas.rota_of(department_id)
    if row is None or row.before is None:
        raise RuleError("rota.nothing_before", kind="conflict")
    return put_rota(department_id, Rota.from_json(row.before), version, by, now)


def add_overrides(
    department_id: int,
    overrides: Sequence[Override],
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
    pointers: Sequence[str] = ("",),
) -> Sequence[Override]:
    """Add overrides to the rota of a department, after the existing ones: the later takes precedence.

    Args:
        department_id: the department.
        overrides: the new overrides.
        by: who.
        now: when (UTC).
        idempotency: the caller's key, under which the same request gets the same response.
        pointers: the place of each override in the caller's document.

    Raises:
        RuleError: `person.unknown` at each place, `rota.full`.
    """
    with transaction(by, now, idempotency) as uow:
        row = _hold(department_id)
        rota = _without_past(rota_of(department_id), now)
        raise_all(_unknown_in(overrides, pointers))
        if len(rota.overrides) + len(overrides) > MAX_OVERRIDES:
            raise RuleError("rota.full", {"most": MAX_OVERRIDES}, kind="conflict")
        changed = replace(rota, overrides=(*rota.overrides, *overrides))
        added = {"overrides": [one.to_json() for one in overrides]}
        _keep(uow, department_id, row, changed, "rota.overridden", added)
        uow.store_response(overrides)
    notify_unreached(department_id, by, now)
    return overrides


def add_leave(department_id: int, leave: Leave, by: str, now: dt.datetime) -> Leave:
    """Record leave in the rota of a department; the next person in each rotation substitutes.

    Raises:
        RuleError: `person.unknown` at `/person`, `rota.full`.
    """
    with transaction(by, now) as uow:
        row = _hold(department_id)
        rota = _without_past(rota_of(department_id), now)
        raise_all(unknown_people([(leave.person, "/person")]))
        if len(rota.leave) >= MAX_LEAVE:
            raise RuleError("rota.full", {"most": MAX_LEAVE}, kind="conflict")
        changed = replace(rota, leave=(*rota.leave, leave))
        _keep(uow, department_id, row, changed, "rota.leave_added", {"leave": leave.to_json()})
    return leave


def _hold(department_id: int) -> DutyRota | None:
    """Return the row of a rota, locked until the transaction ends.

    Its department is locked as well, because there may be no row.
    """
    db.session.get_one(Department, department_id, with_for_update=True, populate_existing=True)
    return db.session.get(DutyRota, department_id, populate_existing=True)


def _keep(
    uow: UnitOfWork, department_id: int, row: DutyRota | None, rota: Rota, event_type: str, detail: Mapping[str, Any]
) -> DutyRota:
    """Store a rota; the entry contains it before and after, or only the additions in `detail`."""
    document = rota.to_json()
    if not detail:
        raise_all(unknown_people(rota.named()))
        detail = {"before": None if row is None else row.document, "after": document}
    if row is None:
        empty = Rota().to_json()
        row = DutyRota(department_id=department_id, document=document, changed_at=uow.now, version=1, before=empty)
        db.session.add(row)
    else:
        row.before, row.document, row.changed_at = row.document, document, uow.now
        row.version += 1
    uow.record(event_type, f"department:{db.session.get_one(Department, department_id).code}", detail)
    return row


def _without_past(rota: Rota, now: dt.datetime) -> Rota:
    since = now - KEEP_FOR
    return replace(
        rota,
        overrides=tuple(one for one in rota.overrides if one.end > since),
        leave=tuple(one for one in rota.leave if one.end > since),
    )


def _unknown_in(overrides: Sequence[Override], pointers: Sequence[str]) -> list[RuleError]:
    named = []
    for one, pointer in zip(overrides, pointers, strict=True):
        named.append((one.person, f"{pointer}/person"))
        if one.instead_of is not None:
            named.append((one.instead_of, f"{pointer}/instead_of"))
    return unknown_people(named)


def unknown_people(named: Sequence[tuple[str, str]]) -> list[RuleError]:
    """Return a fault for every login that was never anybody's; former people may still be named."""
    known = {person.login for person in people.by_logins({login for login, _ in named})}
    return [
        RuleError("person.unknown", {"login": login}, pointer=place) for login, place in named if login not in known
    ]
