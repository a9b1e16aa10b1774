"""Rotation of the key ring, and recovery when a ring is lost for good."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import delete, select

from incident.actions.delivery.contacts import old_secret_place
from incident.actions.delivery.subscriptions import subscription_place
from incident.actions.directory.departments import secret_place as contact_place
from incident.actions.directory.devices import KEY_PLACE, device_place, forget
from incident.actions.incidents.evidence_vault import evidence_place
from incident.actions.incidents.signatures import sealed_place
from incident.actions.operations import key_check
from incident.actions.operations.key_check import opens
from incident.actions.operations.report_seals import drop_report_texts, sealed_report_texts
from incident.actions.unit_of_work import UnitOfWork, request_text, split_digest, transaction
from incident.keyring import KeyRing, SealBroken
from incident.store.db.database import Base, db
from incident.store.delivery.subscriptions import Subscription, list_subscriptions
from incident.store.directory.departments import Contact
from incident.store.directory.devices import all_devices, push_key
from incident.store.incidents.evidence import Evidence
from incident.store.incidents.signatures import SourceSignature
from incident.store.operations.instance import IdempotencyRecord, Secret
from incident.store.operations.secrets import binding_of
from incident.store.queries import sealed as seals

DEVICE_COLUMNS = ("sealed_endpoint", "sealed_keys")


def rotate(ring: KeyRing, by: str, now: dt.datetime) -> int:
    """Add a key to the ring and seal every secret with it; return how many.

    Raises:
        SealBroken: when one does not open, or the database knows another ring by now; nothing is changed then.
        RingFixed: when the ring is given by the environment.
        OSError: when its file cannot be written.
    """
    with transaction(by, now):
        if ring.mismatch(key_check.known_checks()) is not None:
            raise SealBroken("the key ring is not the one of the database")
        ring.rotate()
        key_check.keep_checks(ring)
    return reseal_secrets(ring, by, now)


def reseal_secrets(ring: KeyRing, by: str, now: dt.datetime) -> int:
    """Seal every secret in the database with the newest key; return how many.

    Raises:
        SealBroken: when one does not open; nothing is changed then.
    """
    with transaction(by, now) as uow:
        count = _seal_all(ring, lambda _value: True)
        key_check.keep_checks(ring)
        uow.record("keys.rotated", f"key:{ring.current}", {"sealed": count})
    return count


def retire(ring: KeyRing, name: str, by: str, now: dt.datetime) -> int:
    """Retire an old key: seal its values again, prove that none is left, and remove it.

    It is removed from the database first: a ring may have more keys than are in use, so that an interrupted call can be
    repeated. Links that it has signed are refused from then on.

    Args:
        ring: that of the database.
        name: of the key.
        by: who.
        now: when (UTC).

    Returns:
        The number of values that were sealed again.

    Raises:
        KeyUnknown, KeyInUse: when it is no old key of the ring.
        SealBroken: when a value does not open, or the database knows another ring; nothing is changed then.
        StillInUse: when something was sealed with it meanwhile; it is back in the ring then.
        RingFixed: when the ring is given by the environment, from which it must still be removed.
        OSError: when the file of the ring cannot be written, from which it must still be removed.
    """
    ring.refresh()
    key = ring.old_key(name)
    with transaction(by, now) as uow:
        if ring.mismatch(key_check.known_checks()) is not None:
            raise SealBroken("the key ring is not the one of the database")
        count = _seal_all(ring, lambda value: value.partition(".")[0] == name)
        db.session.flush()
        if left := seals.left_under(db.session.connection(), name):
            raise StillInUse(f"{left} values are still sealed with key {name}")
        key_check.drop_check(name)
        uow.record("keys.retired", f"key:{name}", {"sealed": count, "current": ring.current})
    ring.retire(name)
    left = seals.left_under(db.session.connection(), name)
    db.session.rollback()
    if left:  # by a process that had begun before the last rotation, or a node that has an older ring
        ring.restore_key(name, key)
        raise StillInUse(f"{left} values were sealed with key {name} meanwhile")
    return count


class StillInUse(Exception):
    """A value is sealed with a key that should be retired."""


def _seal_all(ring: KeyRing, is_wanted: Callable[[str], bool]) -> int:
    """Seal values again, inside a transaction; return how many.

    Args:
        ring: opens and seals them.
        is_wanted: returns whether a sealed value must be sealed again.

    Raises:
        SealBroken: when one does not open.
    """
    count = 0
    for row, column, place in list(_sealed()):
        value = getattr(row, column)
        if is_wanted(value):
            opened = ring.open(value, place)
            setattr(row, column, ring.seal(opened, place))
            _sign_anew(row, opened, ring)
            count += 1
    return count


def _sealed() -> Iterator[tuple[Base, str, str]]:
    """Yield every sealed value in the database: its row, its column, and the data that it is bound to."""
    for secret in db.session.scalars(select(Secret)):
        yield secret, "sealed", binding_of(secret)
    for contact in db.session.scalars(select(Contact)):
        if contact.sealed_secret is not None:
            yield contact, "sealed_secret", contact_place(contact.id)
        if contact.old_sealed_secret is not None:
            yield contact, "old_sealed_secret", old_secret_place(contact.id)
    for signature in db.session.scalars(select(SourceSignature)):
        for column in ("sealed_secret", "old_sealed_secret"):
            if getattr(signature, column) is not None:
                yield signature, column, sealed_place(signature.source, column)
    for one in list_subscriptions():
        for column in ("sealed_secret", "old_sealed_secret"):
            if getattr(one, column) is not None:
                yield one, column, subscription_place(one.id, column)
    yield from _file_keys()
    yield from _of_devices()
    yield from sealed_report_texts()
    for kept in db.session.scalars(select(IdempotencyRecord)):
        yield kept, "sealed_response", f"idempotency_keys:{kept.owner}:{kept.key}:sealed_response"


def _file_keys() -> Iterator[tuple[Evidence, str, str]]:
    """Yield the sealed key of each file of evidence; its parts are under that key and stay as they are."""
    for row in db.session.scalars(select(Evidence).where(Evidence.sealed_key.is_not(None))):
        yield row, "sealed_key", evidence_place(row.id)


def _of_devices() -> Iterator[tuple[Base, str, str]]:
    """Yield address and keys of each device, and the key that signs what is sent to them."""
    for device in all_devices():
        for column in DEVICE_COLUMNS:
            yield device, column, device_place(device.endpoint_hash, column)
    if (key := push_key()) is not None:
        yield key, "sealed_private_key", KEY_PLACE


def _sign_anew(row: Base, opened: str, ring: KeyRing) -> None:
    """Sign the mark of a stored response's request again, with the key that seals the response."""
    digest = split_digest(opened)[0] if isinstance(row, IdempotencyRecord) else None
    if isinstance(row, IdempotencyRecord) and digest is not None:
        row.request_hash = ring.sign(request_text(digest))


