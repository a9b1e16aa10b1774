"""A log line for each failed sign-in, for programs such as fail2ban."""

from collections.abc import Mapping
from typing import Final

from incident.core.values.faults import RuleError
from incident.logs.sign_ins import write_failed_sign_in
from incident.web.instance import now
from incident.web.security.client import client_address

REASONS: Final = {
    "sign_in.wrong": "password",
    "password.not_current": "password",
    "sign_in.too_soon": "waiting",
    "sign_in.too_often": "waiting",
    "link.dead": "link",
}
"""Reason in the log for each fault of a sign-in."""

PASSWORD_REASONS: Final = REASONS | {"throttle.too_often": "waiting"}
"""The same for requests that ask for the present password."""


def log_failed_sign_in(fault: RuleError, reasons: Mapping[str, str] = REASONS) -> None:
    """Log the fault if it belongs to a sign-in.

    Args:
        fault: the fault of the refused request.
        reasons: the reason in the log for each fault of a sign-in, by its code.
    """
    reason = reasons.get(fault.code)
    if reason is not None:
        write_failed_sign_in(client_address(), reason, now())
