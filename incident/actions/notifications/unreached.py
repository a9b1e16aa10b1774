"""Retries notices that reached nobody after a change of rota or members makes somebody reachable."""

import datetime as dt

from incident.actions.notifications import escalation, notices
from incident.actions.notifications.recipients import RecipientResolver
from incident.actions.unit_of_work import transaction
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.incidents import incidents
from incident.store.notifications import notices as notice_rows
from incident.store.notifications.notices import Notice


def notify_unreached(department_id: int, by: str, now: dt.datetime) -> None:
    """Restart the notices of a department that reached nobody, when any level has recipients now.

    Args:
        department_id: whose people have changed; that was a transaction of its own, which locks no incident.
        by: who changed them.
        now: the moment (UTC).
    """
    if not notice_rows.unreached_of(department_id) or not _is_anybody_found(department_id, now):
        return
    with transaction(by, now) as uow:
        for notice_id, incident_id in notice_rows.unreached_of(department_id):
            incidents.lock_incident(incident_id)
            notice = db.session.get_one(Notice, notice_id, populate_existing=True)
            if notice.is_untold:
                notices.restart_notice(uow, notice)


def _is_anybody_found(department_id: int, now: dt.datetime) -> bool:
    department, finder = db.session.get_one(Department, department_id), RecipientResolver()
    levels = enumerate(escalation.policy_of(department).levels, start=1)
    return any(finder.find(department, level, number, now).ways for number, level in levels)
