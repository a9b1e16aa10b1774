"""Ends that a run can reach, distinguished by result and by place and reason of a failure."""

from __future__ import annotations

from dataclasses import dataclass

from incident.core.cacao.engine.run import Run
from incident.core.cacao.engine.run_builder import HANDLER, MAIN
from incident.core.cacao.model import PlaybookBundle
from incident.core.cacao.simulation.origin import origin, step_of


@dataclass(frozen=True, slots=True)
class End:
    """One end that a playbook can reach.

    `step` and `reason` say where and why a failed run began to fail; `handler_step` where its exception handling failed
    as well; `last` is the end step that was entered last.
    """

    state: str
    is_handled: bool
    step: str
    reason: str
    handler_step: str
    last: str

    @property
    def is_failure(self) -> bool:
        """Whether this end is a failure, handled or not."""
        return self.state != "succeeded"


def end_of(bundle: PlaybookBundle, run: Run) -> End:
    """Return the end that a finished run has reached."""
    step, reason = origin(bundle, run)
    lines = (MAIN, HANDLER)
    ends = (
        record.key
        for record in run.steps.values()
        if record.scope in lines and step_of(bundle, run, record.key).type == "end"
    )
    return End(
        state=run.state,
        is_handled=run.is_handled,
        step=step,
        reason=reason or run.reason,
        handler_step=origin(bundle, run, MAIN + HANDLER)[0],
        last=next(ends, ""),
    )
