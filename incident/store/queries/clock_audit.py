"""What an auditor reads about the statutory clocks of an incident: every answer, and the entries about them."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from incident.store.db.database import db
from incident.store.deadlines.gradings import GradingAnswer
from incident.store.journal.journal import Entry

SET_ASIDE: Final = ("clock.waived", "clock.suspended", "clock.resumed")
CLOCK_ENTRIES: Final = (
    "clock.filed",
    "clock.filing_returned",
    "clock.filing_revocation_proposed",
    "clock.filing_revoked",
    "clock.warned",
    *SET_ASIDE,
    "incident.approval_declined",
    "incident.approval_expired",
    "incident.awareness_proposed",
    "incident.awareness_recorded",
    "incident.clock_event_corrected",
    "incident.clock_event_proposed",
    "incident.clock_event_recorded",
    "incident.clock_event_withdrawn",
    "incident.clocks_changed",
    "incident.decision_reviewed",
    "incident.grade_decided",
    "incident.grade_proposed",
    "incident.grading_answered",
    "incident.grading_changed",
    "incident.grading_rules_changed",
    "incident.handling_ended",
    "incident.handling_proposed",
    "incident.not_reportable_decided",
    "incident.not_reportable_ended",
    "incident.not_reportable_proposed",
    "incident.review_due",
)
"""Types of the entries that tell how the clocks of an incident came about."""


def clock_entries(number: str, types: Sequence[str] = CLOCK_ENTRIES) -> Sequence[Entry]:
    """Return the entries of an incident about its clocks, in order.

    Args:
        number: of the incident.
        types: of the entries.
    """
    wanted = select(Entry).where(Entry.incident == number, Entry.event_type.in_(types))
    return db.session.scalars(wanted.order_by(Entry.seq)).all()


def every_answer(incident_id: int) -> Sequence[GradingAnswer]:
    """Return every answer about the facts of an incident, also replaced ones, in the order in which they were given."""
    wanted = select(GradingAnswer).where(GradingAnswer.incident_id == incident_id)
    return db.session.scalars(wanted.order_by(GradingAnswer.id)).all()
