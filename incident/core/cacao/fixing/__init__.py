"""Repairs faults that other tools produce, where exactly one mechanical change can be intended.

A shared end step, a shared tail after an if, an if without on_completion, a missing agent, and two playbooks with the
same id and `modified`. People decide all other faults.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from incident.core.cacao.checks.earlier_versions import is_earlier
from incident.core.cacao.faults import Fault, error
from incident.core.cacao.fixing.agents import add_agents
from incident.core.cacao.fixing.branches import fix_branches
from incident.core.cacao.fixing.draft import Draft, Fix, NewUuid
from incident.core.cacao.signing.signed import content_hash_of
from incident.core.cacao.text.moments import moment
from incident.core.cacao.values import Json

__all__ = ["Fix", "fix", "same_versions"]


def fix(document: Json, new_uuid: NewUuid, now: datetime, is_same_version: bool = False) -> tuple[Json, list[Fix]]:
    """Return a repaired copy of a document and the changes; without a change, the same content and an empty list.

    A signed document is never changed, because its signatures would become invalid, nor is one of version 1.x, nor a
    document that is not a playbook.

    Args:
        document: a playbook as loaded, with its faults.
        new_uuid: returns a UUID of version 4 as text.
        now: the moment (UTC), for `modified`.
        is_same_version: another playbook has its id and `modified`, so that it needs an id of its own.
    """
    if document.get("type") != "playbook" or document.get("signatures") or is_earlier(document):
        return document, []
    draft = Draft(copy.deepcopy(document), new_uuid)
    add_agents(draft)
    fix_branches(draft)
    if is_same_version:
        _give_own_id(draft)
    if not draft.fixes:
        return document, []
    _set_modified(draft.document, now)
    return draft.document, draft.fixes


def same_versions(documents: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Return the documents with id and `modified` of an earlier one but another content, each with that one.

    The numbers are indexes in the list. Signatures do not count as content, so a signed copy is the same playbook.
    """
    first: dict[tuple[str, datetime], dict[str, int]] = {}
    found: dict[int, int] = {}
    for index, document in enumerate(documents):
        playbook_id, modified = document.get("id"), moment(document.get("modified"))
        if not isinstance(playbook_id, str) or modified is None:
            continue
        contents = first.setdefault((playbook_id, modified), {})
        content = content_hash_of(dict(document))
        contents.setdefault(content, index)
        earliest = min(contents.values())
        if contents[content] != earliest:
            found[index] = earliest
    return found


def same_version_fault(document: Mapping[str, Any], other: str) -> Fault:
    """Return the fault of a document that has id and `modified` of another, which `other` names."""
    return error("version_taken", "/modified", "CACAO 2.0 section 3.1", playbook=document["id"], other=other)


def _give_own_id(draft: Draft) -> None:
    document = draft.document
    old, new = document.get("id"), f"playbook--{draft.new_uuid()}"
    derived = document.get("derived_from", [])
    if isinstance(derived, list) and old not in derived:
        document["derived_from"] = [*derived, old]
    document["id"] = new
    draft.add_fix("fixed_id", ("id",), old=old, new=new)


def _set_modified(document: Json, now: datetime) -> None:
    """Make it a separate version: the one with the old `modified` may be in use (CACAO 2.0 section 3.1)."""
    created = moment(document.get("created"))
    at = max(now, created) if created else now
    document["modified"] = at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"
