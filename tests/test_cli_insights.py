"""Counting all incidents again on the command line."""

from pathlib import Path

import pytest

from incident.store.insights import sums
from incident.store.journal.journal import Entry
from tests.test_cli import Terminal
from tests.world import World, only


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str) -> Terminal:
    """A terminal at a home that has been migrated."""
    return Terminal(tmp_path / "home")


def test_the_command_counts_all_incidents_and_says_in_which_zone(terminal: Terminal, sqlite_world: World) -> None:
    assert "time zone" in terminal.good("insights", "rebuild")
    sqlite_world.department("net")
    sqlite_world.open("net")
    shown = terminal.type("insights", "rebuild")
    assert shown.exit_code == 0
    assert "All incidents are counted in the time zone" in shown.output
    assert {one[0] for one in sums.every_sum() if one[1] == "opened"} == {"category", "day", "hour", "month"}
    assert only(Entry, event_type="insights.rebuilt", seq=1).actor == "cli"
