"""Steps of the first run: language, a set of departments, a first contact with a test, proposed routing, skipping."""

from typing import Any

from flask import request, url_for
from werkzeug.exceptions import NotFound

from incident.actions.directory import departments as department_actions
from incident.actions.directory import first_run, people
from incident.channels import MAKERS
from incident.core.incidents.routing_document import read_rules
from incident.core.notifications.message import LANGUAGES
from incident.core.values.faults import RuleError
from incident.data.first_run import department_sets, proposed_default, proposed_rules
from incident.store.directory import departments
from incident.store.incidents.rules import rules_in_force
from incident.store.playbooks import playbooks
from incident.web import contact_channels, i18n
from incident.web.instance import current_instance, is_demonstration, now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import typed_department
from incident.web.pages.directory.set_up_next import LOOKED_AT, next_step_url
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, redirect_with_flash, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

ADDRESS_LIMIT = 2_000
USUAL_CHANNELS = frozenset({"email", "inbox", "sms"})


@pages.post("/setup/steps/<step>")
@needs("settings.write")
def mark_first_step(step: str) -> Page:
    """Skip a step of the first run, or take it up again."""
    mark = "skipped" if request.form.get("mark") == "skipped" else None
    first_run.mark_step(step, mark, require_caller().actor, now())
    return redirect_with_flash(next_step_url() if mark else url_for("pages.set_up_next"))


@pages.get("/setup/language")
@needs("settings.write")
def first_language() -> Page:
    """Show the language and the time zone."""
    return render("sign_in/first_language.html", zone=current_instance().settings.timezone)


@pages.post("/setup/language")
@needs("settings.write")
def put_first_language() -> Page:
    """Store the viewer's language, and that the time zone was looked at."""
    asking, chosen = require_caller(), request.form.get("language", "")

    def use_case() -> None:
        if asking.person_id is not None and chosen in LANGUAGES:
            people.change_person(asking.person_id, {"language": chosen}, asking.actor, now())
        first_run.mark_step("language", "done", asking.actor, now())

    return submit(use_case, first_language, next_step_url, "changed")


@pages.post("/setup/departments/set")
@needs("department.write")
def add_first_departments() -> Page:
    """Add the departments of a set that do not exist yet."""
    chosen = {one.key: one for one in department_sets()}.get(request.form.get("set", ""))
    if chosen is None:
        raise NotFound
    by, timezone = require_caller().actor, current_instance().settings.timezone
    first_run.add_department_set(chosen.departments, timezone, by, now())
    return redirect_with_flash(next_step_url(), "added")


@pages.get("/setup/contact")
@needs("contact.write")
def first_contact() -> Page:
    """Show the form of a first contact, which is tested at once."""
    return _contact_form(None)


def _contact_form(tested: contact_channels.Tested | None, secret: str | None = None, status: int = 200) -> Page:
    return render(
        "sign_in/first_contact.html",
        status,
        channels=_ready_channels(),
        chosen=request.form.get("department") or proposed_default(_without_contact()),
        given={} if tested and tested.outcome == "accepted" else request.form,
        has_departments=bool(departments.first_names(1)),
        is_test=is_demonstration(),
        next_url=next_step_url(),
        secret=secret,
        tested=tested,
    )


def _ready_channels() -> list[str]:
    """Return the channels that can send here and need no secret from the other side, the usual ones first."""
    instance, is_shown = current_instance(), is_demonstration()
    ready = {
        "email": is_shown or instance.settings.smtp_url is not None,
        "sms": is_shown or instance.settings.sms is not None,
    }
    found = [
        name for name, one in instance.channels.items() if ready.get(name, name in MAKERS) and one.signing != "given"
    ]
    return sorted(found, key=lambda name: (name not in USUAL_CHANNELS, name))


def _without_contact() -> list[str]:
    """Return the codes of departments without a contact."""
    rows = departments.departments_after(None, LOOKED_AT)
    counts = departments.contact_counts([one.id for one in rows])
    return [one.code for one in rows if not counts.get(one.id)]


@pages.post("/setup/contact")
@needs("contact.write")
def add_first_contact() -> Page:
    """Add a contact and send it a test message; one that refuses the test is switched off again."""
    tested: list[contact_channels.Tested] = []
    made: list[str | None] = []

    def use_case() -> None:
        fields = _read_contact()
        secret = contact_channels.secret_for(fields["channel"], None)
        ring, by = current_instance().ring, require_caller().actor
        row = department_actions.add_contact(**fields, secret=secret, ring=ring, by=by, now=now())
        made.append(secret)
        tested.append(contact_channels.send_test_message(row))
        if tested[0].outcome != "accepted":
            department_actions.remove_contact(row.id, "its first test message failed", by, now())

    answer = submit(use_case, lambda: _contact_form(None), next_step_url, "added")
    if not tested:
        return answer
    is_kept = tested[0].outcome == "accepted"
    return _contact_form(tested[0], made[0] if is_kept else None, 201 if is_kept else 422)


def _read_contact() -> dict[str, Any]:
    form = Form()
    code, channel = typed_department(form.text("department", 200)), form.raw("channel")
    if code is None:
        form.faults.append(RuleError("document.missing", pointer="/department"))
    found = None if code is None else departments.department_by_code(code)
    if code is not None and found is None:
        form.faults.append(RuleError("department.unknown", {"code": code}, pointer="/department"))
    address = None if channel == "inbox" else form.text("address", ADDRESS_LIMIT)
    known = current_instance().channels
    if channel not in known:
        form.faults.append(RuleError("document.not_a_choice", {"choices": ", ".join(known)}, pointer="/channel"))
    elif known[channel].signing == "given":
        form.faults.append(RuleError("setup.channel_needs_secret", pointer="/channel"))
    else:
        form.faults.extend(contact_channels.faults_of(channel, address, None))
    name = form.named("contact_name")
    form.finish()
    return {
        "department_id": 0 if found is None else found.id,
        "name": name,
        "channel": channel,
        "address": address,
        "level": 1,
        "language": i18n.current(),
    }


@pages.get("/setup/rules")
@needs("settings.write")
def first_rules() -> Page:
    """Show the routing that is proposed from the departments and playbooks here."""
    names = departments.names_by_code()
    known = {one.cacao_id: one.name for one in playbooks.list_playbooks(access.viewer())}
    return render(
        "sign_in/first_rules.html",
        default=request.form.get("default") or proposed_default(list(names)),
        has_rules=rules_in_force() is not None,
        names=names,
        playbook_names=known,
        proposed=proposed_rules(names, known),
    )


@pages.post("/setup/rules")
@needs("settings.write")
def put_first_rules() -> Page:
    """Put the proposed routing into force, unless there is one already."""

    def use_case() -> None:
        form = Form()
        default = typed_department(form.text("default", 200))
        form.finish()
        known = [one.cacao_id for one in playbooks.list_playbooks(access.viewer())]
        rules = [
            {
                "when": {"category": list(one.categories)},
                "set": {"departments": one.departments, "playbook": one.playbook},
            }
            for one in proposed_rules(departments.names_by_code(), known)
        ]
        document = {"rules": rules, "default": {"departments": [default] if default else []}}
        department_actions.put_rules(read_rules(document), 0, require_caller().actor, now())

    return submit(use_case, first_rules, next_step_url, "changed")
