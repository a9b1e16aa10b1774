"""Grading: what answers prove and leave open, growing numbers, and the rules of a decision."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core.deadlines.grading import (
    MOST,
    Answer,
    AnswerValue,
    Grading,
    check_answers,
    check_decision,
    grade_incident,
    needs_second,
)
from incident.core.deadlines.rule_sets import grading_questions, rule_set_faults
from incident.core.values.faults import RuleError
from incident.data.grading_rules import shipped_rule_sets

AT = dt.datetime(2026, 11, 21, 2, 10, tzinfo=dt.UTC)
GUIDE = [shipped_rule_sets()["cn-cac-guide"]]
ALL = list(shipped_rule_sets().values())
QUESTIONS = grading_questions(ALL)


def graded(**values: AnswerValue) -> Grading:
    return grade_incident(GUIDE, {key: Answer(value, AT) for key, value in values.items()}, AT)


def over(**values: AnswerValue) -> Grading:
    """What answers prove when nothing grows any more."""
    return grade_incident(GUIDE, {key: Answer(value, AT, AT) for key, value in values.items()}, AT)


def nothing_else(*known: str) -> dict[str, AnswerValue]:
    """Answers that exclude every line of the guide but those about the known keys."""
    found: dict[str, AnswerValue] = {}
    for question in GUIDE[0].questions:
        if question.key not in known:
            found[question.key] = 0 if question.kind == "number" else question.choices[-1].value
    return found


def test_the_shipped_rules_are_sound_and_their_lines_have_different_keys() -> None:
    assert [fault for one in ALL for fault in rule_set_faults(one)] == []
    keys = [line.key for one in ALL for line in one.lines]
    assert len(keys) == len(set(keys))


def test_nothing_is_certain_and_everything_possible_while_nothing_is_answered() -> None:
    result = grade_incident(GUIDE, {}, AT)
    assert (result.certain, result.possible, list(result.lines)) == (4, 1, [])
    assert set(result.open_questions) == {one.key for one in GUIDE[0].questions}


def test_an_outage_of_35_minutes_is_of_grade_three_and_grows() -> None:
    result = graded(cii_down_minutes=35)
    assert (result.certain, result.possible) == (3, 1)
    assert [line.key for line in result.lines] == ["cac.infrastructure.3"]
    assert [(one.grade, one.at.strftime("%H:%M")) for one in result.following] == [(2, "03:35"), (1, "07:35")]


def test_what_still_grows_excludes_no_grade_that_it_will_reach() -> None:
    quiet = {key: Answer(value, AT, AT) for key, value in nothing_else("cii_down_minutes").items()}
    growing = grade_incident(GUIDE, quiet | {"cii_down_minutes": Answer(0, AT)}, AT)
    assert (growing.certain, growing.possible, growing.open_questions) == (4, 1, [])
    assert [one.grade for one in growing.following] == [3, 2, 1]
    with pytest.raises(RuleError, match=r"grading\.reason_missing"):
        check_decision(4, growing, None)
    stopped = Answer(0, AT, AT + dt.timedelta(minutes=30))
    assert grade_incident(GUIDE, quiet | {"cii_down_minutes": stopped}, AT).possible == 3


def test_an_outage_that_has_ended_grows_no_more() -> None:
    result = grade_incident(GUIDE, {"cii_down_minutes": Answer(35, AT, AT)}, AT + dt.timedelta(days=1))
    assert (result.certain, result.following) == (3, [])


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("persons_leaked", (10**8, 10**7, 10**6)),
        ("direct_loss_cny", (10**8, 2 * 10**7, 5 * 10**6)),
        ("people_affected", (10**7, 10**6, 10**5)),
        ("cii_down_minutes", (360, 120, 30)),
        ("cii_main_function_down_minutes", (1440, 360, 120)),
        ("defaced_home_page_minutes", (360, 120, 30)),
        ("defaced_other_page_minutes", (1440, 720, 120)),
        ("reposts", (10**5, 10**4, 10**3)),
        ("views", (10**6, 10**5, 10**4)),
    ],
)
def test_every_threshold_includes_its_number(key: str, values: tuple[int, int, int]) -> None:
    for grade, number in zip((1, 2, 3), values, strict=True):
        assert graded(**nothing_else(key), **{key: number}).certain == grade
        assert graded(**nothing_else(key), **{key: number - 1}).certain == grade + 1


def test_a_portal_is_graded_by_its_level_and_its_time() -> None:
    def of(level: str, minutes: int) -> int:
        return graded(portal_level=level, portal_down_minutes=minutes).certain

    assert [of("central_or_province", one) for one in (119, 120, 360, 1440)] == [4, 3, 2, 1]
    assert [of("prefecture", one) for one in (120, 360, 5_000)] == [3, 2, 2]
    assert [of("enterprise", one) for one in (119, 120, 5_000)] == [4, 3, 3]
    assert of("none", 5_000) == 4


def test_an_answer_that_excludes_a_line_decides_although_the_other_is_not_known() -> None:
    known = nothing_else("portal_level", "portal_down_minutes")
    assert over(**known, portal_level="none").possible == 4
    assert over(**known, portal_level="enterprise").possible == 3
    assert over(**known, portal_level="enterprise").open_questions == ["portal_down_minutes"]


def test_the_object_and_the_loss_grade_together_and_harm_to_society_by_itself() -> None:
    def of(**values: str) -> int:
        return grade_incident(ALL, {key: Answer(value, AT) for key, value in values.items()}, AT).certain

    assert of(object_importance="especially_important", loss_level="especially_grave") == 1
    assert of(object_importance="important", loss_level="especially_grave") == 2
    assert of(object_importance="general", loss_level="especially_grave") == 3
    assert of(object_importance="general", loss_level="grave") == 4
    assert of(object_importance="general", loss_level="minor", social_harm="grave") == 2


def test_only_telecoms_are_graded_by_the_rules_of_their_ministry() -> None:
    assert [one.id for one in ALL if one.applies_to(())] == ["cn-cac-guide", "gbt-20986"]
    assert "cn-miit" in [one.id for one in ALL if one.applies_to(("energy", "communication"))]


values_of_questions = st.fixed_dictionaries(
    {},
    optional={
        key: st.none()
        | (
            st.integers(0, 10**9)
            if question.kind == "number"
            else st.sampled_from([one.value for one in question.choices])
        )
        for key, question in QUESTIONS.items()
    },
)


@given(values=values_of_questions, later=st.integers(0, 10_000), key=st.sampled_from(sorted(QUESTIONS)))
@settings(max_examples=150, deadline=None)
def test_an_unknown_answer_narrows_nothing_and_time_makes_nothing_less_grave(
    values: dict[str, AnswerValue], later: int, key: str
) -> None:
    answers = {name: Answer(value, AT) for name, value in values.items()}
    now = grade_incident(ALL, answers, AT)
    assert now.possible <= now.certain
    then = grade_incident(ALL, answers, AT + dt.timedelta(minutes=later))
    assert then.certain <= now.certain
    predicted = min([one.grade for one in now.following if one.at <= AT + dt.timedelta(minutes=later)], default=4)
    assert then.certain == min(now.certain, predicted)
    less = grade_incident(ALL, {name: one for name, one in answers.items() if name != key}, AT)
    assert less.possible <= now.possible <= now.certain <= less.certain
    if not now.open_questions:
        assert now.possible == now.certain


def test_every_wrong_answer_is_named_at_its_place() -> None:
    given = {
        "persons_leaked": -1, "reposts": True, "views": MOST + 1, "portal_level": "village", "nonsense": 1,
        "share_affected": 3,
    }  # fmt: skip
    with pytest.raises(RuleError) as raised:
        check_answers(QUESTIONS, given)
    assert {(one.pointer, one.code) for one in raised.value.all} == {
        ("/answers/persons_leaked", "grading.not_a_number"),
        ("/answers/reposts", "grading.not_a_number"),
        ("/answers/views", "grading.not_a_number"),
        ("/answers/portal_level", "grading.not_a_choice"),
        ("/answers/nonsense", "grading.no_such_question"),
        ("/answers/share_affected", "grading.not_a_choice"),
    }
    assert check_answers(QUESTIONS, {"views": "unknown", "reposts": None, "portal_level": "none"}) == {
        "views": None, "reposts": None, "portal_level": "none",
    }  # fmt: skip


def test_a_decision_that_differs_needs_a_reason_and_a_lower_one_two_people() -> None:
    proved, unclear, clear = graded(cii_down_minutes=35), grade_incident(GUIDE, {}, AT), over(**nothing_else())
    check_decision(3, proved, None)
    check_decision(4, clear, None)
    for decided, grading in ((2, proved), (4, proved), (4, unclear)):
        with pytest.raises(RuleError, match=r"grading\.reason_missing"):
            check_decision(decided, grading, " ")
        check_decision(decided, grading, "The sector's rules are stricter.")
    assert [needs_second(one, proved) for one in (1, 2, 3, 4)] == [False, False, False, True]
    assert not needs_second(4, unclear)
    assert [needs_second(4, unclear, before) for before in (None, 1, 4)] == [False, True, False]
