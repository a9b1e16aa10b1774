"""Incoming papers: registered with a number, handled by proposal and instruction, circulated, answered, ended."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from incident.actions.documents.document_flows import author_of
from incident.actions.documents.reminders import keep_reminders
from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.documents.incoming import (
    REGISTER,
    PaperKind,
    answered_terms,
    check_dates,
    register_number,
    require_open_paper,
)
from incident.core.documents.markings import Marking
from incident.core.values.faults import RuleError, refuse_stale
from incident.core.values.moment import format_moment
from incident.store.db.database import db, upsert
from incident.store.directory.departments import departments_by_codes
from incident.store.documents.documents import OfficialDocument
from incident.store.documents.incoming import IncomingPaper, PaperAnswer, PaperReader, lock_paper
from incident.store.documents.series import take_count
from incident.store.documents.service_attempts import OWED, DocumentService
from incident.store.incidents.evidence import Evidence
from incident.store.incidents.incidents import Incident, departments_on, lock_incident
from incident.store.incidents.merges import merged_with
from incident.store.queries.paperwork import paperwork_of


@dataclass(frozen=True)
class NewPaper:
    """A paper that came in; `scan` is a file of the evidence of the incident, `answers` a document of ours."""

    kind: PaperKind
    title: str
    sender: str
    received_at: dt.datetime
    sender_number: str | None = None
    due_at: dt.datetime | None = None
    scan: int | None = None
    answers: int | None = None
    marking: Marking = "none"
    urgency: str = "none"


def register_paper(
    incident_id: int,
    new: NewPaper,
    zone: dt.tzinfo,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> IncomingPaper:
    """Register a paper that came in, with the next number; it ends the term of the document that it answers.

    Args:
        incident_id: the incident.
        new: the paper.
        zone: whose year counts for the number.
        by: who registers it.
        now: when (UTC).
        idempotency: the caller's key.

    Raises:
        RuleError: `incoming_paper.scan_unknown`, `incoming_paper.answer_unknown`; those of `check_dates`.
    """
    check_dates(new.received_at, new.due_at, now)
    with transaction(by, now, idempotency) as uow:
        incident = lock_incident(incident_id)
        _require_scan(incident, new.scan)
        _require_document(incident, new.answers, "/answers")
        year = now.astimezone(zone).year
        count = take_count(REGISTER.counted_by, REGISTER.series, year, is_drill=incident.is_exercise)
        row = uow.add(
            IncomingPaper(
                incident_id=incident.id,
                number=register_number(year, count, is_drill=incident.is_exercise),
                kind=new.kind,
                title=new.title,
                sender=new.sender,
                sender_number=new.sender_number,
                marking=new.marking,
                urgency=new.urgency,
                is_drill=incident.is_exercise,
                received_at=new.received_at,
                due_at=new.due_at,
                evidence_id=new.scan,
                answers_id=new.answers,
                state="open",
                registrar=author_of(by),
                registered_by=by,
                registered_at=now,
            )
        )
        end_terms(uow, row)
        keep_reminders(uow, "paper", row.id)
        _record(uow, "paper.registered", row, incident, sender=row.sender, due_at=row.due_at, answers=row.answers_id)
        uow.store_response(row)
    return row


@dataclass(frozen=True)
class Handling:
    """A text about a paper, and the department that it is given to.

    `department` is a code; None leaves it as it is.
    """

    text: str
    department: str | None = None


def propose_handling(
    paper_id: int, given: Handling, by: str, now: dt.datetime, version: int | None = None
) -> IncomingPaper:
    """Write how a paper is proposed to be handled; raises RuleError as `change_paper` and `_give` do."""

    def propose(_uow: UnitOfWork, row: IncomingPaper, incident: Incident) -> None:
        row.proposal, row.proposed_by, row.proposed_at = given.text, by, now
        _give(row, incident, given.department)

    return change_paper(paper_id, "paper.proposed", propose, by, now, version, vars(given))


def instruct_on_paper(
    paper_id: int, given: Handling, by: str, now: dt.datetime, version: int | None = None
) -> IncomingPaper:
    """Write what a leader decided about a paper; raises RuleError as `change_paper` and `_give` do."""

    def instruct(_uow: UnitOfWork, row: IncomingPaper, incident: Incident) -> None:
        row.instruction, row.instructed_by, row.instructed_at = given.text, by, now
        _give(row, incident, given.department)

    return change_paper(paper_id, "paper.instructed", instruct, by, now, version, vars(given))


def circulate_paper(
    paper_id: int, people: Sequence[int], by: str, now: dt.datetime, version: int | None = None
) -> IncomingPaper:
    """Ask people, who may see it, to read a paper; who was asked before is not asked again."""

    def ask(uow: UnitOfWork, row: IncomingPaper, _incident: Incident) -> None:
        uow.flush()
        for person_id in people:
            asked = {"paper_id": row.id, "person_id": person_id, "asked_by": by, "asked_at": now}
            db.session.execute(upsert(PaperReader).values(**asked).on_conflict_do_nothing())

    return change_paper(paper_id, "paper.circulated", ask, by, now, version, {"people": list(people)})


def read_paper(paper_id: int, person_id: int, by: str, now: dt.datetime) -> IncomingPaper:
    """Record that a person has read a paper that was circulated to them.

    Raises:
        RuleError: `incoming_paper.not_found` (not found), `incoming_paper.not_your_turn` (conflict).
    """
    with transaction(by, now) as uow:
        row, incident = _locked(paper_id)
        reader = db.session.get(PaperReader, (row.id, person_id), populate_existing=True)
        if reader is None or reader.read_at is not None:
            raise RuleError("incoming_paper.not_your_turn", kind="conflict")
        reader.read_at = now
        _record(uow, "paper.read", row, incident)
    return row


def answer_paper(
    paper_id: int, document_id: int, by: str, now: dt.datetime, version: int | None = None
) -> IncomingPaper:
    """Link a document of ours of the same incident that answers a paper."""

    def link(uow: UnitOfWork, row: IncomingPaper, incident: Incident) -> None:
        _require_document(incident, document_id, "/document")
        uow.flush()
        linked = {"paper_id": row.id, "document_id": document_id}
        db.session.execute(upsert(PaperAnswer).values(**linked).on_conflict_do_nothing())

    return change_paper(paper_id, "paper.answered", link, by, now, version, {"document": document_id})


def finish_paper(paper_id: int, outcome: str, by: str, now: dt.datetime, version: int | None = None) -> IncomingPaper:
    """End the handling of a paper with its outcome."""

    def finish(_uow: UnitOfWork, row: IncomingPaper, _incident: Incident) -> None:
        row.state, row.outcome, row.done_by, row.done_at = "done", outcome, by, now

    return change_paper(paper_id, "paper.done", finish, by, now, version, {"text": outcome})


def change_paper(
    paper_id: int,
    event_type: str,
    step: Callable[[UnitOfWork, IncomingPaper, Incident], None],
    by: str,
    now: dt.datetime,
    version: int | None,
    detail: Mapping[str, object],
) -> IncomingPaper:
    """Take a step of an open paper in one transaction; the step may fill in the detail of the journal.

    Raises:
        RuleError: `incoming_paper.not_found` (not found), `version.stale`, `incoming_paper.is_done` (conflict).
    """
    with transaction(by, now) as uow:
        row, incident = _locked(paper_id)
        refuse_stale(row.version, version)
        require_open_paper(row.state)
        before = _owed(row)
        step(uow, row, incident)
        row.version += 1
        _record(uow, event_type, row, incident, **detail)
        uow.flush()
        owed = _owed(row)
        if owed != before:
            keep_reminders(uow, "paper", row.id, is_moved=owed[:2] != before[:2])
    return row


def _owed(row: IncomingPaper) -> tuple[object, ...]:
    """Return what the reminders of a paper depend on."""
    found = paperwork_of("paper", row.id)
    return () if found is None else (found.start_at, found.due_at, found.department_id)


def _locked(paper_id: int) -> tuple[IncomingPaper, Incident]:
    found = lock_paper(paper_id)
    if found is None:
        raise RuleError("incoming_paper.not_found", kind="not_found")
    return found


def _record(uow: UnitOfWork, event_type: str, row: IncomingPaper, incident: Incident, **more: object) -> None:
    detail = {"number": row.number, "title": row.title, "marking": row.marking}
    written = {name: format_moment(value) if isinstance(value, dt.datetime) else value for name, value in more.items()}
    uow.record(
        event_type, f"paper:{row.id}", detail | {k: v for k, v in written.items() if v is not None}, incident.number
    )


def _give(row: IncomingPaper, incident: Incident, code: str | None) -> None:
    """Give a paper to a department on its incident, which is reminded of it from then on.

    Raises:
        RuleError: `incoming_paper.department_unfit` for one that is not on the incident.
    """
    if code is None:
        return
    found = departments_by_codes([code]).get(code)
    if found is None or found.id not in departments_on(incident.id):
        raise RuleError("incoming_paper.department_unfit", pointer="/department")
    row.department_id = found.id


def _require_scan(incident: Incident, evidence_id: int | None) -> None:
    found = None if evidence_id is None else db.session.get(Evidence, evidence_id)
    is_its = found is not None and found.state == "stored" and found.incident_id in merged_with(incident.id)
    if evidence_id is not None and not is_its:
        raise RuleError("incoming_paper.scan_unknown", pointer="/scan")


def _require_document(incident: Incident, document_id: int | None, pointer: str) -> None:
    found = None if document_id is None else db.session.get(OfficialDocument, document_id)
    if document_id is not None and (found is None or found.incident_id not in merged_with(incident.id)):
        raise RuleError("incoming_paper.answer_unknown", pointer=pointer)


def end_terms(uow: UnitOfWork, row: IncomingPaper) -> None:
    """End the terms that services of the document have started and that this paper answers, within the transaction."""
    if row.answers_id is None:
        return
    running = db.session.scalars(
        select(DocumentService).where(DocumentService.document_id == row.answers_id, OWED)
    ).all()
    ended = answered_terms(row.sender, [(one.id, one.recipient) for one in running])
    for one in running:
        if one.id in ended:
            one.answered_at = row.received_at
            keep_reminders(uow, "term", one.id)
