"""Error messages of approvals by two people: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

APPROVAL_FAULT_WORDS: Final = {
    "approval.has_expired": N_(
        "This has waited for a second person for more than 24 hours and no longer counts. Propose it again."
    ),
    "approval.is_own": N_("You proposed this yourself. Someone else must confirm or decline it."),
    "approval.is_given": N_("You have already approved this. Someone else must approve it as well."),
    "approval.is_stale": N_(
        "This playbook, or one it calls, has changed since you read it. Read the newest version, then approve it."
    ),
    "approval.not_by_person": N_("Only a person who has signed in can approve this. A token cannot."),
    "approval.not_found": N_("There is no such decision or record."),
    "approval.not_needed": N_("This playbook has no commands for machines, so it needs no approval."),
    "approval.not_waiting": N_(
        "This no longer waits for a second person: it is in force, was declined, or something else has taken its place."
    ),
}
