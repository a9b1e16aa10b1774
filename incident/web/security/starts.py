"""Access to starting playbooks: those that the caller may start or request, and requests."""

from incident.actions.incidents import proposing
from incident.core.incidents.routing import RoutingInput
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.playbooks import playbooks
from incident.store.queries.start_requests import StartRequest
from incident.web.security import access


def startable_playbook(playbook_id: str | None, given: RoutingInput) -> str | None:
    """Return the id of a playbook that the caller may start on an incident with these facts; raises RuleError."""
    named = access.named_playbook(playbook_id)
    if named:
        proposing.require_start(access.viewer().role, named, given)
    return named


def requestable_playbook(playbook_id: str, given: RoutingInput) -> str:
    """Return the id of a playbook whose start the caller may request: one that they may not start themselves.

    Raises:
        RuleError: `playbook.unknown` when the caller may not see it, `start_request.not_needed` (conflict).
    """
    named = access.named_playbook(playbook_id) or ""
    row = playbooks.current_version(named)
    if row is not None and proposing.startable(access.viewer().role, [row], given):
        raise RuleError("start_request.not_needed", kind="conflict", pointer="/playbook")
    return named


def visible_start_request(request_id: int) -> StartRequest:
    """Return a request to start a playbook, on an incident that the caller may see; raises NotFound."""
    return access.require_visible(db.session.get(StartRequest, request_id), access.may_see_incident_of)
