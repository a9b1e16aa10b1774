"""Who may see and approve a request for contact details: approvers of sealed ones, custodians of protected ones."""

from collections.abc import Mapping

from werkzeug.exceptions import Forbidden, NotFound

from incident.actions.reports.custodian_approvals import (
    approve_with_passphrase,
    approve_with_shares,
    is_custodian_of,
)
from incident.actions.reports.identity_refusals import refuse_identity
from incident.actions.reports.identity_requests import approve_identity
from incident.core.reports.identity import identity_of
from incident.core.values.access import may
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.reports.identity_requests import IdentityRequest
from incident.store.reports.reports import Report
from incident.web.instance import current_instance, identity_key, now
from incident.web.security import access
from incident.web.security.auth import require_caller


def approve_as_caller(
    identity_request_id: int, passphrase: str | None, shares: Mapping[str, str] | None
) -> IdentityRequest:
    """Approve a request with what the caller gave.

    Raises:
        NotFound: for a request that the caller may not see.
        Forbidden: when it is the requester's only.
        RuleError: `document.missing` when a custodian gave nothing, and those of the use cases.
    """
    row = visible_request(identity_request_id)
    by, notice = require_caller().actor, current_instance().settings.custody.notice
    if not is_protected(row):
        if not approves_sealed():
            raise Forbidden
        return approve_identity(identity_request_id, by, identity_key(), now())
    if shares is not None:
        return approve_with_shares(identity_request_id, shares, by, notice, now())
    if not passphrase:
        raise RuleError("document.missing", pointer="/passphrase")
    return approve_with_passphrase(identity_request_id, passphrase, by, notice, now())


def refuse_as_caller(identity_request_id: int, reason: str) -> IdentityRequest:
    """Refuse a request that the caller might approve.

    Raises:
        NotFound: for a request that the caller may not see.
        Forbidden: when it is the requester's only.
        RuleError: those of the use case.
    """
    row = visible_request(identity_request_id)
    if not is_protected(row) and not approves_sealed():
        raise Forbidden
    return refuse_identity(identity_request_id, reason, require_caller().actor, now())


def visible_request(identity_request_id: int) -> IdentityRequest:
    """Return a request that the caller may see; raises NotFound."""
    row = db.session.get(IdentityRequest, identity_request_id)
    if row is None or not may_see_request(row):
        raise NotFound
    return row


def refuse_barred(identity_request_id: int) -> None:
    """Refuse a request about a report that the caller may not read any more, as if there were none.

    Raises:
        RuleError: `identity_request.unknown` (not found).
    """
    row = db.session.get(IdentityRequest, identity_request_id)
    if row is not None and not access.may_see_report(row.report_id):
        raise RuleError("identity_request.unknown", kind="not_found")


def may_see_request(row: IdentityRequest) -> bool:
    """Return whether the caller made a request, or may be asked to approve it.

    A custodian sees the purpose and the names of the details, and need not be able to see the report.
    """
    if row.requester == identity_of(require_caller().actor):
        return access.may_see_report(row.report_id)
    if is_protected(row):
        return holds_shares(row)
    return approves_sealed() and access.may_see_report(row.report_id)


def holds_shares(row: IdentityRequest) -> bool:
    """Return whether the caller is a custodian of what a request is about."""
    return is_custodian_of(row.report_id, require_caller().person_id)


def is_protected(row: IdentityRequest) -> bool:
    """Return whether a request is about protected details."""
    return db.session.get_one(Report, row.report_id).protection == "protected"


def approves_sealed() -> bool:
    """Return whether the caller may approve requests for sealed details."""
    return may(require_caller().viewer.role, "identity.approve")
