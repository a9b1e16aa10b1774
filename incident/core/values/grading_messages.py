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
    "rule_set.at_line": N_("Line {line}, {place}: {words}."),
    "rule_set.choices": N_("Only a question of the kind “choice” has choices. Remove them or change the kind."),
    "rule_set.doubled_key": N_("The key “{key}” is used more than once here. Give each its own."),
    "rule_set.grade": N_("Enter a grade from 1 to 3. Grade IV is what no line reaches."),
    "rule_set.id_taken": N_("A built-in rule set or reporting law has this id. Choose another id."),
    "rule_set.is_retired": N_("This rule set is already retired."),
    "rule_set.malformed_id": N_(
        "Enter an id of 1 to {limit} lowercase letters, digits and hyphens that begins with a letter or digit."
    ),
    "rule_set.malformed_key": N_(
        "Enter 1 to {limit} lowercase letters, digits, underscores, hyphens and full stops, beginning with a letter or "
        "digit."
    ),
    "rule_set.markup": N_("Texts are shown as they are written. Remove the HTML tag."),
    "rule_set.no_such_question": N_("This rule set has no question “{key}”. Add it, or correct the key."),
    "rule_set.no_words": N_("Enter the text in English (en), in Chinese (zh), or both."),
    "rule_set.other_id": N_("The id must be “{id}”, that of the rule set that you change."),
    "rule_set.question_differs": N_(
        "The key “{key}” already means something else in the rule set “{source}”: its kind, unit or choices differ. "
        "Use another key, or make them the same."
    ),
    "rule_set.question_unused": N_("No line uses the question “{key}”. Add a line, or remove the question."),
    "rule_set.threshold": N_("Enter a whole number from 1 to {most}."),
    "rule_set.too_few": N_("Enter at least {least}."),
    "rule_set.too_large": N_("The rule set is larger than {limit} KiB. Make it shorter."),
    "rule_set.too_many": N_("There are already {most} rule sets of your own. Change one that is not used any more."),
    "rule_set.unit": N_("Only a number has a unit. Remove it or change the kind of the question."),
    "rule_set.unknown": N_("There is no such rule set."),
    "rule_set.unknown_choice": N_("The value “unknown” is the answer for what is not known. Use another value."),
    "rule_set.wrong_comparison": N_(
        "A number is compared with “at_least”, a choice with “one_of”, and yes or no with neither. Remove this."
    ),
}
