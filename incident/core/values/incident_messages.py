"""Error messages of the page of an incident: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

FACT_FAULT_WORDS: Final = {
    "form.changed_meanwhile": N_(
        "Someone else changed this while you were typing. Nothing was saved. Compare the texts and save again."
    ),
    "owner.not_allowed": N_(
        "Choose a responder, a coordinator or an administrator. {name} may not change incidents, so cannot own one."
    ),
    "incident.no_such_number": N_("There is no incident {number}. Check the number, such as INC-2026-000001."),
}
