"""Playbooks that the caller may start on an incident, those that others may, and requested starts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from incident.actions.incidents import proposing
from incident.core.incidents.routing import RoutingInput
from incident.core.playbooks.step_techniques import acts_against
from incident.store.incidents.incidents import Incident
from incident.store.playbooks import playbooks
from incident.store.playbooks.playbooks import Playbook
from incident.store.queries import start_requests
from incident.store.queries.start_requests import StartRequest
from incident.web.pages.frame import is_permitted
from incident.web.pages.playbooks.approvals import ApprovalView, approvals_of
from incident.web.pages.playbooks.library import facts_in_library
from incident.web.security import access

MAX_REQUESTS = 50


@dataclass(frozen=True)
class Starts:
    """The choices for starting playbooks on an incident.

    `own` may be started by the caller, `others` only by `people` (names); `requests` wait for an answer, those that are
    scheduled for the `approvals` of their playbook. `fitting` counts the first of `own`, which act against a technique
    of the incident.
    """

    own: Sequence[Playbook] = ()
    others: Sequence[Playbook] = ()
    people: Sequence[str] = ()
    requests: Sequence[StartRequest] = ()
    approvals: Mapping[str, ApprovalView] = field(default_factory=dict)
    fitting: int = 0


def starts_on(incident: Incident, techniques: Collection[str]) -> Starts:
    """Return the choices for starting playbooks on an incident; none on a closed one.

    Args:
        incident: the incident.
        techniques: the ids of those that were seen in it; playbooks that act against one come first.
    """
    if incident.status == "closed" or not is_permitted("run.start_proposed"):
        return Starts()
    waiting = start_requests.list_requests(access.viewer(), incident.id, None, MAX_REQUESTS)
    requests = [row for row, _ in waiting]
    own, others = startable(proposing.said_by(incident))
    asked = {one.playbook for one in requests}
    people = proposing.able_people() if others else ()
    others = [one for one in others if one.cacao_id not in asked]
    fitting = [one for one in own if techniques and acts_against(facts_in_library(one).techniques, techniques)]
    own = [*fitting, *(one for one in own if one not in fitting)]
    return Starts(own, others, people, requests, approvals_of(requests), len(fitting))


def startable(given: RoutingInput | None) -> tuple[list[Playbook], list[Playbook]]:
    """Return the playbooks that the caller may start, and those that others have to start, both by name.

    Args:
        given: the fields of the incident; None when they are not known yet.
    """
    every = playbooks.newest_playbooks()
    rows = playbooks.visible_among(every, access.viewer())
    newest = {one.cacao_id: one.content_hash for one in every}
    ids = proposing.startable(access.viewer().role, rows, given, newest)
    return [one for one in rows if one.cacao_id in ids], [one for one in rows if one.cacao_id not in ids]
