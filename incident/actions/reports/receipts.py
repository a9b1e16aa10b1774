"""Receipts: drawn for a report, hashed slowly, and looked up."""

import base64
import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from typing import Final

from incident.actions.reports.reports import PUBLIC
from incident.actions.unit_of_work import retry_on_conflict, transaction
from incident.core.reports.receipt import DIGITS, read_old_receipt, read_receipt
from incident.core.values.faults import RuleError
from incident.keyring import KeyRing
from incident.receipt_hashing import SALT_BYTES, HashingBusy, ReceiptHasher
from incident.store.db.database import db
from incident.store.operations import instance
from incident.store.reports.reports import Report, report_by_receipt

SALT: Final = "receipt_salt"
"""The instance setting with the salt of all receipts.

There is one for all, because a receipt is looked up without a name.
"""

RECEIPT_KEPT_FOR: Final = dt.timedelta(days=730)
"""How long after the end of its report a receipt is kept."""


def new_receipt() -> str:
    """Return the 16 random digits of a receipt."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def mark_new_receipt(digits: str, ring: KeyRing, hasher: ReceiptHasher, now: dt.datetime) -> str:
    """Return what is stored of a new receipt.

    Args:
        digits: the receipt.
        ring: its newest key marks the hash.
        hasher: computes the hash.
        now: when (UTC).

    Raises:
        RuleError: `report.busy` (unavailable).
    """
    return ring.mark_receipt(_hash(digits, hasher, now))


def report_of_receipt(typed: str, ring: KeyRing, hasher: ReceiptHasher, now: dt.datetime) -> Report:
    """Return the report of a typed receipt; it takes equally long whether there is one.

    Raises:
        RuleError: `receipt.unknown` (not found), `report.busy` (unavailable).
    """
    report = report_by_receipt(_marks(typed, ring, hasher, now))
    if report is None:
        raise RuleError("receipt.unknown", pointer="/receipt", kind="not_found")
    return report


def old_receipt_hash(plain: str) -> str:
    """Return what is stored of a receipt of 20 letters and digits, of 100 random bits."""
    return hashlib.sha256(plain.encode()).hexdigest()


def _marks(typed: str, ring: KeyRing, hasher: ReceiptHasher, now: dt.datetime) -> Sequence[str]:
    old, digits = read_old_receipt(typed), read_receipt(typed)
    if digits is not None:
        return ring.receipt_marks(_hash(digits, hasher, now, is_look_up=True))
    return [] if old is None else [old_receipt_hash(old)]


def _hash(digits: str, hasher: ReceiptHasher, now: dt.datetime, *, is_look_up: bool = False) -> bytes:
    salt = _salt(now)
    db.session.rollback()  # no transaction stays open while a request waits for its place
    try:
        return hasher.hash(digits, salt, is_look_up=is_look_up)
    except HashingBusy:
        raise RuleError("report.busy", kind="unavailable") from None


def _salt(now: dt.datetime) -> bytes:
    kept = instance.instance_setting(SALT) or retry_on_conflict(lambda: _draw_salt(now))
    return base64.b64decode(kept)


def _draw_salt(now: dt.datetime) -> str:
    with transaction(PUBLIC, now):
        kept: str | None = instance.instance_setting(SALT)
        if kept is None:
            kept = base64.b64encode(secrets.token_bytes(SALT_BYTES)).decode()
            instance.put_instance_setting(SALT, kept)
    return kept
