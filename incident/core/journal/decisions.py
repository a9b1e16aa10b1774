"""Entries of the journal that are decisions of people, for the report on an incident."""

from typing import Final

DECISIONS: Final = frozenset(
    {
        "clock.filing_returned",
        "clock.filing_revocation_proposed",
        "clock.filing_revoked",
        "clock.resumed",
        "clock.suspended",
        "clock.waived",
        "document.returned",
        "document.signed",
        "document.voided",
        "incident.acknowledged",
        "incident.approval_declined",
        "incident.awareness_proposed",
        "incident.changed",
        "incident.clock_event_corrected",
        "incident.clock_event_proposed",
        "incident.clock_event_withdrawn",
        "incident.closed",
        "incident.decision_reviewed",
        "incident.grade_decided",
        "incident.grade_proposed",
        "incident.handling_proposed",
        "incident.merge_undone",
        "incident.merged",
        "incident.merged_away",
        "incident.not_reportable_decided",
        "incident.not_reportable_ended",
        "incident.not_reportable_proposed",
        "incident.reopened",
        "notice.accepted",
        "notice.declined",
        "notice.withdrawn",
        "paper.instructed",
        "run.paused",
        "run.request_declined",
        "run.requested",
        "run.resumed",
        "run.started",
        "step.overridden",
        "step.retried",
        "task.changed",
    }
)


def is_decision(event_type: str, actor: str) -> bool:
    """Return whether an entry is a decision: of such a type, and made by a person.

    Args:
        event_type: such as `incident.closed`.
        actor: as the journal names them, such as `person:3:Li Wei`.
    """
    return event_type in DECISIONS and actor.startswith("person:")
