"""The trust in signatures at a moment, by the trusted signers."""

from __future__ import annotations

import datetime as dt
import string
from typing import Any

import pytest

from incident.core.cacao.signing.sign import countersign, sign
from incident.core.cacao.signing.trust import Signer, TrustResult, judge
from incident.core.cacao.words import WORDS, said
from tests.core.cacao.build import NOW
from tests.core.cacao.signers import DAY, about, key, signed, signer, unsigned


def verdict(document: dict[str, Any], *signers: Signer, at: dt.datetime = NOW) -> TrustResult:
    return judge(document, signers, at)


def codes(found: TrustResult) -> list[str]:
    return [fault.code for fault in found.faults]


def test_a_valid_signature_by_a_trusted_signer_counts() -> None:
    found = verdict(signed(), signer())
    assert (found.is_trusted, found.faults) == (True, [])
    [one] = found.signatures
    assert one.signer == signer()


def test_a_valid_signature_by_somebody_else_does_not() -> None:
    for signers in ([], [signer(which=1)], [signer("P-256")]):
        found = verdict(signed(), *signers)
        assert (found.is_trusted, codes(found)) == (False, ["signer_unknown"])


def test_the_name_of_a_trusted_signer_is_worth_nothing_without_the_key() -> None:
    forged = sign(unsigned(), key(which=1), about(signee="Response centre"))
    assert not verdict(forged, signer()).is_trusted


def test_an_unsigned_playbook_is_not_trusted() -> None:
    assert codes(verdict(unsigned(), signer())) == ["playbook_unsigned"]


def test_a_playbook_that_was_changed_is_not_trusted() -> None:
    document = signed()
    document["description"] += "."
    assert codes(verdict(document, signer())) == ["signature_changed"]


def test_trust_ends_at_the_moment_of_its_revocation() -> None:
    revoked = signer(revoked_at=NOW)
    assert verdict(signed(), revoked, at=NOW - DAY).is_trusted
    assert codes(verdict(signed(), revoked)) == ["signer_revoked"]


def test_one_who_is_trusted_again_counts_whatever_was_revoked_before() -> None:
    assert verdict(signed(), signer(revoked_at=NOW - DAY), signer()).is_trusted
    assert verdict(signed(), signer(), signer(revoked_at=NOW - DAY)).is_trusted


def test_a_signer_is_trusted_within_the_window_alone() -> None:
    windowed = signer(valid_from=NOW, valid_until=NOW + DAY)
    moments = [NOW - DAY, NOW, NOW + DAY / 2, NOW + DAY]
    assert [verdict(signed(), windowed, at=at).is_trusted for at in moments] == [False, True, True, False]
    assert [codes(verdict(signed(), windowed, at=at)) for at in (moments[0], moments[3])] == [
        ["signer_early"],
        ["signer_late"],
    ]


def test_a_signature_is_valid_within_its_window_alone() -> None:
    document = signed(valid_from=NOW, valid_until=NOW + DAY)
    moments = [NOW - DAY, NOW, NOW + DAY / 2, NOW + DAY]
    assert [verdict(document, signer(), at=at).is_trusted for at in moments] == [False, True, True, False]
    assert [codes(verdict(document, signer(), at=at)) for at in (moments[0], moments[3])] == [
        ["signature_early"],
        ["signature_late"],
    ]


def test_a_signature_that_is_marked_as_revoked_does_not_count() -> None:
    document = signed()
    document["signatures"][0]["revoked"] = True
    assert codes(verdict(document, signer())) == ["signature_changed"]
    revoked = _signed_as_revoked()
    assert codes(verdict(revoked, signer())) == ["signature_revoked"]


def _signed_as_revoked() -> dict[str, Any]:
    """A playbook whose signer has signed that the signature is revoked."""
    from incident.core.cacao.signing.signature import make, to_base64url
    from incident.core.cacao.signing.signed import frame_of

    document = signed()
    body = document["signatures"][0] | {"revoked": True}
    del body["value"]
    digest = frame_of(document).digest("sha-256", body)
    return document | {"signatures": [body | {"value": to_base64url(make("Ed25519", key(), digest))}]}


def test_one_trusted_signature_among_several_is_enough() -> None:
    document = sign(sign(unsigned(), key(which=1), about()), key("P-256"), about("ES256"))
    assert [one.code for one in verdict(document, signer("P-256")).signatures] == ["signer_unknown", ""]
    assert verdict(document, signer("P-256")).is_trusted
    assert codes(verdict(document)) == ["signer_unknown"] * 2


def test_who_is_trusted_vouches_by_a_countersignature() -> None:
    document = countersign(signed(which=1), 0, key("P-256"), about("ES256", signee="Notary"))
    assert verdict(document, signer("P-256")).is_trusted
    assert verdict(document, signer(which=1)).is_trusted


def test_a_chain_of_which_one_link_is_broken_counts_for_nothing() -> None:
    document = countersign(signed(), 0, key("P-256"), about("ES256"))
    value = document["signatures"][0]["signature"]["value"]
    document["signatures"][0]["signature"]["value"] = "AAAA" + value[4:]
    found = verdict(document, signer(), signer("P-256"))
    assert (found.is_trusted, codes(found)) == (False, ["countersignature_broken", "signature_changed"])


@pytest.mark.parametrize(
    "changed",
    [{}, {"algorithm": "none"}, {"public_key": "x"}, {"hash_algorithm": "md5"}, {"value": "?"}, {"type": "jws"}],
)
def test_what_keeps_a_signature_from_counting_has_its_words(changed: dict[str, Any]) -> None:
    document = signed()
    document["signatures"][0] |= changed
    for signers in ([], [signer(revoked_at=NOW)], [signer(valid_from=NOW + DAY)]):
        for fault in verdict(document, *signers).faults:
            for sentence in said(fault):
                assert "{" not in sentence, sentence
            assert fault.pointer == "/signatures/0"


def test_every_code_of_a_signature_has_words() -> None:
    from incident.core.cacao.signing.messages import SIGNATURES

    for code, (sentence, _) in SIGNATURES.items():
        assert WORDS[code][0] == sentence
        names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        assert names <= {"title", "signee", "algorithm", "kind", "problem", "at", "name", "fingerprint", "limit"}
