"""Shapes of official documents in the API."""

from typing import Final

from marshmallow import Schema, fields

from incident.actions.documents.drafting import MAX_COUNTERSIGNERS
from incident.core.documents.content import URGENCIES
from incident.core.documents.flow import DOCUMENT_STATES, STEPS
from incident.core.documents.kinds import FACTS
from incident.core.documents.markings import MARKINGS, require_marking
from incident.core.documents.numbering import FORM_LIMIT, ISSUER_WORD_LIMIT, SERIES, USUAL_FORM
from incident.core.documents.ways_of_service import CONSENT_LIMIT, PARTY_LIMIT, SERVICE_WAYS, TERM_LIMIT
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.text import TITLE_LIMIT
from incident.data.document_kinds import FAMILIES, shipped_kinds
from incident.store.documents.document_files import FILE_FORMATS
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.endpoint import Paged
from incident.web.api.fields import Choice, Items, Moment, Number, Ruled, Text, Truth, Values, code, ids

NUMBER_LIMIT: Final = 24
_TEXTS: Final = {"additionalProperties": {"type": "string"}}
_LABEL: Final = {"description": "by language: zh, en", "additionalProperties": {"type": "string"}}
_WORDS: Final = {"additionalProperties": {"type": "string"}, "example": {"contact": "Li Wei, 010-0000"}}
_MARKING: Final = {"enum": list(MARKINGS)}


class DocumentFieldOut(Schema):
    """A field of a kind of document."""

    key = schema_parts.text(example="situation")
    label = fields.Dict(required=True, metadata=_LABEL)
    fact = schema_parts.maybe("the fact that it is bound to; null for words that people write", enum=[*FACTS, None])
    is_required = schema_parts.truth()
    limit = schema_parts.number("characters")
    choices = schema_parts.list_of(fields.String(), "the only values; empty for free words")


class DocumentKindOut(Schema):
    """A kind of document."""

    id = schema_parts.text(example="incident-report-form")
    title = fields.Dict(required=True, metadata=_LABEL)
    family = schema_parts.text(enum=list(FAMILIES))
    series = schema_parts.text("of its numbers", enum=list(SERIES))
    language = schema_parts.text("of its text", enum=["zh", "en"])
    layout = schema_parts.text(enum=["official", "form"])
    needs_legal_review = schema_parts.truth()
    content_hash = schema_parts.text("SHA-256 of this version of the kind")
    fields_ = fields.List(
        fields.Nested(DocumentFieldOut), required=True, data_key="fields", metadata={"description": "in their order"}
    )


class DocumentKindsOut(Schema):
    """All kinds of documents."""

    items = schema_parts.list_of(DocumentKindOut)


class DocumentFileOut(Schema):
    """A file of a document that is being made."""

    format = schema_parts.text(enum=list(FILE_FORMATS))
    state = schema_parts.text(enum=["waiting"])
    asked_at = schema_parts.at()
    content = schema_parts.text("where the file is once it is made")


class DocumentSignOffOut(Schema):
    """A sign-off of one content; of step `draft`, that the person wrote it or changed it."""

    step = schema_parts.text(enum=["draft", *STEPS])
    department = schema_parts.maybe("the code of the department for which it was countersigned")
    by = schema_parts.text()
    at = schema_parts.at()
    content_hash = schema_parts.text("SHA-256 of the content that was signed off")
    voided_at = schema_parts.maybe_at("when a change or a return voided it")


class MissingFieldOut(Schema):
    """A required field without a value."""

    key = schema_parts.text()
    label = fields.Dict(required=True, metadata=_LABEL)
    fact = schema_parts.maybe("the fact of the incident that is not known", enum=[*FACTS, None])


class OfficialDocumentBrief(Schema):
    """What a list says of a document."""

    id = schema_parts.number()
    incident = schema_parts.text("the number of its incident")
    kind = schema_parts.text()
    title = schema_parts.text()
    state = schema_parts.text(enum=list(DOCUMENT_STATES))
    marking = schema_parts.text(enum=list(MARKINGS))
    urgency = schema_parts.text(enum=list(URGENCIES))
    is_drill = schema_parts.truth("it belongs to an exercise and says so on each page")
    number = schema_parts.maybe("from the signature on", example="X网信〔2026〕1号")
    drafted_by = schema_parts.text()
    drafted_at = schema_parts.at()
    changed_at = schema_parts.at()
    signed_at = schema_parts.maybe_at()


class ProvedFilingOut(Schema):
    """A filing that a document proves."""

    id = schema_parts.number()
    clock = schema_parts.number()
    at = schema_parts.at()
    to = schema_parts.text()


class ServiceEvidenceOut(Schema):
    """A file of the incident that proves a service."""

    id = schema_parts.number()
    name = schema_parts.text()
    sha256 = schema_parts.text()


