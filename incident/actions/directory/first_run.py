"""The first run: what was skipped or settled, and a set of departments to start from."""

import datetime as dt
from collections.abc import Mapping

from incident.actions.directory.departments import add_department_in
from incident.actions.unit_of_work import UnitOfWork, retry_on_conflict, transaction
from incident.core.directory.first_run import FIRST_STEPS, require_first_step
from incident.store.db.database import advisory_lock
from incident.store.directory import departments
from incident.store.operations.instance import instance_setting, put_instance_setting

SETTING = "first_run"


def marked_steps() -> Mapping[str, str]:
    """Return what people said about steps: `skipped`, or `done` where nothing else shows it."""
    kept: Mapping[str, str] = instance_setting(SETTING) or {}
    return {step: kept[step] for step in FIRST_STEPS if step in kept}


def mark_step(step: str, mark: str | None, by: str, now: dt.datetime) -> None:
    """Mark a step of the first run as `skipped` or `done`; None takes the mark away.

    Raises:
        RuleError: `setup.step_unknown` (not found).
    """
    require_first_step(step)
    with transaction(by, now) as uow:
        advisory_lock(SETTING)
        kept = dict(marked_steps())
        if kept.get(step) == mark:
            return
        if mark is None:
            kept.pop(step)
        else:
            kept[step] = mark
        put_instance_setting(SETTING, kept)
        uow.record("setup.step_marked", "instance", {"step": step, "mark": mark})


def add_department_set(named: Mapping[str, str], timezone: str, by: str, now: dt.datetime) -> int:
    """Add those departments of a set that do not exist yet, all or none; return how many.

    Args:
        named: names by code.
        timezone: of their people (IANA name).
        by: who.
        now: when (UTC).
    """

    def use_case() -> int:
        with transaction(by, now) as uow:
            return _add_missing(uow, named, timezone)

    return retry_on_conflict(use_case)


def _add_missing(uow: UnitOfWork, named: Mapping[str, str], timezone: str) -> int:
    known = departments.departments_by_codes(named)
    missing = [code for code in named if code not in known]
    for code in missing:
        add_department_in(uow, code, named[code], None, timezone)
    return len(missing)
