"""The lessons of a score."""

import datetime as dt
import string
from typing import Any

import pytest

from incident.core.drills.lesson import LESSON_WORDS, lessons
from incident.core.drills.score import NoticeFact, Score, StepFact, score
from tests.core.drills.test_score import START, after, facts, notified, task


def taught(*before: Score, **more: Any) -> list[str]:
    return [lesson.code for lesson in lessons(score(facts(**more)), before)]


@pytest.mark.parametrize(
    ("found", "codes"),
    [
        ({"notices": [notified(5)], "tasks": [task()]}, ["all_in_time"]),
        ({"notices": [notified()]}, ["not_acknowledged"]),
        ({"notices": [notified(has_contact=False)]}, ["no_contact"]),
        ({"notices": [notified(70, level=2)]}, ["acknowledged_late"]),
        ({"tasks": [task(ended=40)]}, ["task_late"]),
        ({"tasks": [task("cancelled", ended=30)]}, ["task_never"]),
        ({"tasks": [task("failed")]}, ["task_failed"]),
        ({"tasks": [task(department=None)]}, ["task_for_nobody"]),
        ({"steps": [StepFact("b", "Both", False, "timed_out")]}, ["step_timed_out"]),
        ({"steps": [StepFact("b", "Block", True, "failed")]}, ["step_failed"]),
        ({"state": "cancelled"}, ["ended_early"]),
        ({"state": "failed"}, ["run_unhandled"]),
        ({"state": "failed", "is_handled": True}, []),
        ({}, []),
    ],
)
def test_each_fault_teaches_one_thing(found: dict[str, Any], codes: list[str]) -> None:
    assert taught(**found) == codes


def test_a_task_that_nobody_did_is_not_told_again_as_its_step() -> None:
    steps = [StepFact("s", "Isolate", True, "timed_out")]
    assert taught(tasks=[task("cancelled", ended=30)], steps=steps) == ["task_never"]


def test_a_department_is_told_once_of_all_that_it_left_undone() -> None:
    undone = [task("cancelled", ended=30, title=title) for title in ("Isolate", "Tell")]
    other = task("cancelled", ended=30, department="NOC")
    found = lessons(score(facts(tasks=[*undone, other])))
    assert [lesson.code for lesson in found] == ["tasks_never", "task_never"]
    assert found[0].arguments == {"department": "CERT", "count": 2, "tasks": ("Isolate", "Tell")}


def test_being_much_slower_than_in_the_drill_before_is_told() -> None:
    before = score(facts(notices=[notified(10)]))
    assert taught(before, notices=[notified(13)]) == ["slower"]
    assert taught(before, notices=[notified(12)]) == ["all_in_time"]


def test_the_words_of_every_lesson_have_the_arguments_that_they_ask_for() -> None:
    faulty = score(
        facts(
            state="failed",
            notices=[notified(), notified(has_contact=False), NoticeFact("CERT", START, after(90), level=2)],
            tasks=[task(ended=40), task("cancelled", ended=30), task("failed"), task(department=None)],
            steps=[StepFact("b", "Both", False, "timed_out"), StepFact("c", "Call", True, "failed")],
        )
    )
    quick, cancelled = score(facts(notices=[notified(1)])), score(facts(state="cancelled"))
    idle = score(facts(tasks=[task("cancelled", ended=30), task("cancelled", ended=30)]))
    found = [*lessons(faulty, [quick]), *lessons(quick), *lessons(cancelled), *lessons(idle)]
    assert {lesson.code for lesson in found} == LESSON_WORDS.keys()
    for lesson in found:
        fields = {name for _, name, _, _ in string.Formatter().parse(LESSON_WORDS[lesson.code]) if name}
        assert fields <= lesson.arguments.keys(), lesson


def test_lengths_of_time_in_lessons_are_lengths_of_time() -> None:
    [lesson] = lessons(score(facts(speed=60, tasks=[task(ended=40)])))
    assert lesson.arguments["late_by"] == dt.timedelta(minutes=10)
