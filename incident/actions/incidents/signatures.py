"""Signing secrets of sources: put, rotated, ended and removed."""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from incident.actions.unit_of_work import IdempotentRequest, UnitOfWork, transaction
from incident.core.incidents.signatures.scheme import (
    SignatureScheme,
    new_signing_secret,
    read_scheme,
    scheme_name,
    signing_key,
)
from incident.core.values.document import Reader, any_text, truth
from incident.core.values.faults import RuleError
from incident.keyring import KeyRing
from incident.sources import SOURCES
from incident.store.db.database import db
from incident.store.incidents import signatures, sources
from incident.store.incidents.signatures import SourceSignature

OLD_SECRET_VALID_FOR = dt.timedelta(hours=24)
"""How long the former secret remains valid after a rotation."""
_SECRET_BYTES = 32


@dataclass(frozen=True)
class PutSignature:
    """A signature as it was put; `secret` is the one that was generated, which is returned only once."""

    row: SourceSignature
    secret: str | None
    is_new: bool


def sealed_place(source: str, column: str = "sealed_secret") -> str:
    """Return the data that a source's signing secret is bound to."""
    return f"source_signatures:{source}:{column}"


def read_signature(document: object) -> tuple[SignatureScheme, bool, str | None]:
    """Return scheme, whether a token is needed as well, and the given secret; raises RuleError with every fault."""
    reader = Reader()
    parts = reader.members(document, "", ("scheme", "is_token_needed", "secret"))
    scheme = reader.required(parts, "scheme", "", read_scheme)
    is_token_needed = reader.optional(parts, "is_token_needed", "", truth)
    secret = reader.optional(parts, "secret", "", any_text)
    if secret is not None and scheme is not None:
        reader.checked(lambda text, place: signing_key(scheme, text, place), secret, "/secret")
    reader.finish()
    if scheme is None:
        raise LookupError("a document without faults has a scheme")
    return scheme, bool(is_token_needed), secret


def put_signature(
    source: str,
    scheme: SignatureScheme,
    is_token_needed: bool,
    secret: str | None,
    ring: KeyRing,
    by: str,
    now: dt.datetime,
) -> PutSignature:
    """Require signatures of a source, or change how; without a secret the present one stays, or one is generated.

    Args:
        source: a source of the program or an own one.
        scheme: how the sender signs.
        is_token_needed: whether its requests need a token as well.
        secret: given by the sender's side, None to keep or generate it.
        ring: seals it.
        by: who does it.
        now: when (UTC).

    Raises:
        RuleError: `source.unknown` (not found), `signature.short_secret`, `signature.secret_not_base64`.
    """
    with transaction(by, now) as uow:
        require_source(source)
        row = signatures.source_signature(source)
        is_new = row is None
        made = None
        if row is None:
            made = None if secret else new_signing_secret(scheme, secrets.token_bytes(_SECRET_BYTES))
            row = SourceSignature(
                source=source, scheme={}, is_token_needed=is_token_needed, sealed_secret="", changed_at=now
            )
            _seal(row, scheme, secret or made or "", ring)
            db.session.add(row)
        elif secret is not None:
            _replace_secret(row, scheme, secret, ring, now)
        else:
            signing_key(scheme, ring.open(row.sealed_secret, sealed_place(source)), "/secret")
        row.scheme, row.is_token_needed, row.changed_at = scheme.to_json(), is_token_needed, now
        db.session.flush()
        _record(uow, "signature.added" if is_new else "signature.changed", row, is_secret_new=is_new or bool(secret))
    return PutSignature(row, made, is_new)


def require_source(source: str) -> None:
    """Raise RuleError `source.unknown` (not found) when there is no source of this name."""
    if source not in SOURCES and sources.source_by_name(source) is None:
        raise RuleError("source.unknown", {"sources": ", ".join(SOURCES)}, kind="not_found")


def _seal(row: SourceSignature, scheme: SignatureScheme, secret: str, ring: KeyRing) -> None:
    signing_key(scheme, secret, "/secret")
    row.sealed_secret = ring.seal(secret, sealed_place(row.source))


def _replace_secret(
    row: SourceSignature, scheme: SignatureScheme, secret: str, ring: KeyRing, now: dt.datetime
) -> None:
    """Seal another secret; the former one is valid for a day."""
    before = ring.open(row.sealed_secret, sealed_place(row.source))
    if before == secret:
        return
    row.old_sealed_secret = ring.seal(before, sealed_place(row.source, "old_sealed_secret"))
    row.old_secret_ends_at = now + OLD_SECRET_VALID_FOR
    _seal(row, scheme, secret, ring)


def _record(uow: UnitOfWork, event_type: str, row: SourceSignature, **more: Any) -> None:
    name = scheme_name(read_scheme(row.scheme)) or row.scheme["header"]
    ends_at = row.old_secret_ends_at and row.old_secret_ends_at.isoformat()
    facts = {"name": row.source, "scheme": name, "is_token_needed": row.is_token_needed, "old_secret_ends_at": ends_at}
    uow.record(event_type, f"source:{row.source}", facts | more)


def rotate_signing_secret(
    source: str,
    secret: str | None,
    ring: KeyRing,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> PutSignature:
    """Give a source another signing secret; the former one is valid for 24 hours as well.

    Raises:
        RuleError: `signature.none` (not found), `signature.short_secret`, `signature.secret_not_base64`.
    """
    with transaction(by, now, idempotency) as uow:
        row = _present(source)
        scheme = read_scheme(row.scheme)
        made = None if secret else new_signing_secret(scheme, secrets.token_bytes(_SECRET_BYTES))
        _replace_secret(row, scheme, secret or made or "", ring, now)
        row.changed_at = now
        _record(uow, "signature.changed", row, is_secret_new=True)
        put = PutSignature(row, made, is_new=False)
        uow.store_response(put)
    return put


def end_old_signing_secret(source: str, by: str, now: dt.datetime) -> None:
    """End the validity of the former secret at once; raises RuleError `signature.none` (not found)."""
    with transaction(by, now) as uow:
        row = _present(source)
        if row.old_sealed_secret is not None:
            row.old_sealed_secret = row.old_secret_ends_at = None
            row.changed_at = now
            _record(uow, "signature.changed", row, is_secret_new=False)


def remove_signature(source: str, by: str, now: dt.datetime) -> None:
    """Require no signatures any more; raises RuleError `signature.none` (not found)."""
    with transaction(by, now) as uow:
        drop_signature(uow, _present(source))


def drop_signature(uow: UnitOfWork, row: SourceSignature) -> None:
    """Remove a signature within the caller's transaction."""
    db.session.delete(row)
    uow.record("signature.removed", f"source:{row.source}", {"name": row.source})


def _present(source: str) -> SourceSignature:
    row = signatures.source_signature(source)
    if row is None:
        raise RuleError("signature.none", kind="not_found")
    return row
