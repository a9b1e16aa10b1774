"""Groups of alerts: by a routing rule, or because their sender has opened too many incidents at once (a storm)."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from incident.core.incidents.alert import Alert
from incident.core.incidents.routing import RoutingResult

Grouping = Literal["own", "rule", "storm"]
"""How an alert that no incident had yet was placed: in an incident of its own, or in a group."""

SENDER_GROUP: Final = "sender_group"
"""The member of `group_by` that stands for the group that the sender itself sent the alert in."""

LABEL_PREFIX: Final = "labels."
GROUP_FIELDS: Final = ("source", "category", "grade", "sector", "region", "campaign", "title", SENDER_GROUP)
ALERT_NAME_LABEL: Final = "alertname"


@dataclass(frozen=True, slots=True)
class StormLimits:
    """From how many incidents that one sender opens within the window its alerts are grouped; 0 never groups them."""

    incidents: int = 20
    window: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class RecentAlerts:
    """What a sender did within the window: how many incidents it opened, and whether an alert was grouped."""

    opened: int = 0
    is_grouped: bool = False


def is_storm(recent: RecentAlerts, limits: StormLimits) -> bool:
    """Whether the next alert of the sender is grouped; a storm lasts until no alert was grouped for the window."""
    return limits.incidents > 0 and (recent.is_grouped or recent.opened >= limits.incidents)


def is_near_storm(recent: RecentAlerts, limits: StormLimits) -> bool:
    """Whether the sender's alerts are counted one after the other, so that concurrent ones are counted as well."""
    return limits.incidents > 0 and (recent.is_grouped or recent.opened >= limits.incidents // 2)


def is_graver(grade: int | None, standing: int | None) -> bool:
    """Whether an alert opens its own incident beside that of its group: grade 1 is the gravest, None the least.

    Args:
        grade: of the alert.
        standing: of the incident of its group.
    """
    return grade is not None and (standing is None or grade < standing)


def group_values(group_by: Sequence[str], alert: Alert, verdict: RoutingResult) -> dict[str, str] | None:
    """Return the values that an alert is grouped by; None when it lacks one, so that it is not grouped.

    Args:
        group_by: names of fields, and of labels with `labels.` before them.
        alert: the alert.
        verdict: its routing, which may set category and grade.
    """
    found = {name: _value(name, alert, verdict) for name in group_by}
    return {name: str(value) for name, value in found.items() if value} if all(found.values()) else None


def _value(name: str, alert: Alert, verdict: RoutingResult) -> object:
    if name.startswith(LABEL_PREFIX):
        return alert.labels.get(name.removeprefix(LABEL_PREFIX))
    if name in ("category", "grade"):
        return getattr(verdict, name)
    return getattr(alert, name)


def rule_group_key(rule: Mapping[str, Any], values: Mapping[str, str]) -> str:
    """Return the key of a group of a rule: equal for the same rule and the same values.

    Args:
        rule: the rule as a document.
        values: those that the alerts of the group have in common.
    """
    return _digest("rule", rule, dict(values))


def storm_group_key(sender: str, rule: Mapping[str, Any] | None, alert: Alert) -> str:
    """Return the key of a group in a storm: equal for the same sender, rule and name of the alert.

    Args:
        sender: who sent the alert, as the journal names it.
        rule: the routing rule that matched, as a document.
        alert: the alert; its name is the label `alertname`, else its title.
    """
    return _digest("storm", sender, rule, alert.source, alert.labels.get(ALERT_NAME_LABEL) or alert.title)


def _digest(*facts: object) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode("ascii")).hexdigest()
