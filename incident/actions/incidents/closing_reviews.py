"""The review of a closed incident: what went well, what did not, and actions of which owners are reminded."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from incident.actions.timing import insert_timer
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.incidents import closing_review as rules
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.directory.people import Person, person_by_login
from incident.store.incidents.closing_reviews import ClosingReview, ReviewAction, count_actions_of, same_open_action
from incident.store.incidents.followers import follow
from incident.store.incidents.incidents import Incident, lock_incident
from incident.store.playbooks import timers
from incident.store.queries.news_audience import notify_action_owner, who_may_see

REVIEW_ACTION: Final = "review_action"
REMIND_OWNER: Final = "remind"
"""The type of the subject and the kind of the timers that remind."""


@dataclass(frozen=True)
class NewReviewAction:
    """An action: what, who by sign-in name, until when (UTC), and when they are reminded; None for a day before."""

    title: str
    owner: str
    due_at: dt.datetime
    remind_at: dt.datetime | None = None


def write_review(
    incident_id: int,
    went_well: str,
    went_wrong: str,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> ClosingReview:
    """Write the review of a closed incident, or replace it; the same text again changes nothing.

    Raises:
        RuleError: `review.nothing_written`, `review.needs_closed` (conflict).
    """
    rules.require_written(went_well, went_wrong)
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        rules.require_closed(incident.status)
        row = db.session.get(ClosingReview, incident_id, populate_existing=True)
        if row is None or (row.went_well, row.went_wrong) != (went_well, went_wrong):
            row = row or ClosingReview(incident_id=incident_id)
            row.went_well, row.went_wrong, row.written_at, row.written_by = went_well, went_wrong, now, by
            db.session.add(row)
            _record(uow, incident, "incident.reviewed", {"went_well": went_well, "went_wrong": went_wrong})
        uow.store_response(row)
    return row


def add_review_action(
    incident_id: int, new: NewReviewAction, by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> ReviewAction:
    """Add an action to the review of a closed incident; its owner follows the incident, so that mail reaches them.

    The same action again, still open, is not added a second time.

    Raises:
        RuleError: `review.needs_closed`, `review.too_many_actions` (conflict); `person.unknown`,
            `review.owner_cannot_see`; those of `reminder_at`.
    """
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        rules.require_closed(incident.status)
        remind_at = rules.reminder_at(new.due_at, new.remind_at, now)
        owner = _owner(incident, new.owner)
        row = same_open_action(incident_id, new.title, owner.id, new.due_at)
        if row is None:
            if count_actions_of(incident_id) >= rules.MAX_ACTIONS:
                raise RuleError("review.too_many_actions", {"most": rules.MAX_ACTIONS}, kind="conflict")
            row = uow.add(
                ReviewAction(
                    incident_id=incident_id,
                    title=new.title,
                    owner_id=owner.id,
                    due_at=new.due_at,
                    remind_at=remind_at,
                    added_at=now,
                    added_by=by,
                )
            )
            follow(incident_id, owner.id, now)
            insert_timer(uow, REMIND_OWNER, remind_at, REVIEW_ACTION, row.id, incident_id)
            notify_action_owner(incident, "action", owner.id, row.title, by, now)
            _record(uow, incident, "incident.review_action_added", _facts(row, owner))
        uow.store_response(row)
    return row


def _owner(incident: Incident, login: str) -> Person:
    found = person_by_login(login)
    if found is None or not found.is_active:
        raise RuleError("person.unknown", {"login": login}, pointer="/owner")
    if not who_may_see(incident, [found]):
        raise RuleError("review.owner_cannot_see", {"name": found.name}, pointer="/owner")
    return found


def end_review_action(action_id: int, by: str, now: dt.datetime) -> ReviewAction:
    """Mark an action as done; nobody is reminded of it any more. Once more changes nothing."""
    with transaction(by, now) as uow:
        incident, row = _locked(action_id)
        if row.state == "open":
            row.state, row.done_at, row.done_by = "done", now, by
            timers.cancel_timers(REVIEW_ACTION, row.id, now)
            _record(uow, incident, "incident.review_action_done", {"title": row.title})
    return row


def remove_review_action(action_id: int, by: str, now: dt.datetime) -> None:
    """Remove an action from a review; the journal keeps it.

    Raises:
        RuleError: `review.action_missing` (not found).
    """
    with transaction(by, now) as uow:
        incident, row = _locked(action_id)
        timers.cancel_timers(REVIEW_ACTION, row.id, now)
        _record(uow, incident, "incident.review_action_removed", {"title": row.title})
        db.session.delete(row)


def _locked(action_id: int) -> tuple[Incident, ReviewAction]:
    found = db.session.get(ReviewAction, action_id)
    incident = None if found is None else lock_incident(found.incident_id)
    row = db.session.get(ReviewAction, action_id, populate_existing=True)
    if incident is None or row is None:
        raise RuleError("review.action_missing", kind="not_found")
    return incident, row


def remind_owner(uow: UnitOfWork, action_id: int, incident: Incident) -> None:
    """Remind the owner of an open action within the caller's transaction, and once more when it is due."""
    row = db.session.get(ReviewAction, action_id, populate_existing=True)
    if row is None or row.state != "open":
        return
    notify_action_owner(incident, "action_due", row.owner_id, row.title, uow.by, uow.now)
    owner = db.session.get_one(Person, row.owner_id)
    _record(uow, incident, "incident.review_reminded", {"title": row.title, "owner": owner.name})
    if uow.now < row.due_at:
        insert_timer(uow, REMIND_OWNER, row.due_at, REVIEW_ACTION, row.id, incident.id)


def _facts(row: ReviewAction, owner: Person) -> dict[str, Any]:
    at = {"due_at": format_moment(row.due_at), "remind_at": format_moment(row.remind_at)}
    return {"title": row.title, "owner": owner.name, **at}


def _record(uow: UnitOfWork, incident: Incident, event_type: str, detail: dict[str, Any]) -> None:
    uow.record(event_type, f"incident:{incident.number}", detail, incident.number)
