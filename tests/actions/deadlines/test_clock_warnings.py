"""Warnings of clocks: timers and notices at 50, 80 and 100 percent, and what moves or ends them."""

import datetime as dt
import json
from typing import Any

import pytest

from incident.actions.deadlines import clock_events, clock_warnings, filings, grading, profiles
from incident.actions.deadlines.filings import NewFiling
from incident.actions.directory import departments, people
from incident.actions.incidents import following
from incident.actions.notifications import answers
from incident.actions.operations import housekeeping, timers
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.notifications.policy import Policy
from incident.node import Node
from incident.store.db.database import db
from incident.store.deadlines import clock_rows
from incident.store.deadlines.clock_rows import IncidentClock
from incident.store.directory.departments import Contact, Department
from incident.store.incidents.incidents import Incident
from incident.store.incidents.news import NewsItem
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks.timers import Timer
from tests.world import World, acknowledge_notice, notice_of, only, rows

LI, WANG = "person:1:Li Wei", "person:2:Wang Fang"
NODE = Node("a" * 32, "1" * 32, "soc")


@pytest.fixture
def net(world: World) -> Department:
    return world.department("net", [("duty", 1), ("second", 2), ("head", 3)], [15, 15, 15])


@pytest.fixture
def place(world: World, net: Department) -> Incident:
    profiles.put_profile(OrganizationProfile("cii"), LI, world.now)
    incident = world.open("net")
    acknowledge_notice(notice_of(incident, net).id, LI, "inbox", world.now)
    return incident


def aware(world: World, incident: Incident, at: dt.datetime | None = None, reason: str | None = None) -> Any:
    return clock_events.put_awareness(incident.id, at or world.now, "Li Wei", "alarm", reason, LI, world.now)


def clock(incident: Incident, stage: str = "first") -> IncidentClock:
    db.session.rollback()
    return next(one for one in clock_rows.clocks_of(incident.id) if one.stage == stage)


def warnings(incident: Incident) -> list[dt.datetime]:
    """When the pending timers of the clocks of an incident are due."""
    return [one.due_at for one in rows(Timer, subject_type="clock", incident_id=incident.id, state="pending")]


def deadline() -> Notice:
    return only(Notice, purpose="deadline")


def written() -> list[tuple[str, str]]:
    """The messages of the notice of the deadline: type and contact, in order."""
    names = {one.id: one.name for one in rows(Contact)}
    return [(one.type, names[one.contact_id]) for one in rows(Message, notice_id=deadline().id)]


def forward(world: World, minutes: float) -> None:
    """Let time pass minute by minute, so that each timer fires when it is due."""
    for _ in range(round(minutes)):
        world.forward(minutes=1)
        world.fire()


def test_a_deadline_of_an_hour_is_warned_of_at_30_48_and_60_minutes_and_every_half_hour(
    world: World, place: Incident
) -> None:
    aware(world, place)
    start = world.now
    assert warnings(place) == [start + dt.timedelta(minutes=30)]
    forward(world, 30)
    notice = deadline()
    assert (notice.subject_type, notice.subject_id, notice.incident_id) == ("clock", clock(place).id, place.id)
    assert (notice.state, notice.level, written()) == ("open", 1, [("notice.created", "duty")])
    acknowledge_notice(notice.id, LI, "inbox", world.now)
    assert warnings(place) == [start + dt.timedelta(minutes=48)]
    forward(world, 18)
    assert (deadline().state, deadline().level, deadline().next_at) == ("acknowledged", 2, None)
    assert written()[1:] == [("notice.reminder", "duty"), ("notice.created", "second")]
    forward(world, 12)
    assert (clock(place).warned_percent, deadline().level) == (100, 3)
    assert written()[3:] == [("notice.reminder", "duty"), ("notice.reminder", "second"), ("notice.created", "head")]
    forward(world, 60)
    assert len(written()) == 6 + 2 * 3
    assert warnings(place) == [start + dt.timedelta(minutes=150)]
    percents = [one.subject for one in rows(Entry, event_type="clock.warned")]
    assert percents == [f"clock:{clock(place).id}"] * 5
    filings.file_clock(
        clock(place).id,
        NewFiling("phone", world.now, "CAC", late={"reason_code": "other", "text": "busy"}),
        LI,
        world.now,
    )
    assert (deadline().state, clock(place).state, clock(place).warn_at) == ("withdrawn", "filed_late", None)
    forward(world, 60)
    assert len(written()) == 12


