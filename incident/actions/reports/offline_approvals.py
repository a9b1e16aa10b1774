"""Approvals made on a machine of the custodian: a file goes there, and shares for the requester come back."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from incident.custodian_key import open_private_key, read_paper
from incident.identity_key import close_box, open_box

OFFLINE: Final = "identity-approval/1"
"""The member `type` of the file."""


def private_key_of(document: Mapping[str, Any], typed: str, *, is_paper: bool) -> X25519PrivateKey:
    """Return the custodian's private key from the passphrase or from paper; raises WrongPassphrase or BadPaper."""
    if is_paper:
        return read_paper(typed)
    return open_private_key(_bytes(document["sealed_private_key"]), _bytes(document["public_key"]), typed)


def approve_offline(document: Mapping[str, Any], private: X25519PrivateKey) -> dict[str, Any]:
    """Return the shares of a request, each in a box for its requester.

    Args:
        document: the file from the page of the request.
        private: the custodian's key.

    Raises:
        ValueError: when the file is of another kind.
        BoxBroken: when the key is another custodian's, or the file was changed.
    """
    facts = request_facts(document)
    bindings = {name: json.loads(_bytes(one["share_binding"])) for name, one in document["shares"].items()}
    wanted = {name: (facts["report"], name) for name in facts["fields"]}
    if {name: (one["report"], one["field"]) for name, one in bindings.items()} != wanted:
        raise ValueError("shares of something else")
    shares = {
        name: text_of(
            close_box(
                open_box(_bytes(one["box"]), private, _bytes(one["share_binding"])),
                _bytes(document["request_key"]),
                _bytes(document["request_binding"]),
            )
        )
        for name, one in document["shares"].items()
    }
    return {"shares": shares}


def request_facts(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the shares are bound to: the fields, the requester and the purpose; raises ValueError."""
    if document["type"] != OFFLINE:
        raise ValueError("another kind of file")
    facts: Mapping[str, Any] = json.loads(_bytes(document["request_binding"]))
    return facts


def text_of(value: bytes) -> str:
    """Return bytes as they are written in the file."""
    return base64.b64encode(value).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
