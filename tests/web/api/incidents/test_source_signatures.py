"""Signed senders over the API: a signature instead of a token, beside one, rotated, replayed and removed."""

import hashlib
import hmac
import json
import secrets
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from incident.actions.incidents.signed_messages import REMEMBERED_FOR
from incident.actions.operations import housekeeping, keys
from incident.store.db.database import db
from incident.store.incidents.signatures import SignedMessage, SourceSignature
from incident.store.journal.journal import Entry
from incident.web.instance import KEY
from incident.web.security import limits
from tests.plugins.app import Api, Hand, Speaker
from tests.web.api.incidents.test_own_sources import MAPPING, bearer, token_of

ALARM = {"id": "door-7", "text": "Door 7 is open"}


@pytest.fixture
def doors(boss: Api) -> Api:
    """A coordinator who has described the source `doors`."""
    assert boss.put("/sources/doors", {"mapping": MAPPING}).status_code == 201
    return boss


def signed(doors: Api, secret: str, source: str = "doors", **more: Any) -> TestResponse:
    """A request as GitHub signs it."""
    body = json.dumps(ALARM).encode()
    mark = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": mark} | more.pop("headers", {})
    return doors.client.post(f"/api/v1/alerts/{source}", data=body, headers=headers, **more)


def stamped(doors: Api, secret: str, at: int, name: str = "msg_1") -> TestResponse:
    """A request after Standard Webhooks, signed by the code that signs ours."""
    from incident.channels.webhook import sign

    body = json.dumps(ALARM).encode()
    headers = {"webhook-id": name, "webhook-timestamp": str(at), "webhook-signature": sign(secret, name, at, body)}
    return doors.client.post("/api/v1/alerts/doors", data=body, headers=headers)


def put(doors: Api, source: str = "doors", **given: Any) -> Any:
    answer = doors.put(f"/sources/{source}/signature", {"scheme": "github"} | given)
    assert answer.status_code in (200, 201), answer.text
    return answer.json


