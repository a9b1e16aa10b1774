"""Settings of evidence: the largest file, the folder of its content, its scanner, and the key that signs bundles."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from incident.core.incidents.evidence.upload import USUAL_MAX_SIZE
from incident.outgoing.scanner import Scanner

Text = Callable[[str, str], str]
Fault = Callable[[str, str, str], None]

MEGABYTE: Final = 1 << 20
MAX_SIZE: Final = "INCIDENT_EVIDENCE_MAX_MB"
FOLDER: Final = "INCIDENT_FILES"
SCANNER: Final = "INCIDENT_SCANNER"
CLAMD_PORT: Final = 3310
MOST_MEGABYTES: Final = 102_400


@dataclass(frozen=True)
class EvidenceSettings:
    """Where the content of evidence is and how large a file may be.

    `max_size` is in bytes; `folder` is None when the database holds the content; `key_file` is the file of the key that
    signs bundles, None for the one in the home; `scanner` is None where files are not scanned.
    """

    max_size: int = USUAL_MAX_SIZE
    folder: Path | None = None
    key_file: Path | None = None
    scanner: Scanner | None = None

    def key_path(self, home: Path) -> Path:
        """Return the file of the key that signs bundles of evidence."""
        return self.key_file or home / "evidence.key"


def read_evidence_settings(text: Text, fault: Fault) -> EvidenceSettings:
    """Read the settings.

    Args:
        text: returns a variable, or the default.
        fault: records what is wrong with a variable, and a hint.
    """
    usual = str(USUAL_MAX_SIZE // MEGABYTE)
    given = text(MAX_SIZE, usual)
    if not (given.isascii() and given.isdigit() and len(given) < 8 and 1 <= int(given) <= MOST_MEGABYTES):
        fault(MAX_SIZE, f"is {given!r}", f"Write a whole number of megabytes from 1 to {MOST_MEGABYTES}.")
        given = usual
    folder, key_file = text(FOLDER, ""), text("INCIDENT_EVIDENCE_KEY_FILE", "")
    return EvidenceSettings(int(given) * MEGABYTE, _path(folder), _path(key_file), _scanner(text(SCANNER, ""), fault))


def _scanner(given: str, fault: Fault) -> Scanner | None:
    """Return where clamd listens: `unix:/run/clamav/clamd.ctl` or `tcp://host:3310`."""
    if not given:
        return None
    found = urlsplit(given)
    if found.scheme == "unix" and found.path.startswith("/"):
        return Scanner(path=Path(found.path))
    with suppress(ValueError):
        if found.scheme == "tcp" and found.hostname and not found.path:
            return Scanner(host=found.hostname, port=found.port or CLAMD_PORT)
    fault(SCANNER, f"is {given!r}", "Write unix:/path/of/the/socket or tcp://host:port of clamd.")
    return None


def _path(given: str) -> Path | None:
    return Path(given).expanduser().resolve() if given else None
