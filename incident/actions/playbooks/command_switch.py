"""Stop all machine commands, and let them go on: what waits is kept, what runs ends."""

import datetime as dt

from incident.actions.unit_of_work import transaction
from incident.core.playbooks.command_stop import CommandSwitch, require_stop_reason
from incident.core.values.faults import RuleError
from incident.store.playbooks import command_switch as store

SUBJECT = "machine_commands"


def stop_commands(reason: str, by: str, now: dt.datetime) -> CommandSwitch:
    """Stop all machine commands of this instance; when they are stopped already, that stop stands.

    Args:
        reason: why, for everybody who works here.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `command.stop_reason_missing`, `text.too_long`.
    """
    said = require_stop_reason(reason)
    with transaction(by, now) as uow:
        before = store.lock_for_turning()
        if before.is_stopped:
            return before
        after = before.turned(is_stopped=True, by=by, at=now, reason=said)
        store.put_command_switch(after)
        uow.record("command.all_stopped", SUBJECT, {"reason": said})
    return after


def resume_commands(version: int | None, by: str, now: dt.datetime) -> CommandSwitch:
    """Let machine commands go on; those that waited are due at once.

    Args:
        version: of the stop that the caller has read; None lifts any stop.
        by: who.
        now: when (UTC).

    Raises:
        RuleError: `version.stale` (conflict) when somebody stopped them again meanwhile.
    """
    with transaction(by, now) as uow:
        before = store.lock_for_turning()
        is_repeated = not before.is_stopped and version == before.version - 1 >= 0
        if version not in (None, before.version) and not is_repeated:
            raise RuleError("version.stale", kind="conflict")
        if not before.is_stopped:
            return before
        after = before.turned(is_stopped=False, by=by, at=now, reason="")
        store.put_command_switch(after)
        waited = store.make_due(now)
        uow.record("command.all_resumed", SUBJECT, {"stopped_by": before.by, "waited": waited})
        uow.wake_scheduler()
    return after
