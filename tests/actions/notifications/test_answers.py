"""Answers of a department to a notice: effects, stored events and journal entries."""

import datetime as dt
import json
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident.actions.directory import departments, people
from incident.actions.incidents import incidents
from incident.actions.notifications import answers
from incident.actions.notifications.notice_events import AnswerSource
from incident.core.notifications import notice as rules
from incident.core.notifications.acknowledge_link import VALID_FOR, AcknowledgeLink
from incident.core.notifications.notice import NoticeEventKind, State
from incident.core.notifications.policy import Policy
from incident.core.values.faults import RuleError
from incident.store.db.counting import count_some
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.notifications.notice_events import NoticeEvent, notice_events_of
from incident.store.notifications.notices import Notice
from incident.store.playbooks.timers import Timer
from incident.store.queries.notice_list import notification_progress, waiting_notice_ids
from tests.world import BY, START, World, notice_of, only, rows

API = AnswerSource("api")


def say(world: World, kind: Any, reason: str | None = None, notice_id: int = 1) -> bool:
    return answers.answer_notice(notice_id, kind, BY, API, world.now, reason).has_counted


def refused(world: World, kind: Any, reason: str | None = None) -> str:
    with pytest.raises(RuleError) as fault:
        say(world, kind, reason)
    assert fault.value.kind == "conflict" or fault.value.pointer == "/reason"
    return fault.value.code


def notified(world: World) -> tuple[Incident, Any]:
    net = world.department("net", [("first", 1), ("second", 2)], waits=[5, 5])
    return world.open("net"), net


def test_accepting_counts_as_acknowledged_and_ends_the_escalation(world: World) -> None:
    incident, net = notified(world)
    world.forward(minutes=1)
    assert say(world, "accepted", "on our way") is True
    notice = notice_of(incident, net)
    assert (notice.state, notice.acknowledged_at, notice.acknowledged_by) == ("accepted", world.now, BY)
    assert (notice.answered_at, notice.answered_by, notice.reason) == (world.now, BY, "on our way")
    assert (only(Timer).state, only(Message).state, only(Incident).status) == ("cancelled", "cancelled", "handling")
    fact = only(NoticeEvent)
    assert (fact.kind, fact.at, fact.by, fact.via, fact.level) == ("accepted", world.now, BY, "api", 1)
    assert json.loads(only(Entry, event_type="notice.accepted").detail)["reason"] == "on our way"


def test_each_fact_keeps_its_own_moment(world: World) -> None:
    incident, net = notified(world)
    for minute, kind in enumerate(("acknowledged", "accepted", "done")):
        world.forward(minutes=1)
        assert say(world, kind), minute
    found = [(fact.kind, (fact.at - incident.opened_at).seconds) for fact in notice_events_of([1])]
    assert found == [("acknowledged", 60), ("accepted", 120), ("done", 180)]
    notice = notice_of(incident, net)
    assert (notice.state, notice.ended_at, notice.acknowledged_at) == (
        "done",
        world.now,
        world.now - dt.timedelta(minutes=2),
    )


def test_declining_needs_a_reason_and_ends_no_escalation(world: World) -> None:
    incident, net = notified(world)
    assert refused(world, "declined") == "notice.reason_needed"
    assert refused(world, "declined", "  ") == "notice.reason_needed"
    assert say(world, "declined", "not our network") is True
    notice = notice_of(incident, net)
    assert (notice.state, notice.reason, notice.acknowledged_at) == ("declined", "not our network", None)
    world.after(minutes=5)
    assert (notice_of(incident, net).state, notice_of(incident, net).level) == ("declined", 2)
    world.after(minutes=5)
    assert (notice_of(incident, net).state, notice_of(incident, net).next_at) == ("declined", None)
    assert [fact.kind for fact in notice_events_of([1])] == ["declined", "exhausted"]


def test_a_declined_notice_can_be_accepted_by_whoever_is_told_next_but_not_only_acknowledged(world: World) -> None:
    incident, net = notified(world)
    say(world, "declined", "not ours")
    world.after(minutes=5)
    assert refused(world, "acknowledged") == "notice.was_declined"
    assert say(world, "accepted") is True
    assert notice_of(incident, net).state == "accepted"
    assert world.after(hours=1) == []


def test_declining_after_an_acknowledgement_tells_the_next_level_at_once(world: World) -> None:
    incident, net = notified(world)
    say(world, "acknowledged")
    world.forward(hours=2)
    assert world.fire() == 0
    say(world, "declined", "we looked: not ours")
    assert world.fire() == 1
    assert (notice_of(incident, net).state, notice_of(incident, net).level) == ("declined", 2)


