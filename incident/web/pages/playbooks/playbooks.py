"""One playbook: its steps, graph, text, approval, who uses it, and which departments it needs."""

from typing import Final

from flask import Response, request, url_for

from incident.actions.incidents import proposing
from incident.actions.playbooks import approving, signatures
from incident.actions.playbooks.approval_status import ApprovalStatus
from incident.actions.playbooks.playbook_loader import bundle_for
from incident.core.cacao import export, parse, to_json_text, to_yaml_text
from incident.store.playbooks.playbooks import Playbook
from incident.web.i18n import spoken
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import names_shown
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, is_permitted, render, submit
from incident.web.pages.playbooks.approvals import approval_of
from incident.web.pages.playbooks.library import departments_of, missing_departments, type_words, used_by
from incident.web.pages.playbooks.outline import lines_of
from incident.web.pages.playbooks.picture import picture_of
from incident.web.pages.playbooks.signers import signed_by
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

FORMS_OF_TEXT: Final = {"yaml": to_yaml_text, "json": to_json_text}


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
        may_start=bool(proposing.startable(access.viewer().role, [row], None)),
        parsed=parsed,
        people=proposing.able_people() if is_permitted("run.start_proposed") else (),
        picture=picture_of(parsed),
        row=row,
        departments=missing_departments(departments_of(row)),
        faults=signatures.start_faults(bundle_for(row), now()),
        is_needed=signatures.is_needed(),
        signed=signed_by(row),
        types=[type_words(str(one)) for one in row.document.get("playbook_types") or ()],
        used=used_by(row),
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


@pages.get("/playbooks/<playbook_id>/text")
@needs("playbook.read")
def playbook_text(playbook_id: str) -> Page:
    """Show a playbook as text, YAML or JSON, to read and to copy."""
    row = access.visible_playbook(playbook_id)
    form = _form_of_text()
    return render("playbooks/text.html", form=form, row=row, text=FORMS_OF_TEXT[form](row.document))


@pages.get("/playbooks/<playbook_id>/file")
@needs("playbook.read")
def playbook_file(playbook_id: str) -> Response:
    """Return a playbook as a CACAO file: JSON, or YAML with `as=yaml`."""
    row = access.visible_playbook(playbook_id)
    form = _form_of_text("json")
    text = FORMS_OF_TEXT[form](export(parse(row.document, is_checked=True)))
    answer = Response(text, mimetype=f"application/{form}")
    answer.headers["Content-Disposition"] = f'attachment; filename="{row.cacao_id}.{form}"'
    return answer


def _form_of_text(usual: str = "yaml") -> str:
    wanted = request.args.get("as", usual)
    return wanted if wanted in FORMS_OF_TEXT else usual
