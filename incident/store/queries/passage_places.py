"""Where else a passage of a report stands: in incidents that the report is linked to."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import or_, select

from incident.store.db.database import db, to_json
from incident.store.incidents.incidents import Incident, Indicator
from incident.store.journal.journal import Entry
from incident.store.reports.reports import ReportLink

LEAST_PART: Final = 6
"""Characters of a passage from which on an indicator that holds it is removed; a shorter one would be chance."""


def indicators_with(report_id: int, passage: str) -> Sequence[Indicator]:
    """Return the indicators of a report's incidents that are a passage, or hold one of some length."""
    linked = select(ReportLink.incident_id).where(ReportLink.report_id == report_id)
    holding = Indicator.value.contains(passage, autoescape=True)
    found = db.session.scalars(
        select(Indicator).where(Indicator.incident_id.in_(linked), holding).order_by(Indicator.incident_id)
    )
    return [one for one in found if _tells(one.value, passage)]


def _tells(value: str, passage: str) -> bool:
    """Return whether a value tells a passage, as a whole or in part.

    A short part would be chance. SQLite finds other cases of letters as well.
    """
    return value == passage or (len(passage) >= LEAST_PART and passage in value)


def incidents_that_say(report_id: int, passage: str) -> Sequence[str]:
    """Return the numbers of a report's incidents whose title, description or journal holds a passage."""
    linked = select(Incident.number).join(ReportLink, ReportLink.incident_id == Incident.id)
    linked = linked.where(ReportLink.report_id == report_id)
    written = to_json(passage)[1:-1]  # as the journal writes it
    noted = select(Entry.incident).where(Entry.incident.in_(linked), Entry.detail.contains(written, autoescape=True))
    texts = (Incident.title, Incident.description)
    said = or_(*(one.contains(passage, autoescape=True) for one in texts), Incident.number.in_(noted))
    return db.session.scalars(linked.where(said).order_by(Incident.id)).all()
