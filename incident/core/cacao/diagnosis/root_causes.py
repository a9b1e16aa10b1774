"""Root causes among the faults of a document: faults that only follow from another are attached to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from incident.core.cacao.checks.flow import read_flow
from incident.core.cacao.checks.shapes import object_of
from incident.core.cacao.faults import Fault
from incident.core.cacao.values import Json

CLOSE: Final = 0.75
"""Similarity (0 to 1) from which a reference is taken for a slip of the pen of an identifier."""

MOST_COMPARED: Final = 5
"""How many broken references are compared with all identifiers, which takes some 0.1 s each for 2000 steps."""

REFERENCES: Final = frozenset({"dangling_step", "dangling_reference"})
OF_WORKFLOW: Final = frozenset({"no_start", "no_end", "no_action", "dangling_step", "summary_differs"})
CUTTING: Final = frozenset({"unknown_step", "wrong_type", "missing_property", "no_way_on"})


@dataclass(frozen=True, slots=True)
class FaultGroup:
    """A fault to correct, and the faults that are expected to go with it, in their order."""

    root: Fault
    followers: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """The faults under comparison, and what is looked up of them.

    `parts` are the unescaped parts of each pointer; `by_code` are indices of faults; `first` is the first fault that
    says something; `before` are the steps before a step; `meant` are the identifiers that broken references mean;
    `naming` are the faults of steps that name an identifier anywhere.
    """

    faults: Sequence[Fault]
    parts: Sequence[tuple[str, ...]]
    by_code: Mapping[str, Sequence[int]]
    first: Mapping[tuple[str, str], int]
    before: Mapping[str, Sequence[str]]
    meant: Mapping[int, str | None]
    naming: Mapping[str, Sequence[int]]

    def of(self, *codes: str) -> Iterator[int]:
        """Yield the indices of the faults of some codes."""
        for code in codes:
            yield from self.by_code.get(code, ())


def group_faults(document: Any, faults: Sequence[Fault]) -> list[FaultGroup]:
    """Attach each fault that only follows from another to its root cause; errors come first.

    Args:
        document: the document that was checked.
        faults: all its faults, as `check` returns them.
    """
    ordered = sorted(faults, key=lambda fault: not fault.is_error)
    case = _case_of(document if isinstance(document, dict) else {}, ordered)
    parents = [_parent(case, index) for index in range(len(ordered))]
    followers: dict[int, list[Fault]] = {}
    for index, fault in enumerate(ordered):
        root = _root(parents, index)
        if root == index:
            followers.setdefault(index, [])
        else:
            followers.setdefault(root, []).append(fault)
    return [FaultGroup(ordered[root], tuple(found)) for root, found in sorted(followers.items())]


def meant_by(document: Json, fault: Fault) -> str | None:
    """Return the identifier that a broken reference most likely means, None when no one is close."""
    if fault.code not in REFERENCES:
        return None
    wanted = _reference(fault)
    holders = ("workflow",) if fault.code == "dangling_step" else _DEFINITIONS
    kind = wanted.partition("--")[0]
    known = [key for holder in holders for key in object_of(document, holder)]
    near = get_close_matches(wanted, [key for key in known if key.partition("--")[0] == kind], 1, CLOSE)
    near = near or get_close_matches(wanted, known, 1, CLOSE)
    return near[0] if near else None


_DEFINITIONS: Final = (
    "agent_definitions",
    "target_definitions",
    "authentication_info_definitions",
    "data_marking_definitions",
)


def _case_of(document: Json, faults: Sequence[Fault]) -> _Case:
    parts = [_parts(fault.pointer) for fault in faults]
    by_code: dict[str, list[int]] = {}
    first: dict[tuple[str, str], int] = {}
    for index, fault in enumerate(faults):
        by_code.setdefault(fault.code, []).append(index)
        if not _is_definition(fault, parts[index]):
            first.setdefault(_saying(fault), index)
    is_cut = "unreachable_step" in by_code
    before = _steps_before(document) if is_cut else {}
    dangling = by_code.get("dangling_step", [])[:MOST_COMPARED] if is_cut else []
    meant = {index: meant_by(document, faults[index]) for index in dangling}
    naming = _naming(document, faults, parts) if is_cut else {}
    return _Case(faults, parts, by_code, first, before, meant, naming)


def _steps_before(document: Json) -> dict[str, list[str]]:
    before: dict[str, list[str]] = {}
    for edges in read_flow(document)[0].edges.values():
        for edge in edges:
            before.setdefault(edge.target, []).append(edge.source)
    return before


def _naming(document: Json, faults: Sequence[Fault], parts: Sequence[tuple[str, ...]]) -> dict[str, list[int]]:
    """Return the faults of steps whose references are not followed, by the texts in these steps."""
    workflow = object_of(document, "workflow")
    found: dict[str, list[int]] = {}
    for index, fault in enumerate(faults):
        place = parts[index]
        if fault.code in CUTTING and len(place) > 1 and place[0] == "workflow":
            for text in _texts(workflow.get(place[1])):
                found.setdefault(text, []).append(index)
    return found


def _texts(holder: Any) -> Iterator[str]:
    stack = [holder]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            yield value
        stack.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())


def _parts(pointer: str) -> tuple[str, ...]:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _root(parents: Sequence[int | None], index: int) -> int:
    """Follow the causes to the first one; of causes in a circle the earliest is the root."""
    seen = [index]
    while (parent := parents[seen[-1]]) is not None:
        if parent in seen:
            return min(seen[seen.index(parent) :])
        seen.append(parent)
    return seen[-1]


def _parent(case: _Case, index: int) -> int | None:
    """Return the fault from which this one follows; a remark is never the cause of an error."""
    fault = case.faults[index]
    for rule in _RULES:
        for cause in rule(case, index):
            if cause != index and (case.faults[cause].is_error or not fault.is_error):
                return cause
    return None


def _earlier_version(case: _Case, index: int) -> Iterator[int]:
    return case.of("earlier_version")


def _same_elsewhere(case: _Case, index: int) -> Iterator[int]:
    """Yield the first fault that says the same of another place."""
    fault = case.faults[index]
    if fault.args and not _is_definition(fault, case.parts[index]):
        yield case.first[_saying(fault)]


def _saying(fault: Fault) -> tuple[str, str]:
    """Return what a fault says, wherever it is."""
    if fault.code in REFERENCES:
        return "reference", _reference(fault)
    return f"{fault.severity} {fault.code}", repr(sorted(fault.args.items()))


def _reference(fault: Fault) -> str:
    return str(fault.args.get("step") or fault.args.get("id") or "")


def _is_definition(fault: Fault, place: tuple[str, ...]) -> bool:
    """Whether a malformed identifier is that of the object itself, not a reference to one."""
    return fault.code == "bad_identifier" and len(place) == 2 and place[-1] == fault.args.get("found")


def _malformed_name(case: _Case, index: int) -> Iterator[int]:
    """Yield the malformed name of a definition, for faults of references to it."""
    fault = case.faults[index]
    if fault.code == "bad_identifier":
        wanted = fault.args.get("found")
        definitions = (one for one in case.of("bad_identifier") if _is_definition(case.faults[one], case.parts[one]))
        yield from (one for one in definitions if case.faults[one].args["found"] == wanted)
    elif fault.code in ("variable_undeclared", "bad_variable_name"):
        bare = str(fault.args["name"]).strip("_$")
        for one in case.of("bad_variable_name"):
            if "playbook_variables" in case.parts[one] and case.parts[one][-1].strip("_$") == bare:
                yield one


def _of_whole_workflow(case: _Case, index: int) -> Iterator[int]:
    """Yield faults of the workflow as a whole: without one, nothing in it can be found."""
    if case.faults[index].code not in OF_WORKFLOW:
        return
    yield from (one for one in case.of("missing_property") if case.faults[one].args["name"] == "workflow")
    yield from (one for one in case.of("wrong_type") if case.faults[one].pointer == "/workflow")


def _around(case: _Case, index: int) -> Iterator[int]:
    """Yield faults of the form of the objects around this one, and of the object itself."""
    place = case.parts[index]
    for one in case.of("wrong_type"):
        holder = case.parts[one]
        if place[: len(holder)] == holder:
            yield one


def _circle(case: _Case, index: int) -> Iterator[int]:
    """Yield the circle that a reference closes, for what else is wrong with this reference."""
    if case.faults[index].code in ("step_shared", "end_shared", "start_referenced"):
        yield from (one for one in case.of("cycle") if case.faults[one].pointer == case.faults[index].pointer)


def _misspelt_type(case: _Case, index: int) -> Iterator[int]:
    """Yield the unknown type of a step, for what it hides: its identifier, its branches, the kinds of steps."""
    fault, place = case.faults[index], case.parts[index]
    for one in case.of("unknown_step"):
        if case.parts[one][:2] == place[:2] or fault.code in OF_WORKFLOW - REFERENCES:
            yield one


def _misspelt_property(case: _Case, index: int) -> Iterator[int]:
    """Yield the missing property that an unknown one of the same object was meant to be."""
    fault = case.faults[index]
    if fault.code != "unknown_property":
        return
    holder, name = case.parts[index][:-1], str(fault.args["name"])[:100]
    for one in case.of("missing_property", "no_way_on"):
        other = case.faults[one]
        wanted = [str(other.args["name"])] if "name" in other.args else ["on_completion", "on_success"]
        if case.parts[one] == holder and get_close_matches(name, wanted, 1, CLOSE):
            yield one


def _broken_way(case: _Case, index: int) -> Iterator[int]:
    """Yield what cut an unreachable step off: the step before it, a broken reference, a step that leads nowhere."""
    if case.faults[index].code != "unreachable_step":
        return
    step = str(case.faults[index].args["step"])
    before = set(case.before.get(step, ()))
    yield from (one for one in case.of("unreachable_step") if case.faults[one].args["step"] in before)
    yield from (one for one, meant in case.meant.items() if meant == step)
    yield from case.naming.get(step, ())
    yield from case.of("dangling_step", "start_of_other_type")
    yield from _leading_nowhere(case)


def _leading_nowhere(case: _Case) -> Iterator[int]:
    """Yield steps that lead nowhere although they are reached; others are cut off themselves."""
    cut_off = {case.faults[one].args["step"] for one in case.of("unreachable_step")}
    for one in case.of("no_way_on", "unknown_step", "missing_property", "scope_ends"):
        place = case.parts[one]
        if len(place) > 1 and place[0] == "workflow" and place[1] not in cut_off:
            yield one


_RULES: Final[tuple[Callable[[_Case, int], Iterator[int]], ...]] = (
    _earlier_version,
    _malformed_name,
    _same_elsewhere,
    _of_whole_workflow,
    _around,
    _circle,
    _misspelt_type,
    _misspelt_property,
    _broken_way,
)
