"""Signatures of requests: real senders' headers, and what a changed or repeated request becomes."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.incidents.signatures.scheme import READY_SCHEMES, SignatureScheme, read_scheme
from incident.core.incidents.signatures.verification import verify_signature
from incident.core.values.faults import RuleError

KEY = b"It's a Secret to Everybody"
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
T = str(int(NOW.timestamp()))


def mac(text: bytes, key: bytes = KEY, algorithm: str = "sha256") -> str:
    return hmac.new(key, text, algorithm).hexdigest()


def headers_of(name: str, body: bytes, at: str = T, key: bytes = KEY) -> dict[str, str]:
    """The headers as the sender writes them, each by the rule of its own documentation."""
    stamped = at.encode() + b"." + body
    base = base64.b64encode(hmac.new(key, b"msg_1." + stamped, hashlib.sha256).digest()).decode()
    return {
        "github": {"x-hub-signature-256": "sha256=" + mac(body, key)},
        "grafana": {"x-grafana-alerting-signature": mac(body, key)},
        "grafana-timestamp": {
            "x-grafana-alerting-signature": mac(at.encode() + b":" + body, key),
            "x-grafana-alerting-timestamp": at,
        },
        "pagerduty": {"x-pagerduty-signature": f"v1={mac(b'other')},v1={mac(body, key)}"},
        "sentry": {"sentry-hook-signature": mac(body, key)},
        "slack": {
            "x-slack-signature": "v0=" + mac(b"v0:" + at.encode() + b":" + body, key),
            "x-slack-request-timestamp": at,
        },
        "standard-webhooks": {
            "webhook-id": "msg_1",
            "webhook-timestamp": at,
            "webhook-signature": f"v1a,bm90IG91cnM= v1,bm90IG91cnM= v1,{base}",
        },
        "stripe": {"stripe-signature": f"t={at},v1={mac(stamped, key)},v0=6ffbb59b"},
    }[name]


def refused(scheme: SignatureScheme, headers: Mapping[str, str], body: bytes, now: datetime = NOW) -> str:
    with pytest.raises(RuleError) as caught:
        verify_signature(scheme, [KEY], headers, body, now)
    assert caught.value.kind == "forbidden"
    return caught.value.code


def test_the_published_example_of_github_is_right() -> None:
    headers = {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}
    assert verify_signature(READY_SCHEMES["github"], [KEY], headers, b"Hello, World!", NOW) is None
    assert refused(READY_SCHEMES["github"], headers, b"Hello, World?") == "signature.wrong"


def test_the_published_example_of_slack_is_right() -> None:
    key, at = b"8f742231b10e8888abcd99yyyzzz85a5", datetime.fromtimestamp(1531420618, UTC)
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name="
        b"foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2F"
        b"hooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id="
        b"398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    headers = {
        "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        "x-slack-request-timestamp": "1531420618",
    }
    assert verify_signature(READY_SCHEMES["slack"], [key], headers, body, at)


def test_the_published_example_of_standard_webhooks_is_right() -> None:
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = datetime.fromtimestamp(1614265330, UTC)
    found = verify_signature(READY_SCHEMES["standard-webhooks"], [key], headers, b'{"test": 2432232314}', at)
    assert found == "msg_p5jXN8AQM9LWM0D4loKWxJek"


@pytest.mark.parametrize("name", READY_SCHEMES)
def test_each_sender_is_believed_with_either_secret_and_nobody_without(name: str) -> None:
    scheme, body = READY_SCHEMES[name], b'{"a": "\xe5\x91\x8a"}'
    headers = headers_of(name, body)
    found = verify_signature(scheme, [b"another key", KEY], headers, body, NOW)
    assert (found is None) == (scheme.timestamp_header is None)
    assert refused(scheme, headers, body + b" ") == "signature.wrong"
    assert refused(scheme, headers_of(name, body, key=b"another"), body) == "signature.wrong"
    assert refused(scheme, {}, body) == "signature.missing"
    assert refused(scheme, headers | {scheme.header.lower(): "nonsense"}, body) in {
        "signature.missing",
        "signature.wrong",
    }


@pytest.mark.parametrize("name", [name for name, one in READY_SCHEMES.items() if one.timestamp_header])
def test_a_signed_time_is_near_and_cannot_be_replaced(name: str) -> None:
    scheme, body = READY_SCHEMES[name], b"{}"
    headers = headers_of(name, body)
    verify_signature(scheme, [KEY], headers, body, NOW + timedelta(seconds=300))
    assert refused(scheme, headers, body, NOW + timedelta(seconds=301)) == "signature.out_of_time"
    assert refused(scheme, headers, body, NOW - timedelta(seconds=301)) == "signature.out_of_time"
    place = (scheme.timestamp_header or "").lower()
    newer = headers[place].replace(T, str(int(T) + 600))
    assert refused(scheme, headers | {place: newer}, body, NOW + timedelta(seconds=600)) == "signature.wrong"
    for time in ("", "x", "-1", "1e9", "9" * 30):
        assert refused(scheme, headers | {place: headers[place].replace(T, time)}, body) == "signature.missing"


def test_an_identifier_is_needed_and_cannot_be_replaced() -> None:
    scheme, headers = READY_SCHEMES["standard-webhooks"], headers_of("standard-webhooks", b"{}")
    assert refused(scheme, headers | {"webhook-id": "msg_2"}, b"{}") == "signature.wrong"
    assert refused(scheme, headers | {"webhook-id": ""}, b"{}") == "signature.missing"
    assert refused(scheme, headers | {"webhook-id": "m" * 257}, b"{}") == "signature.missing"


def test_without_an_identifier_time_and_signature_identify_a_message() -> None:
    scheme = READY_SCHEMES["slack"]
    first = verify_signature(scheme, [KEY], headers_of("slack", b"a"), b"a", NOW)
    again = verify_signature(scheme, [KEY], headers_of("slack", b"a"), b"a", NOW)
    other = verify_signature(scheme, [KEY], headers_of("slack", b"b"), b"b", NOW)
    later = verify_signature(scheme, [KEY], headers_of("slack", b"a", at=str(int(T) + 1)), b"a", NOW)
    assert first == again
    assert len({first, other, later}) == 3


def test_what_a_value_contains_is_no_placeholder() -> None:
    scheme = read_scheme(
        {"header": "S", "signed": "{id}.{timestamp}.{body}", "timestamp_header": "T", "id_header": "I"}
    )
    headers = {"i": "{body}", "t": T, "s": mac(b"{body}." + T.encode() + b"." + b"{timestamp}")}
    assert verify_signature(scheme, [KEY], headers, b"{timestamp}", NOW) == "{body}"


@pytest.mark.parametrize(("algorithm", "encoding"), [("sha1", "base64"), ("sha512", "hex")])
def test_other_algorithms_and_milliseconds_are_known(algorithm: str, encoding: str) -> None:
    scheme = read_scheme(
        {
            "header": "S",
            "algorithm": algorithm,
            "encoding": encoding,
            "signed": "{timestamp}{body}",
            "timestamp_header": "T",
            "timestamp_unit": "milliseconds",
        }
    )
    digest = hmac.new(KEY, f"{T}000".encode() + b"x", algorithm).digest()
    text = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
    assert verify_signature(scheme, [KEY], {"s": text, "t": f"{T}000"}, b"x", NOW)
    assert refused(scheme, {"s": text, "t": f"{T}000"}, b"y") == "signature.wrong"


@given(name=st.sampled_from(sorted(READY_SCHEMES)), text=st.text(max_size=80), body=st.binary(max_size=40))
def test_a_header_of_any_text_is_refused_and_breaks_nothing(name: str, text: str, body: bytes) -> None:
    scheme = READY_SCHEMES[name]
    headers = dict.fromkeys((name.lower() for name in headers_of(name, body)), scheme.prefix + text)
    assert refused(scheme, headers, body) in {"signature.wrong", "signature.missing"}


@given(body=st.binary(min_size=1, max_size=60), place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_no_changed_bit_of_a_body_goes_unnoticed(body: bytes, place: int, bit: int) -> None:
    changed = bytearray(body)
    changed[place % len(body)] ^= 1 << bit
    for name in READY_SCHEMES:
        assert refused(READY_SCHEMES[name], headers_of(name, body), bytes(changed)) == "signature.wrong"
