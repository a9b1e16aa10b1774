"""Incoming papers: their numbers, dates, and which terms they end."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.documents.incoming import answered_terms, check_dates, register_number, require_open_paper
from incident.core.values.faults import RuleError

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
PARTIES = st.lists(st.tuples(st.integers(1, 99), st.sampled_from(["甲", "乙", "丙 "])), max_size=5)


def test_the_register_counts_by_year_and_an_exercise_says_so() -> None:
    assert register_number(2026, 1, is_drill=False) == "收〔2026〕1号"
    assert register_number(2026, 12, is_drill=True) == "（演练）收〔2026〕12号"


@pytest.mark.parametrize(
    ("received", "due", "codes"),
    [
        (AT, None, []),
        (AT, AT, []),
        (AT + HOUR, AT, ["incoming_paper.in_the_future", "incoming_paper.due_before"]),
        (AT, AT - HOUR, ["incoming_paper.due_before"]),
    ],
)
def test_a_paper_was_received_before_now_and_is_due_after(
    received: dt.datetime, due: dt.datetime | None, codes: list[str]
) -> None:
    found = []
    try:
        check_dates(received, due, AT)
    except RuleError as fault:
        found = [one.code for one in fault.all]
    assert found == codes


def test_a_paper_that_is_done_is_not_changed() -> None:
    require_open_paper("open")
    with pytest.raises(RuleError, match="is_done"):
        require_open_paper("done")


@given(st.sampled_from(["甲", "乙", "丙", "丁"]), PARTIES)
def test_a_paper_ends_the_terms_of_its_sender_or_the_only_one(sender: str, parties: list[tuple[int, str]]) -> None:
    ended = answered_terms(sender, parties)
    own = [key for key, party in parties if party.strip() == sender]
    assert ended == (own or [key for key, _ in parties if len(parties) == 1])
