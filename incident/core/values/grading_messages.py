"""Error messages of grading: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

GRADING_FAULT_WORDS: Final = {
    "grading.is_decided": N_(
        "The grade of this incident was decided. To lower it, use the Grading page: a second person must confirm."
    ),
    "grading.no_such_question": N_("There is no question “{key}” for this incident."),
    "grading.not_a_choice": N_("Choose one of: {choices}; or say that it is not known."),
    "grading.not_a_number": N_("Enter a whole number from 0 to {most}, or say that it is not known."),
    "grading.not_yes_or_no": N_("Answer yes or no, or say that it is not known."),
    "grading.reason_missing": N_(
        "Give a reason: the grade differs from what the answers prove, or a higher grade is possible."
    ),
}
