"""What about contact details of reporters waits for a person: requests to answer, their answers, calls to make."""

from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, exists, false, func, or_, select

from incident.core.values.access import Viewer, may
from incident.store.queries.visibility import visible_reports
from incident.store.reports.custodians import Custodian, CustodianSetMember
from incident.store.reports.identities import ReportHandler, ReportIdentity
from incident.store.reports.identity_requests import IdentityApproval, IdentityRefusal, IdentityRequest
from incident.store.reports.report_calls import ReportCall
from incident.store.reports.reports import Report

ANSWERED_AT = func.coalesce(IdentityRequest.ended_at, IdentityRequest.opens_at)
"""When a request was refused, or from when its requester can read the details."""

_own: ColumnElement[int] = bindparam("own_person")
_signer: ColumnElement[str] = bindparam("own_signer", type_=String)
_now: ColumnElement[Any] = bindparam("now")
_IS_ALIVE = IdentityRequest.expires_at > _now


def unanswered_requests(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the query for the ids of the requests that a person may answer and has not answered.

    The person, their identity and the moment are the parameters `own_person`, `own_signer` and `now`.
    """
    waits = (IdentityRequest.opens_at.is_(None), IdentityRequest.ended_as.is_(None), _IS_ALIVE)
    its = IdentityRequest.id
    is_untouched = and_(
        IdentityRequest.requester != _signer,
        ~exists().where(IdentityApproval.request_id == its, IdentityApproval.approver == _signer),
        ~exists().where(IdentityRefusal.request_id == its, IdentityRefusal.refuser == _signer),
        ~exists().where(ReportHandler.report_id == Report.id, ReportHandler.handler == _signer),
    )
    query = select(its).join(Report, Report.id == IdentityRequest.report_id)
    return query.where(*waits, is_untouched, or_(_holds_shares(), _approves(viewer)))


def answered_requests() -> Select[*tuple[Any, ...]]:
    """Return the query for the ids of a person's own live requests that were refused, or that they can read."""
    is_answered = or_(IdentityRequest.ended_as == "refused", IdentityRequest.opens_at <= _now)
    is_withdrawn = IdentityRequest.ended_as == "withdrawn"
    return select(IdentityRequest.id).where(
        IdentityRequest.requester == _signer, _IS_ALIVE, is_answered, is_withdrawn.is_not(True)
    )


def calls_for_operators(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the query for the ids of the calls that wait for a person as an operator."""
    waits = (ReportCall.way == "operator", ReportCall.state == "waiting", ReportCall.requester != _signer)
    query = select(ReportCall.id).join(Report, Report.id == ReportCall.report_id)
    return query.where(*waits, visible_reports(viewer))


def _holds_shares() -> ColumnElement[bool]:
    its = select(Custodian.id).join(CustodianSetMember, CustodianSetMember.custodian_id == Custodian.id)
    theirs = its.where(CustodianSetMember.set_id == ReportIdentity.custodian_set, Custodian.person_id == _own)
    sealed_for = ReportIdentity.report_id == Report.id, ReportIdentity.custodian_set.is_not(None)
    return and_(Report.protection == "protected", exists().where(*sealed_for, theirs.exists()))


def _approves(viewer: Viewer) -> ColumnElement[bool]:
    if not may(viewer.role, "identity.approve"):
        return false()
    return and_(Report.protection == "sealed", visible_reports(viewer))