@dataclass(frozen=True)
class Lost:
    """The values that could not be opened with the accepted ring.

    Args:
        secrets: names of secrets of playbooks that are removed.
        contacts: names of contacts and subscriptions whose secret is replaced by one that nobody knows.
        answers: how many stored responses are removed.
        sources: names of sources whose signing secret is replaced by one that nobody knows.
        files: names of files of evidence that can never be read again; their hashes stay.
        texts: how many texts of reports and messages of mailboxes can never be read again.
    """

    secrets: list[str]
    contacts: list[str]
    answers: int
    sources: list[str]
    files: list[str]
    texts: int


def accept(ring: KeyRing, new_secret: Callable[[], str], by: str, now: dt.datetime) -> Lost:
    """Accept another ring as the database's own: the right one is lost for good.

    Links that were sent before are not accepted any more. Values that do not open are removed or replaced.

    Args:
        ring: that is used from now on.
        new_secret: creates a secret for a contact that must have one.
        by: who decides it.
        now: when (UTC).
    """
    with transaction(by, now) as uow:
        key_check.known_checks()
        contacts = _replace_contact_secrets(ring, new_secret) + _drop_devices(uow, ring)
        signing = _replace_signing_secrets(ring, new_secret)
        answers, files = _drop_answers(ring), _drop_file_keys(ring)
        lost = Lost(_drop_secrets(ring), contacts, answers, signing, files, drop_report_texts(ring))
        seals.put_key_checks(ring.checks())
        detail = {name: getattr(lost, name) for name in ("secrets", "contacts", "sources", "files", "texts")}
        uow.record("keys.accepted", f"key:{ring.current}", detail)
    return lost


