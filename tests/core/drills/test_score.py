"""Scores: answers and tasks in time, and comparison of two runs."""

import datetime as dt
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from incident.core.drills.score import FIGURES, NoticeFact, RunFacts, Score, StepFact, TaskFact, compare, score

START = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)


def after(seconds: float) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


def notified(took: float | None = None, **more: Any) -> NoticeFact:
    return NoticeFact("CERT", START, None if took is None else after(took), **more)


def task(state: str = "succeeded", ended: float | None = 10, due: float | None = 30, **more: Any) -> TaskFact:
    facts: dict[str, Any] = {"step": "s", "title": "Isolate", "department": "CERT"} | more
    due_at, ended_at = None if due is None else after(due), None if ended is None else after(ended)
    return TaskFact(opened_at=START, due_at=due_at, ended_at=ended_at, state=state, **facts)


def facts(ended: float | None = 100, state: str = "succeeded", **more: Any) -> RunFacts:
    return RunFacts(START, None if ended is None else after(ended), after(50), state, **more)


def test_lengths_are_told_on_the_clock_of_the_playbook() -> None:
    found = score(facts(speed=60, notices=[notified(5)], tasks=[task()]))
    assert found.acknowledged_for == dt.timedelta(minutes=5)
    assert (found.tasks[0].took, found.tasks[0].limit) == (dt.timedelta(minutes=10), dt.timedelta(minutes=30))
    assert (found.took_for, found.real_for) == (dt.timedelta(minutes=100), dt.timedelta(seconds=100))


def test_an_answer_is_in_time_before_anybody_else_was_told() -> None:
    notices = [notified(5), notified(20, level=2), notified(90, round=2), notified()]
    found = score(facts(notices=notices))
    assert [one.timing for one in found.answers] == ["in_time", "late", "late", "never"]
    assert found.acknowledged_for == dt.timedelta(seconds=90), "the slowest counts"
    assert (found.in_time, found.asked, found.share) == (1, 4, 25)


def test_where_level_1_has_no_contact_the_first_that_was_told_is_in_time() -> None:
    notices = [notified(5, level=2, first_level=2), notified(20, level=3, first_level=2)]
    assert [one.timing for one in score(facts(notices=notices)).answers] == ["in_time", "late"]


def test_a_late_task_counts_once() -> None:
    found = score(facts(tasks=[task(ended=40), task()]))
    assert [one.timing for one in found.tasks] == ["late", "in_time"]
    assert found.tasks[0].late_by == dt.timedelta(seconds=10)
    assert (found.count("late"), found.count("never"), found.share) == (1, 0, 50)


def test_a_task_that_was_cancelled_at_its_limit_was_never_done() -> None:
    found = score(facts(tasks=[task("cancelled", ended=30)]))
    assert (found.tasks[0].timing, found.share) == ("never", 0)


def test_what_was_no_longer_wanted_counts_for_nobody() -> None:
    found = score(facts(tasks=[task("cancelled", ended=10)]))
    assert (found.tasks[0].timing, found.asked, found.share) == ("dropped", 0, None)


def test_a_task_without_a_limit_is_never_late() -> None:
    assert score(facts(tasks=[task(due=None, ended=10_000)])).tasks[0].timing == "in_time"


def test_while_it_runs_what_is_open_waits_and_what_has_run_out_counts() -> None:
    notices = [notified(), notified(level=2)]
    found = score(facts(None, "waiting", notices=notices, tasks=[task("open", None, 60), task("open", None, 40)]))
    assert [one.timing for one in found.answers] == ["waiting", "late"]
    assert [one.timing for one in found.tasks] == ["waiting", "never"]
    assert not found.is_over
    assert found.took_for == dt.timedelta(seconds=50)


def test_only_steps_that_act_themselves_have_failed() -> None:
    steps = [StepFact("a", "Call", True, "failed"), StepFact("b", "Both", False, "failed")]
    steps += [StepFact("c", "Wait", False, "timed_out"), StepFact("d", "Tell", True, "succeeded")]
    found = score(facts(steps=steps))
    assert ([one.name for one in found.failed], [one.name for one in found.timed_out]) == (["Call"], ["Wait"])


