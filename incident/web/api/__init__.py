"""The JSON API under /api/v1: one file per noun."""

from importlib import import_module

import flask

from incident.web.api import endpoint, try_it

NOUNS = ("incidents", "alerts", "notices", "tasks", "runs", "reports", "playbooks", "departments", "rules", "tokens")


def register(app: flask.Flask) -> None:
    """Put the API and its description on an app."""
    api = endpoint.describe(app)
    for noun in NOUNS:
        api.register_blueprint(import_module(f"incident.web.api.{noun}").blueprint, url_prefix=endpoint.PREFIX)
    try_it.register(app)
