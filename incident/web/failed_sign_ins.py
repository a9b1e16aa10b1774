"""A line in the log for each failed sign-in, by which programs such as fail2ban can act."""

from typing import Final

from incident.core.values.faults import RuleError
from incident.logs.sign_ins import write_failed_sign_in
from incident.web.client import client_address
from incident.web.instance import now

REASONS: Final = {
    "sign_in.wrong": "password",
    "sign_in.too_soon": "waiting",
    "sign_in.too_often": "waiting",
    "link.dead": "link",
}
"""What the log calls each fault with which signing in fails."""


def log_failed_sign_in(fault: RuleError) -> None:
    """Write the line when the fault is of a sign-in."""
    reason = REASONS.get(fault.code)
    if reason is not None:
        write_failed_sign_in(client_address(), reason, now())
