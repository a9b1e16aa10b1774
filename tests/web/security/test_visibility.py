"""Derived data has the visibility of its object: attacks by each role on data it may not read."""

from typing import Any
from urllib.parse import quote

from tests.core.cacao.build import MACHINE_AGENT, action, document, http, manual
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


def test_a_report_of_a_red_incident_is_seen_only_by_who_may_see_the_incident(furnished: Speaker) -> None:
    boss, responder = furnished("coordinator"), furnished("responder")
    furnished().made("/reports", {"text": "the minister's quokka was stolen", "url": "https://quokka.example/"})
    [report] = responder.seen("/reports")["items"]
    path = f"/reports/{report['id']}"
    open_number = opened(boss)
    boss.made(f"/incidents/{open_number}/reports", {"report": report["id"]})
    assert responder.seen(path)["incidents"] == [open_number]
    red_number = opened(boss, tlp="red", reports=[report["id"]])
    assert len(boss.seen("/reports?q=quokka")["items"]) == 1
    assert boss.seen(path)["incidents"] == [open_number, red_number]

    assert responder.get(path).status_code == 404
    for query in ("", "?q=quokka", "?state=accepted"):
        assert responder.seen(f"/reports{query}")["items"] == [], query
    assert responder.seen(f"/incidents/{open_number}")["reports"] == []
    for target, body in (("/incidents", {"title": "Mine", "reports": [report["id"]]}),
                         (f"/incidents/{open_number}/reports", {"report": report["id"]})):  # fmt: skip
        refused, unknown = responder.post(target, body), responder.post(target, _with_report(body, 999))
        assert refused.status_code == unknown.status_code == 422, refused.text
        assert refused.text.replace(str(report["id"]), "999") == unknown.text.replace(str(report["id"]), "999")
    assert responder.delete(f"/incidents/{open_number}/reports/{report['id']}").status_code == 404
    boss.delete(f"/incidents/{red_number}/reports/{report['id']}")
    assert responder.seen(path)["incidents"] == [open_number]


def test_secrets_in_addresses_of_webhooks_are_shown_to_nobody_but_who_writes_contacts(furnished: Speaker) -> None:
    address = "https://hooks.example:8443/services/T0123/quokka?token=wombat"
    contact = {"name": "Robot", "channel": "webhook", "address": address, "level": 1}
    made = furnished("administrator").post("/departments/CERT/contacts", contact)
    assert made.status_code == 201, made.text
    assert address in furnished("administrator").get("/departments/CERT").text
    for role in ("coordinator", "responder", "reader", "department"):
        asking = furnished(role, "CERT" if role == "department" else None)
        for path in ("/departments/CERT", "/departments", "/dead-letters"):
            shown = asking.get(path).text
            assert not any(word in shown for word in ("quokka", "wombat")), (role, path)
    assert "https://hooks.example:8443/…" in furnished("reader").get("/departments/CERT").get_data(as_text=True)


def test_a_department_reads_only_the_variables_that_its_own_tasks_ask_it_for(furnished: Speaker) -> None:
    boss, administrator = furnished("coordinator"), furnished("administrator")
    administrator.made("/departments", {"code": "LEGAL", "name": "Legal"})
    look = action("end", manual("Look"), name="Look", out_args=["__found__"])
    notified = document(
        {"look": look, "end": None},
        "Look",
        playbook_variables={
            "__found__": {"type": "string"},
            "__code__": {"type": "string", "value": "quokka"},
        },
    )
    boss.made("/playbooks", notified)
    number = opened(boss, departments=["CERT", "LEGAL"])
    run = boss.made(f"/incidents/{number}/runs", {"playbook": notified["id"]})["id"]
    assert "__code__" in boss.seen(f"/runs/{run}")["variables"]
    for code in ("CERT", "LEGAL"):
        shown = furnished("department", code).get(f"/runs/{run}")
        assert shown.status_code == 200
        assert "quokka" not in shown.text, code


def test_a_responder_starts_only_what_the_rules_propose_or_what_people_carry_out(furnished: Speaker) -> None:
    boss, responder = furnished("coordinator"), furnished("responder")
    block = action("end", http(), agent=MACHINE_AGENT)
    machine = document({"block": block, "end": None}, "Block")
    people = document({"look": action("end", manual("Look")), "end": None}, "Look")
    for one in (machine, people):
        boss.made("/playbooks", one)
    number = opened(boss)
    for path, body in (
        ("/incidents", {"title": "Mine", "playbook": machine["id"]}),
        (f"/incidents/{number}/runs", {"playbook": machine["id"]}),
    ):
        refused = responder.post(path, body)
        assert refused.status_code == 403, refused.text
        assert refused.json is not None
        assert refused.json["code"] == "run.not_proposed"
    assert boss.seen(f"/incidents/{number}")["runs"] == []
    assert len(boss.seen("/incidents")["items"]) == 1
    responder.made(f"/incidents/{number}/runs", {"playbook": people["id"]})
    rule = {"when": {"category": "malware"}, "set": {"playbook": machine["id"], "departments": ["CERT"]}}
    assert boss.put("/rules", {"rules": [rule]}, headers={"If-None-Match": "*"}).status_code in (200, 201)
    responder.made("/incidents", {"title": "Proposed", "category": "malware", "playbook": machine["id"]})
    assert responder.post("/incidents", {"title": "Not", "playbook": machine["id"]}).status_code == 403
    boss.made(f"/incidents/{number}/runs", {"playbook": machine["id"]})


def _with_report(body: dict[str, Any], report_id: int) -> dict[str, Any]:
    return {**body, "reports": [report_id]} if "reports" in body else {**body, "report": report_id}
