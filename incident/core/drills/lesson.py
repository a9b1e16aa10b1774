"""Lessons of a score, as codes with arguments; their texts are in the message catalogue."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from incident.core.drills.score import DepartmentAnswer, Done, Score
from incident.core.values.error_messages import N_

Argument = str | int | timedelta | tuple[str, ...]

SLOWER_BY: Final = 1.25
"""Ratio to the earlier slowest acknowledgement from which on it is a lesson."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One thing to improve, or (`is_praise`) one that went well."""

    code: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    is_praise: bool = False


def lessons(found: Score, before: Sequence[Score] = ()) -> list[Lesson]:
    """Return the lessons of a final score, the most important first.

    Args:
        found: the score.
        before: scores of earlier drills of the same playbook, the newest first.
    """
    lessons = [
        *(lesson for answer in found.answers if (lesson := _of_answer(answer)) is not None),
        *(lesson for task in found.tasks for lesson in _of_task(task)),
        *_of_undone(found),
        *_of_steps(found),
        *_of_run(found),
        *_of_before(found, before),
    ]
    if not lessons and found.asked:
        lessons.append(Lesson("all_in_time", {"count": found.asked}, is_praise=True))
    return lessons


def _of_answer(answer: DepartmentAnswer) -> Lesson | None:
    about: dict[str, Argument] = {"department": answer.department}
    if not answer.has_contact and answer.took is None:
        return Lesson("no_contact", about)
    if answer.timing == "never":
        return Lesson("not_acknowledged", about)
    if answer.timing == "late" and answer.took is not None:
        return Lesson("acknowledged_late", about | {"took": answer.took, "level": answer.level})
    return None


def _of_task(task: Done) -> Iterator[Lesson]:
    about: dict[str, Argument] = {"task": task.title}
    if task.department is None:
        yield Lesson("task_for_nobody", about)
        return
    about["department"] = task.department
    if task.timing == "late":
        yield Lesson("task_late", about | {"late_by": task.late_by})
    if task.has_failed:
        yield Lesson("task_failed", about)


def _of_undone(found: Score) -> Iterator[Lesson]:
    """Yield one lesson for each department with unfinished work, however much that was."""
    undone: dict[str, list[Done]] = {}
    for task in found.tasks:
        if task.timing == "never" and task.department is not None:
            undone.setdefault(task.department, []).append(task)
    for department, tasks in undone.items():
        first = tasks[0]
        if len(tasks) == 1 and first.limit is not None:
            yield Lesson("task_never", {"department": department, "task": first.title, "limit": first.limit})
        else:
            titles = tuple(task.title for task in tasks)
            yield Lesson("tasks_never", {"department": department, "count": len(tasks), "tasks": titles})


def _of_steps(found: Score) -> Iterator[Lesson]:
    """Yield lessons about steps that no task has covered."""
    never = {task.step for task in found.tasks if task.timing == "never"}
    failed = {task.step for task in found.tasks if task.has_failed}
    yield from (Lesson("step_timed_out", {"step": one.name}) for one in found.timed_out if one.key not in never)
    yield from (Lesson("step_failed", {"step": one.name}) for one in found.failed if one.key not in failed)


def _of_run(found: Score) -> Iterator[Lesson]:
    if found.state == "failed" and not found.is_handled:
        yield Lesson("run_unhandled")
    if found.state == "cancelled":
        yield Lesson("ended_early")


def _of_before(found: Score, before: Sequence[Score]) -> Iterator[Lesson]:
    took = found.acknowledged_for
    earlier = before[0].acknowledged_for if before else None
    if took is not None and earlier is not None and took > earlier * SLOWER_BY:
        yield Lesson("slower", {"took": took, "before": earlier})


LESSON_WORDS: Final = {
    "acknowledged_late": N_(
        "{department} acknowledged only after {took}, when level {level} had already been notified. Find out "
        "why no one at level 1 answered, and who stands in for them."
    ),
    "all_in_time": N_(
        "All {count} answers and tasks were on time. Next, hold a drill when fewer people are on duty, or "
        "with another playbook."
    ),
    "ended_early": N_("The drill was ended early, so its remaining steps have not been practised."),
    "no_contact": N_(
        "{department} could not be notified because it has no contact. Add a contact, and a second level after it."
    ),
    "not_acknowledged": N_(
        "{department} never acknowledged. Check its contacts and who is on duty, and practise the first "
        "step: acknowledge, then act."
    ),
    "run_unhandled": N_(
        "The playbook failed, and nothing in it handled that. Add on_failure to the steps that may fail, or "
        "a workflow_exception to the playbook."
    ),
    "slower": N_(
        "The slowest acknowledgement took {took}. In the previous drill it took {before}. Hold drills more often."
    ),
    "step_failed": N_("The step “{step}” failed. Find out why before a real incident, or plan what to do then."),
    "step_timed_out": N_(
        "The step “{step}” ran out of time. Check whether its time limit is right, and who was missing."
    ),
    "task_failed": N_("{department} could not do “{task}”. Find out what was missing: access, knowledge or people."),
    "task_for_nobody": N_(
        "The task “{task}” was not assigned to a department. Name a department in the playbook that exists here."
    ),
    "task_late": N_("{department} did “{task}” {late_by} late. Agree who starts on it at once, and who stands in."),
    "tasks_never": N_(
        "{department} did not do {count} tasks on time: {tasks}. Agree who does them, and who stands in."
    ),
    "task_never": N_("{department} did not do “{task}” within {limit}. Agree who does it, and who stands in."),
}
