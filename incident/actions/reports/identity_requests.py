"""Opens fields of a reporter's identity: requested with a purpose, approved by others, read by the requester only."""

import datetime as dt
import hashlib
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from incident.actions.reports.identities import identity_instance
from incident.actions.reports.mailbox import tell_reporter_in
from incident.actions.reports.protected_identities import unprotect
from incident.actions.unit_of_work import Idempotency, UnitOfWork, transaction
from incident.core.operations.approval import approver_of
from incident.core.reports import identity
from incident.core.reports.custody import canonical_binding, sealed_binding
from incident.core.reports.identity import RequestFacts, RequestState, identity_of, request_state
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.identity_key import BoxBroken, IdentityKey, close_box, open_box, padded, public_bytes, unpadded
from incident.store.db.database import db
from incident.store.reports import identity_requests as store
from incident.store.reports.identities import ReportIdentity, identities_of, people_handling, people_of_actor
from incident.store.reports.identity_requests import IdentityApproval, IdentityBox, IdentityRequest
from incident.store.reports.reports import Report, lock_report

NONCE_BYTES: Final = 12
SECRET_BYTES: Final = 32


@dataclass(frozen=True)
class CreatedRequest:
    """A request, and its secret, which is returned only once."""

    row: IdentityRequest
    secret: str


@dataclass(frozen=True)
class LegalReason:
    """Why the law wants protected fields opened at once, its document, and when the reason ends (UTC)."""

    reason: str
    document: str
    ends_at: dt.datetime


@dataclass(frozen=True)
class OpenedIdentity:
    """A request as its requester sees it; `fields` is None unless it is open."""

    row: IdentityRequest
    state: RequestState
    fields: Mapping[str, str] | None


def request_identity(
    report_id: int,
    purpose: str,
    fields: Collection[str],
    by: str,
    now: dt.datetime,
    idempotency: Idempotency | None = None,
    legal: LegalReason | None = None,
) -> CreatedRequest:
    """Request that fields of a report's identity are opened.

    Args:
        report_id: the report.
        purpose: why; the approvers read it.
        fields: the wanted fields.
        by: who requests it.
        now: when (UTC).
        idempotency: the caller's key; the stored answer holds the secret, so it must be sealed under that key.
        legal: why the law wants protected fields opened at once; None for the usual notice.

    Raises:
        RuleError: `document.missing`, `identity_request.no_such_field`, `identity_request.by_handler` (forbidden).
    """
    if not purpose.strip():
        raise RuleError("document.missing", pointer="/purpose")
    secret, private = secrets.token_urlsafe(SECRET_BYTES), X25519PrivateKey.generate()
    with transaction(by, now, idempotency) as uow:
        report = lock_report(report_id)
        sealed = identities_of(report_id)
        row = IdentityRequest(
            report_id=report_id,
            uuid=str(uuid.uuid4()),
            purpose=purpose.strip(),
            fields=list(identity.require_fields(fields, [one.field for one in sealed])),
            requester=identity_of(by),
            requested_by=by,
            requested_at=now,
            expires_at=now + identity.REQUEST_LIVES_FOR,
            public_key=public_bytes(private),
        )
        if legal is not None:
            row.legal_reason, row.legal_document, row.reason_ends_at = legal.reason, legal.document, legal.ends_at
        identity.require_may_request(_facts(row, report))
        row.sealed_private_key = _seal_private_key(private, secret, request_binding(row, sealed[0].report_uuid))
        db.session.add(row)
        db.session.flush()
        created = CreatedRequest(row, secret)
        detail = {"request": row.id, "fields": row.fields, "purpose": row.purpose}
        detail |= {} if legal is None else {"reason": legal.reason, "document": legal.document}
        uow.record("identity.requested", f"report:{report_id}", detail)
        uow.store_response(created)
    return created


def approve_identity(request_id: int, by: str, key: IdentityKey, now: dt.datetime) -> IdentityRequest:
    """Approve a request for sealed fields: each is opened and put into a box for the requester.

    Args:
        request_id: the request.
        by: the approver, a person.
        key: opens the sealed fields.
        now: when (UTC).

    Raises:
        RuleError: `identity_request.unknown` (not found), `identity_request.answered` (conflict),
            `identity_request.expired` (gone), `identity_request.own`, `identity_request.approver_handles`,
            `approval.not_by_person` (forbidden).
    """
    here = identity_instance(now)
    with transaction(by, now) as uow:
        row, report = lock_requested(request_id, now)
        if report.protection == "protected":
            raise RuleError("identity_request.needs_custodians", kind="forbidden")
        approve_in(uow, row, report)
        for one in wanted_fields(row):
            info = sealed_binding(here, one.report_uuid, one.field)
            box_in(row, one, 0, padded(key.open(one.sealed, info)))
        open_request_in(uow, row, report, now)
    return row


