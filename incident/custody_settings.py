"""Settings of the identities of reporters: the key that opens them, and how long custodians wait."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from incident.core.values.duration import parse_duration

KEY_FILE: Final = "INCIDENT_IDENTITY_KEY_FILE"
NOTICE: Final = "INCIDENT_IDENTITY_NOTICE"
USUAL_NOTICE: Final = "PT24H"
LONGEST_NOTICE: Final = dt.timedelta(days=6)


@dataclass(frozen=True)
class CustodySettings:
    """`key_file` opens sealed contacts; `notice` is how long after its approval a protected one opens."""

    key_file: Path | None = None
    notice: dt.timedelta = dt.timedelta(hours=24)

    def key_path(self, home: Path) -> Path:
        """Return the file of the key: the named one, or that in the home."""
        return self.key_file or home / "identity.key"


def read_custody_settings(text: Callable[[str, str], str], fault: Callable[[str, str, str], None]) -> CustodySettings:
    """Read the settings; faults are reported by the setting."""
    named, notice = text(KEY_FILE, ""), dt.timedelta(hours=24)
    try:
        notice = parse_duration(text(NOTICE, USUAL_NOTICE))
        is_good = dt.timedelta() <= notice <= LONGEST_NOTICE
    except ValueError:
        is_good = False
    if not is_good:
        fault(NOTICE, "is not a duration up to six days", "Write an ISO 8601 duration such as PT24H.")
    return CustodySettings(Path(named).expanduser().resolve() if named else None, notice)
