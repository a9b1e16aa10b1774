"""Rule sets of grading that administrators write: published as versions, and retired."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from incident.actions.rule_set_versions import own_rules, own_rules_at
from incident.actions.timing import insert_timer
from incident.actions.unit_of_work import UnitOfWork, retry_on_conflict, transaction
from incident.core.deadlines.grading import Answer, Grading, check_answers, grade_incident
from incident.core.deadlines.rule_set_changes import RuleSetChange, rule_set_changes_between
from incident.core.deadlines.rule_set_document import MAX_OWN_SETS, SIZE_LIMIT, refuse_conflicts
from incident.core.deadlines.rule_sets import RuleSet, grading_questions
from incident.core.values.faults import RuleError, refuse_stale
from incident.data.grading_rules import read_rule_set_data, shipped_rule_sets
from incident.data.reporting_regimes import shipped_regimes
from incident.store.db.database import advisory_lock
from incident.store.deadlines import rule_sets
from incident.store.deadlines.incident_gradings import RULE_SET
from incident.store.deadlines.rule_sets import OwnRuleSet, RuleSetVersion

LOCK = "grading_rule_sets"
"""One lock for all rule sets: the questions of each must agree with those of the others."""


def taken_ids() -> frozenset[str]:
    """Return the ids that no own rule set may have: those of the program's rule sets and regimes."""
    return frozenset(shipped_rule_sets()) | frozenset(shipped_regimes())


def check_usable(document: Mapping[str, Any]) -> None:
    """Raise RuleError `rule_set.too_large` or `rule_set.question_differs` for a checked document that cannot be used.

    Nothing is locked: to see the faults before it is published.
    """
    content = _written(document)
    if len(content.encode()) > SIZE_LIMIT:
        raise RuleError("rule_set.too_large", {"limit": SIZE_LIMIT // 1024})
    row = rule_sets.own_rule_set(document["id"])
    others = [*shipped_rule_sets().values(), *(one for one in own_rules() if one.id != document["id"])]
    earlier = [] if row is None else [own_rules_at(one) for one in rule_sets.every_hash_of(row.id)]
    refuse_conflicts(dict(document), others, earlier)


@dataclass(frozen=True, slots=True)
class TriedRuleSet:
    """A rule set that need not be stored: what it changes, and what answers would prove by it alone."""

    rule_set: RuleSet
    changes: Sequence[RuleSetChange]
    grading: Grading


def try_rule_set(document: Mapping[str, Any], answers: Mapping[str, object], now: dt.datetime) -> TriedRuleSet:
    """Compare a rule set with the version that is in force, and grade by it; nothing is stored.

    Args:
        document: as `check_rule_set` returns it.
        answers: by the key of the question.
        now: when (UTC).

    Raises:
        RuleError: those of `check_answers`.
    """
    rule_set = read_rule_set_data(_written(document).encode())
    row = rule_sets.own_rule_set(rule_set.id)
    before = None if row is None else json.loads(_present(row).content)
    values = check_answers(grading_questions([rule_set]), answers)
    given = {key: Answer(value, now, now) for key, value in values.items()}
    return TriedRuleSet(rule_set, rule_set_changes_between(before, document), grade_incident([rule_set], given, now))


def publish_rule_set(
    document: Mapping[str, Any], version: int | None, by: str, now: dt.datetime
) -> tuple[OwnRuleSet, bool]:
    """Publish a rule set; each change is a new version, by which open incidents are graded from now on.

    The transaction ends before they are graded again, a few in each of the following ones.

    Args:
        document: as `check_rule_set` returns it.
        version: the version that the caller read (0: there is none), None if any.
        by: who publishes it.
        now: when (UTC).

    Returns:
        The rule set, and whether it is new. What is in force already is not stored again.

    Raises:
        RuleError: `rule_set.too_large`, `rule_set.question_differs`; `rule_set.too_many`, `version.stale` (conflict).
    """
    content, key = _written(document), document["id"]

    def use_case() -> tuple[OwnRuleSet, bool]:
        with transaction(by, now) as uow:
            advisory_lock(LOCK)
            row = rule_sets.own_rule_set(key)
            is_new = row is None
            refuse_stale(0 if row is None else row.version, version)
            if row is None and rule_sets.count_own_rule_sets() >= MAX_OWN_SETS:
                raise RuleError("rule_set.too_many", {"most": MAX_OWN_SETS}, kind="conflict")
            check_usable(document)
            if row is None:
                row = uow.add(OwnRuleSet(key=key, is_active=True, version=0, created_at=now, changed_at=now))
                uow.flush()
            elif row.is_active and _present(row).content == content:
                return row, False
            _add_version(uow, row, content, None)
        return row, is_new

    return retry_on_conflict(use_case)


def retire_rule_set(key: str, reason: str, version: int | None, by: str, now: dt.datetime) -> OwnRuleSet:
    """Retire a rule set: open incidents are graded without it from now on; its versions stay readable.

    Args:
        key: its id.
        reason: why.
        version: the version that the caller read, None if any.
        by: who retires it.
        now: when (UTC).

    Raises:
        RuleError: `rule_set.unknown` (not found); `rule_set.is_retired`, `version.stale` (conflict).
    """
    with transaction(by, now) as uow:
        advisory_lock(LOCK)
        row = rule_sets.own_rule_set(key)
        if row is None:
            raise RuleError("rule_set.unknown", kind="not_found")
        refuse_stale(row.version, version)
        if not row.is_active:
            raise RuleError("rule_set.is_retired", kind="conflict")
        _add_version(uow, row, _present(row).content, reason)
    return row


def _written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _present(row: OwnRuleSet) -> RuleSetVersion:
    found = rule_sets.rule_set_version(row.id, row.version)
    if found is None:
        raise LookupError(f"rule set {row.key} has no version {row.version}")
    return found


def _add_version(uow: UnitOfWork, row: OwnRuleSet, content: str, reason: str | None) -> None:
    """Add a version, a retired one with a reason, and have open incidents graded again soon after."""
    content_hash = hashlib.sha256(content.encode()).hexdigest()
    row.version += 1
    row.is_active, row.changed_at = reason is None, uow.now
    added = uow.add(
        RuleSetVersion(
            rule_set_id=row.id,
            version=row.version,
            content=content,
            content_hash=content_hash,
            is_active=row.is_active,
            reason=reason,
            put_at=uow.now,
            put_by=uow.by,
        )
    )
    uow.flush()
    detail = {"id": row.key, "version": row.version, "content_hash": content_hash, "reason": reason}
    event_type = "grading_rules.published" if row.is_active else "grading_rules.retired"
    uow.record(event_type, f"grading_rule_set:{row.key}", detail)
    insert_timer(uow, "spread", uow.now, RULE_SET, added.id, None)
