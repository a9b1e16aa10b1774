"""Mails to followers of incidents that are due: one after the other, outside any transaction."""

import random
from collections.abc import Callable
from datetime import datetime

import structlog
from flask import Flask

from incident import channels
from incident.actions.delivery import news_mails
from incident.core.notifications.message import DeliveryError
from incident.jobs.scheduling.workers import Tools, send_by
from incident.store.db.database import db

MAX_MAILS = 30
"""How many mails are sent in one batch; the first one that finds no mail server ends it."""

_draw = random.SystemRandom()


def send_news_mails(app: Flask, tools: Tools, now: Callable[[], datetime]) -> None:
    """Send the mails that are due; in a demonstration, and of exercises, none leaves the machine."""
    for _ in range(MAX_MAILS):
        with app.app_context():
            mail = news_mails.claim_news_mail(tools.post.public_url, tools.catalogues, now())
            db.session.remove()
        if mail is None:
            return
        outcome = send_by(channels.registry(tools.means, is_demonstration=not mail.is_leaving), mail.message)
        with app.app_context():
            news_mails.record_news_mail(mail, outcome, _draw.uniform(-1, 1), now())
            db.session.remove()
        if isinstance(outcome, DeliveryError):
            structlog.get_logger().warning(
                "a mail to a follower was not sent", person=mail.person_id, fault=outcome.detail
            )
            if not outcome.is_alive:
                return
