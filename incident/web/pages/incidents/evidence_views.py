"""Evidence as the page of an incident shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incident.core.incidents.evidence.file_type import TYPE_WORDS, UNKNOWN, is_disguised
from incident.core.incidents.evidence.scan import ScanResult
from incident.core.incidents.evidence.upload import bytes_words
from incident.store.incidents.evidence import Evidence
from incident.store.incidents.incidents import Incident
from incident.web.i18n import gettext as _
from incident.web.instance import current_instance
from incident.web.security import access, evidence_access
from incident.web.security.auth import require_caller


@dataclass(frozen=True)
class FileView:
    """A stored file; `kind` is its type in words, `may_release` whether the viewer's look at it would count."""

    row: Evidence
    scan: "ScanView"
    size: str
    kind: str
    is_disguised: bool
    may_download: bool
    may_release: bool


@dataclass(frozen=True)
class ScanView:
    """What a scanner says of a file: words, the colour of their mark, and their icon."""

    words: str
    colour: str = ""
    icon: str = ""


@dataclass(frozen=True)
class EvidenceView:
    """The files of an incident, those removed from view, the viewer's unfinished uploads, and what they may do."""

    files: Sequence[FileView]
    removed: Sequence[FileView]
    unfinished: Sequence[tuple[Evidence, str, str]]
    may_upload: bool
    may_remove: bool
    may_export: bool
    most: str


def evidence_view(incident: Incident) -> EvidenceView:
    """Return the evidence of an incident as far as the viewer may see it."""
    rows = evidence_access.visible_evidence(incident)
    views = [_file_view(row) for row in rows if row.state != "receiving"]
    may_upload = access.is_allowed("evidence.write")
    uploads = [row for row in rows if row.state == "receiving" and may_upload]
    return EvidenceView(
        files=[one for one in views if one.row.state == "stored"],
        removed=[one for one in views if one.row.state == "removed"],
        unfinished=[(row, bytes_words(row.received), bytes_words(row.size)) for row in uploads],
        may_upload=may_upload,
        may_remove=access.is_allowed("evidence.remove"),
        may_export=access.is_allowed("evidence.export") and any(one.row.state == "stored" for one in views),
        most=bytes_words(current_instance().settings.evidence.max_size),
    )


def _file_view(row: Evidence) -> FileView:
    asking, media = require_caller(), row.media_type or UNKNOWN
    is_open = row.state == "stored" and row.released_at is None
    return FileView(
        row=row,
        scan=_scan_view(row),
        size=bytes_words(row.size),
        kind=_(TYPE_WORDS.get(media, TYPE_WORDS[UNKNOWN])),
        is_disguised=is_disguised(row.name, media),
        may_download=evidence_access.may_download_file(row),
        may_release=is_open
        and access.is_allowed("evidence.write")
        and asking.person_id is not None
        and row.first_looker != asking.owner
        and row.scan != "found",
    )


def _scan_view(row: Evidence) -> ScanView:
    if row.scan is None:
        is_waiting = current_instance().settings.evidence.scanner is not None
        return ScanView(_("Waiting for the scanner"), "", "hourglass") if is_waiting else ScanView(_("Not scanned"))
    views: Mapping[ScanResult, ScanView] = {
        "clean": ScanView(_("Scanned, nothing found"), "good", "shield-check"),
        "found": ScanView(_("Scanner found %(found)s", found=row.scan_detail), "bad", "alert-triangle"),
        "too_large": ScanView(_("Too large for the scanner"), "warn", "alert-triangle"),
        "damaged": ScanView(_("Damaged"), "bad", "alert-triangle"),
        "failed": ScanView(_("Could not be scanned"), "warn", "alert-triangle"),
    }
    return views[row.scan]
