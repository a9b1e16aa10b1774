"""Decisions of two people that an incident is not reported by a regime."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

from incident.actions import approvals
from incident.actions.deadlines.clock_keeping import clock_facts, recompute_clocks
from incident.actions.deadlines.reviews import owe_review
from incident.actions.graded_facts import basis_of
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.deadlines.clocks import OPEN_STATES
from incident.core.deadlines.grading import REVIEW_AFTER
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.store.approvals import AWAITING, IN_FORCE, OUTDATED, STANDING, outdate
from incident.store.db.database import db, to_json
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.deadlines.not_reportable import NotReportableDecision, standing_not_reportable
from incident.store.incidents.incidents import Incident, lock_incident


def propose_not_reportable(
    incident_id: int,
    regime: str,
    reason: str,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> NotReportableDecision:
    """Propose that an incident is not reported by a regime; it waits for a second person.

    Args:
        incident_id: the incident.
        regime: the regime, whose clocks run on the incident or wait for their start.
        reason: why it is not reported.
        by: who.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `clock.exercise`, `decision.no_clock`; `decision.not_asked` (conflict) when its clocks ask for no
            report; `approval.not_by_person` (forbidden).
    """
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        if incident.is_exercise:
            raise RuleError("clock.exercise", kind="conflict")
        content_hash = _refuse_unasked(incident, regime)[0].regime_hash
        outdate(one for one in standing_not_reportable(incident.id) if one.regime == regime)
        basis = {"grade": clock_facts(incident, now).decided, **basis_of(incident)}
        content = {"number": incident.number, "regime": regime, "regime_hash": content_hash, "reason": reason, **basis}
        row = uow.add(
            NotReportableDecision(
                incident_id=incident.id,
                regime=regime,
                regime_hash=content_hash,
                basis=basis,
                state=AWAITING,
                reason=reason,
                content_hash=hashlib.sha256(to_json(content).encode()).hexdigest(),
                proposed_at=now,
                proposed_by=by,
            )
        )
        approvals.await_second(uow, row)
        uow.record("incident.not_reportable_proposed", f"incident:{incident.number}", _detail(row), incident.number)
        uow.store_response(row)
    return row


def confirm_not_reportable(
    decision_id: int, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> NotReportableDecision:
    """Confirm as the second person that an incident is not reported; from then on the regime's clocks do not apply.

    Raises:
        RuleError: those of `approvals.confirm_as_second`; `decision.not_asked` (conflict).
    """
    return approvals.confirm_as_second(NotReportableDecision, decision_id, _enforce, by, now, idempotency)


def _enforce(uow: UnitOfWork, incident: Incident, row: NotReportableDecision) -> None:
    _refuse_unasked(incident, row.regime)
    owe_review(uow, incident, row, uow.now + REVIEW_AFTER)
    uow.record("incident.not_reportable_decided", f"incident:{incident.number}", _detail(row), incident.number)
    recompute_clocks(uow, incident)


def withdraw_not_reportable(decision_id: int, reason: str, by: str, now: dt.datetime) -> NotReportableDecision:
    """Take back a decision, in force or waiting; the regime's clocks run again at once.

    Raises:
        RuleError: `approval.not_found` (not found), `decision.has_ended` (conflict).
    """
    found = db.session.get(NotReportableDecision, decision_id)
    if found is None:
        raise RuleError("approval.not_found", kind="not_found")
    incident_id = found.incident_id
    with transaction(by, now) as uow:
        incident = lock_incident(incident_id)
        row = db.session.get_one(NotReportableDecision, decision_id, populate_existing=True)
        if row.state_at(now) not in STANDING:
            raise RuleError("decision.has_ended", kind="conflict")
        row.state = OUTDATED
        _record_end(uow, incident, row, "person", reason)
        recompute_clocks(uow, incident)
    return row


def end_not_reportable(uow: UnitOfWork, incident: Incident, cause: str) -> None:
    """Outdate every decision on a locked incident, within the caller's transaction, which then computes its clocks.

    Args:
        uow: the caller's unit of work.
        incident: the incident.
        cause: what has changed: `answers`, `grade` or `rules`.
    """
    standing = standing_not_reportable(incident.id)
    for row in [one for one in standing if one.state == IN_FORCE]:
        _record_end(uow, incident, row, cause, None)
    outdate(standing, IN_FORCE, AWAITING)


def _refuse_unasked(incident: Incident, regime: str) -> Sequence[IncidentClock]:
    """Return the clocks of a regime on an incident unless none of them asks for a report."""
    found = [one for one in clock_rows.clocks_of(incident.id) if one.regime == regime]
    if not found:
        raise RuleError("decision.no_clock", {"regime": regime[:60]}, pointer="/regime")
    if not any(one.state in (*OPEN_STATES, "waiting") for one in found):
        raise RuleError("decision.not_asked", pointer="/regime", kind="conflict")
    return found


def _record_end(
    uow: UnitOfWork, incident: Incident, row: NotReportableDecision, cause: str, reason: str | None
) -> None:
    detail = {"id": row.id, "regime": row.regime, "cause": cause, "reason": reason}
    uow.record("incident.not_reportable_ended", f"incident:{incident.number}", detail, incident.number)


def _detail(row: NotReportableDecision) -> dict[str, Any]:
    detail = {"id": row.id, "regime": row.regime, "reason": row.reason, "content_hash": row.content_hash}
    if row.review_due_at is None:
        return detail
    return {**detail, "proposed_by": row.proposed_by, "review_due_at": format_moment(row.review_due_at)}
