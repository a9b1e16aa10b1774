"""Pages for people: HTML, in English and Chinese."""

from importlib import import_module

import flask

from incident.web import i18n, sse
from incident.web.pages import department_picker, frame, template_filters
from incident.web.pages.blueprint import pages

NOUNS = (
    "access_log",
    "account",
    "acknowledge",
    "competence",
    "contact_confirmation",
    "contacts",
    "dead_letters",
    "department_picker",
    "departments",
    "drills",
    "inbox",
    "incident_actions",
    "incidents",
    "journal",
    "ledgers",
    "machinery",
    "members",
    "notices",
    "outbox",
    "people",
    "playbooks",
    "public_reports",
    "reports",
    "rotas",
    "rules",
    "runs",
    "secrets",
    "set_up",
    "sign_in",
    "signers",
    "simulations",
    "start_run",
    "streams",
    "tokens",
)


def register(app: flask.Flask, zone: str) -> None:
    """Put the pages, their words and their live streams on an app.

    Args:
        app: the app.
        zone: the IANA name of the zone in which times are shown.
    """
    for noun in NOUNS:
        import_module(f"incident.web.pages.{noun}")
    i18n.register(app, zone)
    template_filters.register(app)
    department_picker.register(app)
    frame.register(app)
    sse.register(app)
    app.register_blueprint(pages)
