"""The page of the switch that stops all machine commands."""

from flask import request, url_for

from incident.actions.playbooks import command_switch as use_cases
from incident.core.playbooks.command_stop import STOP_REASON_LIMIT
from incident.store.playbooks import command_switch as store
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security.auth import needs, require_caller


@pages.get("/settings/machine-commands")
@needs("command.stop")
def machine_commands() -> Page:
    """Show whether machine commands are stopped, and the form that stops or resumes them."""
    return render(
        "settings/machine_commands.html",
        given=request.form,
        most=STOP_REASON_LIMIT,
        running=store.count_running_commands(),
        switch=store.command_switch(),
        waiting=store.count_waiting_commands(),
    )


@pages.post("/settings/machine-commands/stop")
@needs("command.stop")
def stop_machine_commands() -> Page:
    """Stop all machine commands."""

    def use_case() -> None:
        form = Form()
        reason = form.text("reason", STOP_REASON_LIMIT) or ""
        form.finish()
        use_cases.stop_commands(reason, require_caller().actor, now())

    return submit(use_case, machine_commands, lambda: url_for("pages.machine_commands"), "commands_stopped")


@pages.post("/settings/machine-commands/resume")
@needs("command.stop")
def resume_machine_commands() -> Page:
    """Let machine commands go on, if the stop is the one that the page showed."""

    def use_case() -> None:
        given = request.form.get("version", "")
        version = int(given) if given.isdecimal() and len(given) < 10 else -1
        use_cases.resume_commands(version, require_caller().actor, now())

    return submit(use_case, machine_commands, lambda: url_for("pages.machine_commands"), "commands_resumed")
