"""Reports from the public, as incident handlers see them."""

from typing import Any
from urllib.parse import urlencode

from flask import request, url_for

from incident.actions.reports import mailbox
from incident.actions.reports.passages import ChosenPassage, mark_passage
from incident.actions.reports.report_units import add_report_unit
from incident.actions.reports.reports import change_report
from incident.actions.reports.reports import link_report as link
from incident.actions.reports.sealed_texts import message_text, step_reason, texts_of
from incident.core.reports.handling import NEEDS_REASON, possible_steps
from incident.core.reports.kinds import KINDS, MESSAGE_LIMIT
from incident.core.reports.states import ENDED, STATES
from incident.core.values.access import may
from incident.core.values.faults import RuleError
from incident.data.report_categories import report_categories
from incident.store.directory.departments import department_by_code
from incident.store.incidents.lookups import incidents_by_number
from incident.store.operations.backups import backups_between
from incident.store.queries.report_candidates import candidates
from incident.store.queries.report_list import ReportFilter, list_reports, numbers_by_report
from incident.store.queries.search import report_filter
from incident.store.reports.identities import identities_of, people_handling
from incident.store.reports.marked_passages import marked_passages_of
from incident.store.reports.report_messages import messages_of_report
from incident.store.reports.report_steps import count_objections, count_reviews, steps_of_report
from incident.web.http.idempotency import form_idempotency
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.i18n import current
from incident.web.instance import identity_key, now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import typed_department
from incident.web.pages.forms import TEXT_LIMIT, Form
from incident.web.pages.frame import Page, render, submit
from incident.web.pages.states import look
from incident.web.security import access
from incident.web.security.access_log_writer import note_listed, note_read
from incident.web.security.auth import needs, require_caller
from incident.web.security.report_contacts import usual_protection

PAGE_LIMIT = 50


@pages.get("/reports")
@needs("report.read")
def reports() -> Page:
    """List reports, the newest first."""
    given = {name: request.args.get(name, "").strip() for name in ("q", "state", "kind", "category")}
    after = read_cursor(request.args.get("cursor"), (int,)) or (None,)
    is_sane = given["q"].isprintable()
    found = report_filter(given["q"][:500]) if is_sane else None
    wanted = ReportFilter(
        state=given["state"] if given["state"] in STATES else None,
        kind=given["kind"] if given["kind"] in KINDS else None,
        category=given["category"] if given["category"] in report_categories() else None,
        found=found,
    )
    rows = list_reports(access.viewer(), wanted, after[0], PAGE_LIMIT + 1) if is_sane else []
    shown, following = cut(rows, PAGE_LIMIT, lambda row: (row.id,))
    kept = {name: value for name, value in given.items() if value}
    for row in shown:
        note_read("report", row.id)
    return render(
        "reports/list.html",
        given=given,
        is_first="cursor" not in request.args,
        numbers=numbers_by_report(access.viewer(), [row.id for row in shown]),
        older=f"{url_for('pages.reports')}?{urlencode({**kept, 'cursor': following})}" if following else None,
        rows=shown,
        states=[(one, look(f"report.{one}").words) for one in STATES],
        kinds=KINDS,
        categories=_categories(),
    )


@pages.get("/reports/<int(max=2147483647):report_id>")
@needs("report.read")
def report(report_id: int) -> Page:
    """Show one report, and the possible actions."""
    return show_report(report_id)


def show_report(report_id: int) -> Page:
    """Return the page of a report with what was typed."""
    found = access.visible_report(report_id)
    numbers: Any = numbers_by_report(access.viewer(), [report_id])[report_id]
    is_open = found.state not in ENDED and may(require_caller().viewer.role, "report.link")
    texts = texts_of(found)
    proposed = candidates(access.viewer(), found, numbers, texts.url) if is_open else ()
    note_listed([one.incident for one in proposed])
    steps = steps_of_report(report_id)
    return render(
        "reports/one.html",
        candidates=proposed,
        contact_fields=[one.field for one in identities_of(report_id)],
        categories=_categories(),
        given=request.form,
        kinds=KINDS,
        linked=incidents_by_number(numbers),
        messages=messages_of_report(report_id, now()),
        marked=[(one, backups_between(found.received_at, one.marked_at)) for one in marked_passages_of(report_id)],
        message_text=message_text,
        report=found,
        steps=[(one, step_reason(one)) for one in steps],
        seen_targets={one.into_id for one in steps if one.into_id is not None and access.may_see_report(one.into_id)},
        possible=possible_steps(found.state),
        may_review=require_caller().owner not in people_handling(report_id),
        needs_reason=NEEDS_REASON,
        has_objection=count_objections(report_id) > count_reviews(report_id),
        texts=texts,
    )


