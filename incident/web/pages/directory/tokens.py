"""API tokens of programs; for administrators."""

from flask import request, url_for

from incident.actions.directory import tokens as use_cases
from incident.core.values.access import ROLES
from incident.store.directory.tokens import all_tokens
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import typed_department
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller


@pages.get("/tokens")
@needs("token.read")
def tokens() -> Page:
    """List tokens."""
    return _list()


def _list(secret: str | None = None, status: int = 200) -> Page:
    return render(
        "tokens/tokens.html",
        status,
        given={} if secret else request.form,
        roles=ROLES,
        rows=all_tokens(),
        secret=secret,
    )


@pages.post("/tokens")
@needs("token.write")
def make_token_form() -> Page:
    """Create a token; the next page shows it, once."""
    made: list[str] = []

    def use_case() -> None:
        form = Form()
        name, role, department = form.named("name"), form.raw("role"), typed_department(form.text("department", 200))
        form.finish()
        made.append(use_cases.make_token(name, role, department, require_caller().actor, now()).secret)

    answer = submit(use_case, _list, lambda: url_for("pages.tokens"), "added")
    return _list(made[0], 201) if made else answer


@pages.post("/tokens/<int(max=2147483647):token_id>/revoke")
@needs("token.write")
def revoke_token_form(token_id: int) -> Page:
    """Revoke a token."""
    access.visible_token(token_id)

    def use_case() -> None:
        use_cases.revoke_token(token_id, require_caller().actor, now())

    return submit(use_case, _list, lambda: url_for("pages.tokens"), "revoked")
