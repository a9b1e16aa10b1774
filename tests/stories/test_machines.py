"""Machine commands against a real server: success, refusal, and a crash in between (P13, P14)."""

import json
from collections.abc import Iterator

import pytest

from incident.actions.playbooks import commands
from incident.app import tools_of
from incident.jobs.scheduling.workers import command_slots
from incident.store.journal.journal import Entry
from incident.store.playbooks.runs import Command, Run
from incident.store.playbooks.tasks import Task
from tests import receivers
from tests.core.cacao.build import MACHINE_AGENT, action, choice, document, http, manual
from tests.world import World, only, rows

ASK_MACHINE = "POST /block HTTP/1.1"


def open_tasks() -> list[str]:
    return [task.title for task in rows(Task, state="open")]


def machine(url: str, line: str = ASK_MACHINE) -> dict:
    return document(
        {
            "block": action(
                "asked", http(line), name="Block", agent=MACHINE_AGENT, timeout=600_000, out_args=["__ticket__"]
            ),
            "asked": choice("__ticket__:value = 'T-17'", "yes", on_false="no", on_completion="done"),
            "yes": action("yes end", manual("write down the ticket __ticket__:value"), name="Ticket"),
            "yes end": None,
            "no": action("no end", manual("ask again"), name="No ticket"),
            "no end": None,
            "done": None,
        },
        name="Machine",
        playbook_variables={"__ticket__": {"type": "string", "value": ""}},
        agent_definitions={
            MACHINE_AGENT: {"type": "http-api", "name": "Firewall", "address": {"url": [url]}},
            "group--11111111-1111-4111-8111-111111111111": {"type": "group", "name": "net"},
        },
    )


@pytest.fixture
def firewall() -> Iterator[receivers.Receiver]:
    """A machine that accepts orders and answers with a ticket."""
    with receivers.receiver(body=json.dumps({"ticket": "T-17"}).encode()) as started:
        yield started


def execute(world: World) -> None:
    """Have every command that is due carried out by its real executor, as the clock's slots do."""
    slots = command_slots(world.app, tools_of(world.app), lambda: world.now)
    while claimed := slots._claim(8, []):
        for order in claimed:
            slots._do(order)


def test_a_machine_carries_out_a_command_and_its_answer_decides_the_way(
    world: World, firewall: receivers.Receiver
) -> None:
    world.department("net", [("duty", 1)])
    made = machine(firewall.url)
    world.playbook(made)
    world.open("net", playbook=made["id"])
    execute(world)
    (request,) = firewall.requests
    assert (request.method, request.path) == ("POST", "/block")
    task = only(Task)
    assert (task.title, task.instructions) == ("Ticket", "write down the ticket T-17")
    world.complete(task.id)
    assert only(Run).state == "succeeded"


def test_a_machine_that_refuses_fails_its_step_and_the_journal_says_what_it_answered(
    world: World, firewall: receivers.Receiver
) -> None:
    firewall.status = 503
    world.department("net", [("duty", 1)])
    made = machine(firewall.url)
    world.playbook(made)
    world.open("net", playbook=made["id"])
    execute(world)
    assert (only(Run).state, len(firewall.requests)) == ("failed", 1)
    assert "503" in only(Entry, event_type="command.ended").detail


@pytest.mark.parametrize(
    ("line", "requests", "titles"),
    [(ASK_MACHINE, 0, ["Block"]), ("PUT /block HTTP/1.1", 1, ["Ticket"])],
)
def test_a_crash_between_sending_and_outcome(
    world: World, firewall: receivers.Receiver, line: str, requests: int, titles: list[str]
) -> None:
    world.department("net", [("duty", 1)])
    made = machine(firewall.url, line)
    world.playbook(made)
    world.open("net", playbook=made["id"])
    commands.claim_commands(world.now, 8, lambda _kind, _order: True)  # and here the process dies
    world.now += commands.LEASE
    execute(world)
    assert len(firewall.requests) == requests
    assert open_tasks() == titles
    if not requests:
        world.complete(only(Task).id, ticket="T-17")
        assert open_tasks() == ["Ticket"]
    world.complete(rows(Task)[-1].id)
    assert only(Run).state == "succeeded"
    assert only(Command).state == "ended"


def test_a_command_before_its_own_machine_was_reached_is_withdrawn_with_its_incident(
    world: World, firewall: receivers.Receiver
) -> None:
    world.department("net", [("duty", 1)])
    made = machine(firewall.url)
    world.playbook(made)
    incident = world.open("net", playbook=made["id"])
    world.close(incident, "false alarm")
    execute(world)
    assert (firewall.requests, only(Command).state, only(Run).state) == ([], "cancelled", "cancelled")