def test_declining_tells_the_department_that_leads_or_else_those_of_the_rules(world: World) -> None:
    world.department("lead", [("leading duty", 1), ("leading head", 2)])
    net = world.department("net", [("duty", 1)])
    incident = world.open("lead", "net")
    say(world, "declined", "not ours", notice_of(incident, net).id)
    message = only(Message, type="notice.declined")
    assert message.notice_id == notice_of(incident, net).id
    assert json.loads(only(Entry, event_type="notice.declined").detail)["contacts"] == ["leading duty"]


def test_of_a_declined_notice_nobody_else_stands_for_the_journal_says_so(world: World) -> None:
    notified(world)
    say(world, "declined", "not ours")
    assert rows(Message, type="notice.declined") == []
    assert json.loads(only(Entry, event_type="notice.declined").detail)["contacts"] == []


def test_what_was_said_before_changes_nothing(world: World) -> None:
    notified(world)
    say(world, "accepted")
    before = notice_row()
    for kind in ("acknowledged", "accepted"):
        assert say(world, kind) is False
    assert notice_row() == before
    assert len(rows(NoticeEvent)) == 1


def test_done_comes_after_somebody_took_it_up(world: World) -> None:
    notified(world)
    assert refused(world, "done") == "notice.not_taken"
    say(world, "acknowledged")
    assert say(world, "done", "host is clean") is True
    assert refused(world, "declined", "too late") == "notice.not_open"


def test_a_coordinator_withdraws_with_a_reason(world: World) -> None:
    incident, net = notified(world)
    with pytest.raises(RuleError, match=r"notice\.reason_needed"):
        answers.withdraw_notice(1, " ", BY, "api", world.now)
    assert answers.withdraw_notice(1, "the wrong department", BY, "api", world.now).has_counted
    notice = notice_of(incident, net)
    assert (notice.state, notice.reason, only(Timer).state) == ("withdrawn", "the wrong department", "cancelled")
    assert refused(world, "accepted") == "notice.not_open"


def test_closing_withdraws_what_nobody_took_up_and_stops_what_somebody_did(world: World) -> None:
    net, web = world.department("net", [("duty", 1)]), world.department("web", [("web duty", 1)])
    law = world.department("law", [("law duty", 1)])
    incident = world.open("net", "web", "law")
    say(world, "accepted", None, notice_of(incident, net).id)
    say(world, "declined", "not ours", notice_of(incident, web).id)
    world.close(incident)
    assert [notice_of(incident, one).state for one in (net, web, law)] == ["accepted", "withdrawn", "withdrawn"]
    assert rows(Timer, state="pending") == []


def test_on_a_closed_incident_nobody_takes_or_gives_back_work_but_may_say_that_it_is_done(world: World) -> None:
    incident, _ = notified(world)
    say(world, "acknowledged")
    world.close(incident)
    assert refused(world, "accepted") == "incident.is_closed"
    assert refused(world, "declined", "not ours") == "incident.is_closed"
    assert say(world, "done") is True


def test_a_reopened_incident_asks_anew_and_the_facts_of_before_stay(world: World) -> None:
    incident, net = notified(world)
    say(world, "accepted", "ours")
    world.close(incident)
    incidents.reopen_incident(incident.id, "it is back", BY, world.now)
    notice = notice_of(incident, net)
    assert (notice.state, notice.answered_at, notice.answered_by, notice.reason) == ("open", None, None, None)
    assert [fact.kind for fact in notice_events_of([1])] == ["accepted"]


def test_until_accepted_an_acknowledgement_stops_nobody_and_an_acceptance_does(world: World) -> None:
    incident, net = notified(world)
    notice_id = notice_of(incident, net).id
    notice = db.session.get_one(Notice, notice_id)
    notice.policy = notice.policy | {"until": "accepted"}
    db.session.commit()
    assert say(world, "acknowledged") is True
    assert [sending.message.contact for sending in world.send()] == ["first"]
    assert [sending.message.contact for sending in world.after(minutes=5)] == ["second"]
    assert notice_of(incident, net).state == "acknowledged"
    world.after(minutes=5)
    assert notice_of(incident, net).state == "exhausted"
    assert say(world, "accepted") is True


def test_of_two_answers_at_the_same_moment_each_leaves_a_state_that_fits_its_facts(world: World) -> None:
    notified(world)

    def decline() -> bool:
        return say(world, "declined", "not ours")

    done = world.at_once(partial(say, world, "accepted"), decline)
    assert not [one for one in done if isinstance(one, Exception) and not isinstance(one, RuleError)]
    last = [fact.kind for fact in notice_events_of([1])][-1]
    assert notice_row()[0] == last


