"""Check that the key ring belongs to the database.

With another ring no secret opens and no sent link is accepted, and new secrets are sealed so that the other nodes
cannot open them. Therefore the database stores a check value of each key in use, and nothing starts with another ring.
A ring is created for an unused database only.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Connection

from incident.actions.directory.departments import secret_place as contact_place
from incident.actions.unit_of_work import transaction
from incident.config import SettingFault, Settings, SettingsError
from incident.core.playbooks.secret_place import binding
from incident.keyring import KeyRing, RingBroken, SealBroken
from incident.store.db.database import advisory_lock, db
from incident.store.queries import sealed

RINGS = "key ring"
"""The lock under which check values are written."""

BY = "keys"

_WAY_OUT = "docs/operations.md says what to do when it is lost for good."
_WORDS = {
    "absent": (
        "{where} names a file that is not there",
        "Mount it, or make a ring for a new database: incident keys new > {path}.",
    ),
    "missing": (
        "{ring} is missing, and the database is in use: what it has sealed opens with its own ring alone",
        "Put back a copy of the ring, or name the one that other nodes use: INCIDENT_KEYS_FILE or INCIDENT_KEYS. "
        + _WAY_OUT,
    ),
    "foreign": (
        "{ring} is not the key ring of this database",
        "Put back a copy of the right one, name the one that other nodes use (INCIDENT_KEYS_FILE or INCIDENT_KEYS), "
        "or look whether INCIDENT_DATABASE_URL names the right database. " + _WAY_OUT,
    ),
    "outdated": (
        "{ring} lacks keys that this database uses: it is a copy from before a rotation",
        "Take the newest copy of the ring, such as that of another node. " + _WAY_OUT,
    ),
}
RingState = Literal["absent", "missing", "foreign", "outdated"]


def load_ring(settings: Settings) -> KeyRing:
    """Read the key ring from the place that the settings name; without its file it has no keys.

    Raises:
        SettingsError: when its content cannot be read as a ring.
    """
    try:
        return KeyRing.load(settings.keys_path) if settings.keys is None else KeyRing.parse(settings.keys)
    except RingBroken as error:
        hint = "Put back a copy of it: without it no secret can be opened."
        what = f"{_name(settings)} cannot be read as a key ring: {error}"
        raise SettingsError([SettingFault(settings.keys_setting, what, hint)]) from None


def ring_fault(ring: KeyRing, settings: Settings, connection: Connection) -> SettingFault | None:
    """Return why the ring does not belong to the database, with a hint; None when it does.

    Args:
        ring: as it was read.
        settings: where it was read from.
        connection: to the database, migrated or not.
    """
    state = _state(ring, settings, connection)
    if state is None:
        return None
    what, hint = _WORDS[state]
    words = {"ring": _name(settings), "where": settings.keys_setting, "path": settings.keys_path}
    return SettingFault(settings.keys_setting, what.format_map(words), hint.format_map(words))


def _name(settings: Settings) -> str:
    return "the key ring" if settings.keys is not None else f"the key ring {settings.keys_path}"


def _state(ring: KeyRing, settings: Settings, connection: Connection) -> RingState | None:
    checks = sealed.key_checks(connection)
    if not ring.is_there:
        if checks or not sealed.is_unused(connection):
            return "missing"
        return None if settings.keys_file is None else "absent"
    if checks:
        return ring.mismatch(checks)
    return None if all(opens(ring, one.value, _place(one)) for one in sealed.samples(connection)) else "foreign"


def opens(ring: KeyRing, value: str, place: str) -> bool:
    """Whether the ring opens a sealed value.

    Args:
        ring: the ring.
        value: the sealed value.
        place: the data that it is bound to.
    """
    try:
        ring.open(value, place)
    except SealBroken:
        return False
    return True


def _place(one: sealed.Sealed) -> str:
    if one.table == "contacts":
        return contact_place(int(one.row))
    return binding(one.row, one.places) if one.table == "secrets" else f"idempotency_keys:{one.row}:sealed_response"


def settle(ring: KeyRing, settings: Settings, now: dt.datetime) -> None:
    """Refuse a ring of another database; for an unused database create it; store its check value.

    Args:
        ring: as it was read.
        settings: where it was read from.
        now: the moment (UTC).

    Raises:
        SettingsError: with the one fault.
    """
    if not ring.is_there:
        ring.refresh()  # of processes that start at once, one has created it by now
    connection = db.session.connection()
    fault = ring_fault(ring, settings, connection)
    checks = sealed.key_checks(connection)
    db.session.rollback()
    if fault is not None:
        raise SettingsError([fault])
    if not ring.is_there:
        _create(ring, settings)
    if ring.current not in checks:
        with transaction(BY, now):
            keep_checks(ring)


def _create(ring: KeyRing, settings: Settings) -> None:
    try:
        ring.create()
    except OSError as error:
        what = f"{settings.keys_path} cannot be written: {error.strerror}"
        raise SettingsError([SettingFault("INCIDENT_HOME", what, "Give this user the right to write there.")]) from None


def known_checks() -> Mapping[str, str]:
    """Return the check values by key, inside a transaction, and prevent others from writing any until it ends."""
    advisory_lock(RINGS)
    return sealed.key_checks(db.session.connection())


def drop_check(name: str) -> None:
    """Delete, inside a transaction, the check value of a key that is no longer in use."""
    sealed.put_key_checks({one: check for one, check in known_checks().items() if one != name})


def keep_checks(ring: KeyRing) -> None:
    """Store, inside a transaction, the check value of the sealing key; of all keys when none is stored yet."""
    checks, mine = known_checks(), ring.checks()
    sealed.put_key_checks({**checks, ring.current: mine[ring.current]} if checks else mine)
