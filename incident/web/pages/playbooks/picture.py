"""A playbook as a graph for the browser to lay out and draw: steps as nodes, transitions as edges."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from incident.actions.playbooks import playbook_loader
from incident.core.cacao import Playbook
from incident.core.cacao.engine.run import Run as Engine
from incident.core.cacao.model import Step
from incident.core.playbooks.step_techniques import techniques_of_step
from incident.data.attack import technique_name
from incident.store.db.database import to_json
from incident.store.playbooks.runs import Run
from incident.web.i18n import gettext as _
from incident.web.i18n import spoken
from incident.web.pages.playbooks.outline import case_words, lines_of_run
from incident.web.pages.states import look

MAX_NODES: Final = 80
"""A larger playbook is shown as a list only: its graph would be unreadable."""

ENDS: Final = frozenset({"start", "end"})


def picture_of(playbook: Playbook, states: Mapping[str, str] | None = None) -> str | None:
    """Serialize a playbook as JSON for `js/picture.js`, None when it has too many steps.

    Args:
        playbook: the playbook.
        states: the state of each step by its id; without them all steps look the same.
    """
    if len(playbook.steps) > MAX_NODES:
        return None
    nodes = [_node(playbook, step, (states or {}).get(step.id, "ahead")) for step in playbook.steps.values()]
    ways = [way for step in playbook.steps.values() for way in _edges(playbook, step) if way["to"] in playbook.steps]
    return to_json({"nodes": nodes, "ways": ways})


def picture_of_run(run: Run) -> str | None:
    """Serialize the playbook of a run with the states of its steps, None when it has too many steps."""
    bundle = playbook_loader.pinned(run.pins)
    lines = lines_of_run(bundle, Engine.from_json(run.document))
    return picture_of(bundle.main, {line.key: line.state for line in lines})


def _node(playbook: Playbook, step: Step, state: str) -> dict[str, Any]:
    is_end = step.type in ENDS
    shown = look(f"step.{state}")
    name = "" if is_end else spoken(step.name) or step.id.partition("--")[0]
    techniques = map(technique_name, techniques_of_step(playbook.document, step.id))
    words = " · ".join([shown.words, *techniques])
    return {"id": step.id, "name": name, "type": step.type, "state": state, "kind": shown.kind, "words": words}


def _edges(playbook: Playbook, step: Step) -> Iterator[dict[str, str]]:
    if step.on_success:
        yield _edge(step, step.on_success, _("then") if step.branches else "", "then")
    if step.on_failure and step.on_failure != step.on_success:
        yield _edge(step, step.on_failure, _("if it fails"), "failure")
    for branch in step.branches:
        label = {"true": _("yes"), "false": _("no"), "default": _("otherwise")}.get(branch.label)
        label = label or case_words(playbook, step, branch.label)
        yield _edge(step, branch.head, "" if step.type == "parallel" else label, "branch")


def _edge(step: Step, to: str, label: str, kind: str) -> dict[str, str]:
    return {"from": step.id, "to": to, "label": label, "kind": kind}
