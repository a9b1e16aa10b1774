"""Indicators of an incident: added by the thousand, removed one by one."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from incident.actions.unit_of_work import IdempotentRequest, transaction
from incident.core.incidents.incident import refuse_closed
from incident.core.incidents.indicator import Indicator as Seen
from incident.core.incidents.pasted_indicators import MAX_ON_INCIDENT
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident, Indicator, indicators_of, lock_incident
from incident.store.queries import search


@dataclass(frozen=True)
class AddedIndicators:
    """How many indicators were added, and how many the incident had already."""

    added: int
    known: int


def add_indicators(
    incident_id: int,
    seen: Sequence[Seen],
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> AddedIndicators:
    """Add indicators to an incident, each once; the same ones again change nothing.

    Args:
        incident_id: the incident.
        seen: the indicators.
        by: who.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `incident.is_closed`, `indicator.too_many_on_incident` (conflict).
    """
    terms = search.terms_after(incident_id, search.Change(added=[one.value for one in seen]))
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        refuse_closed(incident.status)
        known = {(row.kind, row.value) for row in indicators_of(incident.id)}
        fresh = [one for one in dict.fromkeys(seen) if (one.kind, one.value) not in known]
        if len(known) + len(fresh) > MAX_ON_INCIDENT:
            raise RuleError("indicator.too_many_on_incident", {"most": MAX_ON_INCIDENT}, kind="conflict")
        for one in fresh:
            uow.insert(Indicator, incident_id=incident.id, kind=one.kind, value=one.value)
        if fresh:
            search.file_change(incident, terms)
            _change(incident, now)
            detail = {"added": [one.to_json() for one in fresh]}
            uow.record("incident.indicators_changed", f"incident:{incident.number}", detail, incident.number)
        done = AddedIndicators(len(fresh), len(set(seen)) - len(fresh))
        uow.store_response(done)
    return done


def remove_indicator(incident_id: int, indicator_id: int, by: str, now: dt.datetime) -> None:
    """Remove an indicator from an incident.

    Raises:
        RuleError: `incident.is_closed` (conflict), `indicator.not_on_incident` (not found).
    """
    with transaction(by, now) as uow:
        incident = lock_incident(incident_id)
        refuse_closed(incident.status)
        row = db.session.get(Indicator, indicator_id, populate_existing=True)
        if row is None or row.incident_id != incident.id:
            raise RuleError("indicator.not_on_incident", kind="not_found")
        db.session.delete(row)
        db.session.flush()
        search.file_change(incident, search.terms_after(incident.id, search.Change()))
        _change(incident, now)
        detail = {"removed": [{"kind": row.kind, "value": row.value}]}
        uow.record("incident.indicators_changed", f"incident:{incident.number}", detail, incident.number)


def _change(incident: Incident, now: dt.datetime) -> None:
    incident.changed_at = now
    incident.version += 1
