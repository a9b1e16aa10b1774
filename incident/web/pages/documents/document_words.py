"""Words of official documents in the language of the page."""

from collections.abc import Mapping, Sequence
from typing import Final

from incident.core.documents.content import URGENCIES
from incident.core.documents.flow import DOCUMENT_STATES
from incident.core.documents.kinds import DocumentField, DocumentKind
from incident.core.documents.markings import MARKINGS
from incident.core.documents.ways_of_service import WAY_WORDS
from incident.core.values.error_messages import N_
from incident.data.document_kinds import FAMILIES, shipped_kinds
from incident.web import i18n
from incident.web.i18n import gettext as _
from incident.web.pages.states import look

STEP_WORDS: Final[Mapping[str, str]] = {
    "draft": N_("Draft"),
    "review": N_("Review of the draft"),
    "legal_review": N_("Legal review"),
    "countersign": N_("Countersignature"),
    "sign": N_("Signature and number"),
    "seal": N_("Seal"),
    "serve": N_("Service"),
    "archive": N_("Archive"),
}
PAPER_KIND_WORDS: Final[Mapping[str, str]] = {
    "instruction": N_("Instruction of a superior authority"),
    "request": N_("Request"),
    "letter": N_("Letter"),
    "rectification_report": N_("Report on rectification"),
    "reply": N_("Reply"),
    "signed_receipt": N_("Signed proof of service"),
    "other": N_("Other paper"),
}
MARKING_WORDS: Final[Mapping[str, str]] = {
    "none": N_("No marking"),
    "internal": N_("Internal"),
    "work_secret": N_("Work secret"),
}
URGENCY_WORDS: Final[Mapping[str, str]] = {
    "none": N_("Normal"),
    "urgent": N_("Urgent"),
    "most_urgent": N_("Most urgent"),
}
FAMILY_WORDS: Final[Mapping[str, str]] = {
    "form": N_("Forms"),
    "brief": N_("Briefs"),
    "upward": N_("To superior authorities"),
    "downward": N_("To subordinate units"),
    "letter": N_("Letters"),
    "enforcement": N_("Enforcement"),
    "record": N_("Records"),
    "receipt": N_("Proof of service"),
    "international": N_("International reports"),
}
SERIES_WORDS: Final[Mapping[str, str]] = {
    "report": N_("Reports and requests"),
    "notice": N_("Notifications and circulars"),
    "supervision": N_("Supervision orders"),
    "letter": N_("Letters"),
    "brief": N_("Briefs"),
    "rectification": N_("Orders to rectify"),
    "talk": N_("Records of talks"),
    "punishment": N_("Punishment proposals"),
    "receipt": N_("Proof of service"),
}


def page_language() -> str:
    """Return the language of the page as labels of kinds name it."""
    return "zh" if i18n.current().startswith("zh") else "en"


def step_words(step: str) -> str:
    """Return the words of a step."""
    return _(STEP_WORDS[step])


def kind_words(kind_id: str) -> str:
    """Return the title of a kind; one that is no longer shipped has only its id."""
    found = shipped_kinds().get(kind_id)
    return kind_id if found is None else found.title[page_language()]


def label_words(field: DocumentField) -> str:
    """Return the label of a field."""
    return field.label[page_language()]


def kind_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the kinds by family, for a list to choose from."""
    kinds: Sequence[DocumentKind] = list(shipped_kinds().values())
    return [
        (_(FAMILY_WORDS[family]), [(one.id, one.title[page_language()]) for one in kinds if one.family == family])
        for family in FAMILIES
    ]


def paper_kind_choices() -> list[tuple[str, str]]:
    """Return the kinds of incoming papers with their words."""
    return [(one, _(words)) for one, words in PAPER_KIND_WORDS.items()]


def way_choices() -> list[tuple[str, str]]:
    """Return the ways of service with their words."""
    return [(one, _(words)) for one, words in WAY_WORDS.items()]


def marking_choices() -> list[tuple[str, str]]:
    """Return the markings with their words."""
    return [(one, _(MARKING_WORDS[one])) for one in MARKINGS]


def urgency_choices() -> list[tuple[str, str]]:
    """Return the urgencies with their words."""
    return [(one, _(URGENCY_WORDS[one])) for one in URGENCIES]


def document_state_choices() -> list[tuple[str, str]]:
    """Return the states of documents with their words."""
    return [(one, look(f"document.{one}").words) for one in DOCUMENT_STATES]
