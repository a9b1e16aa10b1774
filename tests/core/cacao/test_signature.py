"""A signature is valid only for the signed content, algorithm and key."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from incident.core.cacao import LoadRefused, load
from incident.core.cacao.signing.sign import SigningRefused, countersign, sign
from incident.core.cacao.signing.signature import (
    ALGORITHMS,
    KEY_LIMIT,
    KeyRefused,
    from_base64url,
    is_valid_signature,
    make,
    read_certificate,
    read_key,
    read_signing_key,
    to_base64url,
)
from incident.core.cacao.signing.signed import (
    MAX_SIGNATURES,
    Signature,
    content_hash_of,
    examine,
    frame_of,
    signature_count,
)
from tests.core.cacao.build import NOW, uid
from tests.core.cacao.signers import DAY, KIND_OF, about, key, private_pem, public_pem, signed, unsigned

REFERENCE = Path(__file__).parents[4] / "shared" / "data" / "cacao" / "oasis-examples" / "signature-example-rsa.md.txt"

# The examples of ITU-T X.590, sections 7.1 and 7.2, with the key of its Appendix II.
STATEMENT = {"statement": "Hello signed world!", "otherProperties": ["home", "food"]}
STANDARD_KEY = "MCowBQYDK2VwAyEAubMonBfU9pvIbj5RCiWQLD45Jvu6mKr+kQXjvjW8ZkU"
BODY = {"hash_algorithm": "sha-256", "algorithm": "Ed25519", "public_key": STANDARD_KEY}
VALUE = "F1Sj4VcZlSt5GO3Bcu4izpCklj9DbKDNvc2Trpdznfqgv9HMPUGVtefMsHfTqel-dN20lUXsdoeD8PpVr1ssCg"
COUNTER_VALUE = "b_7Xu5qmpCGx7f0VneTUuFxGOcck3Fk5duNlRzDo-ifG1faoK3-xV_xc62DyHnPIgAGDbbSOlKf9kaxs_qAjBA"
ELSEWHERE = {
    "hash_algorithm": "-- some hashing algorithm --",
    "algorithm": "-- some signing algorithm --",
    "public_key": "-- some public key --",
    "value": "-- some existing digital signature --",
}


def only(document: dict[str, Any]) -> Signature:
    [found] = examine(document)
    return found


def with_change(document: dict[str, Any], **change: Any) -> dict[str, Any]:
    """The document with other properties in its first signature."""
    made = copy.deepcopy(document)
    made["signatures"][0] |= change
    return made


def test_the_example_of_the_standard_holds() -> None:
    assert only({**STATEMENT, "signatures": [{**BODY, "value": VALUE}]}).form == "hex"


def test_the_countersignature_of_the_standard_holds() -> None:
    document = {**STATEMENT, "signatures": [{**ELSEWHERE, "signature": {**BODY, "value": COUNTER_VALUE}}]}
    inner, outer = examine(document)
    assert (inner.state, inner.code, inner.pointer) == ("broken", "signature_algorithm", "/signatures/0")
    assert (outer.state, outer.form, outer.pointer) == ("holds", "hex", "/signatures/0/signature")


def test_the_official_walk_through_holds_and_a_changed_byte_does_not() -> None:
    if not REFERENCE.is_file():
        pytest.skip("reference files are not here")
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", REFERENCE.read_text(), re.DOTALL)]
    full = next(one for one in blocks if len(one.get("signatures", ())) == 2 and "value" in one["signatures"][1])
    dummy, ours = examine(full)
    assert (ours.state, ours.form, ours.algorithm, ours.signee) == ("holds", "hex", "RS256", "ACME Cyber Company")
    assert (dummy.state, dummy.code, dummy.args) == ("broken", "signature_value", {})
    assert examine(full | {"name": "Playbook 2"})[1].code == "signature_changed"


@pytest.mark.parametrize("form", ["hex", "raw"])
@pytest.mark.parametrize("hash_algorithm", ["sha-256", "sha-384", "sha-512"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_each_algorithm_signs_holds_and_nothing_else(algorithm: str, hash_algorithm: str, form: Any) -> None:
    private = key(KIND_OF[algorithm])
    document = sign(unsigned(), private, about(algorithm, hash_algorithm=hash_algorithm), form)
    found = only(document)
    assert (found.state, found.form, found.algorithm) == ("holds", form, algorithm)
    assert found.key is not None
    assert found.key.fingerprint == private.public.fingerprint
    assert only(document | {"name": "Other"}).code == "signature_changed"


def test_the_table_of_algorithms_is_the_one_of_the_tests() -> None:
    assert set(ALGORITHMS) == set(KIND_OF)


def test_what_is_hashed_is_the_canonical_form_of_the_whole() -> None:
    document: dict[str, Any] = {"a": 1.5, "z": ["€", {"b": None}], "𐍈": True, "ü": "x", "signatures": [{"k": 1}]}
    frame = frame_of(document)
    assert frame.before + rfc8785.dumps({"k": 1}) + frame.after == rfc8785.dumps(document)
    for small in ({}, {"a": 1}, {"z": 1}):
        frame = frame_of(small)
        assert frame.before + frame.after == rfc8785.dumps({**small, "signatures": []})


def test_several_signatures_hold_each_by_itself() -> None:
    document = signed()
    for count, algorithm in enumerate(("ES256", "RS256", "Ed448"), start=2):
        document = sign(document, key(KIND_OF[algorithm]), about(algorithm))
        assert [one.state for one in examine(document)] == ["holds"] * count
    document["signatures"][1]["signee"] = "Somebody else"
    assert [one.state for one in examine(document)] == ["holds", "broken", "holds", "holds"]


def test_a_countersignature_covers_the_signature_that_it_stands_on() -> None:
    document = countersign(signed(), 0, key("P-384"), about("ES384"))
    document = countersign(document, 0, key("Ed448"), about("Ed448"))
    assert [(one.depth, one.state) for one in examine(document)] == [(0, "holds"), (1, "holds"), (2, "holds")]
    changed = with_change(document, signee="Somebody else")
    assert [one.state for one in examine(changed)] == ["broken"] * 3
    cut = copy.deepcopy(document)
    del cut["signatures"][0]["signature"]["signature"]
    assert [one.state for one in examine(cut)] == ["holds", "holds"]


def test_a_signature_that_is_not_there_cannot_be_countersigned() -> None:
    for index in (-1, 1):
        with pytest.raises(SigningRefused, match="signature_absent"):
            countersign(signed(), index, key(), about())


def test_a_key_that_is_named_by_thumbprint_is_looked_for_among_those_that_are_known() -> None:
    private = key()
    document = signed()
    body = document["signatures"][0]
    del body["public_key"]
    body["thumbprint"] = private.public.thumbprints[0]
    bare = {name: value for name, value in body.items() if name != "value"}
    message = frame_of(document).digest("sha-256", bare)
    body["value"] = to_base64url(make("Ed25519", private, message))
    assert (only(document).state, only(document).code) == ("unverified", "signature_key_away")
    [found] = examine(document, [private.public])
    assert (found.state, found.form) == ("holds", "raw")


def certificate(which: int = 0) -> tuple[str, bytes]:
    """A certificate of a key, as PEM and as DER."""
    private: Any = key("P-256", which).private
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Response centre")])
    made = x509.CertificateBuilder(name, name, private.public_key(), 7, NOW - DAY, NOW + 30 * DAY)
    found = made.sign(private, hashes.SHA256())
    return found.public_bytes(Encoding.PEM).decode(), found.public_bytes(Encoding.DER)


def test_a_key_in_a_certificate_is_the_key_with_the_window_of_the_certificate() -> None:
    pem, der = certificate()
    found = read_key(f"some text before\n{pem}")
    assert (found.kind, found.fingerprint) == ("P-256", key("P-256").public.fingerprint)
    assert (found.valid_from, found.valid_until) == (NOW - DAY, NOW + 30 * DAY)
    assert len(found.thumbprints) == 2
    assert read_certificate(base64.b64encode(der).decode()) == found


def test_a_signature_may_carry_a_chain_of_certificates() -> None:
    document = signed("ES256")
    body = document["signatures"][0]
    del body["public_key"]
    body["public_cert_chain"] = [base64.b64encode(certificate()[1]).decode()]
    bare = {name: value for name, value in body.items() if name != "value"}
    digest = frame_of(document).digest("sha-256", bare)
    body["value"] = to_base64url(make("ES256", key("P-256"), digest.hex().encode()))
    assert only(document).state == "holds"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"algorithm": "none"}, "signature_algorithm"),
    ({"algorithm": "HS256"}, "signature_algorithm"),
    ({"algorithm": "EdDSA"}, "signature_algorithm"),
    ({"algorithm": ["Ed25519"]}, "signature_algorithm"),
    ({"algorithm": "RS256"}, "signature_misfit"),
    ({"algorithm": "ES256"}, "signature_misfit"),
    ({"algorithm": "Ed448"}, "signature_misfit"),
    ({"public_key": key("P-256").public.text}, "signature_misfit"),
    ({"public_key": key(which=1).public.text}, "signature_changed"),
    ({"hash_algorithm": "sha-1"}, "signature_hash"),
    ({"hash_algorithm": None}, "signature_hash"),
    ({"hash_algorithm": "sha-512"}, "signature_changed"),
    ({"value": ""}, "signature_value"),
    ({"value": None}, "signature_value"),
    ({"value": "a+b/"}, "signature_value"),
    ({"value": "AAA"}, "signature_changed"),
    ({"value": "A" * 3000}, "signature_value"),
    ({"value": "签名"}, "signature_value"),
    ({"public_key": "x"}, "signature_key"),
    ({"public_key": 7}, "signature_key"),
    ({"public_key": ""}, "signature_key"),
    ({"public_key": "A" * (KEY_LIMIT + 1)}, "signature_key"),
    ({"type": "jws"}, "signature_malformed"),
    ({"valid_until": "tomorrow"}, "signature_malformed"),
    ({"related_to": uid("playbook", "other")}, "signature_of_other"),
    ({"related_version": "2020-01-01T00:00:00.000Z"}, "signature_of_other"),
    ({"signee": "Somebody else"}, "signature_changed"),
    ({"extra": 1}, "signature_changed"),
]


@pytest.mark.parametrize(("change", "code"), WRONG)
def test_what_is_wrong_with_a_signature_is_named(change: dict[str, Any], code: str) -> None:
    found = only(with_change(signed(), **change))
    assert (found.state, found.code) == ("broken", code)


def test_an_algorithm_is_not_taken_from_a_key_of_another_kind() -> None:
    """Choosing the algorithm gains an attacker nothing: each is tied to one kind of key."""
    for algorithm, kind in KIND_OF.items():
        for other in set(KIND_OF.values()) - {kind}:
            assert not is_valid_signature(algorithm, key(other).public, b"x" * 64, b"message")
            with pytest.raises(KeyRefused, match="misfit"):
                make(algorithm, key(other), b"message")


@pytest.mark.parametrize("given", ["x", 7, {}, [7], [None], ["x"], [[]], [{}], [{"signature": 7}], [{"signature": []}]])
def test_what_is_no_signature_never_holds(given: object) -> None:
    found = examine(unsigned() | {"signatures": given})
    assert {one.state for one in found} == {"broken"}


def test_without_signatures_there_is_nothing_to_look_at() -> None:
    assert examine(unsigned()) == examine(unsigned() | {"signatures": []}) == ()


def test_of_too_many_signatures_none_counts() -> None:
    document = signed()
    document["signatures"] *= MAX_SIGNATURES
    assert {one.state for one in examine(document)} == {"holds"}
    with pytest.raises(SigningRefused, match="signatures_many"):
        sign(document, key(), about())
    document["signatures"] *= 5_000
    assert [one.code for one in examine(document)] == ["signatures_many"]
    assert signature_count(document) == MAX_SIGNATURES + 1
    deep: dict[str, Any] = {}
    for _ in range(MAX_SIGNATURES + 5):
        deep = {"signature": deep}
    assert [one.code for one in examine(unsigned() | {"signatures": [deep]})] == ["signatures_many"]


def test_signing_changes_nothing_but_the_signatures() -> None:
    before = unsigned()
    document = signed()
    assert {name: value for name, value in document.items() if name != "signatures"} == before
    assert content_hash_of(document) == content_hash_of(before)
    assert "signatures" not in before


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document below its root."""
    children: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [spot for name, child in children for spot in ((*path, name), *spots(child, (*path, name)))]


