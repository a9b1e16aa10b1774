"""Signing a document, and countersigning a signature on it (ITU-T X.590 section 7)."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incident.core.cacao.faults import CacaoError, error, pointer
from incident.core.cacao.signing.signature import SigningKey, make, to_base64url
from incident.core.cacao.signing.signed import MAX_SIGNATURES, Form, chain_of, frame_of, signature_count, to_be_signed
from incident.core.cacao.text.moments import to_milliseconds
from incident.core.cacao.values import Json


class SigningRefused(CacaoError):
    """A document cannot be signed."""


@dataclass(frozen=True, slots=True)
class About:
    """The claims of a signature.

    `id` is `jss--` and a UUID, `signee` the name of the signer, `created_by` their identity, `created` the moment
    (UTC).
    """

    id: str
    signee: str
    created_by: str
    created: datetime
    algorithm: str
    hash_algorithm: str = "sha-256"
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def sign(document: Json, key: SigningKey, about: About, form: Form = "hex") -> Json:
    """Return a document with one more signature; the existing ones stay, and stay valid.

    Args:
        document: a playbook.
        key: the private key.
        about: the claims of the signature.
        form: sign the hex text of the hash, as the official example does, or its bytes.

    Raises:
        SigningRefused: when there are too many.
        KeyRefused: when the key does not support the algorithm.
    """
    _refuse_many(document)
    signed = copy.deepcopy(document)
    body = _body(document, key, about)
    body["value"] = _value(document, key, [body], form)
    signed["signatures"] = [*signed.get("signatures", ()), body]
    return signed


def countersign(document: Json, index: int, key: SigningKey, about: About, form: Form = "hex") -> Json:
    """Return a document with a signature over its content and over its signature `index`, inside that one.

    Raises as `sign` does; SigningRefused too when there is no such signature.
    """
    _refuse_many(document)
    signed = copy.deepcopy(document)
    there = signed.get("signatures")
    links = chain_of(there[index]) if isinstance(there, list) and 0 <= index < len(there) else []
    if not links or not all(isinstance(link, dict) for link in links):
        raise SigningRefused([error("signature_absent", pointer("signatures", index))])
    body = _body(document, key, about)
    body["value"] = _value(document, key, [*links, body], form)
    links[-1]["signature"] = body
    return signed


def _refuse_many(document: Json) -> None:
    if signature_count(document) >= MAX_SIGNATURES:
        raise SigningRefused([error("signatures_many", "/signatures", limit=MAX_SIGNATURES)])


def _body(document: Json, key: SigningKey, about: About) -> Json:
    created = to_milliseconds(about.created)
    body: dict[str, Any] = {
        "type": "jss",
        "id": about.id,
        "created_by": about.created_by,
        "created": created,
        "modified": created,
        "signee": about.signee,
        "related_to": document["id"],
        "related_version": document["modified"],
        "hash_algorithm": about.hash_algorithm,
        "algorithm": about.algorithm,
        "public_key": key.public.text,
    }
    for name, at in (("valid_from", about.valid_from), ("valid_until", about.valid_until)):
        if at is not None:
            body[name] = to_milliseconds(at)
    return body


def _value(document: Json, key: SigningKey, links: list[Json], form: Form) -> str:
    digest = frame_of(document).digest(links[-1]["hash_algorithm"], to_be_signed(links))
    message = digest if form == "raw" else digest.hex().encode()
    return to_base64url(make(links[-1]["algorithm"], key, message))
