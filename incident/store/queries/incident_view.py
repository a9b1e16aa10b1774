"""All data of one incident, in statements compiled once: incidents are read more often than anything else."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, select

from incident.store.db.database import db
from incident.store.db.prepared import fetch_all
from incident.store.directory.departments import Contact, Department
from incident.store.incidents.incidents import IncidentDepartment, Indicator
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.playbooks.playbooks import Playbook
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from incident.store.reports.reports import Report, ReportLink

Rows = Sequence[Row[*tuple[Any, ...]]]
Query = Select[*tuple[Any, ...]]

_on_it, _departments, _contacts = IncidentDepartment.__table__, Department.__table__, Contact.__table__
_runs, _playbooks, _tasks, _notices = Run.__table__, Playbook.__table__, Task.__table__, Notice.__table__
_messages, _reports, _links, _indicators = (
    Message.__table__,
    Report.__table__,
    ReportLink.__table__,
    Indicator.__table__,
)
_wanted: BindParameter[int] = bindparam("incident_id")


_CODES: Query = (
    select(_departments.c.id, _departments.c.code)
    .join(_on_it, _on_it.c.department_id == _departments.c.id)
    .where(_on_it.c.incident_id == _wanted)
    .order_by(_on_it.c.place, _departments.c.id)
)
_RUNS: Query = (
    select(
        _runs.c.id,
        _runs.c.name,
        _runs.c.state,
        _runs.c.started_at,
        _runs.c.ended_at,
        _runs.c.is_red,
        _playbooks.c.cacao_id.label("playbook"),
    )
    .join(_playbooks, _playbooks.c.id == _runs.c.playbook_id)
    .where(_runs.c.incident_id == _wanted)
    .order_by(_runs.c.id)
)
_TASKS: Query = select(_tasks).where(_tasks.c.incident_id == _wanted).order_by(_tasks.c.id)
_NOTICES: Query = select(_notices).where(_notices.c.incident_id == _wanted).order_by(_notices.c.id)
SENT = (_messages, _contacts.c.name.label("contact"), _contacts.c.channel)
"""A message with the name and the channel of its contact."""
_MESSAGES: Query = (
    select(*SENT)
    .join(_contacts, _contacts.c.id == _messages.c.contact_id)
    .where(_messages.c.incident_id == _wanted)
    .order_by(_messages.c.id)
)
_REPORTS: Query = (
    select(_reports)
    .join(_links, _links.c.report_id == _reports.c.id)
    .where(_links.c.incident_id == _wanted)
    .order_by(_reports.c.id)
)
_INDICATORS: Query = (
    select(_indicators.c.kind, _indicators.c.value)
    .where(_indicators.c.incident_id == _wanted)
    .order_by(_indicators.c.id)
)


def _rows(query: Query, incident_id: int) -> Rows:
    return db.session.connection().execute(query, {"incident_id": incident_id}).all()


def codes_on(incident_id: int) -> dict[int, str]:
    """Return the codes of the departments on an incident by id, in the order in which they were named."""
    return dict(fetch_all(db.session.connection(), _CODES, incident_id=incident_id))


def runs_on(incident_id: int) -> Rows:
    """Return the runs of an incident, oldest first, each with the id of its `playbook`, without the engine's state."""
    return _rows(_RUNS, incident_id)


def tasks_on(incident_id: int) -> Rows:
    """Return every task of an incident, oldest first."""
    return _rows(_TASKS, incident_id)


def notice_rows_on(incident_id: int) -> Rows:
    """Return the notices of an incident, oldest first."""
    return _rows(_NOTICES, incident_id)


def messages_on(incident_id: int) -> Rows:
    """Return the messages of an incident, oldest first, each with name and channel of its `contact`."""
    return _rows(_MESSAGES, incident_id)


def messages_of_notices(notice_ids: Collection[int]) -> Rows:
    """Return the messages of notices in the same form."""
    query = select(*SENT).join(_contacts, _contacts.c.id == _messages.c.contact_id)
    wanted = query.where(_messages.c.notice_id.in_(list(notice_ids))).order_by(_messages.c.id)
    return db.session.connection().execute(wanted).all()


def reports_on(incident_id: int) -> Rows:
    """Return the reports that are linked to an incident, oldest first."""
    return _rows(_REPORTS, incident_id)


def indicators_on(incident_id: int) -> Rows:
    """Return the indicators of an incident in the given order."""
    return _rows(_INDICATORS, incident_id)
