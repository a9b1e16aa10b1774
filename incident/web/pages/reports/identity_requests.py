"""Pages about opening contact details of reporters: request, approve, read.

The secret of a request is only in the page that its requester gets, and in the body of the form that opens it.
"""

import json
from collections.abc import Callable, Mapping
from typing import Final

from flask import Response, g, request, url_for
from werkzeug.exceptions import NotFound

from incident.actions.reports import identity_requests as use_cases
from incident.actions.reports.custodian_approvals import offline_request
from incident.actions.reports.identity_refusals import withdraw_identity_request
from incident.actions.reports.public_request import PublicRequest
from incident.actions.unit_of_work import ResponseReplay, StoredResponse
from incident.core.directory.password import MAX_PASSWORD
from incident.core.reports.identity import PURPOSE_LIMIT, request_state
from incident.core.values.faults import RuleError
from incident.data import demonstration
from incident.store.db.database import db, to_json
from incident.store.reports.identities import identities_of
from incident.store.reports.identity_requests import IdentityRequest, approvals_of, live_requests, refusals_of
from incident.web.http.errors import status_of
from incident.web.http.idempotency import FORM_FIELD, TOKEN_LIMIT
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller
from incident.web.security.identity_access import (
    approve_as_caller,
    approves_sealed,
    holds_shares,
    is_protected,
    may_see_request,
    refuse_as_caller,
    visible_request,
)

PAGE_LIMIT: Final = 50
SECRET_LIMIT: Final = 100
PASTED_LIMIT: Final = 10_000


@pages.get("/identity-requests")
@needs("custody.hold")
def identity_requests() -> Page:
    """List the requests that are alive: one's own, and those that one may be asked to approve."""
    after = read_cursor(request.args.get("cursor"), (int,)) or (None,)
    rows = [one for one in live_requests(now(), None, after[0], PAGE_LIMIT + 1) if may_see_request(one)]
    shown, following = cut(rows, PAGE_LIMIT, lambda row: (row.id,))
    older = url_for("pages.identity_requests", cursor=following) if following else None
    return render("reports/identity_requests.html", rows=shown, older=older, state_of=_state)


@pages.get("/reports/<int(max=2147483647):report_id>/identity")
@needs("identity.request")
def identity_form(report_id: int) -> Page:
    """Show the form for a request."""
    return _form(report_id, {})


@pages.post("/reports/<int(max=2147483647):report_id>/identity")
@needs("identity.request")
def request_identity_form(report_id: int) -> Page:
    """Request contact details; the page that follows holds the secret, once."""
    access.visible_report(report_id)
    form = Form()
    wanted = request.form.getlist("fields")
    purpose = form.needed("purpose", PURPOSE_LIMIT)
    if not wanted:
        form.faults.append(RuleError("document.missing", pointer="/fields"))
    legal = _legal_reason(form)
    try:
        form.finish()
        number, secret = _request(report_id, purpose, wanted, legal)
    except RuleError as fault:
        g.faults = fault.all
        return _form(report_id, request.form, status_of(fault))
    db.session.rollback()
    return render("reports/identity_requested.html", 201, row=visible_request(number), secret=secret)


def _legal_reason(form: Form) -> use_cases.LegalReason | None:
    """Return the reason in law of a request; None without one. Of its three fields, one needs the others."""
    if not any(form.raw(name) for name in ("legal_reason", "legal_document", "reason_ends_at")):
        return None
    reason, document = form.needed("legal_reason", PURPOSE_LIMIT), form.needed("legal_document")
    ends_at = form.bound("reason_ends_at")
    if ends_at is None and not form.has_fault("reason_ends_at"):
        form.faults.append(RuleError("document.missing", pointer="/reason_ends_at"))
    return use_cases.LegalReason(reason, document, ends_at or now())


def _request(report_id: int, purpose: str, wanted: list[str], legal: use_cases.LegalReason | None) -> tuple[int, str]:
    """Return the number and the secret of a request; the same form sent twice makes one."""
    made: list[use_cases.CreatedRequest] = []
    by, token = require_caller().actor, request.form.get(FORM_FIELD, "")[:TOKEN_LIMIT]

    def answer(created: use_cases.CreatedRequest) -> StoredResponse:
        made.append(created)
        return StoredResponse(201, json.dumps([created.row.id, created.secret]))

    sent = repr((by, report_id, purpose, sorted(wanted), legal)).encode("utf-8", "replace")
    once = PublicRequest(f"{token}\n{sent.hex()}" if token else None, sent, answer)
    try:
        use_cases.request_identity(report_id, purpose, wanted, by, now(), once, legal)
    except ResponseReplay as before:
        number, secret = json.loads(before.answer.body)
        return number, secret
    return made[0].row.id, made[0].secret


