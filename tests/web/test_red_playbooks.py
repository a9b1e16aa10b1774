"""Data of a TLP:RED playbook is visible to coordinators, administrators and the departments of its tasks."""

from typing import Any

import pytest

from incident.actions.playbooks import commands
from incident.store.db.database import db
from incident.web.streams import sse
from tests.core.cacao.build import MACHINE_AGENT, action, document, http, manual
from tests.plugins.app import Api, Hand, Speaker
from tests.web.api.playbooks.test_playbooks import marked

WORDS = ("Quokka", "Wombat", "Numbat", "Bandicoot")
OTHERS = (("responder", None), ("reader", None), ("department", "LEGAL"))
SUBJECTS = ("run:", "task:", "command:", "playbook:", "drill:")


def red_playbook() -> dict[str, Any]:
    """A TLP:RED playbook with a machine command, then a task for people."""
    steps = {
        "ask": action("look", http(), agent=MACHINE_AGENT, name="Numbat asks"),
        "look": action("end", manual("Look for the bandicoot: Bandicoot"), name="Wombat looks"),
        "end": None,
    }
    return marked(document(steps, "Quokka"), "TLP:RED")


@pytest.fixture
def number(furnished: Speaker, hand: Hand) -> str:
    """An incident of CERT and LEGAL on which CERT carries out a playbook of TLP:RED, and nothing else is run."""
    administrator, boss = furnished("administrator"), furnished("coordinator")
    administrator.made("/departments", {"code": "LEGAL", "name": "Legal"})
    found = str(boss.made("/incidents", {"title": "A worm", "departments": ["CERT", "LEGAL"]})["number"])
    given = red_playbook()
    boss.made("/playbooks", given)
    boss.made(f"/incidents/{found}/runs", {"playbook": given["id"]})
    with boss.client.application.app_context():
        [asked] = commands.claim_commands(hand.at, 8, lambda _kind, _order: True)
        commands.record_outcome(asked.command_id, commands.Outcome("succeeded", {}, "the machine says Numbat"), hand.at)
        db.session.remove()
    return found


def page(asking: Api, path: str) -> str:
    return asking.client.get(path, headers=asking.headers).get_data(as_text=True)


def of_the_run(boss: Api, number: str) -> dict[str, Any]:
    [run] = boss.seen(f"/incidents/{number}")["runs"]
    [task] = boss.seen("/tasks")["items"]
    return {"run": run["id"], "task": task["id"]}


def test_who_may_see_such_playbooks_sees_what_stems_from_them(furnished: Speaker, number: str) -> None:
    for role in ("coordinator", "administrator"):
        asking = furnished(role)
        ids = of_the_run(asking, number)
        entries = asking.seen(f"/incidents/{number}/journal")["items"]
        assert {"run", "task", "command"} <= {entry["subject"].partition(":")[0] for entry in entries}
        assert asking.seen(f"/runs/{ids['run']}")["name"] == "Quokka"
        shown = page(asking, f"/incidents/{number}")
        assert all(word in shown for word in WORDS[:3]), role


def test_runs_tasks_and_entries_do_not_exist_for_others(furnished: Speaker, number: str) -> None:
    ids = of_the_run(furnished("coordinator"), number)
    for role, code in OTHERS:
        asking = furnished(role, code)
        document = asking.seen(f"/incidents/{number}")
        assert (document["runs"], document["tasks"]) == ([], []), role
        assert asking.seen("/tasks?state=all")["items"] == [], role
        for path in (f"/runs/{ids['run']}", f"/runs/{ids['run']}/replay", f"/tasks/{ids['task']}"):
            assert asking.get(path).status_code in (403, 404), (role, path)
        hidden, unknown = asking.get(f"/tasks/{ids['task']}"), asking.get("/tasks/999")
        assert hidden.text == unknown.text.replace("999", str(ids["task"])), role
        for path in ("", "?journal=all", "/live", "/ledger"):
            shown = page(asking, f"/incidents/{number}{path}")
            assert not [word for word in WORDS if word in shown], (role, path)
        for path in ("/inbox", "/journal", "/playbooks", "/drills", "/incidents", "/rules"):
            assert not [word for word in WORDS if word in page(asking, path)], (role, path)
        if role != "department":
            items = asking.seen(f"/incidents/{number}/journal")["items"]
            assert items
            assert not [entry for entry in items if entry["subject"].startswith(SUBJECTS)], role
        answer = asking.post(f"/tasks/{ids['task']}/complete", {"result": "succeeded"})
        assert answer.status_code in (403, 404), role


