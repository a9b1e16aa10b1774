"""Answers of a department to a notice, and the reminders to people who took it on and did nothing."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from incident.actions.notifications import escalation
from incident.actions.notifications.acknowledge_links import linked_notice
from incident.actions.notifications.notice_events import AnswerSource, record_event
from incident.actions.notifications.outbox import REMINDER, insert_message, notify_coordinators
from incident.actions.notifications.recipients import Recipient, Recipients, resolver_of
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.incidents import incident as rules_of_incident
from incident.core.notifications import notice as rules
from incident.core.notifications.acknowledge_link import refuse_dead_link
from incident.core.notifications.notice import NoticeEventKind, State
from incident.core.notifications.policy import Policy
from incident.core.values.duration import parse_duration
from incident.core.values.faults import RuleError, refuse_stale
from incident.store.db.database import db
from incident.store.directory import contact_addresses
from incident.store.directory.contact_addresses import ContactAddress
from incident.store.directory.departments import Contact, Department
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident, lock_incident
from incident.store.notifications import notice_events
from incident.store.notifications.notices import Notice
from incident.store.playbooks import tasks
from incident.store.queries.news_audience import Announcement

REMIND = "remind"
"""The kind of the timers that remind who answered."""

MAX_REMINDERS = 10

TAKING: frozenset[NoticeEventKind] = frozenset({"accepted", "declined"})
"""Answers about who does the work; on a closed incident there is none."""


@dataclass(frozen=True)
class Answered:
    """Result of an answer: the notice, and whether the answer counted or only repeats an earlier one."""

    notice: Notice
    has_counted: bool


def answer_notice(
    notice_id: int,
    kind: NoticeEventKind,
    by: str,
    trace: AnswerSource,
    now: dt.datetime,
    reason: str | None = None,
    version: int | None = None,
) -> Answered:
    """Record the answer of a department to its notice; a repeated answer changes nothing, as the result says.

    Args:
        notice_id: the notice.
        kind: the answer; or `withdrawn`.
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
    said = rules.require_reason(reason, is_needed=True)
    return answer_notice(notice_id, "withdrawn", by, AnswerSource(via), now, said, version)


def lock_notice(notice_id: int) -> Notice:
    """Return a notice for writing, with its incident locked; raises RuleError `notice.unknown` (not found)."""
    notice = db.session.get(Notice, notice_id)
    if notice is None:
        raise RuleError("notice.unknown", {"id": notice_id}, kind="not_found")
    if notice.incident_id is not None:
        lock_incident(notice.incident_id)
    db.session.refresh(notice)
    return notice


def record_answer(
    uow: UnitOfWork, notice: Notice, kind: NoticeEventKind, trace: AnswerSource, reason: str | None = None
) -> bool:
    """Record an event that changes a notice (within the caller's transaction) with all consequences.

    Return whether it changed anything.

    Raises:
        RuleError: as `answer_notice`.
    """
    incident = None if notice.incident_id is None else db.session.get_one(Incident, notice.incident_id)
    before = notice.state
    state = rules.after(before, kind)
    said = rules.require_reason(reason, is_needed=kind == "declined")
    if state == before:
        return False
    is_handling = notice.purpose == "handling"
    if kind in TAKING and is_handling and incident is not None:
        rules_of_incident.refuse_closed(incident.status)
    record_event(uow, notice, kind, trace, said)
    notice.state, notice.is_unreached = state, False
    notice.version += 1
    if kind in ("acknowledged", "accepted") and notice.acknowledged_at is None:
        notice.acknowledged_at, notice.acknowledged_by = uow.now, uow.by
    if kind != "acknowledged":
        notice.answered_at, notice.answered_by, notice.reason = uow.now, uow.by, said
    notice.ended_at = uow.now if kind in ("done", "withdrawn") else None
    detail = {"level": notice.level, "via": trace.via, "reason": said, "evidence": trace.evidence}
    detail["purpose"] = None if is_handling else notice.purpose
    shown: dict[str, Any] = {name: value for name, value in detail.items() if value is not None}
    if kind == "declined":
        shown["contacts"] = notify_coordinators(uow, notice)
        _take_up_again(uow, notice, before)
    elif not rules.is_waiting(state, notice.policy.get("until", "acknowledged")):
        escalation.stop_escalation(uow, notice)
        if state in rules.IN_HAND and is_handling:  # other purposes have times of their own
            _set_reminder(uow, notice)
    uow.record(f"notice.{kind}", f"notice:{notice.id}", shown, None if incident is None else incident.number)
    if is_handling and incident is not None and incident.status == "new" and kind in ("acknowledged", "accepted"):
        incident.status, incident.changed_at = "handling", uow.now
        incident.version += 1
        uow.news.append(Announcement(incident, "status", "handling"))
    return True


