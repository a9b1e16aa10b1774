"""Verification of the requests of senders that sign them, before anything else reads the body."""

import structlog
from flask import g, request

from incident.actions.incidents import signed_messages
from incident.core.values.faults import RuleError
from incident.store.incidents.signatures import UsedSignature
from incident.web.instance import current_instance, now
from incident.web.security.client import client_address
from incident.web.security.limits import count_failed_signature


def verify_sender(used: UsedSignature) -> None:
    """Verify the signature of this request to a source.

    Raises:
        RuleError: as `verify_request`; `throttle.too_often` when too many signatures from this address were wrong.
    """
    headers = {name.lower(): value for name, value in request.headers}
    body, ring = request.get_data(cache=True), current_instance().ring
    try:
        message = signed_messages.verify_request(used, headers, body, ring, now())
    except RuleError as fault:
        count_refused(used.source, fault)
        raise
    if message is not None:
        remember_later(used.source, message)


def count_refused(source: str, fault: RuleError) -> None:
    """Log and count a refused signature.

    A right signature is never refused for wrong ones from the same address: senders in clouds share addresses.

    Raises:
        RuleError: `throttle.too_often` when too many from this address were refused.
    """
    if fault.kind == "forbidden":
        address = client_address()
        structlog.get_logger().warning("a signature was refused", source=source, code=fault.code, address=address)
        count_failed_signature()


def remember_later(source: str, message: str) -> None:
    """Have the message of this request remembered when its alerts were received."""
    g.signed_messages = [*g.get("signed_messages", ()), (source, message)]


def note_received(by: str) -> None:
    """Remember the messages of this request: its alerts were received.

    One that could not be received may come again, so it is not remembered before.
    """
    for source, message in g.get("signed_messages", ()):
        signed_messages.note_message(source, message, by, now())
