"""Schemes of signatures: the ready ones, one's own, and every fault of a description."""

from typing import Any

import pytest

from incident.core.incidents.signatures.scheme import (
    READY_SCHEMES,
    SignatureScheme,
    new_signing_secret,
    read_scheme,
    scheme_name,
    signing_key,
)
from incident.core.values.faults import RuleError


@pytest.mark.parametrize("name", READY_SCHEMES)
def test_a_ready_scheme_is_found_by_its_name_and_by_its_description(name: str) -> None:
    scheme = read_scheme(name)
    assert read_scheme(scheme.to_json()) == scheme
    assert scheme_name(scheme) == name
    key = signing_key(scheme, new_signing_secret(scheme, bytes(range(32))))
    assert len(key) >= 32


def test_a_scheme_of_ones_own_has_the_usual_values_where_it_is_silent() -> None:
    scheme = read_scheme({"header": "X-Sign", "algorithm": "sha512", "id_header": None})
    assert scheme == SignatureScheme("X-Sign", algorithm="sha512")
    assert scheme_name(scheme) is None


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        (3, {("document.not_an_object", "")}),
        ("gitlab", {("document.not_a_choice", "")}),
        ({}, {("document.missing", "/header")}),
        (
            {"header": "a b", "algorithm": "md5"},
            {("signature.header", "/header"), ("document.not_a_choice", "/algorithm")},
        ),
        ({"header": "X", "color": 1}, {("document.unknown_field", "/color")}),
        ({"header": "X", "prefix": "a\n"}, {("signature.prefix", "/prefix")}),
        ({"header": "X", "signed": "{timestamp}"}, {("signature.template", "/signed")}),
        ({"header": "X", "signed": "{body}{body}"}, {("signature.template", "/signed")}),
        ({"header": "X", "signed": "{body}{url}"}, {("signature.template", "/signed")}),
        ({"header": "X", "tolerance": 0}, {("signature.tolerance", "/tolerance")}),
        ({"header": "X", "tolerance": True}, {("signature.tolerance", "/tolerance")}),
        ({"header": "X", "tolerance": 3601}, {("signature.tolerance", "/tolerance")}),
        ({"header": "X", "timestamp_header": "T"}, {("signature.unsigned_part", "/signed")}),
        ({"header": "X", "signed": "{timestamp}{body}"}, {("signature.no_header_of_part", "/timestamp_header")}),
        (
            {"header": "X", "signed": "{id}{body}", "id_header": "I"},
            {("signature.no_time", "/timestamp_header")},
        ),
    ],
)
def test_every_fault_of_a_scheme_is_found_with_its_place(document: Any, faults: set[tuple[str, str]]) -> None:
    with pytest.raises(RuleError) as caught:
        read_scheme(document)
    assert {(fault.code, fault.pointer) for fault in caught.value.all} == faults


@pytest.mark.parametrize(
    ("name", "secret", "code"),
    [
        ("github", "short", "signature.short_secret"),
        ("github", "x" * 501, "signature.short_secret"),
        ("standard-webhooks", "whsec_not base64 at all", "signature.secret_not_base64"),
        ("standard-webhooks", "whsec_" + "=" * 12, "signature.secret_not_base64"),
    ],
)
def test_a_secret_that_fits_no_key_is_refused(name: str, secret: str, code: str) -> None:
    with pytest.raises(RuleError) as caught:
        signing_key(READY_SCHEMES[name], secret)
    assert caught.value.code == code


def test_a_base64_secret_may_lack_its_prefix() -> None:
    scheme = READY_SCHEMES["standard-webhooks"]
    assert signing_key(scheme, "whsec_MTIzNDU2Nzg5MDEyMzQ1Ng==") == signing_key(scheme, "MTIzNDU2Nzg5MDEyMzQ1Ng==")
