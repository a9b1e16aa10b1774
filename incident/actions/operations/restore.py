"""Restores a backup into an unused database, and verifies the result."""

import datetime as dt
import os
import stat
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from incident.actions.journal.verifying import verify_present
from incident.actions.operations import key_check
from incident.actions.operations.backup import HEAD, JOURNAL, RING_FILE, head_of, stored_entries
from incident.actions.unit_of_work import UnitOfWork, transaction
from incident.config import Settings, SettingsError
from incident.core.journal.chain import Head, parse_head
from incident.core.journal.verification import verify
from incident.core.values.moment import parse_moment
from incident.formats.backups import BackupError, BackupReader
from incident.keyring import KeyRing
from incident.store.db.database import db
from incident.store.db.outage import outage_of
from incident.store.operations.backups import NAME_LIMIT, MadeBackup
from incident.store.queries import dump, search_rebuild

BY = "restore"

RING: Final = f"keys/{RING_FILE}"
"""The place of the key ring in a backup."""


def check_backup(backup: BackupReader) -> None:
    """Read all of a backup, and verify the journal in it against the head in its manifest.

    Raises:
        BackupError: when anything differs from what was written.
    """
    for name in backup.tables:
        if name != JOURNAL:
            deque(backup.rows(name), maxlen=0)
    for path in backup.files:
        deque(backup.pieces(path), maxlen=0)
    if JOURNAL not in backup.tables or HEAD not in backup.tables:
        raise BackupError("The backup is damaged: it has no journal.")
    head = head_of(list(backup.rows(HEAD)), list(backup.tables[HEAD]))
    rows = backup.rows(JOURNAL)
    verdict = verify(stored_entries(rows, list(backup.tables[JOURNAL])), head)
    deque(rows, maxlen=0)
    if str(verdict.head) != backup.manifest["journal"]["head"] or verdict.is_intact != is_whole(backup):
        raise BackupError("The backup is damaged: its journal does not have the head that its manifest names.")


def is_whole(backup: BackupReader) -> bool:
    """Whether the journal was intact when the backup was written."""
    return bool(backup.manifest["journal"].get("is_whole"))


def load_backup(backup: BackupReader, ring: KeyRing, settings: Settings, now: dt.datetime, *, is_newest: bool) -> None:
    """Write the rows of a backup into the empty tables of its schema, in one transaction.

    Args:
        backup: the backup, checked before.
        ring: the present key ring.
        settings: where the ring is from.
        now: when (UTC).
        is_newest: whether the schema is the newest, so that the restore can be finished in the same transaction.

    Raises:
        BackupError: when the tables are not those of the backup, or its journal differs when it is read back.
        SettingsError: when the key ring is not the one of the backup.
    """
    try:
        with transaction(BY, now) as uow:
            _load_tables(uow.connection, backup)
            fault = key_check.ring_fault(ring, settings, uow.connection)
            if fault is not None:
                raise SettingsError([fault])
            if is_newest:
                _finish(uow, backup)
    except (dump.LoadError, SQLAlchemyError) as error:
        raise BackupError(_why_not(error)) from error


def _why_not(error: dump.LoadError | SQLAlchemyError) -> str:
    outage = error.outage if isinstance(error, dump.LoadError) else outage_of(error)
    what = str(error) if isinstance(error, dump.LoadError) else type(error).__name__
    if outage == "full":
        return f"The disk of the database is full: {what}. Make room and restore again; the database is empty."
    if outage == "away":
        return f"The database has gone away: {what}. Restore again when it is back; it is empty."
    return f"The database does not accept what is in the backup: {what}. It is empty."


def _load_tables(connection: Connection, backup: BackupReader) -> None:
    dump.lift_limits(connection)
    shapes = dump.table_shapes(connection)
    _refuse_other_tables(backup, shapes)
    keys = {shape.name: shape.key for shape in shapes}
    for shape in reversed(shapes):
        connection.execute(dump.delete_all(shape))
    for name, columns in backup.tables.items():
        dump.load_rows(connection, dump.TableShape(name, columns, keys[name]), backup.rows(name))
    dump.write_counters(connection, backup.manifest.get("counters", {}), shapes)


def finish_restore(backup: BackupReader, now: dt.datetime) -> None:
    """Finish a restore after the migration: rebuild the full text, verify the journal, and record the restore.

    Raises:
        BackupError: when the journal is not the one of the backup.
    """
    with transaction(BY, now) as uow:
        dump.lift_limits(uow.connection)
        _finish(uow, backup)


def _finish(uow: UnitOfWork, backup: BackupReader) -> None:
    search_rebuild.rebuild()
    db.session.expunge_all()
    head = head_in(backup)
    verdict = verify_present(head if is_whole(backup) else None)
    if verdict.head != head or verdict.is_intact != is_whole(backup):
        raise BackupError("What was restored is not what was backed up: the journal has another head.")
    db.session.expunge_all()
    # The rows were read before the database noted the file that they were written to.
    db.session.add(MadeBackup(made_at=parse_moment(backup.manifest["made_at"]), name=backup.name[:NAME_LIMIT]))
    detail = {"made_at": backup.manifest["made_at"], "head": str(head)}
    uow.record("instance.restored", "instance", detail)


def head_in(backup: BackupReader) -> Head:
    """Return the head of the journal in the manifest."""
    return parse_head(backup.manifest["journal"]["head"])


def _refuse_other_tables(backup: BackupReader, shapes: list[dump.TableShape]) -> None:
    there: Mapping[str, set[str]] = {shape.name: set(shape.columns) for shape in shapes}
    for name, columns in backup.tables.items():
        if there.get(name) != set(columns):
            raise BackupError(f"The table {name} of the backup has other columns than the database has.")


def restore_files(backup: BackupReader, home: Path, *, has_ring: bool) -> list[Path]:
    """Write the files of the backup into the home and return those that were not there before.

    Args:
        backup: the backup, checked before.
        home: the target.
        has_ring: whether there is a key ring already, of the home or of the settings: it is left unchanged.

    Raises:
        BackupError: when another file of that name is there; nothing is written then.
    """
    kept = {RING} if has_ring else set()
    wanted = {home / path.partition("/")[2]: path for path in backup.files if path not in kept}
    for target, path in wanted.items():
        if target.exists() and target.read_bytes() != backup.read(path):
            raise BackupError(f"{target} is there already and differs from the one in the backup: move it away.")
    written = []
    try:
        for target, path in wanted.items():
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                written.append(target)
                with open(target, "xb", opener=_private) as file:
                    for piece in backup.pieces(path):
                        file.write(piece)
    except BaseException:
        for target in written:
            target.unlink(missing_ok=True)
        raise
    return written


def make_private(home: Path, files: Iterable[Path]) -> None:
    """Remove the permissions of all others from the home and from existing files.

    Args:
        home: the folder with private data.
        files: those that must be private whatever their modes were; missing ones are skipped.
    """
    for path in (home, *files):
        if path.exists():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXU)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
