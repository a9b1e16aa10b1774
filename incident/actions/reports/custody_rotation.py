"""A change of the set of custodians: enough present ones open every protected field for the next set.

Each field is rewritten in a transaction of its own, with a fresh key: killed at any point, the command goes on where it
stopped.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import delete

from incident.actions.reports.identities import identity_instance
from incident.actions.reports.protected_identities import (
    current_custody,
    open_share,
    protect,
    store_shares,
    unprotect,
)
from incident.actions.unit_of_work import transaction
from incident.core.values.faults import RuleError
from incident.identity_key import public_bytes
from incident.store.db.database import db
from incident.store.reports import custodians as store
from incident.store.reports.custodians import CustodianSet, IdentityShare
from incident.store.reports.identities import ReportIdentity
from incident.store.reports.identity_requests import end_requests_of

PrivateKeys = Mapping[bytes, X25519PrivateKey]
"""Private keys of custodians by their public halves."""


def keys_by_public(keys: Sequence[X25519PrivateKey]) -> PrivateKeys:
    """Return private keys by their public halves: of the same key twice, one is left."""
    return {public_bytes(one): one for one in keys}


def begin_proposed_set(keys: PrivateKeys, by: str, now: dt.datetime) -> CustodianSet | None:
    """Begin the proposed set with the private keys of enough custodians of the present one.

    Args:
        keys: the private keys.
        by: the console.
        now: when (UTC).

    Returns:
        The set; None when none is proposed, such as when the command goes on after it was killed.

    Raises:
        RuleError: `custody.too_few` (forbidden), `custody.not_tested` (conflict).
    """
    with transaction(by, now) as uow:
        newest, current = store.newest_set(), store.current_set()
        if newest is None or newest.begun_at is not None or current is None:
            return None
        _require_enough(current, keys)
        members = store.members_of_set(newest.id)
        if any(one.tested_at is None or one.ended_at is not None for _, one in members):
            raise RuleError("custody.not_tested", kind="conflict")
        current.ended_at = newest.begun_at = now
        staying = {one.id for _, one in members}
        for _, one in store.members_of_set(current.id):
            if one.id not in staying:
                one.ended_at = now
        detail = {"threshold": newest.threshold, "before": current.id}
        uow.record("custody.set_begun", f"custodian_set:{newest.id}", detail)
    return newest


def rewrite_identities(keys: PrivateKeys, by: str, now: dt.datetime) -> Iterator[int]:
    """Rewrite every field that is sealed for an older set, and yield how many are left after each.

    Raises:
        RuleError: `custody.too_few` (forbidden) when the keys are not enough for the set of a field.
    """
    here, custody = identity_instance(now), current_custody()
    if custody is None:
        return
    left = store.count_of_older_sets(custody.set_id)
    while found := store.identities_of_older_sets(custody.set_id, 1):
        _rewrite(found[0].id, keys, here, by, now)
        left -= 1
        yield max(left, 0)


def _rewrite(identity_id: int, keys: PrivateKeys, here: str, by: str, now: dt.datetime) -> None:
    with transaction(by, now) as uow:
        row, custody = db.session.get_one(ReportIdentity, identity_id, with_for_update=True), current_custody()
        before = db.session.get_one(CustodianSet, row.custodian_set)
        _require_enough(before, keys)
        if custody is None or row.custodian_set == custody.set_id:
            return
        text = unprotect(row, _open_shares(row, before, keys, here), here)
        field = protect(text, here, row.report_uuid, row.field, custody)
        db.session.execute(delete(IdentityShare).where(IdentityShare.identity_id == row.id))
        row.sealed, row.sealed_at, row.custodian_set = field.sealed, now, custody.set_id
        store_shares(row, field)
        end_requests_of(row.report_id, now)  # approvals by custodians of the old set fit no longer
        uow.record("custody.rewritten", f"report:{row.report_id}", {"field": row.field, "set": custody.set_id})


def _open_shares(row: ReportIdentity, before: CustodianSet, keys: PrivateKeys, here: str) -> dict[int, bytes]:
    boxes = {one.share_index: one for one in store.shares_of_identity(row.id)}
    return {
        index: open_share(row, boxes[index], here, keys[one.public_key])
        for index, one in store.members_of_set(before.id)
        if one.public_key in keys
    }


def _require_enough(row: CustodianSet, keys: PrivateKeys) -> None:
    given = sum(one.public_key in keys for _, one in store.members_of_set(row.id))
    if given < row.threshold:
        raise RuleError("custody.too_few", {"given": given, "needed": row.threshold}, kind="forbidden")
