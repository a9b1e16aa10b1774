"""Maintenance windows: added, changed, ended; and which of them holds an alert."""

import datetime as dt
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.systems.window import (
    MAX_WINDOWS,
    REASON_LIMIT,
    WindowScope,
    holding_window,
    require_scope,
    require_span,
)
from incident.core.values.faults import RuleError, refuse_stale
from incident.core.values.moment import format_moment
from incident.core.values.text import require_name
from incident.store.db.database import db
from incident.store.systems import systems, windows
from incident.store.systems.data_versions import renew_version
from incident.store.systems.windows import WINDOWS_DATA, MaintenanceWindow


def window_for(
    version: str | None,
    now: dt.datetime,
    source: str,
    labels: Mapping[str, str],
    system_ids: Collection[int],
    grade: int | None,
) -> int | None:
    """Return the id of the window that holds an alert now, None for none; without windows nothing is queried.

    Args:
        version: that of the windows, None when there never was one.
        now: when the alert came (UTC).
        source: who sent it.
        labels: those of the alert.
        system_ids: the systems that it is about.
        grade: as the alert or the routing rules say.
    """
    if version is None:
        return None
    found = holding_window(_scopes(str(db.engine.url), version, now.date()), now, source, labels, system_ids, grade)
    return None if found is None else found.id


@lru_cache(maxsize=4)
def _scopes(_database: str, _version: str, day: dt.date) -> list[WindowScope]:
    """Return the windows that are not over at the begin of a day, until one changes or the day ends."""
    return windows.scopes_ahead(dt.datetime.combine(day, dt.time(), dt.UTC))


def add_window(
    facts: Mapping[str, Any], by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> MaintenanceWindow:
    """Add a maintenance window.

    Args:
        facts: `reason`, `begins_at` (None: now), `ends_at`, and at least one of `source`, `system` (code), `labels`.
        by: who.
        now: when (UTC).
        idempotency: that of the request.

    Raises:
        RuleError: `window.no_scope`, `window.over`, `window.too_long`, `window.too_many`, `system.unknown`.
    """
    begins_at = facts.get("begins_at") or now
    labels = dict(facts.get("labels") or {})
    require_name(facts["reason"], REASON_LIMIT, "/reason")
    require_scope(facts.get("source"), facts.get("system"), labels)
    require_span(begins_at, facts["ends_at"], now)
    with transaction(by, now, idempotency) as uow:
        if windows.count_ahead(now) >= MAX_WINDOWS:
            raise RuleError("window.too_many", {"most": MAX_WINDOWS}, kind="conflict")
        row = MaintenanceWindow(
            reason=facts["reason"],
            begins_at=begins_at,
            ends_at=facts["ends_at"],
            source=facts.get("source"),
            system_id=_system_id(facts.get("system")),
            labels=labels,
            created_at=now,
            created_by=by,
        )
        db.session.add(row)
        db.session.flush()
        _record(uow, "maintenance.planned", row)
        uow.store_response(row)
    return row


def _system_id(code: str | None) -> int | None:
    if code is None:
        return None
    row = systems.system_by_code(code)
    if row is None:
        raise RuleError("system.unknown", {"code": code}, pointer="/system")
    return row.id


def _record(uow: UnitOfWork, event_type: str, row: MaintenanceWindow) -> None:
    renew_version(WINDOWS_DATA)
    detail = {
        "reason": row.reason,
        "begins_at": format_moment(row.begins_at),
        "ends_at": format_moment(row.ends_at),
        "source": row.source,
        "system_id": row.system_id,
        "labels": row.labels,
    }
    uow.record(event_type, f"maintenance_window:{row.id}", detail)


def change_window(
    window_id: int, changes: Mapping[str, Any], version: int | None, by: str, now: dt.datetime
) -> MaintenanceWindow:
    """Change the reason or the end of a window that is not over.

    Raises:
        RuleError: `window.ended`, `version.stale` (conflict), `window.over`, `window.too_long`.
    """
    with transaction(by, now) as uow:
        row = _locked(window_id, version, now)
        if "ends_at" in changes:
            require_span(row.begins_at, changes["ends_at"], now)
            row.ends_at = changes["ends_at"]
        if "reason" in changes:
            row.reason = require_name(changes["reason"], REASON_LIMIT, "/reason")
        row.version += 1
        _record(uow, "maintenance.changed", row)
    return row


def end_window(window_id: int, version: int | None, by: str, now: dt.datetime) -> MaintenanceWindow:
    """End a window now; what still fires opens its incident within a minute.

    Raises:
        RuleError: `window.ended`, `version.stale` (conflict).
    """
    with transaction(by, now) as uow:
        row = _locked(window_id, version, now)
        row.begins_at = min(row.begins_at, now)
        row.ends_at, row.ended_by = now, by
        row.version += 1
        _record(uow, "maintenance.ended", row)
    return row


def _locked(window_id: int, version: int | None, now: dt.datetime) -> MaintenanceWindow:
    row = windows.lock_window(window_id)
    if row is None:
        raise RuleError("window.unknown", {"id": window_id}, kind="not_found")
    refuse_stale(row.version, version)
    if row.ends_at <= now:
        raise RuleError("window.ended", kind="conflict")
    return row
