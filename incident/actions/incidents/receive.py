"""Receives alerts: each one opens an incident, is attached or ignored, and the sender gets the decision."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from incident.actions.incidents.alert_filing import file_alerts_in, filing_of, words_about
from incident.actions.incidents.attaching import attach_alert, attach_to_group
from incident.actions.incidents.holding import hold_alert, note_resolved
from incident.actions.incidents.open_incident import NewIncident, Routing, open_in, route_new
from incident.actions.incidents.placing import Place, place_alert
from incident.actions.unit_of_work import UnitOfWork, retry_on_conflict, transaction
from incident.core.incidents import triage
from incident.core.incidents.alert import Alert, raw_alert, with_sane_moment
from incident.core.incidents.grouping import StormLimits
from incident.core.values.moment import AHEAD_LIMIT, EARLIEST
from incident.store.db.database import db
from incident.store.db.write_lock import yielding
from incident.store.incidents import alerts as alert_rows
from incident.store.incidents import incidents
from incident.store.incidents.alerts import SENDER_LIMIT
from incident.store.incidents.incidents import Alert as AlertRow
from incident.store.incidents.incidents import Incident
from incident.store.incidents.merges import merge_of
from incident.store.queries import search

log = structlog.get_logger()


@dataclass(frozen=True)
class Decided:
    """The decision about one alert: `opened`, `attached` or `ignored`, on which incident, and why.

    `window` is the maintenance window that holds it.
    """

    decision: str
    incident: str | None
    reason: str
    window: int | None = None


PAST = {"open": "opened", "attach": "attached", "ignore": "ignored"}


AWAY: Final = (OperationalError, InterfaceError, TimeoutError)
"""The database does not answer: the alert is not at fault, and its sender retries."""

TRIES: Final = 5

STORM: Final = StormLimits()

TOGETHER_MOST: Final = 8
"""Alerts that share a transaction at most: a storm takes fewer commits, and other writers wait for few alerts only."""

TOGETHER_SECONDS: Final = 0.01
"""Time after which a transaction takes no further alert: one whose playbook starts takes as long as several others."""


class _TermsNeeded(Exception):
    """The alert brings news to this incident, whose search terms must be computed outside the transaction."""

    def __init__(self, incident_id: int) -> None:
        super().__init__(incident_id)
        self.incident_id = incident_id


def receive_alerts(
    alerts: Iterable[Alert], by: str, now: dt.datetime, zone: ZoneInfo, storm: StormLimits = STORM
) -> list[Decided]:
    """Receive alerts, a few in one transaction; a failure of one does not affect others.

    Args:
        alerts: the alerts of a source, in its order.
        by: the actor, such as `token:3:prometheus`.
        now: when they were received (UTC).
        zone: decides the year in a number.
        storm: when the alerts of a sender are grouped without a rule.

    Raises:
        Exception: why an alert could not be stored in any form, once all others were received; its sender retries.
    """
    decided, failed = list[Decided](), None
    for group in _groups(alerts):
        known = _receive_together(group, by, now, zone, storm)
        for key, alert in group.items():
            if key in known:
                continue
            try:
                known[key] = receive_alert(alert, by, now, zone, storm)
            except AWAY:
                raise
            except Exception as fault:  # noqa: BLE001  # the others come first
                failed = fault
        decided += [known[key] for key in group if key in known]
    if failed is not None:
        raise failed
    return decided


def _groups(alerts: Iterable[Alert]) -> Iterator[dict[str, Alert]]:
    """Yield the alerts by key in groups that may share a transaction: none has two alerts of the same fingerprint."""
    group = dict[str, Alert]()
    for alert in alerts:
        key = _key(alert)
        if len(group) == TOGETHER_MOST or key in group:
            yield group
            group = {}
        group[key] = alert
    if group:
        yield group


def _receive_together(
    alerts: Mapping[str, Alert], by: str, now: dt.datetime, zone: ZoneInfo, storm: StormLimits
) -> dict[str, Decided]:
    """Receive alerts in few transactions; those that are not in the result must be received each by itself."""
    decided = dict[str, Decided]()
    if len(alerts) == 1:
        return decided
    sane = {key: with_sane_moment(alert, EARLIEST, now + AHEAD_LIMIT) for key, alert in alerts.items()}

    def use_case() -> dict[str, Decided]:
        with transaction(by, now) as uow:
            known, some = alert_rows.known_alert_keys(waiting), dict[str, Decided]()
            for key in sorted(waiting):  # in one order, so that no two groups block each other
                some[key] = _decide(uow, sane[key], prepared[key], None, zone, storm, is_known=key in known)
                if uow.seconds_held > TOGETHER_SECONDS:
                    break
            file_alerts_in(uow)
            return some

    try:
        prepared = {key: _new(alert) for key, alert in sane.items()}
        while waiting := {key: one.fingerprint for key, one in sane.items() if key not in decided}:
            with yielding(db.engine):
                decided |= retry_on_conflict(use_case)
    except AWAY:
        raise
    except Exception:  # noqa: BLE001  # who is at fault shows when each is received by itself
        return decided
    return decided


def receive_alert(alert: Alert, by: str, now: dt.datetime, zone: ZoneInfo, storm: StormLimits = STORM) -> Decided:
    """Receive one alert; two concurrent ones with the same fingerprint open one incident.

    One that cannot be handled is handled as its bare payload, and, should that fail too, without any rule.
    """
    try:
        return _receive(alert, by, now, zone, storm)
    except AWAY:
        raise
    except Exception as fault:  # noqa: BLE001  # any fault: text in a log line must not hide an alert
        _complain(alert, fault)
    payload = alert.to_json() if alert.payload is None else alert.payload
    bare = raw_alert(
        alert.source,
        payload,
        fingerprint=alert.fingerprint,
        status=alert.status,
        title=None if alert.is_raw else alert.title,
    )
    try:
        return _receive(bare, by, now, zone, storm)
    except AWAY:
        raise
    except Exception as fault:  # noqa: BLE001
        _complain(alert, fault)
    return _receive(raw_alert(alert.source, payload, status=alert.status), by, now, zone, storm, is_unrouted=True)


def _complain(alert: Alert, fault: Exception) -> None:
    log.error("an alert could not be processed", source=alert.source, fingerprint=alert.fingerprint, exc_info=fault)


def _receive(
    alert: Alert, by: str, now: dt.datetime, zone: ZoneInfo, storm: StormLimits, *, is_unrouted: bool = False
) -> Decided:
    sane = with_sane_moment(alert, EARLIEST, now + AHEAD_LIMIT)
    new = replace(_new(sane), is_unrouted=is_unrouted)
    terms: search.Terms | None = None

    def use_case() -> Decided:
        with transaction(by, now) as uow:
            decided = _decide(uow, sane, new, terms, zone, storm)
            file_alerts_in(uow)
            return decided

    for _ in range(TRIES):
        try:
            return retry_on_conflict(use_case)
        except _TermsNeeded as needed:
            change = search.Change(
                added=[one.value for one in new.indicators], hidden=[new.title, *new.labels.values()]
            )
            terms = search.terms_after(needed.incident_id, change)
    raise RuntimeError("the incident of an alert changed too often")


def _decide(
    uow: UnitOfWork,
    alert: Alert,
    new: NewIncident,
    terms: search.Terms | None,
    zone: ZoneInfo,
    storm: StormLimits,
    *,
    is_known: bool = True,
) -> Decided:
    """Store an alert and what follows from it; one that is not `is_known` has no incident, open or closed."""
    key = _key(alert)
    incident = alert_rows.open_incident_with(key, alert.source, alert.fingerprint) if is_known else None
    closed = None if incident or not is_known else incidents.last_closed_of(key)
    if closed is not None:
        incident, closed = _after_merges(closed)
    decision = triage.decide(alert, _seen(incident, alert), closed.number if closed else None)
    place: Place | None = None
    window: int | None = None
    if decision.kind == "open":
        routed = route_new(uow, new)
        window = None if new.is_unrouted else hold_alert(uow, alert, routed)
        if window is not None:
            decision = triage.hold()
        else:
            incident, place, decision = _place(uow, alert, replace(new, earlier=closed), routed, decision, zone, storm)
    elif decision.kind == "ignore":
        note_resolved(uow, alert)
    elif incident is not None and decision.has_news:
        if terms is None or terms.incident_id != incident.id:
            raise _TermsNeeded(incident.id)
        attach_alert(uow, incident, alert, new, decision.reason)
        search.file_change(incident, terms)
        incident.version += 1
    columns: dict[str, Any] = {
        "source": alert.source,
        "fingerprint": alert.fingerprint,
        "status": alert.status,
        "title": alert.title,
        "labels": dict(alert.labels),
        "digest": alert.digest,
        "occurred_at": alert.occurred_at,
        "received_at": uow.now,
        "decision": PAST[decision.kind],
        "reason": decision.reason,
        "incident_id": incident.id if incident else None,
        "sender": uow.by[:SENDER_LIMIT],
        "grouping": place.grouping if place else None,
        "group_key": place.group_key if place else None,
    }
    if incident is not None and (decision.reason == "changed" or (place and place.grouping != "own")):
        row = uow.add(AlertRow(**columns))
        filing_of(uow).alerts.append((row, [*(new.words or ()), *words_about(uow, incident)]))
    else:
        uow.insert(AlertRow, **columns)
    number = incident.number if incident else None
    return Decided(PAST[decision.kind], number, decision.reason, window)


def _after_merges(closed: Incident) -> tuple[Incident | None, Incident | None]:
    """Return the open incident that a closed one went into, locked, or the last closed one."""
    while (merge := merge_of(closed.id)) is not None:
        survivor = incidents.lock_incident(merge.survivor_id)
        if survivor.status != "closed":
            return survivor, None
        closed = survivor
    return None, closed


def _place(
    uow: UnitOfWork,
    alert: Alert,
    new: NewIncident,
    routed: Routing,
    decision: triage.Decision,
    zone: ZoneInfo,
    storm: StormLimits,
) -> tuple[Incident, Place, triage.Decision]:
    """Open the incident of an alert, or attach it to that of its group."""
    matched = routed.shown.get("matched")
    place = Place("own") if new.is_unrouted else place_alert(uow, alert, routed.verdict, matched, storm)
    if place.grouping == "own" or place.incident is None:
        return open_in(uow, new, zone, routed), place, decision
    attached = triage.attach_to_group(place.grouping, place.incident.number)
    attach_to_group(uow, place.incident, alert, new, place, attached.reason)
    return place.incident, place, attached


def _key(alert: Alert) -> str:
    return f"{alert.source}:{alert.fingerprint}"


def _seen(standing: Incident | None, alert: Alert) -> triage.OpenIncident | None:
    if standing is None:
        return None
    last = alert_rows.last_alert_of(standing.id, alert.source, alert.fingerprint)
    return triage.OpenIncident(standing.number, last.status if last else None, last.digest if last else None)


def _new(alert: Alert) -> NewIncident:
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
        alert_key=_key(alert),
    )
