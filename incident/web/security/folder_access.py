"""The case folder of an incident, with what the caller may see."""

from incident.core.documents.folders import CaseKind, HeldPart, held_parts
from incident.store.incidents.incidents import Incident
from incident.store.queries.document_list import DocumentFilter, list_documents
from incident.store.queries.paper_list import PaperFilter, list_papers
from incident.web.security import access

MOST_HELD = 1_000
"""Documents and papers of an incident that its folder looks at."""


def folder_of(incident: Incident, case: CaseKind) -> list[HeldPart]:
    """Return the parts of the folder of an incident as a kind of case."""
    documents = list_documents(access.viewer(), DocumentFilter(incident_id=incident.id), None, MOST_HELD)
    papers = list_papers(access.viewer(), PaperFilter(incident_ids=[incident.id]), None, MOST_HELD)
    return held_parts(
        case,
        [(row.id, row.kind, row.state) for row, _its in reversed(documents)],
        [(row.id, row.kind) for row, _its in reversed(papers)],
    )
