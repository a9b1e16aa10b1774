"""Systems by the API: written by coordinators, read by others, seen by departments as far as they own them."""

from typing import Any

from tests.plugins.app import Api, Speaker

PAY = {
    "code": "PAY",
    "name": "Payments",
    "owner": "CERT",
    "protection_level": 3,
    "criticality": "high",
    "is_critical_infrastructure": True,
    "addresses": ["192.0.2.7/24", "192.0.2.0/24"],
    "names": ["*.Pay.example"],
    "note": "pays",
}


def codes(asking: Api, path: str = "/systems") -> list[str]:
    found: list[dict[str, Any]] = asking.seen(path)["items"]
    return [one["code"] for one in found]


def test_a_system_is_added_read_changed_and_deleted(boss: Api) -> None:
    made = boss.made("/systems", PAY)
    assert (made["addresses"], made["names"], made["is_active"]) == (["192.0.2.0/24"], ["*.pay.example"], True)
    assert boss.seen("/systems/PAY") == made
    assert boss.patch("/systems/PAY", {"name": "Pay"}).status_code == 428
    changed = boss.patch("/systems/PAY", {"owner": None, "criticality": None}, headers={"If-Match": "*"})
    assert (changed.json["owner"], changed.json["criticality"], changed.json["name"]) == (None, None, "Payments")  # type: ignore[index]
    assert boss.patch("/systems/PAY", {"name": "x"}, headers={"If-Match": '"1-x"'}).status_code == 412
    assert boss.delete("/systems/PAY").status_code == 204
    assert boss.get("/systems/PAY").status_code == 404


def test_every_fault_is_named_with_its_place(boss: Api) -> None:
    refused = boss.post("/systems", {"code": "a b", "name": "", "addresses": ["x", "192.0.2.1"], "protection_level": 9})
    assert refused.status_code == 422
    places = {one["pointer"] for one in refused.json["errors"]}  # type: ignore[index]
    assert {"/code", "/name", "/addresses/0", "/protection_level"} <= places


def test_the_list_is_searched_and_paginated(boss: Api) -> None:
    for code in ("A", "B", "C"):
        boss.made("/systems", {"code": code, "name": f"System {code}", "names": [f"host-{code}"]})
    assert codes(boss, "/systems?q=host-b") == ["B"]
    page = boss.seen("/systems?limit=2")
    assert [one["code"] for one in page["items"]] == ["A", "B"]
    assert codes(boss, f"/systems?limit=2&cursor={page['next']}") == ["C"]


def test_a_department_sees_its_own_systems_everywhere_and_no_others(furnished: Speaker) -> None:
    boss, department, sender = furnished("coordinator"), furnished("department", "CERT"), furnished("administrator")
    boss.made("/systems", PAY)
    boss.made("/systems", {"code": "HR", "name": "People", "names": ["hr"]})
    rules = {"rules": [], "default": {"departments": ["CERT"]}}
    assert boss.put("/rules", rules).status_code == 200
    alert = {"fingerprint": "a", "title": "Scan", "status": "firing", "labels": {"host": "a.pay.example", "peer": "hr"}}
    number = sender.post("/alerts/generic", alert).json["items"][0]["incident"]  # type: ignore[index]
    assert codes(department) == ["PAY"]
    assert department.get("/systems/HR").status_code == 404
    assert [one["code"] for one in department.seen(f"/incidents/{number}")["systems"]] == ["PAY"]
    assert [one["code"] for one in boss.seen(f"/incidents/{number}")["systems"]] == ["HR", "PAY"]
    assert len(department.seen("/incidents?system=PAY")["items"]) == 1
    assert department.seen("/incidents?system=HR")["items"] == []
    assert department.post("/systems", PAY).status_code == 403


