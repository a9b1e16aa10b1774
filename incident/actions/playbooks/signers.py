"""Trusted signers of playbooks: added and revoked by an administrator."""

import datetime as dt

from incident.actions.unit_of_work import IdempotentRequest, retry_on_conflict, transaction
from incident.core.playbooks.signer import NAME_LIMIT, require_key, window_of
from incident.core.values.faults import RuleError
from incident.core.values.text import require_name
from incident.store.db.database import db
from incident.store.playbooks.signers import TrustedSigner, live_signer_of


def add_signer(
    name: str,
    public_key: str,
    valid_from: dt.datetime | None,
    valid_until: dt.datetime | None,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> TrustedSigner:
    """Trust a signer.

    Args:
        name: of the signer.
        public_key: the key as PEM, or the certificate with it; the validity period of a certificate applies as well.
        valid_from: start of the validity of its signatures (UTC), None for no start.
        valid_until: end of the validity (UTC), None for no end.
        by: who trusts it.
        now: when (UTC).
        idempotency: the caller's key, under which the same request gets the same response.

    Raises:
        RuleError: `signer.key_malformed` and its like, `signer.window` (invalid), `signer.exists` (conflict).
    """
    key = require_key(public_key)
    begins_at, ends_at = window_of(key, valid_from, valid_until)
    name = require_name(name, NAME_LIMIT)

    def use_case() -> TrustedSigner:
        with transaction(by, now, idempotency) as uow:
            known = live_signer_of(key.fingerprint)
            if known is not None:
                raise RuleError("signer.exists", {"name": known.name}, kind="conflict", pointer="/public_key")
            row = TrustedSigner(
                name=name,
                kind=key.kind,
                public_key=key.pem,
                fingerprint=key.fingerprint,
                begins_at=begins_at,
                ends_at=ends_at,
                added_at=now,
                added_by=by,
            )
            db.session.add(row)
            db.session.flush()
            uow.record("signer.added", f"signer:{row.id}", signer_facts(row))
            uow.store_response(row)
        return row

    return retry_on_conflict(use_case)


def revoke_signer(signer_id: int, by: str, now: dt.datetime) -> TrustedSigner:
    """Revoke trust in a signer: its signatures start nothing any more; live runs continue.

    Raises:
        RuleError: `signer.unknown` (not found), `signer.is_revoked` (conflict).
    """
    with transaction(by, now) as uow:
        row = db.session.get(TrustedSigner, signer_id)
        if row is None:
            raise RuleError("signer.unknown", {"id": signer_id}, kind="not_found")
        if row.revoked_at is not None:
            raise RuleError("signer.is_revoked", {"name": row.name}, kind="conflict")
        row.revoked_at, row.revoked_by = now, by
        uow.record("signer.revoked", f"signer:{row.id}", signer_facts(row))
    return row


def signer_facts(row: TrustedSigner) -> dict[str, object]:
    """Return the description of a signer for the journal; the key by its fingerprint."""
    return {"name": row.name, "kind": row.kind, "fingerprint": row.fingerprint}
