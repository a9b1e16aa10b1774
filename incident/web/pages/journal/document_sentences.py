"""Sentences of the timeline about official documents."""

from collections.abc import Mapping
from typing import Final

from incident.core.journal.event_types import EVENT_TYPE_WORDS
from incident.store.journal.journal import Entry
from incident.web.i18n import gettext as _
from incident.web.pages.names import Detail, Names, Saying

DOCUMENT_ICONS: Final = {
    "document.drafted": ("edit", "live"),
    "document.changed": ("edit", "quiet"),
    "document.submitted": ("send", "live"),
    "document.reviewed": ("check", "good"),
    "document.legal_reviewed": ("check", "good"),
    "document.countersigned": ("check", "good"),
    "document.signed": ("circle-check", "good"),
    "document.file_made": ("file-text", "quiet"),
    "document.sealed": ("circle-check", "good"),
    "document.served": ("send", "good"),
    "document.not_served": ("arrow-back-up", "warn"),
    "document.returned": ("arrow-back-up", "warn"),
    "document.voided": ("ban", "bad"),
    "document.archived": ("archive", "quiet"),
    "paper.registered": ("file-text", "live"),
    "paper.proposed": ("edit", "live"),
    "paper.instructed": ("check", "good"),
    "paper.circulated": ("users", "live"),
    "paper.read": ("eye", "quiet"),
    "paper.answered": ("send", "good"),
    "paper.done": ("archive", "good"),
}


def _document(detail: Detail, entry: Entry, _names: Names) -> str:
    words = _(EVENT_TYPE_WORDS[entry.event_type])
    named = " ".join(filter(None, (detail.get("number"), detail.get("title"))))
    said = _("%(what)s: %(document)s", what=words, document=named) if named else words
    to = detail.get("to")
    return _("%(what)s, to %(party)s", what=said, party=to) if to else said


DOCUMENT_SENTENCES: Final[Mapping[str, Saying]] = dict.fromkeys(DOCUMENT_ICONS, _document)
