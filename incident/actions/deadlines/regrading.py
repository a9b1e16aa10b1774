"""Grading incidents again when time, rules or facts have changed what their answers prove."""

from collections.abc import Mapping
from typing import Any

from incident.actions.deadlines.clock_keeping import recompute_clocks
from incident.actions.deadlines.growth import keep_grading
from incident.actions.deadlines.not_reportable import end_not_reportable
from incident.actions.deadlines.reviews import ask_overdue, review_at_once
from incident.actions.graded_facts import grading_of
from incident.actions.rule_set_versions import own_rules_at, rule_sets_of
from incident.actions.timing import insert_timer
from incident.actions.unit_of_work import UnitOfWork
from incident.store.approvals import IN_FORCE, outdate
from incident.store.deadlines import gradings, rule_sets
from incident.store.deadlines.incident_gradings import GRADING, RULE_SET, incident_grading, is_graded
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.timers import PATIENT
from incident.store.queries.clock_list import open_incidents_with_sectors


def grade_again(uow: UnitOfWork, incident: Incident, cause: str) -> None:
    """Do what changed answers do, where an open incident's answers prove or exclude another grade than before.

    Args:
        uow: the caller's unit of work.
        incident: the incident, locked.
        cause: what has changed: `growth`, `sector`, `grade`, `reopened`, `rules` or `profile`.
    """
    if incident.status == "closed" or not is_graded(incident.id):
        return
    before, after = _grades_before(incident), grading_of(incident, uow.now)
    is_changed = before is not None and before != (after.certain, after.possible)
    if is_changed and before is not None:
        outdate(gradings.standing_decisions(incident.id))
        grades = {"before": before[0], "certain": after.certain, "possible": after.possible}
        _record(uow, incident, cause, grades)
        end_not_reportable(uow, incident, cause)
        review_at_once(uow, incident, cause)
    if cause == "grade":
        end_not_reportable(uow, incident, cause)
    if cause == "reopened":
        ask_overdue(uow, incident)
    keep_grading(uow, incident)
    if is_changed or before is None or cause != "rules":  # rules move clocks by grades only
        recompute_clocks(uow, incident)


def spread(uow: UnitOfWork, subject_type: str, subject_id: int) -> None:
    """Have the open incidents graded again that a version of a rule set or of the profile concerns.

    It follows the transaction of that version, so that an incident which was answered at the same time by the version
    before is among them. Each incident gets a timer of its own, and a few of them are graded in one transaction.

    Args:
        uow: the caller's unit of work, by the scheduler.
        subject_type: `RULE_SET` or `PROFILE`.
        subject_id: the version.
    """
    versions = rule_sets.with_version_before(subject_id) if subject_type == RULE_SET else ()
    rules = [own_rules_at(one.content_hash) for one in versions]
    cause = "rules" if subject_type == RULE_SET else "profile"
    for incident_id, sector in open_incidents_with_sectors():
        if cause == "profile" or sector is None or any(one.applies_to((sector,)) for one in rules):
            insert_timer(uow, cause, uow.now, GRADING, incident_id, incident_id, urgency=PATIENT)


def _grades_before(incident: Incident) -> tuple[int, int] | None:
    """Return the grades that were acted on; where none were stored, those of the decision that is in force."""
    row = incident_grading(incident.id)
    if row is not None and row.certain is not None and row.possible is not None:
        return row.certain, row.possible
    decided = [one for one in gradings.standing_decisions(incident.id) if one.state == IN_FORCE]
    return (decided[-1].proposed, decided[-1].possible) if decided else None


def _record(uow: UnitOfWork, incident: Incident, cause: str, grades: Mapping[str, int]) -> None:
    subject, detail = f"incident:{incident.number}", dict[str, Any](grades)
    if cause != "rules":
        uow.record("incident.grading_changed", subject, {"cause": cause, **detail}, incident.number)
        return
    row = incident_grading(incident.id)
    hashes = (row.rule_sets if row is not None else None) or {}
    present = {one.id: one.content_hash for one in rule_sets_of(incident)}
    changed = sorted(key for key in {*hashes, *present} if hashes.get(key) != present.get(key))
    detail = {"rule_set": changed[0] if changed else "", "rule_sets": changed, **detail}
    uow.record("incident.grading_rules_changed", subject, detail, incident.number)
