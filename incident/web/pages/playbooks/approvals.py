"""Approvals of a playbook that waits for them: people who approved and people who still may."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from incident.actions.playbooks import approving
from incident.actions.playbooks.approval_status import ApprovalStatus, MachineCommand, approval_status, machine_commands
from incident.actions.playbooks.playbook_loader import bundle_for
from incident.actions.playbooks.runs import PROFILE
from incident.core.operations.approval import approver_of
from incident.store.playbooks import playbooks
from incident.store.playbooks.playbooks import Playbook
from incident.store.queries.start_requests import StartRequest
from incident.web.instance import now
from incident.web.pages.frame import is_permitted
from incident.web.security.auth import require_caller


@dataclass(frozen=True)
class ApprovalView:
    """The approval status of a playbook on pages.

    `people` are the names of those who may approve it and have not; `may_approve` is whether the viewer is one of them.
    `commands` are the automated commands.
    """

    status: ApprovalStatus
    people: Sequence[str]
    may_approve: bool
    commands: Sequence[MachineCommand]


def approval_of(row: Playbook) -> ApprovalView:
    """Return the approval status of a version of a playbook."""
    bundle = bundle_for(row)
    status = approval_status(bundle, PROFILE, now())
    approvers = [one.approver for one in status.approvals]
    may_approve = bool(status.missing) and is_permitted("playbook.approve") and require_caller().person_id is not None
    people = approving.people_who_may_approve(approvers) if status.missing else ()
    may_approve = may_approve and approver_of(require_caller().actor) not in approvers
    return ApprovalView(status, people, may_approve, machine_commands(bundle, PROFILE) if status.is_needed else ())


def approvals_of(requests: Iterable[StartRequest]) -> Mapping[str, ApprovalView]:
    """Return the approval status of the playbooks whose start waits for it, by their CACAO id."""
    waiting = {one.playbook for one in requests if one.state == "scheduled"}
    found = {one: playbooks.current_playbook(one) for one in sorted(waiting)}
    return {name: approval_of(row) for name, row in found.items() if row is not None}
