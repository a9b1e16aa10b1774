"""Housekeeping of the instance: scheduler heartbeats, and deletion of expired data."""

import datetime as dt

from incident.actions.notifications.certificates import CERTIFICATE_KEPT_FOR
from incident.actions.unit_of_work import KEEP_FOR, UnitOfWork, transaction
from incident.core.journal.access_log import KEPT_FOR
from incident.node import Node
from incident.store.db.database import advisory_lock, count_for_plans
from incident.store.directory import sign_in_failures, sign_in_tries
from incident.store.journal import access_log
from incident.store.notifications import certificates
from incident.store.operations import instance
from incident.store.queries import clock_rollback

SCHEDULER = "scheduler"


PUT_BACK_LEAST = dt.timedelta(seconds=30)
"""The smallest backward change of the clock that is noticed; smaller ones do little harm."""


def beat(node: Node, pid: int, now: dt.datetime, off_by: float | None = None) -> None:
    """Record a tick of a scheduler process; when the clock was set back, reschedule waiting work.

    Without the database's clock each home knows its own machine's. With it, all nodes have one clock: it goes back only
    with the database's, whatever the clock of a node is, and the first node that notices reschedules for all.

    Args:
        node: where the process runs.
        pid: its process id.
        now: when (UTC).
        off_by: by how many seconds the node's own clock is ahead of the database's, when `now` is by the database's,
            measured just now; None when `now` is the machine's own time.
    """
    home = node.home if off_by is None else None
    with transaction(SCHEDULER, now) as uow:
        if _is_put_back(home, now):
            advisory_lock("clock.set_back")  # of two nodes that notice at once, one reschedules
            before = instance.latest_beat(home)
            if before is not None and _is_put_back(home, now):
                _bring_forward(uow, node.host, home, before - now)
        instance.beat(node.process(pid), now, node.host, off_by)


def _is_put_back(home: str | None, now: dt.datetime) -> bool:
    before = instance.latest_beat(home)
    return before is not None and before - now > PUT_BACK_LEAST


def _bring_forward(uow: UnitOfWork, host: str, home: str | None, back: dt.timedelta) -> None:
    """Reschedule messages and timers to their original delay; by the old time they would wait longer."""
    count = clock_rollback.reschedule(uow.now, back)
    instance.forget_beats_after(home, uow.now)
    uow.wake_scheduler()
    uow.record("clock.set_back", "instance", {"host": host, "seconds": round(back.total_seconds()), "rows": count})


def run_housekeeping(now: dt.datetime) -> None:
    """Delete expired data, and analyse the tables that have grown.

    Stored responses, heartbeats and sign-in attempts are kept for a day, issued certificates for an hour, the access
    log for 180 days.
    """
    with transaction(SCHEDULER, now):
        instance.forget_before(now - KEEP_FOR)
        sign_in_tries.forget_tries(now)
        sign_in_failures.forget_failures(now)
        certificates.forget_certificates(now - CERTIFICATE_KEPT_FOR)
        access_log.forget_reads(now - KEPT_FOR)
        count_for_plans()


def set_demonstration(now: dt.datetime) -> None:
    """Make this instance a demonstration permanently: nothing ever leaves it."""
    with transaction(SCHEDULER, now) as uow:
        instance.put_instance_setting("is_demonstration", True)
        uow.record("demonstration.started", "instance", {})
