"""Adds playbook versions; an invalid one is refused with every fault and its place."""

import datetime as dt
from typing import Any

from incident.actions.playbooks import signatures
from incident.actions.playbooks.playbook_loader import PlaybookFaults
from incident.actions.unit_of_work import IdempotentRequest, retry_on_conflict, transaction
from incident.core.cacao import parse, tlp
from incident.core.cacao.signing.signed import content_hash_of
from incident.core.values.faults import RuleError, member, raise_all
from incident.core.values.moment import parse_moment
from incident.core.values.text import is_visible, require_name
from incident.data.reporting_regimes import check_playbook
from incident.store.db.database import db
from incident.store.playbooks import playbooks
from incident.store.playbooks.playbooks import Playbook


def save_version(cacao_id: str, document: dict[str, Any], base: str, by: str, now: dt.datetime) -> Playbook:
    """Add an edited playbook as a new version, unless somebody else has saved one meanwhile.

    Its signatures are removed when its content has changed, and `modified` becomes the present time unless the text
    states a later version itself.

    Args:
        cacao_id: the playbook that was edited.
        document: the text as loaded.
        base: the content hash of the version that was edited.
        by: who saves it.
        now: when (UTC).

    Raises:
        PlaybookFaults: with all faults.
        RuleError: `playbook.changed_meanwhile` (conflict), `playbook.id_changed`, and those of `add_playbook`.
    """
    if document.get("id") != cacao_id:
        raise RuleError("playbook.id_changed", pointer="/id")
    return add_playbook(_as_version(document, base, now), by, now, base=base)


def _as_version(document: dict[str, Any], base: str, now: dt.datetime) -> dict[str, Any]:
    earlier = playbooks.playbook_by_hash(base)
    if earlier is None:
        return document
    if content_hash_of(earlier.document) == content_hash_of(document):
        return earlier.document
    unsigned = {name: value for name, value in document.items() if name != "signatures"}
    if parse_moment(document["modified"]) <= earlier.modified_at:
        latest = max(now, earlier.modified_at + dt.timedelta(milliseconds=1)).astimezone(dt.UTC)
        unsigned["modified"] = latest.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return unsigned


def add_playbook(
    document: dict[str, Any],
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
    base: str | None = None,
) -> Playbook:
    """Add a version of a playbook; the same content again returns the existing version.

    An existing version may be added again with other signatures; the last one added is then the one that starts.

    Args:
        document: a CACAO 2.0 playbook as loaded from JSON or YAML.
        by: who adds it.
        now: when (UTC).
        idempotency: the caller's key, under which the same request gets the same response.
        base: the content hash that the newest version must have; None adds it whatever is there.

    Raises:
        PlaybookFaults: with all faults.
        RuleError: `playbook.version_exists` (conflict) when `id` + `modified` is taken by another content,
            `playbook.changed_meanwhile` (conflict), `name.invisible`.
    """
    faults = check_playbook(document)
    if any(fault.is_error for fault in faults):
        raise PlaybookFaults(faults)
    parsed = parse(document, is_checked=True)
    modified_at = parse_moment(document["modified"])

    def use_case() -> Playbook:
        with transaction(by, now, idempotency) as uow:
            row = playbooks.playbook_by_hash(parsed.content_hash)
            if row is None:
                _require_base(document["id"], base)
                row = _insert(document, parsed.content_hash, modified_at, now)
                detail: dict[str, Any] = {"name": row.name, "modified": document["modified"], "hash": row.content_hash}
                if document.get("signatures"):
                    detail["signatures"] = signatures.verdict_details(signatures.verdict_on(document, now))
                uow.record("playbook.added", f"playbook:{row.cacao_id}", detail)
            uow.store_response(row)
        return row

    return retry_on_conflict(use_case)


def _require_base(cacao_id: str, base: str | None) -> None:
    newest = playbooks.current_version(cacao_id)
    if base is not None and newest is not None and newest.content_hash != base:
        raise RuleError("playbook.changed_meanwhile", kind="conflict")


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
