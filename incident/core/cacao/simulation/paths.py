"""Result of exploring a playbook: its ends, and a path to each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from incident.core.cacao.simulation.ends import End
from incident.core.cacao.values import Value

ChoiceKind = Literal["starts", "succeeded", "failed", "timed_out", "not_applicable", "repeats"]


@dataclass(frozen=True, slots=True)
class PathChoice:
    """One event on a path.

    `repeats` says that a loop repeats, or a step is retried, until its limit; `starts` that the run begins with these
    values; otherwise it is how the step ends, and with which results.
    """

    step: str
    kind: ChoiceKind
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunPath:
    """The simplest path to an end, with the fewest failures and then the fewest choices, and its variables."""

    end: End
    choices: Sequence[PathChoice]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class RunPaths:
    """The whole result: failures first.

    `entered` are the keys of the steps that some path enters, `never` those that none does; `is_whole` is False when
    the playbook was too wide, so that ends may be missing after `turns` turns of the engine.
    """

    paths: Sequence[RunPath]
    entered: frozenset[str]
    never: Sequence[str]
    is_whole: bool
    turns: int
    states: int

    @property
    def failures(self) -> Sequence[RunPath]:
        """Return the paths that end in workflow_exception or failed."""
        return [path for path in self.paths if path.end.is_failure]
