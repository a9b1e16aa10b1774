"""Handling of a report: each step with its reason, its message to the reporter, and who took it."""

import datetime as dt

from incident.actions.reports.mailbox import write_in
from incident.actions.reports.sealed_texts import add_step
from incident.actions.unit_of_work import Idempotency, transaction
from incident.core.operations.approval import approver_of
from incident.core.reports.handling import NewStep, require_other_reviewer, state_after_step
from incident.core.reports.identity import identity_of
from incident.core.reports.states import ENDED
from incident.core.values.faults import RuleError, refuse_stale
from incident.store.db.database import db
from incident.store.reports.identities import note_handler, people_handling
from incident.store.reports.report_steps import ReportStep, count_objections, count_reviews
from incident.store.reports.reports import Report, lock_report


def take_step(
    report_id: int,
    new: NewStep,
    by: str,
    now: dt.datetime,
    idempotency: Idempotency | None = None,
    version: int | None = None,
) -> Report:
    """Take one step with a report.

    Args:
        report_id: the report.
        new: the step.
        by: who takes it, and works on the report from then on.
        now: when (UTC).
        idempotency: the caller's key.
        version: of the report that the caller has read; None for any.

    Raises:
        RuleError: `document.missing` for each member that the step needs, `version.stale`, `report.step_impossible`,
            `report.no_objection`, `receipt.deleted`, `report.merged_with_itself` (conflict), `report.unknown`,
            `report.reviewer_handles`, `approval.not_by_person` (forbidden).
    """
    with transaction(by, now, idempotency) as uow:
        report = lock_report(report_id)
        new.require_complete(can_write=report.receipt_hash is not None)
        new = new.without_others()
        refuse_stale(report.version, version)
        before, after = report.state, state_after_step(report.state, new)
        if new.step == "review":
            counts = count_objections(report_id), count_reviews(report_id)
            require_other_reviewer(approver_of(by), people_handling(report_id), *counts)
        if new.into is not None:
            _require_target(report, new.into)
        report.state = after
        report.ended_at = now if after in ENDED else report.withdrawn_at
        report.version += 1
        step = ReportStep(
            report_id=report_id,
            step=new.step,
            before=before,
            after=after,
            outcome=new.outcome,
            recipient=(new.recipient or "").strip() or None,
            into_id=new.into,
            taken_by=by,
            taken_at=now,
        )
        add_step(step, (new.reason or "").strip() or None)
        if (new.message or "").strip():
            write_in(uow, report, new.message or "")
        note_handler(report_id, identity_of(by))
        uow.record("report.step_taken", f"report:{report_id}", {"step": new.step, "before": before, "after": after})
        uow.store_response(report)
    return report


def _require_target(report: Report, into: int) -> None:
    """Refuse to merge a report with itself, with one that is merged, or with one that other people read."""
    if into == report.id:
        raise RuleError("report.merged_with_itself", pointer="/into", kind="conflict")
    target = db.session.get(Report, into)
    if target is None:
        raise RuleError("report.unknown", {"id": into}, pointer="/into")
    if target.state == "merged" or target.is_about_unit or report.is_about_unit:
        raise RuleError("report.no_merge_target", pointer="/into", kind="conflict")
