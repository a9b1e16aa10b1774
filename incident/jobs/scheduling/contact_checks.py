"""Checks of contacts that are due: one test message to each, outside any transaction."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Flask

from incident import channels
from incident.actions.delivery import contact_checks
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.jobs.scheduling.workers import Tools, send_by
from incident.store.db.database import db
from incident.store.directory.departments import contacts_to_check
from incident.store.operations import instance

MAX_CHECKS = 10
"""How many contacts are checked in one batch; a check takes 10 seconds at most."""


def check_contacts(app: Flask, tools: Tools, now: Callable[[], datetime]) -> None:
    """Check the contacts that are due; in a demonstration nothing is sent, so nothing is checked."""
    with app.app_context():
        stays = bool(instance.instance_setting("is_demonstration"))
        due = () if stays else contacts_to_check(now(), MAX_CHECKS)
        db.session.remove()
    by_name = channels.registry(tools.means) if due else {}
    for contact_id in due:
        _check(app, tools, contact_id, by_name, now)


def _check(
    app: Flask, tools: Tools, contact_id: int, by_name: Mapping[str, channels.Channel], now: Callable[[], datetime]
) -> None:
    with app.app_context():
        message: Message | None = contact_checks.begin_check(
            contact_id, f"msg_{secrets.token_urlsafe(16)}", tools.post, now()
        )
        db.session.remove()
    if message is None:
        return
    outcome: Accepted | DeliveryError = send_by(by_name, message)
    with app.app_context():
        contact_checks.enter_check(contact_id, outcome, now())
        db.session.remove()
