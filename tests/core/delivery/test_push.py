"""Which push services are allowed, and what a subscription must hold."""

import pytest

from incident.core.delivery.push import KNOWN_HOSTS, is_allowed, is_host_entry, require_subscription
from incident.core.values.faults import RuleError
from incident.push_settings import read_push_hosts

POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://FCM.googleapis.com:443/wp/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/abc",
        "https://db5p.notify.windows.com/w/?token=abc",
    ],
)
def test_the_services_of_usual_browsers_are_allowed(endpoint: str) -> None:
    assert is_allowed(endpoint, KNOWN_HOSTS)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://fcm.googleapis.com:8443/fcm/send/abc",
        "https://fcm.googleapis.com",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilpush.apple.com/x",
        "https://push.apple.com/x",
        "https://fcm.googleapis.com@evil.example/x",
        "https://user@fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[broken/x",
        "https://fcm.googleapis.com:port/x",
        "",
    ],
)
def test_no_other_address_is(endpoint: str) -> None:
    assert not is_allowed(endpoint, KNOWN_HOSTS)


def test_an_origin_allows_itself_alone() -> None:
    hosts = ["http://127.0.0.1:8113"]
    assert is_allowed("http://127.0.0.1:8113/push/1", hosts)
    assert not is_allowed("http://127.0.0.1:8114/push/1", hosts)
    assert not is_allowed("https://127.0.0.1/push/1", hosts)


@pytest.mark.parametrize(
    ("point", "auth"),
    [
        ("", AUTH),
        (POINT, ""),
        (POINT[:-4], AUTH),
        (POINT, AUTH + "AAAA"),
        (POINT.replace("-", "+"), AUTH),
        (POINT, "é"),
    ],
)
def test_keys_of_the_wrong_form_are_refused(point: str, auth: str) -> None:
    with pytest.raises(RuleError) as caught:
        require_subscription("https://fcm.googleapis.com/x", point, auth, KNOWN_HOSTS)
    assert caught.value.code == "push.malformed"


@pytest.mark.parametrize("endpoint", ["https://fcm.googleapis.com/" + "x" * 2000, "https://fcm.googleapis.com/a b"])
def test_an_address_of_the_wrong_form_is_refused(endpoint: str) -> None:
    with pytest.raises(RuleError) as caught:
        require_subscription(endpoint, POINT, AUTH, KNOWN_HOSTS)
    assert caught.value.code == "push.malformed"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("*.push.apple.com", True), ("fcm.googleapis.com", True), ("http://127.0.0.1:8113", True), ("https://*", False)],
)
def test_the_setting_takes_hosts_domains_and_origins(text: str, is_one: bool) -> None:
    assert is_host_entry(text) is is_one


def test_the_setting_says_what_is_wrong() -> None:
    found: list[str] = []
    given = "fcm.googleapis.com, https://push.example/path"
    read_push_hosts(lambda _name, _default: given, lambda _name, what, _hint: found.append(what))
    assert found == ["'https://push.example/path' is no push service"]
    assert read_push_hosts(lambda _name, _default: "none", lambda *_: None) == ()
    assert read_push_hosts(lambda _name, default: default, lambda *_: None) == KNOWN_HOSTS
