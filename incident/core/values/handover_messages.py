"""Error messages of shift handovers: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

HANDOVER_FAULT_WORDS: Final = {
    "handover.cannot_answer": N_(
        "This person cannot take over the shift, because they may not acknowledge for departments."
    ),
    "handover.confirmed": N_("This handover has already been confirmed."),
    "handover.for_another": N_("Only the person to whom the shift was handed over can confirm it."),
    "handover.not_of_department": N_(
        "Only members of the department and people in its duty rota can hand over its shift."
    ),
    "handover.to_oneself": N_("Choose someone else: you cannot hand over to yourself."),
    "handover.unknown_person": N_("No active person of this name belongs to the department or its duty rota."),
}
