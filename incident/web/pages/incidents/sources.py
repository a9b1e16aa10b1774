"""Sources of alerts: listed, described from a pasted payload, tried before they are saved, and their tokens."""

import json
from typing import Any

from flask import request, url_for

from incident.actions.incidents import sources as use_cases
from incident.core.incidents.alert import Alert, Ignored
from incident.core.incidents.mapping import MappedItem, check_mapping
from incident.core.incidents.mapping.proposal import propose_mapping
from incident.core.incidents.source import moved_faults, require_source_name
from incident.core.values.error_messages import fill, say
from incident.core.values.faults import RuleError
from incident.data.source_presets import source_presets
from incident.sources import IGNORED_WORDS, SOURCES, try_source
from incident.sources.payload import decode_json, decode_lines
from incident.store.directory.tokens import tokens_of_source
from incident.store.incidents import sources
from incident.store.incidents.sources import AlertSource
from incident.web.i18n import gettext
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, redirect_with_flash, render, submit
from incident.web.security.auth import needs, require_caller

SHOWN_MOST = 20
"""Alerts of a trial that are shown."""


@pages.get("/sources")
@needs("source.read")
def source_list() -> Page:
    """List one's own sources and those that come with the program."""
    presets = [(name, source_presets()[name].product if name in source_presets() else "") for name in SOURCES]
    return render("sources/list.html", own=sources.list_sources(), presets=presets)


@pages.get("/sources/new")
@needs("source.write")
def new_source() -> Page:
    """Show the form for a new source."""
    return _form({})


def _form(given: dict[str, str], tried: list[MappedItem] | None = None, row: AlertSource | None = None) -> Page:
    return render(
        "sources/form.html",
        given=given,
        ignored_words=lambda one: fill(gettext(IGNORED_WORDS[one.reason]), one.arguments),
        fault_words=lambda one: say(one.code, one.arguments, gettext),
        is_alert=lambda one: isinstance(one, Alert),
        is_ignored=lambda one: isinstance(one, Ignored),
        row=row,
        shown_most=SHOWN_MOST,
        tried=tried,
    )


@pages.post("/sources/new")
@needs("source.write")
def add_source() -> Page:
    """Propose a mapping, try it, or add the source."""
    return _change(None)


def _change(row: AlertSource | None) -> Page:
    given = {name: request.form.get(name, "") for name in ("name", "sample", "mapping", "is_active", "version")}
    step = request.form.get("step")
    tried: list[MappedItem] = []

    def use_case() -> None:
        if step == "propose" or (step == "try" and not given["mapping"].strip()):
            given["mapping"] = _written(_proposed(given["sample"]))
        if step in ("propose", "try"):
            tried.extend(_tried(given))
        else:
            _save(row, given)

    name = row.name if row else given["name"].strip()
    answer = submit(
        use_case,
        lambda: _form(given, row=row),
        lambda: url_for("pages.one_source", name=name),
        "changed" if row else "added",
    )
    return _form(given, tried, row) if tried else answer


def _written(mapping: dict[str, Any]) -> str:
    return json.dumps(mapping, ensure_ascii=False, indent=2)


def _proposed(sample: str) -> dict[str, Any]:
    try:
        return propose_mapping(decode_lines(sample.encode()))
    except RuleError as fault:
        raise moved_faults(fault, "sample") from fault


def _mapping(given: dict[str, str]) -> dict[str, Any]:
    mapping = decode_json(given["mapping"].encode(), "/mapping")
    check_mapping(mapping, "/mapping")
    return dict(mapping)  # type: ignore[call-overload,no-any-return]


def _tried(given: dict[str, str]) -> list[MappedItem]:
    mapping = check_mapping(_mapping(given))
    try:
        return try_source(given["name"].strip() or "mapping", mapping, given["sample"].encode(), now())
    except RuleError as fault:
        raise moved_faults(fault, "sample") from fault


def _save(row: AlertSource | None, given: dict[str, str]) -> None:
    form = Form()
    name = row.name if row else form.needed("name")
    form.checked("name", lambda: require_source_name(name, SOURCES, "/name"))
    mapping = form.checked("mapping", lambda: _mapping(given))
    version = form.number("version") if row else 0
    form.finish()
    is_active = row is None or given["is_active"] == "1"
    use_cases.put_source(name, mapping or {}, is_active, version, require_caller().actor, now())


@pages.get("/sources/<name>")
@needs("source.read")
def one_source(name: str) -> Page:
    """Show a source: its address, its tokens and its mapping."""
    return _one(name)


def _one(name: str, secret: str | None = None, status: int = 200) -> Page:
    row = _seen(name)
    mapping = source_presets()[name].mapping if name in source_presets() else None
    found = None if row is None else sources.source_version(row.id, row.version)
    shown = mapping if found is None else found.mapping
    return render(
        "sources/one.html",
        status,
        address=f"{current_instance().settings.public_url.rstrip('/')}/api/v1/alerts/{name}",
        mapping=None if shown is None else _written(dict(shown)),
        name=name,
        row=row,
        secret=secret,
        tokens=tokens_of_source(name),
        versions=[] if row is None else sources.versions_of(row.id, None, SHOWN_MOST),
    )


def _seen(name: str) -> AlertSource | None:
    """Return an own source, None for one of the program; raises RuleError `source.unknown` (not found)."""
    row = sources.source_by_name(name)
    if row is None and name not in SOURCES:
        raise RuleError("source.unknown", {"sources": ", ".join(SOURCES)}, kind="not_found")
    return row


@pages.get("/sources/<name>/change")
@needs("source.write")
def edit_source(name: str) -> Page:
    """Show the form with the mapping of a source."""
    row = _own(name)
    found = sources.source_version(row.id, row.version)
    mapping = "" if found is None else _written(found.mapping)
    facts = {"name": name, "mapping": mapping, "version": str(row.version), "is_active": "1" if row.is_active else ""}
    return _form(facts, row=row)


def _own(name: str) -> AlertSource:
    row = _seen(name)
    if row is None:
        raise RuleError("source.preset", kind="conflict")
    return row


@pages.post("/sources/<name>/change")
@needs("source.write")
def change_source(name: str) -> Page:
    """Propose or try another mapping, or change the source."""
    return _change(_own(name))


@pages.post("/sources/<name>/remove")
@needs("source.write")
def remove_source_form(name: str) -> Page:
    """Remove a source and revoke its tokens."""
    use_cases.remove_source(name, None, require_caller().actor, now())
    return redirect_with_flash(url_for("pages.source_list"), "removed")


@pages.post("/sources/<name>/tokens")
@needs("source.write")
def make_source_token_form(name: str) -> Page:
    """Create a token of a source; the next page shows it, once."""
    made: list[str] = []

    def use_case() -> None:
        form = Form()
        label = form.named("label")
        form.finish()
        made.append(use_cases.make_source_token(name, label, require_caller().actor, now()).secret)

    answer = submit(use_case, lambda: _one(name), lambda: url_for("pages.one_source", name=name), "added")
    return _one(name, made[0], 201) if made else answer


@pages.post("/sources/<name>/tokens/<int(max=2147483647):token_id>/revoke")
@needs("source.write")
def revoke_source_token_form(name: str, token_id: int) -> Page:
    """Revoke a token of a source."""
    use_cases.revoke_source_token(name, token_id, require_caller().actor, now())
    return redirect_with_flash(url_for("pages.one_source", name=name), "revoked")
