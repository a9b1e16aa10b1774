"""Reports from the public: created without a sign-in; read and corrected by incident handlers."""

from typing import Any

from flask import Response
from marshmallow import fields as marshmallow_fields
from marshmallow import pre_load
from werkzeug.exceptions import Forbidden

from incident.actions.reports import mailbox
from incident.actions.reports import reports as use_cases
from incident.actions.reports.receipts import new_receipt
from incident.actions.reports.report_proofs import prove_receipt
from incident.actions.reports.report_units import add_report_unit, named_units
from incident.core.reports.identity import CONTACT_LIMITS
from incident.core.reports.kinds import (
    CHANNELS,
    EMERGENCIES,
    EVIDENCE_LIMIT,
    KINDS,
    LOSS_LIMIT,
    MESSAGE_LIMIT,
    PROTECTIONS,
    URL_LIMIT,
)
from incident.core.reports.states import STATES
from incident.core.values.access import may
from incident.core.values.faults import RuleError
from incident.core.values.text import DESCRIPTION_LIMIT
from incident.data.report_categories import report_categories
from incident.store.db.database import to_json
from incident.store.queries import report_list
from incident.store.queries.search import report_filter
from incident.web.api import fields
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import ID, Paged, noun
from incident.web.api.fields import Choice, Moment, Number, Text, Truth
from incident.web.api.reports.report_documents import desk_message, report_documents, report_with_messages
from incident.web.api.reports.report_schemas import DeskMessage, ReceiptOut, ReportOut, ReportWithMessages
from incident.web.api.schema_parts import page_of
from incident.web.http.conditional import read_version, respond
from incident.web.http.idempotency import create, create_public
from incident.web.http.paging import page, read_cursor
from incident.web.instance import current_instance, now, report_key
from incident.web.security import access
from incident.web.security.auth import needs, public, require_caller
from incident.web.security.headers import is_same_site, origin
from incident.web.security.report_contacts import sealed_contact
from incident.web.security.report_guard import mark_drawn_receipt, report_guard

blueprint = noun("reports", "What members of the public tell.")

CONTACT_DETAILS = ("contact_details", "email", "name", "phone", "reporter")
"""Fields outside of `contact` that could identify the reporter: refused with a message of their own."""

WEB = "web"
_ONE = f"/reports/{ID.format('report_id')}"


class ReporterContactIn(Arguments):
    """How the reporter can be reached; every field is sealed before anything is stored."""

    name = Text(CONTACT_LIMITS["name"], is_line=True, allow_none=True, load_default=None)
    phone = Text(CONTACT_LIMITS["phone"], is_line=True, allow_none=True, load_default=None)
    email = Text(CONTACT_LIMITS["email"], is_line=True, allow_none=True, load_default=None)
    address = Text(CONTACT_LIMITS["address"], allow_none=True, load_default=None)


class ReportIn(Arguments):
    """The content of a report; a contact is never needed."""

    kind = Choice(KINDS, allow_none=True, load_default=None)
    category = fields.category(allow_none=True, load_default=None)
    text = Text(DESCRIPTION_LIMIT, required=True)
    url = Text(URL_LIMIT, is_line=True, allow_none=True, load_default=None)
    occurred_at = Moment(allow_none=True, load_default=None)
    channel = Choice(CHANNELS, load_default=WEB)
    loss = Number(0, LOSS_LIMIT, allow_none=True, load_default=None)
    evidence = Text(EVIDENCE_LIMIT, allow_none=True, load_default=None)
    is_stated_true = Truth(load_default=False)
    emergency = Choice(EMERGENCIES, allow_none=True, load_default=None)
    taken_at = Moment(allow_none=True, load_default=None)
    protection = Choice(PROTECTIONS, allow_none=True, load_default=None)
    contact = marshmallow_fields.Nested(ReporterContactIn, allow_none=True, load_default=None)
    about_units = fields.codes(allow_none=True, load_default=None)

    @pre_load
    def refuse_contact_details(self, given: Any, **_: Any) -> Any:
        """Refuse fields that identify the reporter where they would not be sealed."""
        for name in CONTACT_DETAILS if isinstance(given, dict) else ():
            if name in given:
                raise RuleError("report.contact_details", pointer=f"/{name}")
        return given


