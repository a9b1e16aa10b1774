"""Writes a backup of the whole instance from one state of the database, without interrupting work."""

import datetime as dt
import os
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from incident.actions.unit_of_work import transaction
from incident.core.journal.chain import EMPTY, Entry, Head
from incident.core.journal.verification import Stored, VerificationResult, stored_row, verify
from incident.core.values.moment import format_moment, parse_moment
from incident.formats.backups import BackupError, BackupWriter, Row
from incident.store.db import revision
from incident.store.db.database import begin_snapshot, db
from incident.store.operations.backups import NAME_LIMIT, MadeBackup
from incident.store.queries import dump

JOURNAL: Final = "journal"
HEAD: Final = "journal_head"

RING_FILE: Final = "keys.json"
CERTIFICATE_FILE: Final = "certificate.key"
EVIDENCE_KEY_FILE: Final = "evidence.key"
REPORT_KEY_FILE: Final = "report.key"
IDENTITY_KEY_FILE: Final = "identity.key"
DOCUMENT_KEY_FILE: Final = "document.key"
"""File names of the key ring and of the signing keys, in a home and in a backup."""

FOLDERS: Final = ("calendars", "evidence")
"""Folders of the home with data from people: working calendars, and evidence."""


@dataclass(frozen=True)
class BackupMade:
    """A backup that was written.

    Args:
        rows: the number of rows of each table.
        verdict: whether the journal in it is intact, and its head.
        size: bytes of the file.
    """

    rows: Mapping[str, int]
    verdict: VerificationResult
    size: int


def make_backup(
    target: Path, home: Path, keys: Mapping[str, bytes] | None, certificate_key: str | None, now: dt.datetime
) -> BackupMade:
    """Write a backup to a file that does not exist yet, readable by its owner only.

    The file appears when it is complete. A journal that is broken is backed up as well, and the result says so.

    Args:
        target: the file.
        home: the home, of which some folders are included.
        keys: the content of key files by name, when they are included.
        certificate_key: the public key of certificates, so that a restore can check whether it has the private one.
        now: when (UTC).

    Raises:
        BackupError: when the file exists, cannot be written, or there is nothing to back up.
    """
    if target.exists():
        raise BackupError(f"{target} exists already: name a file that does not.")
    draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            writer = BackupWriter(file)
            try:
                verdict = _write(writer, home, keys, certificate_key, now)
            finally:
                writer.abandon()
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, target)  # refuses to replace a file that somebody has created meanwhile
        return BackupMade(writer.rows, verdict, target.stat().st_size)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror or error}.") from None
    finally:
        db.session.rollback()
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def note_backup(target: Path, by: str, now: dt.datetime) -> None:
    """Store that a backup was made: what is erased later is still in it.

    Args:
        target: the file, of which the name without its folder is kept.
        by: who made it.
        now: when (UTC), as in the backup.
    """
    with transaction(by, now):
        db.session.add(MadeBackup(made_at=now, name=target.name[:NAME_LIMIT]))


def _write(
    writer: BackupWriter,
    home: Path,
    keys: Mapping[str, bytes] | None,
    certificate_key: str | None,
    now: dt.datetime,
) -> VerificationResult:
    begin_snapshot()
    connection = db.session.connection()
    dump.lift_limits(connection)
    schema = revision.current()
    if schema is None:
        raise BackupError("There is nothing to back up: the database has no tables.")
    verdict = _write_tables(writer, connection)
    for path in _files(home):
        writer.copy(f"files/{path.relative_to(home).as_posix()}", path)
    for name, content in (keys or {}).items():
        writer.file(f"keys/{name}", content)
    writer.finish(
        {
            "made_at": format_moment(now),
            "database": connection.dialect.name,
            "schema": schema,
            "journal": {"head": str(verdict.head), "is_whole": verdict.is_intact},
            "has_keys": keys is not None,
            "certificate_key": certificate_key,
            "counters": dump.read_counters(connection),  # last, so that values used meanwhile count as well
        }
    )
    return verdict


def _write_tables(writer: BackupWriter, connection: Connection) -> VerificationResult:
    """Write every table, and verify the journal meanwhile; the head is from the same state of the database."""
    verdict = VerificationResult(EMPTY.count, EMPTY.hash)
    shapes = dump.table_shapes(connection)
    head = EMPTY
    for shape in shapes:
        if shape.name == HEAD:
            head = head_of(list(dump.dump_rows(connection, shape)), list(shape.columns))
    for shape in shapes:
        with writer.table(shape.name, shape.columns) as add:
            rows = _adding(dump.dump_rows(connection, shape), add)
            if shape.name == JOURNAL:
                verdict = verify(stored_entries(rows, list(shape.columns)), head)
            deque(rows, maxlen=0)  # the rest of the rows
    return verdict


def _adding(rows: Iterator[Row], add: Callable[[Row], None]) -> Iterator[Row]:
    for row in rows:
        add(row)
        yield row


def head_of(rows: Sequence[Row], columns: Sequence[str]) -> Head:
    """Return the journal's head from the rows of its table.

    Args:
        rows: one, or none before the first entry.
        columns: the names of the values.
    """
    if not rows:
        return EMPTY
    kept = dict(zip(columns, rows[0], strict=True))
    return Head(kept["count"], kept["hash"])


def stored_entries(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[Stored]:
    """Yield entries of the journal for verification, from rows as they are in a backup."""
    for row in rows:
        kept = dict(zip(columns, row, strict=True))
        at = parse_moment(kept["at"])
        entry = Entry(kept["seq"], at, kept["actor"], kept["type"], kept["incident"], kept["subject"])
        yield stored_row(entry, kept["detail"], kept["hash"])


def _files(home: Path) -> Iterator[Path]:
    """Yield the files of the home with data from people; links are left out, because they lead elsewhere."""
    for folder in FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path
