"""Evidence on the page of an incident: upload with a plain form, download, second look, removal from view."""

import io
from typing import IO, Any, Final

from flask import Response, request

from incident.actions.incidents import evidence_custody, evidence_upload
from incident.actions.incidents.evidence_bundle import export_evidence
from incident.actions.incidents.evidence_upload import NewUpload
from incident.core.incidents.evidence.upload import PART_SIZE
from incident.core.incidents.incident import REASON_LIMIT
from incident.core.values.faults import RuleError
from incident.store.incidents.incidents import Incident
from incident.web.http.body_limits import LARGE, max_body
from incident.web.http.evidence_download import bundle_response, evidence_response
from incident.web.instance import current_instance, evidence_key, evidence_vault, now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page
from incident.web.pages.incident_forms import submit_on
from incident.web.security import access, evidence_access
from incident.web.security.auth import needs, require_caller

_ID: Final = "<int(max=2147483647):evidence_id>"
_ONE: Final = f"/incidents/<number>/evidence/{_ID}"
PLACE: Final = "evidence"


@pages.post("/incidents/<number>/evidence")
@needs("evidence.write")
@max_body(LARGE)
def upload_evidence_form(number: str) -> Page:
    """Store small files that a form without scripts sends; larger ones come in parts, by the API."""
    found = access.visible_incident(number)
    # The library would write larger files to a folder for temporary ones, where they would lie unsealed.
    request._get_file_stream = _in_memory  # type: ignore[method-assign]
    repeated: list[bool] = []

    def use_case() -> None:
        sent = [one for one in request.files.getlist("file") if one.filename]
        if not sent:
            raise RuleError("evidence.no_file", pointer="/file")
        for one in sent:
            repeated.append(_store(found, one.filename or "", one.read()))

    return submit_on(found, use_case, lambda: "evidence_repeated" if any(repeated) else "evidence_stored", PLACE)


def _in_memory(*_sizes: Any, **_more: Any) -> IO[bytes]:
    return io.BytesIO()


def _store(incident: Incident, name: str, content: bytes) -> bool:
    """Upload a file that is here already; return whether the incident had it before."""
    asking, vault = require_caller(), evidence_vault()
    new = NewUpload(name, len(content), asking.owner)
    max_size = current_instance().settings.evidence.max_size
    try:
        row = evidence_upload.begin_upload(incident.id, new, vault, max_size, asking.actor, now())
    except RuleError as fault:
        raise RuleError(fault.code, fault.arguments, pointer="/file", kind=fault.kind) from fault
    for at in range(0, len(content), PART_SIZE):
        evidence_upload.add_part(row.id, at, content[at : at + PART_SIZE], vault, asking.actor, now())
    return evidence_upload.complete_upload(row.id, vault, asking.actor, now()).is_repeated


@pages.get(f"{_ONE}/file")
@needs("incident.read")
def evidence_file(number: str, evidence_id: int) -> Response:
    """Download a file, never to be shown by the browser."""
    row = evidence_access.downloadable_file(number, evidence_id)
    answer = evidence_response(row)
    evidence_custody.record_download(row.id, require_caller().actor, now())
    return answer


@pages.get("/incidents/<number>/evidence.zip")
@needs("evidence.export")
def evidence_bundle(number: str) -> Response:
    """Export the evidence of an incident as a signed bundle."""
    incident_id, settings = access.visible_incident(number).id, current_instance().settings
    exported = export_evidence(incident_id, evidence_key(), settings.public_url, require_caller().actor, now())
    return bundle_response(exported, number)


@pages.post(f"{_ONE}/cancel")
@needs("evidence.write")
def cancel_upload_form(number: str, evidence_id: int) -> Page:
    """Cancel an unfinished upload."""
    row = evidence_access.own_upload(number, evidence_id)

    def use_case() -> None:
        evidence_upload.cancel_upload(row.id, evidence_vault(), require_caller().actor, now())

    return submit_on(access.visible_incident(number), use_case, "evidence_cancelled", PLACE)


@pages.post(f"{_ONE}/release")
@needs("evidence.write")
def release_evidence_form(number: str, evidence_id: int) -> Page:
    """Record the look at a quarantined file, which releases it when it is the second one."""
    row = evidence_access.visible_file(number, evidence_id)
    released: list[bool] = []

    def use_case() -> None:
        done = evidence_custody.release_evidence(row.id, require_caller().actor, now())
        released.append(done.released_at is not None)

    incident = access.visible_incident(number)
    return submit_on(incident, use_case, lambda: "evidence_released" if released[0] else "evidence_looked_at", PLACE)


@pages.post(f"{_ONE}/remove")
@needs("evidence.remove")
def remove_evidence_form(number: str, evidence_id: int) -> Page:
    """Remove a file from view, with a reason."""
    row = evidence_access.visible_file(number, evidence_id)

    def use_case() -> None:
        form = Form()
        reason = form.needed("removal_reason", REASON_LIMIT)
        form.finish()
        evidence_custody.remove_evidence(row.id, reason, require_caller().actor, now())

    return submit_on(access.visible_incident(number), use_case, "evidence_removed", PLACE)


@pages.post(f"{_ONE}/restore")
@needs("evidence.remove")
def restore_evidence_form(number: str, evidence_id: int) -> Page:
    """Show a file again that was removed from view."""
    row = evidence_access.visible_file(number, evidence_id)

    def use_case() -> None:
        evidence_custody.restore_evidence(row.id, require_caller().actor, now())

    return submit_on(access.visible_incident(number), use_case, "evidence_restored", PLACE)
