"""Routing rules: shown as a table, changed by forms or as a document, and previewed."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import request, url_for

from incident.actions.directory.departments import put_rules
from incident.actions.incidents import routing
from incident.core.incidents.routing import RoutingInput
from incident.core.incidents.routing_document import SOURCE_LIMIT, read_rules
from incident.core.notifications.preview_labels import warning_words
from incident.core.values.affiliation import AREAS
from incident.core.values.faults import RuleError
from incident.data import category_codes, rsit_entries
from incident.sources.payload import decode_json
from incident.store.incidents.rules import RuleSet, rule_set_of, rule_sets_before, rules_in_force
from incident.store.playbooks import playbooks
from incident.store.queries.systems import indexed_by_codes
from incident.web.i18n import gettext, spoken
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import department_names
from incident.web.pages.forms import Form, is_whole_number, words_of
from incident.web.pages.frame import Page, render, submit
from incident.web.pages.incidents.category_picker import typed_category
from incident.web.pages.incidents.rule_forms import (
    moved,
    place_after,
    read_default,
    read_rule,
    removed,
    typed_again,
    typed_rule,
    with_rule,
)
from incident.web.security import access, secret_use
from incident.web.security.auth import needs, require_caller

EMPTY: dict[str, Any] = {"rules": [], "default": {"departments": []}}
SETS_SHOWN = 10
"""How many earlier versions of the rules are offered for restoring."""

STEPS_SHOWN = 3
"""How many levels of a department's escalation the preview shows."""


@pages.get("/rules")
@needs("rules.read")
def rules() -> Page:
    """Show the rules in force, and a preview for a possible incident."""
    return _show()


def _document() -> tuple[int, dict[str, Any]]:
    row = rules_in_force()
    return (0, EMPTY) if row is None else (row.id, _document_of(row))


def _document_of(row: RuleSet) -> dict[str, Any]:
    return {"rules": row.rules, "default": row.fallback or {"departments": []}}


def _codes_in(document: Mapping[str, Any]) -> list[str]:
    """Return the codes of all departments that the rules and the default name."""
    named = (rule.get("set", {}).get("departments", ()) for rule in document["rules"])
    return [code for codes in (*named, document["default"].get("departments", ())) for code in codes]


def _show(typed: str | None = None, rule: Mapping[str, Any] | None = None) -> Page:
    version, document = _document()
    place = request.values.get("rule", "")
    is_edit = is_whole_number(place) and int(place) < len(document["rules"])
    edited = rule or (typed_rule(document["rules"][int(place)]) if is_edit else typed_rule({}))
    sets = rule_sets_before(None, SETS_SHOWN + 1)
    return render(
        "rules/rules.html",
        asked={name: request.args.get(name, "") for name in ("source", "category", "grade", *AREAS, "system", "at")},
        departments_called=dict(department_names(_codes_in(document))),
        document=document,
        earlier=sets[1:],
        edited=edited,
        is_open=rule is not None or place != "",
        is_undoable=bool(sets),
        moved=request.args.get("moved"),
        names={one.cacao_id: spoken(one.name) for one in playbooks.list_playbooks(access.viewer())},
        place=int(place) if is_edit else None,
        row=sets[0] if sets else None,
        steps_shown=STEPS_SHOWN,
        trial=_trial() if "try" in request.args else None,
        typed=json.dumps(document, ensure_ascii=False, indent=2) if typed is None else typed,
        version=version,
        warnings=routing.warnings_in_force(known_categories()),
        warning_words=lambda one: warning_words(one.code, one.level, one.arguments, gettext),
    )


def _trial() -> routing.Trial:
    """Preview the rules for the incident in the query; unreadable values are ignored."""
    form = Form(request.args)
    asked = RoutingInput(
        source=form.text("source", SOURCE_LIMIT),
        category=typed_category(form.text("category")),
        grade=form.grade(),
        sector=form.area("sector"),
        region=form.area("region"),
        campaign=form.area("campaign"),
        systems=tuple(indexed_by_codes(words_of(form.raw("system"))).values()),
    )
    return routing.try_rules(asked, form.bound("at") or now())


def known_categories() -> frozenset[str]:
    """Return the categories of the standard and those of RSIT."""
    return category_codes() | {one.code for one in rsit_entries()}


@pages.post("/rules")
@needs("rules.write")
def change_rules() -> Page:
    """Replace the rules in force; every fault is shown with its location."""

    def use_case() -> None:
        version = _version()
        book = secret_use.writable_rules(read_rules(decode_json(request.form.get("document", "").encode())))
        put_rules(book, version, require_caller().actor, now())

    return submit(use_case, lambda: _show(request.form.get("document", "")), lambda: url_for("pages.rules"), "changed")


def _version() -> int | None:
    form = Form()
    version = form.number("version")
    form.finish()
    return version


def _change(
    change: Callable[[dict[str, Any]], dict[str, Any]], said: str = "changed", shown: str | None = None
) -> Page:
    """Put rules in force that differ from the present ones by one change."""

    def use_case() -> None:
        changed = change(_document()[1])
        put_rules(secret_use.writable_rules(read_rules(changed)), _version(), require_caller().actor, now())

    to = shown or url_for("pages.rules", _anchor="list")
    return submit(use_case, lambda: _show(rule=typed_again(request.form)), lambda: to, said)


@pages.post("/rules/rule")
@needs("rules.write")
def put_rule() -> Page:
    """Add a rule, or change the one at a position."""
    return _change(lambda document: with_rule(document, request.form.get("rule", ""), read_rule(request.form)))


@pages.post("/rules/move")
@needs("rules.write")
def move_rule() -> Page:
    """Move a rule one position up or down, or to a position: the first that matches decides."""
    place = request.form.get("rule", "")
    to = place_after(place, request.form.get("way", ""), request.form.get("to", ""))
    return _change(lambda document: moved(document, place, to), "order_changed", url_for("pages.rules", moved=to))


@pages.post("/rules/remove")
@needs("rules.write")
def remove_rule() -> Page:
    """Remove a rule."""
    return _change(lambda document: removed(document, request.form.get("rule", "")), "removed")


@pages.post("/rules/default")
@needs("rules.write")
def change_default() -> Page:
    """Set the departments that are notified when no rule names one."""
    return _change(lambda document: {**document, "default": read_default(request.form)})


@pages.post("/rules/restore")
@needs("rules.write")
def restore_rules() -> Page:
    """Put an earlier version of the rules in force again: the one that is named, else the one before this."""
    wanted = request.form.get("set", "")

    def earlier(_document: dict[str, Any]) -> dict[str, Any]:
        if is_whole_number(wanted):
            row = rule_set_of(int(wanted))
            if row is None:
                raise RuleError("rules.no_such_version", kind="not_found")
            return _document_of(row)
        before = rule_sets_before(_version(), 1)
        return _document_of(before[0]) if before else EMPTY

    return _change(earlier, "restored")
