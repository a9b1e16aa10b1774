"""Playbooks: checked and added as JSON or YAML, and returned as either."""

from typing import Any

from flask import Response, request
from flask_babel import gettext

from incident.actions.playbooks import approving, playbook_loader, signatures
from incident.actions.playbooks import playbooks as use_cases
from incident.actions.playbooks.approval_status import approval_status
from incident.actions.playbooks.runs import PROFILE
from incident.core.cacao import load, to_yaml_text
from incident.core.cacao.faults import Fault, LoadRefused
from incident.core.cacao.words import said
from incident.data.reporting_regimes import check_playbook
from incident.store.playbooks.playbooks import page_of_playbooks
from incident.web.api.arguments import Arguments, require_body
from incident.web.api.endpoint import PLAYBOOK, PREFIX, Paged, described, noun
from incident.web.api.fields import Text
from incident.web.api.playbooks.approval_documents import approvals_document
from incident.web.api.playbooks.engine_schemas import ApprovalsOut, LintOut, SignaturesOut
from incident.web.api.playbooks.playbook_documents import playbook_item
from incident.web.api.playbooks.playbook_item_schemas import PlaybookAdded, PlaybookItem
from incident.web.api.playbooks.playbook_schemas import EXAMPLE, PlaybookDocument
from incident.web.api.playbooks.signer_documents import signature_document
from incident.web.api.schema_parts import page_of
from incident.web.http.body_limits import LARGE, max_body
from incident.web.http.conditional import JSON, answer_as, respond
from incident.web.http.errors import fault_document
from incident.web.http.idempotency import create
from incident.web.http.paging import page, read_cursor
from incident.web.instance import now
from incident.web.security import access, secret_use
from incident.web.security.auth import needs, require_caller

blueprint = noun("playbooks", "CACAO 2.0 playbooks.")

YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
PLAYBOOKS = {media: {"schema": PlaybookDocument} for media in (JSON, "application/yaml")}
ANYTHING = described({}, EXAMPLE, "application/yaml")
"""The document to check, which may be any value."""

BODY = described(PlaybookDocument, EXAMPLE, "application/yaml")


@blueprint.route("/playbooks", methods=["POST"])
@needs("playbook.write")
@max_body(LARGE)
@blueprint.response(201, PlaybookAdded)
@blueprint.doc(requestBody=BODY)
def add_playbook() -> Response:
    """Add a version of a playbook; a faulty one is refused with every fault and its location."""
    document = load(require_body())
    faults = check_playbook(document)
    if not any(fault.is_error for fault in faults):
        secret_use.require([document])
        faults += signatures.import_warnings(document, now())
    warnings = [fault_document(fault) for fault in faults if not fault.is_error]
    actor = require_caller().actor
    return create(
        lambda idempotency: use_cases.add_playbook(document, actor, now(), idempotency),
        lambda row: playbook_item(row) | {"warnings": warnings},
        lambda added: f"{PREFIX}/playbooks/{added['id']}",
    )


@blueprint.route("/playbooks", methods=["GET"])
@needs("playbook.read")
@blueprint.arguments(Paged, location="query")
@blueprint.response(200, page_of(PlaybookItem))
def list_playbooks(given: dict[str, Any]) -> Response:
    """List the newest version of each playbook by name."""
    after = read_cursor(given["cursor"], (str, int))
    rows = page_of_playbooks(access.viewer(), after, given["limit"] + 1)
    shown, following = page(rows, given["limit"], lambda row: (row.name, row.id))
    return respond({"items": [playbook_item(row) for row in shown], "next": following})


@blueprint.route(f"/playbooks/{PLAYBOOK}", methods=["GET"])
@needs("playbook.read")
@blueprint.response(200)
@blueprint.doc(responses={"200": {"description": "OK", "content": PLAYBOOKS}})
def read_playbook(playbook_id: str) -> Response:
    """Read the newest version of a playbook as it was added: CACAO JSON, or YAML when Accept prefers that."""
    row = access.visible_playbook(playbook_id)
    wanted = request.accept_mimetypes.best_match([JSON, *YAML], JSON)
    made = respond(row.document) if wanted == JSON else answer_as(to_yaml_text(row.document), "application/yaml")
    made.vary.add("Accept")
    return made


@blueprint.route(f"/playbooks/{PLAYBOOK}/signatures", methods=["GET"])
@needs("playbook.read")
@blueprint.response(200, SignaturesOut)
def read_signatures(playbook_id: str) -> Response:
    """Verify the signatures on the newest version of a playbook: who signed, and whether each signature counts now."""
    row = access.visible_playbook(playbook_id)
    verdict = signatures.verdict_on(row.document, now())
    faults = signatures.start_faults(playbook_loader.bundle_for(row), now())
    return respond(
        {
            "items": [signature_document(one, verdict.title) for one in verdict.signatures],
            "is_trusted": verdict.is_trusted,
            "is_needed": signatures.is_needed(),
            "faults": [fault_document(fault) for fault in faults],
        }
    )


class ApprovalIn(Arguments):
    """The content that the caller has read and approves."""

    content_hash = Text(64, is_line=True, required=True, metadata={"description": "as `/approvals` shows it"})


@blueprint.route(f"/playbooks/{PLAYBOOK}/approvals", methods=["GET"])
@needs("playbook.read")
@blueprint.response(200, ApprovalsOut)
def read_approvals(playbook_id: str) -> Response:
    """Read who approved the newest version of a playbook and those it calls, and how many approvals are missing."""
    row = access.visible_playbook(playbook_id)
    return respond(approvals_document(approval_status(playbook_loader.bundle_for(row), PROFILE, now())))


@blueprint.route(f"/playbooks/{PLAYBOOK}/approve", methods=["POST"])
@needs("playbook.approve")
@blueprint.arguments(ApprovalIn)
@blueprint.response(201, ApprovalsOut)
def approve_playbook(given: dict[str, Any], playbook_id: str) -> Response:
    """Approve a playbook that contains automated steps; the second person's approval starts it where it waits."""
    named, actor = access.visible_playbook(playbook_id).cacao_id, require_caller().actor
    return create(
        lambda idempotency: approving.approve_playbook(named, given["content_hash"], actor, now(), idempotency),
        approvals_document,
    )


@blueprint.route("/playbooks/lint", methods=["POST"])
@needs("playbook.read")
@max_body(LARGE)
@blueprint.response(200, LintOut)
@blueprint.doc(requestBody=ANYTHING)
def lint_playbook() -> Response:
    """Check a playbook without adding it: every fault with its location, in the caller's language."""
    try:
        faults = check_playbook(load(require_body()))
    except LoadRefused as refused:
        faults = list(refused.faults)
    errors = sum(fault.is_error for fault in faults)
    items = [_lint_item(fault) for fault in faults]
    return respond({"items": items, "errors": errors, "warnings": len(faults) - errors})


def _lint_item(fault: Fault) -> dict[str, str]:
    text, hint = said(fault, gettext)
    return {
        "pointer": fault.pointer,
        "severity": fault.severity,
        "code": fault.code,
        "text": text,
        "hint": hint,
        "clause": fault.clause,
    }
