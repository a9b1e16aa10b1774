"""Members, rotas and who is on duty, over the API."""

import json
from typing import Any

import pytest

from tests.plugins.app import Api, Speaker

WEEKS = {
    "name": "weeks",
    "people": ["ann", "bob"],
    "starts_on": "2026-01-05",
    "every": "P7D",
    "handover": "08:30",
}
OVERRIDE = {"from": "2026-03-03T00:00:00Z", "until": "2026-03-04T00:00:00Z", "person": "cho", "instead_of": "ann"}


@pytest.fixture
def boss(speak_sqlite: Speaker) -> Api:
    """A coordinator where CERT in Shanghai has Ann, Bob and Cho."""
    administrator = speak_sqlite("administrator")
    administrator.made("/departments", {"code": "CERT", "name": "Response"})
    for login in ("ann", "bob", "cho"):
        administrator.made("/people", {"login": login, "name": login.title(), "role": "responder"})
    changed = administrator.patch(
        "/departments/CERT", {"timezone": "Asia/Shanghai", "calendar": "china"}, headers={"If-Match": "*"}
    )
    assert changed.status_code == 200, changed.text
    return speak_sqlite("coordinator")


def pointers(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {fault["pointer"]: fault["code"] for fault in answer.json["errors"]}


def put(boss: Api, path: str, body: Any) -> Any:
    answer = boss.put(path, body)
    assert answer.status_code == 200, answer.text
    return answer.json


def last_entry(boss: Api) -> Any:
    from incident.store.db.database import db
    from incident.store.journal.journal import Entry

    with boss.client.application.app_context():
        row = db.session.scalars(db.select(Entry).order_by(Entry.seq.desc()).limit(1)).one()
        return row.event_type, row.subject, json.loads(row.detail)


def test_a_rota_says_who_is_on_duty_and_until_when(boss: Api) -> None:
    put(boss, "/departments/CERT/rota", {"rotations": [WEEKS], "overrides": [OVERRIDE]})
    duty = boss.seen("/departments/CERT/duty?at=2026-03-02T01:00:00Z")
    assert [(one["login"], one["position"]) for one in duty["people"]] == [("ann", None)]
    assert (duty["rotation"], duty["is_gap"], duty["until"]) == ("weeks", False, "2026-03-03T00:00:00.000000Z")
    stood_in = boss.seen("/departments/CERT/duty?at=2026-03-03T12:00:00Z")
    assert [reason["how"] for reason in stood_in["because"]] == ["override"]
    assert stood_in["people"][0]["login"] == "cho"


def test_a_department_without_a_rota_has_nothing_but_a_gap(boss: Api) -> None:
    duty = boss.seen("/departments/CERT/duty")
    assert (duty["people"], duty["is_gap"], duty["has_rota"]) == ([], True, False)
    assert len(boss.seen("/departments/CERT/gaps?days=3")["items"]) == 1
    assert boss.seen("/departments/CERT/rota") == {"rotations": [], "overrides": [], "leave": []}


def test_gaps_are_listed_with_years_that_are_not_arranged_yet(boss: Api) -> None:
    office = WEEKS | {"hours": {"from": "09:00", "until": "17:00"}, "days": "working"}
    put(boss, "/departments/CERT/rota", {"rotations": [office]})
    found = boss.seen("/departments/CERT/gaps?days=400")
    assert len(found["items"]) > 200
    assert found["items"][0]["from"] < found["items"][0]["until"] <= found["items"][1]["from"]
    assert len(found["expected_years"]) >= 1


def test_who_is_on_duty_is_shown_with_the_ways_to_them(boss: Api, speak_sqlite: Speaker) -> None:
    put(boss, "/departments/CERT/rota", {"rotations": [WEEKS]})
    contact = {"name": "Ann's phone", "channel": "inbox", "person": "ann"}
    made = speak_sqlite("administrator").made("/departments/CERT/contacts", contact)
    assert made["person"] == "ann"
    put(boss, "/departments/CERT/members", {"members": [{"person": "ann", "position": "deputy"}]})
    [person] = boss.seen("/departments/CERT/duty?at=2026-03-02T01:00:00Z")["people"]
    assert [one["name"] for one in person["contacts"]] == ["Ann's phone"]
    assert person["position"] == "deputy"
    department = speak_sqlite("department", "CERT").seen("/departments/CERT/duty?at=2026-03-02T01:00:00Z")
    assert "contacts" not in department["people"][0]


def test_a_contact_of_nobody_is_refused(boss: Api, speak_sqlite: Speaker) -> None:
    answer = speak_sqlite("administrator").post(
        "/departments/CERT/contacts", {"name": "x", "channel": "inbox", "person": "zed"}
    )
    assert pointers(answer) == {"/person": "person.unknown"}


def test_every_fault_of_a_rota_has_its_place(boss: Api) -> None:
    wrong = {"rotations": [WEEKS | {"people": ["ann", "zed"]}], "overrides": [OVERRIDE | {"person": "yon"}]}
    assert pointers(boss.put("/departments/CERT/rota", wrong)) == {
        "/rotations/0/people/1": "person.unknown",
        "/overrides/0/person": "person.unknown",
    }
    assert pointers(boss.put("/departments/CERT/rota", {"rotations": [{}], "x": 1})).keys() == {
        "/x",
        "/rotations/0/name",
        "/rotations/0/people",
        "/rotations/0/starts_on",
        "/rotations/0/every",
        "/rotations/0/handover",
    }


def test_a_rota_that_somebody_else_has_changed_is_not_written_over(boss: Api) -> None:
    before = boss.get("/departments/CERT/rota").headers["ETag"]
    put(boss, "/departments/CERT/rota", {"rotations": [WEEKS]})
    stale = boss.put("/departments/CERT/rota", {"rotations": []}, headers={"If-Match": before})
    assert stale.status_code == 412
    now = boss.get("/departments/CERT/rota").headers["ETag"]
    assert boss.put("/departments/CERT/rota", {"rotations": []}, headers={"If-Match": now}).status_code == 200
    event_type, subject, detail = last_entry(boss)
    assert (event_type, subject) == ("rota.changed", "department:CERT")
    assert (len(detail["before"]["rotations"]), detail["after"]["rotations"]) == (1, [])


def test_an_override_is_added_once(boss: Api) -> None:
    put(boss, "/departments/CERT/rota", {"rotations": [WEEKS]})
    for _ in range(2):
        boss.made("/departments/CERT/rota/overrides", OVERRIDE, headers={"Idempotency-Key": "1"})
    assert [one["person"] for one in boss.seen("/departments/CERT/rota")["overrides"]] == ["cho"]
    event_type, _, detail = last_entry(boss)
    assert (event_type, detail["overrides"][0]["person"]) == ("rota.overridden", "cho")
    assert pointers(boss.post("/departments/CERT/rota/overrides", OVERRIDE | {"person": "zed", "until": "x"})) == {
        "/until": "moment.malformed"
    }
    assert pointers(boss.post("/departments/CERT/rota/overrides", OVERRIDE | {"person": "zed"})) == {
        "/person": "person.unknown"
    }


def test_programs_of_a_department_write_no_override(boss: Api, speak_sqlite: Speaker) -> None:
    answer = speak_sqlite("department", "CERT").post("/departments/CERT/rota/overrides", OVERRIDE)
    assert answer.status_code == 403


def test_members_are_put_in_their_order(boss: Api) -> None:
    named = [
        {"person": "cho", "position": "head"},
        {"person": "bob", "position": "deputy"},
        {"person": "ann", "position": "deputy"},
    ]
    put(boss, "/departments/CERT/members", {"members": named})
    put(boss, "/departments/CERT/members", {"members": named[1:]})
    seen = boss.seen("/departments/CERT/members")["members"]
    assert [(one["person"], one["position"]) for one in seen] == [("bob", "deputy"), ("ann", "deputy")]
    assert last_entry(boss) == (
        "members.changed",
        "department:CERT",
        {"before": named, "after": named[1:]},
    )


def test_every_fault_of_members_has_its_place(boss: Api) -> None:
    twice = [{"person": "ann"}, {"person": "zed"}, {"person": "ann", "position": "deputy"}]
    assert pointers(boss.put("/departments/CERT/members", {"members": twice})) == {
        "/members/1/person": "person.unknown",
        "/members/2/person": "member.twice",
    }
    assert pointers(boss.put("/departments/CERT/members", {"members": [{"person": "ann", "position": "king"}]})) == {
        "/members/0/position": "document.not_a_choice"
    }


def test_a_department_is_changed_and_the_journal_says_from_what(boss: Api, speak_sqlite: Speaker) -> None:
    administrator = speak_sqlite("administrator")
    administrator.made("/departments", {"code": "CITY", "name": "City"})
    assert administrator.patch("/departments/CERT", {"name": "x"}).status_code == 428
    new = {"parent": "CITY", "working_hours": {"from": "08:30", "until": "17:00"}}
    changed = administrator.patch("/departments/CERT", new, headers={"If-Match": "*"})
    assert changed.json is not None
    assert {name: changed.json[name] for name in new} == new
    assert last_entry(boss)[2] == {"before": {"parent": None, "working_hours": None}, "after": new}


def test_a_department_does_not_stand_under_itself(boss: Api, speak_sqlite: Speaker) -> None:
    administrator = speak_sqlite("administrator")
    administrator.made("/departments", {"code": "SECTION", "name": "Section", "parent": "CERT"})
    for parent in ("CERT", "SECTION"):
        answer = administrator.patch("/departments/CERT", {"parent": parent}, headers={"If-Match": "*"})
        assert pointers(answer) == {"/parent": "department.loop"}


def test_every_fault_of_a_department_has_its_place(boss: Api, speak_sqlite: Speaker) -> None:
    wrong = {"parent": "NOWHERE", "timezone": "../etc/passwd", "calendar": "moon"}
    answer = speak_sqlite("administrator").patch("/departments/CERT", wrong, headers={"If-Match": "*"})
    assert pointers(answer) == {
        "/timezone": "timezone.unknown",
        "/calendar": "calendar.unknown",
        "/parent": "department.unknown",
    }
    hours = {"working_hours": {"from": "9", "until": "10:00"}}
    answer = speak_sqlite("administrator").patch("/departments/CERT", hours, headers={"If-Match": "*"})
    assert pointers(answer) == {"/working_hours/from": "daytime.malformed"}


@pytest.mark.parametrize("query", ["duty?at=yesterday", "duty?at=0001-01-01T00:00:00Z", "gaps?days=0", "gaps?days=401"])
def test_what_cannot_be_looked_up_is_refused(boss: Api, query: str) -> None:
    assert boss.get(f"/departments/CERT/{query}").status_code == 422


def calendar(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""])


