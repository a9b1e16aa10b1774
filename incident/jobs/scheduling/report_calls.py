"""Calls to reporters that the telephone system of the settings places: asked for one after the other."""

import json
import random
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import structlog
from flask import Flask

from incident.actions.reports.report_calls import FAILED, DueCall, claim_due_call, record_call
from incident.jobs.scheduling.workers import Tools
from incident.outgoing import NotConnected, Outgoing, OutgoingError, Refused
from incident.store.db.database import db
from incident.store.operations import instance

MAX_CALLS: Final = 30
"""How many calls are asked for in one batch."""

_draw = random.SystemRandom()


def place_calls(app: Flask, tools: Tools, now: Callable[[], datetime]) -> None:
    """Ask the telephone system for the calls that are due; in a demonstration none leaves the machine."""
    if tools.telephone is None:
        return
    for _ in range(MAX_CALLS):
        with app.app_context():
            due = claim_due_call(tools.telephone.load_key(), now())
            is_demonstration = bool(instance.instance_setting("is_demonstration"))
            db.session.remove()
        if due is None:
            return
        if due is FAILED:
            continue
        fault, is_unsent = "call.demonstration", False
        if not is_demonstration:
            fault, is_unsent = _ask(tools.telephone.url, tools.telephone.headers, tools.means.own_outgoing, due)
        with app.app_context():
            record_call(due.id, fault or None, _draw.uniform(-1, 1), now(), is_unsent=is_unsent)
            db.session.remove()


def _ask(url: str, headers: Mapping[str, str], outgoing: Outgoing, due: DueCall) -> tuple[str, bool]:
    """Return the code of what went wrong, empty for nothing, and whether the system certainly got nothing.

    What it answers is not read: it may repeat the number.
    """
    body = json.dumps({"from": due.from_number, "to": due.to}).encode()
    sent = {"Content-Type": "application/json", "Idempotency-Key": due.uuid, **headers}
    try:
        answer = outgoing.request("POST", url, sent, body, body_limit=0, is_fresh=True)
    except OutgoingError as error:
        structlog.get_logger().warning("the telephone system did not answer", call=due.id, fault=type(error).__name__)
        is_unsent = isinstance(error, NotConnected | Refused)
        return ("call.unreachable" if is_unsent else "call.uncertain"), is_unsent
    if 200 <= answer.status < 300:
        return "", False
    structlog.get_logger().warning("the telephone system refused a call", call=due.id, status=answer.status)
    return ("call.uncertain" if answer.status >= 500 else "call.refused"), answer.status == 429
