"""The editor of playbooks: typed or uploaded text, checked while typing, saved as a version."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask import g, render_template, request, url_for

from incident.actions.playbooks.playbooks import add_playbook, save_version
from incident.core.cacao import to_yaml_text
from incident.core.cacao.diagnosis.version_changes import Change, changes_between, text_difference
from incident.core.values.faults import RuleError
from incident.store.playbooks.playbooks import Playbook
from incident.web.http.body_limits import LARGE, max_body
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import names_shown
from incident.web.pages.frame import Page, render, submit
from incident.web.pages.playbooks.editing.findings import CheckedText, checked, checked_document
from incident.web.security import access, secret_use
from incident.web.security.auth import needs, require_caller

NOTHING = CheckedText("", None, ())


@dataclass(frozen=True)
class Conflict:
    """What somebody else saved while a playbook was edited: the changes from their version to the typed one."""

    theirs: Playbook
    changes: Sequence[Change]
    lines: Sequence[str] | None


@pages.get("/playbooks/new")
@needs("playbook.write")
def new_playbook() -> Page:
    """Show the editor for another playbook."""
    return _editor(NOTHING)


@pages.post("/playbooks")
@needs("playbook.write")
@max_body(LARGE)
def upload_playbook() -> Page:
    """Check a playbook, and add it unless only a check was requested or it has errors."""
    given = _given()
    if "check" in request.form or given.document is None or given.has_errors:
        return _editor(given, is_checked=True)
    document, added = given.document, list[str]()

    def use_case() -> None:
        secret_use.require([document])
        added.append(add_playbook(document, require_caller().actor, now()).cacao_id)

    return submit(use_case, lambda: _editor(given), lambda: url_for("pages.playbook", playbook_id=added[0]), "added")


@pages.post("/playbooks/check")
@needs("playbook.write")
@max_body(LARGE)
def check_playbook() -> str:
    """Return the faults and the steps of a typed playbook, for the editor's live check."""
    return render_template("playbooks/checked.html", given=_given(), is_checked=True)


@pages.get("/playbooks/<playbook_id>/edit")
@needs("playbook.write")
def edit_playbook(playbook_id: str) -> Page:
    """Show the editor with the newest version of a playbook."""
    row = access.visible_playbook(playbook_id)
    document = _editable(row)
    return _editor(checked_document(_text_of(json.dumps(document)), document, names_shown()), row)


@pages.post("/playbooks/<playbook_id>/edit")
@needs("playbook.write")
@max_body(LARGE)
def save_playbook(playbook_id: str) -> Page:
    """Save the typed text as a new version; when somebody else has saved one meanwhile, show both."""
    row = access.visible_playbook(playbook_id)
    given, base = _given(), request.form.get("base", "")
    if "check" in request.form or given.document is None or given.has_errors:
        return _editor(given, row, base=base, is_checked=True)
    document = given.document

    def use_case() -> None:
        secret_use.require([document])
        save_version(row.cacao_id, document, base, require_caller().actor, now())

    return submit(
        use_case,
        lambda: _refused(given, row, base),
        lambda: url_for("pages.playbook_versions", playbook_id=row.cacao_id),
        "changed",
    )


def _given() -> CheckedText:
    """Return the uploaded file, else the typed text, checked."""
    request.max_form_memory_size = LARGE
    file = request.files.get("file")
    uploaded = file.read() if file is not None else b""
    return checked(uploaded or request.form.get("document", "").encode("utf-8", "replace"), names_shown())


@lru_cache(maxsize=64)
def _text_of(stored: str) -> str:
    """Return a playbook, given as JSON, as text; kept, because writing it takes longer than all else on the page."""
    return to_yaml_text(json.loads(stored))


def _editable(row: Playbook) -> dict[str, object]:
    """Return a playbook without the signatures: they are not valid for any other text."""
    return {name: value for name, value in row.document.items() if name != "signatures"}


def _refused(given: CheckedText, row: Playbook, base: str) -> Page:
    faults: tuple[RuleError, ...] = g.get("faults", ())
    if not any(fault.code == "playbook.changed_meanwhile" for fault in faults):
        return _editor(given, row, base=base)
    theirs = access.visible_playbook(row.cacao_id)
    mine = given.document or {}
    conflict = Conflict(
        theirs, changes_between(theirs.document, mine), text_difference(_unsigned(theirs.document), _unsigned(mine))
    )
    return _editor(given, theirs, conflict=conflict)


def _unsigned(document: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if name not in ("signatures", "modified")}


def _editor(
    given: CheckedText,
    row: Playbook | None = None,
    *,
    base: str | None = None,
    is_checked: bool = False,
    conflict: Conflict | None = None,
) -> Page:
    return render(
        "playbooks/edit.html",
        422 if is_checked and given.has_errors else 200,
        base=base or (row.content_hash if row else ""),
        conflict=conflict,
        given=given,
        is_checked=is_checked,
        row=row,
    )
