"""Finds texts of reports and mailboxes under the key ring, for rotation and for the loss of a ring."""

from collections.abc import Iterator

from sqlalchemy import select

from incident.actions.operations.key_check import opens
from incident.actions.reports.sealed_texts import message_place, step_place, texts_place
from incident.keyring import KeyRing
from incident.store.db.database import db
from incident.store.reports.report_messages import ReportMessage
from incident.store.reports.report_steps import ReportStep
from incident.store.reports.reports import Report


def sealed_report_texts() -> Iterator[tuple[Report | ReportMessage | ReportStep, str, str]]:
    """Yield each row with a sealed text, its column, and the data that the text is bound to."""
    for report in db.session.scalars(select(Report).where(Report.sealed_texts != "")):
        yield report, "sealed_texts", texts_place(report.id)
    for message in db.session.scalars(select(ReportMessage).where(ReportMessage.sealed_text != "")):
        yield message, "sealed_text", message_place(message.id)
    for step in db.session.scalars(select(ReportStep).where(ReportStep.sealed_reason != "")):
        yield step, "sealed_reason", step_place(step.id)


def drop_report_texts(ring: KeyRing) -> int:
    """Empty, within the caller's transaction, the texts that a ring does not open; return how many there are."""
    lost = [found for found in sealed_report_texts() if not opens(ring, getattr(found[0], found[1]), found[2])]
    for row, column, _place in lost:
        setattr(row, column, "")
    return len(lost)
