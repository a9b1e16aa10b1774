"""Checks of agents, targets and authentication (sections 6 and 7), and against secrets in a playbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from incident.core.cacao.checks.contacts import contact_faults
from incident.core.cacao.checks.shape_tables import AGENTS, AUTHENTICATION, UNKNOWN_AGENT, UNKNOWN_AUTHENTICATION
from incident.core.cacao.checks.shapes import Path, Shape, identifier, object_of, text_of
from incident.core.cacao.faults import Fault, Severity, error, pointer, warning
from incident.core.cacao.substitution import REFERENCE
from incident.core.cacao.values import Json
from incident.core.cacao.vocabulary import is_open_word

SECRETS = ("password", "token")
KEY_NAME = "kms_key_identifier"
# Names that other tools may use for a secret in a type of their own.
_SECRET_NAME = re.compile(
    r"(?:passw(?:or)?d|passphrase|secret|token|(?:api|private|access)[_-]?key|credentials?)\Z", re.IGNORECASE
)


def definition_faults(document: Json, secret_severity: Severity) -> Iterator[Fault]:
    """Return the faults of agents, targets and authentication; inline secrets have the given severity."""
    for holder in ("agent_definitions", "target_definitions"):
        for key, body in object_of(document, holder).items():
            yield from identifier(key, (holder, key))
            yield from _agent_faults(document, body, (holder, key))
    for key, body in object_of(document, "authentication_info_definitions").items():
        path = ("authentication_info_definitions", key)
        yield from identifier(key, path)
        yield from _authentication_faults(body, path, secret_severity)


def _agent_faults(document: Json, body: Any, path: Path) -> Iterator[Fault]:
    kind = text_of(body, "type")
    shape = AGENTS.get(kind or "")
    if shape is not None:
        yield from shape.faults(body, path)
    else:
        yield from _unknown_agent_faults(body, path, kind)
    if isinstance(body, dict):
        yield from contact_faults(body.get("contact"), (*path, "contact"))
    reference = text_of(body, "authentication_info")
    if reference is not None and reference not in object_of(document, "authentication_info_definitions"):
        place = pointer(*path, "authentication_info")
        yield error("dangling_reference", place, "CACAO 2.0 section 7", id=reference)


def _unknown_agent_faults(body: Any, path: Path, kind: str | None) -> Iterator[Fault]:
    """Check an agent of an unknown type, which means this program (P12); its unknown properties are ignored."""
    known = {name: rule for name, rule in UNKNOWN_AGENT.items() if not isinstance(body, dict) or name in body}
    yield from Shape("CACAO 2.0 section 7.1", known, ("type", "name")).faults(body, path, is_open=True)
    if kind is not None:
        yield warning("unknown_agent", pointer(*path, "type"), "CACAO 2.0 section 7.2", found=kind)


def _authentication_faults(body: Any, path: Path, secret_severity: Severity) -> Iterator[Fault]:
    kind = text_of(body, "type")
    shape = AUTHENTICATION.get(kind or "")
    if shape is not None:
        yield from shape.faults(body, path)
    else:
        yield from _unknown_authentication_faults(body, kind, path)
    if not isinstance(body, dict):
        return
    yield from _key_faults(body, path, is_known=shape is not None)
    for name, value in body.items():
        is_secret = name in SECRETS or (shape is None and name != KEY_NAME and _SECRET_NAME.search(name))
        if is_secret and isinstance(value, str) and value and not REFERENCE.fullmatch(value):
            yield Fault(secret_severity, "inline_secret", pointer(*path, name), {"name": name}, "CACAO 2.0 section 6")


def _unknown_authentication_faults(body: Any, kind: str | None, path: Path) -> Iterator[Fault]:
    """Warn of unknown authentication types: the vocabulary is open, and their commands become tasks (P10)."""
    yield from UNKNOWN_AUTHENTICATION.faults(body, path, is_open=True)
    if kind is None:
        return
    place = pointer(*path, "type")
    if is_open_word(kind):
        yield warning("unknown_authentication", place, "CACAO 2.0 section 6.2", found=kind)
    else:
        yield error("type_malformed", place, "CACAO 2.0 section 6.2", found=kind[:60])


def _key_faults(body: Json, path: Path, is_known: bool) -> Iterator[Fault]:
    """Check that a secret is named: by a key of the store, or by a variable that contains it."""
    has_key = KEY_NAME in body
    if body.get("kms") is True and not has_key:
        yield error("key_missing", pointer(*path), "CACAO 2.0 section 6", name=KEY_NAME)
    if has_key and body.get("kms") is not True:
        yield warning("kms_not_true", pointer(*path), "CACAO 2.0 section 6")
    if is_known and not has_key and not any(name in body for name in SECRETS):
        yield error("missing_one_of", pointer(*path), "CACAO 2.0 section 6", names=[*SECRETS, KEY_NAME])
