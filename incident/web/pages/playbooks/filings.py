"""Tasks that a filing ends, as pages show them: the clock, and the way to the form of the filing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.incidents.lookups import numbers_of
from incident.store.playbooks.tasks import Task
from incident.store.queries.filing_clocks import filing_clocks


@dataclass(frozen=True)
class FilingView:
    """The clock that a task waits for, None before it has begun, and the address where it is filed.

    Who has the task files it: the clock `is_own`, and is not only watched.
    """

    clock: IncidentClock | None
    href: str
    is_watched: bool = False
    is_own: bool = True


def filing_views(tasks: Sequence[Task]) -> Mapping[int, FilingView]:
    """Return what pages show of the tasks that a filing ends, by the task's id."""
    clocks = filing_clocks(tasks)
    numbers = numbers_of({one.incident_id for one in tasks if one.id in clocks})
    return {
        one.id: FilingView(clocks[one.id], _address(numbers[one.incident_id], clocks[one.id]))
        for one in tasks
        if one.id in clocks
    }


def _address(number: str, clock: IncidentClock | None) -> str:
    if clock is None:
        return url_for("pages.incident_clocks", number=number, _anchor="awareness")
    return url_for("pages.incident_clocks", number=number, file=clock.id, _anchor=f"clock-{clock.id}")
