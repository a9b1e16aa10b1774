"""Orders of the list of incidents, and the ways in which an index gives their rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, func, literal_column

from incident.core.incidents.listing.tabs import Sort
from incident.core.values.moment import format_moment, parse_moment
from incident.store.queries.incident_filter import GRADES, MOMENTS, WITHOUT_GRADE

Names = frozenset[str]
Place = tuple[Any, ...]

SHAPES: Final[Mapping[Sort | None, tuple[type, ...]]] = {
    None: (int, int),
    "newest": (int,),
    "oldest": (int,),
    "grade": (int, int, int),
    "changed": (str, int),
    "due": (str, int),
}
"""The parts of a cursor in each order."""

HAS_FEW: Final = "has_few"
BY_ROW: Final[Mapping[str, Names]] = {
    "mine": frozenset({"is_mine", "is_open_by_row"}),
    "unanswered": frozenset({"is_unanswered_by_row", "is_open_by_row"}),
    "is_open": frozenset({"is_open_by_row"}),
}
"""The conditions of a tab that are checked at each row."""

AFTER: Final = frozenset({"after_unreached", "after_reached", "after_other"})
_INDEXED: Final = ("status", "is_new", "is_handling", "is_closed", "grade", "category", "sector", "region", "campaign")
"""Conditions, or their beginnings, whose index goes on with `is_unreached` and `id`."""


@dataclass(frozen=True)
class Order:
    """An order of the list: its columns, and whether it is ascending; with grades, the gravest come first."""

    by: tuple[str, ...]
    is_ascending: bool = False
    has_grades: bool = False

    @property
    def is_due(self) -> bool:
        """Whether it is that of the next deadlines, in which incidents without one come last."""
        return "next_due_at" in self.by

    def within_way(self, of: FromClause) -> list[ColumnElement[Any]]:
        """Return the clauses of ORDER BY for one way, in which all incidents have one grade where grades count."""
        if self.is_due:
            return [of.c.next_due_at.asc(), of.c.id.asc()]
        return [of.c[name].asc() if self.is_ascending else of.c[name].desc() for name in self.by]

    def of_page(self, of: FromClause) -> list[ColumnElement[Any]]:
        """Return the clauses of ORDER BY for the ways together."""
        if self.is_due:
            return [of.c.next_due_at.is_(None).asc(), *self.within_way(of)]
        grades = [func.coalesce(of.c.grade, literal_column(str(WITHOUT_GRADE)))] if self.has_grades else []
        return [*grades, *self.within_way(of)]


def order_of(sort: Sort | None, names: Names) -> Order:
    """Return the order of a list under these conditions."""
    opened = ("opened_at", "id") if names & MOMENTS else ("id",)
    if sort in ("newest", "oldest"):
        return Order(opened, is_ascending=sort == "oldest")
    if sort == "changed":
        return Order(("changed_at", "id"))
    if sort == "due":
        return Order(("next_due_at", "id"), is_ascending=True)
    return Order(("is_unreached", *opened), has_grades=sort == "grade" and "grade" not in names)


def place_of(row: Any, sort: Sort | None) -> Place:
    """Return the cursor of a row: where the next page goes on."""
    if sort in ("newest", "oldest"):
        return (row.id,)
    if sort == "changed":
        return (format_moment(row.changed_at), row.id)
    if sort == "due":
        return ("" if row.next_due_at is None else format_moment(row.next_due_at), row.id)
    usual = (int(row.is_unreached), row.id)
    return (row.grade or WITHOUT_GRADE, *usual) if sort == "grade" else usual


def values_after(place: Place, sort: Sort | None) -> tuple[set[str], dict[str, Any]]:
    """Return names and values of the conditions for the rows after a cursor.

    Raises:
        RuleError: `moment.malformed` for a cursor that was not made here.
    """
    values = {"after_id": place[-1]}
    if sort in ("newest", "oldest"):
        return {"after_other"}, values
    if sort == "changed":
        return {"after_other"}, values | {"after_changed": parse_moment(place[0], "?cursor")}
    if sort == "due":
        due = {"after_due": parse_moment(place[0], "?cursor")} if place[0] else {}
        return {"after_other", "after_due" if due else "after_no_due"}, values | due
    is_unreached = bool(place[-2])
    names = {"after_unreached" if is_unreached else "after_reached"}
    if sort == "grade":
        names.add(f"after_grade_{place[0]}")
        values["after_grade"] = place[0]
    return names, values | {"after_unreached": is_unreached}


def ways(names: Names, order: Order) -> Iterator[Names]:
    """Return the sets of conditions that together give the rows, each served by an index in its order.

    Args:
        names: all conditions; `has_departments`, `has_few_unanswered` and `has_found` say what the query knows of
            departments, notices and a search, `knows_pairs` that the database estimates pairs of values. Under
            `has_few`, few incidents are visible: one way reads them all, and no index gives its order.
        order: the order of the list.
    """
    if HAS_FEW in names:
        yield _way_of_few(names, order)
        return
    for tab in _tab_ways(names, order):
        for one in _grade_ways(tab, order):
            yield from _due_ways(one) if order.is_due else _reach_ways(one, order)


def _way_of_few(names: Names, order: Order) -> Names:
    """Return the conditions that check each row of few: no index serves one of them, so that none is preferred."""
    rest = names - AFTER
    after = names & AFTER
    if after and order.by == ("is_unreached", "id"):
        rest = frozenset(one for one in rest if not one.startswith("after_grade"))
        rest |= {"after_graded" if order.has_grades else "after_pair"}
    elif after:
        rest |= {"after_changed"} if "changed_at" in order.by else _further(order)
    for name, by_row in BY_ROW.items():
        if name in rest:
            rest = rest - {name} | by_row
    return rest


def _tab_ways(names: Names, order: Order) -> Iterator[Names]:
    if "mine" in names:
        rest = names - {"mine"}
        yield rest | {"is_own", "is_open_by_row"}
        if "has_departments" in names:
            yield rest | {"awaits_own", "is_not_own", "is_open_by_row"}
    elif "unanswered" in names:
        rest = names - {"unanswered"} | {"is_open"}
        yield from _open_ways(rest | {"unreached"}, order)
        if "has_few_unanswered" in names:
            yield rest - {"is_open"} | {"reached_by_row", "is_few_unanswered", "is_open_by_row"}
        else:
            yield from _open_ways(rest | {"reached", "is_unanswered"}, order)
    elif "is_open" in names:
        yield from _open_ways(names, order)
    else:
        yield names


def _open_ways(names: Names, order: Order) -> Iterator[Names]:
    """Search the two states of open incidents separately, unless something else finds them; exercises are few."""
    rest = names - {"is_open"}
    if {"changed_at", "opened_at", "next_due_at"}.intersection(order.by) or names & {
        "status",
        "has_found",
        "is_exercise",
    }:
        yield rest | {"is_open_by_row"}
    else:
        yield rest | {"is_new"}
        yield rest | {"is_handling"}


def _grade_ways(names: Names, order: Order) -> Iterator[Names]:
    if not order.has_grades:
        yield frozenset(one for one in names if not one.startswith("after_grade"))
        return
    after = next((int(one.removeprefix("after_grade_")) for one in names if one.startswith("after_grade")), 0)
    rest = names - {f"after_grade_{after}"}
    for grade in (*GRADES, WITHOUT_GRADE):
        if grade >= after:
            yield (rest if grade == after else rest - AFTER) | {f"grade_{grade}"}


def _due_ways(names: Names) -> Iterator[Names]:
    """Search those with a deadline by the index of these, the others by their ids after all of them."""
    rest = names - AFTER - {"after_due", "after_no_due"}
    if "after_no_due" not in names:
        yield rest | {"has_due"} | (names & {"after_due"})
    yield rest | {"has_no_due"} | ({"before"} if "after_no_due" in names else frozenset())


def _reach_ways(names: Names, order: Order) -> Iterator[Names]:
    """Split a way at whether anybody was notified, where an index does so before its order.

    Rows after a given one, at some moment, or of a department are searched separately among incidents that nobody was
    notified of and the others: an index cannot skip its first column. PostgreSQL misjudges how many rows follow a pair
    of values, SQLite estimates only pairs.
    """
    after = names & AFTER
    rest = names - AFTER
    if "is_unreached" in order.by:
        yield from _by_reach(rest, after, order)
    elif "changed_at" in order.by:
        yield rest | {"after_changed"} if after else rest
    else:
        further = _further(order) if after else frozenset()
        is_split = not rest & {"unreached", "reached", "reached_by_row", "department", "has_found", "is_own"}
        if "opened_at" in order.by or (is_split and any(one.startswith(_INDEXED) for one in rest)):
            yield from (rest | {one} | further for one in ("unreached", "reached"))
        else:
            yield rest | further


def _by_reach(rest: Names, after: Names, order: Order) -> Iterator[Names]:
    kinds = [one for one in ("unreached", "reached", "reached_by_row") if one in rest]
    if not kinds and not ("opened_at" in order.by or "department" in rest or (after and "knows_pairs" not in rest)):
        yield rest | {"after_pair"} if after else rest
        return
    for kind in kinds or ("unreached", "reached"):
        is_unreached = kind == "unreached"
        if is_unreached and "after_reached" in after:
            continue
        is_within = bool(after) and is_unreached == ("after_unreached" in after)
        yield rest | {kind} | (_further(order) if is_within else frozenset())


def _further(order: Order) -> Names:
    where = "before" if order.is_ascending else "after"
    return frozenset({f"{where}_opened" if "opened_at" in order.by else where})
