"""The JSON API under /api/v1: one file per noun."""

from importlib import import_module

import flask

from incident.web.api import description
from incident.web.api.endpoint import PREFIX, PlaybookConverter

NOUNS = (
    "incidents",
    "alerts",
    "ledgers",
    "notices",
    "tasks",
    "runs",
    "start_requests",
    "reports",
    "playbooks",
    "drills",
    "simulations",
    "departments",
    "contacts",
    "members",
    "rotas",
    "policies",
    "dead_letters",
    "rules",
    "tokens",
    "access_log",
    "secrets",
    "ssh_targets",
    "signers",
)


def register(app: flask.Flask) -> None:
    """Put the API and its description on an app."""
    app.url_map.converters["playbook"] = PlaybookConverter
    blueprints = [import_module(f"incident.web.api.{noun}").blueprint for noun in NOUNS]
    for blueprint in blueprints:
        app.register_blueprint(blueprint, url_prefix=PREFIX)
    description.register(app, blueprints)
