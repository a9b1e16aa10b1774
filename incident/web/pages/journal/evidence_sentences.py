"""Sentences of the timeline about evidence."""

from collections.abc import Mapping
from typing import Final

from incident.store.journal.journal import Entry
from incident.web.i18n import gettext as _
from incident.web.pages.names import Detail, Names, Saying

EVIDENCE_ICONS: Final = {
    "evidence.uploaded": ("upload", "live"),
    "evidence.repeated": ("copy", "quiet"),
    "evidence.downloaded": ("download", "quiet"),
    "evidence.first_look": ("eye", "quiet"),
    "evidence.released": ("shield-check", "good"),
    "evidence.exported": ("download", "live"),
    "evidence.removed": ("eye-off", "warn"),
    "evidence.restored": ("eye", "live"),
    "evidence.scanned": ("shield-check", "quiet"),
}


def _evidence(detail: Detail, entry: Entry, _names: Names) -> str:
    name = detail.get("name", "")
    words = {
        "evidence.uploaded": _("File uploaded: %(name)s", name=name),
        "evidence.repeated": _("File uploaded again, kept once: %(name)s", name=name),
        "evidence.downloaded": _("File downloaded: %(name)s", name=name),
        "evidence.first_look": _("File looked at, a second person must release it: %(name)s", name=name),
        "evidence.released": _("File released after a second look: %(name)s", name=name),
        "evidence.removed": _("File removed from view: %(name)s", name=name),
        "evidence.restored": _("File shown again: %(name)s", name=name),
    }
    return words[entry.event_type]


def _scanned(detail: Detail, _entry: Entry, _names: Names) -> str:
    name, found = detail.get("name", ""), detail.get("detail", "")
    words = {
        "clean": _("Scanned, nothing found: %(name)s", name=name),
        "found": _("The scanner found %(found)s in %(name)s", found=found, name=name),
        "too_large": _("Not scanned, because the scanner does not accept files of this size: %(name)s", name=name),
        "damaged": _("Not scanned, because the stored file is damaged: %(name)s", name=name),
    }
    failed = _("The scanner could not look at %(name)s: %(found)s", found=found, name=name)
    return words.get(detail.get("result", ""), failed)


def _exported(detail: Detail, _entry: Entry, _names: Names) -> str:
    return _("Evidence exported as a signed bundle: %(names)s", names=", ".join(detail.get("names", ())))


EVIDENCE_SENTENCES: Final[Mapping[str, Saying]] = {
    **dict.fromkeys(EVIDENCE_ICONS, _evidence),
    "evidence.scanned": _scanned,
    "evidence.exported": _exported,
}
