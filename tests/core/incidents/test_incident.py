"""State transitions, TLP and number of an incident."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.incident import acknowledge, close, number, reopen, require_tlp, year_of
from incident.core.values.faults import RuleError
from incident.core.values.identifier import is_number


def test_taking_an_incident_on_begins_its_handling() -> None:
    assert acknowledge("new") == "handling"
    assert acknowledge("handling") == "handling"


def test_a_closed_incident_takes_no_move_but_reopening() -> None:
    for move in (acknowledge, close):
        with pytest.raises(RuleError) as caught:
            move("closed")
        assert (caught.value.code, caught.value.kind) == ("incident.is_closed", "conflict")
    assert reopen("closed") == "handling"


@pytest.mark.parametrize("status", ["new", "handling"])
def test_what_is_open_cannot_be_reopened(status: str) -> None:
    with pytest.raises(RuleError) as caught:
        reopen(status)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.kind) == ("incident.is_open", "conflict")


def test_an_incident_without_live_work_is_closed() -> None:
    assert close("new") == "closed"
    assert close("handling", override=True, reason="wanted") == "closed"


def test_closing_names_each_live_run_and_open_task() -> None:
    with pytest.raises(RuleError) as caught:
        close("handling", ["7"], ["12", "13"])
    assert (caught.value.code, caught.value.kind) == ("incident.has_live_work", "conflict")
    assert caught.value.arguments == {"runs": ["7"], "tasks": ["12", "13"]}


def test_an_override_with_a_reason_closes_over_live_work() -> None:
    assert close("handling", ["7"], ["12"], override=True, reason="false alarm") == "closed"


@pytest.mark.parametrize("reason", [None, "", "  \n"])
def test_an_override_without_a_reason_is_refused(reason: str | None) -> None:
    with pytest.raises(RuleError) as caught:
        close("handling", ["7"], override=True, reason=reason)
    assert (caught.value.code, caught.value.pointer) == ("incident.override_needs_reason", "/reason")


@given(st.sampled_from(["clear", "green", "amber", "amber+strict", "red"]))
def test_the_levels_of_tlp_are_known(level: str) -> None:
    assert require_tlp(level) == level


@pytest.mark.parametrize("level", ["white", "RED", "", None, 3, []])
def test_another_level_is_refused(level: object) -> None:
    with pytest.raises(RuleError) as caught:
        require_tlp(level, "/tlp")
    assert (caught.value.code, caught.value.pointer) == ("tlp.unknown", "/tlp")


def test_a_number_has_six_digits_and_may_outgrow_them() -> None:
    assert number("INC", 2026, 1) == "INC-2026-000001"
    assert number("INC", 2026, 1_234_567) == "INC-2026-1234567"


@given(st.integers(2000, 2999), st.integers(1, 10**9))
def test_every_number_has_the_shape_of_one(year: int, count: int) -> None:
    assert is_number(number("INC", year, count))


def test_the_year_is_that_of_the_own_calendar() -> None:
    at = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    assert year_of(at, ZoneInfo("Asia/Shanghai")) == 2027
    assert year_of(at, ZoneInfo("UTC")) == 2026
