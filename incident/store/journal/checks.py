"""The check of the journal that somebody asked for, and the result of the last one."""

from collections.abc import Mapping
from typing import Any

from incident.core.journal.check import JournalCheck
from incident.store.operations.instance import instance_setting, put_instance_setting

SETTING = "journal_check"


def running_check() -> JournalCheck | None:
    """Return the check that is being made, None without one."""
    return JournalCheck.from_json(_stored().get("running"))


def last_check() -> JournalCheck | None:
    """Return the last finished check, None when there was none."""
    return JournalCheck.from_json(_stored().get("last"))


def put_checks(running: JournalCheck | None, last: JournalCheck | None) -> None:
    """Store the running check and the last finished one."""
    shown = {"running": running, "last": last}
    put_instance_setting(SETTING, {name: None if one is None else one.to_json() for name, one in shown.items()})


def _stored() -> Mapping[str, Any]:
    return instance_setting(SETTING) or {}
