"""Secrets that playbooks name: stored for places, outside of which they are not used (ADR 22)."""

import datetime as dt
from collections.abc import Sequence
from urllib.parse import urlsplit

from incident.actions.unit_of_work import transaction
from incident.core.playbooks.secret_place import SSH, SSH_SCHEME, binding, join_places, split_places, ssh_target_place
from incident.core.playbooks.ssh_target import ssh_place
from incident.core.values.faults import RuleError, raise_all, refuse_stale
from incident.core.values.text import require_name
from incident.keyring import KeyRing, SealBroken
from incident.outgoing import OutgoingError, origin_of
from incident.store.db.database import db
from incident.store.operations.instance import Secret
from incident.store.operations.secrets import binding_of, version_of


def set_secret(
    name: str, value: str, places: Sequence[str] | None, ring: KeyRing, by: str, now: dt.datetime
) -> Sequence[str]:
    """Store a secret under a name (`kms_key_identifier` of a playbook), or replace it; return its places.

    Args:
        name: the name.
        value: the secret; sealed here.
        places: where it may be used, as `read_place` accepts them; None keeps the present ones.
        ring: seals it.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `secret.place_missing` when it has none, `secret.place_malformed`, `secret.places_mixed`,
            `secret.places_many`, `name.invisible`.
    """
    require_name(name)
    given = None if places is None else _read(places)
    with transaction(by, now) as uow:
        before = db.session.get(Secret, name)
        kept = given or (before.places if before is not None else None)
        if kept is None:
            raise RuleError("secret.place_missing", pointer="/places")
        db.session.merge(Secret(name=name, sealed=ring.seal(value, binding(name, kept)), set_at=now, places=kept))
        uow.record("secret.set", f"secret:{name}", {"places": split_places(kept)})
    return split_places(kept)


def place_secret(
    name: str, places: Sequence[str], ring: KeyRing, by: str, now: dt.datetime, version: int | None = None
) -> Secret:
    """Set the places where a secret may be used, replacing the present ones.

    Args:
        name: of a stored secret.
        places: as `read_place` accepts them.
        ring: opens it and seals it for its new places.
        by: who.
        now: when (UTC).
        version: the result of `version_of` for the secret that the caller has read; None skips the check.

    Raises:
        RuleError: `secret.unknown` (not found), `version.stale`, `secret.broken` (conflict) when it does not open, or
            as `set_secret`.
    """
    kept = _read(places)
    with transaction(by, now) as uow:
        row = db.session.get(Secret, name, with_for_update=True)
        if row is None:
            raise RuleError("secret.unknown", {"name": name}, kind="not_found")
        refuse_stale(version_of(row), version)
        before = split_places(row.places)
        try:
            value = ring.open(row.sealed, binding_of(row))
        except SealBroken:
            raise RuleError("secret.broken", {"name": name}, kind="conflict") from None
        row.sealed, row.places = ring.seal(value, binding(name, kept)), kept
        uow.record("secret.placed", f"secret:{name}", {"before": before, "places": split_places(kept)})
    return row


def _read(places: Sequence[str]) -> str:
    """Return the stored text of places; raises every fault at once."""
    found: list[str] = []
    faults: list[RuleError] = []
    for index, text in enumerate(places):
        place = read_place(text)
        if place is None:
            faults.append(RuleError("secret.place_malformed", pointer=f"/places/{index}"))
        else:
            found.append(place)
    raise_all(faults)
    return join_places(found)


def read_place(text: str) -> str | None:
    """Return a place in canonical form; None for any other text.

    Args:
        text: an origin such as `https://api.example.org`, `ssh` for all allowed targets, or `ssh://HOST:PORT` for one.
    """
    given = text.strip()
    if given == SSH:
        return SSH
    try:
        parts = urlsplit(given)
    except ValueError:
        return None
    if parts.path not in {"", "/"} or "?" in given or "#" in given or "@" in given:
        return None
    if given.startswith(SSH_SCHEME):
        found = ssh_place({"address": {"url": [given]}})
        return None if found is None else ssh_target_place(found.host, found.port)
    try:
        return origin_of(given)
    except OutgoingError:
        return None