def code_of(answer: TestResponse, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    return str(answer.json["code"])  # type: ignore[index]


def test_a_signature_replaces_a_token_and_the_secret_is_shown_once(doors: Api) -> None:
    made = put(doors)
    assert (made["name"], made["is_token_needed"], len(made["secret"])) == ("github", False, 64)
    answer = signed(doors, made["secret"])
    assert (answer.status_code, answer.json["items"][0]["decision"]) == (202, "opened")  # type: ignore[index]
    shown = doors.seen("/sources/doors")["signature"]
    assert shown == {name: value for name, value in made.items() if name != "secret"}
    again = put(doors)
    assert again["secret"] is None, "putting the settings again keeps the secret"
    assert signed(doors, made["secret"]).status_code == 202
    with doors.client.application.app_context():
        opened = db.session.scalars(select(Entry).where(Entry.event_type == "incident.opened")).all()
        stored = db.session.get_one(SourceSignature, "doors").sealed_secret
        db.session.remove()
    assert [entry.actor for entry in opened] == ["source:doors"]
    assert made["secret"] not in stored


def test_an_unsigned_or_wrongly_signed_request_is_refused_whatever_token_it_has(doors: Api) -> None:
    headers = bearer(token_of(doors))
    put(doors)
    unsigned = doors.client.post("/api/v1/alerts/doors", json=ALARM, headers=headers)
    assert code_of(unsigned, 403) == "signature.missing"
    assert code_of(signed(doors, "another secret!!", headers=headers), 403) == "signature.wrong"
    broken = doors.client.post("/api/v1/alerts/doors", data=b"\xff{", headers={"X-Hub-Signature-256": "sha256=00"})
    assert code_of(broken, 403) == "signature.wrong"
    assert doors.seen("/incidents")["items"] == []


def test_a_signature_can_be_needed_beside_a_token(doors: Api) -> None:
    headers = bearer(token_of(doors))
    secret = put(doors, is_token_needed=True)["secret"]
    assert signed(doors, secret).status_code == 401
    assert signed(doors, "another secret!!", headers=headers).status_code == 403
    assert signed(doors, secret, headers=headers).status_code == 202


def test_a_source_of_the_program_can_be_signed_and_one_senders_secret_opens_no_other_source(doors: Api) -> None:
    secret = put(doors, source="generic", secret="given by the sender")["secret"]
    assert secret is None
    put(doors)
    body = {"title": "Disk is full", "fingerprint": "disk", "status": "firing"}
    raw = json.dumps(body).encode()
    mark = {"X-Hub-Signature-256": "sha256=" + hmac.new(b"given by the sender", raw, "sha256").hexdigest()}
    assert doors.client.post("/api/v1/alerts/generic", data=raw, headers=mark).status_code == 202
    assert doors.client.post("/api/v1/alerts/doors", data=raw, headers=mark).status_code == 403
    assert doors.client.post("/api/v1/alerts/alertmanager", data=raw, headers=mark).status_code == 401
    assert doors.client.get("/api/v1/sources", headers=mark).status_code == 401
    assert doors.client.get("/api/v1/alerts/okta", headers=mark).status_code == 401


def test_after_a_rotation_both_secrets_are_valid_until_the_former_ends(doors: Api, hand: Hand) -> None:
    first = put(doors)["secret"]
    second = doors.made("/sources/doors/signature/secret", {})["secret"]
    assert [signed(doors, one).status_code for one in (first, second)] == [202, 202]
    hand.forward(hours=24)
    assert [signed(doors, one).status_code for one in (first, second)] == [403, 202]
    third = doors.made("/sources/doors/signature/secret", {"secret": "given by the sender"})
    assert third["secret"] is None
    assert [signed(doors, one).status_code for one in (second, "given by the sender")] == [202, 202]
    assert doors.delete("/sources/doors/signature/old-secret").status_code == 204
    assert [signed(doors, one).status_code for one in (second, "given by the sender")] == [403, 202]


def test_a_rotation_under_one_key_is_made_once(doors: Api) -> None:
    put(doors)
    headers = {"Idempotency-Key": "rotate-1"}
    first = doors.post("/sources/doors/signature/secret", {}, headers=headers)
    again = doors.post("/sources/doors/signature/secret", {}, headers=headers)
    assert first.json == again.json
    assert signed(doors, first.json["secret"]).status_code == 202  # type: ignore[index]


def test_the_same_message_is_refused_within_its_time_and_a_late_one_too(doors: Api, hand: Hand) -> None:
    secret = put(doors, scheme="standard-webhooks")["secret"]
    at = int(hand.at.timestamp())
    assert stamped(doors, secret, at).status_code == 202
    assert code_of(stamped(doors, secret, at), 409) == "signature.replayed"
    assert stamped(doors, secret, at, "msg_2").status_code == 202
    hand.forward(seconds=301)
    assert code_of(stamped(doors, secret, at, "msg_3"), 403) == "signature.out_of_time"


def test_a_message_that_could_not_be_received_may_come_again(doors: Api, hand: Hand) -> None:
    secret = put(doors, scheme="standard-webhooks")["secret"]
    at = int(hand.at.timestamp())
    assert doors.put("/sources/doors", {"mapping": MAPPING, "is_active": False}).status_code == 200
    assert code_of(stamped(doors, secret, at), 409) == "source.inactive"
    assert doors.put("/sources/doors", {"mapping": MAPPING}).status_code == 200
    assert stamped(doors, secret, at).status_code == 202


def test_messages_are_forgotten_when_their_time_would_be_refused(doors: Api, hand: Hand) -> None:
    secret = put(doors, scheme="standard-webhooks")["secret"]
    stamped(doors, secret, int(hand.at.timestamp()))

    def count() -> int:
        return len(db.session.scalars(select(SignedMessage)).all())

    with doors.client.application.app_context():
        housekeeping.run_housekeeping(hand.at)
        assert count() == 1
        housekeeping.run_housekeeping(hand.at + REMEMBERED_FOR * 2)
        assert count() == 0
        db.session.remove()


def test_wrong_signatures_of_an_address_are_limited_and_a_right_one_is_not(
    doors: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_FAILED_SIGNATURES", 2)
    secret = put(doors)["secret"]
    answers = [signed(doors, "another secret!!") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 429]
    assert "Retry-After" in answers[2].headers
    assert signed(doors, secret).status_code == 202


def test_faults_of_the_settings_are_told_at_once(doors: Api) -> None:
    wrong = doors.put("/sources/doors/signature", {"scheme": {"header": "a b"}, "is_token_needed": 1, "more": 1})
    places = {fault["pointer"] for fault in wrong.json["errors"]}  # type: ignore[index]
    assert (wrong.status_code, places) == (422, {"/scheme/header", "/is_token_needed", "/more"})
    short = doors.put("/sources/doors/signature", {"scheme": "github", "secret": "short"})
    assert code_of(short, 422) == "signature.short_secret"
    put(doors)
    assert doors.put("/sources/doors/signature", {"scheme": "standard-webhooks"}).status_code == 200
    assert code_of(doors.put("/sources/nothing/signature", {"scheme": "github"}), 404) == "source.unknown"
    for method, path in (("DELETE", ""), ("DELETE", "/old-secret"), ("POST", "/secret")):
        missing = doors.ask(method, f"/sources/okta/signature{path}", {} if method == "POST" else None)
        assert code_of(missing, 404) == "signature.none"


def test_a_secret_stays_when_the_scheme_can_use_it_and_is_refused_when_not(doors: Api) -> None:
    put(doors, secret="not base64, but long enough")
    answer = doors.put("/sources/doors/signature", {"scheme": "standard-webhooks"})
    assert code_of(answer, 422) == "signature.secret_not_base64"
    assert doors.seen("/sources/doors")["signature"]["name"] == "github"


def test_without_a_signature_tokens_are_enough_again_and_a_removed_source_takes_it_along(doors: Api) -> None:
    headers = bearer(token_of(doors))
    put(doors)
    assert doors.delete("/sources/doors/signature").status_code == 204
    assert doors.client.post("/api/v1/alerts/doors", json=ALARM, headers=headers).status_code == 202
    put(doors)
    assert doors.delete("/sources/doors").status_code == 204
    assert doors.put("/sources/doors", {"mapping": MAPPING}).status_code == 201
    assert doors.seen("/sources/doors")["signature"] is None
    with doors.client.application.app_context():
        entries = db.session.scalars(select(Entry).where(Entry.event_type.startswith("signature."))).all()
        db.session.remove()
    assert [entry.event_type for entry in entries] == [f"signature.{word}" for word in ("added", "removed") * 2]


def test_only_those_who_write_sources_change_signatures(doors: Api, speak: Speaker) -> None:
    reader = speak("reader")
    put(doors)
    assert reader.put("/sources/doors/signature", {"scheme": "github"}).status_code == 403
    assert reader.post("/sources/doors/signature/secret", {}).status_code == 403
    assert reader.delete("/sources/doors/signature").status_code == 403
    assert "secret" not in reader.seen("/sources/doors")["signature"]


def test_signing_secrets_are_sealed_again_and_a_lost_ring_closes_the_source(doors: Api, hand: Hand) -> None:
    first = put(doors)["secret"]
    second = doors.made("/sources/doors/signature/secret", {})["secret"]
    app = doors.client.application
    ring = app.extensions[KEY].ring
    with app.app_context():
        assert keys.rotate(ring, "cli", hand.at) >= 2
        row = db.session.get_one(SourceSignature, "doors")
        assert ring.is_current(row.sealed_secret)
        assert ring.is_current(row.old_sealed_secret or "")
        db.session.remove()
    assert [signed(doors, one).status_code for one in (first, second)] == [202, 202]
    with app.app_context():
        db.session.get_one(SourceSignature, "doors").sealed_secret = "1.broken"
        db.session.commit()
        lost = keys.accept(ring, lambda: secrets.token_hex(32), "cli", hand.at)
        db.session.remove()
    assert lost.sources == ["doors"]
    assert signed(doors, second).status_code == 403


def test_a_signature_is_tried_and_nothing_is_taken(doors: Api) -> None:
    secret = put(doors)["secret"]
    body = json.dumps(ALARM)
    mark = "sha256=" + hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()

    def tried(**headers: str) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return doors.done("/sources/try", {"source": "doors", "payload": body, "headers": given})["signature"]

    assert tried(X_Hub_Signature_256=mark) == {"is_right": True, "code": None, "detail": None}
    assert tried(X_Hub_Signature_256=f"{mark[:-1]}x")["code"] == "signature.wrong"
    missing = tried()
    assert (missing["is_right"], missing["code"]) == (False, "signature.missing")
    assert "X-Hub-Signature-256" in missing["detail"]
    assert doors.done("/sources/try", {"source": "doors", "payload": body})["signature"] is None
    wrong = doors.post("/sources/try", {"source": "okta", "payload": ALARM, "headers": {"X": 1}})
    places = {fault["pointer"] for fault in wrong.json["errors"]}  # type: ignore[index]
    assert (wrong.status_code, places) == (422, {"/payload", "/headers/X", "/source"})
    unsigned = doors.post("/sources/try", {"source": "okta", "payload": body, "headers": {}})
    assert code_of(unsigned, 422) == "signature.none"
    assert doors.seen("/incidents")["items"] == []
