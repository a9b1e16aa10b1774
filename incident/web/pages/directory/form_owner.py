"""The person for whom a page was made, in each of its forms: one that another person sends is refused.

Two people may use one browser one after the other. A page that the first one left open would send its forms as the
second. Requests from other sites are refused before (`web/security/headers.py`); the value is signed, so that nobody
else can make a form that names its reader.
"""

import re
from typing import Final

import flask
from flask import Response, g, render_template, request
from jinja2 import Environment
from jinja2.ext import Extension
from markupsafe import Markup

from incident.web.instance import current_instance
from incident.web.pages.blueprint import pages
from incident.web.security.auth import caller

FIELD: Final = "form_owner"
NEVER_SHOWN: Final = frozenset({FIELD, "password", "current", "new", "secret", "value", "key", "token"})
"""Names of fields that are not shown again."""

_FORM = re.compile(r"<form\b(?:\{\{.*?\}\}|\{%.*?%\}|[^>{]|\{(?![{%]))*>", re.DOTALL)
_TYPED = re.compile(r"\s|[^\x00-\x7f]")


class OwnedForms(Extension):
    """Puts the field with the owner into every form of a template that is sent, when the template is compiled."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the source of a template with the field after the start of each form that is sent."""
        return _FORM.sub(lambda form: form[0] + "{{ form_owner() }}" * ('method="post"' in form[0]), source)


def register(app: flask.Flask) -> None:
    """Put the field into the forms of an app."""
    environment: Environment = app.jinja_env
    environment.add_extension(OwnedForms)
    environment.globals["form_owner"] = form_owner_field


def form_owner_field() -> Markup:
    """Return the field that names for whom the page is; nothing for strangers, and on pages that query nothing."""
    asking = None if g.get("is_plain") else caller()
    if asking is None:
        return Markup()
    if "form_owner_field" not in g:
        signed = current_instance().ring.sign(_text(asking.owner))
        g.form_owner_field = Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, signed)
    field: Markup = g.form_owner_field
    return field


def typed_texts() -> list[str]:
    """Return the texts that were typed into the refused form: no codes of choices, no passwords."""
    fields = request.form.items(multi=True)
    return [text for name, text in fields if name not in NEVER_SHOWN and _TYPED.search(text.strip())]


@pages.before_request
def _refuse_form_of_another() -> Response | None:
    """Refuse a form that was made for another person than the one who is signed in now."""
    if request.method != "POST" or FIELD not in request.form:
        return None
    asking = caller()
    if asking is None or current_instance().ring.is_signed(_text(asking.owner), request.form[FIELD]):
        return None
    if "HX-Request" in request.headers:
        return Response(status=204)
    return flask.make_response(render_template("form_of_another.html", texts=typed_texts()), 409)


def _text(owner: str) -> str:
    return f"form of {owner}"
