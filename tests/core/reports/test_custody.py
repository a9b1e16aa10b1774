"""Splitting a key among custodians."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.reports.custody import combine_shares, divide, multiply, protected_binding, sealed_binding, split_key

ELEMENTS = st.integers(0, 255)
KEYS = st.binary(min_size=1, max_size=40)


def drawn(seed: int) -> "list[bytes]":
    return [bytes((seed * 31 + place * 7 + row * 13) % 256 for place in range(64)) for row in range(255)]


def split(secret: bytes, threshold: int, count: int, seed: int = 1) -> dict[int, bytes]:
    rows = iter(drawn(seed))
    return split_key(secret, threshold, count, lambda length: next(rows)[:length])


@given(ELEMENTS, ELEMENTS, ELEMENTS)
def test_bytes_are_a_field(one: int, two: int, three: int) -> None:
    assert multiply(one, two) == multiply(two, one)
    assert multiply(one, multiply(two, three)) == multiply(multiply(one, two), three)
    assert multiply(one, two ^ three) == multiply(one, two) ^ multiply(one, three)
    assert multiply(one, 1) == one
    assert two == 0 or multiply(divide(one, two), two) == one


def test_products_are_those_of_aes() -> None:
    assert multiply(0x57, 0x83) == 0xC1  # FIPS 197, section 4.2
    assert multiply(0x57, 0x13) == 0xFE


@given(KEYS, st.integers(2, 6), st.integers(0, 4), st.integers(0, 1000), st.randoms())
def test_any_m_shares_give_the_key_back(secret: bytes, threshold: int, more: int, seed: int, chance: object) -> None:
    shares = split(secret, threshold, threshold + more, seed)
    chosen = sorted(shares)
    chance.shuffle(chosen)  # type: ignore[attr-defined]
    assert combine_shares({index: shares[index] for index in chosen[:threshold]}) == secret
    assert combine_shares(shares) == secret


def test_fewer_shares_fit_every_key() -> None:
    share = split(b"\x41", 2, 3)[1]
    fitting = {combine_shares({1: share, 2: bytes([other])}) for other in range(256)}
    assert fitting == {bytes([secret]) for secret in range(256)}


def test_fewer_shares_do_not_give_the_key() -> None:
    secret = bytes(range(32))
    shares = split(secret, 3, 5)
    for chosen in combinations(shares, 2):
        assert combine_shares({index: shares[index] for index in chosen}) != secret


@pytest.mark.parametrize(("threshold", "count"), [(1, 1), (1, 3), (0, 3), (3, 2), (2, 256)])
def test_nobody_alone_holds_everything(threshold: int, count: int) -> None:
    with pytest.raises(ValueError, match="at least 2"):
        split(b"key", threshold, count)


@pytest.mark.parametrize("shares", [{}, {0: b"a"}, {256: b"a"}, {1: b"a", 2: b"ab"}])
def test_what_are_no_shares_is_refused(shares: dict[int, bytes]) -> None:
    with pytest.raises(ValueError, match="shares"):
        combine_shares(shares)


def test_every_sealed_value_is_bound_to_its_own_place() -> None:
    places = [
        sealed_binding("here", "a", "phone"),
        sealed_binding("here", "a", "name"),
        sealed_binding("here", "b", "phone"),
        sealed_binding("there", "a", "phone"),
        *(protected_binding("here", "a", "phone", number, 2, index) for number in (1, 2) for index in (0, 1, 2)),
        protected_binding("here", "a", "phone", 1, 3, 1),
    ]
    assert len(set(places)) == len(places)
