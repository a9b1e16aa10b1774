"""Splitting a key among custodians, and what each sealed value is bound to.

A secret is split byte by byte after Shamir (1979) over GF(256), the field of AES: polynomials over GF(2) modulo
x^8 + x^4 + x^3 + x + 1. For each byte s of the secret a polynomial f of degree m - 1 is drawn whose constant is s and
whose other coefficients are uniformly random; share i holds f(i), for i = 1 ... n with n <= 255. Any m shares give
f(0) = s by interpolation; m - 1 shares are consistent with every secret.

Multiplication goes through tables of powers and logarithms of the generator 3, which are constants of this module.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import rfc8785

MOST_SHARES: Final = 255
MODULUS: Final = 0x11B
"""The polynomial x^8 + x^4 + x^3 + x + 1."""

RandomBytes = Callable[[int], bytes]


def _powers() -> tuple[int, ...]:
    found, value = [], 1
    for _ in range(255):
        found.append(value)
        doubled = value << 1
        value ^= doubled ^ MODULUS if doubled & 0x100 else doubled
    return tuple(found)


_POWER: Final = _powers() * 2
"""The powers of 3, twice over, so that a sum of two logarithms needs no modulus."""

_LOG: Final = {value: exponent for exponent, value in enumerate(_POWER[:255])}


def multiply(left: int, right: int) -> int:
    """Return the product of two elements of GF(256)."""
    return _POWER[_LOG[left] + _LOG[right]] if left and right else 0


def divide(left: int, right: int) -> int:
    """Return the quotient of two elements of GF(256); raises KeyError for a division by zero."""
    return _POWER[_LOG[left] + 255 - _LOG[right]] if left else 0 * _LOG[right]


def split_key(secret: bytes, threshold: int, count: int, draw: RandomBytes) -> dict[int, bytes]:
    """Return the shares of a secret by their index, 1 to `count`.

    Args:
        secret: what to split.
        threshold: how many shares give it back.
        count: how many shares there are.
        draw: returns so many random bytes.

    Raises:
        ValueError: unless 2 <= threshold <= count <= 255: one custodian alone would hold everything.
    """
    if not 2 <= threshold <= count <= MOST_SHARES:
        raise ValueError("a key is split among 2 to 255 custodians, of whom at least 2 are needed")
    coefficients = [secret, *(draw(len(secret)) for _ in range(threshold - 1))]
    return {index: bytes(_value(one, index) for one in zip(*coefficients, strict=True)) for index in _indexes(count)}


def combine_shares(shares: Mapping[int, bytes]) -> bytes:
    """Return the secret of shares by their index; too few or wrong shares give another text of the same length.

    Raises:
        ValueError: when there is no share, an index is not 1 to 255, or lengths differ.
    """
    if not shares or any(not 1 <= index <= MOST_SHARES for index in shares):
        raise ValueError("shares have indexes from 1 to 255")
    factors = [(_at_zero(index, shares), share) for index, share in shares.items()]
    if len({len(share) for _, share in factors}) != 1:
        raise ValueError("shares of one secret have one length")
    secret = bytearray(len(factors[0][1]))
    for factor, share in factors:
        for place, value in enumerate(share):
            secret[place] ^= multiply(factor, value)
    return bytes(secret)


def _indexes(count: int) -> range:
    return range(1, count + 1)


def _value(coefficients: Sequence[int], at: int) -> int:
    """Return the value of a polynomial, its constant first (Horner)."""
    found = 0
    for one in reversed(coefficients):
        found = multiply(found, at) ^ one
    return found


def _at_zero(index: int, others: Mapping[int, bytes]) -> int:
    """Return Lagrange's factor of a share for the value at zero."""
    found = 1
    for other in others:
        if other != index:
            found = multiply(found, divide(other, other ^ index))
    return found


def canonical_binding(**facts: Any) -> bytes:
    """Return what a sealed value is bound to, in canonical form (RFC 8785): moved elsewhere, it does not open."""
    return rfc8785.dumps(facts)


def sealed_binding(instance: str, report: str, field: str) -> bytes:
    """Return what a field of a contact is bound to that is sealed under the key of the instance."""
    return canonical_binding(use="identity/1", instance=instance, report=report, field=field)


def protected_binding(
    instance: str, report: str, field: str, custodian_set: int, threshold: int, index: int = 0
) -> bytes:
    """Return what a protected field is bound to, or the share of a custodian.

    Args:
        instance: the random id of the instance.
        report: the UUID of the report.
        field: the field.
        custodian_set: the number of the set of custodians.
        threshold: how many of them open it.
        index: of the share; 0 for the field itself.
    """
    return canonical_binding(
        use="custody/1",
        instance=instance,
        report=report,
        field=field,
        set=custodian_set,
        threshold=threshold,
        index=index,
    )
