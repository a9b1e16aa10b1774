"""Error messages of notifications on devices: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

PUSH_FAULT_WORDS: Final = {
    "push.malformed": N_("This browser did not give an address for notifications. Turn them on again."),
    "push.no_department": N_(
        "Notices go to the members and contacts of departments, and you are neither. "
        "Ask an administrator to add you to a department."
    ),
    "push.not_sent": N_("The test notification was not accepted: {answer}."),
    "push.other_service": N_(
        "This browser takes notifications through {host}, which is not allowed here. "
        "Use another browser, or ask an administrator to allow this push service."
    ),
    "push.too_many": N_("You have turned on notifications on {most} devices. Turn off one that you no longer use."),
    "push.unknown": N_("Notifications are already off for this device."),
}
