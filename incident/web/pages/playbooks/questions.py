"""The questions of tasks, for the forms in which people answer them."""

from collections.abc import Iterable, Mapping

from incident.actions.playbooks import playbook_loader
from incident.core.cacao.engine.run import Run as Engine
from incident.core.playbooks.plain_instructions import plain_instructions
from incident.core.playbooks.question import Question, questions_of
from incident.store.playbooks import runs
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.web.i18n import current, spoken

Questions = Mapping[int, list[Question]]


def questions_by_task(tasks: Iterable[Task]) -> Questions:
    """Return the questions of open tasks by the task's id; each run is loaded once."""
    asking = [task for task in tasks if task.state == "open" and task.expects]
    rows = runs.runs_by_ids({task.run_id for task in asking}) if asking else []
    found: dict[int, list[Question]] = {}
    for row in rows:
        engine = Engine.from_json(row.document)
        found |= {task.id: _questions(row, engine, task) for task in asking if task.run_id == row.id}
    return found


def instructions_words(text: str, asked: Iterable[Question]) -> str:
    """Return instructions in the language of the page, with the questions of the form instead of variables."""
    return plain_instructions(spoken(text), asked, current())


def _questions(row: Run, engine: Engine, task: Task) -> list[Question]:
    expected = [(one["name"], one["type"]) for one in task.expects]
    return questions_of(playbook_loader.pinned(row.pins), engine, task.step, expected, current())
