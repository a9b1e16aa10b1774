"""Housekeeping of the instance: scheduler heartbeats, and deletion of expired data."""

import datetime as dt

from incident.actions.deadlines import clock_warnings
from incident.actions.documents.reminders import look_at_all
from incident.actions.incidents.evidence_upload import sweep_uploads
from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.actions.incidents.exports import remove_expired
from incident.actions.incidents.signed_messages import REMEMBERED_FOR
from incident.actions.incidents.sns_topics import WAITING_KEPT_FOR
from incident.actions.incidents.views import DELETED_KEPT_FOR
from incident.actions.notifications.certificates import CERTIFICATE_KEPT_FOR
from incident.actions.reports.public_request import KEPT_FOR as PUBLIC_ANSWER_KEPT_FOR
from incident.actions.reports.receipts import RECEIPT_KEPT_FOR
from incident.actions.unit_of_work import KEEP_FOR, UnitOfWork, transaction
from incident.core.delivery.subscription import KEPT_FOR as EVENTS_KEPT_FOR
from incident.core.incidents.news import KEPT_FOR as NEWS_KEPT_FOR
from incident.core.incidents.news import READ_KEPT_FOR as NEWS_READ_KEPT_FOR
from incident.core.incidents.presence import PRESENT_FOR
from incident.core.journal.access_log import KEPT_FOR as READS_KEPT_FOR
from incident.core.systems.window import KEPT_FOR as WINDOWS_KEPT_FOR
from incident.node import Node
from incident.store.db.database import advisory_lock, count_for_plans
from incident.store.delivery import subscriptions
from incident.store.directory import sign_in_failures, sign_in_tries
from incident.store.incidents import news, presence, signatures, sns_topics, views
from incident.store.journal import access_log
from incident.store.notifications import certificates
from incident.store.operations import instance
from incident.store.queries import clock_rollback
from incident.store.reports import identity_requests, public_answers, reports
from incident.store.systems import windows

SCHEDULER = "scheduler"
WINDOWS_AT_ONCE = 10
"""Maintenance windows that one run deletes: each may have held thousands of alerts, and other writers wait."""


RECEIPTS_AT_ONCE = 1_000
"""Receipts that one run deletes."""

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
    """Reschedule messages and timers to their original delay; by the old time they would wait longer.

    The deadlines of a law do not move: their warnings and the reminders of papers are
    looked at once, and set to their moments again.
    """
    count = clock_rollback.reschedule(uow.now, back, [clock_warnings.WARN])
    look_at_all(uow)
    instance.forget_beats_after(home, uow.now)
    uow.wake_scheduler()
    uow.record("clock.set_back", "instance", {"host": host, "seconds": round(back.total_seconds()), "rows": count})


def run_housekeeping(now: dt.datetime, vault: EvidenceVault | None = None) -> None:
    """Delete expired data, and analyse the tables that have grown.

    What is kept how long is a table of docs/operations.md.

    Args:
        now: when (UTC).
        vault: where evidence is; None leaves broken-off uploads alone.
    """
    with transaction(SCHEDULER, now) as uow:
        instance.forget_before(now - KEEP_FOR)
        sign_in_tries.forget_tries(now)
        sign_in_failures.forget_failures(now)
        certificates.forget_certificates(now - CERTIFICATE_KEPT_FOR)
        signatures.forget_messages(now - REMEMBERED_FOR)
        sns_topics.forget_waiting(now - WAITING_KEPT_FOR)
        views.forget_deleted(now - DELETED_KEPT_FOR)
        windows.forget_windows(now - WINDOWS_KEPT_FOR, WINDOWS_AT_ONCE)
        access_log.forget_reads(now - READS_KEPT_FOR)
        remove_expired(now)
        public_answers.forget_answers(now - PUBLIC_ANSWER_KEPT_FOR)
        identity_requests.forget_boxes(now)
        reports.forget_receipts(now - RECEIPT_KEPT_FOR, RECEIPTS_AT_ONCE)
        if vault is not None:
            sweep_uploads(uow, vault)
        subscriptions.remove_events(ended_before=now - EVENTS_KEPT_FOR)
        news.forget_news(now - NEWS_READ_KEPT_FOR, now - NEWS_KEPT_FOR)
        presence.forget_viewers(now - PRESENT_FOR)
        count_for_plans()


def set_demonstration(now: dt.datetime) -> None:
    """Make this instance a demonstration permanently: nothing ever leaves it."""
    with transaction(SCHEDULER, now) as uow:
        instance.put_instance_setting("is_demonstration", True)
        uow.record("demonstration.started", "instance", {})
