"""Custodians: their keys, their tests, their leave, and the set that they form."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.core.directory.password import require_password
from incident.core.operations.approval import person_of
from incident.core.reports.custodian_sets import CustodianFacts, Quorum, quorum_of, require_threshold
from incident.core.values.faults import RuleError, raise_all, refuse_stale
from incident.custodian_key import WrongPassphrase, open_private_key, opens_test_seal, paper_of, seal_private_key
from incident.identity_key import public_bytes
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.reports import custodians as store
from incident.store.reports.custodians import Custodian, CustodianSet, CustodianSetMember


@dataclass(frozen=True)
class NewCustodian:
    """A custodian, and the private key as it is printed once for the custodian's own envelope."""

    row: Custodian
    paper: str


def add_custodian(person_id: int, passphrase: str, by: str, now: dt.datetime) -> NewCustodian:
    """Draw a key pair for a person; the private half is stored under the passphrase only.

    A person who is a custodian already gets a new key: fields that were sealed for the old one stay there until the set
    is changed.

    Args:
        person_id: whose key it is.
        passphrase: the custodian's own.
        by: the person themselves, or the console.
        now: when (UTC).

    Raises:
        RuleError: `password.short`, `password.long`, `password.guessable` at `/passphrase`, `person.unknown`.
    """
    person = db.session.get(Person, person_id)
    if person is None or not person.is_active:
        raise RuleError("person.unknown", {"login": ""}, kind="not_found")
    require_password(passphrase, (person.login, person.name), "/passphrase")
    private = X25519PrivateKey.generate()
    sealed = seal_private_key(private, passphrase)
    with transaction(by, now) as uow:
        row = Custodian(person_id=person_id, public_key=public_bytes(private), sealed_private_key=sealed)
        row.created_at = now
        db.session.add(row)
        db.session.flush()
        uow.record("custody.custodian_added", f"custodian:{row.id}", {"person": person.login})
    return NewCustodian(row, paper_of(private))


def open_test_seal(custodian_id: int, passphrase: str, by: str, now: dt.datetime) -> Custodian:
    """Let a custodian open a test seal.

    Raises:
        RuleError: `custodian.wrong_passphrase`, `custodian.unknown` (not found).
    """
    private = unlock_custodian(live_custodian(custodian_id), passphrase)
    with transaction(by, now) as uow:
        row = live_custodian(custodian_id)
        if not opens_test_seal(private, row.public_key):
            raise RuleError("custodian.wrong_passphrase", pointer="/passphrase")
        row.tested_at = now
        uow.record("custody.tested", f"custodian:{custodian_id}", {})
        _begin_first_set(uow)
    return row


def set_leave(custodian_id: int, by: str, now: dt.datetime, *, is_away: bool) -> Custodian:
    """Record that a custodian is on leave or back; raises RuleError `custodian.unknown` (not found)."""
    with transaction(by, now) as uow:
        row = live_custodian(custodian_id)
        if row.is_away != is_away:
            row.is_away = is_away
            uow.record("custody.leave_changed", f"custodian:{custodian_id}", {"away": is_away})
    return row


def propose_set(
    threshold: int, custodian_ids: Sequence[int], by: str, now: dt.datetime, version: int | None = None
) -> CustodianSet:
    """Name the custodians and how many are needed.

    The first set begins when each of its custodians has opened a test seal. A later one begins by
    `incident custodian rotate`, for which as many custodians of the present set are needed as that set says.

    Args:
        threshold: how many are needed.
        custodian_ids: who, in the order of their shares.
        by: who proposes it.
        now: when (UTC).
        version: the number of the newest set that the caller has read, 0 for none; None for any.

    Raises:
        RuleError: `custody.threshold`, `custody.named_twice`, `custodian.unknown` for each, `version.stale`.
    """
    require_threshold(threshold, custodian_ids)
    with transaction(by, now) as uow:
        newest = store.newest_set()
        refuse_stale(0 if newest is None else newest.id, version)
        live = {one.id: one.person_id for one in store.live_custodians()}
        raise_all(
            RuleError("custodian.unknown", pointer=f"/custodians/{index}")
            for index, one in enumerate(custodian_ids)
            if one not in live
        )
        if len({live[one] for one in custodian_ids}) < len(custodian_ids):  # two keys of one person are one custodian
            raise RuleError("custody.named_twice", pointer="/custodians")
        row = CustodianSet(threshold=threshold, proposed_at=now, proposed_by=by)
        db.session.add(row)
        db.session.flush()
        for index, one in enumerate(custodian_ids, 1):
            db.session.add(CustodianSetMember(set_id=row.id, share_index=index, custodian_id=one))
        db.session.flush()
        detail = {"threshold": threshold, "custodians": list(custodian_ids)}
        uow.record("custody.set_proposed", f"custodian_set:{row.id}", detail)
        _begin_first_set(uow)
    return row


def live_custodian(custodian_id: int) -> Custodian:
    """Return a custodian whose key has not ended; raises RuleError `custodian.unknown` (not found)."""
    row = db.session.get(Custodian, custodian_id)
    if row is None or row.ended_at is not None:
        raise RuleError("custodian.unknown", kind="not_found")
    return row


def require_own_key(custodian_id: int, by: str) -> Custodian:
    """Return a custodian who is the actor; for anybody else there is none."""
    row = live_custodian(custodian_id)
    if row.person_id != person_of(by):
        raise RuleError("custodian.unknown", kind="not_found")
    return row


def unlock_custodian(row: Custodian, passphrase: str) -> X25519PrivateKey:
    """Return a custodian's private key; raises RuleError `custodian.wrong_passphrase`."""
    try:
        return open_private_key(row.sealed_private_key, row.public_key, passphrase)
    except WrongPassphrase:
        raise RuleError("custodian.wrong_passphrase", pointer="/passphrase") from None


def current_quorum(now: dt.datetime) -> Quorum | None:
    """Return how many custodians are needed and reachable, None before the ceremony."""
    current = store.current_set()
    if current is None:
        return None
    facts = [CustodianFacts(one.is_away, one.tested_at) for _, one in store.members_of_set(current.id)]
    return quorum_of(current.threshold, facts, now)


def _begin_first_set(uow: UnitOfWork) -> None:
    """Begin the newest set within the caller's transaction when it is the first and all its custodians are tested."""
    newest = store.newest_set()
    if newest is None or newest.begun_at is not None or store.current_set() is not None:
        return
    if all(one.tested_at is not None and one.ended_at is None for _, one in store.members_of_set(newest.id)):
        newest.begun_at = uow.now
        uow.record("custody.set_begun", f"custodian_set:{newest.id}", {"threshold": newest.threshold})
        db.session.flush()
