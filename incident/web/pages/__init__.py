"""HTML pages for people, in English and Chinese."""

from importlib import import_module
from pkgutil import walk_packages

import flask

from incident.web import compiled_templates, i18n, template_runtime
from incident.web.http import language_choice
from incident.web.pages import department_picker, frame, template_filters
from incident.web.pages.blueprint import pages
from incident.web.pages.directory import form_owner
from incident.web.pages.journal.change_sentences import fact_words
from incident.web.pages.names import clock_event_words
from incident.web.pages.playbooks.questions import instructions_words
from incident.web.streams import sse


def register(app: flask.Flask, zone: str) -> None:
    """Register the pages, their translations and their live streams on an app.

    Args:
        app: the app.
        zone: the IANA name of the zone in which times are shown.
    """
    for module in walk_packages(__path__, f"{__name__}."):
        import_module(module.name)
    template_runtime.register(app)
    compiled_templates.register(app)
    i18n.register(app, zone)
    language_choice.register(app)
    template_filters.register(app)
    department_picker.register(app)
    frame.register(app)
    form_owner.register(app)
    app.jinja_env.globals.update(instructions_words=instructions_words, fact_words=fact_words)
    app.jinja_env.globals.update(clock_event_words=clock_event_words)
    sse.register(app)
    app.register_blueprint(pages)
