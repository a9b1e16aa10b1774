"""Checks of variables: values, declarations, uses, assignments, conditions (10.18, P7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from incident.core.cacao.checks.flow import Flow
from incident.core.cacao.checks.shapes import Path, object_of, text_of, texts_of
from incident.core.cacao.engine.conditions import ConditionFault, parse_condition, quoted_references, type_faults
from incident.core.cacao.faults import Fault, error, pointer, warning
from incident.core.cacao.substitution import REFERENCE, names_in
from incident.core.cacao.values import Json
from incident.core.cacao.variables import KNOWN_TYPES, NAME, Mistyped, conform

CLAUSE = "CACAO 2.0 section 10.18"


def variable_faults(document: Json, flow: Flow) -> Iterator[Fault]:
    """Return the faults of the variables of a playbook."""
    declared = object_of(document, "playbook_variables")
    yield from _declaration_faults(declared, ("playbook_variables",), is_global=True)
    view = _View(document, flow)
    for key, step in object_of(document, "workflow").items():
        if isinstance(step, dict):
            own = object_of(step, "step_variables")
            yield from _declaration_faults(own, ("workflow", key, "step_variables"), is_global=False)
            yield from _use_faults(view, key, step)


def _declaration_faults(declared: Json, path: Path, is_global: bool) -> Iterator[Fault]:
    for name, body in declared.items():
        kind = text_of(body, "type")
        if kind is None:
            continue
        place = (*path, name)
        if kind not in KNOWN_TYPES:
            yield warning("unknown_variable_type", pointer(*place, "type"), f"{CLAUSE}.4", found=kind[:60])
        if body.get("external") is True and not is_global:
            yield warning("external_in_step", pointer(*place, "external"), CLAUSE, name=name)
        yield from _value_faults(kind, body.get("value"), (*place, "value"))


def _value_faults(kind: str, value: Any, path: Path) -> Iterator[Fault]:
    if isinstance(value, (bool, int, float)):
        yield warning("value_not_string", pointer(*path), f"{CLAUSE}.3", value=value)
    try:
        conform(kind, value)
    except Mistyped:
        yield error("value_mistyped", pointer(*path), f"{CLAUSE}.4", names=[path[-2]], type=kind)


class _View:
    """The declarations that each step can see, as bit sets: fast for thousands of steps and variables."""

    def __init__(self, document: Json, flow: Flow) -> None:
        self._bits: dict[str, int] = {}
        self._global = object_of(document, "playbook_variables")
        self._steps: Mapping[str, Any] = object_of(document, "workflow")
        self._flow = flow
        self._before: dict[str, int] = dict.fromkeys(self._steps, 0)
        self._around: dict[str, int] = dict.fromkeys(self._steps, 0)
        self._by_name: dict[str, list[Json]] = {}
        self._references: dict[tuple[str, str], tuple[str, ...]] = {}
        for holder in (self._global, *(object_of(step, "step_variables") for step in self._steps.values())):
            for name in holder:
                self._by_name.setdefault(name, []).append(object_of(holder, name))
        self._document = document
        for key in flow.order:
            self._spread(key)

    def _own(self, key: str) -> int:
        return self._mask(object_of(self._steps[key], "step_variables"))

    def _mask(self, names: Iterable[str]) -> int:
        mask = 0
        for name in names:
            mask |= 1 << self._bits.setdefault(name, len(self._bits))
        return mask

    def _spread(self, key: str) -> None:
        """Propagate the declarations that a step sees to the steps that it opens and to those that follow it."""
        own = self._own(key)
        for edge in self._flow.edges[key]:
            if edge.target not in self._steps:
                continue
            self._before[edge.target] |= self._before[key] | own
            if edge.is_branch:
                self._around[edge.target] |= self._around[key] | own
            else:
                self._around[edge.target] |= self._around[key]

    def sight_of(self, key: str, name: str) -> str:
        """Return how a step sees a name: "declared", declared only by an "earlier" step, or "not" at all."""
        if name in self._global or name in object_of(self._steps[key], "step_variables"):
            return "declared"
        if name not in self._bits:
            return "not"
        bit = 1 << self._bits[name]
        if self._around[key] & bit:
            return "declared"
        return "earlier" if self._before[key] & bit else "not"

    def declarations(self, key: str, name: str) -> list[Json]:
        """Return the declarations that a name may refer to at a step: its own, else all of that name."""
        own = object_of(self._steps[key], "step_variables")
        return [object_of(own, name)] if name in own else self._by_name.get(name, [])

    def names_of(self, holder: str, key: str) -> tuple[str, ...]:
        """Return the variables that an agent or a target refers to."""
        if (holder, key) not in self._references:
            self._references[holder, key] = names_in(object_of(self._document, holder).get(key))
        return self._references[holder, key]


def _use_faults(view: _View, key: str, step: Json) -> Iterator[Fault]:
    path: Path = ("workflow", key)
    for place, names in _uses(view, step, path):
        for name in names:
            yield from _sight_faults(view, key, name, place)
    yield from _argument_faults(view, key, step, path)
    if text_of(step, "type") in ("if-condition", "while-condition"):
        yield from _condition_faults(view, key, step, (*path, "condition"))
    elif text_of(step, "type") == "switch-condition":
        yield from _switch_faults(view, key, step, path)


def _uses(view: _View, step: Json, path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Yield the places of a step, its agent and its targets that refer to variables."""
    commands = step.get("commands")
    for index, command in enumerate(commands if isinstance(commands, list) else ()):
        yield (*path, "commands", index), names_in(command)
    agent = text_of(step, "agent")
    if agent is not None:
        yield (*path, "agent"), view.names_of("agent_definitions", agent)
    for index, target in texts_of(step, "targets"):
        yield (*path, "targets", index), view.names_of("target_definitions", target)


