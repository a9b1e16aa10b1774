"""Error messages of public reports: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

REPORT_FAULT_WORDS: Final = {
    "form.expired": N_(
        "This form was open for a long time. What you typed is still here. Send it again. "
        "If you already have a receipt, you do not need to."
    ),
    "mailbox.full": N_("This report has {limit} messages. No more can be added."),
    "receipt.deleted": N_("The receipt of this report has been deleted, so the reporter can no longer read messages."),
    "receipt.unknown": N_("No report has this receipt. Check the digits."),
    "report.about_unit": N_("This report is about a department of ours. It cannot be linked: others would read of it."),
    "report.busy": N_("Many people are sending reports at the moment. Wait a moment, then try again."),
    "report.contact_details": N_("Details that identify a person cannot be entered here yet. Leave this field empty."),
    "report.not_linked": N_("The report {id} is not linked to this incident."),
    "report.not_read_back": N_("Read the report back to the person, then confirm it here."),
    "report.not_stated": N_("Confirm that what you write is true."),
    "report.withdrawn": N_("You have withdrawn this report, so nothing more can be added."),
}
