"""Content of evidence as a response: opened part by part while it is sent, and never shown by a browser."""

from collections.abc import Iterator
from urllib.parse import quote

import structlog
from flask import Flask, Response, current_app

from incident.actions.incidents.evidence_bundle import ExportedEvidence
from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.core.incidents.evidence.upload import part_count
from incident.formats.evidence_bundle import write_bundle
from incident.store.db.database import db
from incident.store.incidents.evidence import Evidence
from incident.web.instance import evidence_vault, now

SANDBOX = "sandbox; default-src 'none'"
"""Content security policy of a file: a browser that shows it nevertheless runs nothing of it."""


def evidence_response(row: Evidence) -> Response:
    """Return the content of a stored file, to be saved under its name.

    The first part is opened before the response begins. When a later one does not open, the connection ends before the
    length that was promised, so that nobody takes a part for the whole.

    Raises:
        RuleError: `evidence.damaged` (gone).
    """
    vault = evidence_vault()
    first = vault.read(row, 0, vault.seal_of(row))
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    answer = Response(_parts(app, vault, row.id, part_count(row.size), first), content_type="application/octet-stream")
    answer.content_length = row.size
    protect_download(answer, row.name)
    return answer


def bundle_response(exported: ExportedEvidence, number: str) -> Response:
    """Return the archive of exported evidence, written while it is sent; a damaged file ends the connection."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    vault, files = evidence_vault(), exported.manifest["certificate"]["files"]
    members = ((one["path"], _whole(app, vault, one["id"], one["size"])) for one in files)
    answer = Response(write_bundle(exported.manifest, members, now()), content_type="application/zip")
    protect_download(answer, f"{number}-evidence.zip")
    return answer


def _whole(app: Flask, vault: EvidenceVault, evidence_id: int, size: int) -> Iterator[bytes]:
    for place in range(part_count(size)):
        yield read_part(app, vault, evidence_id, place)


def protect_download(answer: Response, name: str) -> None:
    """Make a browser save a response under a name, and neither show it nor guess its type."""
    plain = "".join(one if (one.isascii() and one.isalnum()) or one in "._- " else "_" for one in name)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Cache-Control"] = "no-store"


def _parts(app: Flask, vault: EvidenceVault, evidence_id: int, count: int, first: bytes) -> Iterator[bytes]:
    yield first
    for place in range(1, count):
        yield read_part(app, vault, evidence_id, place)


def read_part(app: Flask, vault: EvidenceVault, evidence_id: int, place: int) -> bytes:
    """Return a part of a file; between two of them no connection is held, however slowly they are taken."""
    with app.app_context():
        try:
            row = db.session.get_one(Evidence, evidence_id)
            return vault.read(row, place, vault.seal_of(row))
        except Exception:
            structlog.get_logger().error("evidence could not be read to its end", evidence=evidence_id, part=place)
            raise
        finally:
            db.session.remove()
