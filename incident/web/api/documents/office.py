"""Representations of departments, contacts, rules, playbooks, tokens and people in the API."""

from collections.abc import Sequence
from typing import Any

from incident.actions.incidents.routing import Trial
from incident.core.incidents.routing_document import RuleBook
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.directory import departments
from incident.store.directory.departments import Contact, Department
from incident.store.directory.people import Person, Token
from incident.store.incidents.rules import RuleSet
from incident.web import access
from incident.web.access_log import note_read
from incident.web.api.documents.parts import Document, department_codes, moment
from incident.web.api.documents.policies import policy_document, preview_document
from incident.web.contacts import address_of


def department_item(department: Department, parent: str | None) -> Document:
    """Serialize a department without its contacts."""
    return {
        "code": department.code,
        "name": department.name,
        "parent": parent,
        "timezone": department.timezone,
        "calendar": department.calendar,
        "working_hours": department.working_hours,
        "competence": department.competence,
        "created_at": format_moment(department.created_at),
    }


def department_items(rows: Sequence[Department]) -> list[Document]:
    """Serialize departments, each with the code of its parent."""
    parents = department_codes(department.parent_id for department in rows)
    return [department_item(one, parents.get(one.parent_id or 0)) for one in rows]


def department_document(department: Department) -> Document:
    """Serialize a department with its policy and contacts for callers who may read these."""
    [document] = department_items([department])
    if access.is_allowed("policy.read"):
        document["policy"] = policy_document(department)
    if access.is_allowed("contact.read"):
        document["contacts"] = [contact_document(one) for one in departments.contacts_of(department.id)]
    return document


def owner_of(contact: Contact) -> str | None:
    """Return the login of the person whom a contact reaches, None for a desk."""
    return None if contact.person_id is None else db.session.get_one(Person, contact.person_id).login


def contact_document(contact: Contact) -> Document:
    """Serialize a contact without its secret."""
    return {
        "id": contact.id,
        "name": contact.name,
        "channel": contact.channel,
        "address": address_of(contact),
        "level": contact.level,
        "person": owner_of(contact),
        "language": contact.language,
        "created_at": format_moment(contact.created_at),
        "switched_off_at": moment(contact.switched_off_at),
        "switched_off_why": contact.switched_off_why,
        "old_secret_ends_at": moment(contact.old_secret_ends_at),
        "limit_per_minute": contact.limit_per_minute,
        "check_every": contact.check_every,
        "checked_at": moment(contact.checked_at),
        "check_outcome": contact.check_outcome,
        "check_detail": contact.check_detail,
        "confirmed_at": moment(contact.confirmed_at),
        "confirm_within": contact.confirm_within,
        "confirm_due_at": moment(contact.confirm_due_at),
    }


def trial_document(trial: Trial) -> Document:
    """Serialize which departments would be notified of an incident, and why."""
    verdict = trial.verdict
    return {
        "rule": verdict.rule_index,
        "is_default": verdict.is_default,
        "matched": trial.shown.get("matched"),
        "looked_at": trial.shown.get("looked_at", {}),
        "category": verdict.category,
        "grade": verdict.grade,
        "playbook": verdict.playbook,
        "departments": [
            {"code": one.department.code, "name": one.department.name, "why": one.why, **preview_document(one.preview)}
            for one in trial.routed
        ],
        "left_out": list(trial.unknown),
    }


def rules_document(row: RuleSet | None) -> Document:
    """Serialize the routing rules in the form that PUT accepts."""
    if row is None:
        return RuleBook().to_json()
    return {"rules": row.rules, "default": row.fallback or {"departments": []}}


def playbook_item(playbook: Any) -> Document:
    """Serialize a playbook without its content, from the playbook or a row of a list."""
    return {
        "id": playbook.cacao_id,
        "name": playbook.name,
        "modified": format_moment(playbook.modified_at),
        "hash": playbook.content_hash,
        "tlp": playbook.tlp,
        "added_at": format_moment(playbook.added_at),
    }


def token_documents(rows: Sequence[Token]) -> list[Document]:
    """Serialize tokens without their secrets."""
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
    """Serialize people who sign in."""
    codes = department_codes(person.department_id for person in rows)
    for person in rows:
        note_read("person", person.id)
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
