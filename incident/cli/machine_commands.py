"""The switch that stops all machine commands, on the command line."""

from typing import TYPE_CHECKING

import click

from incident import clock
from incident.cli.root import CLI, main, make_app, run_use_case

if TYPE_CHECKING:
    from incident.core.playbooks.command_stop import CommandSwitch


@main.group()
def commands() -> None:
    """Machine commands of all playbooks: stop, resume."""


@commands.command("status")
def commands_status() -> None:
    """Print whether machine commands are stopped, by whom, when and why, and how many wait or run."""
    from incident.store.playbooks.command_switch import command_switch

    app = make_app(demands_keys=False)
    with app.app_context():
        _print_switch(command_switch())


@commands.command("stop")
@click.option("--reason", required=True, help="Why; coordinators and administrators see it on every page.")
def commands_stop(reason: str) -> None:
    """Stop all machine commands. Waiting ones are kept, running ones finish, tasks of people go on."""
    from incident.actions.playbooks.command_switch import stop_commands

    app = make_app(demands_keys=False)
    with app.app_context():
        _print_switch(run_use_case(lambda: stop_commands(reason, CLI, clock.now())))


@commands.command("resume")
def commands_resume() -> None:
    """Let machine commands go on. Those that waited are performed."""
    from incident.actions.playbooks.command_switch import resume_commands

    app = make_app(demands_keys=False)
    with app.app_context():
        _print_switch(run_use_case(lambda: resume_commands(None, CLI, clock.now())))


def _print_switch(switch: "CommandSwitch") -> None:
    from incident.core.values.moment import format_moment
    from incident.store.playbooks.command_switch import count_running_commands, count_waiting_commands

    if switch.is_stopped and switch.at is not None:
        click.echo(f"Machine commands are stopped since {format_moment(switch.at)} by {switch.by}: {switch.reason}")
    else:
        click.echo("Machine commands are not stopped.")
    click.echo(f"{count_waiting_commands()} waiting, {count_running_commands()} running")
