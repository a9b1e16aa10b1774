"""Simulations for API and pages: the visible part of a bundle, and paths that are explored once per content."""

import random
from typing import Final

from incident.actions.playbooks import playbook_loader
from incident.actions.playbooks.runs import PROFILE
from incident.core.cacao import PlaybookBundle, tlp
from incident.core.cacao.simulation import Answers, RunPaths, explore
from incident.core.playbooks import simulation
from incident.core.playbooks.simulation import Study
from incident.core.values.access import may_see_playbook
from incident.store.playbooks.playbooks import Playbook
from incident.web.security import access

MAX_TURNS: Final = 8_000
"""Limit of engine turns in an exploration: a few seconds."""

MAX_KEPT: Final = 64

_kept: dict[str, RunPaths] = {}


def study(row: Playbook, answers: Answers, seed: int) -> Study:
    """Simulate a playbook and return all of its paths; called ones hidden from the caller count as tasks.

    Raises:
        RuleError: when an answer names no step.
        StartRefused: when a value does not fit, or the playbooks do not fit one another.
    """
    bundle = visible(playbook_loader.bundle_for(row))
    chance = random.Random(seed)  # noqa: S311  # a play that can be repeated, nothing secret
    return simulation.study(bundle, answers, PROFILE, chance, _paths_of(bundle))


def visible(bundle: PlaybookBundle) -> PlaybookBundle:
    """Return a bundle without the called playbooks that the caller may not see."""
    viewer = access.viewer()
    called = {key: one for key, one in bundle.called.items() if may_see_playbook(viewer, tlp(one.document))}
    return bundle if len(called) == len(bundle.called) else PlaybookBundle(bundle.main, called)


def _paths_of(bundle: PlaybookBundle) -> RunPaths:
    """Explore a bundle, or return the earlier result: the same content has the same paths."""
    found = _kept.get(bundle.content_hash)
    if found is None:
        found = explore(bundle, PROFILE, MAX_TURNS)
        while len(_kept) >= MAX_KEPT:
            _kept.pop(next(iter(_kept)))
        _kept[bundle.content_hash] = found
    return found
