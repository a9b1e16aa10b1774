"""Error messages about saved views and exports of the list, about changing many, and the filter of the journal."""

from typing import Final

from incident.core.values.marking import N_

LIST_FAULT_WORDS: Final = {
    "assignment.not_undoable": N_("This assignment can no longer be undone. Choose the owner under Assign."),
    "bulk.none_selected": N_("No incident is selected. Go back to the list and select at least one."),
    "bulk.no_action": N_("Choose what to do with the selected incidents."),
    "bulk.too_many": N_("You can change at most {most} incidents at once. Go back and select fewer."),
    "export.broken": N_("The export could not be made because of a fault in the program. Start it again."),
    "export.no_format": N_("Choose the format of the export."),
    "export.no_access": N_("The export was not made: its owner may not read incidents any more."),
    "export.not_ready": N_("The export is not ready yet."),
    "export.outdated": N_(
        "What you may see has changed since the export was made, so it can no longer be downloaded. Start a new one."
    ),
    "export.too_large": N_(
        "More than {most} incidents match. Narrow the filters, for example by the days on which they were opened."
    ),
    "export.too_many": N_("You have {most} exports already. Delete one that is not needed any more."),
    "view.query_too_long": N_("The filters of the view are too long. Remove some of them."),
    "view.too_many": N_("You already have {most} saved views. Delete one that you no longer need."),
    "view.unnamed": N_("Enter a name for the view."),
    "journal.no_day": N_("Enter a day such as 2026-11-30."),
    "journal.unknown_choice": N_("Choose one from the list."),
}
