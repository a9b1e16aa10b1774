"""`incident check`: checks the settings and the environment before anything depends on them."""

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection, create_engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from incident import channels, clock
from incident.actions.operations import key_check
from incident.actions.playbooks.approving import APPROVING
from incident.channels.email import parse_smtp_url
from incident.config import SettingFault, Settings, SettingsError, shipped
from incident.core.operations.approval import APPROVALS_NEEDED
from incident.core.operations.watchdog import Limits
from incident.core.values.error_messages import say
from incident.data.working_calendars import BrokenCalendar, calendars
from incident.jobs.journal.anchor_checkup import faults_of_age, faults_of_places
from incident.jobs.startup.capacity import fault_of_connecting, faults_of_connections
from incident.jobs.startup.journal_rights import faults_of_rights, is_changeable
from incident.jobs.startup.private_files import exposed
from incident.jobs.startup.start import damaged, fault_of, unknown_schema
from incident.jobs.supervision.alarm import SCHEMES
from incident.outgoing import Outgoing
from incident.sources import SOURCES
from incident.store.db import connecting, revision
from incident.store.db.database import engine_options, server_time
from incident.store.directory.people import count_with_roles
from incident.store.incidents.sources import names_among
from incident.store.operations.secrets import without_place
from incident.store.playbooks.signers import TrustedSigner

_NAMED = {*channels.MAKERS} - {"email", "webhook", "inbox"}

SPACE_LEAST = 200 * 1024 * 1024
"""Minimum of free bytes in the home."""

CONNECT_LIMIT = 3.0

QUICK_CHECK_LIMIT = 5.0
"""Time limit (s) of the search for damage: a large file is not searched to its end."""


def faults_of(settings: Settings) -> list[SettingFault]:
    """Return the faults that would keep the program from working, each with a hint."""
    return [
        *_home(settings.home),
        *exposed(settings),
        *_database(settings),
        *_keys(settings),
        *_shared_keys(settings),
        *_evidence(settings),
        *_mail(settings),
        *_calendars(settings.home / "calendars"),
        *_signers(settings),
        *_alarm(settings),
        *faults_of_places(settings),
    ]


def _alarm(settings: Settings) -> list[SettingFault]:
    """Each address must be reachable by a configured way out; `incident alarm test` tests whether it answers."""
    found = []
    registered = channels.registry(channels.Means(outgoing=Outgoing(), smtp_url=_readable(settings.smtp_url)))
    for place, address in enumerate(settings.alarm_to, 1):
        kind, _, rest = address.partition(":")
        name = SCHEMES.get(kind.lower(), kind.lower())
        channel = registered.get(name)
        if channel is None or not channel.is_leaving:
            hint = f"Begin it with mailto:, https:// or one of {', '.join(sorted(_NAMED))}:."
            found.append(SettingFault("INCIDENT_ALARM_TO", f"number {place} is no way out: {kind}", hint))
        elif (code := channel.check_address(address if name == "webhook" else rest)) is not None:
            found.append(SettingFault("INCIDENT_ALARM_TO", f"number {place}: {say(code, {})}", "Mend the address."))
        elif name == "email" and settings.smtp_url is None:
            found.append(SettingFault("INCIDENT_ALARM_TO", "mail cannot be sent", "Set INCIDENT_SMTP_URL."))
        elif name == "sms" and settings.sms is None:
            found.append(SettingFault("INCIDENT_ALARM_TO", "text messages cannot be sent", "Set INCIDENT_SMS_URL."))
    return found


def _readable(smtp_url: str | None) -> str | None:
    """The address of the mail server, None when it is malformed, which another check reports."""
    try:
        parse_smtp_url(smtp_url or "")
    except ValueError:
        return None
    return smtp_url


def _home(home: Path) -> list[SettingFault]:
    found = home_faults(home)
    if home.exists() and (free := shutil.disk_usage(home).free) < SPACE_LEAST:
        found.append(SettingFault("INCIDENT_HOME", f"only {free >> 20} MiB are free", "Make room: 200 MiB at least."))
    return found


