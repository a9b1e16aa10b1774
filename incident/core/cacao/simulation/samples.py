"""Sample values of a variable: one for each case that conditions or switches of the playbooks distinguish."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network
from itertools import pairwise

from incident.core.cacao.engine.condition_reading import PATTERNS, Comparison, Condition, Joined, Node
from incident.core.cacao.engine.conditions import equal_as, evaluate
from incident.core.cacao.engine.ordering import is_for_machine
from incident.core.cacao.model import Playbook, PlaybookBundle, Profile, Step
from incident.core.cacao.simulation.string_witness import witness
from incident.core.cacao.values import Value
from incident.core.cacao.variables import ADDRESSES, NUMERIC, Mistyped, as_text, conform

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


@dataclass(frozen=True, slots=True)
class _Looks:
    """All uses of one variable.

    `alone` are conditions on it and nothing else; `shared` comparisons out of conditions on several variables; `others`
    the variables that it is compared with; `declared` its values at the start; `used` the steps that need a known
    value.
    """

    alone: list[Condition] = field(default_factory=list)
    shared: list[Comparison] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)
    others: set[str] = field(default_factory=set)
    declared: list[Value] = field(default_factory=list)
    used: list[str] = field(default_factory=list)

    @property
    def comparisons(self) -> Iterator[Comparison]:
        """All comparisons with it."""
        for condition in self.alone:
            yield from _comparisons(condition)
        yield from self.shared


class Samples:
    """Values by variable, each representing all values that every condition and switch treats alike."""

    def __init__(self, bundle: PlaybookBundle, profile: Profile) -> None:
        self._looks: dict[str, _Looks] = {}
        self._found: dict[tuple[str, str], tuple[str | None, ...]] = {}
        for playbook in (bundle.main, *bundle.called.values()):
            for variable in playbook.variables.values():
                self._at(variable.name).declared.append(variable.value)
            for step in playbook.steps.values():
                self._look_at(step)
                for name in needed(playbook, step, profile):
                    self._at(name).used.append(step.id)

    def of(self, name: str, kind: str) -> tuple[str, ...]:
        """Return the sample values of a variable of a type, at least one."""
        return tuple(value for value in self.with_unknown(name, kind) if value is not None)

    def with_unknown(self, name: str, kind: str) -> tuple[str | None, ...]:
        """Return the same, with None at the end where an unknown value makes a difference to all of them."""
        if (name, kind) not in self._found:
            self._found[name, kind] = tuple(self._told_apart(name, kind))
        return self._found[name, kind]

    def _at(self, name: str) -> _Looks:
        return self._looks.setdefault(name, _Looks())

    def _look_at(self, step: Step) -> None:
        if step.switch:
            self._at(step.switch).cases.extend(one.label for one in step.branches if one.label != "default")
        if step.condition is None:
            return
        if len(step.condition.variables) == 1:
            self._at(step.condition.variables[0]).alone.append(step.condition)
            return
        for comparison in _comparisons(step.condition):
            names = {one.text for one in (comparison.left, *comparison.right) if one.is_variable}
            for name in names:
                self._at(name).shared.append(comparison)
                self._at(name).others.update(names - {name})

    def _told_apart(self, name: str, kind: str) -> Iterator[str | None]:
        looks = self._at(name)
        seen: set[tuple[bool, ...]] = set()
        for value in (*dict.fromkeys(self._candidates(looks, kind)), None):
            verdicts = tuple(_verdicts(looks, kind, value))
            # Compared with another variable, every value may matter.
            if looks.others or verdicts not in seen:
                seen.add(verdicts)
                yield value

    def _candidates(self, looks: _Looks, kind: str) -> Iterator[str]:
        literals = list(_literals(looks))
        literals += (one for other in sorted(looks.others) for one in _literals(self._at(other)))
        matching = (witness(one.pattern) for one in looks.comparisons if one.pattern)
        declared = (as_text(value) for value in looks.declared if value is not None)
        usual = USUAL.get(kind, ())
        for value in (*_around(kind, literals), *matching, *usual, _another(literals), "", *declared):
            if value is not None and _fits(kind, value):
                yield value


def needed(playbook: Playbook, step: Step, profile: Profile) -> Iterator[str]:
    """Yield the variables whose values a step needs: those in a machine command, and those passed on (P16)."""
    if step.type == "playbook-action":
        yield from step.in_args
    if any(is_for_machine(playbook, step, command, profile) for command in step.commands):
        for one in (playbook.agents.get(step.agent or ""), *map(playbook.targets.get, step.targets), *step.commands):
            yield from one.names if one else ()


def _verdicts(looks: _Looks, kind: str, value: str | None) -> Iterator[bool]:
    for case in looks.cases:
        yield bool(value) and equal_as(kind, value or "", case)
    for condition in looks.alone:
        yield evaluate(condition, lambda _: (kind, value)).is_true
    for comparison in looks.shared:
        names = {one.text for one in (comparison.left, *comparison.right) if one.is_variable}
        if len(names) == 1:
            yield evaluate(Condition("", comparison, tuple(names)), lambda _: (kind, value)).is_true
    yield value is None and bool(looks.shared or looks.used)


def _literals(looks: _Looks) -> Iterator[str]:
    yield from looks.cases
    for comparison in looks.comparisons:
        if comparison.operator not in PATTERNS:
            yield from (one.text for one in (comparison.left, *comparison.right) if not one.is_variable)


def _comparisons(condition: Condition | None) -> Iterator[Comparison]:
    stack: list[Node] = [] if condition is None else [condition.root]
    while stack:
        node = stack.pop()
        if isinstance(node, Joined):
            stack.extend(reversed(node.parts))
        else:
            yield node


def _around(kind: str, literals: Iterable[str]) -> Iterator[str]:
    """Yield the literals that fit a type and, for numbers and networks, their neighbours."""
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
    """Return a text that differs from all literals."""
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
