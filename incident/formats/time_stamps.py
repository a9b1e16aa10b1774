"""Time stamps after RFC 3161: the request for one, and the content and verification of a response (`.tsr`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from incident.core.journal.anchor import imprint_of, stamped_text
from incident.core.journal.chain import Head

QUERY_TYPE: Final = "application/timestamp-query"
REPLY_TYPE: Final = "application/timestamp-reply"
_SHA256: Final = "2.16.840.1.101.3.4.2.1"


class BadTimeStamp(Exception):
    """The data is no time stamp of a head, or its signature is not trusted; the text gives the reason."""


@dataclass(frozen=True)
class TimeStamp:
    """What a time stamp says: the SHA-256 (hex) of what was stamped, and when (UTC)."""

    imprint: str
    at: datetime


def request_of(head: Head) -> TimeStampRequest:
    """Return the request to stamp a head, with a nonce, that asks for the authority's certificate too."""
    return (
        TimestampRequestBuilder()
        .data(stamped_text(head))
        .hash_algorithm(HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )


def accept(content: bytes, request: TimeStampRequest, head: Head, roots: Sequence[Certificate]) -> TimeStamp:
    """Return what an authority answered to a request.

    Args:
        content: the body of its answer.
        request: what it was asked.
        head: what it was to stamp.
        roots: certificates that are trusted; without any, the signature is not looked at.

    Raises:
        BadTimeStamp: when it is none, or not the answer to this request.
    """
    stamp = read_time_stamp(content)
    if stamp.imprint != imprint_of(head):
        raise BadTimeStamp("the authority has stamped something else")
    if _decode(content).tst_info.nonce != request.nonce:
        raise BadTimeStamp("the answer belongs to another request (its nonce differs)")
    if roots and (fault := trust_fault(content, roots)) is not None:
        raise BadTimeStamp(fault)
    return stamp


def read_time_stamp(content: bytes) -> TimeStamp:
    """Return what a `.tsr` says, before its signature is looked at; raises BadTimeStamp."""
    found = _decode(content)
    if found.status not in (0, 1):
        raise BadTimeStamp(f"the authority has not stamped it (status {found.status})")
    try:
        info = found.tst_info
        algorithm, imprint, at = info.message_imprint.hash_algorithm, info.message_imprint.message, info.gen_time
    except ValueError as error:
        raise BadTimeStamp("the time stamp cannot be read") from error
    if algorithm.dotted_string != _SHA256:
        raise BadTimeStamp("it stamps a hash of another kind than SHA-256")
    return TimeStamp(imprint.hex(), at.astimezone(UTC))


def trust_fault(content: bytes, roots: Sequence[Certificate]) -> str | None:
    """Return why the signature of a time stamp is not trusted, None when it is.

    The certificates must have been valid at the stamped time; they may have expired since.
    """
    found = _decode(content)
    builder = VerifierBuilder(roots=list(roots))
    try:
        builder.build().verify(found, found.tst_info.message_imprint.message)
    except (VerificationError, ValueError) as error:
        return f"its signature is not trusted ({error})"
    return None


def load_roots(pem: bytes) -> list[Certificate]:
    """Return the certificates of a PEM file; raises ValueError when there is none."""
    return load_pem_x509_certificates(pem)


def _decode(content: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(with_sorted_certificates(content))
    except ValueError as error:
        raise BadTimeStamp("this is no answer of a time-stamp authority") from error


def with_sorted_certificates(content: bytes) -> bytes:
    """Return an answer with its certificates in the order that DER demands of a set.

    OpenSSL, and authorities built on it, write them as they were configured, and the library refuses that. The
    signature does not cover their order. What is no such answer is returned as it is.
    """
    try:
        _status, token = _members(content, *_inside(content, 0))
        _kind, wrapped = _members(content, *_inside(content, token[0]))
        [signed] = _members(content, *_inside(content, wrapped[0]))
        parts = _members(content, *_inside(content, signed[0]))
        begin, end = next(_inside(content, one[0]) for one in parts if content[one[0]] == _CERTIFICATES)
        found = sorted(content[one[0] : one[1]] for one in _members(content, begin, end))
    except (ValueError, IndexError, StopIteration):
        return content
    return content[:begin] + b"".join(found) + content[end:]


_CERTIFICATES: Final = 0xA0
"""The tag of the member `certificates` of SignedData (RFC 5652): `[0] IMPLICIT`."""


def _inside(content: bytes, at: int) -> tuple[int, int]:
    """Return where the value of the DER element at a place begins and ends."""
    length, begin = content[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        length, begin = int.from_bytes(content[begin : begin + count], "big"), begin + count
    if begin + length > len(content):
        raise ValueError("cut off")
    return begin, begin + length


def _members(content: bytes, begin: int, end: int) -> list[tuple[int, int]]:
    """Return where each DER element between two places begins and ends."""
    found = []
    while begin < end:
        _value, after = _inside(content, begin)
        found.append((begin, after))
        begin = after
    return found
