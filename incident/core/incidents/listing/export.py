"""Rules of exports of the list of incidents: formats, limits, columns and cells."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args
from zoneinfo import ZoneInfo

from incident.core.incidents.grade import WORDS as GRADE_WORDS
from incident.core.values.bilingual import in_language
from incident.core.values.faults import RuleError
from incident.core.values.marking import N_
from incident.core.values.moment import format_moment
from incident.core.values.table import escape_cell

ExportFormat = Literal["csv", "json"]
EXPORT_FORMATS: Final[tuple[ExportFormat, ...]] = get_args(ExportFormat)

ExportState = Literal["waiting", "running", "ready", "failed"]
EXPORT_STATES: Final[tuple[ExportState, ...]] = get_args(ExportState)
UNFINISHED: Final[tuple[ExportState, ...]] = ("waiting", "running")

MAX_EXPORTED: Final = 100_000
"""Incidents in one export."""

MAX_EXPORTS: Final = 5
"""Exports that one person or program has at a time."""

PART_ROWS: Final = 250
"""Incidents that one transaction writes."""

EXPORT_KEPT_FOR: Final = dt.timedelta(days=1)

FIXED_COLUMNS: Final = ("number", "title", "status", "grade", "tlp")
"""Columns of every file, before the chosen ones of the list."""

_JSON_NAMES: Final = {"opened": "opened_at", "changed": "changed_at", "due": "next_due_at"}

HEADINGS: Final[Mapping[str, str]] = {
    "number": N_("Number"),
    "title": N_("Title"),
    "status": N_("Status"),
    "grade": N_("Grade"),
    "tlp": N_("TLP"),
    "owner": N_("Owner"),
    "departments": N_("Departments"),
    "answers": N_("Answers"),
    "due": N_("Next deadline"),
    "opened": N_("Opened"),
    "changed": N_("Last change"),
    "category": N_("Category"),
    "source": N_("Source"),
    "region": N_("Region"),
    "sector": N_("Sector"),
}
STATUS_WORDS: Final[Mapping[str, str]] = {"new": N_("new"), "handling": N_("in progress"), "closed": N_("closed")}
ANSWER_WORDS: Final[Mapping[str, str]] = {
    "unreached": N_("cannot be notified"),
    "declined": N_("declined"),
    "exhausted": N_("no one acknowledged"),
    "waiting": N_("waiting"),
    "accepted": N_("work accepted"),
    "acknowledged": N_("acknowledged"),
}
SOURCE_WORDS: Final[Mapping[str, str]] = {"manual": N_("created manually"), "generic": N_("a program")}


@dataclass(frozen=True, slots=True)
class ExportedIncident:
    """The facts of an incident that a file may contain.

    `departments` are code and name of each, `owner` login and name, `answers` one of `ANSWER_WORDS` or None.
    """

    number: str
    title: str
    status: str
    grade: int | None
    tlp: str
    opened_at: dt.datetime
    changed_at: dt.datetime
    category: str | None
    source: str
    region: str | None
    sector: str | None
    owner: tuple[str, str] | None
    departments: Sequence[tuple[str, str]]
    answers: str | None
    next_due_at: dt.datetime | None = None
    is_exercise: bool = False


@dataclass(frozen=True, slots=True)
class ExportWords:
    """How a file for people is written: translation, language, zone, and the names of codes by kind."""

    gettext: Callable[[str], str]
    language: str
    zone: ZoneInfo
    names: Callable[[str, str], str]


def columns_of_file(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a file for the chosen columns of the list."""
    return (*FIXED_COLUMNS, *columns)


def require_room_for_export(count: int) -> None:
    """Raise RuleError `export.too_many` (conflict) when no further export may be asked for."""
    if count >= MAX_EXPORTS:
        raise RuleError("export.too_many", {"most": MAX_EXPORTS}, kind="conflict")


def file_name(file_format: str, asked_at: dt.datetime, zone: ZoneInfo) -> str:
    """Return the name of the file, such as `incidents-2026-11-29-1403.csv`."""
    return f"incidents-{asked_at.astimezone(zone):%Y-%m-%d-%H%M}.{file_format}"


def parts_of(incident_ids: Sequence[int]) -> Iterator[list[int]]:
    """Divide the incidents of an export into parts of one transaction each."""
    for begin in range(0, len(incident_ids), PART_ROWS):
        yield list(incident_ids[begin : begin + PART_ROWS])


def json_record(incident: ExportedIncident, columns: Sequence[str]) -> dict[str, Any]:
    """Return an incident as JSON values with the names and codes of the API."""
    values: dict[str, Any] = {
        "number": incident.number,
        "title": incident.title,
        "status": incident.status,
        "grade": incident.grade,
        "tlp": incident.tlp,
        "owner": None if incident.owner is None else {"login": incident.owner[0], "name": incident.owner[1]},
        "departments": [code for code, _ in incident.departments],
        "answers": incident.answers,
        "due": None if incident.next_due_at is None else format_moment(incident.next_due_at),
        "opened": format_moment(incident.opened_at),
        "changed": format_moment(incident.changed_at),
        "category": incident.category,
        "source": incident.source,
        "region": incident.region,
        "sector": incident.sector,
    }
    return {_JSON_NAMES.get(name, name): values[name] for name in columns_of_file(columns)}


def csv_heading(columns: Sequence[str], words: ExportWords) -> list[str]:
    """Return the first line of a file for spreadsheet programs."""
    return [words.gettext(HEADINGS[name]) for name in columns_of_file(columns)]


def csv_cells(incident: ExportedIncident, columns: Sequence[str], words: ExportWords) -> list[str]:
    """Return the cells of an incident in words, with times in ISO 8601; none is taken for a formula."""

    def moment(at: dt.datetime) -> str:
        return at.astimezone(words.zone).isoformat(timespec="seconds")

    def name(kind: str, code: str | None) -> str:
        return "" if code is None else words.names(kind, code)

    def translated(texts: Mapping[Any, str], code: Any) -> str:
        return words.gettext(texts[code]) if code in texts else ""

    values = {
        "number": incident.number,
        "title": in_language(incident.title, words.language) if incident.is_exercise else incident.title,
        "status": translated(STATUS_WORDS, incident.status),
        "grade": translated(GRADE_WORDS, incident.grade),
        "tlp": incident.tlp.upper(),
        "owner": "" if incident.owner is None else in_language(incident.owner[1], words.language),
        "departments": "; ".join(in_language(name, words.language) for _, name in incident.departments),
        "answers": translated(ANSWER_WORDS, incident.answers),
        "due": "" if incident.next_due_at is None else moment(incident.next_due_at),
        "opened": moment(incident.opened_at),
        "changed": moment(incident.changed_at),
        "category": name("category", incident.category),
        "source": translated(SOURCE_WORDS, incident.source) or incident.source,
        "region": name("region", incident.region),
        "sector": name("sector", incident.sector),
    }
    return [escape_cell(values[one]) for one in columns_of_file(columns)]
