"""Permission to start a playbook: proposals of the rules, manual playbooks, and use of secrets."""

from collections.abc import Collection, Mapping
from functools import lru_cache

from incident.actions.incidents import routing
from incident.actions.playbooks import playbook_loader
from incident.actions.playbooks.approval_status import has_machine_commands
from incident.actions.playbooks.runs import PROFILE
from incident.core.cacao import Playbook, PlaybookBundle
from incident.core.cacao.engine.ordering import is_for_machine
from incident.core.incidents import routing as rules
from incident.core.playbooks.ssh_target import SSH_KINDS
from incident.core.values.access import ROLES, Role, may
from incident.core.values.faults import RuleError
from incident.executors.authentication import secret_named
from incident.store.directory import people
from incident.store.incidents.incidents import Incident
from incident.store.playbooks import playbooks
from incident.store.queries.systems import systems_of_incident

STARTING = frozenset(role for role in ROLES if may(role, "run.start"))
USING_SECRETS = frozenset(role for role in ROLES if may(role, "secret.use"))
MAX_NAMES = 10
"""How many of the people who may start it are named."""

MAX_KEPT = 4_096


def require_start(role: Role, playbook_id: str, given: rules.RoutingInput) -> None:
    """Refuse a playbook that a role may not start.

    Args:
        role: of the viewer.
        playbook_id: its CACAO id; the transaction reports a missing one.
        given: the facts that the incident states, without a playbook.

    Raises:
        RuleError: `run.not_proposed`, `secret.use_needed` (forbidden), naming people who may.
    """
    if may(role, "run.start") and may(role, "secret.use"):
        return
    playbook = playbooks.current_version(playbook_id)
    if playbook is None:
        return
    require_secret_use(role, playbook_loader.bundle_for(playbook))
    if not startable(role, [playbook], given):
        raise RuleError("run.not_proposed", {"people": _people_of(STARTING)}, kind="forbidden")


def startable(
    role: Role,
    rows: Collection[playbooks.Playbook | playbooks.Version],
    given: rules.RoutingInput | None,
    newest: Mapping[str, str] | None = None,
) -> frozenset[str]:
    """Return the CACAO ids of those playbooks that a role may start on an incident.

    Args:
        role: of the viewer.
        rows: the newest version of each.
        given: the facts that the incident states, without a playbook; None when unknown yet.
        newest: the content hash of the newest version of every playbook by its CACAO id; without it, each called one
            is looked up.
    """
    if may(role, "run.start") and may(role, "secret.use"):
        return frozenset(row.cacao_id for row in rows)
    if not may(role, "run.start_proposed"):
        return frozenset()
    proposed = None if given is None else routing.route(given)[0].playbook
    return frozenset(row.cacao_id for row in rows if _may_start(role, row, proposed, newest))


def _may_start(
    role: Role, row: playbooks.Playbook | playbooks.Version, proposed: str | None, newest: Mapping[str, str] | None
) -> bool:
    has_machines, has_secrets = _needs_of(row, newest)
    if has_secrets and not may(role, "secret.use"):
        return False
    return may(role, "run.start") or row.cacao_id == proposed or not has_machines


def is_automated(row: playbooks.Playbook | playbooks.Version) -> bool:
    """Whether a playbook, or one that it calls, has machine commands; True when it cannot be read."""
    return _needs_of(row)[0]


def able_people() -> list[str]:
    """Return the names of people who may start every playbook."""
    return _names_of(STARTING & USING_SECRETS)


def require_secret_use(role: Role, bundle: PlaybookBundle) -> None:
    """Refuse a playbook that uses a stored secret, itself or by one that it calls, without permission.

    Raises:
        RuleError: `secret.use_needed` (forbidden), naming people who may.
    """
    if not may(role, "secret.use") and any(map(_has_secrets, (bundle.main, *bundle.called.values()))):
        raise RuleError("secret.use_needed", {"people": _people_of(USING_SECRETS)}, kind="forbidden")


def _people_of(roles: frozenset[Role]) -> str:
    return ", ".join(_names_of(roles)) or "–"


def _names_of(roles: frozenset[Role]) -> list[str]:
    return [one.name for one in people.people_to_choose() if one.role in roles][:MAX_NAMES]


def said_by(incident: Incident) -> rules.RoutingInput:
    """Return the facts that an incident states, for the rules."""
    looked_at = (incident.matched or {}).get("looked_at", {})
    return rules.RoutingInput(
        source=incident.source,
        category=incident.category,
        grade=incident.grade,
        sector=incident.sector,
        region=incident.region,
        campaign=incident.campaign,
        labels=looked_at.get("labels", {}),
        systems=systems_of_incident(incident.id),
    )


def _needs_of(
    row: playbooks.Playbook | playbooks.Version, newest: Mapping[str, str] | None = None
) -> tuple[bool, bool]:
    """Return whether a playbook, or one that it calls, has machine commands, and whether it uses secrets.

    Both are true when it cannot be read.
    """
    try:
        has_machines, has_secrets, has_calls = _looked_into(row.content_hash)
        called = playbook_loader.bundle_for(row, newest).called.values() if has_calls else ()
        return has_machines or any(has_machine_commands(one, PROFILE) for one in called), has_secrets or any(
            map(_has_secrets, called)
        )
    except (playbook_loader.PlaybookFaults, playbook_loader.VersionGone):
        return True, True


@lru_cache(maxsize=MAX_KEPT)
def _looked_into(content_hash: str) -> tuple[bool, bool, bool]:
    """Return whether a playbook itself has such commands, uses secrets, and calls another; cached for lists."""
    playbook = playbook_loader.pinned({"main": content_hash, "called": {}}).main
    has_calls = any(step.type == "playbook-action" for step in playbook.steps.values())
    return has_machine_commands(playbook, PROFILE), _has_secrets(playbook), has_calls


def _has_secrets(playbook: Playbook) -> bool:
    """Whether a playbook names a secret, or has commands by ssh, whose targets name one."""
    return any(secret_named(info) is not None for info in playbook.authentication.values()) or any(
        command.kind in SSH_KINDS and is_for_machine(playbook, step, command, PROFILE)
        for step in playbook.steps.values()
        for command in step.commands
    )
