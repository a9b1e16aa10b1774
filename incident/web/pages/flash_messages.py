"""Messages that a page shows after a transaction.

The address holds a code and this module the text, so that nobody can inject text into our pages.
"""

from typing import Final

from incident.core.values.error_messages import N_
from incident.web.i18n import gettext

SAID: Final = {
    "accepted": N_("Accepted. No further level will be notified."),
    "declined": N_("Declined. The coordinator will be notified."),
    "done": N_("Marked as done."),
    "notice_withdrawn": N_("The notice is withdrawn."),
    "acknowledged": N_("Acknowledged. No further level will be notified."),
    "already": N_("This has already been answered. Nothing was changed."),
    "added": N_("Added."),
    "assigned": N_("The people on the incident are changed."),
    "assignment_undone": N_("The assignment is undone."),
    "cancelled": N_("The run was cancelled."),
    "changed": N_("Saved."),
    "closed": N_("The incident is closed."),
    "commands_resumed": N_("Machine commands go on. Those that waited are carried out now."),
    "commands_stopped": N_("All machine commands are stopped. Running ones finish."),
    "completed": N_("The task is marked as done."),
    "drill_ended": N_("The drill has ended. These are the results."),
    "drill_started": N_("The drill is running and its departments have been notified."),
    "followed": N_(
        "You follow this incident. Changes appear in your inbox and are sent to you by email, if you have an address."
    ),
    "unfollowed": N_("You follow this incident no longer."),
    "news_read": N_("Everything is marked as read."),
    "handed_over": N_("The shift is handed over. It stays yours until the other person confirms."),
    "taken_over": N_("You have taken over the shift."),
    "imported": N_("The systems are imported."),
    "window_ended": N_("The maintenance window has ended. Alerts still firing open their incidents within seconds."),
    "linked": N_("The report is linked."),
    "noted": N_("The note was added."),
    "opened": N_("The incident is open. Its departments are being notified."),
    "opened_alone": N_("The incident is open. No department has been notified."),
    "reopened": N_("The incident is open again. Its departments will be notified again."),
    "order_changed": N_("The order is changed."),
    "restored": N_("The earlier version is in force again."),
    "password_changed": N_("Your password is changed."),
    "removed": N_("Removed."),
    "request_declined": N_("The request was declined. The reason is recorded in the journal."),
    "requested": N_("The start is requested. Those who may start the playbook see it in their inbox."),
    "export_asked": N_("The export is being made. You can leave this page meanwhile."),
    "event_resent": N_("The event is being sent again."),
    "resent": N_("The message is being sent again."),
    "revoked": N_("Revoked."),
    "mail_chosen": N_("Your choice is saved."),
    "session_ended": N_("Signed out there."),
    "link_withdrawn": N_("The link is withdrawn. It no longer works."),
    "sheet_imported": N_("The rows are imported."),
    "signed_out_everywhere": N_("Signed out everywhere."),
    "signed_out": N_("You are signed out."),
    "awareness_recorded": N_("The time is recorded. The deadlines count from the earliest one."),
    "awareness_proposed": N_("The later time is proposed. It takes effect when a second person confirms it."),
    "handling_proposed": N_("The later end of handling is proposed. It takes effect when a second person confirms it."),
    "not_reportable_proposed": N_("Proposed. It takes effect when a second person confirms it."),
    "not_reportable_decided": N_("Confirmed: the deadlines of this law do not apply to the incident."),
    "not_reportable_ended": N_("Taken back: the deadlines of this law run again."),
    "rule_set_published": N_("The rule set is published. Open incidents are graded by it from now on."),
    "rule_set_retired": N_("The rule set is retired. No open incident is graded by it any more."),
    "proposal_declined": N_("Declined. The person who proposed it sees your reason in their inbox."),
    "reviewed": N_("Your review is recorded."),
    "figure_confirmed": N_("The figure is confirmed and no longer marked."),
    "figure_withdrawn": N_("The confirmation is withdrawn; the figure is marked again."),
    "filed": N_("The filing is recorded."),
    "answers_stored": N_("The answers are saved."),
    "grade_decided": N_("The grade is decided."),
    "grade_proposed": N_("The lower grade is proposed. It takes effect when a second person confirms it."),
    "approved": N_("Approved. Someone else must approve it as well before it can start."),
    "approved_by_two": N_("Approved by two people. It has started wherever it was waiting."),
    "scheduled": N_("The playbook is waiting for approval. It starts when two people have approved it."),
    "run_paused": N_("The playbook is paused. Steps in progress can finish, but no new steps start."),
    "run_resumed": N_("The playbook has resumed."),
    "step_steered": N_("The result of the step is set. Your reason is recorded in the journal."),
    "started": N_("The playbook has started."),
    "taken": N_("You are now responsible for this incident."),
    "task_assigned": N_("The task is assigned."),
    "task_returned": N_("Nobody has the task now."),
    "task_taken": N_("The task is yours."),
    "evidence_cancelled": N_("The upload is cancelled. What had arrived is deleted."),
    "evidence_looked_at": N_("Your look is recorded. A second person must look at the file before it is released."),
    "evidence_released": N_("The file is released. Everyone who may see the incident can download it."),
    "evidence_removed": N_("The file is removed from view. Its hash and your reason stay."),
    "evidence_repeated": N_("This incident had the same file already. It is kept once."),
    "evidence_restored": N_("The file is shown again."),
    "evidence_stored": N_("The file is stored."),
    "ticket_linked": N_("The ticket is linked."),
    "ticket_unlinked": N_("The ticket is no longer linked."),
    "view_restored": N_("The view is restored."),
    "view_saved": N_("The view is saved."),
    "unlinked": N_("The report is no longer linked."),
}


def said_words(code: str | None) -> str | None:
    """Return the message of a code, None for an unknown code."""
    text = SAID.get(code or "")
    return None if text is None else gettext(text)
