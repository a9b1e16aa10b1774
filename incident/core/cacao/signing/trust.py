"""Trust in a signed playbook: by the signers that an administrator has named, at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from incident.core.cacao.checks.shapes import text_of
from incident.core.cacao.faults import Fault, error
from incident.core.cacao.signing.signature import Key
from incident.core.cacao.signing.signed import Signature, examine
from incident.core.cacao.text.moments import to_milliseconds
from incident.core.cacao.values import Json

CLAUSE = "CACAO 2.0 section 10.15"
TITLE_LIMIT: Final = 80


@dataclass(frozen=True, slots=True)
class Signer:
    """A trusted signer, from `valid_from` until `valid_until`, or until revoked."""

    name: str
    key: Key
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A signature and whether it counts; `code` says why it does not, "" when it does."""

    signature: Signature
    signer: Signer | None
    code: str
    args: Mapping[str, Any]

    @property
    def is_trusted(self) -> bool:
        """Whether it is a valid signature by a signer who is trusted now."""
        return not self.code

    def fault(self, title: str) -> Fault:
        """Return why this signature on a playbook of that title does not count, as a fault."""
        signee = self.signature.signee or "?"
        args = {"title": title, "signee": signee, "algorithm": self.signature.algorithm, **self.args}
        return error(self.code, self.signature.pointer, CLAUSE, **args)


@dataclass(frozen=True, slots=True)
class TrustResult:
    """Trust in the signatures on a playbook at a moment."""

    title: str
    signatures: tuple[Judged, ...]

    @property
    def is_trusted(self) -> bool:
        """Whether at least one signature counts."""
        return any(one.is_trusted for one in self.signatures)

    @property
    def faults(self) -> list[Fault]:
        """Return why it is not trusted; nothing when it is."""
        return [] if self.is_trusted else self.doubts

    @property
    def doubts(self) -> list[Fault]:
        """Return the fault of each signature that does not count: warnings when another one does."""
        if not self.signatures:
            return [error("playbook_unsigned", "/signatures", CLAUSE, title=self.title)]
        found = [one.fault(self.title) for one in self.signatures if not one.is_trusted]
        return [replace(one, severity="warning") for one in found] if self.is_trusted else found


def judge(document: Json, signers: Sequence[Signer], now: datetime) -> TrustResult:
    """Verify the signatures on a document and return their trust.

    Args:
        document: the exact document that will run, as `load` returns it.
        signers: everybody who was ever trusted, with the moment at which trust was revoked.
        now: the moment (UTC).
    """
    found = examine(document, [one.key for one in signers])
    by_key: dict[str, list[Signer]] = {}
    for signer in signers:
        by_key.setdefault(signer.key.fingerprint, []).append(signer)
    torn = {one.chain for one in found if one.state == "broken"}
    judged = (_judged(one, by_key, now, is_torn=one.chain in torn) for one in found)
    title = (text_of(document, "name") or text_of(document, "id") or "?")[:TITLE_LIMIT]
    return TrustResult(title, tuple(judged))


def _judged(one: Signature, by_key: Mapping[str, list[Signer]], now: datetime, *, is_torn: bool) -> Judged:
    if one.state != "holds" or one.key is None:
        return Judged(one, None, one.code, one.args)
    code, args = _own_fault(one, now)
    signer, doubt, about = _best(by_key.get(one.key.fingerprint, ()), now)
    if not code and doubt:
        code, args = doubt, about or {"fingerprint": one.key.fingerprint[:16]}
    if not code and is_torn:
        code, args = "countersignature_broken", {}
    return Judged(one, signer, code, args)


def _own_fault(one: Signature, now: datetime) -> tuple[str, dict[str, Any]]:
    """Return why a signature is invalid at a moment by its own claims."""
    if one.is_revoked:
        return "signature_revoked", {}
    return _outside("signature", one.valid_from, one.valid_until, now)


def _best(signers: Iterable[Signer], now: datetime) -> tuple[Signer | None, str, dict[str, Any]]:
    """Return the signer of a key who is trusted now, else one with the reason why not."""
    worst: tuple[Signer | None, str, dict[str, Any]] = (None, "signer_unknown", {})
    for signer in signers:
        if signer.revoked_at is not None and signer.revoked_at <= now:
            code, args = "signer_revoked", {"at": to_milliseconds(signer.revoked_at)}
        else:
            code, args = _outside("signer", signer.valid_from, signer.valid_until, now)
        if not code:
            return signer, "", {}
        worst = signer, code, {**args, "name": signer.name}
    return worst


def _outside(
    what: str, valid_from: datetime | None, valid_until: datetime | None, now: datetime
) -> tuple[str, dict[str, Any]]:
    if valid_from is not None and now < valid_from:
        return f"{what}_early", {"at": to_milliseconds(valid_from)}
    if valid_until is not None and now >= valid_until:
        return f"{what}_late", {"at": to_milliseconds(valid_until)}
    return "", {}
