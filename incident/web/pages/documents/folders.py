"""The page of the case folder of an incident: what it must hold, and what is missing."""

from flask import request

from incident.core.documents.folders import missing_parts
from incident.data.case_folders import case_kinds
from incident.store.db.by_id import rows_by_ids
from incident.store.documents.documents import OfficialDocument
from incident.store.documents.incoming import IncomingPaper
from incident.web.pages.blueprint import pages
from incident.web.pages.documents.document_words import page_language
from incident.web.pages.frame import Page, render
from incident.web.security import access
from incident.web.security.auth import needs
from incident.web.security.folder_access import folder_of


@pages.get("/incidents/<number>/folder")
@needs("document.read")
def case_folder(number: str) -> Page:
    """Show the folder of an incident as a kind of case: its parts in order, with what is missing."""
    incident, kinds, language = access.visible_incident(number), case_kinds(), page_language()
    case = kinds.get(request.args.get("case", "")) or next(iter(kinds.values()))
    held = folder_of(incident, case)
    return render(
        "documents/folder.html",
        it=incident,
        case=case,
        title=case.title[language],
        kinds=[(one.id, one.title[language]) for one in kinds.values()],
        parts=[(one.part.title[language], one) for one in held],
        missing=[one.title[language] for one in missing_parts(held)],
        documents=rows_by_ids(OfficialDocument, (key for one in held for key in one.documents)),
        papers=rows_by_ids(IncomingPaper, (key for one in held for key in one.papers)),
    )
