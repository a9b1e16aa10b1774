"""The contacts of a department: add, disable, replace the secret, and send a test message."""

from typing import Any

from flask import url_for

from incident.actions.delivery import contact_checks
from incident.actions.delivery import contacts as use_cases
from incident.actions.directory import departments
from incident.core.notifications.message import LANGUAGES
from incident.core.values.faults import RuleError
from incident.web import contact_channels
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.directory.departments import show_department
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

ADDRESS_LIMIT = 2_000
MAX_LEVELS = 20
MAX_LIMIT = 6_000
EVERY_LIMIT = 20
ONE = "/departments/<code>/contacts/<int(max=2147483647):contact_id>"


@pages.post("/departments/<code>/contacts")
@needs("contact.write")
def add_contact_form(code: str) -> Page:
    """Add a contact; the next page shows the secret of a webhook, once."""
    found = access.visible_department(code)
    made: list[str] = []

    def use_case() -> None:
        form = Form()
        fields, given = _contact(form), form.text("secret", contact_channels.SECRET_LIMIT)
        if fields["channel"] in current_instance().channels:
            form.faults.extend(contact_channels.faults_of(fields["channel"], fields["address"], given))
        form.finish()
        secret = contact_channels.secret_for(fields["channel"], given)
        ring, by = current_instance().ring, require_caller().actor
        departments.add_contact(found.id, **fields, secret=secret, ring=ring, by=by, now=now())
        made.extend([secret] if secret and not given else [])

    answer = submit(use_case, lambda: show_department(code), lambda: _place(code), "added")
    return show_department(code, made[0], 201) if made else answer


def _contact(form: Form) -> dict[str, Any]:
    channel, language = form.raw("channel"), form.raw("language")
    if channel not in current_instance().channels:
        form.faults.append(
            RuleError("document.not_a_choice", {"choices": ", ".join(current_instance().channels)}, pointer="/channel")
        )
    level = form.number("level", 1) or 1
    if not 1 <= level <= MAX_LEVELS:
        form.faults.append(RuleError("document.out_of_bounds", {"least": 1, "most": MAX_LEVELS}, pointer="/level"))
    return {
        "name": form.named("contact_name"),
        "channel": channel,
        "address": None if channel == "inbox" else form.text("address", ADDRESS_LIMIT),
        "level": level,
        "language": language if language in LANGUAGES else "en",
        "person": form.text("person"),
    }


@pages.post(f"{ONE}/remove")
@needs("contact.write")
def remove_contact_form(code: str, contact_id: int) -> Page:
    """Disable a contact."""
    access.visible_contact_of(code, contact_id)
    asking = require_caller()

    def use_case() -> None:
        departments.remove_contact(contact_id, f"removed by {asking.name}", asking.actor, now())

    return submit(use_case, lambda: show_department(code), lambda: _place(code), "removed")


@pages.post(f"{ONE}/test")
@needs("contact.test")
def send_test_form(code: str, contact_id: int) -> Page:
    """Send a test message and show the answer."""
    contact = access.visible_contact_of(code, contact_id)
    tested: list[contact_channels.Tested] = []

    def use_case() -> None:
        tested.append(contact_channels.send_test_message(contact))

    answer = submit(use_case, lambda: show_department(code), lambda: _place(code), "changed")
    return show_department(code, tested=tested[0]) if tested else answer


@pages.post(f"{ONE}/secret")
@needs("contact.write")
def change_secret_form(code: str, contact_id: int) -> Page:
    """Replace the secret of a webhook; the next page shows it, once."""
    contact = access.visible_contact_of(code, contact_id)
    made: list[str] = []

    def use_case() -> None:
        contact_channels.require_made_here(contact)
        secret = contact_channels.new_secret()
        use_cases.change_secret(contact_id, secret, current_instance().ring, require_caller().actor, now())
        made.append(secret)

    answer = submit(use_case, lambda: show_department(code), lambda: _place(code), "changed")
    return show_department(code, made[0], 201) if made else answer


@pages.post(f"{ONE}/change")
@needs("contact.write")
def change_contact_form(code: str, contact_id: int) -> Page:
    """Set the limit of messages per minute of a contact, the interval of its checks, and whether people confirm it."""
    contact = access.visible_contact_of(code, contact_id)

    def use_case() -> None:
        form = Form()
        limit, every = form.number("limit_per_minute"), form.text("check_every", EVERY_LIMIT)
        within = form.text("confirm_within", EVERY_LIMIT)
        if limit is not None and not 1 <= limit <= MAX_LIMIT:
            bounds = {"least": 1, "most": MAX_LIMIT}
            form.faults.append(RuleError("document.out_of_bounds", bounds, pointer="/limit_per_minute"))
        form.finish()
        changes = {"limit_per_minute": limit, "check_every": every}
        if contact_channels.can_confirm(contact):
            changes["confirm_within"] = within
        contact_checks.change_contact(
            contact_id, changes, current_instance().post.delivery_profiles, require_caller().actor, now()
        )

    return submit(use_case, lambda: show_department(code), lambda: _place(code), "changed")


def _place(code: str) -> str:
    return url_for("pages.department", code=code)