def imported(boss: Api, *lines: str, **more: Any) -> Any:
    return boss.post("/departments/CERT/rota/import", data=calendar(*lines), content_type="text/calendar", **more)


def test_the_rota_goes_out_as_icalendar(boss: Api) -> None:
    put(boss, "/departments/CERT/rota", {"rotations": [WEEKS]})
    answer = boss.get("/departments/CERT/rota.ics?days=30")
    assert answer.mimetype == "text/calendar"
    assert "SUMMARY:Ann" in answer.text
    assert "SUMMARY:Bob" in answer.text


def test_events_become_overrides_once(boss: Api) -> None:
    put(boss, "/departments/CERT/rota", {"rotations": [WEEKS]})
    event = ("DTSTART:20270105T000000Z", "DURATION:PT8H", "SUMMARY:CHO", "DESCRIPTION:training")
    first = imported(boss, *event)
    assert first.status_code == 201, first.text
    assert [(one["person"], one["why"]) for one in first.json["overrides"]] == [("cho", "training")]
    assert imported(boss, *event).json == {"overrides": []}
    assert boss.seen("/departments/CERT/duty?at=2027-01-05T01:00:00Z")["people"][0]["login"] == "cho"


def test_who_an_event_means_is_found_by_their_mail_address(boss: Api, speak_sqlite: Speaker) -> None:
    contact = {"name": "Bob", "channel": "email", "address": "bob@example.org", "person": "bob"}
    speak_sqlite("administrator").made("/departments/CERT/contacts", contact)
    answer = imported(
        boss, "DTSTART:20270105T000000Z", "DURATION:PT8H", "SUMMARY:Duty", "ATTENDEE:mailto:Bob@example.org"
    )
    assert [one["person"] for one in answer.json["overrides"]] == ["bob"]


def test_an_event_of_nobody_is_refused_with_its_place(boss: Api) -> None:
    answer = imported(boss, "DTSTART:20270105T000000Z", "DURATION:PT8H", "SUMMARY:zed")
    assert pointers(answer) == {"/events/0": "event.person_unknown"}
    other = boss.post("/departments/CERT/rota/import", {"a": 1})
    assert (other.status_code, "text/calendar" in other.get_json()["detail"]) == (415, True)
    unreadable = boss.post("/departments/CERT/rota/import", data="x", content_type="text/calendar")
    assert unreadable.status_code == 422
    assert unreadable.json is not None
    assert unreadable.json["code"] == "icalendar.unreadable"
