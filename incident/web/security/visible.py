"""Filters for the records of one incident: the runs, tasks and entries of the journal that the caller may see."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement

from incident.core.values import access as rules
from incident.store.incidents.incidents import Incident
from incident.store.queries import red_runs
from incident.web.security import access


def shown_runs(rows: Sequence[Any]) -> list[Any]:
    """Return those of some runs of an incident that the caller may see."""
    return [row for row in rows if not row.is_red or rules.sees_red(access.viewer())]


def shown_tasks(rows: Sequence[Any], its_runs: Sequence[Any]) -> list[Any]:
    """Return those of the tasks of an incident that the caller may see, by all of its runs."""
    red = {one.id for one in its_runs if one.is_red}
    return [row for row in rows if rules.may_see_task(access.viewer(), row.department_id, is_red=row.run_id in red)]


def shown_entries(incident: Incident) -> ColumnElement[bool] | None:
    """Return the condition on the journal of an incident that hides entries from playbooks of `TLP:RED`."""
    return red_runs.entries_visible_to(access.viewer(), incident.id)