class DocumentServiceOut(Schema):
    """An attempt to serve a document."""

    id = schema_parts.number()
    document = schema_parts.number()
    way = schema_parts.text(enum=list(SERVICE_WAYS))
    to = schema_parts.text("the party")
    at = schema_parts.at("when it was served, or tried")
    served = schema_parts.truth()
    place = schema_parts.maybe()
    proxy = schema_parts.maybe("who received it for the party, and why")
    witness = schema_parts.maybe()
    reason = schema_parts.maybe("why it was left there, or why it was not served")
    consent = schema_parts.maybe("how the party agreed to electronic service")
    evidence = schema_parts.list_of(ServiceEvidenceOut)
    term_days = schema_parts.maybe_number("days in which the party must act, from the day after")
    due_at = schema_parts.maybe_at("when the term ends")
    answered_at = schema_parts.maybe_at("when the party answered")
    receipt = schema_parts.maybe_number("the proof of service that was drafted from it")
    by = schema_parts.text()
    recorded_at = schema_parts.at()


class OfficialDocumentOut(OfficialDocumentBrief):
    """A document with its content and its flow."""

    kind_hash = schema_parts.text("SHA-256 of the version of its kind")
    cut_off_at = schema_parts.at("the moment of which its facts are")
    facts = fields.Dict(required=True, metadata=_TEXTS | {"description": "bound values by field"})
    fields_ = fields.Dict(
        required=True, data_key="fields", metadata=_TEXTS | {"description": "the words that people wrote, by field"}
    )
    countersigners = schema_parts.list_of(fields.String(), "codes of departments")
    content_hash = schema_parts.text("SHA-256 of the content in its canonical form")
    missing = schema_parts.list_of(MissingFieldOut, "what it needs before it can be submitted")
    awaits = schema_parts.maybe("the step that it waits for", enum=[*STEPS, None])
    sign_offs = schema_parts.list_of(DocumentSignOffOut, "also those that were voided, the oldest first")
    return_reason = schema_parts.maybe("why it was returned")
    unserved_at = schema_parts.maybe_at("since when it waits to be served")
    services = schema_parts.list_of(DocumentServiceOut, "every attempt to serve it, the oldest first")
    filings = schema_parts.list_of(ProvedFilingOut, "the filings that it proves")
    voided_by = schema_parts.maybe()
    voided_at = schema_parts.maybe_at()
    void_reason = schema_parts.maybe()


class DocumentWords(Arguments):
    """Words and particulars of a document."""

    title = Text(TITLE_LIMIT, is_line=True)
    marking = Ruled(require_marking, metadata=_MARKING)
    urgency = Choice(URGENCIES)
    countersigners = Items(code(), MAX_COUNTERSIGNERS)
    words = Values(data_key="fields", metadata=_WORDS)


class DocumentIn(DocumentWords):
    """A new document, drafted from what is known of an incident."""

    kind = Choice(tuple(shipped_kinds()), required=True)
    incident = Text(NUMBER_LIMIT, is_line=True, required=True, metadata={"example": "INC-2026-000001"})


class DocumentChange(DocumentWords):
    """New words and particulars; `take_facts` takes the present facts of the incident."""

    take_facts = Truth()


class DocumentQuery(Paged):
    """Filters of the register."""

    state = Choice(DOCUMENT_STATES, load_default=None)
    kind = Choice(tuple(shipped_kinds()), load_default=None)
    incident = Text(NUMBER_LIMIT, is_line=True, load_default=None)
    q = Text(200, is_line=True, load_default=None, metadata={"description": "words of the title or of the number"})


class DocumentServiceIn(Arguments):
    """An attempt to serve a document; one that failed says so with `served`, and why."""

    way = Choice(SERVICE_WAYS, required=True)
    to = Text(PARTY_LIMIT, is_line=True, required=True, metadata={"example": "X市Y公司"})
    at = Moment(required=True)
    is_served = Truth(load_default=True, data_key="served")
    place = Text(PARTY_LIMIT, is_line=True, allow_none=True, load_default=None)
    proxy = Text(PARTY_LIMIT, is_line=True, allow_none=True, load_default=None)
    witness = Text(PARTY_LIMIT, is_line=True, allow_none=True, load_default=None)
    reason = Text(REASON_LIMIT, allow_none=True, load_default=None)
    consent = Text(CONSENT_LIMIT, is_line=True, allow_none=True, load_default=None)
    evidence = ids(
        load_default=list, metadata={"description": "files of the incident; one that was left needs a photo"}
    )
    term_days = Number(1, TERM_LIMIT, allow_none=True, load_default=None)


class NumberSeriesOut(Schema):
    """How the numbers of a series are written."""

    series = schema_parts.text(enum=list(SERIES))
    word = schema_parts.text("the issuer word", example="X网信")
    form = schema_parts.text("with the places {word}, {year} and {number}", example=USUAL_FORM)


class DocumentSeriesOut(Schema):
    """How the numbers of all series are written."""

    series = schema_parts.list_of(NumberSeriesOut)


class NumberSeriesIn(Arguments):
    """How the numbers of a series are written."""

    series = Choice(SERIES, required=True)
    word = Text(ISSUER_WORD_LIMIT, is_line=True, required=True, metadata={"example": "X网信"})
    form = Text(FORM_LIMIT, is_line=True, load_default=USUAL_FORM, metadata={"example": USUAL_FORM})


class DocumentSeriesIn(Arguments):
    """How the numbers of all series are written; a series that is left out gives no numbers."""

    series = fields.List(
        fields.Nested(NumberSeriesIn), required=True, metadata={"minItems": 1, "maxItems": len(SERIES)}
    )
