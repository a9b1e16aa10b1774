"""The JSON API under /api/v1: one module per resource, in the areas of the other layers."""

from importlib import import_module

import flask

from incident.web.api import description
from incident.web.api.endpoint import PREFIX, NameConverter, PlaybookConverter

NOUNS = (  # each with endpoints of one blueprint; several modules may add to the same
    "incidents.following",
    "incidents.views",
    "incidents.exports",
    "incidents.alerts",
    "incidents.source_signatures",
    "incidents.sns_topics",
    "notifications.ledgers",
    "notifications.centre",
    "playbooks.tasks",
    "playbooks.runs",
    "playbooks.start_requests",
    "incidents.links",
    "reports.receipts",
    "reports.passages",
    "reports.identity_requests",
    "reports.custodians",
    "reports.report_calls",
    "reports.handling",
    "incidents.evidence",
    "incidents.indicators",
    "incidents.techniques",
    "incidents.merges",
    "incidents.closing_reviews",
    "deadlines.grading",
    "deadlines.regimes",
    "deadlines.clocks",
    "deadlines.corrections",
    "deadlines.decisions",
    "deadlines.approvals",
    "deadlines.figures",
    "deadlines.rule_sets",
    "documents.documents",
    "documents.service_attempts",
    "documents.incoming",
    "documents.folders",
    "playbooks.playbooks",
    "drills.drills",
    "insights.insights",
    "playbooks.simulations",
    "directory.departments",
    "delivery.contacts",
    "directory.members",
    "duty.rotas",
    "duty.handovers",
    "notifications.policies",
    "delivery.dead_letters",
    "delivery.subscriptions",
    "incidents.rules",
    "systems.imports",
    "systems.systems",
    "systems.windows",
    "directory.people",
    "directory.tokens",
    "journal.access_log",
    "playbooks.command_switch",
    "playbooks.secrets",
    "playbooks.ssh_targets",
    "playbooks.signers",
)


def register(app: flask.Flask) -> None:
    """Register the API and its description on an app."""
    app.url_map.converters["playbook"] = PlaybookConverter
    app.url_map.converters["named"] = NameConverter
    blueprints = list(dict.fromkeys(import_module(f"incident.web.api.{noun}").blueprint for noun in NOUNS))
    for blueprint in blueprints:
        app.register_blueprint(blueprint, url_prefix=PREFIX)
    description.register(app, blueprints)
