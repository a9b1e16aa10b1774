"""The main job from the alert to the verified journal, including unanswered notices; time is advanced."""

import datetime as dt

import pytest

from incident.actions.delivery import deliver
from incident.actions.directory import departments
from incident.actions.incidents import incidents
from incident.actions.journal.verifying import verify_journal
from incident.actions.notifications import acknowledge_links, answers
from incident.actions.playbooks import runs
from incident.core.incidents.routing_document import read_rules
from incident.core.notifications.message import DeliveryError
from incident.store.directory.departments import Department
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message, message_by_webhook_id, next_message_at
from incident.store.notifications.notices import Notice
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.store.playbooks.timers import Timer, next_due_at
from tests.core.cacao.build import action, document, manual
from tests.world import BY, World, acknowledge_notice, notice_of, only, rows

NET = "group--11111111-1111-4111-8111-111111111112"
WEB = "organization--11111111-1111-4111-8111-111111111113"
AGENTS = {
    NET: {"type": "group", "name": "net"},
    WEB: {"type": "organization", "name": "Department WEB"},
}

CONTAIN = document(
    {
        "contain": action(
            None,
            manual("cut the host off"),
            name="Contain",
            agent=NET,
            timeout=1_800_000,
            on_success="report",
            on_failure="head",
        ),
        "head": action("report", manual("decide what to do"), name="Ask the head", agent=NET),
        "report": action("done", manual("write down what was done"), name="Report", agent=NET),
        "done": None,
    },
    name="Contain a host",
    agent_definitions=AGENTS,
)


def route(world: World, made: dict, *codes: str) -> None:
    world.playbook(made)
    book = {"rules": [{"when": {"source": "generic"}, "set": {"departments": list(codes), "playbook": made["id"]}}]}
    departments.put_rules(read_rules(book), None, BY, world.now)


def notified(sent: list[deliver.OutgoingMessage]) -> list[tuple[str, str]]:
    return [(one.message.contact, one.message.type) for one in sent]


def event_types(incident: str) -> list[str]:
    return [entry.event_type for entry in rows(Entry, incident=incident)]


def click(world: World, sending: deliver.OutgoingMessage) -> answers.Answered:
    """Follow the acknowledge link of a message, as its page does."""
    token = sending.message.data["acknowledge_url"].rpartition("/")[2]
    webhook_id = acknowledge_links.message_of_token(world.ring, token)
    assert webhook_id is not None
    row = message_by_webhook_id(webhook_id)
    assert row is not None
    by = f"link:{webhook_id}:{sending.message.contact}"
    return acknowledge_notice(row.notice_id, by, "link", world.now, sent_at=row.created_at)


@pytest.fixture
def office(world: World) -> World:
    """A world with a network office of two levels that are reached by webhook."""
    net = world.department("net", waits=[5, 10])
    world.contact(net, "duty officer", 1, "webhook", "https://one.test/hook")
    world.contact(net, "head of office", 2, "webhook", "https://two.test/hook")
    return world


def test_from_the_alert_to_the_verified_journal(office: World) -> None:
    world = office
    route(world, CONTAIN, "net")
    assert world.alert(title="Login from two countries", grade=2).decision == "opened"
    incident = only(Incident)
    first = world.send()
    assert notified(first) == [("duty officer", "notice.created")]
    assert first[0].message.data["incident"] == "INC-2026-000001"

    assert world.after(minutes=4, seconds=59) == []
    second = world.after(seconds=1)
    assert notified(second) == [("head of office", "notice.created")]
    assert second[0].message.data["level"] == 2

    world.forward(minutes=1)
    assert click(world, second[0]).has_counted
    assert click(world, first[0]).has_counted is False
    assert world.after(minutes=14) == []
    assert only(Incident).status == "handling"
    assert only(Run).state == "waiting"

    later = world.after(minutes=10)  # half an hour after the start nobody has contained anything
    assert notified(later) == [("duty officer", "task.created"), ("head of office", "task.created")]
    assert [(task.title, task.state) for task in rows(Task)] == [("Contain", "cancelled"), ("Ask the head", "open")]
    world.complete(rows(Task)[-1].id)
    assert notified(world.send()) == [("duty officer", "task.created"), ("head of office", "task.created")]
    world.complete(rows(Task)[-1].id)
    assert only(Run).state == "succeeded"

    closed = world.close(incident)
    assert closed.status == "closed"
    assert world.after(days=3) == []
    assert event_types(incident.number) == [
        "incident.opened", "run.started", "task.opened", "notice.created", "message.accepted",
        "notice.escalated", "message.accepted", "notice.acknowledged",
        "run.advanced", "task.cancelled", "task.opened", "message.accepted", "message.accepted",
        "task.completed", "run.advanced", "task.opened", "message.accepted", "message.accepted",
        "task.completed", "run.ended", "incident.closed",
    ]  # fmt: skip
    assert not rows(Timer, state="pending")
    assert verify_journal().is_intact


