"""The pages of subscriptions: added with a secret shown once, tested, paused, and the log with a button."""

import re
from collections.abc import Iterator

import pytest

from incident.actions.delivery import event_delivery, event_queue
from incident.actions.delivery.event_delivery import EventResult
from incident.core.notifications.message import DeliveryError
from incident.store.delivery.subscriptions import Subscription, list_subscriptions
from incident.web.instance import KEY
from tests.receivers import Receiver, receiver
from tests.web.office import Office, reach_loopback

NO = DeliveryError("400 <b>no</b>", permanent=True)


@pytest.fixture
def hook(office: Office) -> Iterator[Receiver]:
    reach_loopback(office.app)
    with receiver() as server:
        yield server


def add(office: Office, url: str, **fields: object) -> str:
    given = {"name": "SOC", "url": url, "events": ["incident.*"], "tlp": "amber"} | fields
    return office.browser("administrator").post("/subscriptions", status=201, **given).text


def kept(office: Office) -> Subscription:
    return office.do(lambda: list_subscriptions()[0])


def deliver(office: Office, outcome: DeliveryError) -> None:
    def do() -> None:
        post = office.app.extensions[KEY].post
        event_queue.queue_events("http://incident.test", office.hand.at)
        for sending in event_delivery.claim_events(office.hand.at, 8, [], post):
            event_delivery.record_event_results(
                [EventResult(sending.attempt_id, outcome, 0.0, office.hand.at)], office.hand.at
            )

    office.do(do)


def test_a_subscription_is_added_with_a_secret_that_is_shown_once(office: Office, hook: Receiver) -> None:
    browser = office.browser("administrator")
    assert "No other system is subscribed yet." in browser.get("/subscriptions")
    made = add(office, hook.url, grades=["1", "2"], departments=["CERT"], regions="330000, 110000", has_exercises="1")
    assert re.search(r"whsec_[A-Za-z0-9+/=]{40,}", made)
    page = browser.get("/subscriptions/1")
    assert "whsec_" not in page
    assert "SOC" in browser.get("/subscriptions")
    assert kept(office).filter["grades"] == [1, 2]
    assert kept(office).filter["regions"] == ["330000", "110000"]
    assert kept(office).filter["departments"] == ["CERT"]
    assert kept(office).filter["has_exercises"] is True


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(office: Office) -> None:
    browser = office.browser("administrator")
    page = browser.post("/subscriptions", status=422, name="My SIEM", url="ftp://x", tlp="green").text
    assert "My SIEM" in page
    assert "Choose at least one event type." in page
    assert page.count('class="fault"') >= 2
    assert "No other system is subscribed yet." in page


def test_a_test_event_shows_the_answer_of_the_receiver(office: Office, hook: Receiver) -> None:
    add(office, hook.url)
    browser = office.browser("administrator")
    assert "The receiver accepted the test event." in browser.post("/subscriptions/1/test", status=200).text
    hook.status = 500
    assert "The receiver did not accept the test event." in browser.post("/subscriptions/1/test", status=200).text
    assert len(hook.requests) == 2


def test_it_is_changed_paused_resumed_given_a_new_secret_and_removed(office: Office, hook: Receiver) -> None:
    add(office, hook.url)
    browser = office.browser("administrator")
    change = {"name": "SIEM", "url": hook.url, "events": ["*"], "tlp": "green"}
    browser.post("/subscriptions/1/change", version="1", **change)
    assert (kept(office).name, kept(office).events, kept(office).filter["tlp"]) == ("SIEM", ["*"], "green")
    browser.post("/subscriptions/1/change", status=412, version="1", **change)
    browser.post("/subscriptions/1/pause")
    assert "Paused. Events wait." in browser.get("/subscriptions/1")
    browser.post("/subscriptions/1/resume", skips_missed="1")
    assert kept(office).state == "active"
    assert "whsec_" in browser.post("/subscriptions/1/secret", status=200).text
    browser.post("/subscriptions/1/remove")
    assert "No other system is subscribed yet." in browser.get("/subscriptions")
    browser.get("/subscriptions/1", status=404)


def test_the_log_shows_answers_as_text_and_sends_again_with_a_button(office: Office, hook: Receiver) -> None:
    add(office, hook.url)
    number = office.open("CERT")
    deliver(office, NO)
    browser = office.browser("administrator")
    page = browser.get("/subscriptions/1?state=refused")
    assert number in page
    assert "400 &lt;b&gt;no&lt;/b&gt;" in page
    assert "Incident opened" in page
    assert "1 event was not delivered" in browser.get("/subscriptions")
    browser.post("/subscriptions/1/deliveries/1/resend")
    assert "No deliveries." in browser.get("/subscriptions/1?state=refused")


def test_who_is_no_administrator_finds_neither_page_nor_entry_of_the_menu(office: Office, hook: Receiver) -> None:
    add(office, hook.url)
    for role in ("coordinator", "responder", "department", "reader"):
        browser = office.browser(role)
        assert 'href="/subscriptions"' not in browser.get("/incidents")
        browser.get("/subscriptions", status=403)
        browser.get("/subscriptions/1", status=403)
        browser.post("/subscriptions/1/pause", status=403)
    assert 'href="/subscriptions"' in office.browser("administrator").get("/incidents")
