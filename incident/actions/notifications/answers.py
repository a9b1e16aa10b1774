"""Answers of a department to a notice: acknowledge, accept, decline with a reason, done."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from incident.actions.notifications import declining, escalation
from incident.actions.notifications.acknowledge_links import linked_notice
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.incidents import incident as rules_of_incident
from incident.core.notifications import notice as rules
from incident.core.notifications.acknowledge_link import AcknowledgeLink, refuse_dead_link
from incident.core.notifications.notice import Answer, FactKind, State
from incident.core.values.faults import RuleError, refuse_stale
from incident.store.db.database import db
from incident.store.incidents import incidents
from incident.store.incidents.incidents import Incident
from incident.store.notifications import messages
from incident.store.notifications.notice_events import NoticeEvent
from incident.store.notifications.notices import Notice
from incident.store.playbooks import timers

TAKING: frozenset[FactKind] = frozenset({"accepted", "declined"})
"""Answers about who does the work; on a closed incident there is none."""


@dataclass(frozen=True)
class AnswerSource:
    """The source of an answer, and its evidence.

    Args:
        via: `inbox`, `api` or `link`; `clock` and `close` for automatic events.
        message_id: the message whose link was used.
        contact_id: the contact of that link.
        link: that link; an answer by one that is no longer valid is refused.
        evidence: the client program's own identification, JSON values.
    """

    via: str
    message_id: int | None = None
    contact_id: int | None = None
    link: AcknowledgeLink | None = None
    evidence: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Answered:
    """Result of an answer: the notice, and whether the answer counted or only repeats an earlier one."""

    notice: Notice
    has_counted: bool


def answer_notice(
    notice_id: int,
    kind: Answer,
    by: str,
    trace: AnswerSource,
    now: dt.datetime,
    reason: str | None = None,
    version: int | None = None,
) -> Answered:
    """Record the answer of a department to its notice; a repeated answer changes nothing, as the result says.

    Args:
        notice_id: the notice.
        kind: the answer.
        by: who answers.
        trace: the source of the answer.
        now: when (UTC).
        reason: why; required to decline.
        version: the version that the caller has read; None skips the check.

    Raises:
        RuleError: `notice.unknown` (not found), `version.stale`, `notice.link_older`, `notice.link_expired`,
            `notice.link_other`, `notice.not_open`, `notice.not_taken`, `notice.was_declined`, `incident.is_closed`
            (conflict), `notice.reason_needed`.
    """
    with transaction(by, now) as uow:
        notice = lock_notice(notice_id)
        refuse_stale(notice.version, version)
        if trace.link is not None:
            refuse_dead_link(trace.link, linked_notice(notice), now)
        has_counted = record_answer(uow, notice, kind, trace, reason)
    return Answered(notice, has_counted)


def withdraw_notice(
    notice_id: int, reason: str | None, by: str, via: str, now: dt.datetime, version: int | None = None
) -> Answered:
    """Withdraw a notice that needs no answer any more.

    Raises:
        RuleError: `notice.unknown` (not found), `version.stale`, `notice.not_open` (conflict), `notice.reason_needed`.
    """
    with transaction(by, now) as uow:
        notice = lock_notice(notice_id)
        refuse_stale(notice.version, version)
        has_counted = record_answer(
            uow, notice, "withdrawn", AnswerSource(via), rules.require_reason(reason, is_needed=True)
        )
    return Answered(notice, has_counted)


def lock_notice(notice_id: int) -> Notice:
    """Return a notice for writing, with its incident locked; raises RuleError `notice.unknown` (not found)."""
    notice = db.session.get(Notice, notice_id)
    if notice is None:
        raise RuleError("notice.unknown", {"id": notice_id}, kind="not_found")
    incidents.lock_incident(notice.incident_id)
    db.session.refresh(notice)
    return notice


def record_answer(
    uow: UnitOfWork, notice: Notice, kind: FactKind, trace: AnswerSource, reason: str | None = None
) -> bool:
    """Record an event that changes a notice (within the caller's transaction) with all consequences.

    Return whether it changed anything.

    Raises:
        RuleError: as `answer_notice`.
    """
    incident = db.session.get_one(Incident, notice.incident_id)
    before = notice.state
    state = rules.after(before, kind)
    said = rules.require_reason(reason, is_needed=kind == "declined")
    if state == before:
        return False
    if kind in TAKING:
        rules_of_incident.refuse_closed(incident.status)
    record_event(uow, notice, kind, trace, said)
    notice.state, notice.is_untold = state, False
    notice.version += 1
    detail = {"level": notice.level, "via": trace.via, "reason": said, "evidence": trace.evidence}
    shown: dict[str, Any] = {name: value for name, value in detail.items() if value is not None}
    _write(uow, notice, kind, said)
    if kind == "declined":
        shown["contacts"] = declining.notify_coordinators(uow, notice, incident)
        _take_up_again(uow, notice, before)
    elif not rules.is_waiting(state, until_of(notice)):
        stop_escalation(uow, notice)
        if state in rules.IN_HAND:
            escalation.set_reminder(uow, notice)
    uow.record(f"notice.{kind}", f"notice:{notice.id}", shown, incident.number)
    if incident.status == "new" and kind in ("acknowledged", "accepted"):
        incident.status, incident.changed_at = "handling", uow.now
        incident.version += 1
    return True


def _write(uow: UnitOfWork, notice: Notice, kind: FactKind, reason: str | None) -> None:
    """Store in the notice itself who answered what, as far as lists display it."""
    if kind in ("acknowledged", "accepted") and notice.acknowledged_at is None:
        notice.acknowledged_at, notice.acknowledged_by = uow.now, uow.by
    if kind != "acknowledged":
        notice.answered_at, notice.answered_by, notice.reason = uow.now, uow.by, reason
    notice.ended_at = uow.now if kind in ("done", "withdrawn") else None


def _take_up_again(uow: UnitOfWork, notice: Notice, before: State) -> None:
    """Go on to the next level at once when an answer had ended the escalation before it was withdrawn."""
    if notice.next_at is None and before in rules.IN_HAND:
        notice.next_at = uow.now
        escalation.set_timer(uow, notice, uow.now)


def record_event(
    uow: UnitOfWork, notice: Notice, kind: FactKind, trace: AnswerSource, reason: str | None = None
) -> None:
    """Record an event of a notice within the caller's transaction; it changes nothing by itself."""
    uow.insert(
        NoticeEvent,
        notice_id=notice.id,
        message_id=trace.message_id,
        kind=kind,
        at=uow.now,
        by=uow.by,
        via=trace.via,
        contact_id=trace.contact_id,
        level=notice.level,
        round=notice.round,
        reason=reason,
        evidence=None if trace.evidence is None else dict(trace.evidence),
    )


def stop_escalation(uow: UnitOfWork, notice: Notice) -> None:
    """End the escalation of a notice within the caller's transaction: its timers, and its unsent messages."""
    notice.next_at = None
    uow.flush()
    timers.cancel_notice_timers(notice.id, uow.now)
    messages.cancel_messages(notice.id, uow.now)


def close(uow: UnitOfWork, notice: Notice) -> None:
    """End a notice with its incident within the caller's transaction: one that nobody took on is withdrawn."""
    if notice.state in rules.UNANSWERED:
        record_answer(uow, notice, "withdrawn", AnswerSource("close"))
    elif notice.state in rules.IN_HAND:
        stop_escalation(uow, notice)


def until_of(notice: Notice) -> str:
    """Return which answer ends the escalation of a notice by its policy."""
    return str(notice.policy.get("until", "acknowledged"))
