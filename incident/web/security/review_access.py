"""Access to reviews after closing: readers of the journal see them, the owner of an action sees it."""

from collections.abc import Sequence

from werkzeug.exceptions import Forbidden

from incident.store.db.database import db
from incident.store.incidents.closing_reviews import ReviewAction, actions_of
from incident.store.incidents.incidents import Incident
from incident.web.security import access
from incident.web.security.auth import require_caller


def visible_review_actions(incident: Incident) -> Sequence[ReviewAction]:
    """Return the actions of the review of an incident that the caller may see."""
    return [one for one in actions_of(incident.id) if _may_see(one)]


def visible_review_action(number: str, action_id: int) -> ReviewAction:
    """Return an action of the review of an incident; raises NotFound."""
    incident = access.visible_incident(number)
    return access.require_visible(
        db.session.get(ReviewAction, action_id), lambda row: row.incident_id == incident.id and _may_see(row)
    )


def endable_review_action(number: str, action_id: int) -> ReviewAction:
    """Return an action that the caller may mark as done; raises NotFound, or Forbidden when they may only read it."""
    row = visible_review_action(number, action_id)
    if not may_end_action(row):
        raise Forbidden
    return row


def may_end_action(row: ReviewAction) -> bool:
    """Return whether the caller may mark an action as done: its owner, and those who may change incidents."""
    return access.is_allowed("incident.change") or _is_own(row)


def _may_see(row: ReviewAction) -> bool:
    return access.is_allowed("journal.read") or _is_own(row)


def _is_own(row: ReviewAction) -> bool:
    person_id = require_caller().person_id
    return person_id is not None and row.owner_id == person_id
