"""Error messages of statutory clocks: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

CLOCK_FAULT_WORDS: Final = {
    "authority.role_unknown": N_("No law names an authority “{role}”. Use a role that a regime names."),
    "awareness.reason_missing": N_(
        "Give a reason: somebody was aware of the incident earlier. A second person must confirm the later time."
    ),
    "clock.exercise": N_("An exercise is reported to no authority: it has no statutory clocks."),
    "clock.not_applicable": N_("The law does not ask for this report now, so there is nothing to waive or suspend."),
    "clock.has_ended": N_("This clock has ended: it was filed, or it is waived or suspended already."),
    "clock.in_the_future": N_("Enter a time that has passed."),
    "clock.is_running": N_("This clock is neither suspended nor waived."),
    "clock.late_without_reason": N_("This filing is late. Say why: choose a reason and describe it."),
    "clock.not_found": N_("There is no such clock."),
    "clock.reason_missing": N_(
        "Give a reason: the end of handling was recorded before. A second person must confirm a later end."
    ),
    "clock.set_aside": N_("This clock is waived or suspended. Let it run again first."),
    "clock_event.has_ended": N_("This event was corrected or withdrawn already."),
    "clock_event.not_found": N_("There is no such event."),
    "clock_event.reason_missing": N_(
        "Give a reason: an earlier time was recorded. A second person must confirm the later time."
    ),
    "decision.has_ended": N_("This decision no longer stands: it was taken back, or something has changed since."),
    "decision.no_clock": N_("The law “{regime}” has no deadline on this incident."),
    "decision.not_asked": N_("This law asks for no report of this incident now, so there is nothing to decide."),
    "figure.is_confirmed": N_("This figure is confirmed already."),
    "figure.is_stale": N_("This figure has changed since you read it. Compare the present one with the original text."),
    "figure.not_confirmed": N_("Nobody has confirmed this figure."),
    "figure.not_found": N_("There is no such figure to check."),
    "filing.before_start": N_(
        "This is before the deadline began. Check the time. If it is right, first correct when the incident became "
        "known."
    ),
    "filing.document_unfit": N_("Choose a signed document of this incident."),
    "filing.is_announcement": N_("An announcement by word of mouth cannot be returned."),
    "filing.is_returned": N_("It is recorded already that this filing was returned."),
    "filing.is_revoked": N_("This filing was revoked already."),
    "filing.returned_before": N_("Enter a time after the report was filed."),
    "filing.not_found": N_("There is no such filing."),
    "filing.not_a_recipient": N_("This report does not go to the department “{department}”."),
    "filing.not_a_sha256": N_("Enter the SHA-256 of the file: 64 digits and letters from a to f."),
    "regime.follows": N_("The regime “{regime}” follows from the class of the operator and cannot be chosen."),
    "clock.step_unknown": N_("Choose whether the clock is waived, is suspended or runs again."),
    "regime.unknown": N_("There is no reporting regime “{regime}”."),
    "review.not_due": N_("This decision does not need a review yet."),
    "review.not_owed": N_("This decision needs no review: it was reviewed, or it no longer stands."),
}
