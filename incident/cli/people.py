"""Accounts: API tokens of programs, and people who sign in."""

import sys
from typing import TYPE_CHECKING

import click

from incident import clock
from incident.cli.root import CLI, ROLES, instance_of, main, make_app, run_use_case

if TYPE_CHECKING:
    from flask import Flask


@main.group()
def token() -> None:
    """API tokens of programs."""


@token.command("create")
@click.option("--name", required=True, help="Name of the token, such as the program that uses it.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="Role, which sets the permissions.")
@click.option("--department", help="Code of the department; required for the role department.")
def token_create(name: str, role: str, department: str | None) -> None:
    """Create an API token and print it on the last line. It is shown only once."""
    from incident.actions.directory import tokens

    app = make_app()
    with app.app_context():
        made = run_use_case(lambda: tokens.make_token(name, role, department, CLI, clock.now()))
    click.echo(f"Token {made.row.name!r} with role {made.row.role}. Save it now, it is not shown again:", err=True)
    click.echo(made.secret)


@main.group()
def person() -> None:
    """People who sign in."""


@person.command("add")
@click.option("--login", required=True, help="Login name for signing in.")
@click.option("--name", required=True, help="Full name.")
@click.option("--role", required=True, type=click.Choice(ROLES[:-2]), help="Role, which sets the permissions.")
@click.option("--department", help="Code of the person's department.")
@click.option(
    "--language",
    type=click.Choice(["en", "zh_Hans_CN"]),
    default="en",
    show_default=True,
    help="Language of the pages.",
)
@click.option(
    "--password-stdin", is_flag=True, help="Read a password from standard input instead of creating an invitation link."
)
def person_add(login: str, name: str, role: str, department: str | None, language: str, password_stdin: bool) -> None:
    """Add a person and print, on the last line, an invitation link for choosing a password.

    The link works once, within 7 days.
    """
    from incident.actions.directory import people

    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    app = make_app()
    with app.app_context():
        added = run_use_case(
            lambda: people.add_person(login, name, role, department, password, language, CLI, clock.now()).id
        )
        if password is not None:
            click.echo(f"{name} can sign in as {login!r}.")
            return
        click.echo(f"{name} is invited. This link works once, within 7 days:", err=True)
        click.echo(_password_link(app, added))


@person.command("reset")
@click.argument("login")
def person_reset(login: str) -> None:
    """Print, on the last line, a link for a person to set a new password.

    The link works once, within 24 hours.
    """
    from incident.core.values.faults import RuleError
    from incident.store.directory.people import person_by_login

    app = make_app()

    def make() -> str:
        found = person_by_login(login)
        if found is None:
            raise RuleError("person.unknown", {"login": login}, kind="not_found")
        return _password_link(app, found.id)

    with app.app_context():
        link = run_use_case(make)
    click.echo(f"Link for {login} to set a new password. It works once, within 24 hours:", err=True)
    click.echo(link)


def _password_link(app: "Flask", person_id: int) -> str:
    from incident.actions.directory import accounts

    token = accounts.make_password_link(person_id, CLI, clock.now())
    return f"{instance_of(app).settings.public_url}/password/{token}"
