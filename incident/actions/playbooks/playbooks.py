"""Adds playbook versions; an invalid one is refused with every fault and its place."""

import datetime as dt
from typing import Any

from incident.actions.playbooks import signatures
from incident.actions.playbooks.playbook_loader import PlaybookFaults
from incident.actions.unit_of_work import IdempotentRequest, retry_on_conflict, transaction
from incident.core.cacao import check, parse, tlp
from incident.core.cacao.signing.signed import content_hash_of
from incident.core.values.faults import RuleError, member, raise_all
from incident.core.values.moment import parse_moment
from incident.core.values.text import is_visible, require_name
from incident.store.db.database import db
from incident.store.playbooks import playbooks
from incident.store.playbooks.playbooks import Playbook


def add_playbook(
    document: dict[str, Any], by: str, now: dt.datetime, idempotency: IdempotentRequest | None = None
) -> Playbook:
    """Add a version of a playbook; the same content again returns the existing version.

    An existing version may be added again with other signatures; the last one added is then the one that starts.

    Args:
        document: a CACAO 2.0 playbook as loaded from JSON or YAML.
        by: who adds it.
        now: when (UTC).
        idempotency: the caller's key, under which the same request gets the same response.

    Raises:
        PlaybookFaults: with all faults.
        RuleError: `playbook.version_exists` (conflict) when `id` + `modified` is taken by another content,
            `name.invisible`.
    """
    faults = check(document)
    if any(fault.is_error for fault in faults):
        raise PlaybookFaults(faults)
    parsed = parse(document)
    modified_at = parse_moment(document["modified"])

    def use_case() -> Playbook:
        with transaction(by, now, idempotency) as uow:
            row = playbooks.playbook_by_hash(parsed.content_hash)
            if row is None:
                row = _insert(document, parsed.content_hash, modified_at, now)
                detail: dict[str, Any] = {"name": row.name, "modified": document["modified"], "hash": row.content_hash}
                if document.get("signatures"):
                    detail["signatures"] = signatures.verdict_details(signatures.verdict_on(document, now))
                uow.record("playbook.added", f"playbook:{row.cacao_id}", detail)
            uow.store_response(row)
        return row

    return retry_on_conflict(use_case)


def _require_names(document: dict[str, Any]) -> None:
    """Refuse deceptive names of the playbook, its steps, agents and targets.

    Raises:
        RuleError: `name.invisible` for each, `text.not_one_line` for that of the playbook.
    """
    require_name(document["name"], len(document["name"]))
    parts = [
        (member(member("", group), key), part.get("name"))
        for group in ("workflow", "agent_definitions", "target_definitions")
        for key, part in (document.get(group) or {}).items()
    ]
    hidden = [place for place, name in parts if isinstance(name, str) and not is_visible(name)]
    raise_all([RuleError("name.invisible", pointer=member(place, "name")) for place in hidden])


def _insert(document: dict[str, Any], content_hash: str, modified_at: dt.datetime, now: dt.datetime) -> Playbook:
    here = playbooks.playbook_version(document["id"], modified_at)
    if here is not None and content_hash_of(here.document) != content_hash_of(document):
        raise RuleError("playbook.version_exists", {"playbook": document["id"]}, pointer="/modified", kind="conflict")
    _require_names(document)
    row = Playbook(
        cacao_id=document["id"],
        name=document["name"],
        modified_at=modified_at,
        content_hash=content_hash,
        document=document,
        tlp=tlp(document),
        added_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row