def _drop_secrets(ring: KeyRing) -> list[str]:
    found = db.session.scalars(select(Secret))
    gone = [one.name for one in found if not opens(ring, one.sealed, binding_of(one))]
    db.session.execute(delete(Secret).where(Secret.name.in_(gone)))
    return gone


def _replace_contact_secrets(ring: KeyRing, new_secret: Callable[[], str]) -> list[str]:
    contacts = db.session.scalars(select(Contact).where(Contact.sealed_secret.is_not(None)))
    replaced = [one.name for one in contacts if _is_replaced(one, ring, new_secret, _contact_places(one))]
    for one in list_subscriptions():
        places = subscription_place(one.id), subscription_place(one.id, "old_sealed_secret")
        replaced += [one.name] if _is_replaced(one, ring, new_secret, places) else []
    return replaced


def _contact_places(contact: Contact) -> tuple[str, str]:
    return contact_place(contact.id), old_secret_place(contact.id)


def _replace_signing_secrets(ring: KeyRing, new_secret: Callable[[], str]) -> list[str]:
    """A source whose secret is lost refuses everything until it gets another one, as if its signatures were wrong."""
    replaced = []
    for row in db.session.scalars(select(SourceSignature)):
        places = sealed_place(row.source), sealed_place(row.source, "old_sealed_secret")
        replaced += [row.source] if _is_replaced(row, ring, new_secret, places) else []
    return replaced


def _drop_devices(uow: UnitOfWork, ring: KeyRing) -> list[str]:
    """Drop devices that cannot be opened: their owners turn them on again. With the signing key all are lost."""
    key = push_key()
    is_key_lost = key is not None and not opens(ring, key.sealed_private_key, KEY_PLACE)
    lost = []
    for device in all_devices():
        places = [(getattr(device, one), device_place(device.endpoint_hash, one)) for one in DEVICE_COLUMNS]
        if is_key_lost or not all(opens(ring, value, place) for value, place in places):
            lost.append(device.contact.name)
            forget(uow, device.contact, "its keys are lost")
    if is_key_lost:
        db.session.delete(key)
    return lost


def _drop_file_keys(ring: KeyRing) -> list[str]:
    """A file whose key is lost stays with its name and hash; its content can never be read again."""
    lost = [row for row, _, place in _file_keys() if not opens(ring, row.sealed_key or "", place)]
    for row in lost:
        row.sealed_key = None
    return [row.name for row in lost]


def _is_replaced(
    row: Contact | Subscription | SourceSignature,
    ring: KeyRing,
    new_secret: Callable[[], str],
    places: tuple[str, str],
) -> bool:
    """Replace the secret of a row that does not open, and drop its previous one; return whether it was replaced."""
    place, old_place = places
    is_lost = not opens(ring, row.sealed_secret or "", place)
    if is_lost:
        row.sealed_secret = ring.seal(new_secret(), place)
    if not opens(ring, row.old_sealed_secret or "", old_place):
        row.old_sealed_secret = row.old_secret_ends_at = None
    return is_lost


def _drop_answers(ring: KeyRing) -> int:
    gone = [
        kept.id
        for kept in db.session.scalars(select(IdempotencyRecord))
        if not opens(ring, kept.sealed_response, f"idempotency_keys:{kept.owner}:{kept.key}:sealed_response")
    ]
    db.session.execute(delete(IdempotencyRecord).where(IdempotencyRecord.id.in_(gone)))
    return len(gone)
