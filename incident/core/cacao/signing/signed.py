"""Signatures on a document: JSS over JCS (ITU-T X.590 sections 7 and 8, CACAO 2.0 section 10.15)."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final, Literal

from incident.core.cacao.checks.shapes import text_of
from incident.core.cacao.faults import pointer
from incident.core.cacao.signing.canonical import canonical, members
from incident.core.cacao.signing.signature import (
    ALGORITHMS,
    Key,
    KeyRefused,
    from_base64url,
    is_valid_signature,
    read_certificate,
    read_key,
)
from incident.core.cacao.text.moments import moment
from incident.core.cacao.values import Json

HASHES: Final = {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}
"""The supported hashes, by their IANA names."""

MAX_SIGNATURES: Final = 32
"""Maximum number of signatures on one document, countersignatures included; with more, none counts."""

VALUE_LIMIT: Final = 2_000
SIGNEE_LIMIT: Final = 100

State = Literal["holds", "broken", "unverified"]
Form = Literal["", "hex", "raw"]


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of a document, examined without regard to trust.

    `chain` is its place in `signatures`, `depth` 0 for a signature and 1 and more for the countersignatures on it.
    `form` says what was signed: the lower-case hex text of the hash, or its bytes. `code` is the reason why it is
    invalid.
    """

    chain: int
    depth: int
    state: State
    code: str
    args: Mapping[str, Any]
    signee: str = ""
    algorithm: str = ""
    form: Form = ""
    key: Key | None = None
    is_revoked: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None

    @property
    def pointer(self) -> str:
        """Its place in the document."""
        return pointer("signatures", self.chain, *["signature"] * self.depth)


@dataclass
class Frame:
    """The canonical form of a document around its signatures, computed once for all of them."""

    before: bytes
    after: bytes
    begun: dict[str, Any] = field(default_factory=dict)

    def digest(self, name: str, signature: Json) -> bytes:
        """Return the hash of the document with that one signature on it."""
        if name not in self.begun:
            self.begun[name] = hashlib.new(HASHES[name], self.before)
        hashing = self.begun[name].copy()
        hashing.update(canonical(signature) + self.after)
        return bytes(hashing.digest())


def frame_of(document: Json) -> Frame:
    """Return the canonical form of a document around its signatures, whether it has any or not."""
    before = members(document, (name for name in document if name < "signatures"))
    after = members(document, (name for name in document if name > "signatures"))
    return Frame(b"{" + before + b"," * bool(before) + b'"signatures":[', b"]" + b"," * bool(after) + after + b"}")


def content_hash_of(document: Json) -> str:
    """Return the SHA-256 of the canonical form of a document without its signatures, in lower-case hex."""
    content = {name: value for name, value in document.items() if name != "signatures"}
    return hashlib.sha256(canonical(content)).hexdigest()


def signature_count(document: Json) -> int:
    """Return the number of signatures on a document, countersignatures included; stops counting at the limit."""
    found = document.get("signatures")
    return len(list(islice(_bodies(found), MAX_SIGNATURES + 1))) if isinstance(found, list) else 0


def examine(document: Json, known: Iterable[Key] = ()) -> tuple[Signature, ...]:
    """Examine every signature on a document; trust in the signers is not checked here.

    Args:
        document: a document as `load` returns it.
        known: keys that a signature may name by thumbprint.
    """
    given = document.get("signatures")
    if given is None or given == []:
        return ()
    if not isinstance(given, list):
        return (_broken(0, 0, "signature_malformed"),)
    if signature_count(document) > MAX_SIGNATURES:
        return (_broken(0, 0, "signatures_many", limit=MAX_SIGNATURES),)
    by_thumbprint = {thumbprint: key for key in known for thumbprint in key.thumbprints}
    frame = frame_of(document)
    return tuple(
        _looked_at(document, frame, by_thumbprint, index, links[: depth + 1])
        for index, links in enumerate(map(chain_of, given))
        for depth in range(len(links))
    )


def chain_of(outer: Any) -> list[Any]:
    """Return a signature and the countersignatures on it, each before the one that signs it."""
    links = [outer]
    while isinstance(links[-1], dict) and "signature" in links[-1] and len(links) <= MAX_SIGNATURES:
        links.append(links[-1]["signature"])
    return links


