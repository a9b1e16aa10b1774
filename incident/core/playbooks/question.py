"""Questions of a task: each variable that its step returns, with the answers that fit."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from incident.core.cacao import Playbook, PlaybookBundle
from incident.core.cacao.engine.condition_reading import Comparison, Condition, Node
from incident.core.cacao.engine.run import Run
from incident.core.cacao.model import Step, Variable
from incident.core.cacao.values import Value
from incident.core.cacao.variables import as_text
from incident.core.values.bilingual import in_language

Kind = Literal["truth", "choice", "whole", "number", "text"]

KINDS: Final[dict[str, Kind]] = {"bool": "truth", "integer": "whole", "long": "whole", "float": "number"}

_LIST = re.compile(r"(?:^|[:?])\s*([\w-]+(?:\s*,\s*[\w-]+)*,?\s+or\s+[\w-]+)\s*[.?]?\s*\Z", re.ASCII)
_BEFORE_LIST = re.compile(r"[:：]|[?？](?=\s*\S)")
_NOTES = re.compile(r"\s*[（(][^（）()]*[）)]")
_BETWEEN = re.compile(r"\s*,\s*or\s+|\s*,\s*|\s+or\s+")
_NOTED = r"(?<![\w-]){word}\s*[（(]([^（）()]*)[）)]"
_UNIT = re.compile(r"\s*[（(]([^（）()]{1,20})[）)]\s*(?=[?？]?\s*\Z)")


@dataclass(frozen=True, slots=True)
class AnswerChoice:
    """One answer that the playbook distinguishes; `words` is its description in the reader's language, or ""."""

    value: str
    words: str = ""

    @property
    def shown(self) -> str:
        """Its text in a form: its description with a capital, the answer itself without one."""
        return self.words[:1].upper() + self.words[1:] or self.value


@dataclass(frozen=True, slots=True)
class Question:
    """One variable as a question.

    `label` is its description in the reader's language, "" without one; `unit` is what a number counts; `is_open` says
    whether other answers than the choices fit; `value` is the variable's present value, "" when unknown.
    """

    name: str
    type: str
    kind: Kind
    label: str = ""
    choices: tuple[AnswerChoice, ...] = ()
    is_open: bool = False
    unit: str = ""
    value: str = ""


def questions_of(
    bundle: PlaybookBundle, run: Run, key: str, expected: Iterable[tuple[str, str]], language: str
) -> list[Question]:
    """Return the questions of a task.

    Args:
        bundle: the playbooks that the run is pinned to.
        run: the current run.
        key: the key of the task's step in the run.
        expected: name and type of each variable that the task returns.
        language: of the reader.
    """
    record = run.steps.get(key)
    if record is None:
        return [Question(name, kind, KINDS.get(kind, "text")) for name, kind in expected]
    prefix = run.scopes[record.scope].prefix
    playbook = bundle.playbook(run.calls.get(prefix, ""))
    found = ((name, kind, *_held(playbook, run, record.scope, name)) for name, kind in expected)
    return [_question(playbook, name, kind, variable, value, language) for name, kind, variable, value in found]


def question_of(playbook: Playbook, variable: Variable, language: str) -> Question:
    """Return the question for a variable whose value is given from outside before a run."""
    return _question(playbook, variable.name, variable.type, variable, variable.value, language)


def answers_of(playbook: Playbook, run: Run, language: str) -> list[tuple[Question, str]]:
    """Return the questions of the main playbook that have an answer, with the present one as people see it.

    An answer is the value of a truth (`true` or `false`), the text of a choice, or the value itself.
    """
    values = run.values.get("", {})
    asked = [
        one for one in playbook.variables.values() if not one.is_constant and values.get(one.name) not in (None, "")
    ]
    found = ((_question(playbook, one.name, one.type, one, values[one.name], language)) for one in asked)
    return [(question, _shown(question)) for question in found]


def _shown(question: Question) -> str:
    return next((one.shown for one in question.choices if one.value == question.value), question.value)


def _held(playbook: Playbook, run: Run, scope_key: str, name: str) -> tuple[Variable | None, Value]:
    """Return a variable and its value in the scope of a step (CACAO 2.0 section 10.18.1)."""
    scope = run.scopes[scope_key]
    while name not in scope.variables:
        if scope.parent is None:
            return playbook.variables.get(name), run.values.get(scope.prefix, {}).get(name)
        scope = run.scopes[scope.parent]
    owner, value = scope.variables[name]
    return playbook.steps[run.steps[owner].step_id].variables[name], value


def _question(
    playbook: Playbook, name: str, kind: str, variable: Variable | None, value: Value, language: str
) -> Question:
    description = variable.description if variable else ""
    label = in_language(description, language).strip()
    shown = as_text(value)
    if kind != "string":
        label, unit = _without_unit(label) if KINDS.get(kind) in ("whole", "number") else (label, "")
        return Question(name, kind, KINDS.get(kind, "text"), label, unit=unit, value=shown)
    listed = listed_words(in_language(description, "en"))
    words = tuple(dict.fromkeys((*listed, *_literals(playbook, name))))
    if not words:
        return Question(name, kind, "text", label, value=shown)
    choices = tuple(AnswerChoice(word, _meaning(word, label)) for word in words)
    is_open = not listed and not _is_closed(playbook, name)
    return Question(name, kind, "choice", _without_list(label, listed), choices, is_open, value=shown)


def listed_words(description: str) -> tuple[str, ...]:
    """Return the words that a description lists at its end, such as `clean, damaged or none`, without their notes."""
    found = _LIST.search(_NOTES.sub("", description).strip())
    return tuple(_BETWEEN.split(found[1])) if found else ()


def _without_list(label: str, listed: tuple[str, ...]) -> str:
    """Return a label without the list, which the choices show; a question mark before the list is kept."""
    before = list(_BEFORE_LIST.finditer(_NOTES.sub(lambda found: " " * len(found[0]), label)))
    if not before or not listed:
        return label
    rest = label[before[-1].end() :]
    is_list = all(re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", rest, re.ASCII) for one in listed)
    return label[: before[-1].end()].rstrip(":： ") if is_list else label


def _without_unit(label: str) -> tuple[str, str]:
    found = _UNIT.search(label)
    return (label, "") if found is None else (label[: found.start()] + label[found.end() :], found[1])


def _meaning(word: str, label: str) -> str:
    """Return the meaning of a word from the brackets after it, as in `clean（完好）`."""
    found = re.search(_NOTED.format(word=re.escape(word)), label, re.ASCII)
    return found[1].strip() if found else ""


def _literals(playbook: Playbook, name: str) -> Iterator[str]:
    """Yield the words that the steps of a playbook compare a variable with."""
    for step in playbook.steps.values():
        if step.switch == name:
            yield from (branch.label for branch in step.branches if branch.label != "default")
        if step.condition is not None and name in step.condition.variables:
            yield from _compared(step.condition, name)


def _compared(condition: Condition, name: str) -> Iterator[str]:
    stack: list[Node] = [condition.root]
    while stack:
        node = stack.pop()
        if not isinstance(node, Comparison):
            stack.extend(reversed(node.parts))
        elif node.operator in ("=", "!=", "IN"):
            sides = (node.left, *node.right)
            if any(one.is_variable and one.text == name for one in sides):
                yield from (one.text for one in sides if not one.is_variable and one.text)


def _is_closed(playbook: Playbook, name: str) -> bool:
    """Whether a switch fails on every word that it does not name."""
    switches: list[Step] = [step for step in playbook.steps.values() if step.switch == name]
    return any(all(branch.label != "default" for branch in step.branches) for step in switches)
