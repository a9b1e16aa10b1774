"""Subscriptions of Amazon SNS that people allowed: each is confirmed by one request, outside any transaction."""

from collections.abc import Callable
from datetime import datetime

from flask import Flask

from incident.actions.incidents import sns_topics
from incident.actions.incidents.sns_topics import Confirmation
from incident.core.incidents.signatures.sns import is_subscribe_url
from incident.outgoing import Outgoing, OutgoingError
from incident.store.db.database import db
from incident.store.operations import instance

MAX_CONFIRMATIONS = 5
"""How many subscriptions are confirmed in one batch; one takes 10 seconds at most, and all less than their lease."""


def confirm_topics(app: Flask, outgoing: Outgoing, now: Callable[[], datetime]) -> None:
    """Confirm the subscriptions to topics that are due; in a demonstration nothing leaves, so none is."""
    with app.app_context():
        stays = bool(instance.instance_setting("is_demonstration"))
        due = [] if stays else sns_topics.claim_confirmations(now(), MAX_CONFIRMATIONS)
        db.session.remove()
    for confirmation in due:
        fault, is_final = _confirm(outgoing, confirmation)
        with app.app_context():
            sns_topics.record_confirmation(confirmation, fault, is_final, now())
            db.session.remove()


def _confirm(outgoing: Outgoing, confirmation: Confirmation) -> tuple[str | None, bool]:
    """Call the address; return why that failed, and whether another try is useless."""
    if not is_subscribe_url(confirmation.url, confirmation.topic):  # changed in the database since it was received
        return "the address is not one of Amazon SNS", True
    try:
        answer = outgoing.request("GET", confirmation.url)
    except OutgoingError as error:
        return error.detail, error.permanent
    if answer.status == 200:
        return None, True
    return f"Amazon SNS answered {answer.status}", 400 <= answer.status < 500 and answer.status != 429
