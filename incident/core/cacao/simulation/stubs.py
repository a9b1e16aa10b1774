"""Makes a bundle playable: missing playbooks become tasks, validity periods are ignored."""

from __future__ import annotations

from dataclasses import replace

from incident.core.cacao.faults import Fault, pointer, warning
from incident.core.cacao.model import Command, Playbook, PlaybookBundle, Step

STAND_IN = "stand-in"


def playable(bundle: PlaybookBundle) -> tuple[PlaybookBundle, list[Fault]]:
    """Return a playable bundle, and a warning for each called playbook that a task replaces."""
    faults: list[Fault] = []
    main = _complete(bundle, bundle.main, faults)
    return PlaybookBundle(main, {key: _complete(bundle, one, faults) for key, one in bundle.called.items()}), faults


def _complete(bundle: PlaybookBundle, playbook: Playbook, faults: list[Fault]) -> Playbook:
    steps = dict(playbook.steps)
    for step in playbook.steps.values():
        if step.type == "playbook-action" and bundle.key_of(step.playbook_id, step.playbook_version) is None:
            steps[step.id] = _task_for(step)
            place = pointer("workflow", step.id, "playbook_id")
            faults.append(warning("call_stands_in", place, "P11", playbook=step.playbook_id, step=step.name or step.id))
    return replace(playbook, steps=steps, is_revoked=False, valid_from=None, valid_until=None)


def _task_for(step: Step) -> Step:
    command = Command(STAND_IN, {"type": STAND_IN, "command": step.playbook_id}, ())
    return replace(step, type="action", commands=(command,))
