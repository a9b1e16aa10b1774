"""Rules of custodians: how many are needed, who is reachable, and when a test is due."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from incident.core.reports.custody import MOST_SHARES
from incident.core.values.faults import RuleError

LEAST_THRESHOLD: Final = 2
MOST_CUSTODIANS: Final = 20

TEST_EVERY: Final = dt.timedelta(days=92)
"""Each custodian opens a test seal once a quarter."""


@dataclass(frozen=True)
class CustodianFacts:
    """What decides whether a custodian can be reached: leave, and the last test."""

    is_away: bool
    tested_at: dt.datetime | None


@dataclass(frozen=True)
class Quorum:
    """How many custodians are needed, and how many can be reached."""

    threshold: int
    count: int
    reachable: int
    overdue: int

    @property
    def is_reached(self) -> bool:
        """Whether enough custodians can be reached to open something."""
        return self.reachable >= self.threshold


def require_threshold(threshold: int, custodians: Collection[int]) -> None:
    """Check a set of custodians.

    Args:
        threshold: how many are needed.
        custodians: their ids.

    Raises:
        RuleError: `custody.threshold`, `custody.named_twice`.
    """
    if len(set(custodians)) != len(custodians):
        raise RuleError("custody.named_twice", pointer="/custodians")
    if not LEAST_THRESHOLD <= threshold <= len(custodians) <= min(MOST_CUSTODIANS, MOST_SHARES):
        bounds = {"least": LEAST_THRESHOLD, "count": len(custodians), "most": MOST_CUSTODIANS}
        raise RuleError("custody.threshold", bounds, pointer="/threshold")


def is_test_due(tested_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Return whether a custodian must open a test seal: never done, or not within a quarter."""
    return tested_at is None or now - tested_at > TEST_EVERY


def quorum_of(threshold: int, custodians: Collection[CustodianFacts], now: dt.datetime) -> Quorum:
    """Return how many custodians of a set can be reached at a moment."""
    overdue = sum(is_test_due(one.tested_at, now) for one in custodians)
    reachable = sum(not one.is_away and one.tested_at is not None for one in custodians)
    return Quorum(threshold, len(custodians), reachable, overdue)
