"""Playbooks: the list, one playbook as steps, and adding by upload or paste with faults at their location."""

from flask import Response, request, url_for

from incident.actions.playbooks import approving, signatures
from incident.actions.playbooks.approval_status import ApprovalStatus
from incident.actions.playbooks.playbook_loader import bundle_for
from incident.actions.playbooks.playbooks import add_playbook
from incident.core.cacao import check, export, load, parse
from incident.core.cacao.faults import CacaoError, Fault
from incident.store.db.database import to_json
from incident.store.playbooks import playbooks as store
from incident.store.playbooks.playbooks import Playbook
from incident.web.http.body_limits import LARGE, max_body
from incident.web.i18n import spoken
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import names_shown
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.pages.playbooks.approvals import approval_of
from incident.web.pages.playbooks.outline import lines_of
from incident.web.pages.playbooks.picture import picture_of
from incident.web.pages.playbooks.signers import signed_by
from incident.web.security import access, secret_use
from incident.web.security.auth import needs, require_caller


@pages.get("/playbooks")
@needs("playbook.read")
def playbooks() -> Page:
    """List the newest version of each playbook."""
    return render("playbooks/list.html", rows=store.list_playbooks(access.viewer()))


@pages.get("/playbooks/new")
@needs("playbook.write")
def new_playbook() -> Page:
    """Show the form for a playbook."""
    return _form("", [])


@pages.post("/playbooks")
@needs("playbook.write")
@max_body(LARGE)
def upload_playbook() -> Page:
    """Check a playbook, and add it unless only a check was requested."""
    request.max_form_memory_size = LARGE
    text = _sent()
    if "check" in request.form:
        return _form(_shown(text), _faults(text), is_checked=True)
    added: list[str] = []

    def use_case() -> None:
        document = load(text)
        if not any(fault.is_error for fault in check(document)):
            secret_use.require([document])
        added.append(add_playbook(document, require_caller().actor, now()).cacao_id)

    return submit(
        use_case, lambda: _form(_shown(text), []), lambda: url_for("pages.playbook", playbook_id=added[0]), "added"
    )


def _sent() -> bytes:
    """Return the uploaded file, else the pasted text."""
    file = request.files.get("file")
    uploaded = file.read() if file is not None else b""
    return uploaded or request.form.get("document", "").encode("utf-8", "replace")


def _shown(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _faults(text: bytes) -> list[Fault]:
    try:
        return check(load(text))
    except CacaoError as refused:
        return list(refused.faults)


def _form(text: str, faults: list[Fault], *, is_checked: bool = False) -> Page:
    has_errors = any(fault.is_error for fault in faults)
    return render("playbooks/new.html", 422 if has_errors else 200, faults=faults, is_checked=is_checked, text=text)


@pages.get("/playbooks/<playbook_id>")
@needs("playbook.read")
def playbook(playbook_id: str) -> Page:
    """Show a playbook as the steps that people follow."""
    return _show(access.visible_playbook(playbook_id))


def _show(row: Playbook) -> Page:
    parsed, names = parse(row.document, is_checked=True), names_shown()
    called = [str(one.body.get("name", "")) for one in parsed.agents.values()]
    return render(
        "playbooks/one.html",
        agents=[spoken(names.get(name, name)) for name in called],
        approval=approval_of(row),
        lines=lines_of(parsed, names),
        parsed=parsed,
        picture=picture_of(parsed),
        row=row,
        faults=signatures.start_faults(bundle_for(row), now()),
        is_needed=signatures.is_needed(),
        signed=signed_by(row),
        text=to_json(row.document),
    )


@pages.post("/playbooks/<playbook_id>/approve")
@needs("playbook.approve")
def approve_playbook_form(playbook_id: str) -> Page:
    """Approve a playbook that contains automated steps."""
    row = access.visible_playbook(playbook_id)
    named, made = row.cacao_id, list[ApprovalStatus]()

    def use_case() -> None:
        form = Form()
        content_hash = form.needed("content_hash", 64)
        form.finish()
        made.append(approving.approve_playbook(named, content_hash, require_caller().actor, now()))

    return submit(
        use_case,
        lambda: _show(row),
        lambda: url_for("pages.playbook", playbook_id=named),
        lambda: "approved" if made[0].missing else "approved_by_two",
    )


@pages.get("/playbooks/<playbook_id>/file")
@needs("playbook.read")
def playbook_file(playbook_id: str) -> Response:
    """Return a playbook as CACAO JSON."""
    row = access.visible_playbook(playbook_id)
    answer = Response(to_json(export(parse(row.document, is_checked=True))), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.cacao_id}.json"'
    return answer
