"""Subscriptions in the API: made, tested against real receivers, changed, paused, and their log."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from incident.actions.delivery import event_delivery, event_queue
from incident.actions.delivery.event_delivery import EventResult
from incident.actions.operations.housekeeping import set_demonstration
from incident.channels import Means, registry
from incident.core.notifications.message import Accepted
from incident.outgoing import Outgoing
from incident.store.db.database import db
from incident.web.instance import KEY
from tests.plugins.app import Api, Hand, Speaker
from tests.receivers import Received, Receiver, hang, receiver
from tests.web.office import reach_loopback


@pytest.fixture
def administrator(furnished_sqlite: Speaker) -> Api:
    speaking = furnished_sqlite("administrator")
    reach_loopback(speaking.client.application)
    return speaking


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as server:
        yield server


def subscribed(administrator: Api, url: str, **more: Any) -> Any:
    return administrator.made("/subscriptions", {"name": "SOC", "url": url, "events": ["incident.*"]} | more)


def is_signed(request: Received, secret: str) -> bool:
    """The check of a receiver, written from the text of the standard and not from the program's code."""
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = b".".join(
        [request.headers["webhook-id"].encode(), request.headers["webhook-timestamp"].encode(), request.body]
    )
    mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    versions = [one.split(",", 1) for one in request.headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(given, mine) for version, given in versions)


def deliver(administrator: Api, hand: Hand) -> None:
    """Do what the delivery process does, with the app's own channels."""
    app = administrator.client.application
    instance = app.extensions[KEY]
    with app.app_context():
        event_queue.queue_events("http://incident.test", hand.at)
        for sending in event_delivery.claim_events(hand.at, 8, [], instance.post):
            answer = instance.channels["webhook"].send(sending.message)
            assert isinstance(answer, Accepted)
            event_delivery.record_event_results([EventResult(sending.attempt_id, answer, 0.0, hand.at)], hand.at)
        db.session.remove()


def test_a_subscription_gets_signed_events_and_its_secret_is_shown_once(
    administrator: Api, boss_sqlite: Api, hook: Receiver, hand: Hand
) -> None:
    made = subscribed(administrator, f"{hook.url}/in")
    number = boss_sqlite.made("/incidents", {"title": "Scan", "departments": ["CERT"]})["number"]
    deliver(administrator, hand)
    [request] = hook.requests
    assert request.json["type"] == "incident.opened"
    assert request.json["timestamp"] == "2026-11-21T08:30:00Z"
    assert request.json["data"]["incident"]["number"] == number
    assert is_signed(request, made["secret"])
    assert not is_signed(request, "whsec_" + "A" * 32)
    seen = administrator.seen(f"/subscriptions/{made['id']}")
    assert "secret" not in seen
    assert (seen["state"], seen["waiting"], seen["delivered_at"]) == ("active", 0, "2026-11-21T08:30:00.000000Z")
    [logged] = administrator.seen(f"/subscriptions/{made['id']}/deliveries")["items"]
    assert (logged["type"], logged["state"], logged["attempts"], logged["answer"]) == (
        "incident.opened", "sent", 1, "200 ok",
    )  # fmt: skip
    assert logged["webhook_id"] == request.headers["webhook-id"]


def test_an_event_sent_again_has_its_old_id_and_the_same_bytes(
    administrator: Api, boss_sqlite: Api, hook: Receiver, hand: Hand
) -> None:
    place = f"/subscriptions/{subscribed(administrator, hook.url)['id']}/deliveries"
    boss_sqlite.made("/incidents", {"title": "Scan"})
    deliver(administrator, hand)
    [logged] = administrator.seen(place)["items"]
    assert administrator.done(f"{place}/{logged['id']}/resend")["state"] == "pending"
    assert administrator.post(f"{place}/{logged['id']}/resend").status_code == 409
    hand.forward(minutes=1)
    deliver(administrator, hand)
    first, second = hook.requests
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]


def test_after_a_new_secret_both_sign(administrator: Api, hook: Receiver) -> None:
    made = subscribed(administrator, hook.url)
    changed = administrator.made(f"/subscriptions/{made['id']}/rotate-secret", {})
    administrator.done(f"/subscriptions/{made['id']}/test")
    [request] = hook.requests
    assert request.json["type"] == "subscription.test"
    assert is_signed(request, made["secret"])
    assert is_signed(request, changed["secret"])
    assert changed["secret"] != made["secret"]


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "accepted"), (204, "accepted"), (400, "refused"), (410, "gone"), (500, "failed")]
)
def test_a_test_event_is_sent_at_once_and_its_answer_told(administrator: Api, status: int, outcome: str) -> None:
    with receiver(status=status, body=b"" if status == 204 else b"words") as server:
        made = subscribed(administrator, server.url)
        tested = administrator.done(f"/subscriptions/{made['id']}/test")
    assert (tested["outcome"], tested["is_sent"]) == (outcome, True)
    assert tested["answer"].startswith(str(status))
    assert administrator.seen(f"/subscriptions/{made['id']}")["state"] == "active"


