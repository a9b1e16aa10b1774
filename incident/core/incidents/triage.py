"""Triage of an alert: it opens an incident, is attached to an open one, or is ignored."""

from dataclasses import dataclass
from typing import Final, Literal

from incident.core.incidents.alert import Alert
from incident.core.values.error_messages import N_

Reason = Literal[
    "new",
    "again_after_closing",
    "repeated",
    "changed",
    "firing_again",
    "resolved",
    "nothing_open",
    "unhandled",
    "in_maintenance",
    "grouped_by_rule",
    "grouped_in_storm",
]

REASON_WORDS: Final = {
    "new": N_("A new incident was opened."),
    "again_after_closing": N_("A new incident was opened; an earlier one with the same fingerprint is closed."),
    "repeated": N_("The same alert again, with nothing new."),
    "changed": N_("The alert contained something new."),
    "firing_again": N_("The alert was resolved and is firing again."),
    "resolved": N_("The sender reports the alert as resolved. People decide when to close the incident."),
    "nothing_open": N_("The alert is resolved and no open incident has its fingerprint."),
    "grouped_by_rule": N_("The routing rule groups it with other alerts. The incident of the group lists them all."),
    "grouped_in_storm": N_(
        "The sender opened many incidents in a short time, so this alert was grouped with others of the same "
        "name. The incident lists them all."
    ),
    "in_maintenance": N_(
        "The alert is held by the maintenance window {window}. If it is still firing at the end, its "
        "incident is opened then."
    ),
    "unhandled": N_("The alert could not be handled, so an incident was opened with its original content."),
}


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """The open incident with the alert's fingerprint: its number, and the status and digest of its latest alert."""

    number: str
    status: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision about an alert, and its reason.

    `incident` is the number of the incident to attach it to; `names_earlier` that of the closed incident which a new
    one refers to; `has_news` whether attaching it deserves an entry in the journal.
    """

    kind: Literal["open", "attach", "ignore"]
    reason: Reason
    incident: str | None = None
    names_earlier: str | None = None
    has_news: bool = True


def decide(alert: Alert, open_incident: OpenIncident | None, last_closed: str | None = None) -> Decision:
    """Decide about the alert, given the open and the last closed incident (number) with the same fingerprint."""
    if open_incident is not None:
        return _attach(alert, open_incident)
    if alert.status == "resolved":
        return Decision("ignore", "nothing_open", has_news=False)
    if alert.is_raw:
        return Decision("open", "unhandled", names_earlier=last_closed)
    if last_closed is not None:
        return Decision("open", "again_after_closing", names_earlier=last_closed)
    return Decision("open", "new")


def hold() -> Decision:
    """Open no incident for an alert, because a maintenance window holds it."""
    return Decision("ignore", "in_maintenance", has_news=False)


def attach_to_group(by: Literal["rule", "storm"], incident: str) -> Decision:
    """Attach an alert to the open incident (number) of its group instead of opening one."""
    return Decision("attach", "grouped_by_rule" if by == "rule" else "grouped_in_storm", incident)


def _attach(alert: Alert, incident: OpenIncident) -> Decision:
    if alert.digest == incident.digest:
        return Decision("attach", "repeated", incident.number, has_news=False)
    return Decision("attach", _news(alert, incident), incident.number)


def _news(alert: Alert, incident: OpenIncident) -> Reason:
    if alert.status == "resolved":
        return "resolved"
    return "firing_again" if incident.status == "resolved" else "changed"
