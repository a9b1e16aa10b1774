"""Pages of official documents: the register, one document with its form, and what is printed."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, request, url_for

from incident.actions.documents.drafting import MAX_COUNTERSIGNERS, NewDocument, change_draft, draft_document
from incident.actions.documents.sign_offs import missing_faults, submit_draft
from incident.actions.unit_of_work import ResponseReplay, StoredResponse
from incident.core.documents.content import URGENCIES
from incident.core.documents.flow import DOCUMENT_STATES
from incident.core.documents.markings import require_marking
from incident.core.documents.wordings import put_passage
from incident.core.values.faults import RuleError, raise_all
from incident.core.values.text import TITLE_LIMIT
from incident.data.document_kinds import shipped_kinds
from incident.store.directory.departments import code_of
from incident.store.documents.documents import OfficialDocument
from incident.store.documents.text_blocks import all_text_blocks
from incident.store.incidents.incidents import Incident
from incident.store.incidents.merges import with_duplicates
from incident.store.queries.document_list import DocumentFilter, list_documents
from incident.store.queries.paper_list import PaperFilter, list_papers
from incident.web.http.document_sheet import sheet_response
from incident.web.http.idempotency import form_idempotency
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.documents.document_views import document_view
from incident.web.pages.documents.document_words import (
    document_state_choices,
    kind_choices,
    kind_words,
    label_words,
    marking_choices,
    urgency_choices,
    way_choices,
)
from incident.web.pages.forms import Form, words_of
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.document_access import visible_document

DOCUMENTS_SHOWN: Final = 50
WORDS_LIMIT: Final = 200
DOCUMENT_PATH: Final = "/documents/<int(max=2147483647):document_id>"
WORDS_PREFIX: Final = "words:"


@pages.get("/documents")
@needs("document.read")
def document_register() -> Page:
    """List the documents that the viewer may see, the newest first."""
    wanted = DocumentFilter(
        state=_chosen("state", DOCUMENT_STATES), kind=_chosen("kind", tuple(shipped_kinds())), words=_words()
    )
    after = (read_cursor(request.args.get("cursor"), (int,)) or (None,))[0]
    found = list_documents(access.viewer(), wanted, after, DOCUMENTS_SHOWN + 1)
    shown, following = cut(found, DOCUMENTS_SHOWN, lambda row: (row[0].id,))
    kept: dict[str, Any] = {"state": wanted.state, "kind": wanted.kind, "q": wanted.words}
    return render(
        "documents/list.html",
        rows=shown,
        wanted=wanted,
        states=document_state_choices(),
        kinds=kind_choices(),
        kind_words=kind_words,
        older=url_for("pages.document_register", **kept, cursor=following) if following else None,
    )


def _chosen(name: str, choices: tuple[str, ...]) -> str | None:
    given = request.args.get(name, "")
    return given if given in choices else None


def _words() -> str | None:
    words = request.args.get("q", "").strip()[:WORDS_LIMIT]
    return words if words and words.isprintable() else None


@pages.get("/incidents/<number>/documents")
@needs("document.read")
def incident_documents(number: str) -> Page:
    """Show the documents of an incident, and draft a new one."""
    return _show_documents(access.visible_incident(number))


def _show_documents(incident: Incident) -> Page:
    after = (read_cursor(request.args.get("cursor"), (int,)) or (None,))[0]
    ids = with_duplicates(incident.id)
    found = list_documents(access.viewer(), DocumentFilter(incident_ids=ids), after, DOCUMENTS_SHOWN + 1)
    shown, following = cut(found, DOCUMENTS_SHOWN, lambda row: (row[0].id,))
    older = url_for("pages.incident_documents", number=incident.number, cursor=following) if following else None
    return render(
        "documents/of_incident.html",
        it=incident,
        rows=shown,
        older=older,
        papers=list_papers(access.viewer(), PaperFilter(incident_ids=ids), None, DOCUMENTS_SHOWN),
        present=now(),
        kinds=kind_choices(),
        kind_words=kind_words,
        markings=marking_choices(),
        given=request.form,
    )


@pages.post("/incidents/<number>/documents")
@needs("document.write")
def draft_document_form(number: str) -> Page:
    """Draft a document from what is known of the incident now."""
    incident, zone = access.visible_incident(number), current_instance().settings.zone
    drafted: list[int] = []

    def use_case() -> None:
        form = Form()
        kind = form.needed("kind")
        if kind and kind not in shipped_kinds():
            form.faults.append(RuleError("official_document.kind_unknown", pointer="/kind"))
        marking = form.checked("marking", lambda: require_marking(form.raw("marking") or "none"))
        form.finish()
        new = NewDocument(kind, marking=marking or "none")
        once = form_idempotency(lambda row: StoredResponse(303, str(row.id)))
        try:
            drafted.append(draft_document(incident.id, new, zone, require_caller().actor, now(), once).id)
        except ResponseReplay as before:
            drafted.append(int(before.answer.body))

    return submit(
        use_case,
        lambda: _show_documents(incident),
        lambda: url_for("pages.one_document", document_id=drafted[0]),
        "document_drafted",
    )


@pages.get(DOCUMENT_PATH)
@needs("document.read")
def one_document(document_id: int) -> Page:
    """Show a document: its flow, its content, and the form for its words."""
    return show_document(visible_document(document_id))


def show_document(row: OfficialDocument) -> Page:
    """Render the page of a document, with what was typed when a form was refused."""
    return render(
        "documents/one.html",
        view=document_view(row),
        kind_words=kind_words,
        label_words=label_words,
        markings=marking_choices(),
        urgencies=urgency_choices(),
        ways=way_choices(),
        blocks=[(one.title, one.title) for one in all_text_blocks()],
        typed=_typed(row),
        given=request.form,
    )


def _typed(row: OfficialDocument) -> dict[str, Any]:
    """Return the values of the form: what is stored, or what was typed in it."""
    stored = {
        "title": row.title,
        "marking": row.marking,
        "urgency": row.urgency,
        "countersigners": ", ".join(row.countersigners),
        "version": row.version,
        **{f"{WORDS_PREFIX}{key}": value for key, value in row.words.items()},
    }
    return stored | (_typed_words(request.form) if request.form.get("form") == "words" else {})


def _typed_words(given: Mapping[str, str]) -> dict[str, Any]:
    """Return what was typed, with the text block that was chosen for the field whose button was pressed."""
    typed, name = dict(given), f"{WORDS_PREFIX}{given.get('insert', '')}"
    chosen = next((one for one in all_text_blocks() if one.title == given.get(f"block:{given.get('insert')}")), None)
    return typed if chosen is None else typed | {name: put_passage(typed.get(name, ""), chosen.text)}


@pages.get(f"{DOCUMENT_PATH}/print")
@needs("document.read")
def document_sheet(document_id: int) -> Response:
    """Show a document as it is printed."""
    return sheet_response(visible_document(document_id))


@pages.post(f"{DOCUMENT_PATH}/change")
@needs("document.write")
def change_document_form(document_id: int) -> Page:
    """Save the words of a document, or take the present facts."""
    row, zone = visible_document(document_id), current_instance().settings.zone
    if request.form.get("insert"):
        return show_document(row)
    said = ["document_changed"]

    def use_case() -> None:
        form = Form()
        changes = {"take_facts": True} if form.raw("form") == "facts" else _changes(form)
        version = form.number("version")
        form.finish()
        changed = change_draft(row.id, changes, zone, require_caller().actor, now(), version)
        if form.raw("then") == "submit" and not missing_faults(changed):  # else its page says what is missing
            submit_draft(row.id, require_caller().actor, now(), changed.version)
            said.append("document_submitted")

    return submit(
        use_case,
        lambda: show_document(row),
        lambda: url_for("pages.one_document", document_id=row.id),
        lambda: said[-1],
    )


def _changes(form: Form) -> dict[str, Any]:
    urgency = form.raw("urgency")
    return {
        "title": form.named("title", TITLE_LIMIT),
        "marking": form.checked("marking", lambda: require_marking(form.raw("marking"))),
        "urgency": urgency if urgency in URGENCIES else None,
        "countersigners": form.checked("countersigners", lambda: _codes(form.raw("countersigners"))) or [],
        "words": {
            name.removeprefix(WORDS_PREFIX): value
            for name, value in form.values.items()
            if name.startswith(WORDS_PREFIX)
        },
    }


def _codes(typed: str) -> list[str]:
    """Return the codes of the departments that countersign, typed as codes or names."""
    named = list(dict.fromkeys(words_of(typed)))
    if len(named) > MAX_COUNTERSIGNERS:
        raise RuleError("text.too_long", {"limit": MAX_COUNTERSIGNERS}, pointer="/countersigners")
    known = [(one, code_of(one) if one.isprintable() else None) for one in named]
    raise_all(
        RuleError("department.unknown", {"code": one}, pointer="/countersigners") for one, code in known if code is None
    )
    return [code for _one, code in known if code is not None]
