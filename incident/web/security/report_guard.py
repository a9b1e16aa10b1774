"""Protection of public reports: slow hashing of receipts, and limits per address in memory only."""

import hmac
import math
import secrets
import time
from dataclasses import dataclass
from typing import Final

import flask

from incident.actions.reports import receipts
from incident.client_addresses import address_block, is_in
from incident.core.incidents.alert_rate import take_tokens
from incident.core.reports.limits import ReportLimits
from incident.core.reports.proof_of_work import is_proved
from incident.core.values.faults import RuleError
from incident.receipt_hashing import ReceiptHasher
from incident.shared_buckets import SharedBuckets
from incident.store.reports.reports import Report
from incident.web.instance import current_instance, now
from incident.web.security.client import client_address

EXTENSION: Final = "incident_report_guard"
REPORTS_WINDOW: Final = 3_600.0
RECEIPTS_WINDOW: Final = 900.0
CELLS: Final = 1 << 16
OFFICE_CELLS: Final = 1 << 10
PROVED_TIMES: Final = 10
"""How many times as many reports an address may send with proofs of work."""

CHALLENGE_LIVES_FOR: Final = 900.0
CHALLENGE_LIMIT: Final = 200
"""The largest number of characters of a challenge."""


@dataclass(frozen=True)
class SlowRate:
    """`burst` uses at once, and as many again in `window` seconds."""

    burst: int
    window: float

    def take(self, tokens: float, passed: float, count: int) -> tuple[float, float]:
        """Take tokens from a bucket; return the tokens that are left, and the seconds after which to try again."""
        return take_tokens(self.burst, self.burst / self.window, tokens, passed, count)


class ReportGuard:
    """Created before the processes are forked, which share it: the key of the addresses is drawn at start."""

    def __init__(self, limits: ReportLimits) -> None:
        self.hasher = ReceiptHasher()
        self._limits = limits
        self._key = secrets.token_bytes(32)
        self._reports = _LimitedUse(limits, REPORTS_WINDOW)
        self._receipts = _LimitedUse(limits, RECEIPTS_WINDOW)
        self._proved = _LimitedUse(limits.times(PROVED_TIMES), REPORTS_WINDOW)
        self._used = SharedBuckets(SlowRate(1, 2 * CHALLENGE_LIVES_FOR), CELLS)

    def count_report(self, challenge: str = "", solutions: str = "") -> None:
        """Count a report from this address; with a proof of work it may send more.

        Args:
            challenge: one that `new_challenge` made for this address; empty without a proof.
            solutions: what the browser computed.

        Raises:
            RuleError: `throttle.too_often`.
        """
        if self._is_proved(challenge, solutions):
            self._count(self._proved)
        else:
            self._count(self._reports)

    def uncount_report(self) -> None:
        """Give back the report that this request counted: it could not be received."""
        self._use(self._reports, -1)

    def new_challenge(self) -> str:
        """Return the challenge of a proof of work: for this address, for some minutes, to be used once."""
        text = f"{secrets.token_urlsafe(16)}.{int(time.monotonic())}"
        return f"{text}.{self._sign(text)}"

    def _is_proved(self, challenge: str, solutions: str) -> bool:
        text, _, signature = challenge[:CHALLENGE_LIMIT].rpartition(".")
        if not hmac.compare_digest(self._sign(text).encode(), signature.encode("utf-8", "replace")):
            return False
        age = time.monotonic() - int(text.rpartition(".")[2])
        if age > CHALLENGE_LIVES_FOR or not is_proved(challenge, solutions):
            return False
        return not self._used.take(challenge, 1, time.monotonic())

    def _sign(self, text: str) -> str:
        block = address_block(client_address())
        return hmac.digest(self._key, f"challenge {block} {text}".encode("utf-8", "replace"), "sha256").hex()

    def count_unknown_receipt(self) -> None:
        """Count a receipt from this address that nobody has; raises RuleError `throttle.too_often`."""
        self._count(self._receipts)

    def _count(self, use: "_LimitedUse") -> None:
        wait = self._use(use, 1)
        if wait:
            seconds = math.ceil(wait)
            arguments = {"seconds": seconds, "minutes": math.ceil(seconds / 60), "retry_after": seconds}
            raise RuleError("throttle.too_often", arguments, kind="forbidden")

    def _use(self, use: "_LimitedUse", count: int) -> float:
        found = client_address()
        address = hmac.digest(self._key, address_block(found).encode(), "sha256").hex()
        buckets = use.of_office if is_in(found, self._limits.offices) else use.of_address
        return buckets.take(address, count, time.monotonic())


class _LimitedUse:
    """The buckets of one use of addresses: of single ones, and of offices with many people behind one."""

    def __init__(self, limits: ReportLimits, window: float) -> None:
        self.of_address = SharedBuckets(SlowRate(limits.per_address, window), CELLS)
        self.of_office = SharedBuckets(SlowRate(limits.per_office, window), OFFICE_CELLS)


def register(app: flask.Flask, limits: ReportLimits) -> None:
    """Create an app's guard before its processes are forked."""
    app.extensions[EXTENSION] = ReportGuard(limits)


def report_guard() -> ReportGuard:
    """Return the guard of this app."""
    found: ReportGuard = flask.current_app.extensions[EXTENSION]
    return found


def report_of_typed_receipt(typed: str) -> Report:
    """Return the report of a receipt; only receipts that nobody has are counted, so the holder is never locked out.

    Raises:
        RuleError: `receipt.unknown` (not found), `throttle.too_often`, `report.busy` (unavailable).
    """
    guard = report_guard()
    try:
        return receipts.report_of_receipt(typed, current_instance().ring, guard.hasher, now())
    except RuleError as fault:
        if fault.code == "receipt.unknown":
            guard.count_unknown_receipt()
        raise


def mark_drawn_receipt(digits: str) -> str:
    """Return what is stored of a new receipt; raises RuleError `report.busy` (unavailable)."""
    return receipts.mark_new_receipt(digits, current_instance().ring, report_guard().hasher, now())