def read_identity(request_id: int, secret: str, by: str, now: dt.datetime) -> OpenedIdentity:
    """Return a request with its fields to its requester; each reading is in the journal.

    Args:
        request_id: the request.
        secret: what the requester got with the request.
        by: who reads.
        now: when (UTC).

    Raises:
        RuleError: `identity_request.unknown` (not found) for anybody but its requester,
            `identity_request.wrong_secret` (forbidden).
    """
    here = identity_instance(now)
    with transaction(by, now) as uow:
        row = store.lock_identity_request(request_id)
        if row is None or row.requester != identity_of(by):
            raise RuleError("identity_request.unknown", kind="not_found")
        state = request_state(row.opens_at, row.expires_at, now, row.ended_as)
        if row.ended_as is not None:
            return OpenedIdentity(row, row.ended_as, None)
        if state == "expired" or row.sealed_private_key is None:
            return OpenedIdentity(row, "expired", None)
        private = _open_private_key(row, secret)
        if state != "open":
            return OpenedIdentity(row, state, None)
        fields = {one.field: _open_field(row, one, private, here) for one in wanted_fields(row)}
        uow.record("identity.read", f"report:{row.report_id}", {"request": row.id, "fields": row.fields})
    return OpenedIdentity(row, state, fields)


def lock_requested(request_id: int, now: dt.datetime) -> tuple[IdentityRequest, Report]:
    """Lock a request that waits for approval, and its report; raises as `approve_identity`."""
    row = store.lock_identity_request(request_id)
    if row is None:
        raise RuleError("identity_request.unknown", kind="not_found")
    state = request_state(row.opens_at, row.expires_at, now, row.ended_as)
    if state == "expired":
        raise RuleError("identity_request.expired", kind="gone")
    if state != "requested":
        raise RuleError("identity_request.answered", kind="conflict")
    return row, lock_report(row.report_id)


def approve_in(uow: UnitOfWork, row: IdentityRequest, report: Report) -> None:
    """Record an approval within the caller's transaction; raises as `approve_identity`."""
    approver = require_answerer(uow, row, report)
    given = IdentityApproval(request_id=row.id, approver=approver, approved_by=uow.by, approved_at=uow.now)
    db.session.add(given)
    uow.record("identity.approved", f"report:{report.id}", {"request": row.id, "fields": row.fields})
    db.session.flush()


def require_answerer(uow: UnitOfWork, row: IdentityRequest, report: Report) -> str:
    """Return the identity of the actor, who may answer a request; raises as `approve_identity`."""
    answerer = approver_of(uow.by)
    identity.require_may_answer(_facts(row, report), answerer)
    return answerer


def open_request_in(uow: UnitOfWork, row: IdentityRequest, report: Report, opens_at: dt.datetime) -> None:
    """Let the requester read the fields from a moment on, and notify the reporter in the mailbox.

    With a reason in law the message appears when the reason ends.
    """
    row.opens_at = opens_at
    tell_reporter_in(uow, report, row.fields, row.reason_ends_at or uow.now)
    db.session.flush()


def box_in(row: IdentityRequest, field: ReportIdentity, index: int, content: bytes) -> None:
    """Put a field, or the share of a custodian, into a box that only the requester's secret opens."""
    info = request_binding(row, field.report_uuid)
    box = close_box(content, row.public_key, info)
    db.session.add(IdentityBox(request_id=row.id, field=field.field, share_index=index, box=box))


def request_binding(row: IdentityRequest, report_uuid: str) -> bytes:
    """Return what everything of a request is bound to: changed in the database, nothing of it opens."""
    return canonical_binding(
        use="identity-request/1",
        request=row.uuid,
        report=report_uuid,
        fields=list(row.fields),
        requester=row.requester,
        purpose=row.purpose,
        expires_at=format_moment(row.expires_at),
        legal=None if row.legal_reason is None else [row.legal_reason, row.legal_document],
    )


def _facts(row: IdentityRequest, report: Report) -> RequestFacts:
    return RequestFacts(
        protection=report.protection,  # type: ignore[arg-type]  # the column holds no other words
        requester_people=people_of_actor(row.requester),
        handlers=people_handling(report.id),
        answered_by=frozenset(
            {one.approver for one in store.approvals_of(row.id)} | {one.refuser for one in store.refusals_of(row.id)}
        ),
    )


def wanted_fields(row: IdentityRequest) -> Sequence[ReportIdentity]:
    """Return the sealed fields that a request is about."""
    return [one for one in identities_of(row.report_id) if one.field in row.fields]


def _open_field(row: IdentityRequest, field: ReportIdentity, private: X25519PrivateKey, here: str) -> str:
    info = request_binding(row, field.report_uuid)
    content = dict[int, bytes]()
    for one in store.boxes_of(row.id):
        if one.field == field.field:
            with suppress(BoxBroken):  # a custodian sent something else: the shares of the others may be enough
                content[one.share_index] = open_box(one.box, private, info)
    return unpadded(content[0]) if field.custodian_set is None else unprotect(field, content, here)


def _seal_private_key(private: X25519PrivateKey, secret: str, info: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCMSIV(_key_of(secret)).encrypt(nonce, private.private_bytes_raw(), info)


def _open_private_key(row: IdentityRequest, secret: str) -> X25519PrivateKey:
    sealed, info = row.sealed_private_key or b"", request_binding(row, wanted_fields(row)[0].report_uuid)
    try:
        raw = AESGCMSIV(_key_of(secret)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], info)
    except (InvalidTag, ValueError):
        raise RuleError("identity_request.wrong_secret", pointer="/secret", kind="forbidden") from None
    return X25519PrivateKey.from_private_bytes(raw)


def _key_of(secret: str) -> bytes:
    return hashlib.sha256(b"identity request\n" + secret.encode("utf-8", "replace")).digest()
