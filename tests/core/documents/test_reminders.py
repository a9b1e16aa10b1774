"""Stages of reminders between a start and a due."""

import datetime as dt

import pytest

from incident.core.documents.reminders import Stage, due_sentence, is_reached, next_stage, passed_stage, stage_at

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DUE = START + dt.timedelta(days=10)


@pytest.mark.parametrize(
    ("days", "passed", "following"),
    [(0, None, "soon"), (8, "soon", "due"), (9, "soon", "due"), (10, "due", "late"), (11, "late", None)],
)
def test_stages_begin_at_four_fifths_at_the_due_and_a_day_later(
    days: int, passed: Stage | None, following: Stage | None
) -> None:
    at = START + dt.timedelta(days=days)
    assert (passed_stage(START, DUE, at), next_stage(START, DUE, at)) == (passed, following)


def test_a_due_that_is_the_start_begins_two_stages_at_once() -> None:
    assert stage_at(START, START, "soon") == START
    assert passed_stage(START, START, START) == "due"


def test_a_stage_is_reached_with_itself_and_with_later_ones() -> None:
    assert [is_reached(one, "due") for one in (None, "soon", "due", "late")] == [False, False, True, True]


def test_news_say_what_is_due_and_which_number_it_has() -> None:
    assert due_sentence("paper soon 收〔2026〕1号") == (
        "An incoming paper must be answered soon: %(number)s",
        "收〔2026〕1号",
    )
    assert due_sentence("unserved late ")[1] == ""