def test_incidents_are_filtered_by_their_system_and_by_who_may_see_them(furnished: Speaker) -> None:
    boss, reader = furnished("coordinator"), furnished("reader")
    boss.made("/systems", PAY)
    body = {"title": "One", "indicators": ["192.0.2.9"]}
    number = boss.made("/incidents", body)["number"]
    red = boss.made("/incidents", body | {"tlp": "red"})["number"]
    boss.made("/incidents", {"title": "Other"})
    assert [one["number"] for one in boss.seen("/incidents?system=PAY")["items"]] == [red, number]
    assert [one["number"] for one in reader.seen("/incidents?system=PAY")["items"]] == [number]
    assert boss.seen("/incidents?system=NO")["items"] == []
    [shown] = boss.seen(f"/incidents/{number}")["systems"]
    assert (shown["code"], shown["owner"], shown["matched_by"], shown["seen"]) == (
        "PAY",
        "CERT",
        "address",
        "192.0.2.9",
    )


def test_the_systems_of_an_incident_are_put_with_the_version_that_was_read(boss: Api) -> None:
    boss.made("/systems", PAY)
    number = boss.made("/incidents", {"title": "One"})["number"]
    path = f"/incidents/{number}/systems"
    assert boss.put(path, {"systems": ["PAY"]}).status_code == 428
    put = boss.put(path, {"systems": ["PAY"]}, headers={"If-Match": "*"})
    assert [one["matched_by"] for one in put.json["systems"]] == ["person"]  # type: ignore[index]
    stale = boss.put(path, {"systems": []}, headers={"If-Match": '"1-x"'})
    assert stale.status_code == 412
    unknown = boss.put(path, {"systems": ["PAY", "NO"]}, headers={"If-Match": "*"})
    assert unknown.json["errors"][0]["pointer"] == "/systems/1"  # type: ignore[index]
    assert boss.delete("/systems/PAY").status_code == 409


def test_a_new_incident_names_its_systems_which_are_routed_and_recorded(boss: Api) -> None:
    boss.made("/systems", PAY)
    boss.made("/systems", {"code": "HR", "name": "People"})
    rule: dict[str, Any] = {"when": {"system": "HR"}, "set": {"departments": ["CERT"]}}
    assert boss.put("/rules", {"rules": [rule], "default": {"departments": []}}).status_code == 200
    body: dict[str, Any] = {"title": "One", "systems": ["HR", "PAY"], "indicators": ["192.0.2.9"]}
    number = boss.made("/incidents", body)["number"]
    shown = boss.seen(f"/incidents/{number}")
    assert {one["code"]: (one["matched_by"], one["seen"]) for one in shown["systems"]} == {
        "HR": ("person", None),
        "PAY": ("person", None),
    }
    assert shown["departments"] == ["CERT"]
    [opened] = [one for one in boss.seen(f"/incidents/{number}/journal")["items"] if one["verb"] == "incident.opened"]
    assert opened["detail"]["systems"] == [
        {"code": "HR", "matched_by": "person", "seen": None},
        {"code": "PAY", "matched_by": "person", "seen": None},
    ]
    refused = boss.post("/incidents", {"title": "Two", "systems": ["HR", "NO"], "departments": ["none"]})
    assert refused.status_code == 422
    assert [(one["code"], one["pointer"]) for one in refused.json["errors"]] == [  # type: ignore[index]
        ("department.unknown", "/departments/0"),
        ("system.unknown", "/systems/1"),
    ]
    assert len(boss.seen("/incidents")["items"]) == 1


def test_rules_ask_for_systems_and_are_tried_with_them(boss: Api) -> None:
    boss.made("/systems", PAY)
    rule: dict[str, Any] = {
        "when": {"system": "PAY", "protection_level": [3], "criticality": "high"},
        "set": {"owners": True},
    }
    put = boss.put("/rules", {"rules": [rule], "default": {"departments": [], "owners": True}})
    assert put.status_code == 200, put.text
    assert boss.seen("/rules")["rules"] == [rule | {"when": rule["when"] | {"protection_level": 3}}]
    tried = boss.post("/rules/try", {"systems": ["PAY"]})
    assert [(one["code"], one["why"]) for one in tried.json["departments"]] == [("CERT", "owner")]  # type: ignore[index]
    assert boss.post("/rules/try", {"systems": ["NO"]}).status_code == 422
    wrong = boss.put("/rules", {"rules": [{"when": {"protection_level": 7, "criticality": "x"}, "set": {}}]})
    places = {one["pointer"] for one in wrong.json["errors"]}  # type: ignore[index]
    assert places == {"/rules/0/when/protection_level", "/rules/0/when/criticality"}
