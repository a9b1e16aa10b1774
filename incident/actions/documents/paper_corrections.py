"""Corrections of the register of incoming papers: with a reason, and with what it said before in the journal."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from incident.actions.documents.incoming import change_paper, end_terms
from incident.actions.documents.reminders import keep_reminders
from incident.actions.unit_of_work import UnitOfWork
from incident.core.documents.flow import NUMBERED
from incident.core.documents.incoming import answered_terms, check_dates, require_unanswered
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.documents.incoming import IncomingPaper, answers_to, papers_answering
from incident.store.documents.service_attempts import DocumentService
from incident.store.incidents.incidents import Incident

CORRECTABLE: Final = ("title", "sender", "sender_number", "received_at", "due_at")


def correct_paper(
    paper_id: int, changes: Mapping[str, Any], reason: str, by: str, now: dt.datetime, version: int | None = None
) -> IncomingPaper:
    """Correct the entry of an open paper that no signed document answers; its number stays.

    Terms that it ended are matched again with the corrected sender, and reminders follow the corrected due.

    Args:
        paper_id: the paper.
        changes: new values of those in `CORRECTABLE`; what is equal is not recorded.
        reason: why.
        by: who corrects it.
        now: when (UTC).
        version: the version that the caller has read; None skips the check.

    Raises:
        RuleError: `incoming_paper.is_answered` (conflict), `incoming_paper.nothing_corrected`; those of `check_dates`
            and `change_paper`.
    """
    detail: dict[str, object] = {"reason": reason}

    def correct(uow: UnitOfWork, row: IncomingPaper, _incident: Incident) -> None:
        wrong = {name: value for name, value in changes.items() if getattr(row, name) != value}
        require_unanswered(wrong, is_answered=any(one.state in NUMBERED for one in answers_to(row.id)))
        check_dates(wrong.get("received_at", row.received_at), wrong.get("due_at", row.due_at), now)
        detail.update(before={name: _text(getattr(row, name)) for name in wrong})
        detail.update(after={name: _text(value) for name, value in wrong.items()})
        were = _ended_by(row)
        for name in CORRECTABLE:
            if name in wrong:
                setattr(row, name, wrong[name])
        if "sender" in wrong or (were and "received_at" in wrong):
            _match_again(uow, row, were)

    return change_paper(paper_id, "paper.corrected", correct, by, now, version, detail)


def _ended_by(row: IncomingPaper) -> list[DocumentService]:
    """Return the services whose terms a paper ended: they were answered when it was received."""
    if row.answers_id is None:
        return []
    others = {one.received_at for one in papers_answering(row.answers_id) if one.id != row.id}
    found = db.session.scalars(
        select(DocumentService).where(
            DocumentService.document_id == row.answers_id, DocumentService.answered_at == row.received_at
        )
    ).all()
    ended = answered_terms(row.sender, [(one.id, one.recipient) for one in found])
    return [one for one in found if one.id in ended and row.received_at not in others]


def _match_again(uow: UnitOfWork, row: IncomingPaper, were: list[DocumentService]) -> None:
    for service in were:
        service.answered_at = None
    db.session.flush()
    end_terms(uow, row)
    for service in were:
        if service.answered_at is None:
            keep_reminders(uow, "term", service.id)


def _text(value: object) -> object:
    return format_moment(value) if isinstance(value, dt.datetime) else value