def test_a_redirect_is_not_followed_and_a_receiver_that_hangs_is_given_up_in_time(administrator: Api) -> None:
    with (
        receiver() as inner,
        receiver(status=307, headers={"Location": inner.url}) as server,
        receiver(behave=hang) as silent,
    ):
        made = subscribed(administrator, server.url)
        tested = administrator.done(f"/subscriptions/{made['id']}/test")
        assert (tested["outcome"], tested["answer"]) == ("failed", "307: redirects are not followed")
        assert inner.requests == []
        administrator.patch(f"/subscriptions/{made['id']}", {"url": silent.url}, headers={"If-Match": "*"})
        assert administrator.done(f"/subscriptions/{made['id']}/test")["outcome"] == "failed"


def test_an_inward_address_is_refused_where_private_ones_are_not_allowed(administrator: Api, hook: Receiver) -> None:
    app = administrator.client.application
    app.extensions[KEY] = replace(app.extensions[KEY], channels=registry(Means(outgoing=Outgoing())))
    for url in (hook.url, "http://169.254.169.254/latest"):
        made = subscribed(administrator, url)
        tested = administrator.done(f"/subscriptions/{made['id']}/test")
        assert tested["outcome"] == "refused"
    assert hook.requests == []


def test_in_a_demonstration_a_test_sends_nothing(administrator: Api, hook: Receiver, hand: Hand) -> None:
    made = subscribed(administrator, hook.url)
    with administrator.client.application.app_context():
        set_demonstration(hand.at)
        db.session.remove()
    assert administrator.done(f"/subscriptions/{made['id']}/test")["is_sent"] is False
    assert hook.requests == []


def test_all_faults_of_a_subscription_are_told_at_once(administrator: Api) -> None:
    answer = administrator.post(
        "/subscriptions",
        {
            "name": "x",
            "url": "ftp://h.example",
            "events": ["incident.*", "report.*"],
            "filter": {"departments": ["CERT", "NOWHERE"]},
        },
    )
    assert answer.status_code == 422
    assert answer.json is not None
    assert {(one["code"], one["pointer"]) for one in answer.json["errors"]} == {
        ("subscription.event_unknown", "/events/1"),
        ("address.not_http", "/url"),
        ("department.unknown", "/filter/departments/1"),
    }
    refused = administrator.post(
        "/subscriptions",
        {"name": "", "url": "https://h.example", "events": [], "filter": {"tlp": "red", "grades": [9], "x": 1}},
    )
    assert refused.json is not None
    assert {one["pointer"] for one in refused.json["errors"]} == {
        "/name", "/filter/tlp", "/filter/grades/0", "/filter/x",
    }  # fmt: skip
    assert administrator.seen("/subscriptions")["items"] == []


def test_a_subscription_is_changed_paused_resumed_and_removed(administrator: Api, hook: Receiver) -> None:
    place = f"/subscriptions/{subscribed(administrator, hook.url)['id']}"
    change = {"name": "SIEM", "filter": {"grades": [1, 2]}}
    changed = administrator.patch(place, change, headers={"If-Match": "*"})
    assert changed.json is not None
    assert (changed.json["name"], changed.json["filter"]["grades"], changed.json["filter"]["tlp"]) == (
        "SIEM", [1, 2], "amber",
    )  # fmt: skip
    assert administrator.patch(place, {"name": "y"}, headers={"If-Match": '"1-x"'}).status_code == 412
    assert administrator.done(f"{place}/pause")["state"] == "paused"
    assert administrator.post(f"{place}/pause").status_code == 409
    assert administrator.done(f"{place}/resume", {"skips_missed": True})["state"] == "active"
    assert administrator.delete(place).status_code == 204
    assert administrator.get(place).status_code == 404
    assert administrator.get(f"{place}/deliveries").status_code == 404


def test_a_repeated_request_makes_one_subscription(administrator: Api, hook: Receiver) -> None:
    body = {"name": "SOC", "url": hook.url, "events": ["*"]}
    key = {"Idempotency-Key": "once"}
    first = administrator.made("/subscriptions", body, headers=key)
    assert administrator.made("/subscriptions", body, headers=key)["secret"] == first["secret"]
    assert len(administrator.seen("/subscriptions")["items"]) == 1


@pytest.mark.parametrize("role", ["coordinator", "responder", "department", "reader", "source", "monitor"])
def test_only_administrators_see_subscriptions(furnished_sqlite: Speaker, role: str) -> None:
    speaker = furnished_sqlite(role, "CERT" if role == "department" else None)
    assert speaker.get("/subscriptions").status_code == 403
    assert speaker.post("/subscriptions", {}).status_code == 403
