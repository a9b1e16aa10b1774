"""Error messages of public reports: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

REPORT_FAULT_WORDS: Final = {
    "custody.not_set_up": N_(
        "Contact details of this kind of report can only be opened by several custodians together, and this office has "
        "not appointed them yet. Send the report without contact details."
    ),
    "custodian.passphrases_differ": N_("The two passphrases differ. Type both again."),
    "custodian.unknown": N_("There is no such custodian."),
    "custodian.wrong_passphrase": N_("The passphrase is wrong."),
    "call.begun": N_("This call has been begun or has ended already."),
    "call.demonstration": N_("This is a demonstration. It places no calls."),
    "call.no_number": N_("The reporter left no telephone number. Write to them in the mailbox."),
    "call.no_telephone_number": N_("Enter your telephone number, such as 8012 or +861012345678."),
    "call.not_own": N_("Only the person who requested this call can cancel it."),
    "call.number_unusable": N_(
        "What the reporter left is no number that can be dialled. Write to them in the mailbox."
    ),
    "call.operator_handles": N_("You work on this report. Somebody who does not must make the call."),
    "call.own": N_("You requested this call. Another person must make it."),
    "call.protected": N_("The number of a protected reporter is never called. Write to them in the mailbox."),
    "call.refused": N_("The telephone system refused the call. Request another one, or ask who runs it."),
    "call.restricted": N_("The report has been restricted to other people."),
    "call.uncertain": N_("It is not certain that the call was placed. If no telephone rang, request another one."),
    "call.under_way": N_("A call to this reporter is under way. Wait until it has ended."),
    "call.unknown": N_("There is no such call."),
    "call.unreachable": N_("The telephone system could not be reached for ten minutes. Request another call later."),
    "call.withdrawn": N_("The reporter has withdrawn the report and is not called. You can write in the mailbox."),
    "custody.named_twice": N_("A custodian is named twice."),
    "custody.not_tested": N_("A custodian of the next set has not opened a test seal yet."),
    "custody.passage_not_set_up": N_(
        "This tells who you may be, and this office cannot protect that yet. Leave out names, numbers and addresses."
    ),
    "custody.threshold": N_("At least {least} custodians must be needed, and at most the {count} that are named."),
    "custody.too_few": N_("There must be {needed} custodians, and {given} are here."),
    "form.expired": N_(
        "This form was open for a long time. What you typed is still here. Send it again. "
        "If you already have a receipt, you do not need to."
    ),
    "identity.anonymous_contact": N_("An anonymous report has no contact details. Leave them empty."),
    "identity_request.answered": N_("This request has been answered already."),
    "identity_request.answered_before": N_("You have answered this request already. Another person must answer it."),
    "identity_request.approver_handles": N_("You work on this report. Somebody who does not must answer the request."),
    "identity_request.by_handler": N_("You work on this report. Somebody who does not must make the request."),
    "identity_request.expired": N_("This request has expired. Make a new one."),
    "identity_request.needs_custodians": N_("Only custodians can answer this request."),
    "identity_request.no_custodian": N_("Only custodians who hold shares of these details can answer this request."),
    "identity_request.no_such_field": N_("The report does not have this detail."),
    "identity_request.not_own": N_("Only the person who made this request can withdraw it."),
    "identity_request.own": N_("You cannot approve or refuse your own request. You can withdraw it."),
    "identity_request.shares_do_not_fit": N_(
        "The shares of the custodians do not fit. Make a new request, which they approve again."
    ),
    "identity_request.shares_missing": N_("Paste what the command printed: one share for each detail."),
    "identity_request.unknown": N_("There is no such request."),
    "identity_request.wrong_secret": N_("This is not the secret of the request."),
    "mailbox.full": N_("This report has {limit} messages. No more can be added."),
    "passage.not_found": N_(
        "The report does not say this. Copy the words from it exactly, without the marks of sealed passages."
    ),
    "passage.outside": N_("The text has {length} characters. Give a beginning and an end within it."),
    "passage.sealed_before": N_("Part of this is sealed already. Choose the words before or after it."),
    "passage.too_short": N_("Choose at least two characters."),
    "receipt.deleted": N_("The receipt of this report has been deleted, so the reporter can no longer read messages."),
    "receipt.unknown": N_("No report has this receipt. Check the digits."),
    "report.about_unit": N_("This report is about a department of ours. It cannot be linked: others would read of it."),
    "report.busy": N_("Many people are sending reports at the moment. Wait a moment, then try again."),
    "report.contact_details": N_("Details that identify a person belong into the contact, where they are sealed."),
    "report.merged_with_itself": N_("A report cannot be merged with itself."),
    "report.no_merge_target": N_("These two cannot be merged: one is merged already, or other people read it."),
    "report.no_objection": N_("The reporter has not objected, or each objection has been reviewed."),
    "report.not_linked": N_("The report {id} is not linked to this incident."),
    "report.not_read_back": N_("Read the report back to the person, then confirm it here."),
    "report.not_stated": N_("Confirm that what you write is true."),
    "report.reviewer_handles": N_("You have worked on this report. Somebody else must review it."),
    "report.step_impossible": N_("This step is not possible now. Somebody else may have taken one. Reload the page."),
    "report.withdrawn": N_("You have withdrawn this report, so nothing more can be added."),
}
