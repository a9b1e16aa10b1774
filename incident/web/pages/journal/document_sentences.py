"""Sentences of the timeline about official documents."""

import re
from collections.abc import Mapping
from typing import Final

from incident.core.journal.event_types import EVENT_TYPE_WORDS
from incident.core.values.marking import N_
from incident.core.values.moment import parse_moment
from incident.store.journal.journal import Entry
from incident.web.i18n import gettext as _
from incident.web.pages.names import Detail, Names, Saying
from incident.web.pages.template_filters import local_input

MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")

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
    "document.term_due": ("clock", "warn"),
    "document.unserved_long": ("clock", "warn"),
    "document.returned": ("arrow-back-up", "warn"),
    "document.voided": ("ban", "bad"),
    "document.archived": ("archive", "quiet"),
    "paper.registered": ("file-text", "live"),
    "paper.corrected": ("edit", "warn"),
    "paper.due": ("clock", "warn"),
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


FIELDS: Final = {
    "title": N_("Title"),
    "sender": N_("Sent by unit"),
    "sender_number": N_("Number of the sender"),
    "received_at": N_("Received at"),
    "due_at": N_("Must be answered by"),
}


def _corrected(detail: Detail, entry: Entry, names: Names) -> str:
    """Say what the entry of a paper said before and says now."""
    before, after = detail.get("before") or {}, detail.get("after") or {}
    changes = [
        _(
            "%(field)s: %(before)s → %(after)s",
            field=_(words),
            before=_shown(before[name]),
            after=_shown(after[name]),
        )
        for name, words in FIELDS.items()
        if name in after
    ]
    said = _("; ").join([_document(detail, entry, names), *changes])
    return _("%(what)s. Reason: %(reason)s", what=said, reason=detail.get("reason") or "")


def _shown(value: object) -> str:
    """Return a value as people read it; a moment in the zone of the instance."""
    if value is None:
        return "–"
    found = MOMENT.fullmatch(str(value))
    return local_input(parse_moment(str(value), "?value")) if found else str(value)


DOCUMENT_SENTENCES: Final[Mapping[str, Saying]] = dict.fromkeys(DOCUMENT_ICONS, _document) | {
    "paper.corrected": _corrected
}
