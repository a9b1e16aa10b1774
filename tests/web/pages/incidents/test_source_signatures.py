"""Signing secrets and topics of Amazon SNS on the page of a source."""

import hashlib
import hmac
import html
import re

from incident.actions.incidents.sns_topics import accept_message
from incident.core.incidents.signatures.sns import read_sns_message
from tests import sns
from tests.web.office import Office

ALARM = b'{"title": "Disk is full", "fingerprint": "disk", "status": "firing"}'


def posted(office: Office, secret: str, source: str = "generic") -> int:
    mark = "sha256=" + hmac.new(secret.encode(), ALARM, hashlib.sha256).hexdigest()
    client, headers = office.app.test_client(), {"X-Hub-Signature-256": mark}
    return client.post(f"/api/v1/alerts/{source}", data=ALARM, headers=headers).status_code


def secret_on(page: str) -> str:
    found = re.search(r'id="signing-secret">([^<]+)<', page)
    assert found
    return found[1]


def test_a_secret_is_made_shown_once_replaced_and_no_longer_required(office: Office) -> None:
    browser = office.browser("coordinator")
    made = browser.post("/sources/generic/signature", status=201, scheme="github", secret="").text
    first = secret_on(made)
    assert posted(office, first) == 202
    page = browser.get("/sources/generic")
    assert first not in page
    assert "unless GitHub has signed them" in page
    second = secret_on(browser.post("/sources/generic/signature/secret", status=201).text)
    assert (posted(office, first), posted(office, second)) == (202, 202)
    browser.post("/sources/generic/signature/end-old-secret")
    assert (posted(office, first), posted(office, second)) == (403, 202)
    browser.post("/sources/generic/signature", scheme="github", secret="", is_token_needed="1")
    assert posted(office, second) == 401
    browser.post("/sources/generic/signature/remove")
    assert "unless GitHub has signed them" not in browser.get("/sources/generic")


def test_another_sender_is_described_and_its_faults_are_next_to_the_field(office: Office) -> None:
    browser = office.browser("coordinator")
    wrong = '{"header": "X Y", "algorithm": "md5"}'
    page = browser.post("/sources/generic/signature", status=422, scheme="described", described=wrong, secret="x").text
    assert 'id="field-described-fault"' in page
    assert wrong in html.unescape(page), "nothing that was typed is lost"
    broken = browser.post("/sources/generic/signature", status=400, scheme="described", described="{").text
    assert 'id="field-described-fault"' in broken
    short = browser.post("/sources/generic/signature", status=422, scheme="github", secret="short").text
    assert 'id="field-secret-fault"' in short
    right = '{"header": "X-Own", "prefix": "own="}'
    given = "given by the sender"
    browser.post("/sources/generic/signature", scheme="described", described=right, secret=given)
    assert "X-Own" in browser.get("/sources/generic")
    mark = "own=" + hmac.new(given.encode(), ALARM, hashlib.sha256).hexdigest()
    answer = office.app.test_client().post("/api/v1/alerts/generic", data=ALARM, headers={"X-Own": mark})
    assert answer.status_code == 202


def test_a_topic_that_waits_is_seen_in_the_list_and_allowed_on_its_page(office: Office) -> None:
    browser = office.browser("coordinator")
    message = read_sns_message(sns.subscription(office.hand.at), office.hand.at)
    office.do(lambda: accept_message(message, "token:1:amazon", office.hand.at))
    assert "1 topic waits" in browser.get("/sources")
    page = browser.get("/sources/sns")
    assert sns.TOPIC in page
    assert "waiting to be allowed" in page
    browser.post("/sources/sns/topics", arn=sns.TOPIC)
    assert "subscription is being confirmed" in browser.get("/sources/sns")
    assert "topic waits" not in browser.get("/sources")
    wrong = browser.post("/sources/sns/topics", status=422, arn="security").text
    assert 'id="field-arn-fault"' in wrong
    assert 'value="security"' in wrong
    browser.post("/sources/sns/topics/1/remove")
    assert sns.TOPIC not in browser.get("/sources/sns")


def test_a_reader_sees_that_requests_are_signed_and_changes_nothing(office: Office) -> None:
    office.browser("coordinator").post("/sources/generic/signature", status=201, scheme="slack", secret="")
    reader = office.browser("reader")
    page = reader.get("/sources/generic")
    assert "Slack" in page
    assert "/sources/generic/signature" not in page
    assert "/sources/sns/topics" not in reader.get("/sources/sns")
    reader.post("/sources/generic/signature", status=403, scheme="github")
    reader.post("/sources/sns/topics", status=403, arn=sns.TOPIC)


def test_the_sources_of_the_program_are_called_built_in(office: Office) -> None:
    page = office.browser("reader").get("/sources")
    assert "Built in" in page
    assert "Any program that sends our own format" in page
    assert "a program<" not in page
