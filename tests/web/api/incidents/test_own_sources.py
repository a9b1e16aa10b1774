"""Own sources over the API: described by a mapping, tried, versioned, with tokens of their own."""

import base64
import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from incident.sources import SOURCES
from incident.store.db.database import db
from incident.store.directory.tokens import Token
from incident.store.journal.journal import Entry
from tests.plugins.app import Api, Speaker

MAPPING: dict[str, Any] = {
    "version": 1,
    "variants": [
        {
            "name": "alarm",
            "title": "{/text}",
            "fingerprint": "/id",
            "status": {"pointer": "/state", "resolved": "closed"},
            "occurred_at": "{/at}",
            "grade": {"pointer": "/level", "words": {"high": 2}},
            "labels": {"door": "/id"},
            "indicators": "/from",
        }
    ],
}
ALARM = {"id": "door-7", "text": "Door 7 is open", "level": "high", "at": "2026-11-21T08:00:00Z", "from": "192.0.2.7"}


@pytest.fixture
def doors(boss: Api) -> Api:
    """A coordinator who has described the source `doors`."""
    assert boss.put("/sources/doors", {"mapping": MAPPING}).status_code == 201
    return boss


def token_of(boss: Api, source: str = "doors") -> dict[str, Any]:
    made: dict[str, Any] = boss.made(f"/sources/{source}/tokens", {"name": "the gateway"})
    return made


def posted(boss: Api, path: str, **more: Any) -> TestResponse:
    return boss.client.post(f"/api/v1/alerts/{path}", json=ALARM, **more)


def bearer(token: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token['token']}"}


def test_a_described_source_opens_an_incident_and_attaches_the_repeat_and_the_end(doors: Api) -> None:
    headers = bearer(token_of(doors))
    opened = posted(doors, "doors", headers=headers)
    assert opened.status_code == 202, opened.text
    repeat = doors.client.post("/api/v1/alerts/doors", json=ALARM | {"at": "2026-11-21T08:05:00Z"}, headers=headers)
    end = doors.client.post("/api/v1/alerts/doors", json=ALARM | {"state": "closed"}, headers=headers)
    assert [one.json["items"][0]["decision"] for one in (opened, repeat, end)] == ["opened", "attached", "attached"]  # type: ignore[index]
    [seen] = doors.seen("/incidents")["items"]
    assert (seen["title"], seen["grade"], seen["source"]) == ("Door 7 is open", 2, "doors")
    assert doors.seen(f"/incidents/{seen['number']}")["indicators"] == [{"kind": "ipv4", "value": "192.0.2.7"}]


def test_a_text_plain_body_is_taken(doors: Api) -> None:
    answer = doors.client.post(
        "/api/v1/alerts/doors", data=json.dumps(ALARM), content_type="text/plain", headers=bearer(token_of(doors))
    )
    assert (answer.status_code, answer.json["items"][0]["decision"]) == (202, "opened")  # type: ignore[index]


def test_the_list_has_the_programs_sources_and_ones_own(doors: Api) -> None:
    items = doors.seen("/sources?limit=100")["items"]
    assert [one["name"] for one in items] == sorted([*SOURCES, "doors"])
    own = {one["name"]: one for one in items}["doors"]
    assert (own["is_own"], own["is_active"], own["version"]) == (True, True, 1)
    first = doors.seen("/sources?limit=3")
    again = doors.seen(f"/sources?limit=100&cursor={first['next']}")
    assert first["items"] + again["items"] == items


def test_a_source_of_the_program_is_read_with_its_mapping_and_cannot_be_changed(boss: Api) -> None:
    assert boss.seen("/sources/guardduty")["mapping"]["variants"]
    assert boss.seen("/sources/generic")["mapping"] is None
    for name in ("guardduty", "generic", "manual"):
        answer = boss.put(f"/sources/{name}", {"mapping": MAPPING})
        assert (answer.status_code, answer.json["code"]) == (422, "source.name_taken")  # type: ignore[index]
    assert boss.put("/sources/try", {"mapping": MAPPING}).status_code == 405
    assert boss.delete("/sources/guardduty").json["code"] == "source.preset"  # type: ignore[index]


@pytest.mark.parametrize("name", ["Doors", "-doors", "a_b", "d" * 61, "门"])
def test_a_name_is_fit_for_an_address(boss: Api, name: str) -> None:
    answer = boss.client.put(f"/api/v1/sources/{name}", json={"mapping": MAPPING}, headers=boss.headers)
    assert (answer.status_code, answer.json["code"]) == (422, "source.malformed_name")  # type: ignore[index]


