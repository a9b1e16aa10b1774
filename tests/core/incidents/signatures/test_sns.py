"""Messages of Amazon SNS: what is believed, and every way to forge, change or replay one."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.signatures.sns import is_subscribe_url, read_sns_message, require_topic, verify_sns_message
from incident.core.values.faults import RuleError
from tests import sns

ELSEWHERE = [
    "http://sns.us-east-1.amazonaws.com{}",
    "https://sns.us-east-1.amazonaws.com.evil.example{}",
    "https://evil.example/sns.us-east-1.amazonaws.com{}",
    "https://sns.us-east-1.amazonaws.com@evil.example{}",
    "https://user@sns.us-east-1.amazonaws.com{}",
    "https://sns.us-east-1.amazonaws.com:8443{}",
    "https://xsns.us-east-1.amazonaws.com{}",
    "https://sns.us-east-1.amazonaws.com\n.evil.example{}",
    "https://sns.us-east-1.amazonaws.com\\.evil.example{}",
    "https://sns.us-east-1.amazonaws.com%2eevil.example{}",
    "https://sns.us-east-1.amazonaws.com.cn.evil.example{}",
    "https://sns.evil.example/amazonaws.com{}",
    "https://sns.us-east-1.amazonaws。com{}",
    "https://SNS.us-east-1.amazonaws.com{}",
    "https://s3.us-east-1.amazonaws.com{}",
    "https://sns.a.b.amazonaws.com{}",
    "file:///etc/passwd{}",
    "{}",
]
"""Addresses that are none of SNS, each with a place for path and query."""


def check(message: dict[str, Any], certificate: bytes | None = None, **late: float) -> str:
    """Verify a message; return its type."""
    now = sns.AT + timedelta(**late)
    found = read_sns_message(message, now)
    verify_sns_message(found, certificate or sns.certificate(), now)
    return found.type


def refused(message: dict[str, Any], certificate: bytes | None = None, **late: float) -> str:
    with pytest.raises(RuleError) as caught:
        check(message, certificate, **late)
    return caught.value.code


@pytest.mark.parametrize("version", ["1", "2"])
def test_each_type_and_version_is_believed_with_its_own_signature(version: str) -> None:
    assert check(sns.notification("hello", SignatureVersion=version)) == "Notification"
    assert check(sns.subscription(SignatureVersion=version)) == "SubscriptionConfirmation"
    kind = "UnsubscribeConfirmation"
    assert check(sns.subscription(kind=kind, SignatureVersion=version)) == kind


def test_a_notification_without_a_subject_and_with_other_letters_is_believed() -> None:
    facts = {"Type": "Notification", "Message": '主机 i-0123\n{"a": 1}'}
    assert check(sns.signed(facts)) == "Notification"
    assert refused(sns.signed(facts) | {"Subject": "added"}) == "signature.wrong"


@pytest.mark.parametrize("name", ["Message", "MessageId", "Subject", "TopicArn", "Timestamp", "Type"])
def test_no_signed_member_of_a_notification_can_be_changed(name: str) -> None:
    changed = {
        "Timestamp": "2026-11-21T08:29:00.000Z",
        "TopicArn": sns.TOPIC + "2",
        "Type": "UnsubscribeConfirmation",
    }.get(name, "changed")
    message = sns.notification("hello") | {name: changed}
    if name == "Type":
        message |= {"Token": "t", "SubscribeURL": "u"}
    assert refused(message) == "signature.wrong"


def test_a_signature_of_version_one_is_none_of_version_two_and_of_another_key_none_at_all() -> None:
    assert refused(sns.notification("x", SignatureVersion="1") | {"SignatureVersion": "2"}) == "signature.wrong"
    assert refused(sns.notification("x"), sns.certificate(size=3072)) == "signature.wrong"
    assert refused(sns.notification("x") | {"Signature": "not base64"}) == "signature.wrong"
    assert refused(sns.notification("x") | {"SignatureVersion": "3"}) == "sns.version"
    without = {name: value for name, value in sns.notification("x").items() if name != "Signature"}
    assert refused(without) == "signature.missing"


@pytest.mark.parametrize("form", ELSEWHERE)
def test_a_certificate_or_a_confirmation_from_elsewhere_is_refused(form: str) -> None:
    message = sns.notification("x", SigningCertURL=form.format("/SimpleNotificationService-1.pem"))
    assert refused(message) == "sns.certificate_address"
    query = f"/?Action=ConfirmSubscription&TopicArn={quote(sns.TOPIC, safe='')}&Token={sns.TOKEN}"
    assert refused(sns.subscription(SubscribeURL=form.format(query))) == "sns.subscribe_address"
    assert not is_subscribe_url(form.format(query), sns.TOPIC)


@pytest.mark.parametrize("path", ["/", "/x.pem?a=1", "/x.pem#.pem", "/a/../x.pem", "/x.txt", "/%2e%2e/x.pem"])
def test_a_certificate_at_an_odd_path_is_refused(path: str) -> None:
    assert refused(sns.notification("x", SigningCertURL=sns.HOST + path)) == "sns.certificate_address"


@pytest.mark.parametrize(
    "query",
    [
        "Action=DeleteTopic&TopicArn={topic}&Token={token}",
        "Action=ConfirmSubscription&TopicArn={topic}other&Token={token}",
        "Action=ConfirmSubscription&TopicArn={topic}&Token=other",
        "Action=ConfirmSubscription&Action=DeleteTopic&TopicArn={topic}&Token={token}",
        "",
    ],
)
def test_an_address_that_confirms_something_else_is_refused(query: str) -> None:
    url = f"{sns.HOST}/?" + query.format(topic=quote(sns.TOPIC, safe=""), token=sns.TOKEN)
    assert refused(sns.subscription(SubscribeURL=url)) == "sns.subscribe_address"


def test_the_hosts_of_china_are_those_of_sns_too() -> None:
    host, topic = "https://sns.cn-north-1.amazonaws.com.cn", "arn:aws-cn:sns:cn-north-1:111122223333:alerts"
    url = f"{host}/?Action=ConfirmSubscription&TopicArn={quote(topic, safe='')}&Token={sns.TOKEN}"
    message = sns.subscription(TopicArn=topic, SubscribeURL=url, SigningCertURL=f"{host}/Simple-1.pem")
    assert check(message, sns.certificate("sns.cn-north-1.amazonaws.com.cn")) == "SubscriptionConfirmation"


def test_a_message_is_believed_for_an_hour() -> None:
    assert check(sns.notification("x"), minutes=60) == "Notification"
    assert refused(sns.notification("x"), minutes=61) == "sns.out_of_time"
    assert refused(sns.notification("x"), minutes=-6) == "sns.out_of_time"
    assert refused(sns.signed({"Type": "Notification", "Message": "x", "Timestamp": "yesterday"})) == "moment.malformed"


@pytest.mark.parametrize(
    "certificate",
    [
        sns.certificate("evil.example"),
        sns.certificate("sns.amazonaws.com.evil.example"),
        sns.certificate(days=-30),
        b"no certificate",
        b"",
    ],
    ids=["another name", "a name that looks alike", "expired", "no certificate", "empty"],
)
def test_a_certificate_that_is_not_of_sns_or_not_valid_now_is_refused(certificate: bytes) -> None:
    found = read_sns_message(sns.notification("x"), sns.AT)
    with pytest.raises(RuleError) as caught:
        verify_sns_message(found, certificate, sns.AT)
    assert caught.value.code == "sns.certificate"


def test_a_certificate_without_alternative_names_is_known_by_its_common_name() -> None:
    assert check(sns.notification("x"), sns.certificate(has_alternative=False)) == "Notification"
    assert refused(sns.notification("x"), sns.certificate("evil.example", has_alternative=False)) == "sns.certificate"


@pytest.mark.parametrize("topic", ["", "arn", "arn:aws:sqs:us-east-1:111122223333:x", f"{sns.TOPIC} ", "a" * 400])
def test_what_is_no_topic_is_refused(topic: str) -> None:
    with pytest.raises(RuleError) as caught:
        require_topic(topic)
    assert caught.value.code == "sns.malformed_topic"


JSON = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.text(max_size=3), max_size=2)


@given(name=st.sampled_from(sorted(sns.subscription())), value=JSON)
def test_a_subscription_with_anything_in_a_signed_member_is_refused(name: str, value: object) -> None:
    message = sns.subscription()
    if name == "UnsubscribeURL" or message[name] == value:
        return
    assert refused(message | {name: value})


@pytest.mark.parametrize("payload", [None, [], "text", {}, {"Type": "Other"}, {"Type": ["Notification"]}])
def test_what_is_no_message_of_sns_is_refused(payload: object) -> None:
    with pytest.raises(RuleError) as caught:
        read_sns_message(payload, sns.AT)
    assert caught.value.code == "sns.no_message"
