"""Alerts that a maintenance window holds: kept and counted, and received again when they fire at its end."""

import datetime as dt
from zoneinfo import ZoneInfo

import structlog

from incident.actions.incidents.receive import AWAY, STORM, receive_alert
from incident.actions.unit_of_work import transaction
from incident.core.incidents.alert import alert_from_json
from incident.core.incidents.grouping import StormLimits
from incident.store.db.database import db
from incident.store.incidents.incidents import incident_by_number
from incident.store.systems import windows
from incident.store.systems.windows import HeldAlert

log = structlog.get_logger()

BATCH = 50
SCHEDULER = "scheduler"


def release_held(now: dt.datetime, zone: ZoneInfo, storm: StormLimits = STORM) -> int:
    """Receive the alerts again that still fire in windows that are over; return how many.

    Each opens its incident, joins one, or is held by another window. Two processes that do this at the same time, and
    one that is stopped in the midst, open no incident twice: an alert that comes again joins its incident.

    Args:
        now: when (UTC).
        zone: decides the year in a number.
        storm: when the alerts of a sender are grouped without a rule.
    """
    due = [
        (one.id, one.sender, alert_from_json(one.alert, one.payload.get("payload")))
        for one in windows.due_held(now, BATCH)
    ]
    db.session.rollback()
    for held_id, sender, alert in due:
        try:
            decided = receive_alert(alert, sender, now, zone, storm)
            _mark(held_id, decided.incident, now)
        except AWAY:
            raise
        except Exception as fault:  # one alert must not stop the others; it is tried again in a minute
            log.error("a held alert could not be received", held=held_id, exc_info=fault)
    return len(due)


def _mark(held_id: int, number: str | None, now: dt.datetime) -> None:
    with transaction(SCHEDULER, now) as uow:
        row = db.session.get_one(HeldAlert, held_id)
        incident = None if number is None else incident_by_number(number)
        if row.state != "firing":
            return
        row.state, row.incident_id = "released", None if incident is None else incident.id
        detail = {"title": row.alert["title"], "times": row.times}
        uow.record("maintenance.released", f"maintenance_window:{row.window_id}", detail, number)
