"""The page that corrects the entry of an incoming paper."""

from typing import Any

from flask import request, url_for

from incident.actions.documents.paper_corrections import correct_paper
from incident.core.documents.incoming import SENDER_LIMIT, SENDER_NUMBER_LIMIT, TEXT_LIMIT
from incident.core.values.faults import RuleError
from incident.core.values.text import TITLE_LIMIT
from incident.store.documents.incoming import IncomingPaper
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.documents.incoming import PAPER_PATH
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.pages.template_filters import local_input
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.paper_access import visible_paper


@pages.get(f"{PAPER_PATH}/correct")
@needs("document.write")
def correct_paper_page(paper_id: int) -> Page:
    """Show the form that corrects the entry of a paper."""
    return _show_form(visible_paper(paper_id))


def _show_form(row: IncomingPaper) -> Page:
    stored = {
        "title": row.title,
        "sender": row.sender,
        "sender_number": row.sender_number,
        "received_at": local_input(row.received_at),
        "due_at": local_input(row.due_at),
        "version": row.version,
    }
    return render("incoming/correct.html", row=row, it=access.incident_of(row), given=stored | request.form.to_dict())


@pages.post(f"{PAPER_PATH}/correct")
@needs("document.write")
def correct_paper_form(paper_id: int) -> Page:
    """Correct the entry of a paper, with a reason."""
    row = visible_paper(paper_id)

    def use_case() -> None:
        form = Form()
        changes, version = _read_changes(row, form), form.number("version")
        reason = form.needed("reason", TEXT_LIMIT)
        form.finish()
        correct_paper(row.id, changes, reason, require_caller().actor, now(), version)

    again = url_for("pages.one_incoming_paper", paper_id=row.id)
    return submit(use_case, lambda: _show_form(row), lambda: again, "changed")


def _read_changes(row: IncomingPaper, form: Form) -> dict[str, Any]:
    """Return what was typed; a moment whose field still shows the stored one, without its seconds, is left out."""
    changes: dict[str, Any] = {
        "title": form.named("title", TITLE_LIMIT),
        "sender": form.named("sender", SENDER_LIMIT),
        "sender_number": form.text("sender_number", SENDER_NUMBER_LIMIT),
    }
    received_at, due_at = form.moment("received_at"), form.bound("due_at")
    if received_at is None and not form.has_fault("received_at"):
        form.faults.append(RuleError("document.missing", pointer="/received_at"))
    moments = (("received_at", received_at, row.received_at), ("due_at", due_at, row.due_at))
    return changes | {name: at for name, at, was in moments if form.raw(name) != local_input(was)}
