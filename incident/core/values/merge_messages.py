"""Error messages of merges, indicators, techniques and reviews of incidents, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

MERGE_FAULT_WORDS: Final = {
    "merge.duplicate_closed": N_("This incident is closed. Reopen it before you merge it."),
    "merge.duplicate_merged": N_("This incident is merged into another one already."),
    "merge.exercise": N_("Incidents of exercises cannot be merged."),
    "merge.has_live_work": N_(
        "Work on this incident is still in progress: {work}. End it first, then merge the incident."
    ),
    "merge.is_undone": N_("This merge was undone already."),
    "merge.less_strict": N_(
        "This incident is TLP:{tlp} and {number} is shared more widely. Restrict the sharing of {number} first."
    ),
    "merge.not_found": N_("There is no such merge."),
    "merge.survivor_closed": N_("The incident {number} is closed. Reopen it, or choose an incident that is open."),
    "merge.survivor_merged": N_(
        "The incident {number} is merged into another one itself. Choose the one that it went into."
    ),
    "merge.too_late": N_("A merge can be undone for 24 hours only. That time is over."),
    "merge.undo_later_first": N_(
        "The incident that this one went into was merged itself since. Undo that later merge first."
    ),
    "merge.with_itself": N_("An incident cannot be merged into itself. Choose another incident."),
    "incident.is_merged": N_("This incident is merged into another one. Go on there, or undo the merge."),
    "indicator.line": N_("Line {line}: this is no address, domain, URL, hash or account."),
    "technique.not_on_incident": N_("This incident does not have this technique."),
    "technique.too_many": N_("An incident has at most {most} techniques."),
    "technique.unknown": N_("There is no such technique. Choose one that the search finds."),
    "indicator.not_on_incident": N_("This incident does not have this indicator."),
    "indicator.nothing_pasted": N_("Paste at least one indicator, one on each line."),
    "indicator.too_many_lines": N_("These are {lines} lines. Paste at most {most} at once."),
    "indicator.too_many_on_incident": N_("An incident has at most {most} indicators."),
    "review.action_missing": N_("There is no such action."),
    "review.due_before_reminder": N_("The reminder must not be later than the due time."),
    "review.due_passed": N_("The due time must be in the future."),
    "review.due_too_far": N_("The due time must be within {days} days."),
    "review.needs_closed": N_("Review the incident after it is closed."),
    "review.nothing_written": N_("Write what went well or what did not."),
    "review.owner_cannot_see": N_("An action cannot go to {name}, who may not see this incident."),
    "review.too_many_actions": N_("A review has at most {most} actions."),
}
