"""Back up the whole instance to a file; restore it on another machine."""

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from sqlalchemy.engine import make_url

from incident import clock, config
from incident.certifying import BadKey, CertificateKey, short_of
from incident.cli.root import CLI, instance_of, main, or_end, read_settings
from incident.proof_settings import document_key_path, report_key_path

if TYPE_CHECKING:
    from flask import Flask

    from incident.formats.backups import BackupReader


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-keys", is_flag=True, help="Include the key ring and the certificate key: keep the file secret.")
def backup(file: Path, with_keys: bool) -> None:
    """Back up everything to FILE while the program is running. FILE must not exist.

    Exit status 1 if the backup failed, or if the journal in it is broken.
    """
    from incident.actions.operations.backup import make_backup
    from incident.app import create_core
    from incident.formats.backups import BackupError
    from incident.store.db import connecting
    from incident.store.db.database import db
    from incident.store.incidents.evidence import count_in_folder

    app = or_end(lambda: create_core(read_settings()))
    settings = instance_of(app).settings
    with app.app_context(), connecting.without_limits(db.engine):
        try:
            keys = _keys_of(app) if with_keys else None
            at = clock.now()
            made = make_backup(file, settings.home, keys, _public_key(settings), at)
            is_noted = _is_noted(file, at)
            left_out = count_in_folder()
        except BackupError as error:
            _end(str(error))
    rows = sum(made.rows.values())
    click.echo(f"Backed up {rows} rows of {len(made.rows)} tables to {file} ({made.size / (1 << 20):.1f} MiB).")
    if with_keys:
        click.echo("The backup contains the keys: anyone who can read the file can read every secret.")
    else:
        click.echo("The backup does not contain the keys: save keys.json and certificate.key of the home separately.")
    if not is_noted:
        click.echo("The database does not know of this backup: what is erased later is not said to be in it.")
    if left_out:
        where = settings.evidence.folder
        click.echo(f"The backup does not contain the evidence in {where} ({left_out} files): save that folder as well.")
    if not made.verdict.is_intact:
        click.echo(f"The journal is broken: entry {made.verdict.seq} was {made.verdict.fault}.", err=True)
        click.echo(f"intact up to {made.verdict.head}", err=True)
        sys.exit(1)
    click.echo(f"The journal is intact: {made.verdict.count} entries.")
    click.echo(f"head {made.verdict.head}")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", "is_check", is_flag=True, help="Only verify the file; restore nothing.")
def restore(file: Path, is_check: bool) -> None:
    """Restore the backup FILE into an unused database, SQLite or PostgreSQL, whichever it was made from.

    Exit status 1 if the file is damaged or cannot be restored here; the database is then left empty.
    """
    from incident.actions.operations.restore import check_backup, head_in, is_whole
    from incident.formats.backups import BackupError, BackupReader

    settings = read_settings()
    try:
        with BackupReader(file) as found:
            check_backup(found)
            if not is_check:
                or_end(lambda: _restore(found, settings))
            manifest, head, is_good = found.manifest, head_in(found), is_whole(found)
    except BackupError as error:
        _end(str(error))
    except OSError as error:
        _end(f"{error.filename or settings.home} cannot be written: {error.strerror}.")
    rows = sum(one["rows"] for one in manifest["tables"])
    click.echo(f"{'Checked' if is_check else 'Restored'} {rows} rows, backed up at {manifest['made_at']}.")
    if not is_check:
        _say_what_is_next(manifest, settings)
    if is_good:
        click.echo(f"The journal is intact: {head.count} entries.")
    else:
        click.echo("The journal was broken when the backup was made. See `incident journal verify`.", err=True)
    click.echo(f"head {head}")
    sys.exit(0 if is_good else 1)


def _is_noted(file: Path, at: datetime) -> bool:
    """Store in the database that a backup was made; return False for a database that takes no changes."""
    from sqlalchemy.exc import SQLAlchemyError

    from incident.actions.operations.backup import note_backup
    from incident.store.db.database import db

    try:
        note_backup(file, CLI, at)
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True


