"""Ledgers of incidents, certificates of notice, and the key that signs them."""

from flask import Response

from incident import certifying
from incident.actions.notifications import certificates as use_cases
from incident.store.queries.ledger import ledger_of
from incident.web.api.endpoint import noun
from incident.web.api.notifications.ledger_schemas import CertificateKeyOut, CertificateOut, LedgerOut
from incident.web.http.conditional import respond
from incident.web.instance import certificate_key, current_instance, now
from incident.web.security import access
from incident.web.security.auth import needs, public, require_caller

blueprint = noun("ledgers", "What became of every notice of an incident, and the proof of it.")


@blueprint.route("/incidents/<number>/ledger", methods=["GET"])
@needs("notice.read")
@blueprint.response(200, LedgerOut)
def read_ledger(number: str) -> Response:
    """Read every fact of an incident's notices in order of time; a department reads its own notices."""
    incident = access.visible_incident(number)
    notices, is_whole = access.visible_notices(incident)
    lines = ledger_of(incident.number, notices)
    shown = use_cases.notice_documents(notices, lines)
    return respond({"incident": incident.number, "is_whole": is_whole, "notices": shown})


@blueprint.route("/incidents/<number>/certificate", methods=["GET"])
@needs("notice.read")
@blueprint.response(200, CertificateOut)
def read_certificate(number: str) -> Response:
    """Issue a certificate of notice: the ledger, tied to the journal and signed; the journal records the issue.

    While nothing changes, each request within the hour returns the same document, which names who requested it first.
    """
    incident = access.visible_incident(number)
    notices, is_whole = access.visible_notices(incident)
    url = current_instance().settings.public_url or ""
    issued = use_cases.issue_certificate(
        incident, notices, certificate_key(), url, require_caller().actor, now(), is_whole=is_whole
    )
    made = respond(issued.document)
    made.headers["Content-Disposition"] = f'attachment; filename="{incident.number}-certificate.json"'
    return made


@blueprint.route("/certificate-key", methods=["GET"])
@public
@blueprint.response(200, CertificateKeyOut)
def read_certificate_key() -> Response:
    """Read the public key that verifies certificates; anyone who relies on it compares the fingerprint."""
    key = certificate_key().public
    return respond(
        {
            "algorithm": certifying.ALGORITHM,
            "pem": certifying.pem_of(key),
            "key": certifying.short_of(key),
            "fingerprint": certifying.fingerprint_of(key),
        }
    )
