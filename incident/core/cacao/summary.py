"""Export: the imported document, with its processing summary and the profile that runs it (section 10.14)."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from incident.core.cacao.checks.shapes import list_of, object_of, text_of
from incident.core.cacao.model import Playbook
from incident.core.cacao.values import Json
from incident.core.cacao.vocabulary import IDENTITY, PROFILE_EXTENSION, PROFILE_VERSION, TLP_LEVELS


def export(playbook: Playbook, is_verbatim: bool = False) -> Json:
    """Return a document for export: as imported, unknown extensions included.

    Two members are added: the computed `playbook_processing_summary`, and under `playbook_extensions` the profile by
    which playbooks run here. A signed document is never changed, nor is any with `is_verbatim`.
    """
    document = copy.deepcopy(playbook.document)
    if is_verbatim or document.get("signatures"):
        return document
    document.setdefault("playbook_extensions", {})[PROFILE_EXTENSION] = {"version": PROFILE_VERSION}
    document.setdefault("extension_definitions", {})[PROFILE_EXTENSION] = {
        "type": "extension-definition",
        "name": "Execution profile",
        "description": "How steps fail, wait, repeat and reach people where CACAO 2.0 leaves it open: rules P1 to P19.",
        "created_by": IDENTITY,
        "schema": "docs/playbook-profile.md",
        "version": PROFILE_VERSION,
    }
    document["playbook_processing_summary"] = processing_summary(document)
    return document


def processing_summary(document: Json) -> dict[str, bool]:
    """Return the features that a document uses; the others are left out, because false is the default."""
    kinds: set[str] = set()
    is_timed = False
    commands: set[str] = set()
    for step in object_of(document, "workflow").values():
        kinds.add(text_of(step, "type") or "")
        is_timed = is_timed or (isinstance(step, dict) and bool({"delay", "timeout"} & step.keys()))
        commands.update(text_of(command, "type") or "" for command in list_of(step, "commands"))
    features = {
        "manual_playbook": commands == {"manual"},
        "external_playbooks": "playbook-action" in kinds,
        "parallel_processing": "parallel" in kinds,
        "if_logic": "if-condition" in kinds,
        "while_logic": "while-condition" in kinds,
        "switch_logic": "switch-condition" in kinds,
        "temporal_logic": is_timed,
        "data_markings": bool(list_of(document, "markings")) or bool(object_of(document, "data_marking_definitions")),
        "digital_signatures": bool(list_of(document, "signatures")),
        "countersigned_signatures": any(object_of(one, "signature") for one in list_of(document, "signatures")),
        "extensions": bool(object_of(document, "extension_definitions")) or any(_extensions(document)),
    }
    return {name: True for name, is_used in features.items() if is_used}


def tlp(document: Json) -> str | None:
    """Return the strictest TLP 2.0 level of a playbook's markings, such as `TLP:RED`."""
    definitions = object_of(document, "data_marking_definitions")
    levels = [
        text_of(definitions.get(reference), "tlpv2_level")
        for reference in list_of(document, "markings")
        if isinstance(reference, str)
    ]
    known = [level for level in levels if level in TLP_LEVELS]
    return max(known, key=TLP_LEVELS.index, default=None)


def _extensions(document: Json) -> Iterator[Any]:
    yield document.get("playbook_extensions")
    for step in object_of(document, "workflow").values():
        yield object_of(step, "step_extensions")
