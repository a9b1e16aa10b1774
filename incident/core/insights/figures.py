"""Figures of insights: sums put together by what they are divided by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal, get_args

from incident.core.insights.durations import Spread, spread_of

Division = Literal["month", "day", "hour", "category", "department", "step"]
DIVISIONS: Final[tuple[Division, ...]] = get_args(Division)
NOTHING: Final = Spread(0)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """The figures of one month, day, hour, category, department or step; `key` names it."""

    key: str
    spreads: Mapping[str, Spread] = field(default_factory=dict)

    def number(self, measure: str) -> int:
        """Return how often something happened."""
        return self.spreads.get(measure, NOTHING).number

    def median(self, measure: str) -> timedelta | None:
        """Return within what half of it was done; None when it did not happen."""
        return self.spreads.get(measure, NOTHING).median

    def ninetieth(self, measure: str) -> timedelta | None:
        """Return within what 90 % of it was done; None when it did not happen."""
        return self.spreads.get(measure, NOTHING).ninetieth

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened at all."""
        return not any(one.number for one in self.spreads.values())


def figure_rows(
    sums: Iterable[tuple[str, str, int, Sequence[str]]], keys: Sequence[str] | None = None
) -> list[FigureRow]:
    """Return a row for each key.

    Args:
        sums: key, measure, number and letters of each sum; key and measure are of one sum only.
        keys: the keys in their order, which have a row also when nothing happened; None for those of the sums.
    """
    found: dict[str, dict[str, Spread]] = {key: {} for key in keys or ()}
    for key, measure, number, letters in sums:
        timed = spread_of(letters)
        found.setdefault(key, {})[measure] = Spread(number, timed.median, timed.ninetieth)
    return [FigureRow(key, spreads) for key, spreads in found.items()]
