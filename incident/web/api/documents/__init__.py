"""JSON representations of the API's resources."""

from incident.web.api.documents.approvals import approvals_document
from incident.web.api.documents.dead_letters import dead_letter_documents
from incident.web.api.documents.drills import drill_document, drill_items
from incident.web.api.documents.duty import duty_document, gaps_document, members_document
from incident.web.api.documents.incidents import (
    entry_document,
    incident_brief,
    incident_document,
    incident_items,
    incident_with_reports,
)
from incident.web.api.documents.office import (
    contact_document,
    department_document,
    department_items,
    person_documents,
    playbook_item,
    rules_document,
    token_documents,
    trial_document,
)
from incident.web.api.documents.parts import Document, moment
from incident.web.api.documents.policies import policy_document, preview_document
from incident.web.api.documents.reports import report_documents
from incident.web.api.documents.signers import signature_document, signer_document
from incident.web.api.documents.start_requests import start_request_document
from incident.web.api.documents.work import notice_documents, run_document, task_documents

__all__ = [
    "Document",
    "approvals_document",
    "contact_document",
    "dead_letter_documents",
    "department_document",
    "department_items",
    "drill_document",
    "drill_items",
    "duty_document",
    "entry_document",
    "gaps_document",
    "incident_brief",
    "incident_document",
    "incident_items",
    "incident_with_reports",
    "members_document",
    "moment",
    "notice_documents",
    "person_documents",
    "playbook_item",
    "policy_document",
    "preview_document",
    "report_documents",
    "rules_document",
    "run_document",
    "signature_document",
    "signer_document",
    "start_request_document",
    "task_documents",
    "token_documents",
    "trial_document",
]
