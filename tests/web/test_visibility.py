"""What is derived from an object has the object's visibility: attacks by each role on what it may not read."""

from typing import Any
from urllib.parse import quote

from tests.plugins.app import Api, Speaker


def numbers(asking: Api, query: str) -> list[str]:
    found: list[dict[str, Any]] = asking.seen(f"/incidents?q={quote(query)}")["items"]
    return [one["number"] for one in found]


def opened(boss: Api, **more: Any) -> str:
    known = {"title": "Login from abroad", "departments": ["CERT"]} | more
    return str(boss.made("/incidents", known)["number"])


def test_a_department_finds_no_words_of_notes_and_labels(furnished: Speaker) -> None:
    boss, department = furnished("coordinator"), furnished("department", "CERT")
    number = opened(boss)
    boss.made(f"/incidents/{number}/notes", {"note": "The password is Xyzzy42 夜莺"})
    boss.patch(f"/incidents/{number}", {"title": "Login at night"}, headers={"If-Match": "*"})
    for query in ("password", "xyz", "xyzzy42", "夜莺", "夜", "login password", "\ue000password", "\ue000xyz*"):
        assert numbers(department, query) == [], query
    for query in ("login", number, "login night"):
        assert numbers(department, query) == [number], query
    for role in ("coordinator", "responder", "reader"):
        for query in ("password", "xyz", "夜莺", "login password"):
            assert numbers(furnished(role), query) == [number], (role, query)


def test_a_department_finds_no_words_of_the_labels_of_alerts(furnished: Speaker) -> None:
    boss, department = furnished("administrator"), furnished("department", "CERT")
    rules = {"rules": [], "default": {"departments": ["CERT"]}}
    assert boss.put("/rules", rules, headers={"If-None-Match": "*"}).status_code in (200, 201)
    for labels in ({"owner": "quokka"}, {"owner": "quokka", "rack": "wombat"}):
        alert = {"fingerprint": "disk", "status": "firing", "title": "Disk full", "labels": labels}
        assert boss.post("/alerts/generic", alert).status_code < 300
    assert len(numbers(boss, "quokka")) == 1
    assert numbers(department, "disk") == numbers(boss, "quokka")
    assert numbers(department, "quokka") == numbers(department, "wombat") == []
