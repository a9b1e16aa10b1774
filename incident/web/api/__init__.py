"""The JSON API under /api/v1: one module per resource, in the areas of the other layers."""

from importlib import import_module

import flask

from incident.web.api import description
from incident.web.api.endpoint import PREFIX, PlaybookConverter, SourceConverter

NOUNS = (  # each with the endpoints of one blueprint; `linked_reports` adds to that of `reports.reports`
    "incidents.incidents",
    "incidents.alerts",
    "incidents.sources",
    "notifications.ledgers",
    "notifications.notices",
    "playbooks.tasks",
    "playbooks.runs",
    "playbooks.start_requests",
    "incidents.linked_reports",
    "playbooks.playbooks",
    "drills.drills",
    "playbooks.simulations",
    "directory.departments",
    "delivery.contacts",
    "directory.members",
    "duty.rotas",
    "notifications.policies",
    "delivery.dead_letters",
    "incidents.rules",
    "directory.people",
    "directory.tokens",
    "journal.access_log",
    "playbooks.secrets",
    "playbooks.ssh_targets",
    "playbooks.signers",
)


def register(app: flask.Flask) -> None:
    """Register the API and its description on an app."""
    app.url_map.converters["playbook"] = PlaybookConverter
    app.url_map.converters["source"] = SourceConverter
    blueprints = [import_module(f"incident.web.api.{noun}").blueprint for noun in NOUNS]
    for blueprint in blueprints:
        app.register_blueprint(blueprint, url_prefix=PREFIX)
    description.register(app, blueprints)
