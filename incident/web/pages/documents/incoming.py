"""Pages of incoming papers: the register, what is due, one paper with its handling."""

from collections.abc import Callable
from typing import Final

from flask import request, url_for

from incident.actions.documents import incoming
from incident.actions.documents.incoming import Handling, NewPaper, register_paper
from incident.actions.unit_of_work import ResponseReplay, StoredResponse
from incident.core.documents.content import URGENCIES
from incident.core.documents.incoming import (
    MAX_READERS,
    PAPER_KINDS,
    SENDER_LIMIT,
    SENDER_NUMBER_LIMIT,
    TEXT_LIMIT,
)
from incident.core.documents.markings import require_marking
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment, parse_moment
from incident.core.values.text import TITLE_LIMIT
from incident.store.db.database import db
from incident.store.directory.departments import departments_of
from incident.store.directory.people import names_of_people
from incident.store.documents.incoming import IncomingPaper, answers_to, readers_of
from incident.store.incidents.evidence import Evidence
from incident.store.incidents.incidents import Incident, departments_on
from incident.store.incidents.merges import merged_with
from incident.store.queries.document_list import DocumentFilter, list_documents
from incident.store.queries.paper_list import PaperFilter, due_papers, list_papers
from incident.web.http.idempotency import form_idempotency
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.documents.document_words import marking_choices, paper_kind_choices, urgency_choices
from incident.web.pages.documents.documents import DOCUMENTS_SHOWN
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.document_access import may_see_document, shown_document
from incident.web.security.evidence_access import places_of_files, visible_proofs
from incident.web.security.paper_access import (
    named_readers,
    possible_readers,
    require_named,
    require_scan,
    visible_paper,
)

PAPER_PATH: Final = "/incoming-papers/<int(max=2147483647):paper_id>"


@pages.get("/incoming-papers")
@needs("document.read")
def incoming_register() -> Page:
    """List the incoming papers that the viewer may see, the newest first; with `due` the open ones, due next first."""
    if request.args.get("due"):
        return _due_papers()
    after = (read_cursor(request.args.get("cursor"), (int,)) or (None,))[0]
    found = list_papers(access.viewer(), PaperFilter(), after, DOCUMENTS_SHOWN + 1)
    shown, following = cut(found, DOCUMENTS_SHOWN, lambda one: (one[0].id,))
    older = url_for("pages.incoming_register", cursor=following) if following else None
    return render("incoming/list.html", rows=shown, following=older, is_due=False, present=now())


def _due_papers() -> Page:
    at = read_cursor(request.args.get("cursor"), (str, int))
    after = None if at is None else (parse_moment(at[0], "?cursor"), at[1])
    found = due_papers(access.viewer(), after, DOCUMENTS_SHOWN + 1)
    shown, following = cut(found, DOCUMENTS_SHOWN, lambda one: (format_moment(one[0].due_at or now()), one[0].id))
    later = url_for("pages.incoming_register", due="1", cursor=following) if following else None
    return render("incoming/list.html", rows=shown, following=later, is_due=True, present=now())


@pages.get("/incidents/<number>/incoming-papers/new")
@needs("document.write")
def new_incoming_paper(number: str) -> Page:
    """Show the form that registers a paper."""
    return _show_form(access.visible_incident(number))


def _show_form(incident: Incident) -> Page:
    ours = list_documents(
        access.viewer(), DocumentFilter(incident_ids=merged_with(incident.id), is_numbered=True), None, 100
    )
    return render(
        "incoming/new.html",
        it=incident,
        kinds=paper_kind_choices(),
        markings=marking_choices(),
        urgencies=urgency_choices(),
        present=now(),
        scans=[(one.id, one.name) for one in visible_proofs(incident)],
        ours=[(row.id, f"{row.number} {row.title}") for row, _its in ours],
        given=request.form,
    )


@pages.post("/incidents/<number>/incoming-papers")
@needs("document.write")
def register_paper_form(number: str) -> Page:
    """Register a paper; the form sent twice registers one."""
    incident, zone = access.visible_incident(number), current_instance().settings.zone
    made: list[int] = []

    def use_case() -> None:
        new = _read_paper(incident, Form())
        once = form_idempotency(lambda row: StoredResponse(303, str(row.id)))
        try:
            made.append(register_paper(incident.id, new, zone, require_caller().actor, now(), once).id)
        except ResponseReplay as before:
            made.append(int(before.answer.body))

    return submit(
        use_case,
        lambda: _show_form(incident),
        lambda: url_for("pages.one_incoming_paper", paper_id=made[0]),
        "paper_registered",
    )


def _read_paper(incident: Incident, form: Form) -> NewPaper:
    kind = next((one for one in PAPER_KINDS if one == form.raw("kind")), None)
    received_at, due_at = form.moment("received_at"), form.bound("due_at")
    if kind is None:
        form.faults.append(RuleError("document.missing", pointer="/kind"))
    if received_at is None and not form.has_fault("received_at"):
        form.faults.append(RuleError("document.missing", pointer="/received_at"))
    title, sender = form.named("title", TITLE_LIMIT), form.named("sender", SENDER_LIMIT)
    sender_number, urgency = form.text("sender_number", SENDER_NUMBER_LIMIT), form.raw("urgency")
    marking = form.checked("marking", lambda: require_marking(form.raw("marking") or "none"))
    scan = form.checked("scan", lambda: require_scan(incident, form.number("scan")))
    answers = form.checked("answers", lambda: require_named(form.number("answers"), "/answers"))
    form.finish()
    return NewPaper(
        kind=kind or "other",
        title=title,
        sender=sender,
        received_at=received_at or now(),
        sender_number=sender_number,
        due_at=due_at,
        scan=scan,
        answers=answers,
        marking=marking or "none",
        urgency=urgency if urgency in URGENCIES else "none",
    )


