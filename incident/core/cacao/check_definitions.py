"""Checks agents, targets and authentication (sections 6 and 7), and that no secret is written into a playbook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from incident.core.cacao.faults import Fault, Severity, error, pointer, warning
from incident.core.cacao.shape_tables import AGENTS, AUTHENTICATION, UNKNOWN_AGENT
from incident.core.cacao.shapes import Path, Shape, identifier, object_of, text_of
from incident.core.cacao.substitution import REFERENCE
from incident.core.cacao.values import Json

SECRETS = ("password", "token")


def definition_faults(document: Json, secret_severity: Severity) -> Iterator[Fault]:
    """Tell what is wrong with agents, targets and authentication; inline secrets are of the given severity."""
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
    reference = text_of(body, "authentication_info")
    if reference is not None and reference not in object_of(document, "authentication_info_definitions"):
        place = pointer(*path, "authentication_info")
        yield error("dangling_reference", place, "CACAO 2.0 section 7", id=reference)


def _unknown_agent_faults(body: Any, path: Path, kind: str | None) -> Iterator[Fault]:
    """An agent of an unknown type means this program (P12); what we do not know of it is its own affair."""
    known = {name: rule for name, rule in UNKNOWN_AGENT.items() if not isinstance(body, dict) or name in body}
    for fault in Shape("CACAO 2.0 section 7.1", known, ("type", "name")).faults(body, path):
        if fault.code != "unknown_property":
            yield fault
    if kind is not None:
        yield warning("unknown_agent", pointer(*path, "type"), "CACAO 2.0 section 7.2", found=kind)


def _authentication_faults(body: Any, path: Path, secret_severity: Severity) -> Iterator[Fault]:
    kind = text_of(body, "type")
    shape = AUTHENTICATION.get(kind or "")
    if shape is not None:
        yield from shape.faults(body, path)
    elif kind is not None:
        yield error("unknown_authentication", pointer(*path, "type"), "CACAO 2.0 section 6.2", found=kind)
    if not isinstance(body, dict):
        return
    yield from _key_faults(body, path)
    for name in SECRETS:
        value = text_of(body, name)
        if value and not REFERENCE.fullmatch(value):
            yield Fault(secret_severity, "inline_secret", pointer(*path, name), {"name": name}, "CACAO 2.0 section 6")


def _key_faults(body: Json, path: Path) -> Iterator[Fault]:
    """A key of the store stands for the secret; without one there must be a secret to take from a variable."""
    has_key = "kms_key_identifier" in body
    if body.get("kms") is True and not has_key:
        yield error("key_missing", pointer(*path), "CACAO 2.0 section 6", name="kms_key_identifier")
    if has_key and body.get("kms") is not True:
        yield warning("kms_not_true", pointer(*path), "CACAO 2.0 section 6")
    if not has_key and not any(name in body for name in SECRETS):
        yield error("missing_one_of", pointer(*path), "CACAO 2.0 section 6", names=[*SECRETS, "kms_key_identifier"])
