"""The form for reports from the public, and access to a report by its receipt."""

import hashlib
import secrets

import flask
from flask import g, make_response, request

from incident.actions.reports.reports import NewReport, receipt_hash, submit_report
from incident.actions.unit_of_work import IdempotentRequest, ResponseReplay, StoredResponse
from incident.core.values.faults import RuleError
from incident.store.reports.reports import report_by_receipt
from incident.web.http.errors import status_of
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import TEXT_LIMIT, Form
from incident.web.pages.frame import Page, render
from incident.web.security.auth import public
from incident.web.security.headers import LINK_REFERRER
from incident.web.security.limits import count_receipt, count_report, new_receipt

URL_LIMIT = 2_000
CATEGORY_LIMIT = 60


@pages.get("/report")
@public
def report_form() -> Page:
    """Show the form; it does not ask for a name."""
    return _form({})


@pages.post("/report")
@public
def send_report() -> flask.Response | Page:
    """Receive a report and show its receipt, once; the same form sent twice is one report."""
    try:
        receipt = _receive()
    except RuleError as fault:
        g.faults = fault.all
        return _form(dict(request.form), status_of(fault))
    return _closed_off(render("public/thanks.html", 201, receipt=receipt))


def _receive() -> str:
    form = Form()
    new = NewReport(
        text=form.needed("text", TEXT_LIMIT),
        category=form.text("category", CATEGORY_LIMIT),
        url=form.text("url", URL_LIMIT),
        occurred_at=form.moment("occurred_at"),
        channel="web",
    )
    form.finish()
    count_report()
    receipt = new_receipt()
    try:
        submit_report(new, receipt, now(), _once())
    except ResponseReplay as before:
        return before.answer.body
    return receipt


def _once() -> IdempotentRequest | None:
    """Return a key from the form's own key and its content: repeated submissions make one report."""
    key = request.form.get("key", "")[:40]
    held = repr(sorted(request.form.items())).encode("utf-8", "replace")
    mark = current_instance().ring.sign(
        f"form {hashlib.sha256(held).hexdigest()}"
    )  # keyed, because the content of a report may be guessable
    return (
        IdempotentRequest(
            "public", f"{key}:{mark}", held, lambda receipt: StoredResponse(201, receipt), current_instance().ring
        )
        if key
        else None
    )


@pages.get("/receipt")
@public
def receipt_form() -> flask.Response:
    """Show the form for a receipt."""
    return _closed_off(render("public/receipt.html", state=None))


@pages.post("/receipt")
@public
def open_receipt_form() -> flask.Response:
    """Show the progress of the report of a receipt, never its content."""
    typed = request.form.get("receipt", "").strip()[:100]
    try:
        count_receipt()
        report = report_by_receipt(receipt_hash(typed))
        if report is None:
            raise RuleError("receipt.unknown", pointer="/receipt", kind="not_found")
    except RuleError as fault:
        g.faults = fault.all
        return _closed_off(render("public/receipt.html", status_of(fault), state=None))
    return _closed_off(render("public/receipt.html", state=report.state))


def _form(given: dict[str, str], status: int = 200) -> Page:
    return render("public/report.html", status, given=given, key=given.get("key") or secrets.token_urlsafe(16))


def _closed_off(page: tuple[str, int]) -> flask.Response:
    answer = make_response(page)
    answer.headers["Referrer-Policy"] = LINK_REFERRER
    return answer
