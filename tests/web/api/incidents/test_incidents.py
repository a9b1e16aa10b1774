"""Incidents over the API: opened, notified, listed, changed, acknowledged, closed, reopened."""

from typing import Any

import pytest

from tests.plugins.app import Api, Hand, Speaker


def test_an_opened_incident_has_a_number_and_its_department_is_told(boss: Api) -> None:
    incident = boss.made("/incidents", {"title": "网页被篡改", "departments": ["CERT"], "grade": 2})
    assert incident["number"] == "INC-2026-000001"
    seen = boss.seen("/incidents/INC-2026-000001")
    assert seen["status"] == "new"
    assert seen["departments"] == ["CERT"]
    [notice] = seen["notices"]
    assert (notice["state"], notice["level"], notice["department"]) == ("open", 1, "CERT")
    assert notice["next_at"] == "2026-11-21T08:35:00.000000Z"
    assert [delivery["contact"] for delivery in notice["deliveries"]] == ["Duty"]


def test_the_place_of_a_new_incident_is_told(boss_sqlite: Api) -> None:
    answer = boss_sqlite.post("/incidents", {"title": "A worm"})
    assert answer.headers["Location"] == "/api/v1/incidents/INC-2026-000001"
    assert boss_sqlite.seen("/incidents/INC-2026-000001")["title"] == "A worm"


def test_everything_said_of_an_incident_is_shown(boss: Api) -> None:
    given = {
        "title": "A worm",
        "description": "It spreads.\nFast.",
        "category": "MPWORM",
        "grade": 1,
        "tlp": "amber+strict",
        "occurred_at": "2026-11-20T23:00:00+08:00",
        "detected_at": "2026-11-21T08:00:00Z",
        "indicators": ["203.0.113.7", {"kind": "account", "value": "li.wei"}, "hxxp://evil[.]example/a"],
    }
    seen = boss.seen(f"/incidents/{boss.made('/incidents', given)['number']}")
    for name in ("title", "description", "category", "grade", "tlp"):
        assert seen[name] == given[name]
    assert seen["occurred_at"] == "2026-11-20T15:00:00.000000Z"
    assert seen["opened_at"] == "2026-11-21T08:30:00.000000Z"
    assert seen["indicators"] == [
        {"kind": "ipv4", "value": "203.0.113.7"},
        {"kind": "account", "value": "li.wei"},
        {"kind": "url", "value": "http://evil.example/a"},
    ]


def test_an_incident_that_nobody_was_told_of_stands_first(boss: Api) -> None:
    boss.made("/incidents", {"title": "unreached"})
    for title in ("told", "told later"):
        boss.made("/incidents", {"title": title, "departments": ["CERT"]})
    listed = boss.seen("/incidents")["items"]
    assert [item["title"] for item in listed] == ["unreached", "told later", "told"]
    assert [item["is_unreached"] for item in listed] == [True, False, False]


def test_a_department_that_is_named_and_not_here_refuses_the_incident_with_its_place(boss_sqlite: Api) -> None:
    answer = boss_sqlite.post("/incidents", {"title": "A worm", "departments": ["CERT", "NOWHERE"]})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["pointer"] == "/departments/1"
    assert boss_sqlite.seen("/incidents")["items"] == []


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["c", "b", "a"]),
        ("?status=closed", ["b"]),
        ("?status=new", ["c", "a"]),
        ("?grade=2", ["b", "a"]),
        ("?category=SPAM", ["c"]),
        ("?department=CERT", ["c", "b", "a"]),
        ("?department=NOWHERE", []),
        ("?from=2026-11-21T08:45:00Z", ["c", "b"]),
        ("?to=2026-11-21T08:45:00Z", ["a"]),
        ("?from=2026-11-21&to=2026-11-21", ["c", "b", "a"]),
        ("?to=2026-11-20", []),
        ("?q=b", ["b"]),
        ("?grade=2&status=new", ["a"]),
    ],
)
def test_incidents_are_filtered(boss: Api, hand: Hand, query: str, titles: list[str]) -> None:
    for title, grade, category in (("a", 2, None), ("b", 2, None), ("c", 3, "SPAM")):
        boss.made("/incidents", {"title": title, "grade": grade, "category": category, "departments": ["CERT"]})
        hand.forward(minutes=20)
    boss.done("/incidents/INC-2026-000002/close")
    assert [item["title"] for item in boss.seen(f"/incidents{query}")["items"]] == titles


