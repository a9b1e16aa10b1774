"""The faults that the watchdog finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.operations.watchdog import (
    ADVICE,
    GRAVE,
    TROUBLE_WORDS,
    ClockOff,
    Limits,
    Measured,
    is_well,
    troubles_of,
)

LIMITS = Limits(clock_silent=30, timer_late=60, message_late=120, message_failing=1_800, deaths=3, disk_least=1 << 30)
SECONDS = st.none() | st.floats(0, 10_000)


@pytest.mark.parametrize(
    ("measured", "code"),
    [
        (Measured(database_fault="OperationalError"), "database.gone"),
        (Measured(damage="database disk image is malformed"), "database.damaged"),
        (Measured(silent_for=31), "clock.silent"),
        (Measured(busy_for=11), "threads.busy"),
        (Measured(attacked_logins=(("li", 100),)), "sign_in.attacked"),
        (Measured(refused_senders=("prometheus",)), "alerts.refused"),
        (Measured(timer_late=61), "timers.late"),
        (Measured(message_late=121), "messages.late"),
        (Measured(message_failing=1_801), "messages.failing"),
        (Measured(deaths={"scheduler": 3}), "process.dying"),
        (Measured(disk_free=(1 << 30) - 1), "disk.low"),
        (Measured(open_origins=("https://example.org:443",)), "circuit.open"),
        (Measured(clocks_off=(ClockOff("a.1", "soc", 11.0),)), "clock.ahead"),
        (Measured(clocks_off=(ClockOff("a.1", "soc", -11.0),)), "clock.behind"),
        (Measured(failing_contacts=1), "contacts.failing"),
        (Measured(overdue_custodians=1), "custodians.overdue"),
        (Measured(unconfirmed_contacts=1), "contacts.unconfirmed"),
    ],
)
def test_each_measure_has_its_trouble(measured: Measured, code: str) -> None:
    assert [trouble.code for trouble in troubles_of(measured, LIMITS)] == [code]
    assert code in TROUBLE_WORDS
    assert code in ADVICE


@pytest.mark.parametrize(
    "measured",
    [
        Measured(),
        Measured(silent_for=30, timer_late=60, message_late=120, message_failing=1_800),
        Measured(deaths={"scheduler": 2, "web": 2}, disk_free=1 << 30),
        Measured(clocks_off=(ClockOff("a.1", "soc", 10.0), ClockOff("b.1", "soc", -10.0))),
    ],
)
def test_what_stands_at_its_limit_is_well(measured: Measured) -> None:
    assert troubles_of(measured, LIMITS) == ()


def test_each_process_that_dies_and_each_dead_origin_is_a_trouble_of_its_own() -> None:
    origins = tuple(f"https://{name}.example.org:443" for name in "abcdefgh")
    found = troubles_of(Measured(deaths={"web": 9, "scheduler": 3}, open_origins=origins), LIMITS)
    keys = [trouble.key for trouble in found]
    assert keys[:3] == ["process.dying:scheduler", "process.dying:web", "circuit.open:https://a.example.org:443"]
    assert len(set(keys)) == len(keys) == 7


def test_each_machine_whose_time_is_off_is_a_trouble_of_its_own_also_when_they_have_one_name() -> None:
    off = (ClockOff("a.1", "soc", 3600.4), ClockOff("b.1", "soc", 3600.4))
    first, second = troubles_of(Measured(clocks_off=off), LIMITS)
    assert first.key != second.key
    assert first.arguments == {"host": "soc", "seconds": 3600, "node": "a.1"}


@given(SECONDS, SECONDS, st.integers(0, 3))
def test_all_is_well_unless_something_grave_stands(silent: float | None, failing: float | None, contacts: int) -> None:
    found = troubles_of(Measured(silent_for=silent, message_failing=failing, failing_contacts=contacts), LIMITS)
    assert is_well(found) == (silent is None or silent <= 30)
    assert is_well(found) == (not {trouble.code for trouble in found} & GRAVE)


def test_one_trouble_of_two_people_or_senders_is_two() -> None:
    both = Measured(attacked_logins=(("li", 100), ("chen", 200)), refused_senders=("prometheus", "suricata"))
    assert [one.key for one in troubles_of(both, LIMITS)] == [
        "sign_in.attacked:li",
        "sign_in.attacked:chen",
        "alerts.refused:prometheus",
        "alerts.refused:suricata",
    ]
