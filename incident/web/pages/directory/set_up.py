"""The one-time set-up: the first administrator, then the bundled playbooks."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import g, request, url_for

from incident import config
from incident.actions.directory import people
from incident.actions.playbooks.playbook_facts import department_title
from incident.actions.playbooks.playbooks import add_playbook
from incident.core.cacao import load
from incident.core.cacao.vocabulary import PEOPLE
from incident.core.directory.password import PASSWORD_LEAST
from incident.core.values.faults import RuleError
from incident.core.values.moment import parse_moment
from incident.store.directory import departments
from incident.store.playbooks.playbooks import playbook_version
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
class ShippedPlaybook:
    """What the set-up shows of a bundled playbook; `departments` are titles by the codes that it asks."""

    cacao_id: str
    modified_at: dt.datetime
    name: str
    description: str
    departments: Mapping[str, str]


@dataclass(frozen=True)
class Shipped:
    """A bundled playbook, and whether it was added."""

    file: str
    playbook: ShippedPlaybook
    is_here: bool


@pages.get("/setup/playbooks")
@needs("playbook.write")
def shipped_playbooks() -> Page:
    """Show the bundled playbooks, and the departments that they ask and that do not exist yet."""
    shipped = [_shipped(file) for file in shipped_files()]
    asked = {code: title for one in shipped for code, title in one.playbook.departments.items()}
    known = departments.names_by_code()
    missing = {code: title for code, title in asked.items() if code not in known}
    return render("sign_in/set_up_playbooks.html", missing=missing, shipped=shipped)


@pages.post("/setup/playbooks")
@needs("playbook.write")
def add_shipped_playbooks() -> Page:
    """Add the selected playbooks, and go on to the departments that they ask."""
    chosen = set(request.form.getlist("file"))

    def use_case() -> None:
        for file in shipped_files():
            if file.name in chosen:
                add_playbook(load(file.read_bytes()), require_caller().actor, now())

    return submit(use_case, shipped_playbooks, lambda: url_for("pages.missing_departments_page"), "added")


def shipped_files() -> list[Path]:
    """Return the bundled playbooks by file name."""
    folder = config.shipped("playbooks")
    return sorted(file for file in folder.rglob("*") if file.suffix in SUFFIXES) if folder.is_dir() else []


def _shipped(file: Path) -> Shipped:
    playbook = _read(file, file.stat().st_mtime_ns)
    is_here = playbook_version(playbook.cacao_id, playbook.modified_at) is not None
    return Shipped(file.name, playbook, is_here)


@lru_cache(maxsize=256)
def _read(file: Path, changed: int) -> ShippedPlaybook:
    """Read a bundled playbook without its steps, which take most of the time; `changed` is when the file was."""
    document = load(_without_steps(file.read_text("utf-8")))
    agents = [one for one in document.get("agent_definitions", {}).values() if one["type"] in PEOPLE]
    return ShippedPlaybook(
        document["id"],
        parse_moment(document["modified"]),
        document["name"],
        str(document.get("description", "")),
        {one["name"]: department_title(str(one.get("description") or one["name"])) for one in agents},
    )


def _without_steps(text: str) -> str:
    """Return the text of a playbook without its workflow, all of it when it is laid out otherwise."""
    head, workflow, rest = text.partition("\nworkflow:\n")
    _, agents, tail = rest.partition("\nagent_definitions:\n")
    return f"{head}{agents}{tail}" if workflow and agents else text