def _take_up_again(uow: UnitOfWork, notice: Notice, before: State) -> None:
    """Go on to the next level at once when an answer had ended the escalation before it was withdrawn."""
    if notice.next_at is None and before in rules.IN_HAND:
        notice.next_at = uow.now
        escalation.set_timer(uow, notice, uow.now)


def close(uow: UnitOfWork, notice: Notice) -> None:
    """End a notice with its incident within the caller's transaction: one that nobody took on is withdrawn."""
    if notice.state in rules.UNANSWERED:
        record_answer(uow, notice, "withdrawn", AnswerSource("close"))
    elif notice.state in rules.IN_HAND:
        escalation.stop_escalation(uow, notice)


def _set_reminder(uow: UnitOfWork, notice: Notice) -> None:
    """Schedule the reminder for a department that answered, when its policy has one."""
    length = notice.policy.get("reminder")
    if length is None or notice.reminders >= MAX_REMINDERS:
        return
    pace = escalation.pace_of(notice)
    due_at = pace.to_real(pace.to_drill(uow.now) + parse_duration(length))
    escalation.set_timer(uow, notice, due_at, REMIND)


def remind(uow: UnitOfWork, notice: Notice) -> None:
    """Remind who took a notice on within the caller's transaction, and again later, unless there is progress."""
    if notice.state not in rules.IN_HAND or rules.is_waiting(notice.state, notice.policy.get("until", "acknowledged")):
        return
    since = notice.acknowledged_at or notice.opened_at
    if notice.incident_id is not None and tasks.has_ended_one(notice.incident_id, notice.department_id, since):
        return
    found = _who_answered(notice) or _of_level(uow, notice)
    notice.reminders += 1
    notice.version += 1
    for recipient in found.recipients:
        insert_message(uow, notice, recipient.contact, REMINDER, recipient)
    record_event(uow, notice, "reminded", AnswerSource("scheduler"))
    detail = {
        "count": notice.reminders,
        "people": list(found.people),
        "contacts": [recipient.contact.name for recipient in found.recipients],
    }
    escalation.record_on(uow, notice, "notice.reminded", detail)
    _set_reminder(uow, notice)


def _who_answered(notice: Notice) -> Recipients | None:
    """Return the contacts of who took the notice on, or the contact whose link was used; None without either."""
    fact = notice_events.last_of(notice.id, rules.IN_HAND)
    if fact is None:
        return None
    contact = None if fact.contact_id is None else db.session.get(Contact, fact.contact_id)
    person = _person_of(fact.by, contact)
    if person is not None and person.is_active:
        recipients = contact_addresses.contacts_of_people(notice.department_id, [person.id])[person.id]
        if recipients:
            return Recipients(tuple(Recipient(one, person.id) for one in recipients), (person.name,))
    if contact is None or contact.switched_off_at is not None:
        return None
    return Recipients((Recipient(ContactAddress(contact.id, contact.name, contact.channel), contact.person_id),))


def _person_of(by: str, contact: Contact | None) -> Person | None:
    """Return the person of an actor such as `person:3:Li Wei`, or of the contact that was used."""
    kind, _, rest = by.partition(":")
    number = rest.partition(":")[0]
    if kind == "person" and number.isascii() and number.isdigit():
        return db.session.get(Person, int(number))
    return db.session.get(Person, contact.person_id) if contact is not None and contact.person_id else None


def _of_level(uow: UnitOfWork, notice: Notice) -> Recipients:
    """Return the recipients of the level that was notified last."""
    number = max(notice.level, 1)
    level = Policy.from_json(notice.policy).levels[number - 1]
    department = db.session.get_one(Department, notice.department_id)
    at = escalation.pace_of(notice).to_drill(uow.now)
    return resolver_of(uow).find(department, level, number, at)
