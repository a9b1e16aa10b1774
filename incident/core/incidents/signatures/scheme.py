"""How a sender signs its requests, as data: an HMAC over a text that contains the body."""

import base64
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final

from incident.core.values.document import Check, Reader, any_text, one_of
from incident.core.values.faults import RuleError

ALGORITHMS: Final = ("sha256", "sha512", "sha1")
ENCODINGS: Final = ("hex", "base64")
KEY_ENCODINGS: Final = ("text", "base64")
SEPARATORS: Final = ("", ",", " ", ";")
UNITS: Final = ("seconds", "milliseconds")
BODY: Final = "{body}"
TIMESTAMP: Final = "{timestamp}"
MESSAGE_ID: Final = "{id}"
SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # the prefix is no secret
SECRET_LEAST: Final = 16
SECRET_LIMIT: Final = 500
TOLERANCE: Final = 300
MAX_TOLERANCE: Final = 3_600
_TEXT_LIMIT: Final = 200
_PREFIX_LIMIT: Final = 40

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")  # RFC 9110 section 5.6.2
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class SignatureScheme:
    """Where the signature of a request is, and what it signs.

    Args:
        header: the header with the signature.
        algorithm: the hash of the HMAC.
        encoding: of the signature.
        prefix: before the signature, such as `sha256=`; parts of the header without it are no signatures.
        separator: between several parts of the header; empty when it is one signature.
        signed: the signed text, with `{body}`, and `{timestamp}` and `{id}` where the sender signs them.
        timestamp_header: the header with the time of sending.
        timestamp_prefix: before the time, where its header has several parts.
        timestamp_unit: of the time since 1970.
        tolerance: seconds by which that time may differ.
        id_header: the header with the identifier of the message.
        key_encoding: whether the secret is the key itself, or Base64 of it, with or without `whsec_`.
    """

    header: str
    algorithm: str = "sha256"
    encoding: str = "hex"
    prefix: str = ""
    separator: str = ""
    signed: str = BODY
    timestamp_header: str | None = None
    timestamp_prefix: str = ""
    timestamp_unit: str = "seconds"
    tolerance: int = TOLERANCE
    id_header: str | None = None
    key_encoding: str = "text"

    def to_json(self) -> dict[str, Any]:
        """Return the scheme as it is stored and shown."""
        return asdict(self)


READY_SCHEMES: Final[Mapping[str, SignatureScheme]] = MappingProxyType(
    {
        "github": SignatureScheme("X-Hub-Signature-256", prefix="sha256="),
        "grafana": SignatureScheme("X-Grafana-Alerting-Signature"),
        "grafana-timestamp": SignatureScheme(
            "X-Grafana-Alerting-Signature",
            signed="{timestamp}:{body}",
            timestamp_header="X-Grafana-Alerting-Timestamp",
        ),
        "pagerduty": SignatureScheme("X-PagerDuty-Signature", prefix="v1=", separator=","),
        "sentry": SignatureScheme("Sentry-Hook-Signature"),
        "slack": SignatureScheme(
            "X-Slack-Signature",
            prefix="v0=",
            signed="v0:{timestamp}:{body}",
            timestamp_header="X-Slack-Request-Timestamp",
        ),
        "standard-webhooks": SignatureScheme(
            "webhook-signature",
            encoding="base64",
            prefix="v1,",
            separator=" ",
            signed="{id}.{timestamp}.{body}",
            timestamp_header="webhook-timestamp",
            id_header="webhook-id",
            key_encoding="base64",
        ),
        "stripe": SignatureScheme(
            "Stripe-Signature",
            prefix="v1=",
            separator=",",
            signed="{timestamp}.{body}",
            timestamp_header="Stripe-Signature",
            timestamp_prefix="t=",
        ),
    }
)
"""The schemes of known senders, by name."""


def scheme_name(scheme: SignatureScheme) -> str | None:
    """Return the name of a scheme of `READY_SCHEMES`, None for one of one's own."""
    return next((name for name, ready in READY_SCHEMES.items() if ready == scheme), None)


