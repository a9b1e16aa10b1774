"""Grading incidents again when time, rules or facts have changed what their answers prove."""

from collections.abc import Mapping
from typing import Any

from incident.actions.deadlines.clock_keeping import recompute_clocks
from incident.actions.deadlines.graded_facts import grading_of
from incident.actions.deadlines.growth import keep_grading
from incident.actions.deadlines.not_reportable import end_not_reportable
from incident.actions.deadlines.reviews import review_at_once
from incident.actions.rule_set_versions import rule_sets_of
from incident.actions.unit_of_work import UnitOfWork
from incident.store.approvals import IN_FORCE, outdate
from incident.store.deadlines import gradings
from incident.store.deadlines.incident_gradings import incident_grading
from incident.store.incidents.incidents import Incident


def grade_again(uow: UnitOfWork, incident: Incident, cause: str) -> None:
    """Do what changed answers do, where an open incident's answers prove or exclude another grade than before.

    Args:
        uow: the caller's unit of work.
        incident: the incident, locked.
        cause: what has changed: `growth`, or the kind of the timer.
    """
    if incident.status == "closed":
        return
    before, after = _grades_before(incident), grading_of(incident, uow.now)
    is_changed = before is not None and before != (after.certain, after.possible)
    if is_changed and before is not None:
        outdate(gradings.standing_decisions(incident.id))
        grades = {"before": before[0], "certain": after.certain, "possible": after.possible}
        _record(uow, incident, cause, grades)
        end_not_reportable(uow, incident, cause)
        review_at_once(uow, incident, cause)
    keep_grading(uow, incident)
    recompute_clocks(uow, incident)


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