def with_share(answered: int, of: int, took: float = 10) -> Score:
    return score(facts(notices=[notified(took)] * answered + [notified()] * (of - answered)))


def test_a_greater_share_is_better_and_a_longer_time_is_worse() -> None:
    found = {one.name: one.direction for one in compare(with_share(2, 2, 20), [with_share(1, 2, 10)])}
    assert (found["share"], found["acknowledged_for"], found["tasks_late"]) == ("better", "worse", "same")


def test_with_several_runs_the_middle_one_counts() -> None:
    others = [with_share(2, 2, took) for took in (300, 10, 20)]
    found = {one.name: one.other for one in compare(with_share(2, 2), others)}
    assert found["acknowledged_for"] == dt.timedelta(seconds=20)


def test_how_long_a_run_took_that_was_broken_off_is_compared_with_nothing() -> None:
    broken_off, whole = score(facts(20, "cancelled")), score(facts(100))
    assert (broken_off.took_for, broken_off.figure("took_for")) == (dt.timedelta(seconds=20), None)
    assert {one.direction for one in compare(broken_off, [whole]) if one.name == "took_for"} == {None}
    assert {one.direction for one in compare(whole, [broken_off]) if one.name == "took_for"} == {None}


def test_with_nothing_to_compare_there_is_no_direction() -> None:
    assert {one.direction for one in compare(with_share(1, 2), [])} == {None}


moments = st.floats(0, 1000).map(after)
notice_facts = st.builds(
    NoticeFact, st.just("CERT"), st.just(START), st.none() | moments, st.integers(1, 3), st.integers(1, 2)
)
task_facts = st.builds(
    TaskFact,
    st.just("s"),
    st.just("t"),
    st.just("CERT"),
    st.just(START),
    st.none() | moments,
    moments,
    st.sampled_from(["succeeded", "failed", "cancelled"]),
)
all_facts = st.builds(
    RunFacts,
    started_at=st.just(START),
    ended_at=st.just(after(1000)),
    at=st.just(after(2000)),
    state=st.sampled_from(["succeeded", "failed", "cancelled"]),
    speed=st.integers(1, 1000),
    notices=st.lists(notice_facts, max_size=6),
    tasks=st.lists(task_facts, max_size=6),
)


@given(all_facts)
def test_every_answer_and_task_counts_at_most_once(given_facts: RunFacts) -> None:
    found = score(given_facts)
    assert 0 <= found.in_time <= found.asked <= len(given_facts.notices) + len(given_facts.tasks)
    assert found.share is None or 0 <= found.share <= 100
    assert found.asked + found.count("dropped") == len(given_facts.notices) + len(given_facts.tasks)


@given(all_facts)
def test_a_faster_clock_changes_lengths_and_nothing_else(given_facts: RunFacts) -> None:
    fast, plain = score(given_facts), score(replace(given_facts, speed=1))
    assert [one.timing for one in fast.tasks] == [one.timing for one in plain.tasks]
    assert (fast.share, fast.real_for) == (plain.share, plain.real_for)
    assert fast.took_for == plain.took_for * given_facts.speed


@given(all_facts)
def test_a_run_compared_with_itself_is_the_same(given_facts: RunFacts) -> None:
    found = score(given_facts)
    assert [one.name for one in compare(found, [found])] == list(FIGURES)
    assert {one.direction for one in compare(found, [found])} <= {"same", None}


@given(all_facts, st.integers(0, 5))
def test_one_more_answer_in_time_is_never_worse(given_facts: RunFacts, took: int) -> None:
    more = replace(given_facts, notices=[*given_facts.notices, notified(took)])
    [share] = [one for one in compare(score(more), [score(given_facts)]) if one.name == "share"]
    assert share.direction != "worse"
