"""Idempotency for the public: the kept answer opens with the sender's own key only."""

import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from incident.actions.unit_of_work import IdempotencyKeyReused, ResponseReplay, StoredResponse
from incident.store.db.database import advisory_lock, db
from incident.store.reports.public_answers import PublicAnswer, public_answer

KEPT_FOR: Final = dt.timedelta(minutes=15)
NONCE_BYTES: Final = 12


@dataclass(frozen=True)
class PublicRequest:
    """An idempotency key of the public, such as that of a form.

    Only a digest of the key is stored, so that who has the database cannot open the answer, which contains a receipt.

    Args:
        key: the key; without one (None) the response is the same, and nothing is stored.
        request: what identifies the request, without anything that identifies the reporter.
        render: converts the result into the response; called inside the transaction.
    """

    key: str | None
    request: bytes
    render: Callable[[Any], StoredResponse]

    def refuse_second(self, now: dt.datetime) -> None:
        """Raise ResponseReplay when the request was answered, IdempotencyKeyReused when another one was."""
        if self.key is None:
            return
        advisory_lock(f"public_answers:{self._digest}")  # of two equal requests, the second waits for the first
        kept = public_answer(self._digest)
        if kept is None:
            return
        if kept.stored_at <= now - KEPT_FOR:
            db.session.delete(kept)
            db.session.flush()
            return
        if not hmac.compare_digest(kept.request_mark, self._mark):
            raise IdempotencyKeyReused
        raise ResponseReplay(self._open(kept.sealed))

    def store(self, answer: StoredResponse, now: dt.datetime) -> None:
        """Keep the answer within the caller's transaction."""
        if self.key is None:
            return
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = json.dumps([answer.status, answer.body]).encode()
        sealed = nonce + AESGCMSIV(self._derive("seal")).encrypt(nonce, plain, self._digest.encode())
        row = PublicAnswer(key_digest=self._digest, request_mark=self._mark, sealed=sealed, stored_at=now)
        db.session.add(row)

    def _open(self, sealed: bytes) -> StoredResponse:
        cipher = AESGCMSIV(self._derive("seal"))
        plain = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._digest.encode())
        status, body = json.loads(plain)
        return StoredResponse(status, body)

    @cached_property
    def _digest(self) -> str:
        return self._derive("digest").hex()

    @cached_property
    def _mark(self) -> str:
        return hmac.digest(self._derive("request"), self.request, "sha256").hex()

    def _derive(self, purpose: str) -> bytes:
        """Return the SHA-256 of the key for a purpose: from the stored digest, no other one can be computed."""
        return hashlib.sha256(f"{purpose}\n{self.key}".encode()).digest()