def test_every_fault_of_a_mapping_is_named_with_its_place_and_nothing_is_stored(boss: Api) -> None:
    wrong = {"version": 1, "variants": [{"name": "x", "title": "{/text", "fingerprint": "id", "colour": 1}]}
    answer = boss.put("/sources/doors", {"mapping": wrong, "is_active": "yes"})
    assert answer.status_code == 422
    places = {one["pointer"] for one in answer.json["errors"]}  # type: ignore[index]
    base = "/mapping/variants/0"
    assert places == {f"{base}/title", f"{base}/fingerprint", f"{base}/colour", "/is_active"}
    assert boss.get("/sources/doors").status_code == 404


def test_each_change_is_a_version_and_the_old_ones_stay_readable(doors: Api) -> None:
    other = {"version": 1, "variants": [{"name": "b", "title": "Alarm", "fingerprint": "/id"}]}
    first = doors.get("/sources/doors")
    assert doors.put("/sources/doors", {"mapping": MAPPING}).json["version"] == 1, "no change is no version"  # type: ignore[index]
    changed = doors.put("/sources/doors", {"mapping": other}, headers={"If-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.json["version"]) == (200, 2)  # type: ignore[index]
    stale = doors.put("/sources/doors", {"mapping": MAPPING}, headers={"If-Match": first.headers["ETag"]})
    assert stale.status_code == 412
    assert doors.delete("/sources/doors", headers={"If-Match": first.headers["ETag"]}).status_code == 412
    headers = bearer(token_of(doors))
    assert posted(doors, "doors", headers=headers).status_code == 202
    assert doors.seen("/incidents")["items"][0]["title"] == "Alarm"
    assert doors.delete("/sources/doors").status_code == 204
    versions = doors.seen("/sources/doors/versions")["items"]
    assert [(one["version"], one["mapping"]) for one in versions] == [(2, other), (1, MAPPING)]
    assert doors.get("/sources/doors").status_code == 404
    assert posted(doors, "doors", headers=headers).status_code == 401, "its tokens end with it"
    again = doors.put("/sources/doors", {"mapping": MAPPING})
    assert (again.status_code, again.json["version"]) == (201, 3)  # type: ignore[index]
    with doors.client.application.app_context():
        entries = [row.event_type for row in db.session.scalars(db.select(Entry).order_by(Entry.seq))]
        db.session.remove()
    of_source = [one for one in entries if one.startswith("source.")]
    assert of_source == ["source.added", "source.changed", "source.removed", "source.added"]


def test_a_source_that_is_switched_off_says_so(doors: Api) -> None:
    headers = bearer(token_of(doors))
    doors.put("/sources/doors", {"mapping": MAPPING, "is_active": False})
    answer = posted(doors, "doors", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (409, "source.inactive")  # type: ignore[index]
    doors.put("/sources/doors", {"mapping": MAPPING})
    assert posted(doors, "doors", headers=headers).status_code == 202


@pytest.mark.parametrize("given", [ALARM, json.dumps(ALARM)], ids=["json", "text"])
@pytest.mark.parametrize("by", [{"mapping": MAPPING}, {"source": "doors"}], ids=["mapping", "source"])
def test_a_trial_shows_the_alerts_and_stores_nothing(doors: Api, given: object, by: dict[str, Any]) -> None:
    [item] = doors.done("/sources/try", {**by, "payload": given})["items"]
    alert = item["alert"]
    assert item["result"] == "alert"
    assert (alert["title"], alert["grade"], alert["fingerprint"]) == ("Door 7 is open", 2, "door-7")
    assert alert["occurred_at"].startswith("2026-11-21T08:00:00")
    assert alert["labels"] == {"door": "door-7"}
    assert alert["indicators"] == [{"kind": "ipv4", "value": "192.0.2.7"}]
    assert doors.seen("/incidents")["items"] == []


def test_a_trial_names_every_fault_with_its_place(doors: Api) -> None:
    answer = doors.post("/sources/try", {"mapping": {"version": 2, "variants": []}, "payload": {}})
    assert answer.status_code == 422
    assert "/mapping/version" in {one["pointer"] for one in answer.json["errors"]}  # type: ignore[index]
    broken = doors.post("/sources/try", {"source": "doors", "payload": '{"a": '})
    assert (broken.status_code, broken.json["errors"][0]["pointer"]) == (400, "/payload")  # type: ignore[index]
    bodies: list[dict[str, Any]] = [
        {"payload": {}},
        {"payload": {}, "source": "doors", "mapping": MAPPING},
        {"source": "doors"},
    ]
    for body in bodies:
        assert doors.post("/sources/try", body).status_code == 422, body
    [item] = doors.done("/sources/try", {"source": "doors", "payload": {"text": "no id"}})["items"]
    assert (item["result"], item["faults"][0]["code"]) == ("unreadable", "mapping.no_fingerprint")
    unknown = doors.post("/sources/try", {"source": "windows", "payload": {}})
    assert unknown.json["code"] == "source.unknown"  # type: ignore[index]


def test_a_trial_of_a_source_of_the_program_reads_as_it_does(boss: Api) -> None:
    disk = {"title": "Disk is full", "fingerprint": "disk", "status": "firing"}
    [item] = boss.done("/sources/try", {"source": "generic", "payload": disk})["items"]
    assert item["alert"]["title"] == "Disk is full"
    beat = {
        "heartbeat": {"status": 0, "time": "2026-11-21 08:00:00", "msg": "down"},
        "monitor": {"id": 3, "name": "web"},
    }
    assert boss.post("/sources/try", {"source": "uptime-kuma", "payload": beat | {"msg": "down"}}).status_code == 200


def test_a_token_is_taken_in_the_header_as_password_and_in_the_address(doors: Api) -> None:
    token = token_of(doors)
    secret = token["token"]
    basic = base64.b64encode(f"anyone:{secret}".encode()).decode()
    ways: list[tuple[str, dict[str, str]]] = [
        ("doors", bearer(token)),
        ("doors", {"Authorization": f"Basic {basic}"}),
        (f"doors/{secret}", {}),
        (f"doors/{secret}/", {}),
    ]
    for path, headers in ways:
        assert posted(doors, path, headers=headers).status_code == 202, (path, headers)
    with doors.client.application.app_context():
        stored = db.session.scalars(db.select(Token).where(Token.id == token["id"])).one()
        assert (stored.source, len(stored.token_hash)) == ("doors", 64)
        assert secret not in {str(value) for value in vars(stored).values()}
        db.session.remove()
    assert secret not in doors.get("/sources/doors").text


def test_a_token_of_a_source_is_refused_at_every_other_address(doors: Api, furnished: Speaker) -> None:
    secret = token_of(doors)["token"]
    doors.put("/sources/windows", {"mapping": MAPPING})
    headers = {"Authorization": f"Bearer {secret}"}
    for path in ("windows", "generic", f"windows/{secret}", f"generic/{secret}"):
        assert posted(doors, path, headers=headers).status_code == 403, path
    for path in ("/api/v1/incidents", "/api/v1/sources", "/incidents", "/api/v1/departments"):
        assert doors.client.get(path, headers=headers).status_code == 403, path
    preset = token_of(doors, "guardduty")["token"]
    assert posted(doors, "doors", headers={"Authorization": f"Bearer {preset}"}).status_code == 403


def test_only_a_token_of_a_source_is_taken_from_an_address_or_as_a_password(doors: Api, furnished: Speaker) -> None:
    secret = furnished("source").headers["Authorization"].removeprefix("Bearer ")
    basic = base64.b64encode(f"anyone:{secret}".encode()).decode()
    assert posted(doors, "doors", headers={"Authorization": f"Bearer {secret}"}).status_code == 202
    assert posted(doors, f"doors/{secret}").status_code == 401
    refused = posted(doors, "doors", headers={"Authorization": f"Basic {basic}"})
    assert refused.status_code == 401
    assert {word.split()[0] for word in refused.headers["WWW-Authenticate"].split(", ")} == {"Bearer", "Basic"}


def test_a_revoked_token_is_refused(doors: Api) -> None:
    token = token_of(doors)
    doors.put("/sources/windows", {"mapping": MAPPING})
    assert doors.delete(f"/sources/windows/tokens/{token['id']}").status_code == 404
    assert [one["id"] for one in doors.seen("/sources/doors")["tokens"]] == [token["id"]]
    assert doors.delete(f"/sources/doors/tokens/{token['id']}").status_code == 204
    assert posted(doors, f"doors/{token['token']}").status_code == 401
    assert doors.seen("/sources/doors")["tokens"] == []


def test_no_answer_contains_a_token_that_came_in_the_address(doors: Api) -> None:
    secret = token_of(doors)["token"]
    for path in (
        f"doors/{secret}",
        f"doors/{secret}x",
        f"nothing/{secret}",
        f"/doors//{secret}",
        f"doors/{secret}/more",
    ):
        for method in ("GET", "POST", "PUT"):
            answer = doors.client.open(f"/api/v1/alerts/{path}", method=method, data=b"x")
            assert secret not in answer.text, (method, path)
            assert secret not in str(answer.headers), (method, path)
