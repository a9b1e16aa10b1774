"""Tasks that a filing ends (P19): their titles, and whether the clock that they wait for has ended."""

from dataclasses import dataclass
from typing import Final

from incident.core.cacao.engine.events import CommandEnded, CommandOutcome
from incident.core.deadlines.clocks import OPEN_STATES
from incident.core.deadlines.regimes import regimes_of
from incident.core.values.bilingual import SLASH
from incident.data.reporting_regimes import shipped_regimes
from incident.store.deadlines import clock_rows, profiles
from incident.store.incidents.incidents import Incident

AWAITED: Final = frozenset({*OPEN_STATES, "waiting", "suspended"})
"""States of clocks that may still be filed."""


@dataclass(frozen=True)
class ClockEnd:
    """How a clock has ended for a step; `why` is `filed`, `waived`, `exercise` or `no_clock`."""

    outcome: CommandOutcome
    why: str

    def event(self, step: str, visit: int, command: int) -> CommandEnded:
        """Return the event that ends a step."""
        return CommandEnded(step, visit, command, self.outcome, exit={"clock": self.why})


def clock_end(incident: Incident, regime: str, stage: str) -> ClockEnd | None:
    """Return how the clocks of a stage have ended on an incident; None while one may still be filed.

    While nobody has recorded when the incident became known, the clock of a law that applies may still begin.

    Args:
        incident: the incident.
        regime: the id of the law.
        stage: the key of its stage.
    """
    if incident.is_exercise:
        return ClockEnd("not_applicable", "exercise")
    found = {one.state for one in clock_rows.clocks_of(incident.id) if (one.regime, one.stage) == (regime, stage)}
    if found & AWAITED or (not found and _may_begin(incident, regime)):
        return None
    if found & {"filed", "filed_late"}:
        return ClockEnd("succeeded", "filed")
    return ClockEnd("failed", "waived") if "waived" in found else ClockEnd("not_applicable", "no_clock")


def _may_begin(incident: Incident, regime: str) -> bool:
    if clock_rows.effective_awareness(clock_rows.clock_events_of(incident.id)) is not None:
        return False
    profile = profiles.latest_profile()
    return profile is not None and any(one.id == regime for one in regimes_of(profile.profile, shipped_regimes()))


def filing_title(regime: str, stage: str) -> str | None:
    """Return the title of the task of a stage in both languages; None for an unknown one."""
    law = shipped_regimes().get(regime)
    found = None if law is None else next((one for one in law.stages if one.key == stage), None)
    if law is None or found is None:
        return None
    english = f"File: {found.title['en']}, {law.title['en']}"
    return f"{english}{SLASH}报送{found.title['zh']}：{law.title['zh']}"
