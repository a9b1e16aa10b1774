"""Pages about opening contact details of reporters: request, approve, read.

The secret of a request is only in the page that its requester gets, and in the body of the form that opens it.
"""

import json
from collections.abc import Mapping
from typing import Final

from flask import g, request, url_for
from werkzeug.exceptions import NotFound

from incident.actions.reports import identity_requests as use_cases
from incident.actions.reports.public_request import PublicRequest
from incident.actions.unit_of_work import ResponseReplay, StoredResponse
from incident.core.reports.identity import CONTACT_FIELDS, PURPOSE_LIMIT, identity_of, request_state
from incident.core.values.access import may
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.reports.identities import identities_of
from incident.store.reports.identity_requests import IdentityRequest, approvals_of, live_requests
from incident.web.http.errors import status_of
from incident.web.http.idempotency import FORM_FIELD, TOKEN_LIMIT
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.instance import identity_key, now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

PAGE_LIMIT: Final = 50
SECRET_LIMIT: Final = 100


@pages.get("/identity-requests")
@needs("identity.request")
def identity_requests() -> Page:
    """List the requests that are alive: one's own, or all for those who approve."""
    after = read_cursor(request.args.get("cursor"), (int,)) or (None,)
    own = None if _approves() else require_caller().owner
    rows = [one for one in live_requests(now(), own, after[0], PAGE_LIMIT + 1) if _may_see(one)]
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
    try:
        form.finish()
        number, secret = _request(report_id, purpose, wanted)
    except RuleError as fault:
        g.faults = fault.all
        return _form(report_id, request.form, status_of(fault))
    db.session.rollback()
    return render("reports/identity_requested.html", 201, row=_one(number), secret=secret)


def _request(report_id: int, purpose: str, wanted: list[str]) -> tuple[int, str]:
    """Return the number and the secret of a request; the same form sent twice makes one."""
    made: list[use_cases.CreatedRequest] = []
    by, token = require_caller().actor, request.form.get(FORM_FIELD, "")[:TOKEN_LIMIT]

    def answer(created: use_cases.CreatedRequest) -> StoredResponse:
        made.append(created)
        return StoredResponse(201, json.dumps([created.row.id, created.secret]))

    sent = repr((by, report_id, purpose, sorted(wanted))).encode("utf-8", "replace")
    once = PublicRequest(f"{token}\n{sent.hex()}" if token else None, sent, answer)
    try:
        use_cases.request_identity(report_id, purpose, wanted, by, now(), once)
    except ResponseReplay as before:
        number, secret = json.loads(before.answer.body)
        return number, secret
    return made[0].row.id, made[0].secret


@pages.get("/identity-requests/<int(max=2147483647):identity_request_id>")
@needs("identity.request")
def identity_request(identity_request_id: int) -> Page:
    """Show a request to its requester, and to those who may approve it."""
    return _page(identity_request_id)


@pages.post("/identity-requests/<int(max=2147483647):identity_request_id>/approve")
@needs("identity.approve")
def approve_identity_form(identity_request_id: int) -> Page:
    """Approve a request of somebody else."""
    _one(identity_request_id)
    by = require_caller().actor
    return submit(
        lambda: use_cases.approve_identity(identity_request_id, by, identity_key(), now()),
        lambda: _page(identity_request_id),
        lambda: url_for("pages.identity_request", identity_request_id=identity_request_id),
        "identity_approved",
    )


@pages.post("/identity-requests/<int(max=2147483647):identity_request_id>")
@needs("identity.request")
def read_identity_form(identity_request_id: int) -> Page:
    """Show the fields to the requester, who sends the secret in the body."""
    _one(identity_request_id)
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
    row = _one(identity_request_id)
    return render(
        "reports/identity_request.html",
        status,
        row=row,
        state=_state(row),
        approvals=approvals_of(identity_request_id),
        is_own=row.requester == require_caller().owner,
        may_approve=_approves(),
        order=CONTACT_FIELDS,
        fields=fields,
        secret=secret,
    )


def _one(identity_request_id: int) -> IdentityRequest:
    """Return a request that the viewer may see; raises NotFound."""
    found: IdentityRequest = access.require_visible(db.session.get(IdentityRequest, identity_request_id), _may_see)
    return found


def _may_see(row: IdentityRequest) -> bool:
    is_own = row.requester == identity_of(require_caller().actor)
    return (is_own or _approves()) and access.may_see_report(row.report_id)


def _approves() -> bool:
    return may(require_caller().viewer.role, "identity.approve")


def _state(row: IdentityRequest) -> str:
    return request_state(row.opens_at, row.expires_at, now())
