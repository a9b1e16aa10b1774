"""Statutory clocks in their table."""

import re
from typing import get_args

from incident.core.deadlines.clocks import OPEN_STATES, ClockState
from incident.store.deadlines.clock_rows import OPEN


def test_clocks_that_run_are_those_in_no_other_state() -> None:
    excluded = re.findall(r"'(\w+)'", str(OPEN))
    assert sorted([*excluded, *OPEN_STATES]) == sorted(get_args(ClockState))
