"""Secrets that playbooks name, and the turning of the key ring."""

import datetime as dt

from sqlalchemy import select

from incident.actions.contacts import old_secret_place
from incident.actions.departments import secret_place as contact_place
from incident.actions.transaction import transaction
from incident.keyring import KeyRing
from incident.store.database import db
from incident.store.departments import Contact
from incident.store.instance import KeptAnswer, Secret
from incident.store.secrets import secret_place


def set_secret(name: str, value: str, ring: KeyRing, by: str, now: dt.datetime) -> None:
    """Deposit a secret under a name (`kms_key_identifier` of a playbook), or replace it."""
    with transaction(by, now) as deed:
        db.session.merge(Secret(name=name, sealed=ring.seal(value, secret_place(name)), set_at=now))
        deed.enter("secret.set", f"secret:{name}", {})


def seal_anew(ring: KeyRing, by: str, now: dt.datetime) -> int:
    """Seal every secret in the database under the newest key; return how many were.

    Raises:
        SealBroken: when one does not open; nothing is changed then.
    """
    with transaction(by, now) as deed:
        count = 0
        for secret in db.session.scalars(select(Secret)):
            place = secret_place(secret.name)
            secret.sealed = ring.seal(ring.open(secret.sealed, place), place)
            count += 1
        for contact in db.session.scalars(select(Contact).where(Contact.sealed_secret.is_not(None))):
            place = contact_place(contact.id)
            contact.sealed_secret = ring.seal(ring.open(contact.sealed_secret or "", place), place)
            count += 1
        for contact in db.session.scalars(select(Contact).where(Contact.old_sealed_secret.is_not(None))):
            place = old_secret_place(contact.id)
            contact.old_sealed_secret = ring.seal(ring.open(contact.old_sealed_secret or "", place), place)
            count += 1
        for kept in db.session.scalars(select(KeptAnswer)):
            place = f"kept_answers:{kept.owner}:{kept.key}:sealed_answer"
            kept.sealed_answer = ring.seal(ring.open(kept.sealed_answer, place), place)
            count += 1
        deed.enter("keys.rotated", f"key:{ring.current}", {"sealed": count})
    return count
