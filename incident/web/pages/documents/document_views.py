"""What the page of a document shows: its steps, what it lacks, what changed since, what the viewer may do."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from incident.actions.documents.document_files import present_files
from incident.actions.documents.document_flows import flow_of
from incident.actions.documents.gathering import gather_facts
from incident.actions.documents.kind_versions import kind_at
from incident.core.documents.content import bound_values, missing_fields
from incident.core.documents.flow import AWAITED, OPEN_TO_CHANGE, SERVABLE, STEPS, DocumentFlow
from incident.core.documents.kinds import DocumentField, DocumentKind
from incident.core.documents.layout import Sheet, lay_out
from incident.core.documents.ways_of_service import WAY_WORDS
from incident.core.values.error_messages import N_, say
from incident.store.deadlines.clock_rows import Filing, filings_with_document
from incident.store.directory.departments import departments_by_codes
from incident.store.documents.document_files import FILE_FORMATS, FileFormat
from incident.store.documents.documents import DocumentSignOff, OfficialDocument, sign_offs_of
from incident.store.documents.incoming import IncomingPaper, papers_answered_by, papers_answering
from incident.store.documents.series import series_called
from incident.store.documents.service_attempts import DocumentService, services_of
from incident.store.incidents.evidence import Evidence
from incident.store.incidents.incidents import Incident
from incident.web.i18n import gettext as _
from incident.web.instance import current_instance, now
from incident.web.pages.documents.document_words import step_words
from incident.web.pages.names import actor_words
from incident.web.security import access
from incident.web.security.document_access import may_take_step, shown_document
from incident.web.security.evidence_access import places_of_files, visible_proofs
from incident.web.security.paper_access import may_see_paper

FORMAT_WORDS: Final[Mapping[str, str]] = {"pdf": N_("PDF"), "docx": N_("Word (.docx)")}


@dataclass(frozen=True)
class StepView:
    """A step of the flow: done by somebody, the present one, or ahead; `department` countersigns."""

    name: str
    words: str
    state: Literal["done", "now", "ahead"]
    department: str | None = None
    who: str | None = None
    at: dt.datetime | None = None


@dataclass(frozen=True)
class FactChange:
    """A bound value that is another one now than at the cut-off."""

    field: DocumentField
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ShownFile:
    """A file of a document in a format; `state` is None before anybody requests it, `why` is why it failed."""

    format: FileFormat
    words: str
    state: str | None
    why: str


@dataclass(frozen=True)
class ServiceView:
    """An attempt to serve the document: the way in words, and the proof of service that the viewer may see."""

    row: DocumentService
    way: str
    receipt: OfficialDocument | None
    is_late: bool


@dataclass(frozen=True)
class DocumentView:
    """The content of the page of a document."""

    row: OfficialDocument
    incident: Incident
    kind: DocumentKind
    sheet: Sheet
    missing: Sequence[DocumentField]
    changes: Sequence[FactChange]
    steps: Sequence[StepView]
    present: dt.datetime
    voided: Sequence[DocumentSignOff]
    can: Mapping[str, bool]
    awaited: str | None
    files: Sequence[ShownFile]
    services: Sequence[ServiceView]
    has_series: bool
    proofs: Sequence[Evidence]
    places: Mapping[int, str]
    filings: Sequence[Filing]
    papers: Sequence[tuple[IncomingPaper, Incident]]

    @property
    def is_making(self) -> bool:
        """Whether a file is being made."""
        return any(one.state == "waiting" for one in self.files)


def document_view(row: OfficialDocument) -> DocumentView:
    """Return the content of the page of a document that the viewer may see."""
    incident, kind, stored = access.incident_of(row), kind_at(row.kind_hash), sign_offs_of(row.id)
    flow = flow_of(row, stored)
    can_change = access.is_allowed("document.write") and row.state in OPEN_TO_CHANGE
    can_serve = access.is_allowed("document.write") and row.state in SERVABLE
    services = services_of(row.id)
    return DocumentView(
        row=row,
        incident=incident,
        kind=kind,
        sheet=lay_out(kind, row.values),
        missing=missing_fields(kind, row.values),
        changes=_changes(row, kind, incident) if can_change else (),
        steps=[*_steps(row, flow, stored), *_last_steps(row, kind, services)],
        present=now(),
        voided=[one for one in stored if one.voided_at is not None],
        can={
            "change": can_change,
            "submit": row.state == "draft" and access.is_allowed("document.write"),
            "take": may_take_step(flow),
            "return": row.state in OPEN_TO_CHANGE and may_take_step(flow),
            "serve": can_serve,
            "archive": row.state in SERVABLE and row.unserved_at is None and access.is_allowed("document.seal"),
            "void": row.state not in ("archived", "void") and access.is_allowed("document.void"),
        },
        awaited=flow.awaited,
        files=shown_files(row),
        services=[_service(one) for one in services],
        has_series=row.state not in OPEN_TO_CHANGE or series_called(kind.series) is not None,
        proofs=visible_proofs(incident) if can_serve else (),
        places=places_of_files({file["id"] for one in services for file in one.evidence}),
        filings=filings_with_document(row.id),
        papers=[
            (one, incident) for one in (*papers_answering(row.id), *papers_answered_by(row.id)) if may_see_paper(one)
        ],
    )


def shown_files(row: OfficialDocument) -> Sequence[ShownFile]:
    """Return the files of a document as it is now, in all formats."""
    found = present_files(row, access.incident_of(row), current_instance().settings.zone)
    shown = []
    for one in FILE_FORMATS:
        file = found.get(one)
        why = "" if file is None or file.fault is None else say(file.fault, {}, _)
        shown.append(ShownFile(one, _(FORMAT_WORDS[one]), None if file is None else file.state, why))
    return shown


def _changes(row: OfficialDocument, kind: DocumentKind, incident: Incident) -> list[FactChange]:
    present = bound_values(kind, gather_facts(incident, now(), current_instance().settings.zone, kind.language))
    bound = [one for one in kind.fields if one.fact not in (None, "document.cut_off")]
    pairs = ((one, row.facts.get(one.key), present.get(one.key)) for one in bound)
    return [FactChange(one, before, after) for one, before, after in pairs if before != after]


def _steps(row: OfficialDocument, flow: DocumentFlow, stored: Sequence[DocumentSignOff]) -> Iterator[StepView]:
    """Yield the steps that this document takes, in order, with who took them."""
    by, at = actor_words(row.drafted_by), row.drafted_at
    yield StepView("draft", step_words("draft"), "now" if row.state == "draft" else "done", who=by, at=at)
    done = {(one.step, one.department): one for one in stored if one.voided_at is None}
    names = departments_by_codes(row.countersigners)
    for step in STEPS:
        if step == "legal_review" and not flow.needs_legal_review:
            continue
        for code in flow.countersigners if step == "countersign" else (None,):
            one = done.get((step, code))
            state: Literal["done", "now", "ahead"] = "now" if AWAITED.get(row.state) == step else "ahead"
            name = None if code is None else names[code].name if code in names else code
            if one is not None:
                yield StepView(step, step_words(step), "done", name, actor_words(one.signed_by), one.signed_at)
            elif row.state != "void":
                yield StepView(step, step_words(step), state, name)


def _last_steps(row: OfficialDocument, kind: DocumentKind, services: Sequence[DocumentService]) -> Iterator[StepView]:
    """Yield service, for a document that needs it or had it, and the archive."""
    if row.state == "void":
        return
    served = [one for one in services if one.is_served]
    if kind.needs_service or services:
        last = served[-1] if served and row.unserved_at is None else None
        who, at = (None, None) if last is None else (actor_words(last.recorded_by), last.served_at)
        state: Literal["done", "now", "ahead"] = "done" if last else "now" if row.unserved_at else "ahead"
        yield StepView("serve", step_words("serve"), state, who=who, at=at)
    is_next = row.state in SERVABLE and row.unserved_at is None
    yield StepView(
        "archive", step_words("archive"), "done" if row.state == "archived" else "now" if is_next else "ahead"
    )


def _service(row: DocumentService) -> ServiceView:
    is_late = row.due_at is not None and row.answered_at is None and row.due_at < now()
    return ServiceView(row, _(WAY_WORDS[row.way]), shown_document(row.receipt_id), is_late)