def test_nobody_acknowledges_and_the_policy_goes_on_between_the_thresholds(world: World, place: Incident) -> None:
    aware(world, place)
    forward(world, 45)
    assert (deadline().level, written()) == (2, [("notice.created", "duty"), ("notice.created", "second")])
    forward(world, 3)
    assert (deadline().level, deadline().state) == (3, "open")
    assert rows(Timer, subject_type="notice", subject_id=deadline().id, state="pending") != []


def test_a_late_awareness_warns_once_at_the_highest_threshold_that_has_passed(world: World, place: Incident) -> None:
    aware(world, place, world.now - dt.timedelta(minutes=50))
    assert rows(Notice, purpose="deadline") == []
    world.fire()
    assert (clock(place).warned_percent, deadline().level) == (80, 2)
    assert written() == [("notice.created", "duty"), ("notice.created", "second")]
    assert len(rows(Entry, event_type="clock.warned")) == 1


def test_a_deadline_that_is_overdue_when_it_is_known_notifies_all_levels_at_once(world: World, place: Incident) -> None:
    aware(world, place, world.now - dt.timedelta(hours=5))
    world.fire()
    assert written() == [("notice.created", name) for name in ("duty", "second", "head")]
    assert warnings(place) == [world.now + dt.timedelta(minutes=30)]


def test_a_due_that_moves_earlier_moves_the_timer_in_the_same_transaction(world: World, place: Incident) -> None:
    aware(world, place)
    start = world.now
    aware(world, place, start - dt.timedelta(minutes=20))
    assert warnings(place) == [start + dt.timedelta(minutes=10)]
    assert len(rows(Timer, subject_type="clock", state="cancelled")) == 1
    aware(world, place, start - dt.timedelta(minutes=40))
    assert warnings(place) == [start]


def test_a_due_that_two_people_put_off_withdraws_the_notice_and_warns_anew_at_its_half(
    world: World, place: Incident
) -> None:
    aware(world, place, world.now - dt.timedelta(minutes=35))
    world.fire()
    later = aware(world, place, world.now, "the log was read wrongly")
    assert deadline().state == "open"
    clock_events.confirm_clock_event(later.id, WANG, world.now)
    assert (deadline().state, clock(place).warned_percent) == ("withdrawn", 0)
    assert warnings(place) == [world.now + dt.timedelta(minutes=30)]
    forward(world, 30)
    assert (deadline().state, deadline().opened_at) == ("open", world.now)


def test_an_oral_announcement_leaves_the_warnings_running(world: World, place: Incident) -> None:
    aware(world, place)
    forward(world, 31)
    filings.file_clock(clock(place).id, NewFiling("phone", world.now, "CAC", is_oral=True), LI, world.now)
    assert (deadline().state, clock(place).warned_percent) == ("open", 50)
    forward(world, 17)
    assert clock(place).warned_percent == 80


@pytest.mark.parametrize("stop", [filings.waive_clock, filings.suspend_clock])
def test_a_clock_that_is_set_aside_stops_and_one_that_runs_again_warns_again(
    world: World, place: Incident, stop: Any
) -> None:
    aware(world, place)
    forward(world, 31)
    stop(clock(place).id, "granted", LI, world.now)
    assert (deadline().state, warnings(place), clock(place).warn_at) == ("withdrawn", [], None)
    forward(world, 20)
    assert clock(place).warned_percent == 0
    filings.resume_clock(clock(place).id, "no longer", LI, world.now)
    world.fire()
    assert (deadline().state, clock(place).warned_percent, deadline().level) == ("open", 80, 2)


def test_a_grade_below_what_is_reportable_ends_the_warnings(world: World, place: Incident) -> None:
    aware(world, place)
    forward(world, 31)
    grading.put_answers(place.id, {"cii_down_minutes": 0}, LI, world.now)
    decision = grading.decide_grade(place.id, 4, "not reportable", LI, world.now)
    if decision.state == "awaiting_second":
        assert deadline().state == "open"
        grading.confirm_grade(decision.id, WANG, world.now)
    assert (clock(place).state, deadline().state, warnings(place)) == ("not_applicable", "withdrawn", [])


def test_a_closed_incident_has_deadlines_that_go_on(world: World, place: Incident) -> None:
    aware(world, place)
    forward(world, 31)
    world.close(place)
    assert [one.state for one in rows(Notice)] == ["acknowledged", "open"]
    acknowledge_notice(deadline().id, LI, "inbox", world.now)
    forward(world, 17)
    assert (clock(place).warned_percent, deadline().level) == (80, 2)
    assert only(Incident).status == "closed"


