"""Signing secrets of sources on the page of a source: set up, replaced, ended and removed."""

from collections.abc import Callable
from typing import Final

from flask import request, url_for

from incident.actions.incidents import signatures as use_cases
from incident.core.incidents.signatures.scheme import SECRET_LIMIT, SignatureScheme, read_scheme, signing_key
from incident.core.values.faults import RuleError
from incident.sources.payload import decode_json
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, redirect_with_flash, submit
from incident.web.pages.incidents.sources import show_source
from incident.web.security.auth import needs, require_caller

DESCRIBED: Final = "described"


def _scheme(form: Form) -> SignatureScheme | None:
    """Return the chosen scheme, or the one that was described."""
    name = form.raw("scheme")
    if name != DESCRIBED:
        return form.checked("scheme", lambda: read_scheme(name, "/scheme"))
    text = form.needed("described", 4_000)
    if not text:
        return None
    return form.checked("described", lambda: read_scheme(_object(text), "/described"))


def _object(text: str) -> object:
    found = decode_json(text.encode(), "/described")
    if not isinstance(found, dict):
        raise RuleError("document.not_an_object", pointer="/described")
    return found


@pages.post("/sources/<name>/signature")
@needs("source.write")
def put_signature_form(name: str) -> Page:
    """Require signed requests of a source, or change how; the next page shows a generated secret, once."""
    made: list[str | None] = []

    def use_case() -> None:
        form = Form()
        scheme = _scheme(form)
        secret = form.text("secret", SECRET_LIMIT)
        if scheme is not None and secret is not None:
            form.checked("secret", lambda: signing_key(scheme, secret, "/secret"))
        form.finish()
        is_token_needed = form.raw("is_token_needed") == "1"
        if scheme is not None:
            actor, ring = require_caller().actor, current_instance().ring
            made.append(use_cases.put_signature(name, scheme, is_token_needed, secret, ring, actor, now()).secret)

    return _answered(name, use_case, made)


@pages.post("/sources/<name>/signature/secret")
@needs("source.write")
def rotate_signature_form(name: str) -> Page:
    """Replace the signing secret; the next page shows the new one, once."""
    made: list[str | None] = []

    def use_case() -> None:
        actor, ring = require_caller().actor, current_instance().ring
        made.append(use_cases.rotate_signing_secret(name, None, ring, actor, now()).secret)

    return _answered(name, use_case, made)


def _answered(name: str, use_case: Callable[[], None], made: list[str | None]) -> Page:
    given = {one: request.form.get(one, "") for one in ("scheme", "described", "is_token_needed")}
    answer = submit(
        use_case, lambda: show_source(name, given=given), lambda: url_for("pages.one_source", name=name), "changed"
    )
    return show_source(name, status=201, signing_secret=made[0]) if made and made[0] else answer


@pages.post("/sources/<name>/signature/end-old-secret")
@needs("source.write")
def end_old_secret_form(name: str) -> Page:
    """End the validity of the former signing secret."""
    use_cases.end_old_signing_secret(name, require_caller().actor, now())
    return redirect_with_flash(url_for("pages.one_source", name=name), "changed")


@pages.post("/sources/<name>/signature/remove")
@needs("source.write")
def remove_signature_form(name: str) -> Page:
    """Require no signatures of a source any more."""
    use_cases.remove_signature(name, require_caller().actor, now())
    return redirect_with_flash(url_for("pages.one_source", name=name), "removed")
