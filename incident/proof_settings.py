"""Settings of what leaves the instance to prove its journal: anchors, and the export to a log collector."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

Text = Callable[[str, str], str]
Fault = Callable[[str, str, str], None]

ANCHOR_TO = "INCIDENT_ANCHOR_TO"
TIME_STAMP_URL = "INCIDENT_ANCHOR_TIME_STAMP_URL"
TIME_STAMP_CA = "INCIDENT_ANCHOR_TIME_STAMP_CA_FILE"


@dataclass(frozen=True)
class AnchorSettings:
    """Where signed heads of the journal go.

    `to` are `mailto:` and `https://` addresses, all of which get each anchor; `secret` signs webhooks; `ca_file` holds
    the certificates that time stamps are checked with.
    """

    to: tuple[str, ...] = field(default=(), repr=False)
    secret: str | None = field(default=None, repr=False)
    time_stamp_url: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    @property
    def has_places(self) -> bool:
        """Whether anchors are sent anywhere."""
        return bool(self.to) or self.time_stamp_url is not None


Transport = Literal["udp", "tcp", "tls"]
PORTS: Mapping[str, int] = {"udp": 514, "tcp": 601, "tls": 6514}
EXPORT_TO = "INCIDENT_EXPORT_TO"


@dataclass(frozen=True)
class ExportSettings:
    """The log collector that the journal goes to.

    `has_details` says whether details leave that may; `ca_file` holds the authorities that a server's certificate is
    checked with, the machine's without it; `certificate_file` our own certificate and its key, as PEM.
    """

    transport: Transport
    host: str
    port: int
    has_details: bool = False
    ca_file: Path | None = None
    certificate_file: Path | None = None

    @property
    def name(self) -> str:
        """What the position is kept under, and what people are shown."""
        return f"{self.transport}://{self.host}:{self.port}"


def read_export_settings(text: Text, fault: Fault) -> ExportSettings | None:
    """Read where the journal is exported to, None where it is not; see `read_anchor_settings`."""
    has_details = text("INCIDENT_EXPORT_DETAILS", "0")
    if has_details not in {"0", "1"}:
        fault("INCIDENT_EXPORT_DETAILS", f"is {has_details!r}", "Set it to 1 or 0.")
    files = {name: _file(name, text, fault) for name in (EXPORT_CA, EXPORT_CERTIFICATE)}
    given = text(EXPORT_TO, "")
    if not given:
        return None
    try:
        parts = urlsplit(given)
        transport, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        transport, host, port = "", None, None
    if transport not in PORTS or not host or port == 0:
        fault(EXPORT_TO, "is no log collector", "Write tls://HOST:PORT, tcp://HOST:PORT or udp://HOST:PORT.")
        return None
    return ExportSettings(
        cast(Transport, transport),
        host,
        port or PORTS[transport],
        has_details == "1",
        files[EXPORT_CA],
        files[EXPORT_CERTIFICATE],
    )


EXPORT_CA = "INCIDENT_EXPORT_CA_FILE"
EXPORT_CERTIFICATE = "INCIDENT_EXPORT_CERTIFICATE_FILE"


def _file(name: str, text: Text, fault: Fault) -> Path | None:
    given = text(name, "")
    if not given:
        return None
    path = Path(given).expanduser().resolve()
    if not path.is_file():
        fault(name, f"{path} is not there", "Name a file of certificates (PEM).")
    return path


def read_anchor_settings(text: Text, fault: Fault) -> AnchorSettings:
    """Read where anchors go.

    Args:
        text: returns the value of an environment variable, or the default.
        fault: takes a fault: the variable, what is wrong with it, what to do.
    """
    secret, ca_file = text("INCIDENT_ANCHOR_SECRET", ""), text(TIME_STAMP_CA, "")
    if secret and not secret.startswith("whsec_"):
        hint = "It is whsec_ and 24 to 64 random bytes in Base64."
        fault("INCIDENT_ANCHOR_SECRET", "is no secret of a webhook", hint)
    return AnchorSettings(
        to=_addresses(text, fault),
        secret=secret or None,
        time_stamp_url=_url(TIME_STAMP_URL, text, fault),
        ca_file=Path(ca_file).expanduser().resolve() if ca_file else None,
    )


def _addresses(text: Text, fault: Fault) -> tuple[str, ...]:
    found = tuple(filter(None, (part.strip() for part in text(ANCHOR_TO, "").split(","))))
    for place, one in enumerate(found, 1):
        kind, _, rest = one.partition(":")
        if kind.lower() not in {"mailto", "http", "https"} or len(rest.strip("/")) <= 2:
            fault(ANCHOR_TO, f"number {place} is no address", "Write mailto:audit@example.org or https://...")
    return found


def _url(name: str, text: Text, fault: Fault) -> str | None:
    given = text(name, "")
    if not given:
        return None
    try:
        parts = urlsplit(given)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        fault(name, "is not an address that can be used", "It starts with http:// or https://.")
    return given


def document_key_path(named: Path | None, home: Path) -> Path:
    """Return the file of the key that signs documents: the named one, or that in the home."""
    return named or home / "document.key"


def report_key_path(named: Path | None, home: Path) -> Path:
    """Return the file of the key that signs proofs of receipt: the named one, or that in the home."""
    return named or home / "report.key"
