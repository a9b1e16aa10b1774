"""State transitions of a notice by its events."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.notifications import notice
from incident.core.notifications.notice import NoticeEventKind, State
from incident.core.values.faults import RuleError

MOVING = cast("list[NoticeEventKind]", list(notice.MOVES))
SAID = st.lists(st.sampled_from([kind for kind in MOVING if kind != "exhausted"]), max_size=12)
HAPPENED = st.lists(st.sampled_from(MOVING), max_size=12)


def moved(facts: list[NoticeEventKind]) -> tuple[list[State], list[NoticeEventKind]]:
    """The states that facts lead through, and those of the facts that moved it."""
    state: State = "open"
    states, counted = [state], []
    for fact in facts:
        try:
            came = notice.after(state, fact)
        except RuleError:
            continue
        if came != state:
            counted.append(fact)
            state = came
            states.append(state)
    return states, counted


@given(HAPPENED)
def test_the_state_is_always_what_the_last_fact_says_that_moved_it(facts: list[NoticeEventKind]) -> None:
    states, counted = moved(facts)
    assert states[1:] == counted


@given(HAPPENED)
def test_nothing_of_a_finished_notice_moves(facts: list[NoticeEventKind]) -> None:
    states, _ = moved(facts)
    assert [state for state in states[:-1] if state in notice.FINISHED] == []
    for state in notice.FINISHED:
        assert not any(notice.is_possible(state, kind) for kind in MOVING)


@given(SAID)
def test_done_needs_somebody_who_took_it_up(facts: list[NoticeEventKind]) -> None:
    _, counted = moved(facts)
    if "done" in counted:
        assert counted[counted.index("done") - 1] in ("acknowledged", "accepted")


@pytest.mark.parametrize("state", notice.STATES)
@pytest.mark.parametrize("kind", MOVING)
def test_a_fact_moves_a_notice_or_stands_or_is_refused_and_never_two_of_these(
    state: State, kind: NoticeEventKind
) -> None:
    moves, stands = notice.is_possible(state, kind), state in notice.STANDS[kind]
    assert not (moves and stands)
    if moves:
        assert notice.after(state, kind) == kind
    elif stands:
        assert notice.after(state, kind) == state
    else:
        with pytest.raises(RuleError) as refused:
            notice.after(state, kind)
        assert refused.value.kind == "conflict"


@pytest.mark.parametrize("kind", ["opened", "reminded"])
def test_looking_and_reminding_move_nothing(kind: NoticeEventKind) -> None:
    assert [notice.after(state, kind) for state in notice.STATES] == list(notice.STATES)


@pytest.mark.parametrize(
    ("state", "until_acknowledged", "until_accepted"),
    [
        ("open", True, True),
        ("declined", True, True),
        ("acknowledged", False, True),
        ("accepted", False, False),
        ("done", False, False),
        ("exhausted", False, False),
        ("withdrawn", False, False),
    ],
)
def test_the_escalation_goes_on_until_it_is_ended(state: State, until_acknowledged: bool, until_accepted: bool) -> None:
    assert notice.is_waiting(state) is until_acknowledged
    assert notice.is_waiting(state, "accepted") is until_accepted


def test_every_fact_that_is_refused_says_what_to_do() -> None:
    with pytest.raises(RuleError, match=r"notice\.was_declined"):
        notice.after("declined", "acknowledged")
    with pytest.raises(RuleError, match=r"notice\.not_taken"):
        notice.after("open", "done")


def test_a_reason_is_needed_where_it_is_and_kept_without_space_around_it() -> None:
    assert notice.require_reason("  not ours\n", is_needed=True) == "not ours"
    assert notice.require_reason("  ", is_needed=False) is None
    for given_reason, code in ((" ", "notice.reason_needed"), ("x" * 2001, "text.too_long"), ("a\0b", "text.unfit")):
        with pytest.raises(RuleError) as refused:
            notice.require_reason(given_reason, is_needed=True)
        assert refused.value.code == code
