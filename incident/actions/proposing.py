"""Who may start which playbook: what the rules propose, what people carry out, and what uses secrets."""

from incident.actions import library, routing
from incident.actions.runs import PROFILE
from incident.core import rules
from incident.core.access import ROLES, Role, may
from incident.core.cacao import Bundle
from incident.core.cacao.ordering import is_for_machine
from incident.core.faults import RuleError
from incident.core.ssh_target import SSH_KINDS
from incident.executors.authentication import secret_named
from incident.store import people, playbooks
from incident.store.incidents import Incident

STARTING = frozenset(role for role in ROLES if may(role, "run.start"))
USING_SECRETS = frozenset(role for role in ROLES if may(role, "secret.use"))
NAMES_MOST = 10
"""How many of those who may start it are named."""


def require_start(role: Role, playbook_id: str, given: rules.Given) -> None:
    """Refuse a playbook that a role may not start.

    Args:
        role: of who asks.
        playbook_id: its CACAO id; that there is none is the deed's to say.
        given: what the incident says, without a playbook.

    Raises:
        RuleError: `run.not_proposed`, `secret.use_needed` (forbidden), naming people who may.
    """
    if may(role, "run.start") and may(role, "secret.use"):
        return
    playbook = playbooks.current_version(playbook_id)
    if playbook is None:
        return
    require_secret_use(role, library.bundle_for(playbook))
    if may(role, "run.start"):
        return
    if may(role, "run.start_proposed") and (_is_proposed(playbook_id, given) or not _has_machine_commands(playbook)):
        return
    raise RuleError("run.not_proposed", {"people": _people_of(STARTING)}, kind="forbidden")


def require_secret_use(role: Role, bundle: Bundle) -> None:
    """Refuse a playbook that signs in with a deposited secret, itself or by one that it calls, to who may use none.

    Raises:
        RuleError: `secret.use_needed` (forbidden), naming people who may.
    """
    if not may(role, "secret.use") and uses_secrets(bundle):
        raise RuleError("secret.use_needed", {"people": _people_of(USING_SECRETS)}, kind="forbidden")


def uses_secrets(bundle: Bundle) -> bool:
    """Tell whether a playbook, or one that it calls, names a secret, or has commands by ssh, whose targets name one."""
    return any(
        any(secret_named(info) is not None for info in playbook.authentication.values())
        or any(
            command.kind in SSH_KINDS and is_for_machine(playbook, step, command, PROFILE)
            for step in playbook.steps.values()
            for command in step.commands
        )
        for playbook in (bundle.main, *bundle.called.values())
    )


def _people_of(roles: frozenset[Role]) -> str:
    able = [one.name for one in people.active_people() if one.role in roles]
    return ", ".join(able[:NAMES_MOST]) or "–"


def said_by(incident: Incident) -> rules.Given:
    """Return what an incident says to the rules."""
    looked_at = (incident.matched or {}).get("looked_at", {})
    return rules.Given(
        source=incident.source,
        category=incident.category,
        grade=incident.grade,
        sector=incident.sector,
        region=incident.region,
        campaign=incident.campaign,
        labels=looked_at.get("labels", {}),
    )


def _is_proposed(playbook_id: str, given: rules.Given) -> bool:
    verdict, _ = routing.route(given)
    return verdict.playbook == playbook_id


def _has_machine_commands(version: playbooks.Version) -> bool:
    bundle = library.bundle_for(version)
    return any(
        is_for_machine(playbook, step, command, PROFILE)
        for playbook in (bundle.main, *bundle.called.values())
        for step in playbook.steps.values()
        for command in step.commands
    )
