"""Whether the signature of a request is right, its time is near, and what identifies its message."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from incident.core.incidents.signatures.scheme import BODY, MESSAGE_ID, TIMESTAMP, SignatureScheme
from incident.core.values.faults import RuleError

MAX_SIGNATURES: Final = 10
"""Signatures of one header that are looked at."""

_ID_LIMIT: Final = 256
_DIGITS: Final = re.compile(r"[0-9]{1,15}", re.ASCII)


def verify_signature(
    scheme: SignatureScheme, keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: datetime
) -> str | None:
    """Return what identifies a rightly signed message: its identifier, else its time and signature, else None.

    All signatures are compared with all keys, each in constant time, before anything else is decided.

    Args:
        scheme: how the sender signs.
        keys: those that are valid; the former one too while it is.
        headers: of the request, names in lower case.
        body: of the request, as it came.
        now: when it was received (UTC).

    Raises:
        RuleError: `signature.missing`, `signature.wrong`, `signature.out_of_time` (forbidden).
    """
    given = _parts(scheme, headers.get(scheme.header.lower()), scheme.prefix)
    if not given:
        raise _refused("signature.missing", header=scheme.header)
    values = dict(_values(scheme, headers))
    signed = _signed_text(scheme.signed, values, body)
    expected = [hmac.digest(key, signed, getattr(hashlib, scheme.algorithm)) for key in keys]
    right = [one for one in _decoded(scheme, given) if _is_among(one, expected)]
    if not right:
        raise _refused("signature.wrong")
    if TIMESTAMP not in values:
        return None
    _require_near(scheme, values[TIMESTAMP], now)
    return values.get(MESSAGE_ID) or f"{values[TIMESTAMP]}:{right[0].hex()}"


def _refused(code: str, **arguments: object) -> RuleError:
    return RuleError(code, arguments, kind="forbidden")


def _parts(scheme: SignatureScheme, value: str | None, prefix: str) -> list[str]:
    """Return the parts of a header that begin with a prefix, without it."""
    if value is None:
        return []
    parts = value.split(scheme.separator) if scheme.separator else [value]
    found = [part.strip() for part in parts]
    return [part.removeprefix(prefix) for part in found if part and part.startswith(prefix)][:MAX_SIGNATURES]


def _values(scheme: SignatureScheme, headers: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Yield the time and the identifier as they were signed; raises RuleError `signature.missing`."""
    if scheme.timestamp_header is not None:
        time = _time(scheme, headers.get(scheme.timestamp_header.lower(), ""))
        if not _DIGITS.fullmatch(time):
            raise _refused("signature.missing", header=scheme.timestamp_header)
        yield TIMESTAMP, time
    if scheme.id_header is not None:
        name = headers.get(scheme.id_header.lower(), "")
        if not 0 < len(name) <= _ID_LIMIT:
            raise _refused("signature.missing", header=scheme.id_header)
        yield MESSAGE_ID, name


def _time(scheme: SignatureScheme, value: str) -> str:
    """Return the time of sending; its header may be that of the signature, of which it is one part."""
    if (scheme.timestamp_header or "").lower() != scheme.header.lower():
        return value.strip().removeprefix(scheme.timestamp_prefix)
    parts = _parts(scheme, value, scheme.timestamp_prefix)
    return parts[0] if parts else ""


def _signed_text(template: str, values: Mapping[str, str], body: bytes) -> bytes:
    """Return the signed text; what a value contains is never read as a placeholder."""
    parts = re.split(r"(\{[a-z]+\})", template)
    texts = (body if part == BODY else values.get(part, part).encode("latin-1", "replace") for part in parts)
    return b"".join(texts)


def _decoded(scheme: SignatureScheme, given: Iterable[str]) -> Iterable[bytes]:
    for text in given:
        try:
            yield bytes.fromhex(text) if scheme.encoding == "hex" else base64.b64decode(text, validate=True)
        except (ValueError, binascii.Error):
            continue


def _is_among(one: bytes, expected: Sequence[bytes]) -> bool:
    return any([hmac.compare_digest(one, other) for other in expected])  # noqa: C419  # none is left out


def _require_near(scheme: SignatureScheme, time: str, now: datetime) -> None:
    seconds = int(time) / (1000 if scheme.timestamp_unit == "milliseconds" else 1)
    if abs(now.timestamp() - seconds) > scheme.tolerance:
        raise _refused("signature.out_of_time", seconds=scheme.tolerance)
