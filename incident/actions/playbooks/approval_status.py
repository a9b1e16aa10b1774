"""Whether a playbook may start, or has to wait until two people have approved it."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from incident.actions.approvals import lock_approvals
from incident.actions.playbooks import playbook_loader, signatures
from incident.core.cacao import Playbook, PlaybookBundle, Profile
from incident.core.cacao.engine.ordering import is_for_machine, shown
from incident.core.operations.approval import missing_approvals
from incident.core.playbooks.endpoint import first_address
from incident.store.approvals import Approval, list_approvals
from incident.store.db.database import db, to_json
from incident.store.db.read_once import read_once
from incident.store.operations import secrets
from incident.store.playbooks import ssh_targets

PLAYBOOK = "playbook"
"""The kind of approvals of playbooks."""

TWO_PEOPLE_APPROVE = "incident_two_people_approve"
"""Execution option of an application's engine: playbooks with machine commands need two approvals."""


@dataclass(frozen=True)
class ApprovalStatus:
    """Approval status of a playbook.

    `content_hash` covers the playbook and every one that it calls. `is_needed` says whether it needs approvals at all;
    `missing` is how many more people must approve, 0 when it needs none.
    """

    content_hash: str
    is_needed: bool
    approvals: Sequence[Approval]

    @property
    def missing(self) -> int:
        """How many more people must approve before it may start."""
        return missing_approvals([one.approver for one in self.approvals]) if self.is_needed else 0


def demand_approval(engine: Engine, is_demanded: bool) -> None:
    """Set once, when the application is created, whether playbooks with machine commands need two approvals."""
    engine.update_execution_options(**{TWO_PEOPLE_APPROVE: is_demanded})


def is_approval_demanded() -> bool:
    """Whether playbooks with machine commands need two approvals in this instance.

    They do once a secret is stored or a target is allowed for ssh: before that, no command reaches a machine that
    authenticates its sender. Targets that a playbook defines itself do not count.
    """
    is_on = bool(db.engine.get_execution_options().get(TWO_PEOPLE_APPROVE, True))
    return is_on and read_once("approval is demanded", _has_means_to_sign_in)


def _has_means_to_sign_in() -> bool:
    return secrets.is_any_deposited() or ssh_targets.is_any_allowed()


def has_machine_commands(playbook: Playbook, profile: Profile) -> bool:
    """Whether a playbook itself has commands that this program performs."""
    return any(
        is_for_machine(playbook, step, command, profile)
        for step in playbook.steps.values()
        for command in step.commands
    )


@dataclass(frozen=True)
class MachineCommand:
    """A command as displayed for approval.

    `playbook` and `step` are names, `kind` is the type of the command, `text` its content, `goals` its destinations:
    the name and address of each target, or of the agent.
    """

    playbook: str
    step: str
    kind: str
    text: str
    goals: Sequence[str]


def machine_commands(bundle: PlaybookBundle, profile: Profile) -> list[MachineCommand]:
    """Return the machine commands of a playbook and of those that it calls."""
    return [
        MachineCommand(
            str(playbook.document["name"]),
            step.name or step.description or step.type,
            command.kind,
            shown(command.body),
            [_goal(playbook, one) for one in step.targets or [step.agent or ""]],
        )
        for playbook in (bundle.main, *bundle.called.values())
        for step in playbook.steps.values()
        for command in step.commands
        if is_for_machine(playbook, step, command, profile)
    ]


def _goal(playbook: Playbook, key: str) -> str:
    found = playbook.targets.get(key) or playbook.agents.get(key)
    if found is None:
        return key
    address = first_address(found.body)
    return " ".join(filter(None, (str(found.body.get("name") or ""), address and address[1])))


def bundle_hash(bundle: PlaybookBundle) -> str:
    """Return the SHA-256 in hexadecimal of a playbook and every one that it calls."""
    return hashlib.sha256(to_json(playbook_loader.pins_of(bundle)).encode()).hexdigest()


def approval_status(
    bundle: PlaybookBundle, profile: Profile, now: dt.datetime, *, is_locked: bool = False
) -> ApprovalStatus:
    """Return the approval status of a playbook.

    A manual playbook needs no approval, nor one that a trusted signer has signed, called ones included.

    Args:
        bundle: the playbook with those that it calls.
        profile: which commands this program performs.
        now: the moment (UTC); trust in a signer may have expired.
        is_locked: whether a missing approval is checked again, after all concurrent approvals.
    """
    content_hash, everything = bundle_hash(bundle), (bundle.main, *bundle.called.values())
    is_needed = (
        any(has_machine_commands(one, profile) for one in everything)
        and is_approval_demanded()
        and not all(signatures.verdict_on(one.document, now).is_trusted for one in everything)
    )
    if not is_needed:
        return ApprovalStatus(content_hash, False, ())
    status = ApprovalStatus(content_hash, True, list_approvals(PLAYBOOK, bundle.main.id, content_hash))
    if not (is_locked and status.missing):
        return status
    lock_approvals(PLAYBOOK, bundle.main.id)
    return ApprovalStatus(content_hash, True, list_approvals(PLAYBOOK, bundle.main.id, content_hash))