@blueprint.route("/reports", methods=["POST"])
@public
@blueprint.arguments(ReportIn)
@blueprint.response(201, ReceiptOut)
def submit_report(given: dict[str, Any]) -> Response:
    """Submit a report; the receipt is shown once. Other channels than `web` need a signed-in person or a token.

    Passages that may tell who the reporter is are sealed before anything is stored, and replaced by their number.
    """
    by = _sender(given["channel"])
    times = {name: given[name] and given[name].isoformat() for name in ("occurred_at", "taken_at")}
    contact, protection = given.pop("contact"), given["protection"]
    asked = to_json(given | times)
    if by == use_cases.PUBLIC:
        given["taken_at"] = None  # only the desk takes calls and letters
    codes = given.pop("about_units")
    units = None if codes is None else named_units(codes)
    given.pop("protection")
    new = use_cases.NewReport(**given | {"kind": given["kind"] or _usual_kind(given["category"])})
    if by == use_cases.PUBLIC:
        report_guard().count_report()
    receipt = new_receipt()
    proof = prove_receipt(new, report_key(), current_instance().settings.public_url, now())
    kept, passages = new.redacted()
    sealed = sealed_contact(contact, protection, new.category, passages)
    mark = mark_drawn_receipt(receipt)
    paging = current_instance().settings.urgent_paging
    return create_public(
        lambda once: use_cases.submit_report(kept, mark, now(), once, by, sealed, paging, units),
        lambda _report: {"receipt": receipt, "proof": proof, "protection": sealed.protection},
        asked,
    )


def _usual_kind(category: str | None) -> str:
    found = report_categories().get(category or "")
    return "tip" if found is None else found.kind


def _sender(channel: str) -> str:
    """Return who sends the report: the public, or the person who entered a call or a letter.

    Raises:
        Unauthorized: without a session or token.
        Forbidden: without the permission, or from a page of another site.
    """
    if channel == WEB:
        return use_cases.PUBLIC
    asking = require_caller()
    is_ours = asking.session_id is None or is_same_site(origin(current_instance().settings.public_url))
    if not (is_ours and may(asking.viewer.role, "report.link")):
        raise Forbidden
    return asking.actor


class ReportQuery(Paged):
    """Filters of the list of reports."""

    state = Choice(STATES, load_default=None)
    kind = Choice(KINDS, load_default=None)
    category = fields.category(load_default=None)
    q = Text(500, load_default=None)


@blueprint.route("/reports", methods=["GET"])
@needs("report.read")
@blueprint.arguments(ReportQuery, location="query")
@blueprint.response(200, page_of(ReportOut))
def list_reports(given: dict[str, Any]) -> Response:
    """List reports, the newest first."""
    after = read_cursor(given["cursor"], (int,)) or (None,)
    wanted = report_list.ReportFilter(
        state=given["state"], kind=given["kind"], category=given["category"], found=report_filter(given["q"])
    )
    rows = report_list.list_reports(access.viewer(), wanted, after[0], given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.id,))
    return respond({"items": report_documents(shown), "next": following})


@blueprint.route(_ONE, methods=["GET"])
@needs("report.read")
@blueprint.response(200, ReportWithMessages)
def read_report(report_id: int) -> Response:
    """Read a report and its mailbox."""
    report = access.visible_report(report_id)
    return respond(report_with_messages(report), report.version)


class ReportChange(Arguments):
    """A correction of the kind or the category."""

    kind = Choice(KINDS)
    category = fields.category(allow_none=True)


@blueprint.route(_ONE, methods=["PATCH"])
@needs("report.link")
@blueprint.arguments(ReportChange)
@blueprint.response(200, ReportWithMessages)
def change_report(given: dict[str, Any], report_id: int) -> Response:
    """Correct the kind or the category of a report; needs If-Match."""
    report = access.visible_report(report_id)
    version = read_version(report.version, is_needed=True)
    changed = use_cases.change_report(report_id, given, require_caller().actor, now(), version)
    return respond(report_with_messages(changed), changed.version)


class DeskMessageIn(Arguments):
    """A message to the reporter."""

    text = Text(MESSAGE_LIMIT, required=True)


@blueprint.route(f"{_ONE}/messages", methods=["POST"])
@needs("report.link")
@blueprint.arguments(DeskMessageIn)
@blueprint.response(201, DeskMessage)
def write_to_reporter(given: dict[str, Any], report_id: int) -> Response:
    """Write to the reporter, who reads it with the receipt."""
    access.visible_report(report_id)
    actor = require_caller().actor
    return create(
        lambda once: mailbox.write_as_desk(report_id, given["text"], actor, now(), once),
        desk_message,
    )


class UnitIn(Arguments):
    """A department that a report is about."""

    unit = fields.code(required=True)


@blueprint.route(f"{_ONE}/units", methods=["POST"])
@needs("report.link")
@blueprint.arguments(UnitIn)
@blueprint.response(204)
def restrict_report(given: dict[str, Any], report_id: int) -> None:
    """Record that a report is about a department; only the people named for such reports read it from then on."""
    access.visible_report(report_id)
    [unit_id] = named_units([given["unit"]])
    add_report_unit(report_id, unit_id, require_caller().actor, now())
