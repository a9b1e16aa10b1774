"""Who comes in: tokens of programs, and people who sign in."""

import sys
from typing import TYPE_CHECKING

import click

from incident import clock
from incident.cli.root import CLI, ROLES, instance_of, main, make_app, told

if TYPE_CHECKING:
    from flask import Flask


@main.group()
def token() -> None:
    """Tokens with which programs come in."""


@token.command("create")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What it may do.")
@click.option("--department", help="Code of the department, for the role department.")
def token_create(name: str, role: str, department: str | None) -> None:
    """Make a token and print it, once, on the last line."""
    from incident.actions.directory import people

    app = make_app()
    with app.app_context():
        made = told(lambda: people.make_token(name, role, department, CLI, clock.now()))
    click.echo(f"Token {made.row.name!r} of role {made.row.role}; keep it, it is shown only now:", err=True)
    click.echo(made.secret)


@main.group()
def person() -> None:
    """People who sign in."""


@person.command("add")
@click.option("--login", required=True, help="What they type to sign in.")
@click.option("--name", required=True, help="Their name.")
@click.option("--role", required=True, type=click.Choice(ROLES[:-2]), help="What they may do.")
@click.option("--department", help="Code of their department.")
@click.option("--language", type=click.Choice(["en", "zh_Hans_CN"]), default="en", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read a password from standard input instead of inviting by link.")
def person_add(login: str, name: str, role: str, department: str | None, language: str, password_stdin: bool) -> None:
    """Add a person and print, on the last line, the link with which they choose their password."""
    from incident.actions.directory import people

    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    app = make_app()
    with app.app_context():
        added = told(lambda: people.add_person(login, name, role, department, password, language, CLI, clock.now()).id)
        if password is not None:
            click.echo(f"{name} can sign in as {login!r}.")
            return
        click.echo(f"{name} is invited; the link works once, within 7 days:", err=True)
        click.echo(_password_link(app, added))


@person.command("reset")
@click.argument("login")
def person_reset(login: str) -> None:
    """Print, on the last line, a one-time link with which a person sets a new password."""
    from incident.core.values.faults import RuleError
    from incident.store.directory.people import person_by_login

    app = make_app()

    def make() -> str:
        found = person_by_login(login)
        if found is None:
            raise RuleError("person.unknown", {"login": login}, kind="not_found")
        return _password_link(app, found.id)

    with app.app_context():
        link = told(make)
    click.echo(f"{login} sets a new password by this link; it works once, within 24 hours:", err=True)
    click.echo(link)


def _password_link(app: "Flask", person_id: int) -> str:
    from incident.actions.directory import accounts

    token = accounts.make_password_link(person_id, CLI, clock.now())
    return f"{instance_of(app).settings.public_url}/password/{token}"
