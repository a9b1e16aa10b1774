"""Alerts come in: each one opens an incident, joins one, or is let go, and the sender is told which."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from incident.actions.opening import NewIncident, open_in
from incident.actions.transaction import Deed, again_on_race, transaction
from incident.core import triage
from incident.core.alert import Alert, with_sane_moment
from incident.core.moment import AHEAD_LIMIT, EARLIEST
from incident.store import incidents, search
from incident.store.database import db
from incident.store.incidents import Alert as AlertRow
from incident.store.incidents import Incident, Indicator


@dataclass(frozen=True)
class Decided:
    """What was decided for one alert: `opened`, `attached` or `ignored`, on which incident, and why."""

    decision: str
    incident: str | None
    reason: str


PAST = {"open": "opened", "attach": "attached", "ignore": "ignored"}


def receive_alerts(alerts: Iterable[Alert], by: str, now: dt.datetime, zone: ZoneInfo) -> list[Decided]:
    """Receive alerts, each in a transaction of its own.

    Args:
        alerts: what a source told, in its order.
        by: the actor, such as `token:3:prometheus`.
        now: when they were received (UTC).
        zone: decides the year in a number.
    """
    return [receive_alert(alert, by, now, zone) for alert in alerts]


def receive_alert(alert: Alert, by: str, now: dt.datetime, zone: ZoneInfo) -> Decided:
    """Receive one alert; two that race for the same fingerprint make one incident."""
    sane = with_sane_moment(alert, EARLIEST, now + AHEAD_LIMIT)

    def deed() -> Decided:
        with transaction(by, now) as received:
            return _decide(received, sane, zone)

    return again_on_race(deed)


def _decide(deed: Deed, alert: Alert, zone: ZoneInfo) -> Decided:
    key = f"{alert.source}:{alert.fingerprint}"
    standing = incidents.open_incident_of(key)
    closed = None if standing else incidents.last_closed_of(key)
    decision = triage.decide(alert, _seen(standing), closed.number if closed else None)
    if decision.kind == "open":
        incident: Incident | None = open_in(deed, _new(alert, key, closed), zone)
    else:
        incident = standing
    row = AlertRow(
        source=alert.source,
        fingerprint=alert.fingerprint,
        status=alert.status,
        title=alert.title,
        labels=dict(alert.labels),
        digest=alert.digest,
        occurred_at=alert.occurred_at,
        received_at=deed.now,
        decision=PAST[decision.kind],
        reason=decision.reason,
        incident_id=incident.id if incident else None,
    )
    db.session.add(row)
    if incident is not None and decision.kind == "attach" and decision.has_news:
        _attach(deed, incident, alert, decision.reason)
    number = incident.number if incident else None
    return Decided(PAST[decision.kind], number, decision.reason)


def _seen(standing: Incident | None) -> triage.OpenIncident | None:
    if standing is None:
        return None
    last = incidents.last_alert_of(standing.id)
    return triage.OpenIncident(standing.number, last.status if last else None, last.digest if last else None)


def _new(alert: Alert, key: str, closed: Incident | None) -> NewIncident:
    return NewIncident(
        title=alert.title,
        description=alert.description,
        category=alert.category,
        grade=alert.grade,
        source=alert.source,
        detected_at=alert.occurred_at,
        indicators=alert.indicators,
        labels=alert.labels,
        sector=alert.sector,
        region=alert.region,
        campaign=alert.campaign,
        alert_key=key,
        earlier=closed,
    )


def _attach(deed: Deed, incident: Incident, alert: Alert, reason: str) -> None:
    """Put what is new onto the incident: an entry, and indicators not seen before."""
    verb = "alert.resolved" if alert.status == "resolved" else "alert.attached"
    deed.enter(verb, f"incident:{incident.number}", {"alert": alert.to_json(), "reason": reason}, incident.number)
    known = {(row.kind, row.value) for row in incidents.indicators_of(incident.id)}
    for seen in alert.indicators:
        if (seen.kind, seen.value) not in known:
            db.session.add(Indicator(incident_id=incident.id, kind=seen.kind, value=seen.value))
    search.index_incident_again(incident)
    incident.changed_at = deed.now
    incident.version += 1
