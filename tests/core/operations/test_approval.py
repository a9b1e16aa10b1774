"""Approval by two different people, not by programs."""

import datetime as dt

import pytest

from incident.core.operations.approval import CONSOLE, approver_of, has_expired, missing_approvals
from incident.core.values.faults import RuleError


def test_the_same_person_counts_once_however_they_are_called() -> None:
    given = [approver_of(by) for by in ("person:3:Li Wei", "person:3:Li Wei (renamed: twice)")]
    assert given == ["person:3", "person:3"]
    assert [missing_approvals(given[:count]) for count in range(3)] == [2, 1, 1]


def test_two_people_or_one_and_the_console_are_enough() -> None:
    assert missing_approvals([approver_of("person:3:Li Wei"), approver_of("person:33:Li Wei")]) == 0
    assert missing_approvals([approver_of("person:3:Li Wei"), approver_of("cli")]) == 0
    assert missing_approvals([CONSOLE, CONSOLE]) == 1
    assert missing_approvals(["person:1", "person:2", CONSOLE]) == 0


@pytest.mark.parametrize("by", ["token:1:prometheus", "public", "scheduler", "cli:root", "contact:3", ""])
def test_who_is_no_person_approves_nothing(by: str) -> None:
    with pytest.raises(RuleError) as refused:
        approver_of(by)
    assert (refused.value.code, refused.value.kind) == ("approval.not_by_person", "forbidden")


def test_what_was_proposed_waits_a_day_and_no_longer() -> None:
    proposed_at = dt.datetime(2026, 11, 21, 2, 10, tzinfo=dt.UTC)
    assert not has_expired(proposed_at, proposed_at + dt.timedelta(hours=23, minutes=59))
    assert has_expired(proposed_at, proposed_at + dt.timedelta(hours=24))
