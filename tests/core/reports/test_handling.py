"""The steps of handling a report: which follow which, and what each of them needs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.reports.handling import (
    HANDLING_STEPS,
    NewStep,
    possible_steps,
    require_other_reviewer,
    state_after_step,
)
from incident.core.reports.states import ENDED, STATES
from incident.core.values.faults import RuleError

COMPLETE: dict[str, dict[str, Any]] = {
    "refuse": {"reason": "not ours", "message": "Ask 12315."},
    "conclude": {"reason": "the invoice", "outcome": "partly"},
    "hand_over": {"recipient": "12315"},
    "reply": {"message": "It is done."},
    "merge": {"into": 7},
    "reopen": {"reason": "a new witness"},
    "review": {"reason": "the invoice was not read", "outcome": "reopened"},
}


def complete(step: Any) -> NewStep:
    return NewStep(step, **COMPLETE.get(step, {}))


def test_a_report_is_accepted_verified_concluded_handed_over_handled_replied_and_closed() -> None:
    state, seen = "received", []
    for step in ("accept", "verify", "conclude", "hand_over", "handle", "reply", "close"):
        state = state_after_step(state, complete(step))
        seen.append(state)
    assert seen == ["accepted", "verifying", "partly", "handed_over", "handled", "replied", "closed"]


@given(st.sampled_from(STATES), st.sampled_from(HANDLING_STEPS))
def test_a_step_that_is_not_offered_is_refused_and_one_that_is_leads_somewhere(state: str, step: Any) -> None:
    if step in possible_steps(state):
        assert state_after_step(state, complete(step)) in STATES
    else:
        with pytest.raises(RuleError) as raised:
            state_after_step(state, complete(step))
        assert raised.value.code == "report.step_impossible"


def test_no_state_is_a_dead_end() -> None:
    assert all(possible_steps(state) for state in STATES)
    assert all("reopen" in possible_steps(state) for state in ENDED)


def test_a_review_that_upholds_a_result_leaves_the_state_and_another_one_verifies_again() -> None:
    assert state_after_step("closed", NewStep("review", "x", outcome="upheld")) == "closed"
    assert state_after_step("closed", NewStep("review", "x", outcome="reopened")) == "verifying"


@pytest.mark.parametrize(("step", "places"), [(step, sorted(given)) for step, given in COMPLETE.items()])
def test_everything_that_a_step_needs_is_named_at_once(step: Any, places: list[str]) -> None:
    complete(step).require_complete()
    for blank in (None, " "):
        given: dict[str, Any] = dict.fromkeys(places, blank) | ({"into": None} if step == "merge" else {})
        with pytest.raises(RuleError) as raised:
            NewStep(step, **given).require_complete()
        assert sorted(one.pointer.strip("/") for one in raised.value.all) == places


@pytest.mark.parametrize(
    ("handlers", "objections", "reviews", "code"),
    [
        ({"person:1"}, 1, 0, "report.reviewer_handles"),
        ((), 0, 0, "report.no_objection"),
        ((), 2, 2, "report.no_objection"),
    ],
)
def test_an_objection_is_reviewed_once_by_somebody_who_has_not_worked_on_the_report(
    handlers: Any, objections: int, reviews: int, code: str
) -> None:
    with pytest.raises(RuleError) as raised:
        require_other_reviewer("person:1", handlers, objections, reviews)
    assert raised.value.code == code
    require_other_reviewer("person:2", {"person:1"}, 2, 1)