def test_a_list_is_leafed_through_without_gap_or_repeat_while_it_grows(boss: Api) -> None:
    for count in range(7):
        boss.made("/incidents", {"title": f"incident {count}", "departments": ["CERT"] if count % 3 else []})
    there = {item["number"] for item in boss.seen("/incidents")["items"]}
    found: list[str] = []
    cursor = ""
    while True:
        page = boss.seen(f"/incidents?limit=2{cursor}")
        found += [item["number"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
        boss.made("/incidents", {"title": "in between", "departments": ["CERT"]})
    assert len(there) == 7
    assert there <= set(found)
    assert len(found) == len(set(found))


def test_facts_are_changed_and_what_is_new_is_told(furnished: Speaker) -> None:
    furnished("administrator").made("/departments", {"code": "LAW", "name": "Law"})
    boss = furnished("coordinator")
    number = boss.made("/incidents", {"title": "A worm", "grade": 3})["number"]
    etag = boss.get(f"/incidents/{number}").headers["ETag"]
    changes = {"title": "Two worms", "grade": None, "departments": ["CERT", "LAW"], "indicators": ["evil.example"]}
    changed = boss.patch(f"/incidents/{number}", changes, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert changed.json is not None
    assert (changed.json["title"], changed.json["grade"]) == ("Two worms", None)
    assert changed.json["departments"] == ["CERT", "LAW"]
    assert {notice["department"]: notice["is_unreached"] for notice in changed.json["notices"]} == {
        "CERT": False,
        "LAW": True,
    }
    assert boss.seen("/incidents?q=evil.example")["items"][0]["number"] == number


def test_an_owner_is_named_changed_and_removed(furnished: Speaker) -> None:
    furnished("administrator").made("/people", {"login": "li.wei", "name": "Li Wei", "role": "responder"})
    boss = furnished("coordinator")
    made = boss.made("/incidents", {"title": "A worm"})
    assert made["owner"] is None
    path = f"/incidents/{made['number']}"
    for owner, shown in (("li.wei", {"login": "li.wei", "name": "Li Wei"}), (None, None)):
        etag = boss.get(path).headers["ETag"]
        changed = boss.patch(path, {"owner": owner}, headers={"If-Match": etag})
        assert changed.json is not None
        assert changed.json["owner"] == shown
        assert boss.seen("/incidents")["items"][0]["owner"] == shown
    etag = boss.get(path).headers["ETag"]
    refused = boss.patch(path, {"owner": "nobody"}, headers={"If-Match": etag})
    assert (refused.status_code, boss.seen(path)["owner"]) == (422, None)


def test_roles_and_named_people_are_set_listed_and_removed(furnished: Speaker) -> None:
    for login in ("li.wei", "zhao.min"):
        furnished("administrator").made("/people", {"login": login, "name": f"Name of {login}", "role": "reader"})
    boss = furnished("coordinator")
    path = f"/incidents/{boss.made('/incidents', {'title': 'A leak', 'tlp': 'red'})['number']}"
    li, zhao = ({"login": login, "name": f"Name of {login}"} for login in ("li.wei", "zhao.min"))
    for change, liaison, named in (
        ({"people": ["zhao.min"], "liaison": "li.wei"}, li, [li, zhao]),
        ({"liaison": None}, None, [li, zhao]),
        ({"people": []}, None, []),
    ):
        changed = boss.patch(path, change, headers={"If-Match": boss.get(path).headers["ETag"]})
        assert changed.json is not None, changed.text
        assert (changed.json["liaison"], changed.json["people"]) == (liaison, named)
        assert changed.json["communication"] is None
    refused = boss.patch(path, {"people": ["nobody"]}, headers={"If-Match": boss.get(path).headers["ETag"]})
    assert refused.status_code == 422


@pytest.mark.parametrize("sort", ["", "newest", "oldest", "grade", "changed"])
def test_incidents_are_listed_by_tab_and_owner_in_an_order(furnished: Speaker, hand: Hand, sort: str) -> None:
    furnished("administrator").made("/people", {"login": "li.wei", "name": "Li Wei", "role": "responder"})
    boss = furnished("coordinator")
    made = [boss.made("/incidents", {"title": "A worm", "grade": grade})["number"] for grade in (3, 1, 2)]
    hand.forward(minutes=1)
    path = f"/incidents/{made[0]}"
    boss.patch(path, {"owner": "li.wei"}, headers={"If-Match": boss.get(path).headers["ETag"]})
    boss.done(f"/incidents/{made[1]}/close")
    orders = {"oldest": [0, 2], "grade": [2, 0], "changed": [0, 2]}
    found: list[str] = []
    query = "/incidents?tab=open&limit=1" + (f"&sort={sort}" if sort else "")
    cursor = ""
    while True:
        page = boss.seen(query + cursor)
        found += [one["number"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == [made[place] for place in orders.get(sort, [2, 0])]
    assert [one["number"] for one in boss.seen("/incidents?owner=li.wei")["items"]] == [made[0]]
    assert boss.seen("/incidents?owner=nobody")["items"] == []
    assert [one["number"] for one in boss.seen("/incidents?tab=closed")["items"]] == [made[1]]
    assert boss.get("/incidents?tab=nonsense").status_code == 422
    assert boss.get("/incidents?sort=newest&cursor=abc").status_code == 422


def test_an_acknowledgement_ends_the_escalation(boss: Api, hand: Hand) -> None:
    number = boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    hand.forward(minutes=2)
    seen = boss.done(f"/incidents/{number}/acknowledge", {"department": "CERT"})
    assert seen["status"] == "handling"
    [notice] = seen["notices"]
    assert (notice["state"], notice["next_at"]) == ("acknowledged", None)
    assert notice["acknowledged_at"] == "2026-11-21T08:32:00.000000Z"


def test_a_department_acknowledges_for_itself_without_saying_so(furnished: Speaker) -> None:
    number = furnished("coordinator").made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    seen = furnished("department", "CERT").done(f"/incidents/{number}/acknowledge")
    assert seen["notices"][0]["state"] == "acknowledged"


def test_a_department_does_not_acknowledge_for_another(furnished: Speaker) -> None:
    furnished("administrator").made("/departments", {"code": "LAW", "name": "Law"})
    boss = furnished("coordinator")
    number = boss.made("/incidents", {"title": "A worm", "departments": ["CERT", "LAW"]})["number"]
    answer = furnished("department", "LAW").post(f"/incidents/{number}/acknowledge", {"department": "CERT"})
    assert answer.status_code == 403
    assert {notice["state"] for notice in boss.seen(f"/incidents/{number}")["notices"]} == {"open"}


def test_a_responder_takes_an_incident_on(furnished: Speaker) -> None:
    number = furnished("coordinator").made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    seen = furnished("responder").done(f"/incidents/{number}/acknowledge")
    assert seen["status"] == "handling"
    assert seen["notices"][0]["state"] == "open"


def test_a_department_that_was_not_told_cannot_be_acknowledged_for(furnished: Speaker) -> None:
    furnished("administrator").made("/departments", {"code": "LAW", "name": "Law"})
    boss = furnished("coordinator")
    number = boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    assert boss.post(f"/incidents/{number}/acknowledge", {"department": "LAW"}).status_code == 404
    assert boss.post(f"/incidents/{number}/acknowledge", {"department": "NOWHERE"}).status_code == 422


def test_closing_withdraws_notices_and_reopening_tells_again(boss: Api, hand: Hand) -> None:
    number = boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    closed = boss.done(f"/incidents/{number}/close", {"resolution": "cleaned", "note": "All machines are clean."})
    assert (closed["status"], closed["resolution"]) == ("closed", "cleaned")
    assert closed["closed_at"] == "2026-11-21T08:30:00.000000Z"
    assert closed["notices"][0]["state"] == "withdrawn"
    hand.forward(hours=1)
    opened = boss.done(f"/incidents/{number}/reopen", {"reason": "it is back"})
    assert (opened["status"], opened["closed_at"], opened["resolution"]) == ("handling", None, None)
    assert opened["notices"][0]["state"] == "open"
    assert boss.post(f"/incidents/{number}/reopen").status_code == 409


def test_a_closed_incident_takes_no_change_but_notes(boss: Api) -> None:
    number = boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    boss.done(f"/incidents/{number}/close")
    assert boss.post(f"/incidents/{number}/close").status_code == 409
    assert boss.post(f"/incidents/{number}/acknowledge", {"department": "CERT"}).status_code == 409
    assert boss.patch(f"/incidents/{number}", {"title": "x"}, headers={"If-Match": "*"}).status_code == 409
    boss.made(f"/incidents/{number}/notes", {"text": "Afterwards."})


def test_closing_names_each_live_run_and_open_task(boss: Api, playbook: dict[str, Any]) -> None:
    boss.made("/playbooks", playbook)
    number = boss.made("/incidents", {"title": "A worm", "departments": ["CERT"], "playbook": playbook["id"]})["number"]
    seen = boss.seen(f"/incidents/{number}")
    answer = boss.post(f"/incidents/{number}/close", {"resolution": "cleaned"})
    assert answer.status_code == 409
    assert answer.json is not None
    runs = [error for error in answer.json["errors"] if "run" in error]
    tasks = [error for error in answer.json["errors"] if "task" in error]
    assert [(one["run"], one["name"]) for one in runs] == [(seen["runs"][0]["id"], "Look and tell")]
    assert [(one["task"], one["title"]) for one in tasks] == [(seen["tasks"][0]["id"], seen["tasks"][0]["title"])]
    assert "Look and tell" in answer.json["detail"]


def test_a_coordinator_closes_over_live_work_with_a_reason(boss: Api, playbook: dict[str, Any]) -> None:
    boss.made("/playbooks", playbook)
    number = boss.made("/incidents", {"title": "A worm", "departments": ["CERT"], "playbook": playbook["id"]})["number"]
    assert boss.post(f"/incidents/{number}/close", {"override": True}).status_code == 422
    closed = boss.done(f"/incidents/{number}/close", {"override": True, "reason": "false alarm"})
    assert closed["runs"][0]["state"] == "cancelled"
    assert {task["state"] for task in closed["tasks"]} == {"cancelled"}


def test_a_responder_closes_nothing(furnished: Speaker) -> None:
    number = furnished("coordinator").made("/incidents", {"title": "A worm"})["number"]
    assert furnished("responder").post(f"/incidents/{number}/close").status_code == 403


def test_the_journal_tells_what_was_done_in_order(boss: Api) -> None:
    number = boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    boss.made(f"/incidents/{number}/notes", {"text": "第一条记录"})
    boss.done(f"/incidents/{number}/close", {"note": "done"})
    page = boss.seen(f"/incidents/{number}/journal?limit=2")
    rest = boss.seen(f"/incidents/{number}/journal?cursor={page['next']}")
    entries = page["items"] + rest["items"]
    event_types = [entry["verb"] for entry in entries]
    assert event_types[0] == "incident.opened"
    assert event_types[-1] == "incident.closed"
    assert [entry["seq"] for entry in entries] == sorted(entry["seq"] for entry in entries)
    [note] = [entry for entry in entries if entry["verb"] == "incident.noted"]
    assert note["detail"]["note"] == "第一条记录"
    assert note["actor"].startswith("token:")
    assert len(note["hash"]) == 64


def test_an_incident_is_not_there_by_another_name(boss_sqlite: Api) -> None:
    for number in ("INC-2026-000001", "1", "inc-2026-000001", "%00", "x" * 5000, "../rules"):
        assert boss_sqlite.get(f"/incidents/{number}").status_code == 404


def test_what_is_red_is_not_there_for_those_who_may_not_see_it(furnished: Speaker) -> None:
    boss = furnished("coordinator")
    number = boss.made("/incidents", {"title": "secret plan", "tlp": "red", "departments": ["CERT"]})["number"]
    for speaker in (furnished("responder"), furnished("reader"), furnished("department", "CERT")):
        assert speaker.get(f"/incidents/{number}").status_code == 404
        assert speaker.seen("/incidents")["items"] == []
        assert speaker.seen("/incidents?q=secret")["items"] == []
        assert "secret plan" not in speaker.get("/notices").text
        assert speaker.seen("/tasks?state=all")["items"] == []
    assert furnished("administrator").seen(f"/incidents/{number}")["title"] == "secret plan"


def test_a_department_sees_what_it_was_told_of_and_nothing_else(furnished: Speaker) -> None:
    furnished("administrator").made("/departments", {"code": "LAW", "name": "Law"})
    boss = furnished("coordinator")
    notified = boss.made("/incidents", {"title": "for both", "departments": ["CERT", "LAW"]})["number"]
    other = boss.made("/incidents", {"title": "not for law", "departments": ["CERT"]})["number"]
    law = furnished("department", "LAW")
    assert [item["number"] for item in law.seen("/incidents")["items"]] == [notified]
    assert law.get(f"/incidents/{other}").status_code == 404
    assert [notice["department"] for notice in law.seen(f"/incidents/{notified}")["notices"]] == ["LAW"]
    assert {notice["department"] for notice in law.seen("/notices")["items"]} == {"LAW"}
