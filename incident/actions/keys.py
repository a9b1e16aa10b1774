"""The rotation of the key ring, and the way out when a ring is lost for good."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, select

from incident.actions import key_check
from incident.actions.contacts import old_secret_place
from incident.actions.departments import secret_place as contact_place
from incident.actions.key_check import opens
from incident.actions.transaction import transaction
from incident.keyring import KeyRing, SealBroken
from incident.store import sealed as seals
from incident.store.database import db
from incident.store.departments import Contact
from incident.store.instance import KeptAnswer, Secret
from incident.store.secrets import binding_of


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
    return seal_anew(ring, by, now)


def seal_anew(ring: KeyRing, by: str, now: dt.datetime) -> int:
    """Seal every secret in the database under the newest key; return how many were.

    Raises:
        SealBroken: when one does not open; nothing is changed then.
    """
    with transaction(by, now) as deed:
        count = 0
        for secret in db.session.scalars(select(Secret)):
            place = binding_of(secret)
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
        key_check.keep_checks(ring)
        deed.enter("keys.rotated", f"key:{ring.current}", {"sealed": count})
    return count


@dataclass(frozen=True)
class Lost:
    """What could not be opened with the ring that was accepted.

    Args:
        secrets: names of secrets of playbooks that are removed.
        contacts: names of contacts whose secret is replaced by one that nobody knows.
        answers: how many answers kept for repeated requests are removed.
    """

    secrets: list[str]
    contacts: list[str]
    answers: int


def accept(ring: KeyRing, new_secret: Callable[[], str], by: str, now: dt.datetime) -> Lost:
    """Take a ring for the database's own although it is another one: the right one is lost for good.

    Links that were sent before are not accepted any more. What does not open is removed or replaced.

    Args:
        ring: that is used from now on.
        new_secret: makes a secret for a contact that has to have one.
        by: who decides it.
        now: when (UTC).
    """
    with transaction(by, now) as deed:
        key_check.known_checks()
        lost = Lost(_drop_secrets(ring), _replace_contact_secrets(ring, new_secret), _drop_answers(ring))
        seals.put_key_checks(ring.checks())
        detail = {"secrets": lost.secrets, "contacts": lost.contacts}
        deed.enter("keys.accepted", f"key:{ring.current}", detail)
    return lost


def _drop_secrets(ring: KeyRing) -> list[str]:
    found = db.session.scalars(select(Secret))
    gone = [one.name for one in found if not opens(ring, one.sealed, binding_of(one))]
    db.session.execute(delete(Secret).where(Secret.name.in_(gone)))
    return gone


def _replace_contact_secrets(ring: KeyRing, new_secret: Callable[[], str]) -> list[str]:
    replaced = []
    for contact in db.session.scalars(select(Contact).where(Contact.sealed_secret.is_not(None))):
        place = contact_place(contact.id)
        if not opens(ring, contact.sealed_secret or "", place):
            contact.sealed_secret = ring.seal(new_secret(), place)
            replaced.append(contact.name)
        if not opens(ring, contact.old_sealed_secret or "", old_secret_place(contact.id)):
            contact.old_sealed_secret = contact.old_secret_ends_at = None
    return replaced


def _drop_answers(ring: KeyRing) -> int:
    gone = [
        kept.id
        for kept in db.session.scalars(select(KeptAnswer))
        if not opens(ring, kept.sealed_answer, f"kept_answers:{kept.owner}:{kept.key}:sealed_answer")
    ]
    db.session.execute(delete(KeptAnswer).where(KeptAnswer.id.in_(gone)))
    return len(gone)
