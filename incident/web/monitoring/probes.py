"""Probes of monitoring systems: liveness, readiness and metrics. Backlogs are shown to callers who may read metrics."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import flask
import structlog
from flask import Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from incident import watchdog_state
from incident.core.values.moment import format_moment
from incident.store.db.database import to_json
from incident.store.delivery.circuits import open_circuits
from incident.store.journal.access_log import lost_reads
from incident.store.queries import health
from incident.web.instance import current_instance, now
from incident.web.monitoring.single_flight import SingleFlight
from incident.web.monitoring.watchdog_status import watchdog_status
from incident.web.security.access import is_allowed
from incident.web.security.auth import needs, public

ANSWER_LIMIT = 1.2
"""Time limit (s) of the database for a probe: callers may time out after two, and then consider us dead."""

ASKING = "incident_readiness"
"""Key of the probes' query in `app.extensions`."""

DAY = dt.timedelta(days=1)

TICK_LIMIT = dt.timedelta(seconds=10)
"""How long the scheduler may be silent before it counts as dead."""


def register(app: flask.Flask) -> None:
    """Register the probes on an app."""
    app.extensions[ASKING] = SingleFlight[health.Backlog](ANSWER_LIMIT)
    app.add_url_rule("/healthz", "healthz", live)
    app.add_url_rule("/readyz", "readyz", ready)
    app.add_url_rule("/metrics", "metrics", metrics)


@public
def live() -> Response:
    """Report that this process lives."""
    return _answer({"status": "ok"}, 200)


@public
def ready() -> Response:
    """Report whether database and clock work; callers who may read metrics also get the oldest delays.

    A database that does not answer is reported, too, in time: it is queried in a separate thread.
    """
    try:
        waiting = _waiting()
    except (SQLAlchemyError, TimeoutError) as error:
        structlog.get_logger().error("not ready", database=type(error).__name__)
        return _answer({"status": "not ready"}, 503)
    is_running = waiting.last_tick_at is not None and now() - waiting.last_tick_at <= TICK_LIMIT
    said = _readiness(waiting, is_running)
    if not is_allowed("metrics.read"):
        said = {"status": said["status"]}
    return _answer(said, 200 if is_running else 503)


def _waiting() -> health.Backlog:
    app = flask.current_app._get_current_object()  # type: ignore[attr-defined]
    asking: SingleFlight[health.Backlog] = app.extensions[ASKING]

    def ask() -> health.Backlog:
        with app.app_context():
            return health.backlog(now())

    return asking.answer(ask)


def _readiness(waiting: health.Backlog, is_running: bool) -> dict[str, Any]:
    clock: dict[str, Any] = {
        "is_running": is_running,
        "last_tick_at": waiting.last_tick_at and format_moment(waiting.last_tick_at),
    }
    if not is_running:
        clock["detail"] = "no tick for 10 s" if current_instance().has_clock else "no clock runs"
    return {
        "status": "ready" if is_running else "not ready",
        "database": {"is_reachable": True},
        "clock": clock,
        "timers": {
            "due": waiting.due_timers,
            "oldest_due_late_by": waiting.timer_late_by,
        },
        "messages": {
            "unsent": waiting.unsent_messages,
            "oldest_unsent_age": waiting.message_age,
        },
    }


def _answer(document: dict[str, Any], status: int) -> Response:
    return Response(to_json(document), status, content_type="application/json")


@needs("metrics.read")
def metrics() -> Response:
    """Return the gauges of Prometheus, read from the database now."""
    registry = CollectorRegistry()
    registry.register(_Gauges(now()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Gauges:
    """Reads the database on each request; two serving processes report the same values."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every gauge."""
        waiting = health.backlog(self.at)
        is_running = waiting.last_tick_at is not None and self.at - waiting.last_tick_at <= TICK_LIMIT
        yield _gauge("incident_clock_is_running", "1 when a clock has ticked in the last 10 seconds", int(is_running))
        yield _gauge("incident_timers_due", "Timers that have come due and are not carried out", waiting.due_timers)
        late_by = waiting.timer_late_by
        yield _gauge("incident_timers_late_seconds", "How late the oldest due timer is", late_by)
        yield _gauge("incident_messages_unsent", "Messages that wait to be sent", waiting.unsent_messages)
        yield _gauge("incident_messages_oldest_seconds", "Age of the oldest unsent message", waiting.message_age)
        yield from _watch_gauges(self.at)
        for name, about, label, counted in health.counts(self.at):
            family = GaugeMetricFamily(name, about, labels=[label])
            for value, count in counted.items():
                family.add_metric([value], count)
            yield family


def _watch_gauges(at: dt.datetime) -> Iterator[GaugeMetricFamily]:
    """Yield the findings of the watchdog, and its measurements besides timers and messages."""
    watched = watchdog_status()
    if watched.looked_at is not None:
        age = max(0.0, (at - watched.looked_at).total_seconds())
        yield _gauge("incident_watch_looked_seconds", "Seconds since the watch looked last", age)
        troubles = GaugeMetricFamily(
            "incident_watch_trouble", "1 for each trouble that the watch found", labels=["code"]
        )
        for code in sorted({one.code for one in watched.troubles}):
            troubles.add_metric([code], 1)
        yield troubles
    if watched.ping is not None and watched.ping.get("taken_at"):
        age = max(0.0, (at - watched.ping["taken_at"]).total_seconds())
        yield _gauge("incident_watch_ping_seconds", "Seconds since a ping to the outside was taken", age)
    yield _gauge("incident_reads_lost", "Reads of the last day that the access log lacks", lost_reads(at - DAY))
    yield _gauge("incident_circuits_open", "Providers that are left alone as they failed", len(open_circuits()))
    yield _gauge("incident_contacts_failing", "Contacts that failed their last check", health.count_failing())
    unconfirmed = health.count_unconfirmed(at)
    yield _gauge("incident_contacts_unconfirmed", "Contacts whose check nobody has confirmed in time", unconfirmed)
    off = GaugeMetricFamily(
        "incident_clock_off_seconds", "By how much a machine's time is ahead of the database's", labels=["host", "node"]
    )
    for one in health.clocks_off(at):
        off.add_metric([one.host, one.node], one.seconds)
    yield off
    free = watchdog_state.free_space(current_instance().settings.home)
    if free is not None:
        yield _gauge("incident_disk_free_bytes", "Bytes free in the home", free)


def _gauge(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, value=value)
