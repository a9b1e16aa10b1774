"""Access to official documents: by their incident and by their marking, and the steps that the caller may take."""

from collections.abc import Mapping, Sequence
from typing import Final

from werkzeug.exceptions import Forbidden

from incident.actions.documents.document_flows import flow_of
from incident.core.documents.flow import AWAITED, DocumentFlow, DocumentState, Step, may_sign_off
from incident.core.documents.markings import may_see_marking
from incident.core.values.access import Role, may
from incident.core.values.faults import RuleError
from incident.store.db.database import db
from incident.store.directory.departments import departments_of
from incident.store.documents.documents import OfficialDocument, sign_offs_of_each
from incident.store.documents.service_attempts import DocumentService
from incident.store.incidents.incidents import Incident
from incident.store.queries.document_list import waiting_documents
from incident.web.security import access
from incident.web.security.auth import require_caller

STEP_NEEDS: Final[Mapping[Step, str]] = {
    "review": "document.review",
    "legal_review": "document.legal_review",
    "countersign": "document.countersign",
    "sign": "document.sign",
    "seal": "document.seal",
}
"""The permission that each step needs."""


def visible_document(document_id: int) -> OfficialDocument:
    """Return a document that the caller may see, of an incident that they may see; raises NotFound."""
    return access.require_visible(db.session.get(OfficialDocument, document_id), may_see_document)


def may_see_document(row: OfficialDocument) -> bool:
    """Return whether the caller may see a document: its incident and its marking."""
    return may_see_marking(access.viewer(), row.marking, row.drafter) and access.may_see_incident_of(row)


def visible_service(service_id: int) -> DocumentService:
    """Return an attempt to serve a document that the caller may see; raises NotFound."""
    found = access.require_visible(db.session.get(DocumentService, service_id))
    visible_document(found.document_id)
    return found


def filed_document(document_id: int | None) -> int | None:
    """Return the id of a document that a filing names.

    Raises:
        RuleError: `filing.document_unfit` for one that the caller may not see.
    """
    if document_id is not None and shown_document(document_id) is None:
        raise RuleError("filing.document_unfit", pointer="/document")
    return document_id


def shown_document(document_id: int | None) -> OfficialDocument | None:
    """Return a document that something else names, None when the caller may not see it."""
    found = None if document_id is None else db.session.get(OfficialDocument, document_id)
    return found if found is not None and may_see_document(found) else None


def own_code() -> str | None:
    """Return the code of the caller's department, for which they countersign; None without one."""
    own = require_caller().department_id
    found = None if own is None else departments_of([own]).get(own)
    return None if found is None else found.code


def may_take_step(flow: DocumentFlow) -> bool:
    """Return whether the caller may take the step that a document waits for."""
    asking = require_caller()
    if flow.awaited is None or asking.person_id is None or not access.is_allowed(STEP_NEEDS[flow.awaited]):
        return False
    return may_sign_off(flow, asking.owner, [own_code()])


def returnable_document(document_id: int) -> OfficialDocument:
    """Return a document that the caller may return to its drafter; raises NotFound, or Forbidden.

    Who may take the step that it waits for may return it instead.
    """
    row = visible_document(document_id)
    awaited = AWAITED.get(row.state)
    if awaited is not None and not access.is_allowed(STEP_NEEDS[awaited]):
        raise Forbidden
    if awaited == "countersign" and not access.is_allowed("document.sign") and own_code() not in row.countersigners:
        raise Forbidden
    return row


def awaited_states(role: Role) -> Sequence[DocumentState]:
    """Return the states of documents that wait for a step to which a role has the right."""
    return [state for state, step in AWAITED.items() if may(role, STEP_NEEDS[step])]


def documents_for_caller(limit: int) -> Sequence[tuple[OfficialDocument, Incident]]:
    """Return the documents whose next step the caller may take, the one that waits longest first."""
    asking = require_caller()
    states = awaited_states(asking.viewer.role)
    if asking.person_id is None or not states:
        return ()
    found = waiting_documents(access.viewer(), states, asking.owner, 4 * limit)
    stored = sign_offs_of_each([row.id for row, _ in found if row.state == "in_countersign"])
    return [one for one in found if one[0].id not in stored or may_take_step(flow_of(one[0], stored[one[0].id]))][
        :limit
    ]
