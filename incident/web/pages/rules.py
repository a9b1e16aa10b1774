"""The routing rules: shown as a table, changed as a document."""

import json
from typing import Any

from flask import request, url_for

from incident.actions.departments import put_rules
from incident.core.rulebook import read_rules
from incident.sources.payload import decode_json
from incident.store import playbooks
from incident.store.rules import rules_in_force
from incident.web import access
from incident.web.auth import needs, require_caller
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, attempt, show
from incident.web.words import spoken

EMPTY: dict[str, Any] = {"rules": [], "default": {"departments": []}}


@pages.get("/rules")
@needs("rules.read")
def rules() -> Page:
    """Show the rules in force."""
    return _show(None)


def _show(typed: str | None) -> Page:
    row = rules_in_force()
    document = EMPTY if row is None else {"rules": row.rules, "default": row.fallback or {"departments": []}}
    return show(
        "rules/rules.html",
        document=document,
        names={one.cacao_id: spoken(one.name) for one in playbooks.list_playbooks(access.viewer())},
        row=row,
        typed=json.dumps(document, ensure_ascii=False, indent=2) if typed is None else typed,
    )


@pages.post("/rules")
@needs("rules.write")
def change_rules() -> Page:
    """Put other rules in force; every fault is told with its place."""

    def deed() -> None:
        form = Form()
        version = form.number("version")
        form.finish()
        book = read_rules(decode_json(request.form.get("document", "").encode()))
        put_rules(book, version, require_caller().actor, now())

    return attempt(deed, lambda: _show(request.form.get("document", "")), lambda: url_for("pages.rules"), "changed")