def _restore(backup: "BackupReader", settings: config.Settings) -> None:
    from incident.actions.operations import restore as actions
    from incident.app import create_core
    from incident.formats.backups import BackupError
    from incident.store.db import revision
    from incident.store.db.database import db
    from incident.store.queries import sealed

    if not revision.is_known(backup.manifest["schema"], config.shipped("migrations")):
        raise BackupError("The backup was made by a newer version: install that version or a later one.")
    has_ring = settings.keys is not None or settings.keys_path.exists()
    if not has_ring and actions.RING not in backup.files:
        what = f"{settings.keys_path.name} and certificate.key into {settings.home} first, from where you saved them"
        raise BackupError(f"The backup does not contain the keys: copy {what}.")
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = actions.restore_files(backup, settings.home, has_ring=has_ring)
    try:
        app = create_core(settings)
        with app.app_context():
            is_unused = sealed.is_unused(db.session.connection())
            db.session.remove()
        if not is_unused:
            raise BackupError("The database is in use: restore into an empty one. Nothing was changed.")
        actions.make_private(settings.home, _own_files(settings, backup))
        _load(app, backup)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _own_files(settings: config.Settings, backup: "BackupReader") -> Iterator[Path]:
    """Yield the private files of a restored home: keys, database, and the files of the backup."""
    yield settings.home / "keys.json"
    yield settings.home / "certificate.key"
    yield settings.home / "evidence.key"
    yield settings.home / "report.key"
    yield settings.home / "identity.key"
    for path in backup.files:
        yield settings.home / path.partition("/")[2]
    name = make_url(settings.database_url).database if settings.is_sqlite else None
    for end in ("", "-wal", "-shm", "-journal") if name else ():
        yield Path(f"{name}{end}")


def _load(app: "Flask", backup: "BackupReader") -> None:
    """Fill the tables in the schema of the backup, in one transaction; migrate an older schema afterwards."""
    from incident.actions.operations import restore as actions
    from incident.app import give_rights, migrate, migrate_unused
    from incident.store.db import connecting
    from incident.store.db.database import db

    is_newest = migrate_unused(app, backup.manifest["schema"])
    here = instance_of(app)
    with app.app_context(), connecting.without_limits(db.engine):
        actions.load_backup(backup, here.ring, here.settings, clock.now(), is_newest=is_newest)
    if is_newest:
        give_rights(app)
        return
    try:
        migrate(app)
        with app.app_context(), connecting.without_limits(db.engine):
            actions.finish_restore(backup, clock.now())
    except BaseException:
        migrate_unused(app, None)
        raise


def _keys_of(app: "Flask") -> Mapping[str, bytes]:
    """Return the key files of the home by name."""
    from incident.actions.operations.backup import (
        CERTIFICATE_FILE,
        DOCUMENT_KEY_FILE,
        EVIDENCE_KEY_FILE,
        IDENTITY_KEY_FILE,
        REPORT_KEY_FILE,
        RING_FILE,
    )
    from incident.formats.backups import BackupError

    settings = instance_of(app).settings
    try:
        ring = settings.keys_path.read_bytes() if settings.keys is None else settings.keys.encode()
        found = {RING_FILE: ring}
        if settings.certificate_key_path.exists():
            found[CERTIFICATE_FILE] = settings.certificate_key_path.read_bytes()
        if (path := settings.evidence.key_path(settings.home)).exists():
            found[EVIDENCE_KEY_FILE] = path.read_bytes()
        if (path := report_key_path(settings.report_key_file, settings.home)).exists():
            found[REPORT_KEY_FILE] = path.read_bytes()
        if (path := settings.custody.key_path(settings.home)).exists():
            found[IDENTITY_KEY_FILE] = path.read_bytes()
        if (path := document_key_path(settings.document_key_file, settings.home)).exists():
            found[DOCUMENT_KEY_FILE] = path.read_bytes()
    except OSError as error:
        raise BackupError(f"{error.filename} cannot be read: {error.strerror}.") from None
    return found


def _public_key(settings: config.Settings) -> str | None:
    """Return the public certificate key; None if no certificate was ever issued or the key cannot be read."""
    try:
        path = settings.certificate_key_path
        return short_of(CertificateKey.load(path).public) if path.exists() else None
    except (BadKey, ValueError, OSError):
        return None


def _say_what_is_next(manifest: Mapping[str, Any], settings: config.Settings) -> None:
    wanted = manifest.get("certificate_key")
    if wanted is not None and wanted != _public_key(settings):
        path = settings.certificate_key_path
        click.echo(f"The certificate key is missing: copy it to {path}. Otherwise a new one is created.")
    click.echo(
        "Start the program here only after the original has stopped for good: messages that were pending in the "
        "backup are sent from here, even if the original has sent them since."
    )


def _end(what: str) -> NoReturn:
    click.echo(f"error: {what}", err=True)
    sys.exit(1)
