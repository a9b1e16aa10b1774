"""Approvals of requests for protected fields: each custodian gives a share, in a box for the requester.

The private key of a custodian lives for one call, or never comes here: a file is approved offline then.
"""

import base64
import binascii
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from incident.actions.reports.custodians import unlock_custodian
from incident.actions.reports.identities import identity_instance
from incident.actions.reports.identity_requests import (
    approve_in,
    box_in,
    lock_requested,
    open_request_in,
    request_binding,
    wanted_fields,
)
from incident.actions.reports.offline_approvals import OFFLINE, text_of
from incident.actions.reports.protected_identities import index_of_person, open_share, share_binding
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.operations.approval import person_of
from incident.core.values.faults import RuleError
from incident.identity_key import BoxBroken
from incident.store.db.database import db
from incident.store.queries.identity_work import is_of_unit
from incident.store.reports.custodians import Custodian, CustodianSet, IdentityShare, members_of_set, shares_of_identity
from incident.store.reports.identities import ReportIdentity, identities_of
from incident.store.reports.identity_requests import IdentityBox, IdentityRequest, approvals_of

Give = Callable[[UnitOfWork, IdentityRequest], None]


def approve_with_passphrase(
    request_id: int, passphrase: str, by: str, notice: dt.timedelta, now: dt.datetime
) -> IdentityRequest:
    """Approve as a custodian who is signed in: the shares are opened and sealed again for the requester.

    Args:
        request_id: the request.
        passphrase: opens the custodian's private key for this call.
        by: the custodian.
        notice: how long after the last approval the fields open, unless a reason in law is recorded.
        now: when (UTC).

    Raises:
        RuleError: `custodian.wrong_passphrase`, `identity_request.no_custodian` (forbidden), and those of
            `approve_identity`.
    """
    here = identity_instance(now)
    known = db.session.get(IdentityRequest, request_id)
    if known is None:
        raise RuleError("identity_request.unknown", kind="not_found")
    private = unlock_custodian(_custodian_of(known, by), passphrase)  # slow: before other writers have to wait
    db.session.rollback()

    def give(_uow: UnitOfWork, row: IdentityRequest) -> None:
        own = _own_shares(row, by)
        for field, share in own.values():
            box_in(row, field, share.share_index, open_share(field, share, here, private))

    return _approve(request_id, by, notice, now, give)


def approve_with_shares(
    request_id: int, boxes: Mapping[str, str], by: str, notice: dt.timedelta, now: dt.datetime
) -> IdentityRequest:
    """Approve with shares that were opened offline; what is in them is checked when the requester reads.

    Args:
        request_id: the request.
        boxes: in Base64, by field.
        by: the custodian.
        notice: as for `approve_with_passphrase`.
        now: when (UTC).

    Raises:
        RuleError: `identity_request.shares_missing`, and those of `approve_with_passphrase`.
    """

    def give(_uow: UnitOfWork, row: IdentityRequest) -> None:
        own = _own_shares(row, by)
        if boxes.keys() != own.keys():
            raise RuleError("identity_request.shares_missing", pointer="/shares")
        for name, (_, share) in own.items():
            box = IdentityBox(request_id=row.id, field=name, share_index=share.share_index, box=_bytes(boxes[name]))
            db.session.add(box)

    return _approve(request_id, by, notice, now, give)


def offline_request(row: IdentityRequest, by: str, now: dt.datetime) -> dict[str, Any]:
    """Return the file that a custodian approves offline; raises RuleError `identity_request.no_custodian`."""
    here, own, custodian = identity_instance(now), _own_shares(row, by), _custodian_of(row, by)
    [report_uuid] = {field.report_uuid for field, _ in own.values()}
    return {
        "type": OFFLINE,
        "request_binding": text_of(request_binding(row, report_uuid)),
        "request_key": text_of(row.public_key),
        "public_key": text_of(custodian.public_key),
        "sealed_private_key": text_of(custodian.sealed_private_key),
        "shares": {
            name: {
                "box": text_of(share.box),
                "share_binding": text_of(share_binding(field, share.share_index, here)),
            }
            for name, (field, share) in own.items()
        },
    }


def is_custodian_of(report_id: int, person_id: int | None) -> bool:
    """Return whether a person holds shares of the protected fields of a report, which is not about their unit."""
    fields = [one for one in identities_of(report_id) if one.custodian_set is not None]
    holds = bool(fields) and all(index_of_person(one, person_id) is not None for one in fields)
    return holds and not is_of_unit(person_id or 0, report_id)


def _approve(request_id: int, by: str, notice: dt.timedelta, now: dt.datetime, give: Give) -> IdentityRequest:
    with transaction(by, now) as uow:
        row, report = lock_requested(request_id, now)
        if not is_custodian_of(report.id, person_of(by)):
            raise RuleError("identity_request.no_custodian", kind="forbidden")
        approve_in(uow, row, report)
        try:
            give(uow, row)
        except BoxBroken:
            raise RuleError("identity_request.no_custodian", kind="forbidden") from None
        if len(approvals_of(row.id)) >= threshold_of(row):
            open_request_in(uow, row, report, now if row.legal_reason else now + notice)
        db.session.flush()
    return row


def threshold_of(row: IdentityRequest) -> int:
    """Return how many custodians are needed for all fields of a request."""
    sets = {one.custodian_set for one in wanted_fields(row)}
    return max(db.session.get_one(CustodianSet, one).threshold for one in sets)


def _own_shares(row: IdentityRequest, by: str) -> dict[str, tuple[ReportIdentity, IdentityShare]]:
    found = {}
    for field in wanted_fields(row):
        index = index_of_person(field, person_of(by))
        share = next((one for one in shares_of_identity(field.id) if one.share_index == index), None)
        if share is None:
            raise RuleError("identity_request.no_custodian", kind="forbidden")
        found[field.field] = (field, share)
    return found


def _custodian_of(row: IdentityRequest, by: str) -> Custodian:
    """Return the custodian as whom the actor holds the shares: an older key may hold them."""
    members = members_of_set(wanted_fields(row)[0].custodian_set or 0)
    found = next((one for _, one in members if one.person_id == person_of(by)), None)
    if found is None:
        raise RuleError("identity_request.no_custodian", kind="forbidden")
    return found


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise RuleError("identity_request.shares_missing", pointer="/shares") from None
