"""The case folder of an incident, with what the caller may see."""

from incident.core.documents.folders import CaseKind, HeldPart, held_parts
from incident.store.incidents.incidents import Incident
from incident.store.incidents.merges import with_duplicates
from incident.store.queries.document_list import DocumentFilter, list_documents
from incident.store.queries.paper_list import PaperFilter, list_papers
from incident.web.security import access

MOST_HELD = 1_000
"""Documents and papers of an incident that its folder looks at."""


def folder_of(incident: Incident, case: CaseKind) -> list[HeldPart]:
    """Return the parts of the folder of an incident, with those of its duplicates, as a kind of case."""
    ids = with_duplicates(incident.id)
    documents = list_documents(access.viewer(), DocumentFilter(incident_ids=ids), None, MOST_HELD)
    papers = list_papers(access.viewer(), PaperFilter(incident_ids=ids), None, MOST_HELD)
    return held_parts(
        case,
        [(row.id, row.kind, row.state) for row, _its in reversed(documents)],
        [(row.id, row.kind) for row, _its in reversed(papers)],
    )
