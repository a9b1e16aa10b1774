"""Sources of alerts: listed, described from a pasted payload, tried before they are saved, and their tokens."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for

from incident.actions.incidents import sources as use_cases
from incident.core.incidents.alert import Alert, Ignored
from incident.core.incidents.source import require_source_name
from incident.core.values.error_messages import fill, say
from incident.core.values.faults import RuleError
from incident.data.source_presets import source_presets
from incident.sources import IGNORED_WORDS, SOURCES
from incident.store.directory.tokens import tokens_of_source
from incident.store.incidents import sns_topics, sources
from incident.store.incidents.sources import AlertSource
from incident.web.i18n import gettext
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, redirect_with_flash, render, submit
from incident.web.pages.incidents.mapping_words import FORMAT_WORDS, KIND_WORDS, place_words
from incident.web.pages.incidents.signature_words import signature_facts, topic_facts
from incident.web.pages.incidents.source_form import SourceForm, form_of_document, typed_form, written
from incident.web.pages.systems.windows import windows_shown
from incident.web.security.auth import needs, require_caller

SHOWN_MOST = 20
"""Alerts of a trial that are shown."""


@pages.get("/sources")
@needs("source.read")
def source_list() -> Page:
    """List one's own sources and those that come with the program."""
    presets = [(name, source_presets()[name].product if name in source_presets() else "") for name in SOURCES]
    waiting = sns_topics.count_topics(is_waiting=True)
    return render(
        "sources/list.html",
        own=sources.list_sources(),
        presets=presets,
        waiting=waiting,
        windows=windows_shown(now()),
    )


@pages.get("/sources/new")
@needs("source.write")
def new_source() -> Page:
    """Show the form for a new source."""
    return _form(SourceForm())


def _form(form: SourceForm, row: AlertSource | None = None) -> Page:
    places = form.places()
    return render(
        "sources/form.html",
        form=form,
        formats=[(code, gettext(words)) for code, words in FORMAT_WORDS.items()],
        ignored_words=lambda one: fill(gettext(IGNORED_WORDS[one.reason]), one.arguments),
        fault_words=lambda one: say(one.code, one.arguments, gettext),
        is_alert=lambda one: isinstance(one, Alert),
        is_ignored=lambda one: isinstance(one, Ignored),
        kinds=[(code, gettext(words)) for code, words in KIND_WORDS.items()],
        lists=form.lists(),
        place_words=place_words,
        places=places,
        pointers={one.pointer for one in places},
        preview=form.preview(),
        row=row,
        shown_most=SHOWN_MOST,
    )


@pages.post("/sources/new")
@needs("source.write")
def add_source() -> Page:
    """Propose a mapping, try it, or add the source."""
    return _change(None)


def _change(row: AlertSource | None) -> Page:
    form = typed_form(row.name if row else None)
    step = request.form.get("step", "save")

    def use_case() -> None:
        if step == "propose" or (step == "try" and not form.mapping.strip() and form.fields is None):
            form.propose()
        elif step == "propose_list" and form.fields is not None:
            form.propose(form.fields.alerts)
        elif step == "save":
            _save(row, form)
            return
        else:
            form.settle(step)
        form.try_sample()

    answer = submit(
        use_case,
        lambda: _form(form, row),
        lambda: url_for("pages.one_source", name=form.name.strip()),
        "changed" if row else "added",
    )
    return _form(form, row) if form.tried else answer


def _save(row: AlertSource | None, typed: SourceForm) -> None:
    form = Form()
    name = row.name if row else form.needed("name")
    form.checked("name", lambda: require_source_name(name, SOURCES, "/name"))
    mapping: dict[str, Any] = {}
    try:
        mapping = typed.settle(None)
    except RuleError as fault:
        form.faults.extend(fault.all)
    version = form.number("version") if row else 0
    form.finish()
    use_cases.put_source(name, mapping, typed.is_active, version, require_caller().actor, now())


@pages.get("/sources/<name>")
@needs("source.read")
def one_source(name: str) -> Page:
    """Show a source: its address, its tokens and its mapping."""
    return show_source(name)


def show_source(
    name: str,
    secret: str | None = None,
    status: int = 200,
    signing_secret: str | None = None,
    given: Mapping[str, str] | None = None,
) -> Page:
    """Return the page of a source.

    Args:
        name: of the source.
        secret: a new token, shown only now.
        status: of the response.
        signing_secret: a new one, shown only now.
        given: what was typed into a form that was refused.
    """
    row = _seen(name)
    mapping = source_presets()[name].mapping if name in source_presets() else None
    found = None if row is None else sources.source_version(row.id, row.version)
    shown = mapping if found is None else found.mapping
    return render(
        "sources/one.html",
        status,
        address=f"{current_instance().settings.public_url.rstrip('/')}/api/v1/alerts/{name}",
        mapping=None if shown is None else written(dict(shown)),
        is_hidden=row is not None and name in SOURCES,
        name=name,
        row=row,
        secret=secret,
        signature=signature_facts(name, given or {}, signing_secret),
        topics=topic_facts() if name == "sns" else None,
        given=given or {},
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
    mapping = {} if found is None else dict(found.mapping)
    return _form(form_of_document(name, mapping, row.version, row.is_active), row)


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

    answer = submit(use_case, lambda: show_source(name), lambda: url_for("pages.one_source", name=name), "added")
    return show_source(name, made[0], 201) if made else answer


@pages.post("/sources/<name>/tokens/<int(max=2147483647):token_id>/revoke")
@needs("source.write")
def revoke_source_token_form(name: str, token_id: int) -> Page:
    """Revoke a token of a source."""
    use_cases.revoke_source_token(name, token_id, require_caller().actor, now())
    return redirect_with_flash(url_for("pages.one_source", name=name), "revoked")
