"""Texts of protected reports and messages of mailboxes: sealed under the key ring, opened only where they are shown."""

import json
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import Engine

from incident.keyring import KeyRing, SealBroken
from incident.store.db.database import db, to_json
from incident.store.reports.report_messages import ReportMessage
from incident.store.reports.report_steps import ReportStep
from incident.store.reports.reports import Report

RING: Final = "incident_key_ring"
"""The execution option of an engine with the ring that seals its texts."""


@dataclass(frozen=True)
class ReportTexts:
    """What a report says in free words; an empty text when the key that sealed it is lost."""

    text: str
    url: str | None = None
    evidence: str | None = None


def use_ring(engine: Engine, ring: KeyRing) -> None:
    """Set the ring that seals the texts of an application's engine, once."""
    engine.update_execution_options(**{RING: ring})


def texts_place(report_id: int) -> str:
    """Return the data that the sealed texts of a report are bound to."""
    return f"reports:{report_id}:sealed_texts"


def message_place(message_id: int) -> str:
    """Return the data that the sealed text of a message is bound to."""
    return f"report_messages:{message_id}:sealed_text"


def texts_of(report: Report) -> ReportTexts:
    """Return the texts of a report, opened when they are sealed."""
    if report.sealed_texts is None:
        return ReportTexts(report.text, report.url, report.evidence)
    if (opened := _open(report.sealed_texts, texts_place(report.id))) is None:
        return ReportTexts("")
    return ReportTexts(**json.loads(opened))


def put_texts(report: Report, texts: ReportTexts, *, is_sealed: bool) -> None:
    """Write the texts of a stored report within the caller's transaction.

    Args:
        report: the report, which has its id.
        texts: what it says.
        is_sealed: whether they are sealed; then the columns that search and lists read stay empty.
    """
    if not is_sealed:
        report.text, report.url, report.evidence = texts.text, texts.url, texts.evidence
        return
    report.text, report.url, report.evidence = "", None, None
    report.sealed_texts = _ring().seal(to_json(asdict(texts)), texts_place(report.id))


def message_text(message: ReportMessage) -> str:
    """Return the text of a message; an empty one when the key that sealed it is lost."""
    return _open(message.sealed_text, message_place(message.id)) or ""


def add_message(message: ReportMessage, text: str) -> None:
    """Store a message with its text sealed, within the caller's transaction."""
    message.sealed_text = ""
    db.session.add(message)
    db.session.flush()  # the seal is bound to the row
    put_message_text(message, text)


def put_message_text(message: ReportMessage, text: str) -> None:
    """Seal another text for a stored message within the caller's transaction."""
    message.sealed_text = _ring().seal(text, message_place(message.id))
    db.session.flush()


def step_place(step_id: int) -> str:
    """Return the data that the sealed reason of a step is bound to."""
    return f"report_steps:{step_id}:sealed_reason"


def step_reason(step: ReportStep) -> str | None:
    """Return the reason of a step, None without one; an empty one when the key that sealed it is lost."""
    return None if step.sealed_reason is None else _open(step.sealed_reason, step_place(step.id)) or ""


def add_step(step: ReportStep, reason: str | None) -> None:
    """Store a step with its reason sealed, within the caller's transaction."""
    db.session.add(step)
    db.session.flush()  # the seal is bound to the row
    if reason:
        put_step_reason(step, reason)


def put_step_reason(step: ReportStep, reason: str) -> None:
    """Seal another reason for a stored step within the caller's transaction."""
    step.sealed_reason = _ring().seal(reason, step_place(step.id))
    db.session.flush()


def _open(sealed: str, place: str) -> str | None:
    try:
        return _ring().open(sealed, place) if sealed else None
    except SealBroken:
        return None


def _ring() -> KeyRing:
    found: KeyRing = db.engine.get_execution_options()[RING]
    return found
