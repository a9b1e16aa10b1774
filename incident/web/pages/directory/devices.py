"""Notifications on the devices of the signed-in person: turn them on, off, and try them."""

from typing import Any

import flask
from flask import make_response, request, url_for

from incident.actions.directory import devices as use_cases
from incident.channels.push import new_signing_key
from incident.core.directory.browser import browser_name
from incident.core.values.faults import RuleError
from incident.web import contact_channels, i18n
from incident.web.i18n import gettext as _
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.directory.account import account, own_ids
from incident.web.pages.directory.sign_in import browser
from incident.web.pages.frame import Page, redirect_with_flash, submit
from incident.web.security.auth import signed_in

ONE = "/account/devices/<int(max=2147483647):device_id>"
PLACE = "devices"
"""The part of the account page that shows them."""


def _account() -> str:
    return f"{url_for('pages.account')}#{PLACE}"


@pages.post("/account/devices/key")
@signed_in
def device_key() -> Page:
    """Return the key with which a browser subscribes, as JSON."""
    asking, _person, _session = own_ids()
    key = use_cases.signing_key(new_signing_key, current_instance().ring, asking.actor, now())
    return flask.jsonify(key=key)


@pages.post("/account/devices")
@signed_in
def turn_device_on() -> Page:
    """Turn notifications on for the browser that sends its subscription."""
    asking, person_id, _session = own_ids()
    given: dict[str, Any] = {name: request.form.get(name, "") for name in ("endpoint", "point", "auth", "replaced")}

    def use_case() -> None:
        use_cases.turn_on(
            person_id,
            **given,
            label=browser_name(browser()) or _("Unknown browser"),
            language=i18n.current(),
            hosts=current_instance().settings.push_hosts,
            ring=current_instance().ring,
            by=asking.actor,
            now=now(),
        )

    return submit(use_case, account, _account, "device_on")


@pages.post(f"{ONE}/off")
@signed_in
def turn_device_off(device_id: int) -> Page:
    """Turn notifications off for a device."""
    asking, person_id, _session = own_ids()
    use_cases.turn_off(person_id, device_id, asking.actor, now())
    return redirect_with_flash(_account(), "device_off")


@pages.post(f"{ONE}/test")
@signed_in
def try_device(device_id: int) -> Page:
    """Send a test notification to a device."""
    _asking, person_id, _session = own_ids()

    def use_case() -> None:
        tested = contact_channels.send_test_message(use_cases.own_device(person_id, device_id).contact)
        if tested.outcome != "accepted":
            raise RuleError("push.not_sent", {"answer": tested.answer}, kind="conflict")

    return make_response(submit(use_case, account, _account, "device_tried"))
