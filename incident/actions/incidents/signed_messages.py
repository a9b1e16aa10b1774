"""Signed requests of senders: verified, and refused when their message comes again."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping

from sqlalchemy.exc import IntegrityError

from incident.actions.incidents.signatures import sealed_place
from incident.actions.unit_of_work import transaction
from incident.core.incidents.signatures.scheme import SignatureScheme, read_scheme, signing_key
from incident.core.incidents.signatures.verification import verify_signature
from incident.core.values.faults import RuleError
from incident.keyring import KeyRing
from incident.store.db.database import db
from incident.store.incidents import signatures
from incident.store.incidents.signatures import SignedMessage, UsedSignature

REMEMBERED_FOR = dt.timedelta(hours=3)
"""How long a signed message is remembered: longer than its time is accepted, an hour ahead included."""


def verify_request(
    used: UsedSignature, headers: Mapping[str, str], body: bytes, ring: KeyRing, now: dt.datetime
) -> str | None:
    """Return what identifies a rightly signed request of a source, None where its scheme has no time.

    Args:
        used: how the requests of the source are signed.
        headers: of the request, names in lower case.
        body: of the request, as it came.
        ring: opens the secrets.
        now: when it was received (UTC).

    Raises:
        RuleError: as `verify_signature`; `signature.replayed` (conflict) when its message was received before.
    """
    scheme = read_scheme(used.scheme)
    found = verify_signature(scheme, list(_valid_keys(used, scheme, ring, now)), headers, body, now)
    return None if found is None else new_message(used.source, found)


def signature_fault(
    used: UsedSignature, headers: Mapping[str, str], body: bytes, ring: KeyRing, now: dt.datetime
) -> RuleError | None:
    """Return why a request that somebody tries would be refused, None when its signature is right; takes nothing."""
    scheme = read_scheme(used.scheme)
    try:
        verify_signature(scheme, list(_valid_keys(used, scheme, ring, now)), headers, body, now)
    except RuleError as fault:
        return fault
    return None


def _valid_keys(used: UsedSignature, scheme: SignatureScheme, ring: KeyRing, now: dt.datetime) -> Iterator[bytes]:
    """Yield the keys of the present secret and, while it is valid, of the former one."""
    yield signing_key(scheme, ring.open(used.sealed_secret, sealed_place(used.source)))
    ends_at = used.old_secret_ends_at
    if used.old_sealed_secret is not None and ends_at is not None and ends_at > now:
        yield signing_key(scheme, ring.open(used.old_sealed_secret, sealed_place(used.source, "old_sealed_secret")))


def new_message(source: str, name: str) -> str:
    """Return the digest under which a message is remembered.

    Raises:
        RuleError: `signature.replayed` (conflict) when it was received before.
    """
    digest = hashlib.sha256(name.encode()).hexdigest()
    if signatures.is_received(source, digest):
        raise RuleError("signature.replayed", kind="conflict")
    return digest


def note_message(source: str, digest: str, by: str, now: dt.datetime) -> None:
    """Remember a signed message whose alerts were received, so that it is refused when it comes again."""
    try:
        with transaction(by, now):
            db.session.add(SignedMessage(source=source, message=digest, received_at=now))
    except IntegrityError:  # the same request came twice at once, and was received as one alert and its repeat
        return
