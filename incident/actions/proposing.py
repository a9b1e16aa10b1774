"""Which playbooks somebody may start who may not start all: what the rules propose, and what people carry out."""

from incident.actions import library, routing
from incident.actions.runs import PROFILE
from incident.core import rules
from incident.core.access import ROLES, Role, may
from incident.core.cacao.ordering import is_for_machine
from incident.core.faults import RuleError
from incident.store import people, playbooks
from incident.store.incidents import Incident

STARTING = frozenset(role for role in ROLES if may(role, "run.start"))
NAMES_MOST = 10
"""How many of those who may start it are named."""


def require_start(role: Role, playbook_id: str, given: rules.Given) -> None:
    """Refuse a playbook that a role may not start.

    Args:
        role: of who asks.
        playbook_id: its CACAO id; that there is none is the deed's to say.
        given: what the incident says, without a playbook.

    Raises:
        RuleError: `run.not_proposed` (forbidden), naming people who may.
    """
    if may(role, "run.start"):
        return
    playbook = playbooks.current_version(playbook_id)
    if playbook is None:
        return
    if may(role, "run.start_proposed") and (_is_proposed(playbook_id, given) or not _has_machine_commands(playbook)):
        return
    able = [one.name for one in people.active_people() if one.role in STARTING]
    raise RuleError("run.not_proposed", {"people": ", ".join(able[:NAMES_MOST]) or "–"}, kind="forbidden")


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
