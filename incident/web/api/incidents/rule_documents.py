"""Routing rules and their trial as the API shows them."""

from incident.actions.incidents.routing import Trial
from incident.core.incidents.routing_document import RuleBook
from incident.store.incidents.rules import RuleSet
from incident.web.api.document_parts import Document
from incident.web.api.notifications.policy_documents import preview_document


def trial_document(trial: Trial) -> Document:
    """Serialize which departments would be notified of an incident, and why."""
    verdict = trial.verdict
    return {
        "rule": verdict.rule_index,
        "is_default": verdict.is_default,
        "matched": trial.shown.get("matched"),
        "looked_at": trial.shown.get("looked_at", {}),
        "category": verdict.category,
        "grade": verdict.grade,
        "playbook": verdict.playbook,
        "departments": [
            {"code": one.department.code, "name": one.department.name, "why": one.why, **preview_document(one.preview)}
            for one in trial.routed
        ],
        "left_out": list(trial.unknown),
    }


def rules_document(row: RuleSet | None) -> Document:
    """Serialize the routing rules in the form that PUT accepts."""
    if row is None:
        return RuleBook().to_json()
    return {"rules": row.rules, "default": row.fallback or {"departments": []}}
