"""Gives each branch its own steps and end, and each branching step a next step (sections 4.4 to 4.10).

Steps that two branches share after an if are intended to follow it, so they are moved there. Other shared steps are
copied where a copy cannot change the behaviour of a run.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from incident.core.cacao.checks.flow import Edge, read_flow
from incident.core.cacao.checks.shapes import text_of
from incident.core.cacao.fixing.draft import Draft, place_of
from incident.core.cacao.fixing.lines import StepLine, StepLines
from incident.core.cacao.values import Json
from incident.core.cacao.vocabulary import BRANCHING_STEPS, MAX_STEPS

# More changes of the structure than this are not a slip of a tool but another understanding of branches.
MAX_ROUNDS = 500


def fix_branches(draft: Draft) -> None:
    """Repair the ends of branches; a workflow with a cycle is not changed."""
    if not read_flow(draft.document)[0].is_acyclic:
        return
    for _ in range(MAX_ROUNDS):
        lines = StepLines(draft)
        if not (_move_tail(draft, lines) or _copy_shared(draft, lines) or _split_ends(draft, lines)):
            break
    _lead_on(draft)


def _move_tail(draft: Draft, lines: StepLines) -> bool:
    """Move the steps that the branches of a step share after that step; True when something was changed."""
    for key in lines.openers():
        branches = list(lines.branches_of(key).values())
        tail = _tail_of(lines, key, branches)
        if tail is None:
            continue
        for line in branches:
            _end_before(draft, line, tail)
        if lines.following(key) is None:
            step = draft.workflow[key]
            step["on_success" if "on_failure" in step else "on_completion"] = tail
        draft.add_fix("fixed_tail", ("workflow", key), step=key, tail=tail)
        return True
    return False


def _tail_of(lines: StepLines, key: str, branches: list[StepLine]) -> str | None:
    """Return the step that should follow a branching step but is inside its branches."""
    after = lines.following(key)
    is_loop = lines.kind(key) == "while-condition"
    if after is not None:
        is_inside = any(after in line.steps for line in branches) and not (is_loop and branches[0].head == after)
        return after if is_inside and lines.kind(after) != "end" else None
    if is_loop or sum(edge.is_branch for line in branches for edge in line.edges) < 2:
        return None
    shared = set.intersection(*(set(line.steps) for line in branches))
    own = {step for line in branches for step in line.steps} - shared
    edges = [edge for line in branches for edge in line.edges if edge.target in shared and edge.source not in shared]
    tails = {edge.target for edge in edges}
    if len(tails) != 1 or any(lines.kind(step) == "end" for step in own) or _is_entered_within(lines, own, shared):
        return None
    tail = tails.pop()
    return tail if lines.kind(tail) != "end" else None


def _is_entered_within(lines: StepLines, own: set[str], shared: set[str]) -> bool:
    """Whether a branch inside a branch leads to the shared steps as well, past the step that opened it."""
    steps = {key for key in shared if lines.kind(key) != "end"}
    return any(own.intersection(line.openers) and steps.intersection(line.steps) for line in lines.lines)


def _end_before(draft: Draft, line: StepLine, tail: str) -> None:
    """End a line where it led into the tail; an else that is the tail itself is not needed."""
    end = ""
    for edge in line.edges:
        if edge.target != tail:
            continue
        if edge.is_branch and edge.path == ("on_false",):
            del draft.workflow[edge.source]["on_false"]
        else:
            end = end or draft.add_step({"type": "end"})
            draft.redirect(edge, end)


def _copy_shared(draft: Draft, lines: StepLines) -> bool:
    """Give a line its own copy of steps that belong to another line; True when something was changed."""
    for line in lines.lines:
        shared = [key for key in line.steps if lines.owner[key] is not line and lines.kind(key) != "end"]
        if not shared or not _may_copy(lines, line, shared):
            continue
        whole = dict.fromkeys(one for key in shared for one in lines.closure(key))
        if len(draft.workflow) + len(whole) > MAX_STEPS:
            return False
        ids = {key: f"{lines.kind(key)}--{draft.new_uuid()}" for key in whole}
        for edge in line.edges:
            if edge.target in ids and edge.source not in ids:
                draft.redirect(edge, ids[edge.target])
                draft.add_fix("fixed_copy", place_of(edge), step=edge.target, new=ids[edge.target])
        for key, new in ids.items():
            draft.workflow[new] = _renamed(draft.workflow[key], ids)
        return True
    return False


def _may_copy(lines: StepLines, line: StepLine, shared: list[str]) -> bool:
    """Whether copies run as the shared steps would: not where an enclosing step also leads to them."""
    for key in shared:
        around = [lines.owner[opener] is lines.owner[key] for opener in line.openers]
        between = line.openers[: around.index(True) + 1] if True in around else ()
        if any(lines.following(opener) for opener in between):
            return False
    return True


def _renamed(value: object, ids: dict[str, str]) -> object:
    if isinstance(value, dict):
        return {name: _renamed(part, ids) for name, part in value.items()}
    if isinstance(value, list):
        return [_renamed(part, ids) for part in value]
    return ids.get(value, value) if isinstance(value, str) else copy.deepcopy(value)


def _split_ends(draft: Draft, lines: StepLines) -> bool:
    """Give each line its own end step; the exception may use that of the main line (P2)."""
    is_changed = False
    for line in lines.lines:
        for key in _foreign_ends(lines, line):
            new = draft.add_step(copy.deepcopy(draft.workflow[key]))
            edges = [edge for edge in line.edges if edge.target == key]
            for edge in edges:
                draft.redirect(edge, new)
            draft.add_fix("fixed_end", place_of(edges[0]), step=key, new=new)
            is_changed = True
        for edge in _doubled_ends(lines, line):
            new = draft.add_step(copy.deepcopy(draft.workflow[edge.target]))
            draft.redirect(edge, new)
            draft.add_fix("fixed_end", place_of(edge), step=edge.target, new=new)
            is_changed = True
    return is_changed


def _doubled_ends(lines: StepLines, line: StepLine) -> list[Edge]:
    """Return all but the first reference by which a parallel step opens branches that are the same end step."""
    opened = [edge for edge in line.edges if edge.is_branch]
    return opened[1:] if lines.kind(line.opener) == "parallel" and lines.kind(line.head) == "end" else []


def _foreign_ends(lines: StepLines, line: StepLine) -> Iterator[str]:
    for key in line.steps:
        owner = lines.owner[key]
        is_main_end = not line.opener and not owner.opener
        if owner is not line and lines.kind(key) == "end" and not is_main_end:
            yield key


def _lead_on(draft: Draft) -> None:
    """Give each branching step without a next step an end step (P15)."""
    without = [
        (key, step)
        for key, step in draft.workflow.items()
        if isinstance(step, dict)
        and text_of(step, "type") in BRANCHING_STEPS
        and not {"on_completion", "on_success"} & step.keys()
    ]
    for key, step in without:
        end: Json = {"type": "end"}
        name = "on_success" if "on_failure" in step else "on_completion"
        step[name] = draft.add_step(end)
        draft.add_fix("fixed_way_on", ("workflow", key, name), step=key, new=step[name])
