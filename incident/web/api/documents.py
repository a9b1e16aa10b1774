"""What the API shows of each thing, written by hand: these lists are read often."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext

from incident.actions.notices import policy_of
from incident.core.cacao.run import Run as Engine
from incident.core.moment import format_moment
from incident.core.rulebook import RuleBook
from incident.core.task import why_words
from incident.store import departments, incident_list, incidents, listing, messages, notices, reports, runs, tasks
from incident.store.database import db
from incident.store.departments import Contact, Department
from incident.store.incidents import Incident
from incident.store.journal import Entry
from incident.store.messages import Message
from incident.store.notices import Notice
from incident.store.people import Person, Token
from incident.store.playbooks import Playbook
from incident.store.reports import Report
from incident.store.rules import RuleSet
from incident.store.runs import Run
from incident.store.tasks import Task
from incident.web import access

Document = dict[str, Any]


def moment(at: dt.datetime | None) -> str | None:
    """Write a moment, RFC 3339 in UTC with `Z`."""
    return None if at is None else format_moment(at)


def incident_items(rows: Sequence[incident_list.IncidentRow]) -> list[Document]:
    """Write the rows of a list of incidents, each with the codes of its departments."""
    return [incident_item(row, incident_list.codes_of(row.codes), row.earlier) for row in rows]


def incident_item(row: Any, codes: list[str], earlier: str | None) -> Document:
    """Write the facts of an incident, from a row of a list or the incident itself."""
    return {
        "number": row.number,
        "title": row.title,
        "description": row.description,
        "category": row.category,
        "grade": row.grade,
        "status": row.status,
        "tlp": row.tlp,
        "source": row.source,
        "occurred_at": moment(row.occurred_at),
        "detected_at": moment(row.detected_at),
        "opened_at": format_moment(row.opened_at),
        "changed_at": format_moment(row.changed_at),
        "closed_at": moment(row.closed_at),
        "resolution": row.resolution,
        "earlier": earlier,
        "matched": row.matched,
        "is_untold": row.is_untold,
        "departments": codes,
    }


def incident_brief(incident: Incident) -> Document:
    """Write an incident without what hangs on it."""
    earlier = None if incident.earlier_id is None else listing.numbers_of([incident.earlier_id])[incident.earlier_id]
    return incident_item(incident, listing.codes_on([incident.id])[incident.id], earlier)


def incident_document(incident: Incident) -> Document:
    """Write an incident with its runs, tasks, notices, indicators, and the reports for who may read these."""
    document = incident_brief(incident)
    own_tasks = [task for task in tasks.tasks_of(incident.id) if access.is_own(task.department_id)]
    own_notices = [notice for notice in notices.notices_of(incident.id) if access.is_own(notice.department_id)]
    document["runs"] = run_items(runs.runs_of(incident.id))
    document["tasks"] = task_documents(own_tasks)
    document["notices"] = notice_documents(own_notices)
    if access.is_allowed("report.read"):
        document["reports"] = [report_item(report) for report in reports.reports_of(incident.id)]
    seen = incidents.indicators_of(incident.id)
    document["indicators"] = [{"kind": one.kind, "value": one.value} for one in seen]
    return document


def incident_with_reports(incident: Incident) -> Document:
    """Write an incident with the reports that are linked to it."""
    return incident_brief(incident) | {"reports": [report_item(report) for report in reports.reports_of(incident.id)]}


def run_items(rows: Sequence[Run]) -> list[Document]:
    """Write the runs of an incident."""
    ids = cacao_ids({run.playbook_id for run in rows})
    return [
        {
            "id": run.id,
            "name": run.name,
            "playbook": ids[run.playbook_id],
            "state": run.state,
            "started_at": format_moment(run.started_at),
            "ended_at": moment(run.ended_at),
        }
        for run in rows
    ]


def cacao_ids(playbook_ids: Collection[int]) -> Mapping[int, str]:
    """Return the CACAO ids of playbook rows."""
    if not playbook_ids:
        return {}
    query = db.select(Playbook.id, Playbook.cacao_id).where(Playbook.id.in_(list(playbook_ids)))
    return {row[0]: row[1] for row in db.session.execute(query)}


def run_document(run: Run) -> Document:
    """Write a run with the visits of its steps and its variables."""
    state = Engine.from_json(run.document)
    [document] = run_items([run])
    document["incident"] = listing.numbers_of([run.incident_id])[run.incident_id]
    document["steps"] = [
        {
            "key": record.key,
            "step": record.step_id,
            "visit": record.visit,
            "state": record.state,
            "reason": record.reason or None,
            "started_at": format_moment(record.started_at),
            "ended_at": moment(record.ended_at),
            "due_at": moment(record.due_at),
        }
        for record in state.steps.values()
    ]
    document["variables"] = dict(state.variables)
    document["reason"] = state.reason or None
    return document


def task_documents(rows: Sequence[Task]) -> list[Document]:
    """Write tasks, each with the number of its incident and the code of its department."""
    numbers = listing.numbers_of({task.incident_id for task in rows})
    codes = department_codes(task.department_id for task in rows)
    return [
        {
            "id": task.id,
            "incident": numbers[task.incident_id],
            "run": task.run_id,
            "step": task.step,
            "visit": task.visit,
            "title": task.title,
            "instructions": task.instructions,
            "command": task.shown_command,
            "why": None if task.why is None else {"code": task.why, "detail": why_words(task.why, gettext)},
            "agent": task.agent,
            "department": None if task.department_id is None else codes[task.department_id],
            "state": task.state,
            "expects": task.expects,
            "opened_at": format_moment(task.opened_at),
            "due_at": moment(task.due_at),
            "ended_at": moment(task.ended_at),
            "ended_by": task.ended_by,
            "note": task.note,
        }
        for task in rows
    ]


def department_codes(ids: Iterable[int | None]) -> Mapping[int, str]:
    """Return the codes of departments by id."""
    wanted = {one for one in ids if one is not None}
    return {one.id: one.code for one in departments.departments_of(wanted).values()} if wanted else {}


def notice_documents(rows: Sequence[Notice]) -> list[Document]:
    """Write notices, each with what became of its messages."""
    numbers = listing.numbers_of({notice.incident_id for notice in rows})
    codes = department_codes(notice.department_id for notice in rows)
    sent = _deliveries([notice.id for notice in rows])
    return [
        {
            "id": notice.id,
            "incident": numbers[notice.incident_id],
            "department": codes[notice.department_id],
            "state": notice.state,
            "level": notice.level,
            "round": notice.round,
            "opened_at": format_moment(notice.opened_at),
            "next_at": moment(notice.next_at),
            "acknowledged_at": moment(notice.acknowledged_at),
            "acknowledged_by": notice.acknowledged_by,
            "ended_at": moment(notice.ended_at),
            "is_untold": notice.is_untold,
            "deliveries": sent[notice.id],
        }
        for notice in rows
    ]


def _deliveries(notice_ids: Sequence[int]) -> Mapping[int, list[Document]]:
    """Write what became of each message of these notices."""
    found: dict[int, list[Document]] = {one: [] for one in notice_ids}
    for message, contact in messages.messages_of_notices(notice_ids):
        found[message.notice_id].append(_delivery(message, contact))
    return found


def _delivery(message: Message, contact: Contact) -> Document:
    return {
        "webhook_id": message.webhook_id,
        "type": message.type,
        "contact": contact.name,
        "channel": contact.channel,
        "level": message.level,
        "round": message.round,
        "state": message.state,
        "attempts": message.attempts,
        "fault": message.fault,
        "created_at": format_moment(message.created_at),
        "ended_at": moment(message.ended_at),
    }


def report_item(report: Report) -> Document:
    """Write a report without its incidents."""
    return {
        "id": report.id,
        "state": report.state,
        "category": report.category,
        "text": report.text,
        "url": report.url,
        "occurred_at": moment(report.occurred_at),
        "channel": report.channel,
        "received_at": format_moment(report.received_at),
    }


def report_documents(rows: Sequence[Report]) -> list[Document]:
    """Write reports with the numbers of their incidents."""
    numbers = listing.numbers_by_report(access.viewer(), [report.id for report in rows])
    return [report_item(report) | {"incidents": numbers[report.id]} for report in rows]


def entry_document(entry: Entry) -> Document:
    """Write an entry of the journal."""
    return {
        "seq": entry.seq,
        "at": format_moment(entry.at),
        "actor": entry.actor,
        "verb": entry.verb,
        "incident": entry.incident,
        "subject": entry.subject,
        "detail": json.loads(entry.detail),
        "hash": entry.hash,
    }


def department_item(department: Department, parent: str | None) -> Document:
    """Write a department without its contacts."""
    return {
        "code": department.code,
        "name": department.name,
        "parent": parent,
        "created_at": format_moment(department.created_at),
    }


def department_items(rows: Sequence[Department]) -> list[Document]:
    """Write departments, each with the code of its parent."""
    parents = department_codes(department.parent_id for department in rows)
    return [department_item(one, parents.get(one.parent_id or 0)) for one in rows]


def department_document(department: Department) -> Document:
    """Write a department with its policy and contacts for who may read these."""
    [document] = department_items([department])
    if access.is_allowed("policy.read"):
        document["policy"] = policy_document(department)
    if access.is_allowed("contact.read"):
        document["contacts"] = [contact_document(one) for one in departments.contacts_of(department.id)]
    return document


def policy_document(department: Department) -> Document:
    """Write the escalation policy that a department has, or that stands for none."""
    return policy_of(department).to_json()


def contact_document(contact: Contact) -> Document:
    """Write a contact; its secret is not shown."""
    return {
        "id": contact.id,
        "name": contact.name,
        "channel": contact.channel,
        "address": contact.address,
        "level": contact.level,
        "language": contact.language,
        "created_at": format_moment(contact.created_at),
        "switched_off_at": moment(contact.switched_off_at),
        "switched_off_why": contact.switched_off_why,
    }


def rules_document(row: RuleSet | None) -> Document:
    """Write the routing rules as they may be put again."""
    if row is None:
        return RuleBook().to_json()
    return {"rules": row.rules, "default": row.fallback or {"departments": []}}


def playbook_item(playbook: Any) -> Document:
    """Write a playbook without its content, from its row or a row of a list."""
    return {
        "id": playbook.cacao_id,
        "name": playbook.name,
        "modified": format_moment(playbook.modified_at),
        "hash": playbook.content_hash,
        "tlp": playbook.tlp,
        "added_at": format_moment(playbook.added_at),
    }


def token_documents(rows: Sequence[Token]) -> list[Document]:
    """Write tokens; their secrets are not shown."""
    codes = department_codes(token.department_id for token in rows)
    return [
        {
            "id": token.id,
            "name": token.name,
            "role": token.role,
            "department": codes.get(token.department_id or 0),
            "created_at": format_moment(token.created_at),
            "revoked_at": moment(token.revoked_at),
        }
        for token in rows
    ]


def person_documents(rows: Sequence[Person]) -> list[Document]:
    """Write people who sign in."""
    codes = department_codes(person.department_id for person in rows)
    return [
        {
            "id": person.id,
            "login": person.login,
            "name": person.name,
            "role": person.role,
            "department": codes.get(person.department_id or 0),
            "language": person.language,
            "is_active": person.is_active,
            "created_at": format_moment(person.created_at),
        }
        for person in rows
    ]
