"""A line in the log for each failed sign-in, by which programs such as fail2ban can act."""

from collections.abc import Mapping
from typing import Final

from incident.core.values.faults import RuleError
from incident.logs.sign_ins import write_failed_sign_in
from incident.web.client import client_address
from incident.web.instance import now

REASONS: Final = {
    "sign_in.wrong": "password",
    "password.not_current": "password",
    "sign_in.too_soon": "waiting",
    "sign_in.too_often": "waiting",
    "link.dead": "link",
}
"""What the log calls each fault with which signing in fails."""

PASSWORD_REASONS: Final = REASONS | {"throttle.too_often": "waiting"}
"""The same where one's present password is asked for."""


def log_failed_sign_in(fault: RuleError, reasons: Mapping[str, str] = REASONS) -> None:
    """Write the line when the fault is of a sign-in.

    Args:
        fault: with which something was refused.
        reasons: what the log calls each fault that is of a sign-in, by its code.
    """
    reason = reasons.get(fault.code)
    if reason is not None:
        write_failed_sign_in(client_address(), reason, now())
