"""Working days of the calendars."""

from datetime import date
from pathlib import Path

import pytest

from incident.config import Settings
from incident.core.duty.working_calendar import PLAIN, read_calendar
from incident.core.values.faults import RuleError
from incident.data.working_calendars import calendars, shipped
from incident.jobs.startup.preflight import faults_of

CHINA = shipped()["china"]


def test_the_plain_calendar_works_from_monday_to_friday_in_any_year() -> None:
    assert [PLAIN.is_working_day(date(2026, 11, day)) for day in range(16, 23)] == [True] * 5 + [False] * 2
    assert shipped()["plain"].is_known(1999)
    assert shipped()["plain"].is_working_day(date(2026, 10, 1))


@pytest.mark.parametrize(
    ("year", "days_off", "made_up"),
    [(2024, 115, 8), (2025, 117, 5), (2026, 117, 6)],
)
def test_china_has_the_days_off_that_were_published(year: int, days_off: int, made_up: int) -> None:
    first = date(year, 1, 1).toordinal()
    days = [date.fromordinal(first + count) for count in range(366) if date.fromordinal(first + count).year == year]
    assert sum(not CHINA.is_working_day(day) for day in days) == days_off
    assert sum(day in CHINA.working for day in days) == made_up
    assert all(day.weekday() >= 5 for day in days if day in CHINA.working)
    assert CHINA.is_known(year)


def test_a_weekend_day_that_is_made_up_for_is_worked() -> None:
    assert CHINA.is_working_day(date(2026, 2, 28))
    assert not CHINA.is_working_day(date(2026, 2, 23))


def test_a_holiday_has_its_name() -> None:
    spring = CHINA.name_of(date(2026, 2, 17))
    assert spring is not None
    assert (spring.in_language("en"), spring.in_language("zh_Hans_CN")) == ("Spring Festival", "春节")
    assert CHINA.name_of(date(2026, 2, 24)) is None


def test_of_later_years_only_what_the_law_says_is_expected() -> None:
    assert not CHINA.is_known(2027)
    assert not CHINA.is_working_day(date(2027, 2, 8))


def test_every_fault_of_a_calendar_has_its_place() -> None:
    document = {
        "name": "Ours",
        "weekend": ["SA", "XX"],
        "years": {
            "2026": {"holidays": {"2026-13-01": "x", "2025-01-01": "y", "2026-03-05/2026-03-01": "z"}, "working": [7]},
            "next": {},
        },
        "colour": "red",
    }
    with pytest.raises(RuleError) as caught:
        read_calendar(document)
    assert {fault.pointer for fault in caught.value.all} == {
        "/colour",
        "/weekend/1",
        "/years/2026/holidays/2026-13-01",
        "/years/2026/holidays/2025-01-01",
        "/years/2026/holidays/2026-03-05~12026-03-01",
        "/years/2026/working/0",
        "/years/next",
    }


def test_files_in_the_home_add_calendars_and_broken_ones_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "works.json").write_text('{"name": "Works", "weekend": ["FR"]}', "utf-8")
    (tmp_path / "plain.json").write_text('{"name": "Ours", "weekend": []}', "utf-8")
    (tmp_path / "odd.json").write_text('{"weekend": ["XX"]}', "utf-8")
    (tmp_path / "torn.json").write_text("{", "utf-8")
    found, broken = calendars(tmp_path)
    assert sorted(found) == ["china", "plain", "works"]
    assert found["plain"].is_working_day(date(2026, 11, 22))
    assert [(one.path.name, one.fault is not None) for one in broken] == [("odd.json", True), ("torn.json", False)]


def test_the_check_of_the_environment_names_a_broken_calendar_and_its_places(tmp_path: Path) -> None:
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "odd.json").write_text('{"name": "x", "weekend": ["XX"]}', "utf-8")
    found = faults_of(Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path}/incident.db"))
    [notified] = [fault.what for fault in found if "odd.json" in fault.what]
    assert "/weekend/0: Choose one of" in notified


def test_a_calendar_with_a_name_that_nobody_sees_whole_is_broken(tmp_path: Path) -> None:
    (tmp_path / "works.json").write_text('{"name": "Wor\\u202eks", "weekend": ["FR"]}', "utf-8")
    (tmp_path / "chi\u200bna.json").write_text('{"name": "x", "weekend": []}', "utf-8")
    found, broken = calendars(tmp_path)
    assert sorted(found) == ["china", "plain"]
    codes = [one.fault and (one.fault.code, one.fault.pointer) for one in broken]
    assert codes == [("name.invisible", ""), ("name.invisible", "/name")]