SIGNED = signed("ES256")
SPOTS = spots(SIGNED)
TEXT = rfc8785.dumps(SIGNED)


@given(at=st.integers(0, len(TEXT) - 1), byte=st.integers(0, 255))
def test_no_byte_can_be_changed(at: int, byte: int) -> None:
    """A changed byte gives no document, the same document in another notation, or an unsigned one."""
    text = TEXT[:at] + bytes([byte]) + TEXT[at + 1 :]
    try:
        document = load(text, "json")
    except LoadRefused:
        return
    if rfc8785.dumps(document) != TEXT:
        assert "holds" not in [one.state for one in examine(document)]


@given(spot=st.sampled_from(SPOTS), change=st.sampled_from(["drop", "text", "number", "null", "list", "twice"]))
def test_no_node_can_be_changed(spot: tuple[Any, ...], change: str) -> None:
    document = copy.deepcopy(SIGNED)
    holder: Any = document
    for name in spot[:-1]:
        holder = holder[name]
    others: dict[str, Any] = {"text": "x", "number": 1, "null": None, "list": []}
    if change == "drop":
        del holder[spot[-1]]
    elif change == "twice":
        holder[spot[-1]] = [holder[spot[-1]], holder[spot[-1]]]
    else:
        holder[spot[-1]] = others[change]
    if document != SIGNED:
        assert "holds" not in [one.state for one in examine(document)]


