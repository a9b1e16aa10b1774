"""Checks of a playbook except its workflow: metadata, versions, markings, identifiers (sections 3, 8 to 10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from incident.core.cacao.checks.shape_tables import EXTENSION, MARKINGS, PLAYBOOK
from incident.core.cacao.checks.shapes import ID_CLAUSE, IDENTIFIER, identifier, object_of, text_of, texts_of
from incident.core.cacao.faults import Fault, error, pointer, warning
from incident.core.cacao.summary import processing_summary
from incident.core.cacao.text.moments import moment
from incident.core.cacao.values import Json
from incident.core.cacao.vocabulary import ACTIVITIES, SPEC_VERSION, TLP_LEVELS, TYPE_OF_ACTIVITY

CLAUSE = "CACAO 2.0 section 3.1"
DEFINITIONS = (
    "workflow",
    "agent_definitions",
    "target_definitions",
    "authentication_info_definitions",
    "extension_definitions",
    "data_marking_definitions",
)


def head_faults(document: Json) -> Iterator[Fault]:
    """Return the faults of a playbook outside the workflow."""
    yield from PLAYBOOK.faults(document, ())
    yield from _kind_faults(document)
    yield from _time_faults(document)
    yield from _marking_faults(document)
    yield from _extension_faults(document)
    yield from _activity_faults(document)
    yield from _identifier_faults(document)
    yield from _summary_faults(document)


def _kind_faults(document: Json) -> Iterator[Fault]:
    for name, expected in (("type", "playbook"), ("spec_version", SPEC_VERSION)):
        found = text_of(document, name)
        if found is not None and found != expected:
            yield error(f"unknown_{name}", f"/{name}", CLAUSE, found=found[:60], expected=expected)
    for name, expected in (("id", "playbook"), ("created_by", "identity")):
        found = text_of(document, name)
        if found is not None and IDENTIFIER.match(found) and not found.startswith(f"{expected}--"):
            yield warning("id_of_other_type", f"/{name}", ID_CLAUSE, found=found, expected=expected)


def _time_faults(document: Json) -> Iterator[Fault]:
    created, modified = moment(document.get("created")), moment(document.get("modified"))
    if created and modified and modified < created:
        yield error("modified_before_created", "/modified", CLAUSE)
    valid_from, valid_until = moment(document.get("valid_from")), moment(document.get("valid_until"))
    if valid_from and valid_until and valid_until <= valid_from:
        yield error("valid_until_before_from", "/valid_until", CLAUSE)


def _marking_faults(document: Json) -> Iterator[Fault]:
    definitions = object_of(document, "data_marking_definitions")
    for index, reference in texts_of(document, "markings"):
        if reference not in definitions:
            yield error("dangling_reference", pointer("markings", index), "CACAO 2.0 section 9", id=reference)
    for key, body in definitions.items():
        path = ("data_marking_definitions", key)
        yield from identifier(key, path)
        shape = MARKINGS.get(text_of(body, "type") or "")
        if shape is None:
            yield error("unknown_marking", pointer(*path), "CACAO 2.0 section 9.2", found=text_of(body, "type"))
            continue
        yield from shape.faults(body, path)
        if shape is MARKINGS["marking-tlp"] and text_of(body, "tlpv2_level") not in TLP_LEVELS:
            yield error("unknown_tlp", pointer(*path, "tlpv2_level"), shape.clause, levels=list(TLP_LEVELS))


def _extension_faults(document: Json) -> Iterator[Fault]:
    definitions = object_of(document, "extension_definitions")
    for key, body in definitions.items():
        yield from identifier(key, ("extension_definitions", key))
        yield from EXTENSION.faults(body, ("extension_definitions", key))
    for key in object_of(document, "playbook_extensions"):
        if key not in definitions:
            yield warning("extension_undefined", pointer("playbook_extensions", key), "CACAO 2.0 section 8", id=key)


def _activity_faults(document: Json) -> Iterator[Fault]:
    """Compare types, activities and commands (sections 3.1.1 and 3.1.2)."""
    types = [name for _, name in texts_of(document, "playbook_types")]
    activities = texts_of(document, "playbook_activities")
    is_known = bool(types) and all(name in ACTIVITIES for name in types)
    if is_known and not activities:
        yield warning("activities_missing", "/playbook_activities", CLAUSE)
    done = set(_activities_of(document))
    for index, activity in activities:
        kind = TYPE_OF_ACTIVITY.get(activity)
        place = pointer("playbook_activities", index)
        if is_known and kind is not None and kind not in types:
            yield warning("activity_of_other_type", place, "CACAO 2.0 section 3.1.2", activity=activity, type=kind)
        if activity not in done:
            yield warning("activity_not_done", place, "CACAO 2.0 section 3.1.2", activity=activity)


def _activities_of(document: Json) -> Iterator[str]:
    for step in object_of(document, "workflow").values():
        commands = step.get("commands") if isinstance(step, dict) else None
        for command in commands if isinstance(commands, list) else ():
            if activity := text_of(command, "playbook_activity"):
                yield activity


def _identifier_faults(document: Json) -> Iterator[Fault]:
    """Check every identifier of an object: its type, the version of its UUID, and its uniqueness."""
    owners: dict[str, tuple[str, str]] = {}
    for holder in DEFINITIONS:
        for key, body in object_of(document, holder).items():
            match = IDENTIFIER.match(key)
            if match is not None:
                yield from _one_identifier(holder, key, body, match.groupdict())
                yield from _reuse(owners, holder, key, match["type"])


def _one_identifier(holder: str, key: str, body: Any, parts: Mapping[str, str]) -> Iterator[Fault]:
    kind = text_of(body, "type")
    if kind is not None and kind != parts["type"]:
        yield warning("id_of_other_type", pointer(holder, key), ID_CLAUSE, found=key, expected=kind)
    if parts["version"] != "4":
        yield warning("uuid_version", pointer(holder, key), ID_CLAUSE, found=key, version=parts["version"])


def _reuse(owners: dict[str, tuple[str, str]], holder: str, key: str, kind: str) -> Iterator[Fault]:
    uuid = key.rpartition("--")[2].lower()
    earlier, earlier_holder = owners.setdefault(uuid, (kind, holder))
    if earlier != kind:
        make = error if holder == earlier_holder == "workflow" else warning
        yield make("duplicate_id", pointer(holder, key), ID_CLAUSE, id=key, other=earlier)


def _summary_faults(document: Json) -> Iterator[Fault]:
    said = document.get("playbook_processing_summary")
    if not isinstance(said, dict):
        return
    found = processing_summary(document)
    for name in sorted({*said, *found}):
        if isinstance(said.get(name, False), bool) and said.get(name, False) != found.get(name, False):
            place = pointer("playbook_processing_summary", name)
            yield warning("summary_differs", place, "CACAO 2.0 section 10.14", name=name, found=found.get(name, False))
