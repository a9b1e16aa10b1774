"""Figures of rule sets and regimes that were not read in the rule itself, until an administrator confirms them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from incident.core.deadlines.regimes import Regime, Stage
from incident.core.deadlines.rule_sets import GradingLine, RuleSet

FigureKind = Literal["rule_set", "regime"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure to check against its source: a line of a rule set, or a stage of a regime.

    `source` is the id of the rule set or regime and `cell` the key in it; `content_hash` is that of the whole source,
    `figure_hash` that of the figure alone.
    """

    kind: FigureKind
    source: str
    title: Mapping[str, str]
    ref: str
    content_hash: str
    cell: GradingLine | Stage

    @property
    def key(self) -> str:
        """The key of the cell."""
        return self.cell.key

    @property
    def figure_hash(self) -> str:
        """The SHA-256 of what the figure says."""
        return self.cell.figure_hash

    @property
    def text(self) -> Mapping[str, str]:
        """The words of the cell, by language."""
        return self.cell.title if isinstance(self.cell, Stage) else self.cell.text


def unverified_figures(rule_sets: Iterable[RuleSet], regimes: Iterable[Regime]) -> Iterator[Figure]:
    """Yield the figures whose evidence does not show the rule in force, in the order of their sources."""
    for rules in rule_sets:
        for line in rules.lines:
            if not line.is_verified:
                yield Figure("rule_set", rules.id, rules.title, rules.ref, rules.content_hash, line)
    for law in regimes:
        for stage in law.stages:
            if not stage.is_verified:
                yield Figure("regime", law.id, law.title, law.ref, law.content_hash, stage)
