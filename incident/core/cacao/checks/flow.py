"""Checks of the control flow: start, references, cycles, branches, ends (sections 4.1 to 4.10, P5, P15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from incident.core.cacao.checks.shapes import Path, object_of, text_of, texts_of
from incident.core.cacao.faults import Fault, error, pointer, warning
from incident.core.cacao.values import Json
from incident.core.cacao.vocabulary import BRANCHING_STEPS

CLAUSE = "CACAO 2.0 section 4"
EXCEPTION = "!"
_DONE = -1


class Edge(NamedTuple):
    """A reference from one step to another; `path` is its place below the step, `is_branch` whether it opens one."""

    source: str
    target: str
    path: Path
    is_branch: bool


@dataclass
class Flow:
    """The control flow: the edges of each step, the line of each step, and an order without cycles.

    A line is (opener, first step): the main line has no opener, that of workflow_exception has `!`.
    """

    edges: Mapping[str, list[Edge]]
    line_of: dict[str, tuple[str, str]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    is_acyclic: bool = True


def read_flow(document: Json) -> tuple[Flow, list[Fault]]:
    """Follow every reference of a workflow and record its faults."""
    workflow = object_of(document, "workflow")
    edges = {key: list(edges_of(key, step)) for key, step in workflow.items()}
    flow = Flow(edges)
    faults = list(_start_faults(document, workflow))
    faults += _dangling_faults(document, flow)
    faults += _cycle_faults(flow)
    faults += _line_faults(document, workflow, flow)
    for key, step in workflow.items():
        faults += _outgoing_faults(key, step)
    return flow, faults


def edges_of(key: str, step: Any) -> Iterator[Edge]:
    """Yield the references of a step to others, valid and broken ones."""
    for name in ("on_completion", "on_success", "on_failure"):
        if target := text_of(step, name):
            yield Edge(key, target, (name,), False)
    kind = text_of(step, "type")
    if kind in ("if-condition", "while-condition"):
        for name in ("on_true", "on_false")[: 2 if kind == "if-condition" else 1]:
            if target := text_of(step, name):
                yield Edge(key, target, (name,), True)
    elif kind == "parallel":
        for index, target in texts_of(step, "next_steps"):
            yield Edge(key, target, ("next_steps", index), True)
    elif kind == "switch-condition":
        for label, target in object_of(step, "cases").items():
            if isinstance(target, str):
                yield Edge(key, target, ("cases", label), True)


def _place(edge: Edge) -> str:
    return pointer("workflow", edge.source, *edge.path)


def _start_faults(document: Json, workflow: Json) -> Iterator[Fault]:
    start = text_of(document, "workflow_start")
    starts = [key for key, step in workflow.items() if text_of(step, "type") == "start"]
    if "workflow" not in document:
        return
    if not starts:
        yield error("no_start", "/workflow", "CACAO 2.0 section 4.3")
    for key in starts[1:] if start not in starts else [key for key in starts if key != start]:
        yield error("several_starts", pointer("workflow", key), "CACAO 2.0 section 4.3", step=key)
    if start is not None and start in workflow and start not in starts:
        kind = text_of(workflow[start], "type")
        yield error("start_of_other_type", "/workflow_start", "CACAO 2.0 section 3.1", step=start, type=kind)
    kinds = {text_of(step, "type") for step in workflow.values()}
    if not kinds & {"action", "playbook-action"}:
        yield warning("no_action", "/workflow", "CACAO 2.0 section 3.1")
    if "end" not in kinds:
        yield error("no_end", "/workflow", "CACAO 2.0 section 4.4")


def _dangling_faults(document: Json, flow: Flow) -> Iterator[Fault]:
    for name in ("workflow_start", "workflow_exception"):
        target = text_of(document, name)
        if target is not None and target not in flow.edges:
            yield error("dangling_step", f"/{name}", "CACAO 2.0 section 3.1", step=target)
    start = text_of(document, "workflow_start")
    for edges in flow.edges.values():
        for edge in edges:
            if edge.target not in flow.edges:
                yield error("dangling_step", _place(edge), CLAUSE, step=edge.target)
            elif edge.target == start:
                yield error("start_referenced", _place(edge), "CACAO 2.0 section 4.3", step=edge.target)


def _cycle_faults(flow: Flow) -> Iterator[Fault]:
    """Walk all references depth first, without recursion; a reference back into the walk closes a cycle (P15)."""
    state: dict[str, int] = {}
    for root in flow.edges:
        if root not in state:
            yield from _walk(flow, root, state)
    flow.order.reverse()


def _walk(flow: Flow, root: str, state: dict[str, int]) -> Iterator[Fault]:
    path = [root]
    stack = [iter(flow.edges[root])]
    state[root] = 0
    while stack:
        edge = next(stack[-1], None)
        if edge is None:
            stack.pop()
            state[path[-1]] = _DONE
            flow.order.append(path.pop())
        elif edge.target not in flow.edges:
            continue
        elif edge.target not in state:
            state[edge.target] = len(path)
            path.append(edge.target)
            stack.append(iter(flow.edges[edge.target]))
        elif state[edge.target] != _DONE:
            flow.is_acyclic = False
            at = state[edge.target]
            yield error("cycle", _place(edge), "P15", steps=path[at : at + 10], count=len(path) - at)


def _line_faults(document: Json, workflow: Json, flow: Flow) -> Iterator[Fault]:
    """Assign each step to its line; a step in two lines is a fault, and so is an unreachable one."""
    waiting: list[tuple[str, tuple[str, str], str]] = []
    exception, start = text_of(document, "workflow_exception"), text_of(document, "workflow_start")
    if exception is not None and exception in workflow:
        waiting.append((exception, (EXCEPTION, exception), "/workflow_exception"))
    if start is not None and start in workflow:
        waiting.append((start, ("", start), "/workflow_start"))
    blamed: set[str] = set()
    while waiting:
        head, line, place = waiting.pop()
        yield from _follow(workflow, flow, head, line, place, waiting, blamed)
    if start is None or start not in workflow:
        return
    for key in workflow:
        if key not in flow.line_of:
            yield error("unreachable_step", pointer("workflow", key), CLAUSE, step=key)


def _follow(
    workflow: Json,
    flow: Flow,
    head: str,
    line: tuple[str, str],
    place: str,
    waiting: list[tuple[str, tuple[str, str], str]],
    blamed: set[str],
) -> Iterator[Fault]:
    """Follow one line from its first step, and queue the lines that its steps open."""
    stack = [(head, place)]
    while stack:
        key, place = stack.pop()
        known = flow.line_of.get(key)
        if known is not None:
            if known != line and key not in blamed and not _is_shared_end(workflow, key, known, line):
                blamed.add(key)
                yield _shared(workflow, key, place)
            continue
        flow.line_of[key] = line
        opened: set[str] = set()
        for edge in reversed(flow.edges[key]):
            if edge.target not in flow.edges:
                continue
            if not edge.is_branch:
                stack.append((edge.target, _place(edge)))
            elif edge.target not in opened:
                opened.add(edge.target)
                waiting.append((edge.target, (key, edge.target), _place(edge)))
        if len(opened) < sum(edge.is_branch for edge in flow.edges[key]):
            yield from _doubled_branches(workflow, flow.edges[key])


def _is_shared_end(workflow: Json, key: str, known: tuple[str, str], line: tuple[str, str]) -> bool:
    """Whether a step is the main end that the exception may use too (P2)."""
    return text_of(workflow[key], "type") == "end" and {known[0], line[0]} == {"", EXCEPTION}


def _shared(workflow: Json, key: str, place: str) -> Fault:
    is_end = text_of(workflow[key], "type") == "end"
    return error("end_shared" if is_end else "step_shared", place, "CACAO 2.0 section 4.4", step=key)


def _doubled_branches(workflow: Json, edges: list[Edge]) -> Iterator[Fault]:
    """Yield faults of shared branches: two cases of a switch may share one, parallel branches may not."""
    if text_of(workflow[edges[0].source], "type") != "parallel":
        return
    seen: set[str] = set()
    for edge in edges:
        if edge.is_branch and edge.target in seen:
            yield error("branch_twice", _place(edge), "CACAO 2.0 section 4.7", step=edge.target)
        seen.add(edge.target)


def _outgoing_faults(key: str, step: Any) -> Iterator[Fault]:
    kind = text_of(step, "type")
    has = [name for name in ("on_completion", "on_success", "on_failure") if isinstance(step, dict) and name in step]
    if kind == "end" or (kind == "start" and set(has) - {"on_completion"}):
        for name in has if kind == "end" else set(has) - {"on_completion"}:
            code = "end_leads_on" if kind == "end" else "start_may_fail"
            yield error(code, pointer("workflow", key, name), CLAUSE, step=key, name=name)
    elif "on_completion" in has and len(has) > 1:
        yield error("completion_mixed", pointer("workflow", key), "CACAO 2.0 section 4.1", step=key)
    if kind not in ("end", None) and not {"on_completion", "on_success"} & set(has):
        is_scope_end = kind in BRANCHING_STEPS
        make, code = (warning, "scope_ends") if is_scope_end else (error, "no_way_on")
        yield make(code, pointer("workflow", key), "P15", step=key)