def _categories() -> list[tuple[str, str]]:
    return [(one.code, one.name(current())) for one in report_categories().values()]


@pages.post("/reports/<int(max=2147483647):report_id>/correct")
@needs("report.link")
def correct_report(report_id: int) -> Page:
    """Correct the kind and the category of a report."""
    access.visible_report(report_id)

    def use_case() -> None:
        form = Form()
        kind, category = form.needed("kind", 20), form.text("category", 60)
        if kind not in KINDS and not form.has_fault("kind"):
            form.faults.append(RuleError("document.missing", pointer="/kind"))
        version = form.number("version")
        form.finish()
        changes = {"kind": kind, "category": category}
        change_report(report_id, changes, require_caller().actor, now(), version)

    return submit(
        use_case,
        lambda: show_report(report_id),
        lambda: url_for("pages.report", report_id=report_id),
        "report_corrected",
    )


@pages.post("/reports/<int(max=2147483647):report_id>/messages")
@needs("report.link")
def write_to_reporter_form(report_id: int) -> Page:
    """Write to the reporter; the same form sent twice is one message."""
    access.visible_report(report_id)

    def use_case() -> None:
        form = Form()
        text = form.needed("text", MESSAGE_LIMIT)
        form.finish()
        mailbox.write_as_desk(report_id, text, require_caller().actor, now(), form_idempotency())

    return submit(
        use_case,
        lambda: show_report(report_id),
        lambda: url_for("pages.report", report_id=report_id),
        "reporter_written",
    )


@pages.post("/reports/<int(max=2147483647):report_id>/link")
@needs("report.link")
def link_report_to(report_id: int) -> Page:
    """Link a report to the incident with the typed number."""
    access.visible_report(report_id)

    def use_case() -> None:
        form = Form()
        number = form.needed("number", 24).upper()
        form.finish()
        incident = access.visible_incident(number)
        link(incident.id, report_id, require_caller().actor, now())

    return submit(
        use_case, lambda: show_report(report_id), lambda: url_for("pages.report", report_id=report_id), "linked"
    )


@pages.post("/reports/<int(max=2147483647):report_id>/passages")
@needs("report.link")
def seal_passage_form(report_id: int) -> Page:
    """Seal a passage of the report.

    The form has no key against sending it twice: the key would hold a hash of the passage.
    """
    usual = usual_protection(access.visible_report(report_id).category)

    def use_case() -> None:
        form = Form()
        passage = form.needed("passage", TEXT_LIMIT)
        version = form.number("version")
        form.finish()
        try:
            chosen = ChosenPassage(passage)
            mark_passage(report_id, chosen, usual, identity_key(), require_caller().actor, now(), version=version)
        except RuleError as fault:
            fault.pointer = "/passage" if fault.pointer == "/text" else fault.pointer  # the mailbox has a text as well
            raise

    return submit(
        use_case, lambda: show_report(report_id), lambda: url_for("pages.report", report_id=report_id), "passage_sealed"
    )


@pages.post("/reports/<int(max=2147483647):report_id>/units")
@needs("report.link")
def restrict_report_form(report_id: int) -> Page:
    """Record that a report is about a department; the caller can usually not read it after this."""
    access.visible_report(report_id)

    def use_case() -> None:
        form = Form()
        unit = department_by_code(typed_department(form.needed("about_unit")) or "")
        if unit is None and not form.faults:
            form.faults.append(RuleError("department.unknown", {"code": form.raw("about_unit")}, pointer="/about_unit"))
        form.finish()
        if unit is not None:
            add_report_unit(report_id, unit.id, require_caller().actor, now())

    def following() -> str:
        if access.may_see_report(report_id):
            return url_for("pages.report", report_id=report_id)
        return url_for("pages.reports")

    return submit(use_case, lambda: show_report(report_id), following, "report_restricted")
