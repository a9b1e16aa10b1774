"""Messages that a page shows after a transaction.

The address holds a code and this module the text, so that nobody can inject text into our pages.
"""

from typing import Final

from incident.core.values.error_messages import N_
from incident.web.i18n import gettext

SAID: Final = {
    "accepted": N_("Accepted. No further level will be told."),
    "declined": N_("Declined. The coordinator is told."),
    "done": N_("The work is noted as done."),
    "notice_withdrawn": N_("The notice is withdrawn."),
    "acknowledged": N_("Acknowledged. No further level will be told."),
    "already": N_("It had been answered before; nothing was changed."),
    "added": N_("Added."),
    "cancelled": N_("The run was cancelled."),
    "changed": N_("Saved."),
    "closed": N_("The incident is closed."),
    "completed": N_("The task is done."),
    "drill_ended": N_("The drill has ended. Here is what it has shown."),
    "drill_started": N_("The drill is running and its departments have been told."),
    "linked": N_("The report is linked."),
    "noted": N_("The note stands in the journal."),
    "opened": N_("The incident is open. Whom it tells stands below."),
    "reopened": N_("The incident is open again; its departments are told anew."),
    "password_changed": N_("Your password is changed."),
    "removed": N_("Removed."),
    "request_declined": N_("The request is declined, and its reason stands in the journal."),
    "requested": N_("The start is requested. Those who may start the playbook see it in their inbox."),
    "resent": N_("The message is being sent again."),
    "revoked": N_("Revoked."),
    "session_ended": N_("Signed out there."),
    "signed_out": N_("You are signed out."),
    "approved": N_("Approved. Somebody else must approve it as well before it starts."),
    "approved_by_two": N_("Approved by two people. It has started wherever it was waiting."),
    "scheduled": N_("The playbook waits for approval, and starts when two people have approved it."),
    "started": N_("The playbook has started."),
    "taken": N_("You have taken the incident on."),
    "unlinked": N_("The report is not linked any more."),
}


def said_words(code: str | None) -> str | None:
    """Return the message of a code, None for an unknown code."""
    text = SAID.get(code or "")
    return None if text is None else gettext(text)
