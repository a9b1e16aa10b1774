"""Messages about the changes that `lint --fix` made to a playbook."""

from __future__ import annotations

from collections.abc import Mapping

from incident.core.cacao.marking import N_

FIXES: Mapping[str, tuple[str, str]] = {
    "fixed_agent": (N_("{step} had no agent; “{agent}” was given to it."), ""),
    "fixed_tail": (N_("{tail} stood in the branches of {step}; it now comes after them."), ""),
    "fixed_copy": (N_("{step} stood in more than one branch; this branch has a copy of its own, {new}."), ""),
    "fixed_end": (N_("{step} ended more than one branch; this branch has an end step of its own, {new}."), ""),
    "fixed_way_on": (N_("Nothing said where {step} leads; it now leads to an end step of its own, {new}."), ""),
    "fixed_id": (N_("Another playbook has the same id and modified; this one is now {new}, derived from {old}."), ""),
}
