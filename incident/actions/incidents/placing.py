"""Places alerts that no incident has yet: in their own, or in the open incident of a group."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from incident.actions.unit_of_work import UnitOfWork
from incident.core.incidents import grouping
from incident.core.incidents.alert import Alert
from incident.core.incidents.grouping import Grouping, RecentAlerts, StormLimits
from incident.core.incidents.routing import RoutingResult
from incident.core.values.duration import format_duration
from incident.store.db.database import advisory_lock
from incident.store.incidents import alerts
from incident.store.incidents.alerts import SENDER_LIMIT
from incident.store.incidents.incidents import Incident

STORM_REACH: Final = dt.timedelta(hours=1)
"""How long a group of a storm waits for its next alert."""


@dataclass(frozen=True)
class Place:
    """Where a new alert goes: into the incident of its group, or without one into its own.

    `why` is stored with the incident of a group, as `matched.grouped`.
    """

    grouping: Grouping
    group_key: str | None = None
    incident: Incident | None = None
    why: Mapping[str, Any] = field(default_factory=dict)


def place_alert(
    uow: UnitOfWork, alert: Alert, verdict: RoutingResult, matched: Mapping[str, Any] | None, limits: StormLimits
) -> Place:
    """Return the place of an alert that no open incident has.

    Args:
        uow: the caller's unit of work; its actor is the sender.
        alert: the alert.
        verdict: its routing.
        matched: the rule that matched, as a document.
        limits: when the alerts of a sender are grouped without a rule.
    """
    rule = verdict.rule
    if rule is not None and matched is not None and rule.group_by:
        values = grouping.group_values(rule.group_by, alert, verdict)
        if values is not None:
            return _note(
                uow, _place_by_rule(uow, verdict.grade, rule.window, grouping.rule_group_key(matched, values), values)
            )
    return _note(uow, _place_in_storm(uow, verdict.grade, grouping.storm_group_key(uow.by, matched, alert), limits))


def _place_by_rule(
    uow: UnitOfWork, grade: int | None, window: dt.timedelta, key: str, values: Mapping[str, str]
) -> Place:
    advisory_lock(f"alert_group:{key}")  # of two concurrent alerts of a group, the second finds the first's incident
    standing = _standing(uow, key, window)
    if standing is None or grouping.is_graver(grade, standing.grade):
        return Place("own", key)
    return Place("rule", key, standing, {"by": "rule", "values": values, "window": format_duration(window)})


def _place_in_storm(uow: UnitOfWork, grade: int | None, key: str, limits: StormLimits) -> Place:
    if not _is_storm(uow, limits):
        return Place("own", key)
    standing = _standing(uow, key, max(STORM_REACH, limits.window))
    if standing is None or grouping.is_graver(grade, standing.grade):
        return Place("own", key)
    seconds = int(limits.window.total_seconds())
    return Place("storm", key, standing, {"by": "storm", "incidents": limits.incidents, "seconds": seconds})


class _Standing(dict[str, Incident]):
    """The open incidents of groups, by key, that a transaction found and locked."""


def _standing(uow: UnitOfWork, key: str, reach: dt.timedelta) -> Incident | None:
    found: _Standing = uow.cache.setdefault(_Standing, _Standing())
    if key not in found:
        uow.flush()
        incident = alerts.open_incident_of_group(key, uow.now - reach)
        if incident is None:
            return None
        found[key] = incident
    return found[key]


def _is_storm(uow: UnitOfWork, limits: StormLimits) -> bool:
    if not limits.incidents:
        return False
    recent: RecentAlerts | None = uow.cache.get(RecentAlerts)
    if recent is None:
        recent = _recent(uow, limits)
        if grouping.is_near_storm(recent, limits):
            advisory_lock(f"alert_storm:{uow.by}")
            recent = _recent(uow, limits)
        uow.cache[RecentAlerts] = recent
    return grouping.is_storm(recent, limits)


def _note(uow: UnitOfWork, place: Place) -> Place:
    """Count a placed alert with those that the transaction found; one that opens its own incident takes its group."""
    if place.grouping == "own" and place.group_key is not None:
        uow.cache.get(_Standing, {}).pop(place.group_key, None)
    recent: RecentAlerts | None = uow.cache.get(RecentAlerts)
    if recent is not None:
        opened = recent.opened + (place.grouping == "own")
        uow.cache[RecentAlerts] = RecentAlerts(opened, recent.is_grouped or place.grouping == "storm")
    return place


def _recent(uow: UnitOfWork, limits: StormLimits) -> RecentAlerts:
    uow.flush()
    return RecentAlerts(*alerts.recent_alerts_of(uow.by[:SENDER_LIMIT], uow.now - limits.window, limits.incidents))
