"""Devices of people: turn notifications on and off, and what a message to one needs."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Collection

from incident.actions.unit_of_work import UnitOfWork, retry_on_conflict, transaction
from incident.core.delivery.push import MAX_DEVICES, require_subscription
from incident.core.notifications.contact import origin_of
from incident.core.notifications.message import PUSH
from incident.core.values.faults import RuleError
from incident.keyring import KeyRing
from incident.store.db.database import db
from incident.store.directory import devices
from incident.store.directory.departments import Contact
from incident.store.directory.devices import PushDevice, PushKey
from incident.store.directory.people import Person

KEY_PLACE = "push_keys:1:sealed_private_key"
"""The data that the signing key is bound to."""

NAME_LIMIT = 200


def device_place(device_hash: str, column: str) -> str:
    """Return the data that a sealed value of a device is bound to: no other device opens it."""
    return f"push_devices:{device_hash}:{column}"


def hash_of_endpoint(endpoint: str) -> str:
    """Return what stands for the address of a device where it is looked for: SHA-256 (hex)."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


def signing_key(new_key: Callable[[], tuple[str, str]], ring: KeyRing, by: str, now: dt.datetime) -> str:
    """Return the public key that browsers subscribe with; made with the first device.

    Args:
        new_key: makes a key, its public and its private part.
        ring: seals the private part.
        by: who.
        now: when (UTC).
    """

    def use_case() -> str:
        with transaction(by, now) as uow:
            if (found := devices.push_key()) is None:
                public, private = new_key()
                sealed = ring.seal(private, KEY_PLACE)
                found = uow.add(PushKey(id=1, public_key=public, sealed_private_key=sealed, created_at=now))
            key: str = found.public_key
        return key

    return retry_on_conflict(use_case)


def turn_on(
    person_id: int,
    endpoint: str,
    point: str,
    auth: str,
    *,
    label: str,
    language: str,
    hosts: Collection[str],
    ring: KeyRing,
    by: str,
    now: dt.datetime,
    replaced: str = "",
) -> None:
    """Turn notifications on for the device of a person; one that is on already gets its new keys.

    A device that another person had turned on before is theirs no longer: who is signed in there has changed.

    Args:
        person_id: the person.
        endpoint: the address of the device at its push service.
        point: the public key of its subscription.
        auth: the shared secret of its subscription.
        label: the name of the browser.
        language: that of its messages.
        hosts: the push services that are allowed.
        ring: seals address and keys.
        by: who.
        now: when (UTC).
        replaced: the address that the device had before its push service gave it this one; "" for none.

    Raises:
        RuleError: `push.malformed`, `push.other_service`, `push.no_department`, `push.too_many`.
    """
    require_subscription(endpoint, point, auth, hosts)
    device_hash = hash_of_endpoint(endpoint)
    sealed_keys = ring.seal(json.dumps({"point": point, "auth": auth}), device_place(device_hash, "sealed_keys"))

    def use_case() -> None:
        with transaction(by, now) as uow:
            old = devices.device_by_hash(hash_of_endpoint(replaced)) if replaced not in ("", endpoint) else None
            if old is not None and old.person_id == person_id:
                forget(uow, old.contact, "replaced by its push service")
                uow.flush()
            before = devices.device_by_hash(device_hash)
            if before is not None and before.person_id == person_id:
                before.sealed_keys, before.contact.language = sealed_keys, language
                return
            if before is not None:
                forget(uow, before.contact, "turned on by another person")
                uow.flush()
            contact = _add_contact(uow, person_id, endpoint, label, language)
            uow.add(
                PushDevice(
                    contact_id=contact.id,
                    person_id=person_id,
                    endpoint_hash=device_hash,
                    sealed_endpoint=ring.seal(endpoint, device_place(device_hash, "sealed_endpoint")),
                    sealed_keys=sealed_keys,
                    created_at=now,
                )
            )
            uow.record("device.added", f"contact:{contact.id}", {"name": contact.name})

    retry_on_conflict(use_case)


def _add_contact(uow: UnitOfWork, person_id: int, endpoint: str, label: str, language: str) -> Contact:
    person = db.session.get_one(Person, person_id)
    if len(devices.devices_of(person_id)) >= MAX_DEVICES:
        raise RuleError("push.too_many", {"most": MAX_DEVICES}, kind="conflict")
    if (department_id := devices.first_department(person_id)) is None:
        raise RuleError("push.no_department", kind="conflict")
    return uow.add(
        Contact(
            department_id=department_id,
            person_id=person_id,
            name=f"{person.name}: {label}"[:NAME_LIMIT],
            channel=PUSH,
            level=1,
            language=language,
            created_at=uow.now,
            origin=origin_of(PUSH, endpoint),
        )
    )


def turn_off(person_id: int, device_id: int, by: str, now: dt.datetime) -> None:
    """Turn notifications off for a device of a person; of one that is off already nothing changes.

    Args:
        person_id: the person.
        device_id: the device.
        by: who.
        now: when (UTC).
    """
    with transaction(by, now) as uow:
        device = db.session.get(PushDevice, device_id)
        if device is not None and device.person_id == person_id:
            forget(uow, device.contact, "turned off by its owner")


def turn_off_all(uow: UnitOfWork, person_id: int, why: str) -> None:
    """Turn notifications off for every device of a person, within the caller's transaction."""
    for device in devices.devices_of(person_id):
        forget(uow, device.contact, why)


def forget(uow: UnitOfWork, contact: Contact, why: str) -> None:
    """Delete the device of a contact and switch the contact off, within the caller's transaction."""
    device = devices.device_of_contact(contact.id)
    if device is not None:
        db.session.delete(device)
    if contact.switched_off_at is None:
        contact.switched_off_at, contact.switched_off_why = uow.now, why
        uow.record("device.removed", f"contact:{contact.id}", {"name": contact.name, "why": why})


def own_device(person_id: int, device_id: int) -> PushDevice:
    """Return a device of a person; raises RuleError `push.unknown` (not found)."""
    device = db.session.get(PushDevice, device_id)
    if device is None or device.person_id != person_id:
        raise RuleError("push.unknown", kind="not_found")
    return device


def target_of(contact_id: int, ring: KeyRing) -> tuple[str, str]:
    """Return the address of the device of a contact, and as JSON all keys that a message to it needs.

    Raises:
        LookupError: when the device or the signing key is gone.
        SealBroken: when no key of the ring opens them.
    """
    device, key = devices.device_of_contact(contact_id), devices.push_key()
    if device is None or key is None:
        raise LookupError("the device is gone")
    place = device.endpoint_hash
    keys = json.loads(ring.open(device.sealed_keys, device_place(place, "sealed_keys")))
    keys["signing"] = ring.open(key.sealed_private_key, KEY_PLACE)
    return ring.open(device.sealed_endpoint, device_place(place, "sealed_endpoint")), json.dumps(keys)
