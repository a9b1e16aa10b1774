"""Tasks that a filing ends, in the API: their clock, their refusal, and a department that files."""

import datetime as dt
from typing import Any

import pytest

from incident.core.cacao.vocabulary import CLOCK_EXTENSION
from tests.core.cacao.build import PEOPLE_AGENT, action, document, manual
from tests.plugins.app import Api, Hand, Speaker

NIGHT = dt.datetime(2026, 11, 20, 18, 10, tzinfo=dt.UTC)


def playbook(**clock: str) -> dict[str, Any]:
    named = {"regime": "cn-cac-cii", "stage": "first"} | clock
    step = action("end", manual("Call 12387"), step_extensions={CLOCK_EXTENSION: {"clock": named}}, name="Report it")
    made = document({"file": step, "end": None}, "Report")
    made["agent_definitions"][PEOPLE_AGENT] = {"type": "organization", "name": "CERT"}
    return made


@pytest.fixture
def number(boss_sqlite: Api, speak_sqlite: Speaker, hand: Hand) -> str:
    hand.at = NIGHT
    profile = {"operator_class": "cii", "sectors": ["energy"], "regions": ["330000"]}
    assert speak_sqlite("administrator").put("/organization/profile", profile).status_code == 200
    boss_sqlite.made("/playbooks", playbook())
    facts = {"title": "Outage", "departments": ["CERT"], "playbook": playbook()["id"]}
    made: str = boss_sqlite.made("/incidents", facts)["number"]
    return made


def test_a_task_names_its_clock_and_is_not_completed_but_filed(boss_sqlite: Api, number: str) -> None:
    [task] = boss_sqlite.seen("/tasks")["items"]
    clock = {"regime": "cn-cac-cii", "stage": "first"}
    assert task["clock"] == clock | {"id": None, "state": None, "due_at": None}
    aware = {"at": NIGHT.isoformat(), "who": "Li Wei", "how": "an alarm"}
    assert boss_sqlite.put(f"/incidents/{number}/awareness", aware).status_code == 200
    first = boss_sqlite.seen(f"/incidents/{number}/clocks")["items"][0]
    for shown in (boss_sqlite.seen(f"/tasks/{task['id']}"), boss_sqlite.seen(f"/incidents/{number}")["tasks"][0]):
        assert shown["clock"] == clock | {"id": first["id"], "state": "undetermined", "due_at": first["due_at"]}
    refused = boss_sqlite.post(f"/tasks/{task['id']}/complete", {"result": "succeeded"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "task.is_filing")
    filing = {"channel": "phone", "at": NIGHT.isoformat(), "to": "12387"}
    assert boss_sqlite.post(f"/clocks/{first['id']}/file", filing).status_code == 201
    assert boss_sqlite.seen(f"/tasks/{task['id']}")["state"] == "succeeded"
    [run] = boss_sqlite.seen(f"/incidents/{number}")["runs"]
    assert run["state"] == "succeeded"


def test_a_department_files_what_it_has_the_task_for_and_nothing_else(
    boss_sqlite: Api, speak_sqlite: Speaker, number: str
) -> None:
    aware = {"at": NIGHT.isoformat(), "who": "Li Wei", "how": "an alarm"}
    boss_sqlite.put(f"/incidents/{number}/awareness", aware)
    clocks = {one["stage"]: one["id"] for one in boss_sqlite.seen(f"/incidents/{number}/clocks")["items"]}
    clerk, filing = speak_sqlite("department", "CERT"), {"channel": "phone", "at": NIGHT.isoformat(), "to": "12387"}
    assert clerk.post(f"/clocks/{clocks['summary']}/file", filing).status_code == 403
    assert clerk.post(f"/clocks/{clocks['first']}/file", filing).status_code == 201
    assert clerk.post(f"/clocks/{clocks['first']}/file", filing).status_code == 403
    assert speak_sqlite("reader").post(f"/clocks/{clocks['first']}/file", filing).status_code == 403


def test_an_unknown_law_is_refused_with_its_place_and_the_name_of_the_step(boss_sqlite: Api) -> None:
    refused = boss_sqlite.post("/playbooks", playbook(regime="cn-cac"))
    assert refused.status_code == 422
    [fault] = [one for one in refused.get_json()["errors"] if one["code"] == "regime_unknown"]
    assert fault["pointer"].endswith("/clock/regime")
    assert "“Report it”" in fault["detail"]
    items = boss_sqlite.post("/playbooks/lint", playbook(stage="second")).get_json()["items"]
    assert [one["code"] for one in items if one["severity"] == "error"] == ["stage_unknown"]


def test_a_simulation_takes_not_applicable_for_such_a_step_only(boss_sqlite: Api) -> None:
    made = boss_sqlite.made("/playbooks", playbook())
    answers = {"answers": {"Report it": {"result": "not_applicable"}}}
    found = boss_sqlite.post(f"/playbooks/{made['id']}/simulate", answers)
    assert found.status_code == 200
    entries = found.get_json()["play"]["entries"]
    assert [one["outcome"] for one in entries if one["entry"] == "answered"] == ["not_applicable"]
    assert [one["is_filing"] for one in entries if one["entry"] == "asked"] == [True]
    kinds = {way["what"] for end in found.get_json()["exploration"]["ends"] for way in end["way"]}
    assert {"succeeded", "failed", "timed_out"} <= kinds