def read_scheme(value: object, pointer: str = "") -> SignatureScheme:
    """Return a scheme, given by its name or described; raises RuleError with every fault."""
    if isinstance(value, str):
        return READY_SCHEMES[one_of(tuple(READY_SCHEMES))(value, pointer)]
    reader = Reader()
    parts = reader.members(value, pointer, tuple(_CHECKS))
    found = {name: reader.optional(parts, name, pointer, check) for name, check in _CHECKS.items()}
    if isinstance(value, dict) and parts.get("header") is None:
        reader.fault("document.missing", f"{pointer}/header")
    reader.finish()
    scheme = SignatureScheme(**{name: one for name, one in found.items() if one is not None})
    _require_whole(scheme, pointer)
    return scheme


def _require_whole(scheme: SignatureScheme, pointer: str) -> None:
    """What protects a message must be signed: a time or an identifier beside the signed text could be replaced."""
    reader = Reader()
    for placeholder, member in ((TIMESTAMP, "timestamp_header"), (MESSAGE_ID, "id_header")):
        has_header = getattr(scheme, member) is not None
        if has_header and placeholder not in scheme.signed:
            reader.fault("signature.unsigned_part", f"{pointer}/signed", part=placeholder)
        if placeholder in scheme.signed and not has_header:
            reader.fault("signature.no_header_of_part", f"{pointer}/{member}", part=placeholder)
    if scheme.id_header is not None and scheme.timestamp_header is None:
        reader.fault("signature.no_time", f"{pointer}/timestamp_header")
    reader.finish()


def _header(value: object, pointer: str) -> str:
    if isinstance(value, str) and _HEADER.fullmatch(value):
        return value
    raise RuleError("signature.header", pointer=pointer)


def _prefix(value: object, pointer: str) -> str:
    if isinstance(value, str) and len(value) <= _PREFIX_LIMIT and value.isprintable():
        return value
    raise RuleError("signature.prefix", {"limit": _PREFIX_LIMIT}, pointer=pointer)


def _signed(value: object, pointer: str) -> str:
    text = any_text(value, pointer)
    found = _PLACEHOLDER.findall(text)
    known = {BODY, TIMESTAMP, MESSAGE_ID}
    if len(text) > _TEXT_LIMIT or found.count(BODY) != 1 or set(found) - known or len(set(found)) < len(found):
        raise RuleError("signature.template", {"example": "{timestamp}.{body}"}, pointer=pointer)
    return text


def _tolerance(value: object, pointer: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_TOLERANCE:
        return value
    raise RuleError("signature.tolerance", {"most": MAX_TOLERANCE}, pointer=pointer)


_CHECKS: Final[Mapping[str, Check[Any]]] = {
    "header": _header,
    "algorithm": one_of(ALGORITHMS),
    "encoding": one_of(ENCODINGS),
    "prefix": _prefix,
    "separator": one_of(SEPARATORS),
    "signed": _signed,
    "timestamp_header": _header,
    "timestamp_prefix": _prefix,
    "timestamp_unit": one_of(UNITS),
    "tolerance": _tolerance,
    "id_header": _header,
    "key_encoding": one_of(KEY_ENCODINGS),
}


def signing_key(scheme: SignatureScheme, secret: str, pointer: str = "") -> bytes:
    """Return the key of a secret; raises RuleError `signature.short_secret`, `signature.secret_not_base64`."""
    if not SECRET_LEAST <= len(secret) <= SECRET_LIMIT:
        raise RuleError("signature.short_secret", {"least": SECRET_LEAST, "most": SECRET_LIMIT}, pointer=pointer)
    if scheme.key_encoding == "text":
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise RuleError("signature.secret_not_base64", pointer=pointer)
    return key


def new_signing_secret(scheme: SignatureScheme, random_bytes: bytes) -> str:
    """Return a secret of random bytes in the form that the scheme needs."""
    text = base64.b64encode(random_bytes).decode()
    return f"{SECRET_PREFIX}{text}" if scheme.key_encoding == "base64" else random_bytes.hex()