def home_faults(home: Path) -> list[SettingFault]:
    """Return the reason why the home is not writable; it is created when it does not exist."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        return [
            SettingFault("INCIDENT_HOME", f"{home} cannot be made: {error.strerror}", "Name a folder you may write.")
        ]
    if os.access(home, os.W_OK):
        return []
    return [SettingFault("INCIDENT_HOME", f"{home} is not writable", "Give this user the right to write there.")]


@contextmanager
def _connected(settings: Settings) -> Iterator[Connection]:
    """A connection to the database of the settings, which a check that finds faults does not change."""
    engine = create_engine(settings.database_url, **engine_options(settings.database_url))
    if not settings.is_sqlite:
        connecting.install_limits(
            engine, settings.database_limits, settings.database_direct_url, settings.migration_url
        )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _database(settings: Settings) -> list[SettingFault]:
    try:
        with _connected(settings) as connection:
            version = connection.execute(
                text("SELECT sqlite_version()" if settings.is_sqlite else "SHOW server_version")
            ).scalar_one()
            found = _contents(connection, settings)
            server_at = None if settings.is_sqlite else server_time(connection.engine)
            faults = [] if settings.is_sqlite else faults_of_connections(settings, connection)
            faults += [] if found else faults_of_age(settings, connection, clock.now())
            faults += [] if found else faults_of_rights(settings, connection)
    except (SQLAlchemyError, ImportError) as error:
        if (known := fault_of_connecting(error)) is not None:
            return [known]
        return [fault_of(error)]
    if found:
        return found
    if settings.is_sqlite and tuple(int(part) for part in str(version).split(".")) < (3, 51, 3):
        hint = "Install pysqlite3, or use PostgreSQL: SQLite before 3.51.3 can lose a WAL reset."
        return [SettingFault("INCIDENT_DATABASE_URL", f"SQLite {version} is old", hint)]
    if server_at is not None:
        faults += _clock((clock.machine() - server_at).total_seconds())
    return [*faults, *_direct(settings)]


def _direct(settings: Settings) -> list[SettingFault]:
    """Wake-ups and migrations need a connection that bypasses the pooler, and one for the owner of the tables."""
    direct = "It is the address of PostgreSQL itself, without the pooler: is it right?"
    owner = "It is the address with the role that owns the tables: are name, user and password right?"
    return [
        *_reached(settings, "INCIDENT_DATABASE_DIRECT_URL", settings.database_direct_url, direct),
        *_reached(settings, "INCIDENT_MIGRATION_URL", settings.migration_url, owner),
    ]


def _reached(settings: Settings, name: str, url: str | None, hint: str) -> list[SettingFault]:
    if url is None:
        return []
    from incident.postgres import Connection as Direct
    from incident.postgres import parameters_of

    try:
        Direct.open(settings.database_limits, **parameters_of(url)).close()
    except Exception as error:  # noqa: BLE001  # the driver's own faults, which are known only where it is installed
        return [SettingFault(name, f"the database does not answer: {type(error).__name__}", hint)]
    return []


def may_change_journal(settings: Settings) -> bool:
    """Report when the role of the program may change the journal; with SQLite, any writer of the file always may."""
    if settings.is_sqlite:
        return False
    try:
        with _connected(settings) as connection:
            return is_changeable(connection)
    except (SQLAlchemyError, ImportError):
        return False


def _contents(connection: Connection, settings: Settings) -> list[SettingFault]:
    """Faults of the database's content: it was written by a newer version, or it is damaged."""
    path = connection.engine.url.database or ""
    if settings.is_sqlite and not (os.path.exists(path) and os.path.getsize(path)):
        return []  # connecting would create it
    stands_at = revision.revision_of(connection)
    folder = shipped("migrations")
    if stands_at is not None and not revision.is_known(stands_at, folder):
        return [unknown_schema(stands_at, revision.newest(folder), settings)]
    if settings.is_sqlite and (said := revision.quick_check(connection, QUICK_CHECK_LIMIT)) is not None:
        return [damaged(said)]
    return []


def _clock(off_by: float) -> list[SettingFault]:
    """The database's time does not depend on the machine's: timers are right all the same, TLS may not be."""
    if abs(off_by) <= Limits().clock_off:
        return []
    way = "ahead of" if off_by > 0 else "behind"
    what = f"this machine's time is {abs(off_by):.0f} s {way} the database's"
    return [SettingFault("INCIDENT_DATABASE_URL", what, "Have the time of both set by NTP.")]


def _keys(settings: Settings) -> list[SettingFault]:
    """The key ring must be the one of the database."""
    try:
        ring = key_check.load_ring(settings)
    except SettingsError as error:
        return error.faults
    try:
        with _connected(settings) as connection:
            fault = key_check.ring_fault(ring, settings, connection)
    except (SQLAlchemyError, ImportError):  # the fault of the database itself is reported instead
        return []
    return [] if fault is None else [fault]


