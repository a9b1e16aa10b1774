"""Messages about the changes that `lint --fix` made to a playbook."""

from __future__ import annotations

from collections.abc import Mapping

from incident.core.cacao.marking import N_

FIXES: Mapping[str, tuple[str, str]] = {
    "fixed_agent": (N_("{step} had no agent; “{agent}” was given to it."), ""),
    "fixed_tail": (N_("{tail} was in the branches of {step}. It now comes after them."), ""),
    "fixed_copy": (N_("{step} was in more than one branch. This branch now has its own copy, {new}."), ""),
    "fixed_end": (N_("{step} ended more than one branch. This branch now has its own end step, {new}."), ""),
    "fixed_way_on": (N_("{step} did not say where it leads. It now leads to its own end step, {new}."), ""),
    "fixed_id": (N_("Another playbook has the same id and modified; this one is now {new}, derived from {old}."), ""),
}
