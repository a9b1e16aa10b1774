"""The values worth trying for a variable: those that some condition or switch of the playbooks tells apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from itertools import pairwise

from incident.core.cacao.automaton import Pattern
from incident.core.cacao.condition_reading import PATTERNS, Comparison, Condition, Joined, Node
from incident.core.cacao.conditions import equal_as, holds
from incident.core.cacao.model import Bundle, Step
from incident.core.cacao.simulation.witness import witness
from incident.core.cacao.variables import ADDRESSES, NUMERIC, Mistyped, conform

USUAL = {
    "bool": ("true", "false"),
    "dictionary": ("{}",),
    "float": ("0",),
    "hash": ("00",),
    "hexstring": ("00",),
    "integer": ("0",),
    "ipv4-addr": ("192.0.2.1", "198.51.100.1", "203.0.113.1"),
    "ipv6-addr": ("2001:db8::1", "2001:db8:1::1", "3fff::1"),
    "long": ("0",),
    "mac-addr": ("00:00:5e:00:53:01",),
    "md5-hash": ("0" * 32,),
    "sha256-hash": ("0" * 64,),
    "uri": ("https://example.org/",),
    "uuid": ("00000000-0000-4000-8000-000000000000",),
}


class Samples:
    """Values by variable, each standing for all that every comparison judges alike."""

    def __init__(self, bundle: Bundle) -> None:
        self._comparisons: dict[str, list[Comparison]] = {}
        self._cases: dict[str, list[str]] = {}
        self._others: dict[str, set[str]] = {}
        self._found: dict[tuple[str, str], tuple[str, ...]] = {}
        for playbook in (bundle.main, *bundle.called.values()):
            for step in playbook.steps.values():
                self._look_at(step)

    def of(self, name: str, kind: str) -> tuple[str, ...]:
        """Return the values worth trying for a variable of a type, at least one."""
        if (name, kind) not in self._found:
            self._found[name, kind] = tuple(self._told_apart(name, kind))
        return self._found[name, kind]

    def _look_at(self, step: Step) -> None:
        if step.switch:
            self._cases.setdefault(step.switch, []).extend(one.label for one in step.branches if one.label != "default")
        for comparison in _comparisons(step.condition):
            names = {one.text for one in (comparison.left, *comparison.right) if one.is_variable}
            for name in names:
                self._comparisons.setdefault(name, []).append(comparison)
                self._others.setdefault(name, set()).update(names - {name})

    def _told_apart(self, name: str, kind: str) -> Iterator[str]:
        seen: set[tuple[bool, ...]] = set()
        for value in dict.fromkeys(self._candidates(name, kind)):
            verdicts = tuple(self._verdicts(name, kind, value))
            # Against another variable every value may count.
            if self._others.get(name) or verdicts not in seen:
                seen.add(verdicts)
                yield value

    def _verdicts(self, name: str, kind: str, value: str) -> Iterator[bool]:
        for case in self._cases.get(name, ()):
            yield value != "" and equal_as(kind, value, case)
        for comparison in self._comparisons.get(name, ()):
            condition = Condition("", comparison, (name,))
            if not any(one.is_variable and one.text != name for one in (comparison.left, *comparison.right)):
                yield holds(condition, lambda _: (kind, value)).is_true

    def _candidates(self, name: str, kind: str) -> Iterator[str]:
        literals = [
            *self._literals(name),
            *(one for other in self._others.get(name, ()) for one in self._literals(other)),
        ]
        for value in (*_around(kind, literals), *self._matching(name), *USUAL.get(kind, ()), _another(literals), ""):
            if _fits(kind, value):
                yield value

    def _literals(self, name: str) -> list[str]:
        found = list(self._cases.get(name, ()))
        for comparison in self._comparisons.get(name, ()):
            if comparison.operator not in PATTERNS:
                found += [one.text for one in (comparison.left, *comparison.right) if not one.is_variable]
        return found

    def _matching(self, name: str) -> Iterator[str]:
        patterns: list[Pattern] = [one.pattern for one in self._comparisons.get(name, ()) if one.pattern]
        for pattern in patterns:
            found = witness(pattern)
            if found is not None:
                yield found


def _comparisons(condition: Condition | None) -> Iterator[Comparison]:
    stack: list[Node] = [] if condition is None else [condition.root]
    while stack:
        node = stack.pop()
        if isinstance(node, Joined):
            stack.extend(reversed(node.parts))
        else:
            yield node


def _around(kind: str, literals: Iterable[str]) -> Iterator[str]:
    """Yield the literals that fit a type and, for numbers and networks, what lies around them."""
    fitting = [one for one in literals if _fits(kind, one)]
    yield from fitting
    if kind in ("integer", "long"):
        for number in map(int, filter(None, fitting)):
            yield from (str(number - 1), str(number + 1))
    elif kind in NUMERIC:
        yield from map(str, _between(sorted(map(float, filter(None, fitting)))))
    elif kind in ADDRESSES:
        for network in (ip_network(one.strip(), strict=False) for one in filter(None, fitting)):
            yield from (str(network.network_address), str(network.broadcast_address), str(network.supernet()))


def _between(numbers: list[float]) -> Iterator[float]:
    if numbers:
        yield from (numbers[0] - 1, numbers[-1] + 1)
    yield from ((one + other) / 2 for one, other in pairwise(numbers))


def _another(literals: Iterable[str]) -> str:
    """Return a text that is none of the literals."""
    taken = set(literals)
    name = "other"
    while name in taken:
        name += "x"
    return name


def _fits(kind: str, value: str) -> bool:
    try:
        conform(kind, value)
    except Mistyped:
        return False
    return True