def test_nobody_answers_at_any_level_of_any_round(world: World) -> None:
    net = world.department("net", waits=[5, 10, 30], repeat=2)
    for level, name in enumerate(["duty", "head", "director"], start=1):
        world.contact(net, name, level)
    incident = world.open("net")
    heard = [(world.now, one.message.contact) for one in world.send()]
    while only(Notice).state == "open":
        heard += [(world.now, one.message.contact) for one in world.after(minutes=5)]
    minutes = [((at - incident.opened_at) // dt.timedelta(minutes=1), who) for at, who in heard]
    one_round = [(0, "duty"), (5, "head"), (15, "director")]
    assert minutes == [(at + 45 * round, who) for round in range(3) for at, who in one_round]
    assert (world.now - incident.opened_at, only(Notice).round) == (dt.timedelta(minutes=135), 3)
    assert (notice_of(incident, net).state, only(Incident).status) == ("exhausted", "new")
    assert acknowledge_notice(only(Notice).id, "person:7:Late", "inbox", world.now).has_counted
    assert verify_journal().is_intact


def test_the_receiver_is_down_for_an_hour_and_the_office_is_told_by_its_second_level(office: World) -> None:
    world = office
    down = DeliveryError("connection refused", permanent=False)
    incident = world.open("net")
    world.send(down)
    while world.now < incident.opened_at + dt.timedelta(minutes=5):
        world.now = min(at for at in (next_due_at(), next_message_at()) if at is not None)
        world.fire()
        world.send(down)
    assert notice_of(incident, only(Department)).level == 2
    assert [row.state for row in rows(Message)] == ["pending", "pending"]
    assert rows(Message)[0].attempts == 8
    accepted = world.after(minutes=60)
    assert sorted(notified(accepted)) == [("duty officer", "notice.created"), ("head of office", "notice.created")]
    assert {one.message.webhook_id for one in accepted} == {row.webhook_id for row in rows(Message)}


BRANCHES = document(
    {
        "wait": action("both", manual("collect the logs"), name="Collect", agent=NET, delay=600_000),
        "both": {"type": "parallel", "next_steps": ["left", "right"], "on_completion": "never"},
        "left": action("left end", manual("block the page"), name="Block", agent=NET, timeout=900_000),
        "left end": None,
        "right": action("right end", manual("tell the owner"), name="Tell", agent=WEB),
        "right end": None,
        "never": action("done", manual("not reached"), name="Never", agent=NET),
        "rescue": action("rescue end", manual("call the director"), name="Rescue", agent=NET),
        "rescue end": None,
        "done": None,
    },
    name="Branches",
    agent_definitions=AGENTS,
    workflow_exception="rescue",
)


def open_tasks() -> list[str]:
    return [task.title for task in rows(Task, state="open")]


def test_a_delay_two_branches_one_of_which_fails_and_the_rescue_that_the_playbook_names(world: World) -> None:
    net = world.department("net", [("duty", 1)], waits=[600])
    web = world.department("WEB", [("web duty", 1)], waits=[600])
    world.playbook(BRANCHES)
    incident = world.open("net", playbook=BRANCHES["id"])
    assert (open_tasks(), only(Run).state) == ([], "waiting")
    world.send()
    assert notified(world.after(minutes=10)) == [("duty", "task.created")]
    world.complete(rows(Task)[-1].id)
    sent = notified(world.send())
    assert sorted(sent) == [("duty", "task.created"), ("web duty", "notice.created")]
    assert sorted(open_tasks()) == ["Block", "Tell"]
    world.after(minutes=15)
    assert open_tasks() == ["Tell"], "the other branch goes on until it has ended (P4)"
    world.complete(only(Task, title="Tell").id)
    assert open_tasks() == ["Rescue"]
    world.complete(only(Task, title="Rescue").id)
    ended = only(Run)
    assert (ended.state, ended.document["is_handled"]) == ("failed", True)
    assert [notice_of(incident, one).state for one in (net, web)] == ["open", "open"]
    world.close(incident)
    assert {notice.state for notice in rows(Notice)} == {"withdrawn"}
    assert verify_journal().is_intact


def test_a_second_run_and_a_reopening_on_the_same_incident(office: World) -> None:
    world = office
    route(world, CONTAIN, "net")
    world.alert()
    incident = only(Incident)
    for _ in range(2):
        world.complete(rows(Task, state="open")[-1].id)
    second = runs.start_run(incident.id, CONTAIN["id"], {}, BY, world.forward(seconds=10))
    world.close(incident, "the rest is done elsewhere")
    world.forward(hours=2)
    assert world.alert(status="resolved").decision == "ignored"
    incidents.reopen_incident(incident.id, "it came back", BY, world.now)
    assert world.alert().incident == incident.number
    assert [run.state for run in rows(Run)] == ["succeeded", "cancelled"]
    assert only(Run, id=second.id).ended_at == world.now - dt.timedelta(hours=2)
    assert notified(world.send())[-1] == ("duty officer", "notice.created")
    assert verify_journal().is_intact
