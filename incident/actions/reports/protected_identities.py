"""Protected fields: each has a key of its own, split among custodians, of whom several open it."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from incident.core.reports.custody import combine_shares, protected_binding, split_key
from incident.core.values.faults import RuleError
from incident.identity_key import close_box, open_box, padded, unpadded
from incident.store.db.database import db
from incident.store.reports import custodians as store
from incident.store.reports.custodians import IdentityShare
from incident.store.reports.identities import ReportIdentity

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


@dataclass(frozen=True)
class CustodyKeys:
    """The public keys of a set of custodians, by the index of their shares."""

    set_id: int
    threshold: int
    public_keys: Mapping[int, bytes]


@dataclass(frozen=True)
class ShareOfField:
    """A share in the box of its custodian, and its mark."""

    index: int
    box: bytes
    mark: str


@dataclass(frozen=True)
class ProtectedField:
    """A sealed field, and the shares of its key; none where the key of the instance opens it."""

    sealed: bytes
    shares: Sequence[ShareOfField] = ()


def current_custody() -> CustodyKeys | None:
    """Return the keys that protected fields are sealed for now, None before the ceremony."""
    current = store.current_set()
    if current is None:
        return None
    keys = {index: one.public_key for index, one in store.members_of_set(current.id)}
    return CustodyKeys(current.id, current.threshold, keys)


def protect(text: str, instance: str, report: str, field: str, custody: CustodyKeys) -> ProtectedField:
    """Seal a field under a fresh key, and split that key among the custodians.

    Args:
        text: the field.
        instance: the random id of the instance.
        report: the UUID of the report.
        field: the name of the field.
        custody: the custodians.
    """
    key, nonce = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
    whole = protected_binding(instance, report, field, custody.set_id, custody.threshold)
    sealed = nonce + AESGCMSIV(key).encrypt(nonce, padded(text), whole)
    split = split_key(key, custody.threshold, len(custody.public_keys), secrets.token_bytes)
    shares = [
        ShareOfField(
            index,
            close_box(
                split[index],
                public_key,
                protected_binding(instance, report, field, custody.set_id, custody.threshold, index),
            ),
            mark_of(split[index]),
        )
        for index, public_key in custody.public_keys.items()
    ]
    return ProtectedField(sealed, shares)


def open_share(row: ReportIdentity, share: IdentityShare, instance: str, private: X25519PrivateKey) -> bytes:
    """Return the share of a custodian; raises BoxBroken for another custodian's key."""
    return open_box(share.box, private, share_binding(row, share.share_index, instance))


def share_binding(row: ReportIdentity, index: int, instance: str) -> bytes:
    """Return what the share of a stored field is bound to."""
    return protected_binding(instance, row.report_uuid, row.field, *_set_of(row), index)


def unprotect(row: ReportIdentity, shares: Mapping[int, bytes], instance: str) -> str:
    """Return a field from the shares of enough custodians; shares that were made up are left out.

    Raises:
        RuleError: `identity_request.shares_do_not_fit` (conflict).
    """
    marks = {one.share_index: one.mark for one in store.shares_of_identity(row.id)}
    good = {index: share for index, share in shares.items() if marks.get(index) == mark_of(share)}
    set_id, threshold = _set_of(row)
    if len(good) < threshold:
        raise RuleError("identity_request.shares_do_not_fit", kind="conflict")
    key = combine_shares(dict(sorted(good.items())[:threshold]))
    whole = protected_binding(instance, row.report_uuid, row.field, set_id, threshold)
    try:
        return unpadded(AESGCMSIV(key).decrypt(row.sealed[:NONCE_BYTES], row.sealed[NONCE_BYTES:], whole))
    except InvalidTag:
        raise RuleError("identity_request.shares_do_not_fit", kind="conflict") from None


def store_shares(row: ReportIdentity, field: ProtectedField) -> None:
    """Store the shares of a field within the caller's transaction."""
    for one in field.shares:
        db.session.add(IdentityShare(identity_id=row.id, share_index=one.index, box=one.box, mark=one.mark))


def index_of_person(row: ReportIdentity, person_id: int | None) -> int | None:
    """Return the index of a person's share of a field; None when they hold none, or were removed."""
    members = store.members_of_set(row.custodian_set or 0)
    return next((index for index, one in members if one.person_id == person_id and one.ended_at is None), None)


def mark_of(share: bytes) -> str:
    """Return the mark of a share, which is 256 random bits and cannot be guessed from it."""
    return hashlib.sha256(share).hexdigest()


def _set_of(row: ReportIdentity) -> tuple[int, int]:
    found = db.session.get_one(store.CustodianSet, row.custodian_set)
    return found.id, found.threshold
