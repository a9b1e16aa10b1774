"""The techniques of MITRE ATT&CK that the steps of a playbook name in their external references."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

SOURCES: Final = frozenset({"mitre-attack", "att&ck", "mitre att&ck", "mitre attack"})
"""Names of the source in any letter case, as STIX and people write it."""

_TECHNIQUE: Final = re.compile(r"T\d{4}(?:\.\d{3})?")


def techniques_of_step(document: Mapping[str, Any], step_id: str) -> tuple[str, ...]:
    """Return the ids of the techniques that a step names, such as `T1566.001`, each once.

    Args:
        document: the playbook as it was imported.
        step_id: the step.
    """
    workflow = document.get("workflow")
    step = workflow.get(step_id) if isinstance(workflow, Mapping) else None
    return _techniques(step)


def techniques_of_playbook(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of the techniques that a playbook or any of its steps names, in their order."""
    workflow = document.get("workflow")
    steps = workflow.values() if isinstance(workflow, Mapping) else ()
    return tuple(sorted({one for part in (document, *steps) for one in _techniques(part)}))


def acts_against(named: Collection[str], seen: Collection[str]) -> bool:
    """Return whether a playbook names a technique that was seen; a technique and a part of it fit each other.

    Args:
        named: the ids of the techniques of the playbook.
        seen: those of an incident.
    """
    return any(one == other or _is_part(one, other) or _is_part(other, one) for one in named for other in seen)


def _is_part(one: str, whole: str) -> bool:
    return one.startswith(f"{whole}.")


def _techniques(part: Any) -> tuple[str, ...]:
    references = part.get("external_references") if isinstance(part, Mapping) else None
    found = dict.fromkeys(
        identifier
        for one in (references if isinstance(references, list) else ())
        if isinstance(one, Mapping) and _is_of_attack(one)
        if _TECHNIQUE.fullmatch(identifier := str(one.get("external_id", "")).strip().upper())
    )
    return tuple(found)


def _is_of_attack(reference: Mapping[str, Any]) -> bool:
    """Return whether a reference names the list of techniques: `name` in CACAO, `source_name` in STIX."""
    return any(str(reference.get(key, "")).strip().casefold() in SOURCES for key in ("name", "source_name"))
