"""Journal entries of the watchdog."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from incident.actions.unit_of_work import transaction
from incident.core.operations.alarm import AlarmNews

WATCHDOG = "watchdog"


def enter_alarm(what: AlarmNews, to: str | None, now: dt.datetime) -> None:
    """Record that an alarm, or its end, was sent.

    Args:
        what: the content.
        to: the kind of address that accepted it, such as `mailto`; None when there is none or none accepted it.
        now: when (UTC).
    """
    with transaction(WATCHDOG, now) as uow:
        if what.due:
            uow.record("machinery.alarmed", "instance", {"troubles": _shown(what, what.due), "to": to})
        if what.ended:
            over = [one.to_json() for one in what.ended]
            uow.record("machinery.recovered", "instance", {"troubles": over, "to": to})


def _shown(what: AlarmNews, keys: Sequence[str]) -> list[dict[str, Any]]:
    return [one.to_json() for one in what.standing if one.trouble.key in keys]
