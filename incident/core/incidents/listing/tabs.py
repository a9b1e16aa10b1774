"""Tabs, orders and columns of the list of incidents; pure."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, get_args

Tab = Literal["mine", "unanswered", "open", "closed"]
TABS: Final[tuple[Tab, ...]] = get_args(Tab)
ALL: Final = "all"
"""The value of a tab in an address that shows open and closed incidents together."""

Sort = Literal["newest", "oldest", "grade", "changed", "due"]
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)

COLUMNS: Final = (
    "owner",
    "departments",
    "answers",
    "due",
    "opened",
    "changed",
    "category",
    "source",
    "region",
    "sector",
)
USUAL_COLUMNS: Final = ("owner", "departments", "answers", "due", "opened")

EVERYWHERE: Final = ("q", "status", "campaign")
"""Filters that look in all incidents unless a tab is chosen."""

COUNT_LIMIT: Final = 1_000
"""Up to this many incidents of a tab are counted exactly."""


def chosen_tab(named: str, given: Mapping[str, str]) -> Tab | None:
    """Return the tab to show, None for all incidents.

    Args:
        named: the tab in the address, empty when none is chosen.
        given: the filters.
    """
    for tab in TABS:
        if named == tab:
            return tab
    if named == ALL or any(given.get(name) for name in EVERYWHERE):
        return None
    return "open"


def chosen_sort(named: str) -> Sort | None:
    """Return the order, None for the usual one: incidents that nobody was notified of first, then the newest."""
    return next((sort for sort in SORTS if named == sort), None)


def chosen_columns(named: str | None) -> tuple[str, ...]:
    """Return the columns of a list in their order; `named` is separated by commas, None for the usual ones."""
    return USUAL_COLUMNS if named is None else known_columns(named.split(","))


def known_columns(named: Iterable[str]) -> tuple[str, ...]:
    """Return those columns that exist, in the order of the list."""
    wanted = frozenset(named)
    return tuple(one for one in COLUMNS if one in wanted)


def count_words(count: int, *, is_least: bool = False) -> str:
    """Return the shown count of a tab: exact up to the limit, unless it is only a lower bound."""
    return f"{min(count, COUNT_LIMIT):,}+" if is_least or count > COUNT_LIMIT else f"{count:,}"
