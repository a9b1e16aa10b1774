"""A playbook as a list from top to bottom: its main line, indented branches, and failure handling last."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from incident.core.cacao import Playbook, PlaybookBundle
from incident.core.cacao.engine.run import Run as Engine
from incident.core.cacao.engine.run import StepRecord
from incident.core.cacao.model import Step
from incident.core.playbooks.question import question_of
from incident.core.playbooks.step_techniques import techniques_of_step
from incident.data.attack import technique_name
from incident.web.i18n import current, spoken
from incident.web.i18n import gettext as _

HIDDEN = frozenset({"start", "end"})
MAX_DEPTH = 6
NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
ICONS = {
    "action": "circle",
    "if-condition": "git-branch",
    "switch-condition": "git-branch",
    "while-condition": "refresh",
    "parallel": "sitemap",
    "playbook-action": "book",
}


@dataclass(frozen=True)
class Line:
    """One step in the list.

    `key` is its key in a run; `label` is the condition under which it is reached, "" on the main line;
    `techniques` are those of MITRE ATT&CK that it names.
    """

    key: str
    step: Step
    depth: int
    label: str
    agent: str = ""
    record: StepRecord | None = None
    is_over: bool = False
    techniques: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Its display name in the viewer's language."""
        return spoken(self.step.name or self.step.description) or self.step.id.partition("--")[0]

    @property
    def state(self) -> str:
        """Its state in the run: `ahead` when it was not reached, `skipped` when it never will be."""
        if self.record is not None:
            return self.record.state
        return "skipped" if self.is_over else "ahead"

    @property
    def icon(self) -> str:
        """An icon for its type."""
        return ICONS.get(self.step.type, "circle")


def lines_of(playbook: Playbook, departments: Mapping[str, str] = NOBODY) -> list[Line]:
    """List the steps of a playbook, each once; start and end steps are left out.

    Args:
        playbook: the playbook.
        departments: names of departments by the codes that agents refer to.
    """
    return list(_Walk(playbook, departments).lines())


def lines_of_run(bundle: PlaybookBundle, engine: Engine, departments: Mapping[str, str] = NOBODY) -> list[Line]:
    """List the steps of a run with their states; a called playbook's steps follow the step that called it."""
    return list(_with_records(bundle, engine, departments, "", 0))


def _with_records(
    bundle: PlaybookBundle, engine: Engine, departments: Mapping[str, str], prefix: str, depth: int
) -> Iterator[Line]:
    playbook = bundle.playbook(engine.calls.get(prefix, ""))
    for line in lines_of(playbook, departments):
        key = f"{prefix}{line.key}"
        yield Line(
            key=key,
            step=line.step,
            depth=min(line.depth + depth, MAX_DEPTH),
            label=line.label,
            agent=line.agent,
            record=engine.steps.get(key),
            is_over=engine.is_finished,
            techniques=line.techniques,
        )
        if f"{key}/" in engine.calls and depth < MAX_DEPTH:
            yield from _with_records(bundle, engine, departments, f"{key}/", line.depth + depth + 1)


@dataclass
class _Walk:
    """Traverses the steps without recursion: a chain may have thousands of steps."""

    playbook: Playbook
    departments: Mapping[str, str]
    seen: set[str] = field(default_factory=set)

    def lines(self) -> Iterator[Line]:
        waiting = [(self.playbook.start, 0, "")]
        if self.playbook.exception:
            waiting.insert(0, (self.playbook.exception, 1, _("when the run fails")))
        while waiting:
            step_id, depth, label = waiting.pop()
            step = self.playbook.steps.get(step_id)
            if step is None or step_id in self.seen:
                continue
            self.seen.add(step_id)
            if step.type not in HIDDEN:
                techniques = [technique_name(one) for one in techniques_of_step(self.playbook.document, step_id)]
                yield Line(step_id, step, min(depth, MAX_DEPTH), label, self._agent(step), techniques=techniques)
            following = list(_after(self.playbook, step, depth))
            failing = [one for one in following if one[2] and one[0] == step.on_failure]
            waiting[:0] = failing
            waiting.extend(one for one in following if one not in failing)

    def _agent(self, step: Step) -> str:
        names = [self.playbook.agents.get(step.agent or "")] + [self.playbook.targets.get(one) for one in step.targets]
        called = [str(one.body.get("name", "")) for one in names if one is not None]
        return ", ".join(dict.fromkeys(spoken(self.departments.get(name, name)) for name in called))


def _after(playbook: Playbook, step: Step, depth: int) -> Iterator[tuple[str, int, str]]:
    """Yield the successors of a step in reverse order of the list."""
    if step.on_failure and step.on_failure != step.on_success:
        yield (
            step.on_failure,
            depth + 1,
            _("when “%(step)s” fails", step=spoken(step.name) or step.id.partition("--")[0]),
        )
    if step.on_success:
        yield step.on_success, depth, ""
    for branch in reversed(step.branches):
        yield branch.head, depth + 1, _branch(playbook, step, branch.label)


def _branch(playbook: Playbook, step: Step, label: str) -> str:
    if step.type == "parallel":
        return _("at the same time")
    if step.type == "while-condition":
        return _("while this is true")
    words = {"true": _("if true"), "false": _("if false"), "default": _("otherwise")}.get(label)
    return words or case_words(playbook, step, label)


def case_words(playbook: Playbook, step: Step, case: str) -> str:
    """Return the label of a case of a switch in the viewer's language, the case itself when it has none."""
    variable = playbook.variables.get(step.switch)
    choices = question_of(playbook, variable, current()).choices if variable else ()
    return next((one.words for one in choices if one.value == case and one.words), case)


def names_of(lines: list[Line]) -> Mapping[str, str]:
    """Return the names of steps by key."""
    return {line.key: line.name for line in lines}