def to_be_signed(links: list[Json]) -> Json:
    """Return the signature object that the last link covers: the links before it whole, itself without value."""
    last = {name: value for name, value in links[-1].items() if name not in ("value", "signature")}
    for link in reversed(links[:-1]):
        last = {**link, "signature": last}
    return copy.copy(last)


def _bodies(given: list[Any]) -> Iterator[Any]:
    for outer in given:
        yield from chain_of(outer)


def _broken(chain: int, depth: int, code: str, **args: Any) -> Signature:
    return Signature(chain, depth, "broken", code, args)


def _looked_at(document: Json, frame: Frame, known: Mapping[str, Key], chain: int, links: list[Any]) -> Signature:
    """Examine the last link of a chain."""
    depth, body = len(links) - 1, links[-1]
    if not isinstance(body, dict) or not all(isinstance(link, dict) for link in links):
        return _broken(chain, depth, "signature_malformed")
    found = _facts(chain, depth, body)
    code = _form_fault(document, body)
    if code:
        return replace(found, code=code)
    key, code, problem = _key_of(body, known)
    if key is None:
        return replace(found, state="unverified" if code == "signature_key_away" else "broken", code=code, args=problem)
    if body["algorithm"] not in key.algorithms:
        return replace(found, code="signature_misfit", args={"kind": key.kind}, key=key)
    form = _form(frame, links, key)
    if not form:
        return replace(found, code="signature_changed", key=key)
    return replace(found, state="holds", code="", key=key, form=form)


def _facts(chain: int, depth: int, body: Json) -> Signature:
    """Return the claims of a signature, before it is verified."""
    return Signature(
        chain,
        depth,
        "broken",
        "signature_malformed",
        {},
        signee=" ".join((text_of(body, "signee") or "").split())[:SIGNEE_LIMIT],
        algorithm=(text_of(body, "algorithm") or "")[:SIGNEE_LIMIT],
        is_revoked=body.get("revoked", False) is not False,
        valid_from=moment(body.get("valid_from")),
        valid_until=moment(body.get("valid_until")),
    )


def _form_fault(document: Json, body: Json) -> str:
    """Return why a signature cannot be verified at all, "" when it can."""
    if body.get("type", "jss") != "jss" or any(
        name in body and moment(body[name]) is None for name in ("valid_from", "valid_until")
    ):
        return "signature_malformed"
    if text_of(body, "algorithm") not in ALGORITHMS:
        return "signature_algorithm"
    if text_of(body, "hash_algorithm") not in HASHES:
        return "signature_hash"
    value = body.get("value")
    if not isinstance(value, str) or len(value) > VALUE_LIMIT or not from_base64url(value):
        return "signature_value"
    return "" if _is_of(document, body) else "signature_of_other"


def _is_of(document: Json, body: Json) -> bool:
    """Whether a signature names the playbook and version that it is on, or none."""
    version = body.get("related_version", document.get("modified"))
    is_version = version == document.get("modified") or moment(version) == moment(document.get("modified"))
    return is_version and body.get("related_to", document.get("id")) == document.get("id")


def _key_of(body: Json, known: Mapping[str, Key]) -> tuple[Key | None, str, dict[str, Any]]:
    """Return the key that a signature contains or names; without one, the code of the reason."""
    try:
        match body:
            case {"public_key": str(text)}:
                return read_key(text), "", {}
            case {"public_cert_chain": [str(text), *_]}:
                return read_certificate(text), "", {}
            case {"thumbprint": str(name)}:
                return known.get(name.rstrip("=")), "signature_key_away", {}
            case {"cert_url": str()}:
                return None, "signature_key_away", {}
    except KeyRefused as refused:
        return None, "signature_key", {"problem": f"key_{refused.problem}"}
    return None, "signature_key", {"problem": "key_missing"}


def _form(frame: Frame, links: list[Json], key: Key) -> Form:
    """Return the form of the hash that a signature covers, "" for neither."""
    body = links[-1]
    value, algorithm = from_base64url(body["value"]) or b"", body["algorithm"]
    digest = frame.digest(body["hash_algorithm"], to_be_signed(links))
    # The only official example signs the text of the hash; others sign its bytes.
    if is_valid_signature(algorithm, key, value, digest.hex().encode()):
        return "hex"
    return "raw" if is_valid_signature(algorithm, key, value, digest) else ""
