"""Signers of playbooks: list, add, revoke, and the validity of the signatures on a playbook."""

from dataclasses import dataclass

from flask import request, url_for

from incident.actions.playbooks import signatures
from incident.actions.playbooks import signers as use_cases
from incident.core.cacao import Fault
from incident.core.cacao.signing.signature import KEY_LIMIT
from incident.core.cacao.signing.trust import Judged
from incident.core.playbooks.signer import NAME_LIMIT
from incident.core.values.error_messages import N_
from incident.store.playbooks.playbooks import Playbook
from incident.store.playbooks.signers import list_signers
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.pages.states import Look
from incident.web.security.auth import needs, require_caller

FORMS = {
    "hex": N_("over the hex text of the hash"),
    "raw": N_("over the bytes of the hash"),
}
LOOKS = {
    "trusted": Look(N_("valid, by a trusted signer"), "good", "shield-check"),
    "holds": Look(N_("valid, but does not count"), "warn", "alert-triangle"),
    "broken": Look(N_("not valid"), "bad", "circle-x"),
    "unverified": Look(N_("cannot be verified"), "warn", "help-circle"),
}


@dataclass(frozen=True)
class Signed:
    """A signature on the page of a playbook; `fault` is the reason why it does not count."""

    judged: Judged
    look: Look
    form: str
    fault: Fault | None


def signed_by(row: Playbook) -> list[Signed]:
    """Return the signatures on a playbook with their present validity."""
    verdict = signatures.verdict_on(row.document, now())
    return [_signed(one, verdict.title) for one in verdict.signatures]


def _signed(one: Judged, title: str) -> Signed:
    look = LOOKS["trusted" if one.is_trusted else one.signature.state]
    return Signed(one, look, FORMS.get(one.signature.form, ""), None if one.is_trusted else one.fault(title))


@pages.get("/playbooks/signers")
@needs("signer.read")
def signers() -> Page:
    """List present and former signers."""
    return _list()


def _list() -> Page:
    return render(
        "signers/signers.html",
        given=request.form,
        is_needed=signatures.is_needed(),
        key_limit=KEY_LIMIT,
        moment=now(),
        name_limit=NAME_LIMIT,
        rows=list_signers(),
    )


@pages.post("/playbooks/signers")
@needs("signer.write")
def add_signer_form() -> Page:
    """Trust a signer."""

    def use_case() -> None:
        form = Form()
        name, public_key = form.named("name", NAME_LIMIT), form.needed("public_key", KEY_LIMIT)
        valid_from, valid_until = form.bound("valid_from"), form.bound("valid_until")
        form.finish()
        use_cases.add_signer(name, public_key, valid_from, valid_until, require_caller().actor, now())

    return submit(use_case, _list, lambda: url_for("pages.signers"), "added")


@pages.post("/playbooks/signers/<int(max=2147483647):signer_id>/revoke")
@needs("signer.write")
def revoke_signer_form(signer_id: int) -> Page:
    """Stop trusting a signer."""

    def use_case() -> None:
        use_cases.revoke_signer(signer_id, require_caller().actor, now())

    return submit(use_case, _list, lambda: url_for("pages.signers"), "revoked")