def _sight_faults(view: _View, key: str, name: str, place: Path) -> Iterator[Fault]:
    sight = view.sight_of(key, name)
    if sight == "not":
        yield error("variable_undeclared", pointer(*place), CLAUSE, name=name)
    elif sight == "earlier":
        yield warning("variable_from_earlier", pointer(*place), f"{CLAUSE}.1", name=name)


def _argument_faults(view: _View, key: str, step: Json, path: Path) -> Iterator[Fault]:
    if text_of(step, "type") not in ("action", "playbook-action"):
        return
    for list_name in ("in_args", "out_args"):
        for index, name in texts_of(step, list_name):
            place = (*path, list_name, index)
            if not NAME.match(name):
                yield error("bad_variable_name", pointer(*place), CLAUSE, name=name[:100])
                continue
            yield from _sight_faults(view, key, name, place)
            if list_name == "out_args" and any(one.get("constant") is True for one in view.declarations(key, name)):
                yield error("constant_assigned", pointer(*place), CLAUSE, name=name)


def _condition_faults(view: _View, key: str, step: Json, path: Path) -> Iterator[Fault]:
    text = text_of(step, "condition")
    if text is None:
        return
    try:
        condition = parse_condition(text)
    except ConditionFault as problem:
        yield error(problem.code, pointer(*path), "P7", **problem.args_by_name)
        return
    for name in condition.variables:
        yield from _sight_faults(view, key, name, path)
    for quoted in quoted_references(condition):
        found = REFERENCE.search(quoted.text)
        if found is not None:
            yield warning("condition_quoted", pointer(*path), "P7", column=quoted.column, found=found.group())
    for fault in type_faults(condition, {name: _type_of(view, key, name) for name in condition.variables}):
        yield error(fault.code, pointer(*path), "P7", **fault.args_by_name)


def _type_of(view: _View, key: str, name: str) -> str:
    """Return the type of a name when all its declarations agree; text fits everything."""
    kinds = {text_of(one, "type") or "string" for one in view.declarations(key, name)}
    return kinds.pop() if len(kinds) == 1 else "string"


def _switch_faults(view: _View, key: str, step: Json, path: Path) -> Iterator[Fault]:
    text = text_of(step, "switch")
    if text is None:
        return
    name = text.removesuffix(":value")
    if not NAME.match(name):
        yield error("bad_variable_name", pointer(*path, "switch"), "CACAO 2.0 section 4.10", name=text[:100])
        return
    yield from _sight_faults(view, key, name, (*path, "switch"))
    kind = _type_of(view, key, name)
    for label in object_of(step, "cases"):
        if label != "default" and not _fits(kind, label):
            yield warning("case_mistyped", pointer(*path, "cases", label), "P8", label=label, type=kind)


def _fits(kind: str, label: str) -> bool:
    try:
        conform(kind, label)
    except Mistyped:
        return False
    return True
