"""Accepted signers: keys and validity."""

import datetime as dt

import pytest

from incident.core.playbooks.signer import LATEST, require_key, window_of
from incident.core.values.faults import RuleError
from tests.core.cacao.build import NOW
from tests.core.cacao.signers import DAY, private_pem, public_pem
from tests.core.cacao.test_signature import certificate

PLAIN = require_key(public_pem())
CERTIFIED = require_key(certificate()[0])
END = NOW + 30 * DAY


def test_a_key_is_kept_as_it_can_be_read_again() -> None:
    for key in (PLAIN, CERTIFIED):
        assert require_key(key.pem) == key
    assert PLAIN.pem == public_pem()
    assert CERTIFIED.pem.startswith("-----BEGIN CERTIFICATE-----\n")


@pytest.mark.parametrize(
    ("text", "code"), [("x", "signer.key_malformed"), (private_pem().decode(), "signer.key_private")]
)
def test_what_is_no_public_key_is_refused_at_its_field(text: str, code: str) -> None:
    with pytest.raises(RuleError) as raised:
        require_key(text)
    assert (raised.value.code, raised.value.pointer) == (code, "/public_key")


def test_a_window_is_as_said_and_no_wider_than_that_of_the_certificate() -> None:
    assert window_of(PLAIN, None, None) == (None, None)
    assert window_of(PLAIN, NOW, END) == (NOW, END)
    assert window_of(CERTIFIED, None, None) == (NOW - DAY, END)
    assert window_of(CERTIFIED, NOW - 2 * DAY, END + DAY) == (NOW - DAY, END)
    assert window_of(CERTIFIED, NOW, NOW + DAY) == (NOW, NOW + DAY)


def test_what_never_ends_has_no_end() -> None:
    assert window_of(PLAIN, dt.datetime(1, 1, 1, tzinfo=dt.UTC), LATEST + DAY) == (None, None)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [(NOW, NOW), (NOW, NOW - DAY), (LATEST + DAY, None), (None, dt.datetime(1, 1, 1, tzinfo=dt.UTC))],
)
def test_a_window_that_is_none_is_refused(begins: dt.datetime | None, ends: dt.datetime | None) -> None:
    with pytest.raises(RuleError, match=r"signer\.window"):
        window_of(PLAIN, begins, ends)
