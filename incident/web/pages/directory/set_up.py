"""The one-time set-up: the first administrator, then the bundled playbooks."""

from dataclasses import dataclass
from pathlib import Path

from flask import g, request, url_for

from incident import config
from incident.actions.directory import people
from incident.actions.playbooks.playbooks import add_playbook
from incident.core.cacao import load, parse
from incident.core.directory.password import PASSWORD_LEAST
from incident.core.values.faults import RuleError
from incident.store.playbooks.playbooks import playbook_by_hash
from incident.web import i18n
from incident.web.http.errors import status_of
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.directory.sign_in import browser, with_session
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, redirect_with_flash, render, submit
from incident.web.security.auth import needs, public, require_caller

SUFFIXES = frozenset({".json", ".yaml", ".yml"})


@pages.get("/setup/<token>")
@public
def set_up(token: str) -> Page:
    """Show the form for the first administrator's name and password."""
    people.require_setup_link(token, now())
    return _form()


@pages.post("/setup/<token>")
@public
def make_administrator(token: str) -> Page:
    """Create the first administrator, sign them in, and redirect to the playbooks."""
    try:
        people.require_setup_link(token, now())
        form = Form()
        name, login = form.named("name"), form.login()
        form.finish()
        password = request.form.get("password", "")
        person = people.set_up(token, login, name, password, i18n.current(), now())
    except RuleError as fault:
        if fault.kind == "gone":
            raise
        g.faults = fault.all
        return _form(status_of(fault))
    return with_session(
        redirect_with_flash(url_for("pages.shipped_playbooks")), people.open_session(person, now(), browser())
    )


def _form(status: int = 200) -> Page:
    return render("sign_in/set_up.html", status, given=request.form, least=PASSWORD_LEAST)


@dataclass(frozen=True)
class Shipped:
    """A bundled playbook, and whether it was added."""

    file: str
    name: str
    description: str
    is_here: bool


@pages.get("/setup/playbooks")
@needs("playbook.write")
def shipped_playbooks() -> Page:
    """Show the bundled playbooks."""
    return render("sign_in/set_up_playbooks.html", shipped=[_shipped(file) for file in shipped_files()])


@pages.post("/setup/playbooks")
@needs("playbook.write")
def add_shipped_playbooks() -> Page:
    """Add the selected playbooks."""
    chosen = set(request.form.getlist("file"))

    def use_case() -> None:
        for file in shipped_files():
            if file.name in chosen:
                add_playbook(load(file.read_bytes()), require_caller().actor, now())

    return submit(use_case, shipped_playbooks, lambda: url_for("pages.playbooks"), "added")


def shipped_files() -> list[Path]:
    """Return the bundled playbooks by file name."""
    folder = config.shipped("playbooks")
    return sorted(file for file in folder.rglob("*") if file.suffix in SUFFIXES) if folder.is_dir() else []


def _shipped(file: Path) -> Shipped:
    parsed = parse(load(file.read_bytes()))
    is_here = playbook_by_hash(parsed.content_hash) is not None
    return Shipped(file.name, parsed.name, str(parsed.document.get("description", "")), is_here)
