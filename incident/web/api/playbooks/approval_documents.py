"""Representations of approvals in the API."""

from incident.actions.playbooks.approval_status import ApprovalStatus
from incident.core.values.moment import format_moment
from incident.web.api.document_parts import Document


def approvals_document(status: ApprovalStatus) -> Document:
    """Return the approval status of a playbook."""
    return {
        "content_hash": status.content_hash,
        "is_needed": status.is_needed,
        "missing": status.missing,
        "items": [{"by": one.approved_by, "at": format_moment(one.approved_at)} for one in status.approvals],
    }
