"""Custodians: the key ceremony, approvals made offline, and changes of the set, at the console."""

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from incident import clock
from incident.cli.root import CLI, main, make_app, run_use_case

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from incident.store.reports.custodians import Custodian

HOW_TO_KEEP = """
How to keep it
1. Print this page once, on a printer that stores nothing. Do not save it.
2. Put it into an envelope of your own. Seal it and sign across the seal.
3. Keep it where you alone can reach it, and not at the same place as another custodian's envelope.
4. If you forget your passphrase, this key opens your share: incident custodian approve FILE --paper
"""


@main.group()
def custodian() -> None:
    """Custodians of protected identities: several of them together open a contact."""


@custodian.command("add")
@click.argument("login")
def custodian_add(login: str) -> None:
    """Draw the key of a person as a custodian, and print the page for the envelope.

    The custodian types the passphrase. Then they open a test seal: incident custodian test LOGIN.
    """
    from incident.actions.reports import custodians

    app = make_app()
    with app.app_context():
        person_id = _person(login)
        passphrase = click.prompt("Passphrase of the custodian", hide_input=True, confirmation_prompt=True)
        made = run_use_case(lambda: custodians.add_custodian(person_id, passphrase, CLI, clock.now()))
    click.echo(f"Private key of the custodian {login}, number {made.row.id}. It is shown only once.\n\n{made.paper}")
    click.echo(HOW_TO_KEEP)


@custodian.command("test")
@click.argument("login")
def custodian_test(login: str) -> None:
    """Let a custodian open a test seal. Do it at the ceremony, and again each quarter."""
    from incident.actions.reports import custodians

    app = make_app()
    with app.app_context():
        row = _custodian(login)
        passphrase = click.prompt("Passphrase of the custodian", hide_input=True)
        run_use_case(lambda: custodians.open_test_seal(row.id, passphrase, CLI, clock.now()))
    click.echo(f"{login} opened the test seal.")


@custodian.command("approve")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--paper", is_flag=True, help="Type the private key from the envelope instead of the passphrase.")
def custodian_approve(file: Path, paper: bool) -> None:
    """Approve the request in FILE, offline: needs no database and no network.

    FILE is from the page of the request. What is printed is pasted there.
    """
    from incident.actions.reports.offline_approvals import approve_offline, private_key_of, request_facts
    from incident.custodian_key import BadPaper, WrongPassphrase
    from incident.identity_key import BoxBroken

    try:
        document = json.loads(file.read_text("utf-8"))
        facts = request_facts(document)
        click.echo(f"Details of a reporter for {facts['requester']}: {', '.join(facts['fields'])}", err=True)
        click.echo(f"Purpose: {facts['purpose']}", err=True)
        typed = click.prompt("Private key" if paper else "Passphrase", hide_input=True, err=True)
        click.echo(json.dumps(approve_offline(document, private_key_of(document, typed, is_paper=paper))))
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        if isinstance(error, BadPaper):
            raise click.ClickException("This is no private key: a letter is wrong or missing.") from None
        raise click.ClickException(f"{file} is no request for an approval.") from None
    except (WrongPassphrase, BoxBroken):
        raise click.ClickException("This does not open the shares in the file.") from None


@custodian.command("rotate")
def custodian_rotate() -> None:
    """Begin the proposed set of custodians, and rewrite every protected field for it.

    As many custodians of the present set as it needs type their passphrases. Killed at any point, the command goes on
    where it stopped when it is run again.
    """
    app = make_app()
    with app.app_context():
        _rotate()


@custodian.command("remove")
@click.argument("login")
def custodian_remove(login: str) -> None:
    """Remove a custodian: the others form the next set, with the same threshold, and every field is rewritten."""
    from incident.actions.reports import custodians
    from incident.store.reports import custodians as store

    app = make_app()
    with app.app_context():
        row, current = _custodian(login), store.current_set()
        if current is None:
            raise click.ClickException("There is no set of custodians yet.")
        staying = [one.id for _, one in store.members_of_set(current.id) if one.id != row.id]
        run_use_case(lambda: custodians.propose_set(current.threshold, staying, CLI, clock.now()))
        _rotate()


def _rotate() -> None:
    from incident.actions.reports import custody_rotation
    from incident.store.reports import custodians as store

    current = store.current_set()
    if current is None:
        raise click.ClickException("There is no set of custodians yet.")
    older = store.identities_of_older_sets(current.id, 1)
    needed = older[0].custodian_set if older else current.id
    keys = custody_rotation.keys_by_public(_unlock(needed or current.id))
    begun = run_use_case(lambda: custody_rotation.begin_proposed_set(keys, CLI, clock.now()))
    if begun is not None:
        click.echo(f"Set {begun.id} has begun: {begun.threshold} custodians are needed.")
    count = 0
    rewritten = custody_rotation.rewrite_identities(keys, CLI, clock.now())
    while (left := run_use_case(lambda: next(rewritten, None))) is not None:
        count += 1
        click.echo(f"{count} fields rewritten, {left} left", err=True)
    click.echo(f"{count} fields rewritten, none is left.")


def _unlock(set_id: int) -> "list[X25519PrivateKey]":
    """Ask the custodians of a set for their passphrases, until enough have typed them."""
    from incident.actions.reports import custodians
    from incident.store.db.database import db
    from incident.store.reports import custodians as store

    found: dict[int, Any] = {}
    threshold = db.session.get_one(store.CustodianSet, set_id).threshold
    members = {_login(one): one for _, one in store.members_of_set(set_id)}
    while len(found) < threshold:
        login = click.prompt(f"Custodian {len(found) + 1} of {threshold} (sign-in name)")
        row = members.get(login)
        if row is None or row.id in found:
            click.echo("This is no custodian of the set, or one who has typed already.", err=True)
            continue
        typed = click.prompt("Passphrase", hide_input=True)
        found[row.id] = run_use_case(partial(custodians.unlock_custodian, row, typed))
    return list(found.values())


def _person(login: str) -> int:
    from incident.store.directory.people import person_by_login

    found = person_by_login(login)
    if found is None:
        raise click.ClickException(f"There is no person {login}.")
    return found.id


def _custodian(login: str) -> "Custodian":
    from incident.store.reports import custodians as store

    found = store.custodian_of_person(_person(login))
    if found is None:
        raise click.ClickException(f"{login} is no custodian.")
    return found


def _login(row: "Custodian") -> str:
    from incident.store.db.database import db
    from incident.store.directory.people import Person

    return db.session.get_one(Person, row.person_id).login
