"""Departments as the API shows them."""

from collections.abc import Sequence

from incident.core.values.moment import format_moment
from incident.store.directory import departments
from incident.store.directory.departments import Department
from incident.web.api.delivery.contact_documents import contact_document
from incident.web.api.document_parts import Document, department_codes
from incident.web.api.notifications.policy_documents import policy_document
from incident.web.security import access


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
        "authority": department.authority,
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