def test_who_acknowledges_a_deadline_has_not_acknowledged_the_incident(world: World, net: Department) -> None:
    profiles.put_profile(OrganizationProfile("cii"), LI, world.now)
    incident = world.open("net")
    aware(world, incident, world.now - dt.timedelta(minutes=35))
    world.fire()
    acknowledge_notice(deadline().id, LI, "inbox", world.now)
    assert (deadline().state, notice_of(incident, net).state, only(Incident).status) == ("acknowledged", "open", "new")
    acknowledge_notice(notice_of(incident, net).id, LI, "inbox", world.now)
    assert only(Incident).status == "handling"


def test_a_notice_that_was_withdrawn_or_done_opens_again_at_the_next_threshold(world: World, place: Incident) -> None:
    aware(world, place)
    forward(world, 31)
    answers.withdraw_notice(deadline().id, "we know", LI, "api", world.now)
    forward(world, 17)
    assert (deadline().state, deadline().level) == ("open", 2)


def test_the_coordinators_learn_of_a_deadline_that_has_passed(world: World, place: Incident) -> None:
    people.add_person("boss", "Boss", "coordinator", None, None, "en", LI, world.now)
    office = world.department("office")
    departments.add_contact(
        office.id, "boss", "email", "boss@example.org", 1, "en", None, world.ring, LI, world.now, person="boss"
    )
    aware(world, place)
    forward(world, 59)
    assert "boss" not in {contact for _, contact in written()}
    forward(world, 1)
    assert [one for one in written() if one[1] == "boss"] == [("notice.reminder", "boss")]


def test_quiet_hours_hold_the_first_warning_and_no_later_one(world: World, place: Incident, net: Department) -> None:
    quiet = {"from": f"{world.now.hour:02}:00", "until": f"{world.now.hour + 3:02}:00", "grades": [4]}
    document = {"levels": [{"wait": "PT15M"}] * 3, "repeat": 0, "quiet": quiet}
    departments.put_policy(net.id, Policy.from_json(document), None, LI, world.now)
    world.change(place, grade=4)
    aware(world, place)
    forward(world, 30)
    assert (deadline().level, written()) == (0, [])
    forward(world, 18)
    assert (deadline().level, written()) == (2, [("notice.created", "duty"), ("notice.created", "second")])


def test_an_incident_without_departments_warns_nobody_and_says_so(world: World) -> None:
    profiles.put_profile(OrganizationProfile("cii"), LI, world.now)
    aware(world, world.open())
    forward(world, 30)
    assert rows(Notice) == []
    assert json.loads(only(Entry, event_type="clock.warned").detail)["departments"] == []


def test_a_thread_of_four_schedulers_warns_once(world: World, place: Incident) -> None:
    aware(world, place, world.now - dt.timedelta(minutes=70))
    world.at_once(*[lambda: timers.fire_due(world.now)] * 4)
    assert (len(written()), len(rows(Entry, event_type="clock.warned"))) == (3, 1)


def test_a_process_that_dies_while_it_warns_leaves_nothing_and_the_next_one_warns(
    world: World, place: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    aware(world, place)
    world.forward(minutes=30)
    warn_before = clock_warnings.warn

    def die(*given: Any) -> None:
        warn_before(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(clock_warnings, "warn", die)
        with pytest.raises(KeyboardInterrupt):
            timers.fire_due(world.now)
    assert (rows(Notice, purpose="deadline"), clock(place).warned_percent) == ([], 0)
    world.fire()
    assert (clock(place).warned_percent, len(written())) == (50, 1)


def test_followers_and_the_owner_of_the_incident_read_of_each_threshold(world: World, place: Incident) -> None:
    owner = people.add_person("owner", "Owner", "responder", None, None, "en", LI, world.now)
    world.change(place, owner="owner")
    reader = people.add_person("reader", "Reader", "reader", None, None, "en", LI, world.now)
    following.follow_incident(place.id, reader.id, LI, world.now)
    aware(world, place)
    forward(world, 91)
    for person in (reader, owner):
        assert [(one.kind, one.words) for one in rows(NewsItem, person_id=person.id)] == [("deadline", "100")]


def test_after_a_clock_that_was_ahead_for_a_moment_every_threshold_is_warned_of_in_time(
    world: World, place: Incident
) -> None:
    aware(world, place)
    start = world.now
    world.forward(days=400)
    housekeeping.beat(NODE, 1, world.now)
    world.fire()
    assert clock(place).warned_percent == 100
    world.now = start + dt.timedelta(minutes=11)
    housekeeping.beat(NODE, 1, world.now)
    forward(world, 19)
    assert clock(place).warned_percent == 50
    forward(world, 18)
    assert clock(place).warned_percent == 80
    forward(world, 12)
    assert clock(place).warned_percent == 100
    assert warnings(place) == [start + dt.timedelta(minutes=90)]
