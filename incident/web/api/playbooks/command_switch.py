"""The switch that stops all machine commands: its state, stop, resume."""

from typing import Any

from flask import Response
from marshmallow import Schema

from incident.actions.playbooks import command_switch as use_cases
from incident.core.playbooks.command_stop import STOP_REASON_LIMIT, CommandSwitch
from incident.store.playbooks import command_switch as store
from incident.web.api import schema_parts
from incident.web.api.arguments import Arguments
from incident.web.api.document_parts import moment
from incident.web.api.endpoint import noun
from incident.web.api.fields import Text
from incident.web.http.conditional import read_version, respond
from incident.web.instance import now
from incident.web.security.auth import needs, require_caller

blueprint = noun("machine-commands", "The switch that stops all machine commands of this instance.")


class StopIn(Arguments):
    """Why all machine commands are stopped; everybody who may lift the stop reads it."""

    reason = Text(STOP_REASON_LIMIT, required=True)


class CommandSwitchOut(Schema):
    """Whether machine commands are stopped, and the last change of that."""

    is_stopped = schema_parts.truth()
    version = schema_parts.number("how often it was changed; 0 when it never was")
    by = schema_parts.maybe("who changed it last, as in the journal")
    at = schema_parts.maybe_at("when")
    reason = schema_parts.text()
    waiting = schema_parts.number("commands that wait for a machine")
    running = schema_parts.number("commands that a machine performs now")


@blueprint.route("/machine-commands", methods=["GET"])
@needs("command.stop")
@blueprint.response(200, CommandSwitchOut)
def read_switch() -> Response:
    """Return whether all machine commands are stopped, by whom, when and why."""
    return _answer_switch(store.command_switch())


@blueprint.route("/machine-commands/stop", methods=["POST"])
@needs("command.stop")
@blueprint.arguments(StopIn)
@blueprint.response(200, CommandSwitchOut)
def stop_all_commands(given: dict[str, Any]) -> Response:
    """Stop all machine commands: those that wait are kept, running ones end. A stop that stands is not changed."""
    return _answer_switch(use_cases.stop_commands(given["reason"], require_caller().actor, now()))


@blueprint.route("/machine-commands/resume", methods=["POST"])
@needs("command.stop")
@blueprint.response(200, CommandSwitchOut)
def resume_all_commands() -> Response:
    """Let machine commands go on; those that waited are performed. With If-Match only the stop that was read ends."""
    version = read_version(store.command_switch().version)
    return _answer_switch(use_cases.resume_commands(version, require_caller().actor, now()))


def _answer_switch(switch: CommandSwitch) -> Response:
    document = switch.to_json() | {
        "at": moment(switch.at),
        "waiting": store.count_waiting_commands(),
        "running": store.count_running_commands(),
    }
    return respond(document, switch.version)
