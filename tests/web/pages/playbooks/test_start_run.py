"""Starting a playbook from an incident: its questions, and the commands that people will run manually."""

from typing import Any

import pytest

from incident.actions.playbooks import playbooks
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import open_tasks_of
from tests.core.cacao.build import action, document, manual
from tests.web.office import BY, Office, playbook

GATE = "ssh--33333333-3333-4333-8333-333333333333"


def needy(**more: Any) -> dict[str, Any]:
    variables = {
        "__host__": {"type": "string", "external": True, "description": "Which host?"},
        "__minutes__": {"type": "integer", "external": True, "value": "30"},
    }
    steps = {
        "cut": action("end", {"type": "ssh", "command": "cut __host__:value"}, agent=GATE, name="Cut it off"),
        "end": None,
    }
    made = document(steps, name="Needy", playbook_variables=variables, **more)
    made["agent_definitions"][GATE] = {"type": "ssh", "name": "gate", "address": {"dname": ["gate.example"]}}
    return made


@pytest.fixture
def number(office: Office) -> str:
    """An incident on which nothing runs."""
    return office.open("CERT")


def add(office: Office, made: dict[str, Any]) -> str:
    office.do(lambda: playbooks.add_playbook(made, BY, office.hand.at))
    return str(made["id"])


def runs(office: Office, number: str) -> list[Run]:
    from incident.store.playbooks.runs import runs_of

    return office.do(lambda: list(runs_of(office.incident(number).id)))


def test_who_will_be_asked_is_shown_before_a_playbook_that_needs_no_values_starts(office: Office, number: str) -> None:
    browser = office.browser("coordinator")
    answer = browser.post(f"/incidents/{number}/runs", playbook=playbook()["id"])
    assert answer.location == f"/incidents/{number}/runs/new?playbook={playbook()['id']}"
    assert runs(office, number) == []
    page = browser.get(answer.location)
    assert "Who will be asked" in page
    assert "its tasks go to the first department on the incident" in page
    started = browser.post(f"/incidents/{number}/runs", playbook=playbook()["id"], seen="1")
    assert started.location.startswith(f"/incidents/{number}?said=started")
    assert len(runs(office, number)) == 1


def test_what_a_playbook_asks_for_and_what_people_get_is_shown_before_it_starts(office: Office, number: str) -> None:
    browser, wanted = office.browser("coordinator"), add(office, needy())
    answer = browser.post(f"/incidents/{number}/runs", playbook=wanted)
    assert answer.location == f"/incidents/{number}/runs/new?playbook={wanted}"
    assert runs(office, number) == []
    page = browser.get(answer.location)
    assert "Which host?" in page
    assert 'name="variable:__minutes__" value="30"' in page
    assert "Cut it off" in page
    assert "People get them as tasks" in page


def test_the_values_that_were_typed_reach_the_run(office: Office, number: str) -> None:
    wanted = add(office, needy())
    fields = {"playbook": wanted, "seen": "1", "variable:__host__": "web-1", "variable:__minutes__": "5"}
    office.browser("coordinator").post(f"/incidents/{number}/runs", **fields)
    [run] = runs(office, number)
    assert run.given == {"__host__": "web-1", "__minutes__": "5"}


def test_a_value_that_does_not_fit_is_refused_beside_its_field_and_nothing_typed_is_lost(
    office: Office, number: str
) -> None:
    wanted = add(office, needy())
    fields = {"playbook": wanted, "seen": "1", "variable:__host__": "web-1", "variable:__minutes__": "soon"}
    answer = office.browser("coordinator").post(f"/incidents/{number}/runs", status=422, **fields)
    assert 'value="web-1"' in answer.text
    assert 'value="soon"' in answer.text
    assert 'aria-describedby="variable-2-fault"' in answer.text
    assert answer.text.count("Enter a whole number.") == 2
    assert "minutes does not fit" not in answer.text
    assert "__minutes__ does" not in answer.text
    assert runs(office, number) == []


def test_a_revoked_playbook_says_so_before_anything_is_typed(office: Office, number: str) -> None:
    wanted = add(office, needy(revoked=True))
    page = office.browser("coordinator").get(f"/incidents/{number}/runs/new?playbook={wanted}")
    assert "has been revoked" in page


def test_a_playbook_that_is_not_there_has_no_such_page(office: Office, number: str) -> None:
    browser = office.browser("coordinator")
    browser.get(f"/incidents/{number}/runs/new?playbook=playbook--x", status=404)
    browser.get(f"/incidents/{number}/runs/new", status=404)
    office.browser("responder").get(f"/incidents/{number}/runs/new", status=404)
    office.browser("reader").get(f"/incidents/{number}/runs/new", status=403)


def test_the_page_is_chinese_for_who_reads_chinese(office: Office, number: str) -> None:
    wanted = add(office, needy())
    page = office.browser("coordinator", "zh_Hans_CN").get(f"/incidents/{number}/runs/new?playbook={wanted}")
    assert "将作为任务交由人员处理" in page


def test_a_task_that_a_machine_was_to_do_says_why(office: Office, number: str) -> None:
    from incident.actions.playbooks import commands

    wanted = add(office, needy())
    fields = {"playbook": wanted, "seen": "1", "variable:__host__": "web-1"}
    office.browser("coordinator").post(f"/incidents/{number}/runs", **fields)
    office.do(lambda: commands.claim_commands(office.hand.at, 8, lambda kind, order: False))
    [task] = office.do(lambda: list(open_tasks_of(office.incident(number).id)))
    assert (task.title, task.shown_command) == ("Cut it off", "cut 'web-1'")
    page = office.browser("coordinator").get(f"/incidents/{number}")
    assert "do this manually: ssh is not allowed to the target" in page
    assert manual()["command"] not in page


def test_the_page_of_a_playbook_from_before_a_check_shows_and_marks_what_is_unquoted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    unquoted = "extension-definition--e0c1b7d2-5a8f-4f43-9b6e-1d27a9c4f385"
    old = needy()
    [step] = [one for one in old["workflow"].values() if one["type"] == "action"]
    step["commands"][0]["command"] = 'cut "__host__:value"'
    step["step_extensions"] = {unquoted: {"variables": ["__minutes__"]}}
    old["extension_definitions"] = {unquoted: {}}
    with monkeypatch.context() as patched:
        patched.setattr("incident.actions.playbooks.playbooks.check_playbook", lambda document: [])
        playbook_id = add(office, old)
    browser = office.browser("coordinator")
    assert "unquoted: whoever answers can change what is run" in browser.get(f"/playbooks/{playbook_id}")
    browser.get(f"/playbooks/{playbook_id}/file")
