"""Texts of faults of tasks and of the servers that commands run on."""

from collections.abc import Mapping
from typing import Final

from incident.core.values.marking import N_

TASK_FAULT_WORDS: Final[Mapping[str, str]] = {
    "target.exists": N_("Commands by ssh as {user} are already allowed on {host}. Withdraw that first."),
    "target.host_key_malformed": N_(
        "Give the public host key of the server: its `.pub` file, or the output of ssh-keyscan ({algorithms})."
    ),
    "target.host_malformed": N_("Enter a host name or an IP address."),
    "target.port_malformed": N_("The port must be a number from 1 to 65535."),
    "target.unknown": N_("There is no target {id}."),
    "target.user_malformed": N_("Enter a user name of at most {limit} letters, digits and ._-@."),
    "task.with_another": N_("Somebody else has this task, or had it a moment ago. The page shows who has it now."),
    "task.assignee_not_allowed": N_("This task cannot be assigned to {name}, who does not have permission to do it."),
    "task.due_too_late": N_("The time cannot be later than the time limit of the playbook."),
    "task.has_ended": N_("The task has ended ({state})."),
    "task.is_filing": N_("This task ends when the report is filed. Record the filing under Deadlines of authorities."),
    "task.unknown": N_("There is no task {id}."),
    "task.variable_unknown": N_("The task does not ask for {name}. It asks for: {known}."),
}
