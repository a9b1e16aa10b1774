"""Policies, local times and moments for generated tests."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from incident.core.duty.daytime import Span, WallClock
from incident.core.notifications.policy import RECIPIENT_KINDS, UNTILS, Level, Policy, Quiet, Wait

LENGTHS = st.integers(1, 604_800).map(lambda seconds: timedelta(seconds=seconds))
TIMES = st.integers(0, 1439).map(lambda minute: time(*divmod(minute, 60)))
SPANS = st.tuples(TIMES, TIMES).filter(lambda ends: ends[0] != ends[1]).map(lambda ends: Span(*ends))
MOMENTS = st.integers(946_684_800, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, ZoneInfo("UTC")))
CLOCKS = st.builds(
    WallClock,
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]).map(ZoneInfo),
    working_hours=SPANS,
)


def _some(values: Any, most: int = 4) -> Any:
    return st.lists(st.sampled_from(values), unique=True, max_size=most).map(tuple)


WAITS = st.builds(Wait, LENGTHS, _some((1, 2, 3, 4)), st.one_of(st.none(), st.sampled_from(("working", "off")), SPANS))
CHANNELS = _some(("wecom", "sms", "email"), 3)
LEVELS = st.builds(Level, LENGTHS, st.lists(WAITS, max_size=3).map(tuple), _some(RECIPIENT_KINDS), CHANNELS).flatmap(
    lambda level: (
        st.just(level)
        if not level.channels
        else st.one_of(st.none(), LENGTHS).map(
            lambda apart: Level(level.wait, level.waits, level.notify, level.channels, apart)
        )
    )
)
QUIET = st.builds(Quiet, SPANS, st.sampled_from(((3,), (4,), (3, 4))))

PLAIN = st.builds(Policy, st.lists(st.builds(Level, LENGTHS), min_size=1, max_size=20).map(tuple), st.integers(0, 20))
"""Policies of levels that only wait."""

POLICIES = st.builds(
    Policy,
    st.lists(LEVELS, min_size=1, max_size=5).map(tuple),
    st.integers(0, 3),
    st.sampled_from(UNTILS),
    st.one_of(st.none(), st.integers(60, 604_800).map(lambda seconds: timedelta(seconds=seconds))),
    st.one_of(st.none(), QUIET),
)
"""Policies with everything that one may say."""
