"""Which urgent reports share a notice."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from incident.core.reports.urgent import UrgentPaging, joins_notice

OPENED = dt.datetime(2026, 12, 1, 8, 0, tzinfo=dt.UTC)
WINDOW = UrgentPaging().window


def test_a_report_joins_a_notice_of_the_same_minutes_that_nobody_has_answered() -> None:
    for seconds, is_unanswered, expected in (
        (0, True, True),
        (299, True, True),
        (300, True, False),
        (-1, True, False),
        (0, False, False),
    ):
        at = OPENED + dt.timedelta(seconds=seconds)
        assert joins_notice(is_unanswered, OPENED, at, WINDOW) is expected, seconds


@given(st.lists(st.integers(0, 3_600), min_size=1, max_size=200), st.integers(1, 60))
def test_reports_in_an_hour_make_at_most_one_notice_for_each_window(moments: list[int], minutes: int) -> None:
    window, opened = dt.timedelta(minutes=minutes), list[dt.datetime]()
    for second in sorted(moments):
        at = OPENED + dt.timedelta(seconds=second)
        if not (opened and joins_notice(True, opened[-1], at, window)):
            opened.append(at)
    assert len(opened) <= 60 // minutes + 1
