"""Working calendars: those shipped, and those that lie as files in the home."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from incident.core.duty.working_calendar import WorkingCalendar, read_calendar
from incident.core.values.faults import RuleError
from incident.core.values.text import require_name

SIZE_LIMIT = 1_000_000
"""How many bytes a file in the home may have."""


@dataclass(frozen=True, slots=True)
class BrokenCalendar:
    """A file in the home that is no calendar, and the fault."""

    path: Path
    fault: RuleError | None
    error: str


@cache
def shipped() -> Mapping[str, WorkingCalendar]:
    """The calendars that come with the program, by name."""
    folder = resources.files(__package__).joinpath("calendars")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    return MappingProxyType({file.name[:-5]: read_calendar(json.loads(file.read_text("utf-8"))) for file in files})


def calendars(folder: Path) -> tuple[Mapping[str, WorkingCalendar], tuple[BrokenCalendar, ...]]:
    """All calendars by name, and the broken files.

    Args:
        folder: where files `NAME.json` add calendars, or stand in for those shipped; it need not exist.
    """
    found = dict(shipped())
    broken = []
    for path in sorted(folder.glob("*.json")):
        try:
            found[require_name(path.stem, pointer="")] = _read(path)
        except RuleError as fault:
            broken.append(BrokenCalendar(path, fault, str(fault)))
        except (OSError, ValueError, RecursionError) as error:
            broken.append(BrokenCalendar(path, None, str(error)))
    return MappingProxyType(found), tuple(broken)


def _read(path: Path) -> WorkingCalendar:
    if path.stat().st_size > SIZE_LIMIT:
        raise ValueError(f"larger than {SIZE_LIMIT} bytes")
    return read_calendar(json.loads(path.read_text("utf-8")))