def test_a_task_is_for_the_department_that_has_to_do_it(furnished: Speaker, number: str) -> None:
    cert = furnished("department", "CERT")
    ids = of_the_run(furnished("coordinator"), number)
    [task] = cert.seen("/tasks")["items"]
    assert task["title"] == "Wombat looks"
    assert [one["id"] for one in cert.seen(f"/incidents/{number}")["tasks"]] == [ids["task"]]
    assert cert.seen(f"/incidents/{number}")["runs"] == []
    assert cert.get(f"/runs/{ids['run']}").status_code == 404
    assert "Wombat looks" in page(cert, "/inbox")
    assert "Quokka" not in page(cert, f"/incidents/{number}")
    assert "Numbat" not in page(cert, f"/incidents/{number}")
    assert cert.done(f"/tasks/{ids['task']}/complete", {"result": "succeeded"})["state"] == "succeeded"


def test_pages_of_the_journal_are_full_of_what_may_be_seen(furnished: Speaker, number: str) -> None:
    reader, boss = furnished("reader"), furnished("coordinator")
    boss.made(f"/incidents/{number}/notes", {"text": "the last one"})
    first = reader.seen(f"/incidents/{number}/journal?limit=1")
    found = [*first["items"]]
    while first["next"]:
        first = reader.seen(f"/incidents/{number}/journal?limit=1&cursor={first['next']}")
        assert len(first["items"]) == 1
        found += first["items"]
    assert found[-1]["detail"] == {"note": "the last one"}


def test_a_stream_begins_with_what_its_listener_may_see(
    furnished: Speaker, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed: list[int] = []

    def answer(_number: str | None, after: int, look: Any, *_more: Any) -> str:
        missed.append(look(after))
        return ""

    monkeypatch.setattr(sse, "stream_response", answer)
    for role, code in (("coordinator", None), ("department", "CERT"), ("reader", None)):
        page(furnished(role, code), f"/live/incidents/{number}")
    assert missed[0] > missed[2], "the last entries are of the run"
    assert missed[0] >= missed[1] > missed[2]


def test_a_drill_of_such_a_playbook_says_nothing_of_it(furnished: Speaker) -> None:
    furnished("administrator").made("/departments", {"code": "LEGAL", "name": "Legal"})
    boss, given = furnished("coordinator"), red_playbook()
    boss.made("/playbooks", given)
    drill = boss.made("/drills", {"playbook": given["id"], "departments": ["CERT", "LEGAL"]})
    path = f"/drills/{drill['id']}"
    assert boss.seen(path)["name"] == "Quokka"
    assert len(boss.seen("/drills")["items"]) == 1
    for role, code in OTHERS:
        asking = furnished(role, code)
        assert asking.get(path).status_code == 404, role
        assert asking.seen("/drills")["items"] == [], role
        title = asking.seen(f"/incidents/{drill['incident']}")["title"]
        assert title.startswith("Exercise"), role
        for shown in (path, "/drills", f"/incidents/{drill['incident']}", "/incidents?exercise=true"):
            assert not [word for word in WORDS if word in page(asking, shown)], (role, shown)


def test_a_playbook_that_calls_one_of_tlp_red_is_as_closed(furnished: Speaker) -> None:
    boss, called = furnished("coordinator"), red_playbook()
    boss.made("/playbooks", called)
    call = {"type": "playbook-action", "playbook_id": called["id"], "on_completion": "end", "name": "Call"}
    caller = document({"call": call, "end": None}, "Caller")
    boss.made("/playbooks", caller)
    found = boss.made("/incidents", {"title": "A worm", "departments": ["CERT"], "playbook": caller["id"]})["number"]
    assert len(boss.seen(f"/incidents/{found}")["runs"]) == 1
    assert furnished("reader").seen(f"/incidents/{found}")["runs"] == []
    assert "Quokka" not in page(furnished("reader"), f"/incidents/{found}")


def test_a_playbook_of_tlp_red_that_could_not_start_is_not_named_to_others(furnished: Speaker) -> None:
    boss, given = furnished("coordinator"), red_playbook() | {"valid_until": "2026-01-03T00:00:00.000Z"}
    boss.made("/playbooks", given)
    rules = {"rules": [{"when": {"category": "malware"}, "set": {"departments": ["CERT"], "playbook": given["id"]}}]}
    assert boss.put("/rules", rules, headers={"If-None-Match": "*"}).status_code in (200, 201)
    found = furnished("responder").made("/incidents", {"title": "A worm", "category": "malware"})["number"]
    event_types = [entry["verb"] for entry in boss.seen(f"/incidents/{found}/journal")["items"]]
    assert "run.refused" in event_types
    assert "Quokka" in page(boss, f"/incidents/{found}")
    for role in ("responder", "reader"):
        asking = furnished(role)
        assert "run.refused" not in [entry["verb"] for entry in asking.seen(f"/incidents/{found}/journal")["items"]]
        assert "Quokka" not in page(asking, f"/incidents/{found}")
        assert "Quokka" not in page(asking, "/journal")
