"""A task in place of a command shows the whole command and the reason."""

import pytest

from incident.actions.playbooks import playbooks
from tests.core.cacao.build import MACHINE_AGENT, action, document
from tests.web.office import BY, Office

FOREIGN = {"type": "openc2", "command": "POST post HTTP1.1", "actuator": {"profile": "slpf"}}


@pytest.fixture
def number(office: Office) -> str:
    """An incident with a task for a command of a type that nothing here knows."""
    steps = {"block": action("end", FOREIGN, agent=MACHINE_AGENT, name="Block it"), "end": None}
    made = document(steps, "Block")
    office.do(lambda: playbooks.add_playbook(made, BY, office.hand.at))
    return office.open("NOC", playbook=made["id"])


@pytest.mark.parametrize(
    ("language", "why"),
    [
        ("en", "do this manually: this system does not know this type of command"),
        ("zh_Hans_CN", "请人工执行：本系统不认识此类命令"),
    ],
)
def test_the_page_says_why_and_shows_the_whole_command_without_a_click(
    office: Office, number: str, language: str, why: str
) -> None:
    page = office.browser("coordinator", language).get(f"/incidents/{number}")
    assert why in page
    command = page[page.index('id="command-') :]
    assert command[: command.index(">")].endswith(" open")
    assert "type: openc2\ncommand: POST post HTTP1.1\nactuator:" in command
