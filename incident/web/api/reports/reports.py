"""Reports from the public: created and opened without a sign-in; read by incident handlers."""

from typing import Any

from flask import Response
from marshmallow import pre_load

from incident.actions.reports import reports as use_cases
from incident.core.values.faults import RuleError
from incident.core.values.text import DESCRIPTION_LIMIT
from incident.store.queries import report_list
from incident.store.queries.search import report_filter
from incident.store.reports.reports import report_by_receipt
from incident.web.api import fields
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import ID, Paged, noun
from incident.web.api.fields import Choice, Moment, Text
from incident.web.api.reports.report_documents import report_documents
from incident.web.api.reports.report_schemas import ReceiptOut, ReportOut, ReportProgress
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import respond
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security import access
from incident.web.security.auth import needs, public
from incident.web.security.limits import count_receipt, count_report, new_receipt

blueprint = noun("reports", "What members of the public tell.")

CONTACT_DETAILS = ("contact", "contact_details", "email", "name", "phone", "reporter")
"""Fields that could identify the reporter: refused with messages of their own."""


class ReportIn(Arguments):
    """The content of a report; the reporter's identity is not requested."""

    text = Text(DESCRIPTION_LIMIT, required=True)
    channel = Choice(("web", "phone", "email"), load_default="web")
    category = fields.category(allow_none=True, load_default=None)
    url = Text(2000, is_line=True, allow_none=True, load_default=None)
    occurred_at = Moment(allow_none=True, load_default=None)

    @pre_load
    def refuse_contact_details(self, given: Any, **_: Any) -> Any:
        """Refuse fields that identify the reporter, because the API does not seal them yet."""
        for name in CONTACT_DETAILS if isinstance(given, dict) else ():
            if name in given:
                raise RuleError("report.contact_details", pointer=f"/{name}")
        return given


@blueprint.route("/reports", methods=["POST"])
@public
@blueprint.arguments(ReportIn)
@blueprint.response(201, ReceiptOut)
def submit_report(given: dict[str, Any]) -> Response:
    """Submit a report; the receipt is shown once."""
    count_report()
    receipt = new_receipt()
    new = use_cases.NewReport(**given)
    return create(
        lambda idempotency: use_cases.submit_report(new, receipt, now(), idempotency),
        lambda _report: {"receipt": receipt},
    )


class ReceiptIn(Arguments):
    """The receipt, with or without its dashes."""

    receipt = Text(100, is_line=True, required=True)


@blueprint.route("/receipts/open", methods=["POST"])
@public
@blueprint.arguments(ReceiptIn)
@blueprint.response(200, ReportProgress)
def open_receipt(given: dict[str, Any]) -> Response:
    """Read the progress of a report."""
    count_receipt()
    report = report_by_receipt(use_cases.receipt_hash(given["receipt"]))
    if report is None:
        raise RuleError("receipt.unknown", pointer="/receipt", kind="not_found")
    return respond({"state": report.state})


class ReportQuery(Paged):
    """Filters of the list of reports."""

    state = Choice(("received", "linked", "handled"), load_default=None)
    q = Text(500, load_default=None)


@blueprint.route("/reports", methods=["GET"])
@needs("report.read")
@blueprint.arguments(ReportQuery, location="query")
@blueprint.response(200, page_of(ReportOut))
def list_reports(given: dict[str, Any]) -> Response:
    """List reports, the newest first."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    rows = report_list.list_reports(
        access.viewer(), given["state"], report_filter(given["q"]), after[0], given["limit"] + 1
    )
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": report_documents(shown), "next": following})


@blueprint.route(f"/reports/{ID.format('report_id')}", methods=["GET"])
@needs("report.read")
@blueprint.response(200, ReportOut)
def read_report(report_id: int) -> Response:
    """Read a report."""
    report = access.visible_report(report_id)
    return respond(report_documents([report])[0], report.version)
