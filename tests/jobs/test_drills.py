"""A drill sends nothing, even with real contacts, real targets and a running scheduler."""

from typing import Any

from incident import clock
from incident.actions.drills import drills
from incident.actions.drills.drills import NewDrill
from incident.actions.playbooks import tasks
from incident.store.incidents.incidents import Incident
from incident.store.notifications.messages import Delivery, Message
from incident.store.playbooks.runs import Command, Run
from incident.store.playbooks.tasks import Task
from incident.store.queries.drills import Drill
from tests import receivers
from tests.core.cacao.build import MACHINE_AGENT, action, document, http
from tests.jobs.running import running, until
from tests.world import BY, World, only


def block(url: str) -> dict[str, Any]:
    """A playbook in which people decide, and a machine at this address blocks something."""
    machine = action("end", http(), name="Block", agent=MACHINE_AGENT)
    made = document({"decide": action("block"), "block": machine, "end": None}, name="Block")
    made["agent_definitions"][MACHINE_AGENT]["address"] = {"url": [url]}
    return made


def state(number: str) -> str:
    return only(Run, incident_id=only(Incident, number=number).id).state


def test_a_drill_sends_no_message_and_no_command_and_a_real_incident_beside_it_does(sqlite_world: World) -> None:
    world = sqlite_world
    world.now = clock.now()
    with receivers.receiver() as receiver, running(world):
        department = world.department("net")
        world.contact(department, "hook", 1, "webhook", f"{receiver.url}/hook")
        made = block(receiver.url)
        world.playbook(made)
        new = NewDrill(playbook=made["id"], departments=["net"])
        drill = drills.start_drill(new, BY, clock.now(), world.zone)
        until(lambda: only(Message).state == "sent")
        tasks.complete_task(only(Task).id, "succeeded", {}, None, BY, clock.now())
        until(lambda: only(Drill, id=drill.id).ended_at is not None)
        assert (only(Command).outcome, only(Command).detail) == ("succeeded", "not sent: demonstration")
        assert only(Delivery).detail == "not sent: demonstration"
        assert receiver.requests == []

        world.now = clock.now()
        real = world.open("net", playbook=made["id"])
        tasks.complete_task(only(Task, state="open").id, "succeeded", {}, None, BY, clock.now())
        until(lambda: state(real.number) == "succeeded" and len(receiver.requests) == 2)
    assert {request.path for request in receiver.requests} == {"/hook", "/block"}
