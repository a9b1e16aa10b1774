"""The people on duty."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from incident.core.duty.daytime import Span
from incident.core.duty.on_duty import gaps, on_duty, shifts, stretches
from incident.core.duty.rota import Leave, Override, Rota, Rotation
from incident.core.duty.working_calendar import PLAIN
from incident.core.values.local_time import moment_of
from incident.data.working_calendars import shipped

CHINA = shipped()["china"]
SHANGHAI, BERLIN, NEW_YORK = (ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/New_York"))
WEEKLY = Rotation("weeks", ("ann", "bob", "cho"), date(2026, 1, 5), 7, time(8, 30))
DAILY = replace(WEEKLY, name="days", every=1)


def at(wall: str) -> datetime:
    return moment_of(datetime.fromisoformat(wall), SHANGHAI)


def who(rota: Rota, moment: datetime, zone: ZoneInfo = SHANGHAI, **more) -> tuple[str, ...]:
    return on_duty(rota, CHINA, zone, moment, **more).people


def test_a_week_ends_at_the_hand_over() -> None:
    rota = Rota((WEEKLY,))
    assert who(rota, at("2026-01-12 08:29")) == ("ann",)
    assert who(rota, at("2026-01-12 08:30")) == ("bob",)
    assert who(rota, at("2026-01-26 08:30")) == ("ann",)


def test_before_the_first_turn_there_is_a_gap() -> None:
    before = at("2026-01-05 08:29")
    assert on_duty(Rota((WEEKLY,)), CHINA, SHANGHAI, before).is_gap


def test_without_a_rotation_all_the_time_is_a_gap() -> None:
    start = at("2026-01-05 00:00")
    found = gaps(Rota(), CHINA, SHANGHAI, start, start + timedelta(days=3))
    assert [(gap.start, gap.end) for gap in found] == [(start, start + timedelta(days=3))]


def test_a_shift_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    nights = Rota((replace(DAILY, hours=Span(time(18), time(8)), handover=time(18), days=frozenset({4})),))
    assert who(nights, at("2026-01-10 07:00")) == who(nights, at("2026-01-09 23:00")) != ()
    assert who(nights, at("2026-01-09 07:00")) == ()
    assert who(nights, at("2026-01-10 19:00")) == ()


def test_working_days_and_days_off_follow_the_calendar_with_days_that_are_made_up() -> None:
    office = replace(WEEKLY, name="office", people=("ann",), hours=Span(time(9), time(17)), days="working")
    holiday = replace(office, name="holiday", people=("bob",), days="off")
    rota = Rota((office, holiday))
    assert who(rota, at("2026-02-28 10:00")) == ("ann",)  # a Saturday that is worked
    assert who(rota, at("2026-02-17 10:00")) == ("bob",)  # a Tuesday of the Spring Festival
    assert who(rota, at("2026-02-17 18:00")) == ()


def test_later_rotations_fill_what_the_first_leaves_open_and_add_nobody_to_it() -> None:
    office = replace(WEEKLY, name="office", people=("ann",), hours=Span(time(9), time(17)))
    rest = replace(DAILY, name="rest", people=("bob",))
    rota = Rota((office, rest))
    assert who(rota, at("2026-01-07 12:00")) == ("ann",)
    assert who(rota, at("2026-01-07 17:00")) == ("bob",)


def test_two_are_on_duty_only_where_one_is_asked_for_beside() -> None:
    beside = replace(DAILY, name="second", people=("bob",), is_beside=True)
    assert who(Rota((replace(WEEKLY, people=("ann",)), beside)), at("2026-01-07 00:00")) == ("ann", "bob")
    assert who(Rota((replace(WEEKLY, people=("bob",)), beside)), at("2026-01-07 00:00")) == ("bob",)


def test_for_who_is_away_the_next_in_the_rotation_stands_in() -> None:
    noon = at("2026-01-07 12:00")
    away = Leave("ann", noon, noon + timedelta(days=1))
    found = on_duty(Rota((WEEKLY,), leave=(away,)), CHINA, SHANGHAI, noon)
    assert [(one.person, one.how, one.instead_of) for one in found.because] == [("bob", "stand_in", "ann")]
    assert who(Rota((WEEKLY,), leave=(away,)), noon - timedelta(seconds=1)) == ("ann",)
    assert who(Rota((WEEKLY,), leave=(away,)), noon + timedelta(days=1)) == ("ann",)


def test_who_has_left_is_passed_over_and_an_override_by_them_counts_for_nothing() -> None:
    noon = at("2026-01-07 12:00")
    override = Override(noon, noon + timedelta(hours=1), "bob")
    assert who(Rota((WEEKLY,), (override,)), noon, absent=frozenset({"bob"})) == ("ann",)
    assert who(Rota((WEEKLY,)), noon, absent=frozenset({"ann"})) == ("bob",)
    assert who(Rota((WEEKLY,)), noon, absent=frozenset({"ann", "bob", "cho"})) == ()


def test_when_all_of_a_rotation_are_away_the_next_rotation_fills_the_gap() -> None:
    noon = at("2026-01-07 12:00")
    alone = replace(WEEKLY, people=("ann",))
    rota = Rota((alone, replace(DAILY, people=("dan",))), leave=(Leave("ann", noon, noon + timedelta(hours=1)),))
    assert who(rota, noon) == ("dan",)


def test_an_override_wins_over_all_and_fills_gaps() -> None:
    noon = at("2026-01-07 12:00")
    override = Override(noon, noon + timedelta(hours=1), "eve", why="training")
    for rota in (Rota((WEEKLY,), (override,)), Rota((), (override,))):
        found = on_duty(rota, CHINA, SHANGHAI, noon)
        assert [(one.person, one.how, one.why) for one in found.because] == [("eve", "override", "training")]


def test_an_override_in_place_of_somebody_replaces_only_that_person() -> None:
    noon = at("2026-01-07 12:00")
    hour = timedelta(hours=1)
    rota = Rota((WEEKLY,), (Override(noon, noon + hour, "eve", "ann"), Override(noon, noon + hour, "fay", "bob")))
    assert who(rota, noon) == ("eve",)
    assert who(replace(rota, overrides=rota.overrides[1:]), noon) == ("ann",)


def test_an_override_in_place_of_who_is_away_counts_before_the_stand_in() -> None:
    noon = at("2026-01-07 12:00")
    hour = timedelta(hours=1)
    override, away = Override(noon, noon + hour, "eve", "ann"), Leave("ann", noon, noon + hour)
    assert who(Rota((WEEKLY,), (override,), (away,)), noon) == ("eve",)
    assert who(Rota((replace(WEEKLY, people=("ann",)),), (override,), (away,)), noon) == ("eve",)


def test_a_later_override_wins_over_an_earlier_one() -> None:
    noon = at("2026-01-07 12:00")
    hour = timedelta(hours=1)
    again = (Override(noon, noon + hour, "eve", "ann"), Override(noon, noon + hour, "fay", "eve"))
    assert who(Rota((WEEKLY,), again), noon) == ("fay",)
    assert who(Rota((WEEKLY,), (Override(noon, noon + hour, "eve"), Override(noon, noon + hour, "fay"))), noon) == (
        "fay",
    )


def test_a_hand_over_in_the_skipped_hour_happens_when_the_clock_is_put_forward() -> None:
    rota = Rota((replace(DAILY, people=("ann", "bob"), handover=time(2, 30), starts_on=date(2026, 3, 28)),))
    forward = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert who(rota, forward - timedelta(seconds=1), BERLIN) == ("ann",)
    assert who(rota, forward, BERLIN) == ("bob",)
    length = [shift.end - shift.start for shift in shifts(rota, PLAIN, BERLIN, forward, forward + timedelta(days=2))]
    assert length[0] == timedelta(hours=23, minutes=30)


def test_a_hand_over_in_the_hour_that_comes_twice_happens_once() -> None:
    rota = Rota((replace(DAILY, people=("ann", "bob"), handover=time(1, 30), starts_on=date(2026, 10, 31)),))
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert who(rota, first - timedelta(seconds=1), NEW_YORK) == ("ann",)
    assert who(rota, first, NEW_YORK) == ("bob",)
    assert who(rota, first + timedelta(hours=1), NEW_YORK) == ("bob",)


def test_a_clock_put_back_over_midnight_leaves_no_gap() -> None:
    saint_johns = ZoneInfo("America/St_Johns")  # until 2011 put back at 00:01
    rota = Rota((replace(DAILY, handover=time(0), starts_on=date(2009, 1, 1)),))
    start = datetime(2009, 10, 31, tzinfo=UTC)
    assert gaps(rota, PLAIN, saint_johns, start, start + timedelta(days=3)) == ()


LOGINS = st.sampled_from(["ann", "bob", "cho", "dan"])
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 30, 59]))
ROTATIONS = st.builds(
    Rotation,
    st.text("abc", min_size=1, max_size=4),
    st.lists(LOGINS, min_size=1, max_size=4).map(tuple),
    st.dates(date(2026, 1, 1), date(2026, 4, 1)),
    st.integers(1, 15),
    TIMES,
    st.none() | st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: Span(*pair)),
    st.sampled_from(["all", "working", "off"]) | st.frozensets(st.integers(0, 6), min_size=1),
    st.booleans(),
)
ZONES = st.sampled_from([SHANGHAI, BERLIN, NEW_YORK, ZoneInfo("Australia/Lord_Howe")])
STARTS = st.sampled_from(
    [datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 7), (3, 28), (4, 3), (10, 24), (10, 31), (2, 13))]
)


@st.composite
def spans(draw):
    start = draw(STARTS) + draw(st.timedeltas(timedelta(days=-2), timedelta(days=4)))
    return start, start + draw(st.timedeltas(timedelta(minutes=1), timedelta(days=3)))


OVERRIDES = st.builds(
    lambda span, person, of: Override(span[0], span[1], person, of if of != person else None),
    spans(),
    LOGINS,
    st.none() | LOGINS,
)
LEAVE = st.builds(lambda span, person: Leave(person, *span), spans(), LOGINS)
ROTAS = st.builds(
    Rota,
    st.lists(ROTATIONS, max_size=3).map(tuple),
    st.lists(OVERRIDES, max_size=2).map(tuple),
    st.lists(LEAVE, max_size=2).map(tuple),
)
LENGTHS = st.timedeltas(timedelta(hours=1), timedelta(days=5))


@given(ROTAS, ZONES, STARTS, LENGTHS)
def test_stretches_tile_the_time_and_each_differs_from_the_one_before(rota, zone, start, length) -> None:
    found = list(stretches(rota, CHINA, zone, start, start + length))
    assert (found[0].start, found[-1].end) == (start, start + length)
    assert all(
        before.end == after.start and before.duty != after.duty and before.start < before.end
        for before, after in pairwise(found)
    )


@given(ROTAS, ZONES, STARTS, LENGTHS, st.data())
def test_every_moment_is_a_shift_of_exactly_who_is_on_duty_or_shown_as_a_gap(rota, zone, start, length, data) -> None:
    end = start + length
    moment = data.draw(st.datetimes(start.replace(tzinfo=None), end.replace(tzinfo=None))).replace(tzinfo=UTC)
    moment = min(moment, end - timedelta(microseconds=1))
    expected = on_duty(rota, CHINA, zone, moment)
    running = {one.reason for one in shifts(rota, CHINA, zone, start, end) if one.start <= moment < one.end}
    in_gaps = [gap for gap in gaps(rota, CHINA, zone, start, end) if gap.start <= moment < gap.end]
    assert running == set(expected.because)
    assert bool(in_gaps) == expected.is_gap == (not running)


@given(ROTAS, ZONES, STARTS, st.timedeltas(timedelta(0), timedelta(days=5)))
def test_nobody_has_double_duty_unless_it_is_asked_for(rota, zone, start, after) -> None:
    people = on_duty(rota, CHINA, zone, start + after).people
    assert len(people) == len(set(people)) <= 1 + sum(one.is_beside for one in rota.rotations)


@given(ROTATIONS, ZONES, st.sampled_from([1, 3, 7]), st.integers(0, 9))
def test_a_rotation_over_all_hours_has_no_gap_and_gives_each_their_turn(rotation, zone, every, turn) -> None:
    steady = replace(rotation, every=every, hours=None, days="all", is_beside=False, starts_on=date(2026, 3, 23))
    begins = datetime.combine(steady.starts_on, steady.handover) + timedelta(days=every) * turn
    start, end = moment_of(begins, zone), moment_of(begins + timedelta(days=every), zone)
    found = shifts(Rota((steady,)), CHINA, zone, start, end)
    assert [(one.start, one.end, one.reason.person) for one in found] == [
        (start, end, steady.people[turn % len(steady.people)])
    ]