@pages.get(PAPER_PATH)
@needs("document.read")
def one_incoming_paper(paper_id: int) -> Page:
    """Show an incoming paper with its handling."""
    return _show_paper(visible_paper(paper_id))


def _show_paper(row: IncomingPaper) -> Page:
    incident, readers = access.incident_of(row), readers_of(row.id)
    names = names_of_people({one.person_id for one in readers})
    is_open, own = row.state == "open", require_caller().person_id
    may_write = is_open and access.is_allowed("document.write")
    ours = (
        list_documents(access.viewer(), DocumentFilter(incident_ids=merged_with(incident.id)), None, 100)
        if may_write
        else ()
    )
    scan = None if row.evidence_id is None else db.session.get(Evidence, row.evidence_id)
    return render(
        "incoming/one.html",
        row=row,
        it=incident,
        kinds=dict(paper_kind_choices()),
        readers=[(names.get(one.person_id, ""), one) for one in readers],
        is_unread=any(one.person_id == own and one.read_at is None for one in readers),
        can={"write": may_write, "instruct": is_open and access.is_allowed("document.sign")},
        people=[(one.login, one.name) for one in possible_readers(row)] if may_write else (),
        answers=shown_document(row.answers_id),
        answered_by=[one for one in answers_to(row.id) if may_see_document(one)],
        ours=[(one.id, f"{one.number or ''} {one.title}") for one, _its in ours],
        desks=_desks(incident, row),
        scan=scan if scan is not None and scan.state == "stored" else None,
        scan_page=None if scan is None else places_of_files([scan.id]).get(scan.id),
        present=now(),
        given=request.form,
    )


def _desks(incident: Incident, row: IncomingPaper) -> list[tuple[str, str, bool]]:
    """Return code and name of the departments on an incident, and whether a paper was given to it."""
    known = departments_of(departments_on(incident.id))
    return [(one.code, one.name, key == row.department_id) for key, one in known.items()]


@pages.post(f"{PAPER_PATH}/propose")
@needs("document.write")
def propose_handling_form(paper_id: int) -> Page:
    """Write how a paper is proposed to be handled."""
    return _write(paper_id, "proposal", incoming.propose_handling, _handling)


@pages.post(f"{PAPER_PATH}/instruct")
@needs("document.sign")
def instruct_on_paper_form(paper_id: int) -> Page:
    """Write what a leader decided about a paper."""
    return _write(paper_id, "instruction", incoming.instruct_on_paper, _handling)


@pages.post(f"{PAPER_PATH}/finish")
@needs("document.write")
def finish_paper_form(paper_id: int) -> Page:
    """End the handling of a paper with its outcome."""
    return _write(paper_id, "outcome", incoming.finish_paper)


def _handling(text: str) -> Handling:
    return Handling(text, request.form.get("department") or None)


def _write(paper_id: int, name: str, use_case: Callable[..., object], read: Callable[[str], object] = str) -> Page:
    row = visible_paper(paper_id)

    def write() -> None:
        form = Form()
        text, version = form.needed(name, TEXT_LIMIT), form.number("version")
        form.finish()
        use_case(row.id, read(text), require_caller().actor, now(), version)

    return _submit(row, write)


@pages.post(f"{PAPER_PATH}/circulate")
@needs("document.write")
def circulate_paper_form(paper_id: int) -> Page:
    """Ask people to read a paper."""
    row = visible_paper(paper_id)

    def use_case() -> None:
        logins = list(dict.fromkeys(request.form.getlist("people")))[:MAX_READERS]
        if not logins:
            raise RuleError("document.missing", pointer="/people")
        incoming.circulate_paper(row.id, named_readers(row, logins), require_caller().actor, now())

    return _submit(row, use_case)


@pages.post(f"{PAPER_PATH}/read")
@needs("document.read")
def read_paper_form(paper_id: int) -> Page:
    """Record that the viewer has read a paper that was circulated to them."""
    row = visible_paper(paper_id)

    def use_case() -> None:
        person_id = require_caller().person_id
        if person_id is None:
            raise RuleError("incoming_paper.not_your_turn", kind="conflict")
        incoming.read_paper(row.id, person_id, require_caller().actor, now())

    return _submit(row, use_case)


@pages.post(f"{PAPER_PATH}/answer")
@needs("document.write")
def answer_paper_form(paper_id: int) -> Page:
    """Link a document of ours that answers a paper."""
    row = visible_paper(paper_id)

    def use_case() -> None:
        form = Form()
        document_id = form.number("document")
        if document_id is None and not form.has_fault("document"):
            form.faults.append(RuleError("document.missing", pointer="/document"))
        form.finish()
        require_named(document_id, "/document")
        incoming.answer_paper(row.id, document_id or 0, require_caller().actor, now())

    return _submit(row, use_case)


def _submit(row: IncomingPaper, use_case: Callable[[], object]) -> Page:
    again = url_for("pages.one_incoming_paper", paper_id=row.id)
    return submit(use_case, lambda: _show_paper(row), lambda: again, "changed")
