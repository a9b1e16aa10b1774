"""Merging incidents on their pages, and undoing it."""

from flask import request, url_for

from incident.actions.merges.merge_incidents import MergeRequest, merge_incidents
from incident.actions.merges.undo_merge import undo_merge
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.faults import RuleError
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, submit
from incident.web.pages.incident_forms import again, submit_on
from incident.web.security import access, merge_access
from incident.web.security.auth import needs, require_caller


@pages.post("/incidents/<number>/merge")
@needs("incident.close")
def merge_incident_form(number: str) -> Page:
    """Merge an incident into another one, whose page is shown then."""
    found, typed = access.visible_incident(number), request.form.get("into", "").strip().upper()

    def use_case() -> None:
        form = Form()
        into, reason = form.needed("into"), form.needed("merge_reason", REASON_LIMIT)
        survivor = form.checked("into", lambda: merge_access.named_survivor(into.upper())) if into else None
        form.finish()
        if survivor is None:
            raise RuleError("document.missing", pointer="/into")
        merge_incidents(MergeRequest(found.id, survivor.id, reason), require_caller().actor, now())

    return submit(use_case, lambda: again(found), lambda: url_for("pages.incident", number=typed), "merged")


@pages.post("/incidents/<number>/merge/undo")
@needs("incident.reopen")
def undo_merge_form(number: str) -> Page:
    """Undo the merge by which an incident went into another one."""
    found = access.visible_incident(number)
    merge = merge_access.last_merge(found)

    def use_case() -> None:
        undo_merge(merge.id, None, require_caller().actor, now())

    return submit_on(found, use_case, "merge_undone")