@pages.get("/identity-requests/<int(max=2147483647):identity_request_id>")
@needs("custody.hold")
def identity_request(identity_request_id: int) -> Page:
    """Show a request to its requester, and to those who may approve it."""
    return _page(identity_request_id)


@pages.post("/identity-requests/<int(max=2147483647):identity_request_id>/approve")
@needs("custody.hold")
def approve_identity_form(identity_request_id: int) -> Page:
    """Approve a request of somebody else; a custodian types the passphrase, or pastes what the command printed."""
    visible_request(identity_request_id)

    def use_case() -> None:
        pasted = request.form.get("shares", "").strip()[:PASTED_LIMIT]
        passphrase = request.form.get("passphrase", "")[:MAX_PASSWORD]
        approve_as_caller(identity_request_id, passphrase, _shares(pasted) if pasted else None)

    return _submitted(identity_request_id, use_case, "identity_approved")


@pages.post("/identity-requests/<int(max=2147483647):identity_request_id>/refuse")
@needs("custody.hold")
def refuse_identity_form(identity_request_id: int) -> Page:
    """Refuse a request of somebody else, with a reason."""
    visible_request(identity_request_id)

    def use_case() -> None:
        form = Form()
        reason = form.needed("reason", PURPOSE_LIMIT)
        form.finish()
        refuse_as_caller(identity_request_id, reason)

    return _submitted(identity_request_id, use_case, "identity_refused")


@pages.post("/identity-requests/<int(max=2147483647):identity_request_id>/withdraw")
@needs("identity.request")
def withdraw_identity_form(identity_request_id: int) -> Page:
    """Withdraw one's own request."""
    visible_request(identity_request_id)

    def use_case() -> None:
        withdraw_identity_request(identity_request_id, require_caller().actor, now())

    return _submitted(identity_request_id, use_case, "identity_withdrawn")


def _submitted(identity_request_id: int, use_case: Callable[[], None], note: str) -> Page:
    return submit(
        use_case,
        lambda: _page(identity_request_id),
        lambda: url_for("pages.identity_request", identity_request_id=identity_request_id),
        note,
    )


def _shares(pasted: str) -> dict[str, str]:
    try:
        found = json.loads(pasted)["shares"]
        return {str(name): str(box) for name, box in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RuleError("identity_request.shares_missing", pointer="/shares") from None


@pages.get("/identity-requests/<int(max=2147483647):identity_request_id>/file")
@needs("custody.hold")
def identity_request_file(identity_request_id: int) -> Response:
    """Return the file that a custodian approves offline."""
    row = visible_request(identity_request_id)
    if not (is_protected(row) and holds_shares(row)):
        raise NotFound
    answer = Response(to_json(offline_request(row, require_caller().actor, now())), content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="identity-request-{row.id}.json"'
    return answer


@pages.post("/identity-requests/<int(max=2147483647):identity_request_id>")
@needs("identity.request")
def read_identity_form(identity_request_id: int) -> Page:
    """Show the fields to the requester, who sends the secret in the body."""
    visible_request(identity_request_id)
    typed = request.form.get("secret", "").strip()[:SECRET_LIMIT]
    try:
        opened = use_cases.read_identity(identity_request_id, typed, require_caller().actor, now())
    except RuleError as fault:
        g.faults = fault.all
        return _page(identity_request_id, status=status_of(fault))
    return _page(identity_request_id, opened.fields, typed)


def _form(report_id: int, given: Mapping[str, str], status: int = 200) -> Page:
    report = access.visible_report(report_id)
    available = [one.field for one in identities_of(report_id)]
    if not available:
        raise NotFound
    chosen = request.form.getlist("fields")
    return render("reports/ask_identity.html", status, report=report, available=available, given=given, chosen=chosen)


def _page(
    identity_request_id: int, fields: Mapping[str, str] | None = None, secret: str = "", status: int = 200
) -> Page:
    row = visible_request(identity_request_id)
    return render(
        "reports/identity_request.html",
        status,
        row=row,
        state=_state(row),
        approvals=approvals_of(identity_request_id),
        refusals=refusals_of(identity_request_id),
        is_own=row.requester == require_caller().owner,
        may_approve=holds_shares(row) if is_protected(row) else approves_sealed(),
        is_protected=is_protected(row),
        fields=fields,
        secret=secret,
        given=request.form,
        passphrase=demonstration()["custodians"]["passphrase"],
    )


def _state(row: IdentityRequest) -> str:
    return request_state(row.opens_at, row.expires_at, now(), row.ended_as)
