"""Lines of a workflow: the steps from the start, from the exception, and from each branch, to their ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from incident.core.cacao.checks.flow import Edge, edges_of
from incident.core.cacao.checks.shapes import text_of
from incident.core.cacao.fixing.draft import Draft
from incident.core.cacao.vocabulary import BRANCHING_STEPS

Branch = tuple[str, str]


@dataclass(frozen=True)
class StepLine:
    """A line: the step that opened it ("" for the playbook itself), its first step, and all following steps.

    `edges` are the references between its steps, and those that open it; `openers` are the enclosing steps, the nearest
    first.
    """

    opener: str
    head: str
    steps: tuple[str, ...]
    edges: tuple[Edge, ...]
    openers: tuple[str, ...]
    is_exception: bool = False


class StepLines:
    """All lines of the present draft, the main line first, and the first line of each step."""

    def __init__(self, draft: Draft) -> None:
        self.workflow = draft.workflow
        self._edges = {key: list(edges_of(key, step)) for key, step in self.workflow.items()}
        self.lines: list[StepLine] = []
        self.owner: dict[str, StepLine] = {}
        for name, is_exception in (("workflow_start", False), ("workflow_exception", True)):
            head = text_of(draft.document, name)
            if head is not None and head in self.workflow:
                door = Edge("", head, (name,), False)
                self._add(StepLine("", head, *self._follow(head, [door]), (), is_exception))

    def branches_of(self, key: str) -> dict[str, StepLine]:
        """Return the lines that a step opens, by their first step."""
        return {line.head: line for line in self.lines if line.opener == key}

    def kind(self, key: str) -> str:
        """Return the type of a step."""
        return text_of(self.workflow.get(key), "type") or ""

    def following(self, key: str) -> str | None:
        """Return the step after a branching step, which follows when its branch has ended."""
        step = self.workflow[key]
        return text_of(step, "on_completion") or text_of(step, "on_success")

    def closure(self, key: str) -> list[str]:
        """Return a step and all steps that it leads to, branches included."""
        return _reached(key, lambda one: (edge.target for edge in self._edges[one] if edge.target in self.workflow))

    def openers(self) -> list[str]:
        """Return the branching steps, the innermost first."""
        found = dict.fromkeys(key for line in self.lines for key in line.steps if self.kind(key) in BRANCHING_STEPS)
        return sorted(found, key=lambda key: -len(self.owner[key].openers))

    def _add(self, line: StepLine) -> None:
        """Add a line and those that its steps open, each once; without recursion, as branches may nest deeply."""
        waiting = [line]
        seen: set[Branch] = set()
        while waiting:
            one = waiting.pop()
            if (one.opener, one.head) in seen:
                continue
            seen.add((one.opener, one.head))
            self.lines.append(one)
            for key in one.steps:
                self.owner.setdefault(key, one)
                if self.owner[key] is one:
                    waiting += self._opened(key, one)

    def _opened(self, key: str, line: StepLine) -> Iterator[StepLine]:
        opening = [edge for edge in self._edges[key] if edge.is_branch and edge.target in self.workflow]
        for head in dict.fromkeys(edge.target for edge in opening):
            doors = [edge for edge in opening if edge.target == head]
            yield StepLine(key, head, *self._follow(head, doors), (key, *line.openers), line.is_exception)

    def _follow(self, head: str, doors: list[Edge]) -> tuple[tuple[str, ...], tuple[Edge, ...]]:
        def onward(key: str) -> list[Edge]:
            return [edge for edge in self._edges[key] if not edge.is_branch and edge.target in self.workflow]

        steps = _reached(head, lambda key: (edge.target for edge in onward(key)))
        return tuple(steps), (*doors, *(edge for key in steps for edge in onward(key)))


def _reached(head: str, onward: Callable[[str], Iterable[str]]) -> list[str]:
    found = {head: None}
    stack = [head]
    while stack:
        for target in onward(stack.pop()):
            if target not in found:
                found[target] = None
                stack.append(target)
    return list(found)
