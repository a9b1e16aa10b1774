"""The switch that stops all machine commands, as it is stored, and the commands that it holds."""

import datetime as dt
from typing import Final

from sqlalchemy import func, select, update

from incident.core.playbooks.command_stop import CommandSwitch
from incident.store.db.database import advisory_lock, db
from incident.store.operations.instance import instance_setting, put_instance_setting
from incident.store.playbooks.runs import IN_HAND, Command

SETTING: Final = "machine_commands"

LOCK: Final = "machine_commands"
"""Claims share this lock, turning the switch takes it alone: once a stop is committed, no earlier claim goes on."""


def command_switch() -> CommandSwitch:
    """Return the present state of the switch."""
    return CommandSwitch.from_json(instance_setting(SETTING))


def lock_for_claims() -> CommandSwitch:
    """Keep the switch as it is until the transaction ends, and return it; other claims may do the same."""
    advisory_lock(LOCK, is_shared=True)
    return command_switch()


def lock_for_turning() -> CommandSwitch:
    """Wait until no claim is under way, keep others waiting until the transaction ends, and return the switch."""
    advisory_lock(LOCK)
    return command_switch()


def put_command_switch(switch: CommandSwitch) -> None:
    """Store the switch."""
    put_instance_setting(SETTING, switch.to_json())


def count_waiting_commands() -> int:
    """Count the commands that wait for a machine, without those that run."""
    return db.session.scalar(select(func.count()).select_from(Command).where(IN_HAND, Command.state == "pending")) or 0


def count_running_commands() -> int:
    """Count the commands that a machine performs now."""
    return db.session.scalar(select(func.count()).select_from(Command).where(IN_HAND, Command.state == "sending")) or 0


def make_due(now: dt.datetime) -> int:
    """Make the commands that wait due at once; return how many. One that is locked is being changed by others."""
    waiting = select(Command.id).where(IN_HAND, Command.state == "pending", Command.next_attempt_at > now)
    ids = db.session.scalars(waiting.order_by(Command.id).with_for_update(skip_locked=True)).all()
    for first in range(0, len(ids), 500):
        chosen = Command.id.in_(ids[first : first + 500])
        db.session.execute(
            update(Command).where(chosen).values(next_attempt_at=now).execution_options(synchronize_session=False)
        )
    return len(ids)
