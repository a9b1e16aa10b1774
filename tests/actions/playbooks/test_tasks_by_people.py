"""A task in place of a command gives the reason: in its row, on the page, in messages and API."""

import pytest

from incident.core.cacao.vocabulary import AGENT_IS_PEOPLE, NO_EXECUTOR, UNKNOWN_AUTHENTICATION, UNKNOWN_COMMAND
from incident.core.playbooks.task import WHY_WORDS, task_title, why_words
from incident.store.playbooks.tasks import Task
from tests.core.cacao.build import MACHINE_AGENT, PEOPLE_AGENT, action, document
from tests.world import World, only

FOREIGN = {"type": "openc2", "command": "POST post HTTP1.1", "actuator": "slpf"}


def blocking(command: dict[str, object], agent: str) -> dict[str, object]:
    return document({"block": action("done", command, agent=agent, name="Block it"), "done": None}, name="Block")


@pytest.mark.parametrize(
    ("command", "agent", "why"),
    [
        (FOREIGN, MACHINE_AGENT, UNKNOWN_COMMAND),
        ({"type": "powershell", "command": "pwd"}, MACHINE_AGENT, NO_EXECUTOR),
        ({"type": "bash", "command": "ls"}, PEOPLE_AGENT, AGENT_IS_PEOPLE),
        ({"type": "manual", "command": "look"}, PEOPLE_AGENT, None),
    ],
)
def test_a_task_keeps_why_a_person_must_do_it(
    world: World, command: dict[str, object], agent: str, why: str | None
) -> None:
    world.department("net", [("duty", 1)])
    playbook = blocking(command, agent)
    world.playbook(playbook)
    world.open("net", playbook=playbook["id"])
    assert only(Task).why == why


def test_the_message_of_a_task_for_an_unknown_command_says_why_and_the_task_shows_it_all(world: World) -> None:
    world.department("net", [("duty", 1)])
    steps = {"look": action("block"), "block": action("done", FOREIGN, agent=MACHINE_AGENT, name="Block it")}
    playbook = document({**steps, "done": None}, name="Block")
    world.playbook(playbook)
    world.open("net", playbook=playbook["id"])
    world.complete(only(Task).id)
    assert only(Task, state="open").shown_command == "type: openc2\ncommand: POST post HTTP1.1\nactuator: slpf"
    sent = [one.message for one in world.send() if one.message.type == "task.created"]
    assert task_title("Block it", UNKNOWN_COMMAND) in sent[0].text
    assert sent[0].data["task"]["why"] == UNKNOWN_COMMAND


def test_every_reason_has_words() -> None:
    for code in (AGENT_IS_PEOPLE, NO_EXECUTOR, UNKNOWN_AUTHENTICATION, UNKNOWN_COMMAND):
        assert code in WHY_WORDS
        assert why_words(code) != code
        assert len(code) <= 40
