"""Access to incoming papers, by their incident and their marking, and the people who may read one."""

from collections.abc import Sequence

from incident.core.documents.markings import may_see_marking
from incident.core.values.access import IncidentFacts, may_see_incident, viewer_of
from incident.core.values.faults import RuleError, member, raise_all
from incident.store.db.database import db
from incident.store.directory.people import Person, active_by_logins, active_people
from incident.store.documents.incoming import IncomingPaper
from incident.store.incidents.incidents import Incident
from incident.store.queries.paper_list import ListedPapers, papers_for
from incident.web.security import access
from incident.web.security.auth import require_caller
from incident.web.security.document_access import shown_document
from incident.web.security.evidence_access import visible_proofs


def visible_paper(paper_id: int) -> IncomingPaper:
    """Return an incoming paper that the caller may see, of an incident that they may see; raises NotFound."""
    return access.require_visible(db.session.get(IncomingPaper, paper_id), may_see_paper)


def may_see_paper(row: IncomingPaper) -> bool:
    """Return whether the caller may see a paper: its incident and its marking."""
    return may_see_marking(access.viewer(), row.marking, row.registrar) and access.may_see_incident_of(row)


def possible_readers(row: IncomingPaper) -> Sequence[Person]:
    """Return the people who may see a paper, by name."""
    facts = access.incident_facts(access.incident_of(row))
    return [one for one in active_people() if _may_read(one, row, facts)]


def named_readers(row: IncomingPaper, logins: Sequence[str]) -> list[int]:
    """Return the ids of the people with these logins.

    Raises:
        RuleError: `incoming_paper.reader_unknown` for each who may not see the paper, or is not known.
    """
    facts = access.incident_facts(access.incident_of(row))
    known = {one.login: one for one in active_by_logins(logins) if _may_read(one, row, facts)}
    raise_all(
        RuleError("incoming_paper.reader_unknown", {"login": login}, pointer=member("/people", index))
        for index, login in enumerate(logins)
        if login not in known
    )
    return [known[one].id for one in logins]


def _may_read(person: Person, row: IncomingPaper, facts: IncidentFacts) -> bool:
    asked = viewer_of(person.role, person.department_id, person.id)
    return may_see_incident(asked, facts) and may_see_marking(asked, row.marking, row.registrar)


def require_scan(incident: Incident, evidence_id: int | None) -> int | None:
    """Return the id of a scan; raises RuleError `incoming_paper.scan_unknown` when the caller may not see the file."""
    if evidence_id is not None and all(one.id != evidence_id for one in visible_proofs(incident)):
        raise RuleError("incoming_paper.scan_unknown", pointer="/scan")
    return evidence_id


def require_named(document_id: int | None, pointer: str) -> int | None:
    """Return the id of a document that a paper names.

    Raises:
        RuleError: `incoming_paper.answer_unknown` for one that the caller may not see.
    """
    if document_id is not None and shown_document(document_id) is None:
        raise RuleError("incoming_paper.answer_unknown", pointer=pointer)
    return document_id


def papers_for_caller(limit: int) -> ListedPapers:
    """Return the papers that wait for the caller: to be read, or for an instruction."""
    if require_caller().person_id is None or not access.is_allowed("document.read"):
        return ()
    return papers_for(access.viewer(), limit, may_instruct=access.is_allowed("document.sign"))
