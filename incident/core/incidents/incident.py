"""Status transitions, sharing level and number of an incident; pure: a status in, the next status out."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Final, Literal, get_args

from incident.core.values.faults import RuleError

Status = Literal["new", "handling", "closed"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)

Tlp = Literal["clear", "green", "amber", "amber+strict", "red"]
TLP_LEVELS: Final[tuple[Tlp, ...]] = get_args(Tlp)

REASON_LIMIT: Final = 2_000


def acknowledge(status: Status) -> Status:
    """Return the status after an acknowledgement; raises RuleError `incident.is_closed` (conflict)."""
    refuse_closed(status)
    return "handling"


def close(
    status: Status,
    live_runs: Sequence[str] = (),
    open_tasks: Sequence[str] = (),
    override: bool = False,
    reason: str | None = None,
) -> Status:
    """Return the status after closing.

    Raises RuleError `incident.is_closed` (conflict), `incident.has_live_work` (conflict, naming each live run and open
    task) unless overridden, and `incident.override_needs_reason` when it is overridden without a reason.
    """
    refuse_closed(status)
    if override and not (reason or "").strip():
        raise RuleError("incident.override_needs_reason", pointer="/reason")
    if (live_runs or open_tasks) and not override:
        arguments = {"runs": list(live_runs), "tasks": list(open_tasks)}
        raise RuleError("incident.has_live_work", arguments, kind="conflict")
    return "closed"


def reopen(status: Status) -> Status:
    """Return the status after reopening; raises RuleError `incident.is_open` (conflict)."""
    if status != "closed":
        raise RuleError("incident.is_open", {"status": status}, kind="conflict")
    return "handling"


def require_tlp(value: object, pointer: str = "") -> Tlp:
    """Return the value as a level of TLP 2.0; raises RuleError `tlp.unknown`."""
    for level in TLP_LEVELS:
        if value == level:
            return level
    raise RuleError("tlp.unknown", {"levels": ", ".join(TLP_LEVELS)}, pointer=pointer)


def number(prefix: str, year: int, count: int) -> str:
    """Return the incident's number, such as INC-2026-000001; `count` restarts at 1 each year, may exceed six digits."""
    return f"{prefix}-{year:04d}-{count:06d}"


def year_of(at: datetime, zone: tzinfo) -> int:
    """Return the year in a number: that of the moment in the instance's own time zone."""
    return at.astimezone(zone).year


def refuse_closed(status: Status) -> None:
    """Raise RuleError `incident.is_closed` (conflict) when nothing may be added to the incident."""
    if status == "closed":
        raise RuleError("incident.is_closed", kind="conflict")
