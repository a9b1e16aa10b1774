"""Error messages of the settings: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

SETTINGS_FAULT_WORDS: Final = {
    "command.stop_reason_missing": N_("Enter a reason. Everyone who may resume the commands sees it."),
    "setup.channel_needs_secret": N_("This channel needs a secret. Add the contact on the page of its department."),
    "sheet.channel": N_("A spreadsheet can have contacts of these channels: {choices}."),
    "setup.step_unknown": N_("The first run has no such step."),
}
