"""The administration pages: rules, messages, journal, people, tokens, system health."""

import re

import pytest

from incident.actions.delivery import deliver
from incident.actions.operations import housekeeping
from incident.core.notifications.message import Accepted, DeliveryError
from incident.node import Node
from incident.store.directory.tokens import live_token
from incident.web.instance import KEY
from tests.web.office import Office

RULES = '{"rules": [{"when": {"category": "MP", "labels": {"team": ["a", "b"]}}, "set": {"departments": ["NOC"]}}]}'


def test_rules_are_put_in_force_and_shown_as_a_list(office: Office) -> None:
    browser = office.browser("coordinator")
    browser.post("/rules", document=RULES, version="0")
    page = browser.get("/rules")
    assert "<code>team</code>" in page
    assert "NOC" in page


def test_rules_with_faults_are_refused_with_each_place_and_kept_in_the_form(office: Office) -> None:
    text = '{"rules": [{"when": {"grade": 9}, "set": {"departments": ["NOWHERE"]}}], "odd": 1}'
    answer = office.browser("coordinator").post("/rules", status=422, document=text)
    assert "<code>/rules/0/when/grade</code>" in answer.text
    assert "<code>/odd</code>" in answer.text
    assert "&#34;odd&#34;" in answer.text
    office.browser("coordinator").post("/rules", status=400, document="{")


def test_rules_that_somebody_changed_meanwhile_are_not_overwritten(office: Office) -> None:
    browser = office.browser("coordinator")
    browser.post("/rules", document=RULES, version="0")
    browser.post("/rules", status=412, document=RULES, version="0")


def test_no_acknowledge_link_stands_in_the_outbox_outside_of_a_demonstration(office: Office) -> None:
    number = office.open("CERT", grade=2)
    browser, links = (
        office.browser("coordinator"),
        [office.link(number, at) for at in range(len(office.messages(number)))],
    )
    frame = re.search(r'<iframe[^>]* src="([^"]+)"', browser.get("/outbox"))
    assert frame is not None
    assert links
    for page in (browser.get("/outbox"), browser.get(f"/outbox?incident={number}"), browser.client.get(frame[1]).text):
        assert "duty@example.org" in page or "/acknowledge/…" in page
        assert "Open its acknowledge link" not in page
        for link in links:
            assert link.rpartition("/")[2] not in page


def test_a_message_is_shown_as_its_receiver_sees_it_with_a_link_that_works_in_a_demonstration(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.web.pages.delivery.outbox.is_demonstration", lambda: True)
    number = office.open("CERT", grade=2)
    browser = office.browser("coordinator")
    page = browser.get("/outbox")
    assert "duty@example.org" in page
    assert f"Grade II Major: Ransomware in accounting ({number})" in page
    link = re.search(r'href="(/acknowledge/[^"]+)"', page)
    assert link is not None
    assert "Acknowledge</button>" in browser.get(link[1])


def test_tries_to_send_are_shown_with_what_was_answered(office: Office) -> None:
    number = office.open("CERT")
    post = office.app.extensions[KEY].post

    def send(outcome: Accepted | DeliveryError) -> None:
        begun, at = deliver.claim_due(office.hand.at, 5, [], post), office.hand.at
        deliver.record_results([deliver.DeliveryResult(sending.delivery_ids, outcome, 0, at) for sending in begun], at)

    def send_twice() -> None:
        send(DeliveryError("refused by mail.example", False))
        office.hand.forward(seconds=10)
        send(Accepted("250 queued"))

    office.do(send_twice)
    page = office.browser("coordinator").get("/outbox")
    assert "Tries: 2" in page
    assert "refused by mail.example" in page
    assert "250 queued" in page
    assert "2 tries" in office.browser("coordinator").get(f"/incidents/{number}")


def test_a_mail_stands_in_a_frame_where_nothing_runs(office: Office) -> None:
    office.open("CERT")
    browser = office.browser("coordinator")
    frame = re.search(r'<iframe[^>]* src="([^"]+)"', browser.get("/outbox"))
    assert frame is not None
    answer = browser.client.get(frame[1])
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Ransomware in accounting" in answer.text
    browser.get("/outbox/msg_unknown/mail", status=404)


def test_the_journal_page_shows_every_entry_and_the_head(office: Office) -> None:
    number = office.open("CERT")
    page = office.browser("reader").get("/journal")
    assert re.search(r'id="head">\d+:[0-9a-f]{64}<', page)
    assert "Emergency response notified at level 1: Duty" in page
    assert number in page


def test_the_journal_does_not_say_what_happens_on_incidents_of_tlp_red(office: Office) -> None:
    office.open("CERT", tlp="red", title="The secret matter")
    assert "You do not have permission to see this" in office.browser("reader").get("/journal")
    assert "You do not have permission to see this" not in office.browser("coordinator").get("/journal")


def test_the_journal_is_paged(office: Office) -> None:
    for _ in range(60):
        office.open("CERT")
    older = re.search(r'href="(/journal\?cursor=[^"]+)"', office.browser("reader").get("/journal"))
    assert older is not None
    assert "Department added" in office.browser("reader").get(older[1])


def test_an_administrator_adds_people_and_is_told_what_is_wrong(office: Office) -> None:
    browser = office.browser("administrator")
    form = {"name": "Li Wei", "login": "li", "role": "department", "language": "en"}
    assert "Choose a department" in browser.post("/people", status=422, **form).text
    browser.post("/people", status=201, **form, department="NOC")
    assert "Li Wei" in browser.get("/people")
    browser.post("/people", status=409, **form, department="NOC")
    browser.post("/people", status=422, **form | {"login": "x", "role": "king"})


def test_a_token_is_shown_once_and_revoked(office: Office) -> None:
    browser = office.browser("administrator")
    answer = browser.post("/tokens", status=201, name="prometheus", role="source")
    secret = re.search(r"int_[\w-]+", answer.text)
    assert secret is not None
    assert secret[0] not in browser.get("/tokens")
    client = office.app.test_client()
    bearer = {"Authorization": f"Bearer {secret[0]}"}
    path = "/api/v1/alerts/generic"
    alert = {"title": "x", "fingerprint": "f", "status": "firing"}
    assert client.post(path, json=alert, headers=bearer).status_code == 202
    token = office.do(lambda: live_token_id(secret[0]))
    browser.post(f"/tokens/{token}/revoke")
    assert client.post(path, json=alert, headers=bearer).status_code == 401


def live_token_id(secret: str) -> int:
    from incident.actions.directory.people import hash_of

    token = live_token(hash_of(secret))
    assert token is not None
    return token.id


def test_without_a_clock_every_page_says_so(office: Office) -> None:
    office.do(lambda: housekeeping.beat(Node("a" * 32, "1" * 32, "soc"), 7, office.hand.at))
    browser = office.browser("reader")
    assert "The scheduler is not running" not in browser.get("/incidents")
    office.hand.forward(seconds=11)
    for path in ("/incidents", "/inbox", "/journal"):
        assert "The scheduler is not running: timers and messages are on hold." in browser.get(path)
    assert "Needs attention" in browser.get("/health")


def test_the_machinery_shows_what_waits(office: Office) -> None:
    office.open("CERT")
    page = office.browser("reader").get("/health")
    assert "waiting: 1" in page
    office.hand.forward(minutes=6)
    assert "due now: 1" in office.browser("reader").get("/health")