def test_the_overview_counts_each_state_by_itself(world: World) -> None:
    net, web = world.department("net", [("duty", 1)]), world.department("web", [("web duty", 1)])
    incident = world.open("net", "web")
    say(world, "declined", "not ours", notice_of(incident, net).id)
    say(world, "accepted", None, notice_of(incident, web).id)
    counted = notification_progress([incident.id])[incident.id]
    assert (counted.waiting, counted.declined, counted.accepted, counted.acknowledged) == (0, 1, 1, 0)
    assert count_some(waiting_notice_ids({net.id, web.id})) == 1


def notice_row() -> tuple[str, int, Any]:
    notice = only(Notice)
    return notice.state, notice.version, notice.answered_at


SAYINGS = st.lists(
    st.sampled_from(["acknowledged", "accepted", "declined", "done", "withdrawn", "time"]), min_size=1, max_size=7
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SAYINGS)
def test_whatever_is_said_in_whatever_order_facts_and_state_agree(sqlite_world: World, sayings: list[str]) -> None:
    world = sqlite_world
    if not rows(Incident):
        departments.put_policy(
            world.department("net", [("first", 1)]).id,
            Policy.from_json({"levels": [{"wait": "PT5M"}, {"wait": "PT5M"}]}),
            None,
            BY,
            world.now,
        )
    incident = world.open("net")
    notice_id = rows(Notice)[-1].id
    for saying in sayings:
        world.forward(minutes=5)
        if saying == "time":
            world.fire()
            continue
        with suppress(RuleError):
            if saying == "withdrawn":
                answers.withdraw_notice(notice_id, "why", BY, "api", world.now)
            else:
                say(world, saying, "why", notice_id)
    state: State = "open"
    kinds: list[NoticeEventKind] = [fact.kind for fact in notice_events_of([notice_id])]  # type: ignore[misc]
    for kind in kinds:
        state = rules.after(state, kind)
    notice = rows(Notice)[-1]
    assert (notice.incident_id, notice.state) == (incident.id, state)
    pending = rows(Timer, state="pending", subject_type="notice", subject_id=notice_id)
    assert len(pending) == (1 if notice.next_at is not None else 0)
    assert not (pending and not rules.is_waiting(notice.state))


def test_every_coordinator_is_told_of_a_declined_notice_by_their_own_ways(world: World) -> None:
    net = world.department("net", [("duty", 1)])
    people.add_person("chen", "Chen Jing", "coordinator", None, None, "en", BY, world.now)
    where = ("email", "chen@example.org", 3, "en", None, world.ring)
    departments.add_contact(net.id, "Chen's mail", *where, BY, world.now, person="chen")
    world.open("net")
    say(world, "declined", "the hospital's server")
    message = only(Message, type="notice.declined")
    [sending] = [one for one in world.send() if one.message.type == "notice.declined"]
    assert "the hospital's server" in sending.message.text
    assert sending.message.data["reason"] == "the hospital's server"
    assert sending.message.data["acknowledge_url"] is None
    assert message.contact_id == 2


def test_of_a_red_incident_no_reason_leaves_the_machine(world: World) -> None:
    world.department("lead", [("leading duty", 1)])
    net = world.department("net", [("duty", 1)])
    incident = world.open("lead", "net", tlp="red")
    say(world, "declined", "the hospital's server", notice_of(incident, net).id)
    [sending] = [one for one in world.send() if one.message.type == "notice.declined"]
    assert "hospital" not in f"{sending.message.text}{sending.message.html}{sending.message.data}"


@pytest.mark.parametrize(
    ("link", "length", "code"),
    [
        (AcknowledgeLink(1, START), VALID_FOR, "notice.link_expired"),
        (AcknowledgeLink(1, START - VALID_FOR / 2), dt.timedelta(0), "notice.link_older"),
        (AcknowledgeLink(2, START), dt.timedelta(0), "notice.link_other"),
    ],
)
def test_an_answer_by_a_link_that_is_no_longer_valid_changes_nothing(
    world: World, link: AcknowledgeLink, length: dt.timedelta, code: str
) -> None:
    notified(world)
    with pytest.raises(RuleError) as fault:
        answers.answer_notice(1, "accepted", BY, AnswerSource("link", link=link), world.now + length)
    assert (fault.value.code, fault.value.kind) == (code, "conflict")
    assert (only(Notice).state, rows(NoticeEvent)) == ("open", [])
