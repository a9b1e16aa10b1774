"""What about contact details of reporters waits for a person: requests to answer, their answers, calls to make."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, String, and_, bindparam, exists, false, func, or_, select

from incident.core.values.access import Viewer, may
from incident.store.db.database import db
from incident.store.directory.members import Member
from incident.store.directory.people import Person
from incident.store.queries.visibility import visible_reports
from incident.store.reports.custodians import Custodian, CustodianSetMember
from incident.store.reports.identities import ReportHandler, ReportIdentity
from incident.store.reports.identity_requests import IdentityApproval, IdentityRefusal, IdentityRequest
from incident.store.reports.report_calls import UNDER_WAY, ReportCall
from incident.store.reports.report_units import ReportUnit
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
    if not may(viewer.role, "identity.approve"):
        return _waiting_for_custodians()
    return _waiting(and_(Report.protection == "sealed", visible_reports(viewer)))


@cache
def _waiting_for_custodians() -> Select[*tuple[Any, ...]]:
    """Return the query for people who approve as custodians only; kept, because every page asks it."""
    return _waiting(false())


def _waiting(approvable: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    waits = (IdentityRequest.opens_at.is_(None), IdentityRequest.ended_as.is_(None), _IS_ALIVE)
    its = IdentityRequest.id
    is_untouched = and_(
        IdentityRequest.requester != _signer,
        ~exists().where(IdentityApproval.request_id == its, IdentityApproval.approver == _signer),
        ~exists().where(IdentityRefusal.request_id == its, IdentityRefusal.refuser == _signer),
        ~exists().where(ReportHandler.report_id == Report.id, ReportHandler.handler == _signer),
    )
    query = select(its).join(Report, Report.id == IdentityRequest.report_id)
    return query.where(*waits, is_untouched, or_(_holds_shares(), approvable))


def answered_requests(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the query for the ids of a person's own live requests that were refused, or that they can read."""
    is_answered = or_(IdentityRequest.ended_as == "refused", IdentityRequest.opens_at <= _now)
    is_withdrawn = IdentityRequest.ended_as == "withdrawn"
    query = select(IdentityRequest.id).join(Report, Report.id == IdentityRequest.report_id)
    own = (IdentityRequest.requester == _signer, _IS_ALIVE, is_answered, is_withdrawn.is_not(True))
    return query.where(*own, visible_reports(viewer))


def calls_for_operators(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Return the query for the ids of the calls that wait for a person as an operator."""
    waits = (ReportCall.way == "operator", ReportCall.state == "waiting", ReportCall.requester != _signer)
    is_handled = exists().where(ReportHandler.report_id == Report.id, ReportHandler.handler == _signer)
    query = select(ReportCall.id).join(Report, Report.id == ReportCall.report_id)
    return query.where(*waits, ~is_handled, visible_reports(viewer))


def list_operator_calls(viewer: Viewer, after: int | None, limit: int) -> Sequence[ReportCall]:
    """Return the calls that operators have to make or have begun, the oldest first.

    Args:
        viewer: the person who asks; calls of reports that they may not read are left out.
        after: the last id of the page before, None for the first page.
        limit: the largest number.
    """
    wanted = select(ReportCall).join(Report, Report.id == ReportCall.report_id)
    wanted = wanted.where(ReportCall.way == "operator", ReportCall.state.in_(UNDER_WAY), visible_reports(viewer))
    if after is not None:
        wanted = wanted.where(ReportCall.id > after)
    return db.session.scalars(wanted.order_by(ReportCall.id).limit(limit)).all()


def _holds_shares() -> ColumnElement[bool]:
    its = select(Custodian.id).join(CustodianSetMember, CustodianSetMember.custodian_id == Custodian.id)
    theirs = its.where(CustodianSetMember.set_id == ReportIdentity.custodian_set, Custodian.person_id == _own)
    sealed_for = ReportIdentity.report_id == Report.id, ReportIdentity.custodian_set.is_not(None)
    about = exists().where(ReportUnit.report_id == Report.id, ReportUnit.department_id.in_(_own_departments()))
    return and_(Report.protection == "protected", exists().where(*sealed_for, theirs.exists()), ~about)


def is_of_unit(person_id: int, report_id: int) -> bool:
    """Return whether a person belongs to a department that a report is about."""
    about = select(ReportUnit.report_id).where(
        ReportUnit.report_id == report_id, ReportUnit.department_id.in_(_own_departments())
    )
    return db.session.scalar(about.limit(1), {"own_person": person_id}) is not None


def _own_departments() -> CompoundSelect[*tuple[Any, ...]]:
    members = select(Member.department_id).where(Member.person_id == _own)
    return members.union_all(select(Person.department_id).where(Person.id == _own, Person.department_id.is_not(None)))
