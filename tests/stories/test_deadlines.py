"""Deadlines from awareness to filing: each warning comes once, across restarts, two processes and kill -9."""

import datetime as dt
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from incident.actions.deadlines import clock_events, filings, profiles
from incident.actions.deadlines.filings import NewFiling
from incident.actions.operations import timers
from incident.app import create_core
from incident.core.deadlines.regimes import OrganizationProfile
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks.timers import Timer
from tests.world import BY, World, acknowledge_notice, only, rows

MINUTE = dt.timedelta(minutes=1)
CLOCKS = 40
ROUNDS = 3

WARN = """
import datetime, sys
from incident.actions.operations import timers
from incident.app import create_core
from incident.config import read
with create_core(read()).app_context():
    print("ready", flush=True)
    while timers.fire_due(datetime.datetime.fromisoformat(sys.argv[1]), 2).count:
        pass
"""


def known(world: World, *departments: str) -> Incident:
    """An incident of an operator of critical infrastructure, known now."""
    incident = world.open(*departments)
    clock_events.put_awareness(incident.id, world.now, "Li Wei", "alarm", None, BY, world.now)
    return incident


def test_a_deadline_is_warned_of_acknowledged_overdue_and_filed_across_restarts(world: World) -> None:
    world.department("net", [("duty", 1), ("head", 2)], waits=[60, 60])
    profiles.put_profile(OrganizationProfile("cii"), BY, world.now)
    known(world, "net")
    world.send()
    world.sent.clear()
    start, read = world.now, []
    for minutes in range(1, 131):
        world.now = start + minutes * MINUTE
        with create_core(world.settings).app_context() if minutes in (29, 30, 48, 60, 90) else world.app.app_context():
            while timers.fire_due(world.now).count:
                pass
        read += [(minutes, one.message.contact, one.message.subject.partition(":")[0]) for one in world.send()]
        if minutes == 31:
            acknowledge_notice(only(Notice, purpose="deadline").id, BY, "link", world.now)
        if minutes == 100:
            first = only(IncidentClock, stage="first")
            late = {"reason_code": "approval_late", "text": "signed late"}
            filings.file_clock(first.id, NewFiling("portal", world.now, "CAC", late=late), BY, world.now)
    handling = [one for one in read if one[2] not in ("Due in 30 minutes", "Due in 12 minutes")]
    handling = [one for one in handling if not one[2].startswith("Overdue")]
    assert {minutes for minutes, _, _ in handling} == {60}  # the incident itself, which nobody acknowledged
    assert [one for one in read if one not in handling] == [
        (30, "duty", "Due in 30 minutes"),
        (48, "duty", "Due in 12 minutes"),
        (48, "head", "Due in 12 minutes"),
        (60, "duty", "Overdue by less than a minute"),
        (60, "head", "Overdue by less than a minute"),
        (90, "duty", "Overdue by 30 minutes"),
        (90, "head", "Overdue by 30 minutes"),
    ]
    assert (only(Notice, purpose="deadline").state, only(IncidentClock, stage="first").state) == (
        "withdrawn",
        "filed_late",
    )


@contextmanager
def warning(world: World) -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes that fire timers, killed when the block ends."""
    environ = {"INCIDENT_HOME": str(world.settings.home), "INCIDENT_DATABASE_URL": world.settings.database_url}
    given = [sys.executable, "-c", WARN, world.now.isoformat()]
    started = [subprocess.Popen(given, env=os.environ | environ, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        yield started
    finally:
        for one in started:
            one.kill()
            one.wait(10)


@pytest.mark.slow
def test_two_processes_that_are_killed_again_and_again_warn_of_each_deadline_once(world: World) -> None:
    world.department("net", [("duty", 1)])
    profiles.put_profile(OrganizationProfile("cii"), BY, world.now)
    for _ in range(CLOCKS):
        known(world, "net")
    world.forward(minutes=31)
    for number in range(ROUNDS):
        with warning(world) as processes:
            for one in processes:
                assert one.stdout is not None
                assert one.stdout.readline() == "ready\n"
            time.sleep(0.05 * (number + 1))
    with warning(world) as processes:
        assert [one.wait(60) for one in processes] == [0, 0]
    notices = Counter(one.subject_id for one in rows(Notice, purpose="deadline"))
    messages = Counter(one.notice_id for one in rows(Message))
    assert (len(notices), set(notices.values()), set(messages.values())) == (CLOCKS, {1}, {1})
    warned = Counter(one.subject for one in rows(Entry, event_type="clock.warned"))
    assert (len(warned), set(warned.values())) == (CLOCKS, {1})
    pending = [one.due_at - world.now for one in rows(Timer, subject_type="clock", state="pending")]
    assert pending == [17 * MINUTE] * CLOCKS
