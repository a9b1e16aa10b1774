"""Holds alerts that fall in a maintenance window, within the caller's transaction."""

from incident.actions.incidents.open_incident import Routing
from incident.actions.incidents.routing import state_in_force
from incident.actions.systems.windows import window_for
from incident.actions.unit_of_work import UnitOfWork
from incident.core.incidents.alert import Alert
from incident.store.systems import windows
from incident.store.systems.windows import HeldAlert


def hold_alert(uow: UnitOfWork, alert: Alert, routed: Routing) -> int | None:
    """Keep and count an alert that falls in a window; return the id of the window, None for none."""
    system_ids = {one.system.id for one in routed.systems}
    window_id = window_for(routed.windows, uow.now, alert.source, alert.labels, system_ids, routed.verdict.grade)
    if window_id is None:
        return None
    row = windows.held_in(window_id, alert.source, alert.fingerprint)
    if row is None:
        row = HeldAlert(
            window_id=window_id, source=alert.source, fingerprint=alert.fingerprint, times=0, first_at=uow.now
        )
    row.sender, row.alert, row.payload = uow.by, alert.to_json(), {"payload": alert.payload}
    row.state, row.last_at = "firing", uow.now
    row.times += 1
    windows.add_held(row)
    return window_id


def note_resolved(uow: UnitOfWork, alert: Alert) -> None:
    """Note that an alert is over, so that a window which holds it opens no incident."""
    if state_in_force(uow).windows is None:
        return
    for row in windows.firing_held(alert.source, alert.fingerprint):
        row.state = "resolved"
