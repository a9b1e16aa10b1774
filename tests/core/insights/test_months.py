"""Months and spans of months."""

import pytest

from incident.core.insights.months import Month, require_month, require_months_between
from incident.core.values.faults import RuleError


def test_a_month_has_its_days_and_knows_its_neighbours() -> None:
    month = require_month("2024-02")
    assert (str(month.first), str(month.last), len(list(month.days))) == ("2024-02-01", "2024-02-29", 29)
    assert (str(month.moved(-2)), str(month.moved(11))) == ("2023-12", "2025-01")


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2026-1", "1-11", "2026-11-01", "٢٠٢٦-11", "2126-12"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(RuleError, match=r"month\.malformed"):
        require_month(text, "/month")


def test_a_span_is_in_order_and_not_endless() -> None:
    first, last = Month(2025, 12), Month(2026, 2)
    assert [str(one) for one in require_months_between(first, last)] == ["2025-12", "2026-01", "2026-02"]
    with pytest.raises(RuleError, match=r"month\.order"):
        require_months_between(last, first)
    with pytest.raises(RuleError, match=r"month\.too_many"):
        require_months_between(Month(2020, 1), last)
