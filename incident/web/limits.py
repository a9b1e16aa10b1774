"""What is limited for one address: the address is never kept, only a keyed hash that changes every day."""

import base64
import datetime as dt
import secrets

from flask import request

from incident.actions.people import count_try
from incident.web.instance import here, now

RECEIPT_BYTES = 13
"""Random bytes of a receipt, of which 100 bits are written."""

REPORTS_MOST = 30
REPORTS_WINDOW = dt.timedelta(hours=1)
RECEIPTS_MOST = 30
RECEIPTS_WINDOW = dt.timedelta(minutes=15)


def count_report() -> None:
    """Count a report from this address; raises RuleError `throttle.too_often`."""
    count_try(throttle_key("report"), REPORTS_MOST, REPORTS_WINDOW, now())


def count_receipt() -> None:
    """Count a receipt that is opened from this address; raises RuleError `throttle.too_often`."""
    count_try(throttle_key("receipt"), RECEIPTS_MOST, RECEIPTS_WINDOW, now())


def throttle_key(purpose: str) -> str:
    """Return under which key the address of this request is counted for a purpose today."""
    return here().ring.sign(f"{purpose} {now():%Y-%m-%d} {request.remote_addr}")[:64]


def new_receipt() -> str:
    """Draw a receipt such as `4KQ2M-7XJ3A-PP5CW-QH6TZ`, of 100 random bits."""
    letters = base64.b32encode(secrets.token_bytes(RECEIPT_BYTES)).decode()[:20]
    return "-".join(letters[start : start + 5] for start in range(0, 20, 5))
