"""What a reporter does with the receipt: read the progress and the mailbox, write, withdraw.

Each page takes the receipt from the body of its request, and puts it into the body of the next one.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from flask import g, request

from incident.actions.reports import mailbox
from incident.actions.reports.public_request import PublicRequest
from incident.actions.reports.sealed_texts import message_text
from incident.actions.unit_of_work import ResponseReplay, StoredResponse
from incident.core.reports.kinds import MESSAGE_LIMIT
from incident.core.reports.receipt import RECEIPT_LIMIT
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.queries.reports_about_units import has_readers
from incident.store.reports.report_messages import messages_of_report
from incident.store.reports.reports import Report
from incident.web.http.errors import status_of
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page
from incident.web.pages.reports.public_frame import read_form_key, render_public, sessionless
from incident.web.security.auth import public
from incident.web.security.report_guard import report_of_typed_receipt

KINDS: Final = ("message", "addition", "objection")


@pages.get("/receipt")
@public
@sessionless
def receipt_form() -> Page:
    """Show the form for a receipt."""
    return _ask()


@pages.post("/receipt")
@public
@sessionless
def open_receipt_form() -> Page:
    """Show the progress of the report of a receipt and its messages, never its content."""
    return _with_receipt(lambda report: None)


@pages.post("/receipt/message")
@public
@sessionless
def write_to_desk() -> Page:
    """Leave a message, an addition or an objection."""
    return _with_receipt(_write)


@pages.post("/receipt/withdraw")
@public
@sessionless
def withdraw_form() -> Page:
    """Withdraw the report."""
    return _with_receipt(_withdraw)


def _with_receipt(do: Callable[[Report], str | None]) -> Page:
    """Find the report, do something with it, and show it; what was refused is shown with everything typed."""
    typed = request.form.get("receipt", "").strip()[:RECEIPT_LIMIT]
    try:
        report = report_of_typed_receipt(typed)
    except RuleError as fault:
        g.faults = fault.all
        return _ask(status_of(fault))
    done, status = None, 200
    try:
        done = do(report)
    except RuleError as fault:
        g.faults = fault.all
        status = status_of(fault)
    db.session.rollback()
    report = db.session.get_one(Report, report.id)
    return render_public(
        "public/receipt.html",
        status,
        report=report,
        receipt=typed,
        messages=messages_of_report(report.id, now()),
        message_text=message_text,
        is_waiting=report.is_about_unit and not has_readers(report.id),
        done=done,
        given=request.form if status != 200 else {},
    )


def _write(report: Report) -> str:
    form = Form()
    text = form.needed("text", MESSAGE_LIMIT)
    form.finish()
    kind = form.raw("kind") if form.raw("kind") in KINDS else "message"
    with suppress(ResponseReplay):  # the button was pressed twice
        mailbox.write_as_reporter(report.id, kind, text, now(), _once(report.id, kind, text))  # type: ignore[arg-type]
    return kind


def _once(report_id: int, kind: str, text: str) -> PublicRequest | None:
    key = read_form_key()
    sent = hashlib.sha256(f"{report_id}\n{kind}\n{text}".encode("utf-8", "replace")).hexdigest()
    return None if key is None else PublicRequest(f"{key}\n{sent}", sent.encode(), lambda _: StoredResponse(200, ""))


def _withdraw(report: Report) -> str:
    form = Form()
    reason = form.text("reason", MESSAGE_LIMIT)
    form.finish()
    mailbox.withdraw_report(report.id, reason, now())
    return "withdrawal"


def _ask(status: int = 200) -> Page:
    return render_public("public/receipt.html", status, report=None, given={})
