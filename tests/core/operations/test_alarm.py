"""The schedule of alarms about system faults."""

import datetime as dt
import itertools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from incident.core.operations.alarm import (
    NONE,
    AlarmNews,
    Alarms,
    AlarmSchedule,
    alarms_after_sent,
    alarms_after_unsent,
    look,
    read_alarms,
)
from incident.core.operations.watchdog import Trouble

START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
SILENT, LOW = Trouble("clock.silent", {"seconds": 31}), Trouble("disk.low", {"free": 9})
SCHEDULE = AlarmSchedule()


class Hand:
    """Checks repeatedly, and records the times of alarms."""

    def __init__(self, schedule: AlarmSchedule = SCHEDULE, *, is_taken: bool = True) -> None:
        self.alarms = NONE
        self.schedule = schedule
        self.is_taken = is_taken
        self.now = START
        self.sent: list[tuple[dt.timedelta, AlarmNews]] = []

    def look(self, *troubles: Trouble, after: float = 10) -> AlarmNews | None:
        self.now += dt.timedelta(seconds=after)
        self.alarms, what = look(self.alarms, troubles, self.now, self.schedule)
        if what is not None:
            self.sent.append((self.now - START, what))
            self.alarms = (
                alarms_after_sent(self.alarms, what, self.now)
                if self.is_taken
                else alarms_after_unsent(self.alarms, self.now)
            )
        return what

    def looks(self, count: int, *troubles: Trouble) -> list[AlarmNews]:
        return [what for _ in range(count) if (what := self.look(*troubles)) is not None]


def codes(what: AlarmNews) -> list[str]:
    return [one.trouble.code for one in what.standing]


def test_what_is_seen_once_and_gone_is_told_to_nobody() -> None:
    hand = Hand()
    assert hand.look(SILENT) is None
    assert hand.looks(100) == []
    assert hand.alarms == NONE


def test_what_stands_is_told_once_and_then_less_and_less_often() -> None:
    hand = Hand()
    hand.looks(6 * 60 * 24, SILENT)
    minutes = [moment.total_seconds() / 60 for moment, _ in hand.sent]
    pauses = [round(late - early) for early, late in itertools.pairwise(minutes)]
    assert pauses[:6] == [15, 30, 60, 120, 240, 240]
    assert len(minutes) < 12


def test_the_end_is_told_once_after_a_calm() -> None:
    hand = Hand()
    hand.looks(10, SILENT)
    ends = hand.looks(60)
    assert [[one.trouble.code for one in what.ended] for what in ends] == [["clock.silent"]]
    assert ends[0].standing == ()
    assert not ends[0].is_alarm
    assert hand.alarms == NONE


def test_what_flaps_is_one_trouble() -> None:
    hand = Hand()
    for _ in range(20):
        hand.looks(3, SILENT)
        hand.looks(6)
    assert len(hand.sent) == 2  # at once, and after a quarter of an hour
    assert all(not what.ended for _, what in hand.sent)


def test_a_second_trouble_is_told_at_once_and_names_the_first() -> None:
    hand = Hand()
    hand.looks(10, SILENT)
    (second,) = hand.looks(10, SILENT, LOW)
    assert codes(second) == ["clock.silent", "disk.low"]
    assert second.due == ("disk.low",)


def test_what_nobody_took_is_tried_again_each_minute_and_told_only_once_when_somebody_does() -> None:
    hand = Hand(is_taken=False)
    assert len(hand.looks(60, SILENT)) in {9, 10}
    hand.is_taken = True
    assert len(hand.looks(60, SILENT)) == 1


def test_the_end_that_nobody_took_is_tried_again_and_forgotten_after_a_day() -> None:
    hand = Hand()
    hand.looks(10, SILENT)
    hand.is_taken = False
    assert len(hand.looks(6 * 60)) > 30
    hand.look(after=86_400)
    assert hand.alarms.standing == {}


def test_a_clock_that_is_set_back_keeps_no_alarm_from_being_told() -> None:
    hand = Hand()
    hand.looks(10, SILENT)
    hand.look(SILENT, after=-3_600)
    assert len(hand.looks(3, SILENT, LOW)) == 1
    assert len(hand.looks(6 * 20, SILENT, LOW)) >= 1


def test_alarms_are_read_as_they_were_written_and_nothing_from_anything_else() -> None:
    hand = Hand()
    hand.looks(10, SILENT, LOW)
    assert read_alarms(hand.alarms.to_json()) == hand.alarms
    tried = alarms_after_unsent(hand.alarms, START)
    assert read_alarms(tried.to_json()) == tried
    for broken in (
        None,
        {},
        {"standing": 7},
        {"standing": [{"code": 1}], "tried_at": None},
        {"standing": [], "tried_at": 7},
    ):
        assert read_alarms(broken) == NONE


@given(st.lists(st.lists(st.sampled_from([SILENT, LOW]), max_size=2, unique_by=id), min_size=1, max_size=300))
def test_however_it_comes_and_goes_few_messages_are_sent_and_none_but_of_what_was_told(
    seen: Sequence[Sequence[Trouble]],
) -> None:
    hand = Hand()
    for troubles in seen:
        hand.look(*troubles)
    hours = (hand.now - START) / dt.timedelta(hours=1)
    assert len(hand.sent) <= 2 * (4 + 20 * hours)
    alarmed: set[str] = set()
    for _, what in hand.sent:
        alarmed |= set(what.due)
        assert {one.trouble.key for one in what.ended} <= alarmed
    assert isinstance(hand.alarms, Alarms)