@given(data=st.binary(max_size=70))
def test_bytes_have_one_way_to_be_written(data: bytes) -> None:
    text = to_base64url(data)
    assert from_base64url(text) == data
    padded = base64.urlsafe_b64encode(data).decode()
    assert from_base64url(padded) == data


def test_what_is_not_the_one_way_to_write_bytes_is_refused() -> None:
    assert [from_base64url(text) for text in ("AB", "A", "A===", "AA=", "A A", "AA==\n", "é")] == [None] * 7
    assert from_base64url("AA") == b"\0"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "malformed"),
        ("nonsense", "malformed"),
        ("-----BEGIN PUBLIC KEY-----\nMCow", "malformed"),
        ("-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----", "malformed"),
        ("-----BEGIN CERTIFICATE-----\nMCow\n-----END CERTIFICATE-----", "malformed"),
        ("-----BEGIN RSA PUBLIC KEY-----\nMCow\n-----END RSA PUBLIC KEY-----", "malformed"),
    ],
)
def test_what_is_no_key_is_refused(text: str, problem: str) -> None:
    with pytest.raises(KeyRefused, match=problem):
        read_key(text)


def test_keys_that_are_not_used_here_are_refused() -> None:
    made: list[tuple[Any, str]] = [
        (x25519.X25519PrivateKey.generate(), "unsupported"),
        (ec.generate_private_key(ec.SECP256K1()), "unsupported"),
        (rsa.generate_private_key(65537, 1024), "weak"),
        (dsa.generate_private_key(1024), "unsupported"),
    ]
    for private, problem in made:
        pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        with pytest.raises(KeyRefused, match=problem):
            read_key(pem)


def test_a_private_key_is_not_taken_for_a_public_one() -> None:
    with pytest.raises(KeyRefused, match="private"):
        read_key(private_pem().decode())


def test_a_key_under_a_password_is_read_with_it_alone() -> None:
    private: Any = key().private
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    assert read_signing_key(pem, b"secret").public == key().public
    for password in (None, b"other"):
        with pytest.raises(KeyRefused, match="password"):
            read_signing_key(pem, password)
    with pytest.raises(KeyRefused, match="malformed"):
        read_signing_key(public_pem().encode())
    other = x25519.X25519PrivateKey.generate()
    with pytest.raises(KeyRefused, match="unsupported"):
        read_signing_key(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_the_moments_of_a_signature_are_read() -> None:
    found = only(signed(valid_from=NOW, valid_until=NOW + dt.timedelta(microseconds=1_234_567)))
    assert (found.valid_from, found.valid_until) == (NOW, NOW + dt.timedelta(milliseconds=1234))
