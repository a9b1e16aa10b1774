"""Routing rules that can never decide: earlier rules match all that they match, or their category does not exist."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from typing import Any, Final

from incident.core.incidents.category import is_in_category
from incident.core.incidents.routing import SYSTEM_FACTS, When
from incident.core.values.affiliation import is_in_sector, is_region_code, region_stem

MAX_PARTS: Final = 64
"""A rule with more combinations of values is compared as a whole only, never part by part."""

MAX_COMPARED: Final = 200
"""Of more rules than this, none is compared part by part: the time grows with their square."""

LISTS: Final = ("source", "category", "grade", "sector", "region", "campaign", *SYSTEM_FACTS)

EXACT: Final = ("source", "grade", "campaign")
"""Conditions of which one value never includes another."""


def shadowed_rules(conditions: Sequence[When]) -> dict[int, tuple[int, ...]]:
    """Return the rules that can never decide, each with the earlier rules that match everything that it matches.

    Args:
        conditions: the conditions of all rules, in their order.

    Returns:
        Positions (from 0). Every fact that matches a rule named here matches one of its earlier rules as well. A rule
        that is not named here may still be shadowed by many earlier rules together.
    """
    found: dict[int, tuple[int, ...]] = {}
    for index, when in enumerate(conditions):
        earlier = [place for place in range(index) if place not in found]
        one = next((place for place in earlier if includes(conditions[place], when)), None)
        by = (one,) if one is not None else _together(when, earlier, conditions)
        if by:
            found[index] = by
    return found


def _together(when: When, earlier: Sequence[int], conditions: Sequence[When]) -> tuple[int, ...]:
    """Return the rules that include a rule only together, each some of its values; empty when some value is left."""
    values = [len(getattr(when, name)) for name in LISTS if getattr(when, name)] + [
        len(v) for v in when.labels.values()
    ]
    if len(conditions) > MAX_COMPARED or not 1 < prod(values) <= MAX_PARTS:
        return ()
    by = set[int]()
    for part in _parts(when):
        place = next((place for place in earlier if includes(conditions[place], part)), None)
        if place is None:
            return ()
        by.add(place)
    return tuple(sorted(by))


def _parts(when: When) -> Iterator[When]:
    """Return the rule as rules with one value for each condition; together they match the same."""
    listed = {name: values for name in LISTS if (values := getattr(when, name)) is not None}
    labels = list(when.labels)
    for chosen in product(*listed.values(), *(when.labels[name] for name in labels)):
        one: dict[str, Any] = {
            name: (value,) if isinstance(listed[name], tuple) else frozenset({value})
            for name, value in zip(listed, chosen, strict=False)
        }
        tail = chosen[len(listed) :]
        named = {name: frozenset({value}) for name, value in zip(labels, tail, strict=True)}
        yield replace(when, **one, labels=named)


def includes(wide: When, narrow: When) -> bool:
    """Whether every fact that matches the narrow rule surely matches the wide one."""
    return (
        all(_is_among(getattr(narrow, name), getattr(wide, name)) for name in EXACT)
        and _is_below(narrow.category, wide.category, is_in_category)
        and _is_below(narrow.sector, wide.sector, is_in_sector)
        and _is_below(narrow.region, wide.region, _is_region_below)
        and _are_labels_among(narrow.labels, wide.labels)
        and all(_is_among(getattr(narrow, name), getattr(wide, name)) for name in SYSTEM_FACTS)
    )


def _is_among(narrow: Any, wide: Any) -> bool:
    return wide is None or (narrow is not None and narrow <= wide)


def _is_below(narrow: tuple[str, ...] | None, wide: tuple[str, ...] | None, is_in: Any) -> bool:
    if wide is None:
        return True
    return narrow is not None and all(any(is_in(one, other) for other in wide) for one in narrow)


def _is_region_below(narrow: str, wide: str) -> bool:
    if is_region_code(narrow) and is_region_code(wide):
        return region_stem(narrow).startswith(region_stem(wide))
    return narrow == wide


def _are_labels_among(narrow: Mapping[str, frozenset[str]], wide: Mapping[str, frozenset[str]]) -> bool:
    return all(name in narrow and narrow[name] <= values for name, values in wide.items())


def unknown_categories(when: When, known: Collection[str]) -> tuple[str, ...]:
    """Return the categories of a rule that are not known, nor above or below a known one.

    Only an alert of a sender that writes exactly this word matches them.
    """
    return tuple(one for one in when.category or () if not _is_known(one, known))


def _is_known(category: str, known: Collection[str]) -> bool:
    is_above = any(is_in_category(code, category) for code in known)
    return is_above or any(category.startswith((f"{code}/", f"{code}.")) for code in known)
