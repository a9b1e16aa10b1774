"""Settings from environment variables, read once, typed, checked at start with a hint."""

import ipaddress
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tzlocal import get_localzone_name

from incident.alarm_settings import read_alarm_secret, read_alarm_to
from incident.call_settings import CallSettings, read_call_settings
from incident.core.incidents.alert_rate import Rate
from incident.core.incidents.grouping import StormLimits
from incident.custody_settings import CustodySettings, read_custody_settings
from incident.database_limits import POOL_SIZE, DatabaseLimits, read_limits, read_pool_size
from incident.evidence_settings import EvidenceSettings, read_evidence_settings
from incident.proof_settings import AnchorSettings, ExportSettings, read_anchor_settings, read_export_settings
from incident.push_settings import KNOWN_HOSTS, read_push_hosts
from incident.report_settings import ReportLimits, UrgentPaging, read_report_limits, read_reviewers, read_urgent_paging
from incident.storm_settings import read_storm_limits

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class SettingFault:
    """One wrong setting.

    Args:
        name: the environment variable.
        what: what is wrong with it.
        hint: what to do.
    """

    name: str
    what: str
    hint: str

    def __str__(self) -> str:
        return f"{self.name}: {self.what}. {self.hint}"


class SettingsError(Exception):
    """Settings that the program cannot start with; `faults` lists all of them."""

    def __init__(self, faults: list[SettingFault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class SmsSettings:
    """The gateway for text messages: see the table of settings."""

    url: str = field(repr=False)
    body: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    accepted: str | None


@dataclass(frozen=True)
class Settings:
    """The settings of the program from its environment."""

    home: Path
    database_url: str = field(repr=False)
    public_url: str = "http://127.0.0.1:8000"
    has_public_url: bool = False
    allow_private_targets: bool = False
    private_networks: tuple[Network, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = "incident@localhost"
    sms: SmsSettings | None = None
    calls: CallSettings | None = None
    push_hosts: tuple[str, ...] = KNOWN_HOSTS
    allow_unsigned_playbooks: bool = True
    two_people_approve: bool = True
    prepared_statements: bool = True
    ping_url: str | None = field(default=None, repr=False)
    alarm_to: tuple[str, ...] = field(default=(), repr=False)
    alarm_secret: str | None = field(default=None, repr=False)
    anchors: AnchorSettings = field(default_factory=AnchorSettings)
    export: ExportSettings | None = None
    keys: str | None = field(default=None, repr=False)
    keys_file: Path | None = None
    certificate_key_file: Path | None = None
    report_key_file: Path | None = None
    document_key_file: Path | None = None
    timezone: str = "UTC"
    alert_limit: Rate = field(default_factory=Rate)
    storm: StormLimits = field(default_factory=StormLimits)
    urgent_paging: UrgentPaging = field(default_factory=UrgentPaging)
    report_limits: ReportLimits = field(default_factory=ReportLimits)
    report_reviewers: tuple[str, ...] = ()
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    custody: CustodySettings = field(default_factory=CustodySettings)
    database_limits: DatabaseLimits = field(default_factory=DatabaseLimits)
    trusted_hosts: tuple[str, ...] = ()
    database_pool_size: int = POOL_SIZE
    database_direct_url: str | None = field(default=None, repr=False)
    migration_url: str | None = field(default=None, repr=False)

    @property
    def zone(self) -> ZoneInfo:
        """The zone that decides the year in numbers, working days and quiet hours."""
        return ZoneInfo(self.timezone)

    @property
    def keys_path(self) -> Path:
        """The file of the key ring, unless the environment holds the ring itself."""
        return self.keys_file or self.home / "keys.json"

    @property
    def certificate_key_path(self) -> Path:
        """The file of the key that signs certificates of notice."""
        return self.certificate_key_file or self.home / "certificate.key"

    @property
    def keys_setting(self) -> str:
        """The setting that says where the key ring is."""
        named = "INCIDENT_HOME" if self.keys_file is None else "INCIDENT_KEYS_FILE"
        return named if self.keys is None else "INCIDENT_KEYS"

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")


def shipped(folder: str) -> Path:
    """Return where `migrations` or `playbooks` lie: inside the wheel, else beside the package."""
    inside = PACKAGE / "_shipped" / folder
    return inside if inside.is_dir() else PACKAGE.parent / folder


class _Reader:
    """Reads one variable after the other and gathers the faults."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[SettingFault] = []

    def text(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def fault(self, name: str, what: str, hint: str) -> None:
        self.faults.append(SettingFault(name, what, hint))

    def truth(self, name: str, default: str = "0") -> bool:
        given = self.text(name, default)
        if given not in {"0", "1"}:
            self.fault(name, f"is {given!r}", "Set it to 1 or 0.")
        return given == "1"

    def networks(self, name: str) -> tuple[Network, ...]:
        found = []
        for part in filter(None, (part.strip() for part in self.text(name, "").split(","))):
            try:
                found.append(ipaddress.ip_network(part))
            except ValueError:
                self.fault(name, f"{part!r} is not a network", "Write CIDR blocks with commas, such as 10.0.0.0/8.")
        return tuple(found)

    def private_networks(self, name: str) -> tuple[Network, ...]:
        found = self.networks(name)
        for network in (one for one in found if one.is_link_local and one.num_addresses > 1):
            hint = "Clouds hand out credentials there: name each address that is needed, such as 169.254.10.7."
            self.fault(name, f"{str(network)!r} is a whole link-local network, which opens nothing", hint)
        return found

    def hosts(self, name: str) -> tuple[str, ...]:
        """Host names with commas, without port."""
        found = tuple(filter(None, (part.strip().lower() for part in self.text(name, "").split(","))))
        for one in found:
            if not re.fullmatch(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f:]+", one):
                hint = "Write host names with commas, without scheme and port, such as incident.intranet."
                self.fault(name, f"{one!r} is not a host name", hint)
        return found

    def proxies(self, name: str) -> tuple[Network, ...]:
        found = self.networks(name)
        if any(network.prefixlen == 0 for network in found):
            self.fault(name, "trusts everybody to say who they are", "Name the addresses of your own proxies alone.")
        return found

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        given = self.text(name, default)
        try:
            parts = urlsplit(given)
            is_good = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            is_good = False
        if not is_good:
            self.fault(name, "is not an address that can be used", f"It starts with {' or '.join(schemes)}://HOST.")
        return given

    def direct_url(self, name: str, database_url: str) -> str | None:
        """The same database past its pooler or with another role, None where nothing is given."""
        given = self.text(name, "") or None
        if given is not None and not all(url.startswith("postgresql+psycopg://") for url in (given, database_url)):
            hint = "Use postgresql+psycopg:// for both, this one past any pooler, or leave it out."
            self.fault(name, "is no PostgreSQL, or INCIDENT_DATABASE_URL is none", hint)
        return given

    def sms(self) -> SmsSettings | None:
        """The gateway, None when there is no address of one."""
        body = self.text("INCIDENT_SMS_BODY", '{"to": "{to}", "text": "{text}"}')
        if "{to}" not in body or "{text}" not in body or (body.startswith(("{", "[")) and _json(body) is None):
            hint = """Write JSON or fields of a form with both in it, such as {"to": "{to}", "text": "{text}"}."""
            self.fault("INCIDENT_SMS_BODY", "does not hold {to} and {text}, or is no JSON", hint)
        headers = self.headers("INCIDENT_SMS_HEADERS")
        if not self.text("INCIDENT_SMS_URL", ""):
            return None
        url = self.url("INCIDENT_SMS_URL", "", ("http", "https"))
        return SmsSettings(url, body, headers, self.text("INCIDENT_SMS_ACCEPTED", "") or None)

    def headers(self, name: str) -> Mapping[str, str]:
        found = _json(self.text(name, "{}"))
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            hint = """Write an object of texts, such as {"Authorization": "Bearer ..."}."""
            self.fault(name, "is not an object of JSON with texts in it", hint)
            return {}
        return found

    def path(self, name: str) -> Path | None:
        given = self.text(name, "")
        return Path(given).expanduser().resolve() if given else None

    def keys_file(self, name: str) -> Path | None:
        given = self.path(name)
        if given and self.text("INCIDENT_KEYS", ""):
            self.fault(name, "is set, and so is INCIDENT_KEYS", "Set one of the two.")
        return given

    def rate(self, name: str) -> Rate:
        try:
            return Rate.parse(self.text(name, "100,2000"))
        except ValueError:
            self.fault(name, "is not a rate", "Write how many a second and how many at once, such as 100,2000.")
            return Rate()

    def zone(self, name: str) -> str:
        given = self.text(name, "") or get_localzone_name() or "UTC"
        try:
            ZoneInfo(given)
        except (ValueError, OSError, KeyError):
            self.fault(name, f"{given!r} is no time zone", "Use a name such as Asia/Shanghai.")
            return "UTC"
        return given


def _json(text: str) -> Any:
    """What a text holds as JSON, None when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        environ: the variables; those of the process when absent.

    Raises:
        SettingsError: with every fault, each with a hint.
    """
    reader = _Reader(os.environ if environ is None else environ)
    home = Path(reader.text("INCIDENT_HOME", "var")).expanduser().resolve()
    database_url = reader.text("INCIDENT_DATABASE_URL", f"sqlite:///{home / 'incident.db'}")
    if not database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        hint = "Use postgresql+psycopg://USER:PASSWORD@HOST/NAME, or leave it out for SQLite in the home."
        reader.fault("INCIDENT_DATABASE_URL", "names a database that is not supported", hint)
    mail_from = reader.text("INCIDENT_MAIL_FROM", "incident@localhost")
    if "@" not in mail_from or any(ord(letter) < 32 for letter in mail_from):
        reader.fault("INCIDENT_MAIL_FROM", "is not a mail address", "Write one such as incident@example.org.")
    text = reader.text
    has_ping = bool(reader.text("INCIDENT_PING_URL", ""))
    settings = Settings(
        home=home,
        database_url=database_url,
        public_url=reader.url("INCIDENT_PUBLIC_URL", "http://127.0.0.1:8000", ("http", "https")).rstrip("/"),
        has_public_url=bool(reader.text("INCIDENT_PUBLIC_URL", "")),
        allow_private_targets=reader.truth("INCIDENT_ALLOW_PRIVATE_TARGETS"),
        private_networks=reader.private_networks("INCIDENT_PRIVATE_NETWORKS"),
        trusted_proxies=reader.proxies("INCIDENT_TRUSTED_PROXIES"),
        smtp_url=reader.url("INCIDENT_SMTP_URL", "", ("smtp", "smtps")) if text("INCIDENT_SMTP_URL", "") else None,
        mail_from=mail_from,
        sms=reader.sms(),
        calls=read_call_settings(reader.text, reader.fault, reader.headers),
        push_hosts=read_push_hosts(reader.text, reader.fault),
        allow_unsigned_playbooks=reader.truth("INCIDENT_UNSIGNED_PLAYBOOKS", "1"),
        prepared_statements=reader.truth("INCIDENT_PREPARED_STATEMENTS", "1"),
        two_people_approve=reader.truth("INCIDENT_PLAYBOOK_APPROVAL", "1"),
        timezone=reader.zone("INCIDENT_TIMEZONE"),
        alert_limit=reader.rate("INCIDENT_ALERT_LIMIT"),
        storm=read_storm_limits(reader.text, reader.fault),
        report_reviewers=read_reviewers(reader.text),
        urgent_paging=read_urgent_paging(reader.text, reader.fault),
        report_limits=read_report_limits(reader.text, reader.fault, reader.networks("INCIDENT_REPORT_OFFICES")),
        evidence=read_evidence_settings(reader.text, reader.fault),
        custody=read_custody_settings(reader.text, reader.fault),
        ping_url=reader.url("INCIDENT_PING_URL", "", ("http", "https")) if has_ping else None,
        alarm_to=read_alarm_to(reader.text, reader.fault),
        trusted_hosts=reader.hosts("INCIDENT_TRUSTED_HOSTS"),
        alarm_secret=read_alarm_secret(reader.text, reader.fault),
        anchors=read_anchor_settings(reader.text, reader.fault),
        export=read_export_settings(reader.text, reader.fault),
        keys=reader.text("INCIDENT_KEYS", "") or None,
        keys_file=reader.keys_file("INCIDENT_KEYS_FILE"),
        certificate_key_file=reader.path("INCIDENT_CERTIFICATE_KEY_FILE"),
        report_key_file=reader.path("INCIDENT_REPORT_KEY_FILE"),
        document_key_file=reader.path("INCIDENT_DOCUMENT_KEY_FILE"),
        database_limits=read_limits(reader.text, reader.fault),
        database_pool_size=read_pool_size(reader.text, reader.fault),
        database_direct_url=reader.direct_url("INCIDENT_DATABASE_DIRECT_URL", database_url),
        migration_url=reader.direct_url("INCIDENT_MIGRATION_URL", database_url),
    )
    if reader.faults:
        raise SettingsError(reader.faults)
    return settings
