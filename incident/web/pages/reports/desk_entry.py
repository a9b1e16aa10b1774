"""The form by which the desk enters calls, letters, mails and visits, in two steps."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from flask import g, make_response, request

from incident.actions.reports.public_request import PublicRequest
from incident.actions.reports.receipts import new_receipt
from incident.actions.reports.report_proofs import prove_receipt
from incident.actions.reports.reports import NewReport, submit_report
from incident.actions.unit_of_work import ResponseReplay, StoredResponse
from incident.core.reports.identity import CONTACT_FIELDS, CONTACT_LIMITS
from incident.core.reports.kinds import EMERGENCIES, KINDS, SPOKEN_CHANNELS, STAFF_CHANNELS, URL_LIMIT
from incident.core.reports.receipt import format_receipt
from incident.core.values.faults import RuleError
from incident.data.report_categories import report_categories
from incident.store.queries.similar_reports import similar_reports
from incident.store.reports.custodians import current_set
from incident.web.http.errors import status_of
from incident.web.i18n import current
from incident.web.instance import current_instance, now, report_key
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import TEXT_LIMIT, Form
from incident.web.pages.frame import Page, render
from incident.web.pages.reports.public_frame import new_form_key, read_form_key
from incident.web.pages.reports.public_reports import read_loss
from incident.web.pages.template_filters import local_input
from incident.web.security import access
from incident.web.security.access_log_writer import note_read
from incident.web.security.auth import needs, require_caller
from incident.web.security.report_contacts import sealed_contact
from incident.web.security.report_guard import mark_drawn_receipt

FIELDS: Final = ("channel", "taken_at", "emergency", "kind", "category", "text", "url", "occurred_at", "loss")
SEALED: Final = (*CONTACT_FIELDS, "protection")
"""Fields of the contact, which nobody reads after this form."""

CATEGORY_LIMIT: Final = 60


@pages.get("/reports/new")
@needs("report.link")
def new_desk_report() -> Page:
    """Show the empty form; the call is taken now."""
    return _entry({"channel": "phone", "kind": "tip", "taken_at": local_input(now())})


@pages.post("/reports/new")
@needs("report.link")
def add_desk_report() -> Page:
    """Show what was typed to be read back, or receive the report when that is done."""
    given = {name: request.form.get(name, "") for name in (*FIELDS, *SEALED, "key")}
    step = request.form.get("go", "")
    if step == "change":
        return _entry(given)
    try:
        found, contact = _read(Form())
        if step != "send":
            return _read_back(given)
        _refuse_unread(found)
        receipt, proof = _receive(found, contact)
    except RuleError as fault:
        g.faults = fault.all
        if fault.code == "form.expired":
            given["key"] = ""
        is_of_read_back = fault.pointer == "/is_read_back"
        return (_read_back if is_of_read_back else _entry)(given, status_of(fault))
    answer = make_response(
        render("reports/receipt.html", 201, receipt=format_receipt(receipt), proof=proof, channel=found["channel"])
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.post("/reports/similar")
@needs("report.link")
def similar_to_typed() -> Page:
    """Show reports that are similar to what is being typed, as a part of the form."""
    rows = similar_reports(access.viewer(), request.form.get("text", "")[:TEXT_LIMIT], request.form.get("url"))
    for row in rows:
        note_read("report", row.id)
    return render("reports/similar.html", rows=rows)


def _read(form: Form) -> tuple[dict[str, Any], dict[str, str | None]]:
    """Return the values of the report and those of the contact; raises RuleError with all faults."""
    found = {
        "channel": _one_of(form, "channel", STAFF_CHANNELS),
        "taken_at": _needed_moment(form, "taken_at"),
        "emergency": form.raw("emergency") if form.raw("emergency") in EMERGENCIES else None,
        "kind": _one_of(form, "kind", KINDS),
        "category": form.text("category", CATEGORY_LIMIT),
        "text": form.needed("text", TEXT_LIMIT),
        "url": form.text("url", URL_LIMIT),
        "occurred_at": form.moment("occurred_at"),
        "loss": read_loss(form),
    }
    contact: dict[str, str | None] = {name: form.text(name, CONTACT_LIMITS[name]) for name in CONTACT_FIELDS}
    form.finish()
    return found, contact


def _one_of(form: Form, name: str, choices: tuple[str, ...]) -> str:
    given = form.raw(name)
    if given not in choices:
        form.faults.append(RuleError("document.missing", pointer=f"/{name}"))
    return given


def _needed_moment(form: Form, name: str) -> dt.datetime | None:
    if not form.raw(name):
        form.faults.append(RuleError("document.missing", pointer=f"/{name}"))
    return form.moment(name)


def _refuse_unread(found: Mapping[str, Any]) -> None:
    if found["channel"] in SPOKEN_CHANNELS and request.form.get("is_read_back") != "1":
        raise RuleError("report.not_read_back", pointer="/is_read_back")


def _receive(found: Mapping[str, Any], contact: Mapping[str, str | None]) -> tuple[str, str]:
    """Return the receipt and the proof of the report; sent twice, it is one report with one receipt."""
    key, here = read_form_key(), current_instance()
    new, receipt = NewReport(**found), new_receipt()
    kept, passages = new.redacted()
    asked = "protected" if request.form.get("protection") == "protected" else None
    sealed = sealed_contact(contact, asked, new.category, passages)
    proof = json.dumps(prove_receipt(new, report_key(), here.settings.public_url, now()), indent=1)
    answer = StoredResponse(201, json.dumps([receipt, proof]))
    told = [(name, value) for name, value in request.form.items(multi=True) if name not in SEALED]
    sent = repr(sorted(told)).encode("utf-8", "replace")
    once = None if key is None else PublicRequest(f"{key}\n{hashlib.sha256(sent).hexdigest()}", sent, lambda _: answer)
    mark, by = mark_drawn_receipt(receipt), require_caller().actor
    try:
        submit_report(kept, mark, now(), once, by, sealed, here.settings.urgent_paging)
    except ResponseReplay as before:
        receipt, proof = json.loads(before.answer.body)
    return receipt, proof


def _entry(given: Mapping[str, str], status: int = 200) -> Page:
    categories = [(one.code, one.name(current())) for one in report_categories().values()]
    return render(
        "reports/new.html",
        status,
        given=given,
        channels=STAFF_CHANNELS,
        kinds=KINDS,
        categories=categories,
        has_custody=current_set() is not None,
        key=given.get("key") or new_form_key(),
    )


def _read_back(given: Mapping[str, str], status: int = 200) -> Page:
    return render(
        "reports/read_back.html",
        status,
        given=given,
        fields=(*FIELDS, *SEALED),
        is_spoken=given["channel"] in SPOKEN_CHANNELS,
        key=given.get("key") or new_form_key(),
    )
