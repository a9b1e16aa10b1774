"""Who comes in: tokens of programs, and people who sign in."""

import sys

import click

from incident import clock
from incident.cli.root import CLI, ROLES, main, make_app, told


@main.group()
def token() -> None:
    """Tokens with which programs come in."""


@token.command("create")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What it may do.")
@click.option("--department", help="Code of the department, for the role department.")
def token_create(name: str, role: str, department: str | None) -> None:
    """Make a token and print it, once, on the last line."""
    from incident.actions import people

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
@click.option("--role", required=True, type=click.Choice(ROLES[:-1]), help="What they may do.")
@click.option("--department", help="Code of their department.")
@click.option("--language", type=click.Choice(["en", "zh_Hans_CN"]), default="en", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def person_add(login: str, name: str, role: str, department: str | None, language: str, password_stdin: bool) -> None:
    """Add a person; asks for the password."""
    from incident.actions import people

    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    app = make_app()
    with app.app_context():
        told(lambda: people.add_person(login, name, role, department, password, language, CLI, clock.now()))
    click.echo(f"{name} can sign in as {login!r}.")