def unplaced_secrets(settings: Settings) -> str | None:
    """Report stored secrets without a permitted place; None when there is none."""
    with _connected(settings) as connection:
        names = without_place(connection)
    if not names:
        return None
    return f"Stored secrets without a place, which are used nowhere: {', '.join(names)} (incident secret place)."


def hidden_sources(settings: Settings) -> str | None:
    """Report own sources whose name a source of this version has taken; None when there is none."""
    with _connected(settings) as connection:
        names = names_among(connection, SOURCES)
    if not names:
        return None
    return (
        f"Your own sources {', '.join(names)} are not used any more: this version has built-in sources of these names. "
        "Open each under Sources, copy its mapping into a source of another name, give the sender the new address, and "
        "remove the old one."
    )


def lacking_approvers(settings: Settings) -> str | None:
    """Report when too few people may approve playbooks with automated commands; None when there are enough."""
    if not settings.two_people_approve:
        return None
    with _connected(settings) as connection:
        count = count_with_roles(connection, APPROVING)
    if not 0 < count < APPROVALS_NEEDED:  # in a new database nobody is there yet
        return None
    return (
        "Only one person may approve playbooks with commands for machines, and two must: "
        "add a coordinator, or give the second approval at the console (incident playbook approve)."
    )


_COPY_KEY = "Copy {}.key there from the home of the first node."


def _shared_keys(settings: Settings) -> list[SettingFault]:
    """A key that several nodes share must exist: each node would otherwise create its own."""
    named = {name: getattr(settings, f"{name.lower()}_key_file") for name in ("CERTIFICATE", "DOCUMENT", "REPORT")}
    named["IDENTITY"] = settings.custody.key_file
    return [
        SettingFault(f"INCIDENT_{name}_KEY_FILE", f"{path} is not there", _COPY_KEY.format(name.lower()))
        for name, path in named.items()
        if path is not None and not path.is_file()
    ]


def _evidence(settings: Settings) -> list[SettingFault]:
    """A shared key and the folder must exist: each node would otherwise create its own."""
    given, found = settings.evidence, []
    if given.key_file is not None and not given.key_file.is_file():
        hint = "Copy evidence.key there from the home of the first node."
        found.append(SettingFault("INCIDENT_EVIDENCE_KEY_FILE", f"{given.key_file} is not there", hint))
    if given.folder is not None and not os.access(given.folder, os.R_OK | os.W_OK | os.X_OK):
        hint = "Create or mount it, for the user of the program alone (mode 0700)."
        found.append(SettingFault("INCIDENT_FILES", f"{given.folder} cannot be written", hint))
    return found


def _calendars(folder: Path) -> list[SettingFault]:
    """Unreadable working calendars of the home: departments would work by another one."""
    hint = "Mend the file, or take it away: its shape is described in docs/duty.md."
    return [
        SettingFault("INCIDENT_HOME", f"{one.path} is no working calendar: {_said(one)}", hint)
        for one in calendars(folder)[1]
    ]


def _said(broken: BrokenCalendar) -> str:
    if broken.fault is None:
        return broken.error
    sentences = (f"{fault.pointer}: {say(fault.code, fault.arguments)}" for fault in broken.fault.all[:5])
    return " ".join(sentences)


def _signers(settings: Settings) -> list[SettingFault]:
    """Where only signed playbooks start, there must be a trusted signer."""
    if settings.allow_unsigned_playbooks:
        return []
    try:
        with _connected(settings) as connection:
            live = connection.execute(select(func.count()).where(TrustedSigner.revoked_at.is_(None))).scalar_one()
    except (SQLAlchemyError, ImportError):
        live = 0
    if live:
        return []
    what = "only signed playbooks start, and no signer is trusted, so none starts"
    hint = "Trust one: incident signer add NAME --key FILE. Or set it to 1."
    return [SettingFault("INCIDENT_UNSIGNED_PLAYBOOKS", what, hint)]


def _mail(settings: Settings) -> list[SettingFault]:
    if settings.smtp_url is None:
        return []
    parts = urlsplit(settings.smtp_url)
    port = parts.port or (465 if parts.scheme == "smtps" else 25)
    try:
        socket.create_connection((parts.hostname or "", port), CONNECT_LIMIT).close()
    except OSError as error:
        what = f"{parts.hostname}:{port} does not answer ({error.strerror or error})"
        return [SettingFault("INCIDENT_SMTP_URL", what, "Check host and port, and that the mail server runs.")]
    return []
