"""ETag, If-Match and Idempotency-Key: the guarantees for callers that repeat requests."""

from typing import Any

import pytest

from tests.plugins.app import Api, Hand, Speaker


@pytest.fixture
def number(boss: Api) -> str:
    return str(boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"])


def test_what_has_not_changed_is_not_sent_again(boss: Api, number: str) -> None:
    for path in (f"/incidents/{number}", "/incidents", "/notices/1", "/departments/CERT", "/rules", "/tasks"):
        etag = boss.get(path).headers["ETag"]
        again = boss.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b""), path
        assert again.headers["ETag"] == etag
    boss.made(f"/incidents/{number}/notes", {"text": "new"})
    etag = boss.get(f"/incidents/{number}").headers["ETag"]
    boss.made(f"/incidents/{number}/notes", {"text": "newer"})
    assert boss.get(f"/incidents/{number}", headers={"If-None-Match": etag}).status_code == 200


def test_a_change_needs_the_version_that_was_read(boss: Api, number: str) -> None:
    path = f"/incidents/{number}"
    assert boss.patch(path, {"title": "x"}).status_code == 428
    etag = boss.get(path).headers["ETag"]
    changed = boss.patch(path, {"title": "Two worms"}, headers={"If-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag
    stale = boss.patch(path, {"title": "Three"}, headers={"If-Match": etag})
    assert stale.status_code == 412
    assert stale.json is not None
    assert stale.json["detail"]
    assert boss.seen(path)["title"] == "Two worms"
    several = f'"1-x", {changed.headers["ETag"]}'
    assert boss.patch(path, {"title": "Four"}, headers={"If-Match": several}).status_code == 200
    for wrong in ('"nonsense"', "nonsense", '""', "W/" + boss.get(path).headers["ETag"], '"99999999999999999999-x"'):
        assert boss.patch(path, {"title": "x"}, headers={"If-Match": wrong}).status_code == 412, wrong


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("acknowledge", {"department": "CERT"}),
        ("close", {}),
        ("notes", {"text": "x"}),
        ("reports", {"report": 1}),
    ],
)
def test_if_match_is_honoured_where_it_is_not_needed(
    furnished: Speaker, boss: Api, number: str, path: str, body: dict[str, Any]
) -> None:
    furnished().made("/reports", {"text": "x"})
    old = boss.get(f"/incidents/{number}").headers["ETag"]
    boss.made(f"/incidents/{number}/notes", {"text": "in between"})
    assert boss.post(f"/incidents/{number}/{path}", body, headers={"If-Match": old}).status_code == 412
    new = boss.get(f"/incidents/{number}").headers["ETag"]
    assert boss.post(f"/incidents/{number}/{path}", body, headers={"If-Match": new}).status_code in (200, 201)


def test_the_same_key_and_body_get_the_first_answer_again(boss: Api) -> None:
    key = {"Idempotency-Key": "7f3a"}
    first = boss.post("/incidents", {"title": "A worm"}, headers=key)
    again = boss.post("/incidents", {"title": "A worm"}, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.data == again.data
    assert first.headers["Location"] == again.headers["Location"]
    assert len(boss.seen("/incidents")["items"]) == 1


def test_an_answer_under_a_key_says_what_one_without_says(furnished: Speaker, boss: Api) -> None:
    furnished()
    body = {"title": "A worm", "departments": ["CERT"]}
    with_key = boss.post("/incidents", body, headers={"Idempotency-Key": "7f3a"}).json
    without: dict[str, Any] = boss.made("/incidents", body)
    own = {"number", "opened_at", "changed_at"}
    assert with_key is not None
    assert {**with_key, **dict.fromkeys(own)} == {**without, **dict.fromkeys(own)}
    assert with_key["departments"] == ["CERT"]


def test_the_same_key_with_another_body_is_refused(boss: Api) -> None:
    key = {"Idempotency-Key": "7f3a"}
    boss.post("/incidents", {"title": "A worm"}, headers=key)
    for path, body in (("/incidents", {"title": "Another"}), ("/incidents/INC-2026-000001/notes", {"text": "x"})):
        answer = boss.post(path, body, headers=key)
        assert answer.status_code == 422
        assert answer.json is not None
        assert answer.json["code"] == "idempotency_key.other_request"
    assert len(boss.seen("/incidents")["items"]) == 1


def test_a_key_is_forgotten_after_a_day(boss: Api, hand: Hand) -> None:
    key = {"Idempotency-Key": "7f3a"}
    boss.post("/incidents", {"title": "A worm"}, headers=key)
    hand.forward(hours=23)
    boss.post("/incidents", {"title": "A worm"}, headers=key)
    assert len(boss.seen("/incidents")["items"]) == 1
    hand.forward(hours=2)
    boss.post("/incidents", {"title": "A worm"}, headers=key)
    assert len(boss.seen("/incidents")["items"]) == 2


def test_a_key_belongs_to_one_caller(furnished: Speaker) -> None:
    key = {"Idempotency-Key": "7f3a"}
    for role in ("coordinator", "responder"):
        assert furnished(role).post("/incidents", {"title": "A worm"}, headers=key).status_code == 201
    assert len(furnished("reader").seen("/incidents")["items"]) == 2


def test_a_request_that_was_refused_may_be_sent_again_under_its_key(boss: Api, furnished: Speaker) -> None:
    key = {"Idempotency-Key": "7f3a"}
    body = {"title": "A leak", "departments": ["LAW"]}
    assert boss.post("/incidents", body, headers=key).status_code == 422
    furnished("administrator").made("/departments", {"code": "LAW", "name": "Law"})
    assert boss.post("/incidents", body, headers=key).status_code == 201


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/departments", {"code": "LAW", "name": "Law"}),
        ("/departments/CERT/contacts", {"name": "SOC", "channel": "webhook", "address": "https://soc.example/"}),
        ("/incidents/INC-2026-000001/notes", {"text": "x"}),
        ("/incidents/INC-2026-000001/reports", {"report": 1}),
        ("/reports", {"text": "another"}),
        ("/tokens", {"name": "x", "role": "reader"}),
        ("/people", {"login": "x", "name": "X", "role": "reader"}),
    ],
)
def test_whatever_creates_does_it_once_under_a_key(furnished: Speaker, path: str, body: dict[str, Any]) -> None:
    furnished().made("/reports", {"text": "x"})
    administrator = furnished("administrator")
    administrator.made("/incidents", {"title": "A worm"})
    key = {"Idempotency-Key": "k" * 255}
    first = administrator.post(path, body, headers=key)
    again = administrator.post(path, body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert first.data == again.data


def test_playbooks_and_runs_are_made_once_under_a_key(boss: Api, playbook: dict[str, Any]) -> None:
    boss.made("/incidents", {"title": "A worm"})
    for path, body in (("/playbooks", playbook), ("/incidents/INC-2026-000001/runs", {"playbook": playbook["id"]})):
        first = boss.post(path, body, headers={"Idempotency-Key": path})
        again = boss.post(path, body, headers={"Idempotency-Key": path})
        assert (first.status_code, again.status_code) == (201, 201), first.text
        assert first.data == again.data
    assert len(boss.seen("/incidents/INC-2026-000001")["runs"]) == 1


def test_a_key_that_cannot_be_kept_is_refused(boss_sqlite: Api) -> None:
    for key in ("", " ", "two words", "a\tb", "k" * 256, "\u00e9", "\x7f"):
        answer = boss_sqlite.post("/incidents", {"title": "x"}, headers={"Idempotency-Key": key})
        assert answer.status_code == 400, key
