"""What the answers about an incident prove at a moment."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from incident.actions.rule_set_versions import rule_sets_of
from incident.core.deadlines.grading import Answer, Grading, grade_incident
from incident.store.db.database import to_json
from incident.store.deadlines import gradings
from incident.store.deadlines.gradings import GradeDecision
from incident.store.deadlines.incident_gradings import incident_grading
from incident.store.incidents.incidents import Incident


def answers_of(incident: Incident) -> dict[str, Answer]:
    """Return the answers of an incident by key; nothing grows any more once the incident is closed.

    After it was reopened a number that grew before stays as it was at the closing until it is answered again.
    """
    found: dict[str, Answer] = {}
    acted_on = incident_grading(incident.id)
    stopped_at = None if acted_on is None else acted_on.stopped_at
    for key, row in gradings.latest_answers(incident.id).items():
        until = incident.closed_at if row.answer["is_ongoing"] else row.answered_at
        if row.answer["is_ongoing"] and stopped_at is not None and row.answered_at <= stopped_at:
            until = stopped_at
        found[key] = Answer(row.answer["value"], row.answered_at, until)
    return found


def grading_of(incident: Incident, at: dt.datetime, given: Mapping[str, Answer] | None = None) -> Grading:
    """Return what the answers prove about an incident at a moment (UTC).

    Args:
        incident: the incident.
        at: the moment.
        given: answers that are not stored yet, to see what they would prove.
    """
    return grade_incident(rule_sets_of(incident), {**answers_of(incident), **(given or {})}, at)


def basis_of(incident: Incident) -> dict[str, Any]:
    """Return what a decision on an incident is based on: the rule sets with their hashes, and the present answers."""
    answers = {key: row.id for key, row in gradings.latest_answers(incident.id).items()}
    return {"rule_sets": {one.id: one.content_hash for one in rule_sets_of(incident)}, "answers": answers}


def grade_decision(
    incident: Incident, grade: int, reason: str | None, grading: Grading, state: str, *, by: str, now: dt.datetime
) -> GradeDecision:
    """Return a new decision on the grade of an incident, with what it is based on.

    Args:
        incident: the incident, locked.
        grade: 1 to 4.
        reason: why; None where none is needed.
        grading: what the answers prove.
        state: whether it is in force or waits for a second person.
        by: who decides.
        now: when (UTC).
    """
    basis = basis_of(incident)
    content = to_json({"number": incident.number, "decided": grade, "reason": reason, **basis})
    return GradeDecision(
        incident_id=incident.id,
        state=state,
        proposed=grading.certain,
        possible=grading.possible,
        decided=grade,
        reason=reason,
        basis=basis,
        content_hash=hashlib.sha256(content.encode()).hexdigest(),
        proposed_at=now,
        proposed_by=by,
    )
