"""Rate limit of alerts per token: above it the sender must retry later, and people are notified."""

import math
import time

import flask

from incident import watchdog_state
from incident.core.incidents.alert_rate import Rate
from incident.core.values.faults import RuleError
from incident.shared_buckets import SharedBuckets
from incident.web.instance import current_instance, now
from incident.web.security.auth import require_caller

EXTENSION = "incident_alert_limit"


def register(app: flask.Flask, rate: Rate) -> None:
    """Create an app's buckets before its processes are forked: the processes of a node share them."""
    app.extensions[EXTENSION] = SharedBuckets(rate)


def take_alerts(count: int) -> None:
    """Take alerts of the caller from their bucket: all of a request, or none.

    Raises:
        RuleError: `alerts.too_many` (unavailable: Alertmanager sends again after 503, and gives up on 429).
    """
    buckets: SharedBuckets[Rate] = flask.current_app.extensions[EXTENSION]
    asking = require_caller()
    wait = buckets.take(asking.owner, count, time.monotonic())
    if wait:
        watchdog_state.note_refused(current_instance().settings.home, asking.name, now())
        seconds = math.ceil(wait)
        arguments = {"per_second": buckets.rate.per_second, "seconds": seconds, "retry_after": seconds}
        raise RuleError("alerts.too_many", arguments, kind="unavailable")
