"""Filings that no longer count: recorded by mistake, which two people decide, or returned by the authority."""

import datetime as dt
import hashlib
from typing import Any

from incident.actions import approvals
from incident.actions.deadlines.clock_keeping import recompute_clocks
from incident.actions.deadlines.receipts import take_back_receipts
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.deadlines.filing import check_return
from incident.core.deadlines.regimes import FILED, RECEIVED
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.store.approvals import AWAITING, outdate
from incident.store.db.database import db, to_json
from incident.store.deadlines.clock_rows import Filing, IncidentClock
from incident.store.deadlines.filing_revocations import FilingRevocation, revocations_of
from incident.store.incidents.incidents import Incident, lock_incident


def propose_revocation(
    filing_id: int, reason: str, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> FilingRevocation:
    """Propose that a filing was recorded by mistake; it counts until a second person confirms it.

    Args:
        filing_id: the filing.
        reason: what is wrong with it.
        by: the first person.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `filing.not_found` (not found), `filing.is_revoked` (conflict); `approval.not_by_person` (forbidden).
    """
    incident_id = _filing(filing_id).incident_id
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        filing, clock = _locked(filing_id)
        outdate(revocations_of([filing.id]))
        content = {"number": incident.number, "filing": filing.id, "reason": reason, "by": by, "at": format_moment(now)}
        row = uow.add(
            FilingRevocation(
                incident_id=incident.id,
                filing_id=filing.id,
                regime=clock.regime,
                stage=clock.stage,
                filed_at=filing.filed_at,
                recipient=filing.recipient,
                state=AWAITING,
                reason=reason,
                content_hash=hashlib.sha256(to_json(content).encode()).hexdigest(),
                proposed_at=now,
                proposed_by=by,
            )
        )
        approvals.await_second(uow, row)
        detail = _detail(clock, filing, reason)
        uow.record("clock.filing_revocation_proposed", f"clock:{clock.id}", detail, incident.number)
        uow.store_response(row)
    return row


def confirm_revocation(
    revocation_id: int, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> FilingRevocation:
    """Confirm as the second person that a filing was recorded by mistake; from then on it does not count.

    Its clock runs again with the due that it had, and what only this filing has started waits again.

    Raises:
        RuleError: those of `approvals.confirm_as_second`; `filing.is_revoked` (conflict).
    """
    return approvals.confirm_as_second(FilingRevocation, revocation_id, _enforce, by, now, idempotency)


def _enforce(uow: UnitOfWork, incident: Incident, row: FilingRevocation) -> None:
    filing, clock = _locked(row.filing_id)
    filing.revoked_at = uow.now
    take_back_receipts(uow, clock, filing)
    detail = {**_detail(clock, filing, row.reason), "proposed_by": row.proposed_by}
    uow.record("clock.filing_revoked", f"clock:{clock.id}", detail, incident.number)
    recompute_clocks(uow, incident, may_be_later={f"{FILED}{clock.stage}", f"{RECEIVED}{clock.stage}"})


def return_filing(
    filing_id: int,
    at: dt.datetime,
    reason: str,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> Filing:
    """Record that the authority returned a filing: its clock runs again with the due that it had.

    What the filing has started, such as the report onward, runs on.

    Args:
        filing_id: the filing.
        at: when it was returned (UTC).
        reason: why, as the authority says.
        by: who records it.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `filing.not_found` (not found), `filing.is_revoked`, `filing.is_returned`, `filing.is_announcement`
            (conflict); those of `check_return`.
    """
    incident_id = _filing(filing_id).incident_id
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        filing, clock = _locked(filing_id)
        if filing.is_oral:
            raise RuleError("filing.is_announcement", kind="conflict")
        if filing.returned_at is not None:
            raise RuleError("filing.is_returned", kind="conflict")
        check_return(filing.filed_at, at, now)
        filing.returned_at, filing.return_reason = at, reason
        filing.return_recorded_at, filing.return_recorded_by = now, by
        detail = {**_detail(clock, filing, reason), "returned_at": format_moment(at)}
        uow.record("clock.filing_returned", f"clock:{clock.id}", detail, incident.number)
        recompute_clocks(uow, incident)
        uow.store_response(filing)
    return filing


def _filing(filing_id: int) -> Filing:
    found = db.session.get(Filing, filing_id)
    if found is None:
        raise RuleError("filing.not_found", kind="not_found")
    return found


def _locked(filing_id: int) -> tuple[Filing, IncidentClock]:
    """Return a filing that counts, and its clock, of a locked incident."""
    filing = db.session.get_one(Filing, filing_id, populate_existing=True)
    if filing.revoked_at is not None:
        raise RuleError("filing.is_revoked", kind="conflict")
    return filing, db.session.get_one(IncidentClock, filing.clock_id, populate_existing=True)


def _detail(clock: IncidentClock, filing: Filing, reason: str | None) -> dict[str, Any]:
    return {
        "regime": clock.regime,
        "stage": clock.stage,
        "filing": filing.id,
        "at": format_moment(filing.filed_at),
        "to": filing.recipient,
        "reason": reason,
    }
