"""System health: clocks, timers, messages, providers, contacts, their monitoring, disk and journal."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from incident import watchdog_state
from incident.core.journal.anchor import OLD_AFTER, Failing, Place, places_of
from incident.core.operations.watchdog import ADVICE, MEBIBYTE, TROUBLE_WORDS, Limits
from incident.core.values.error_messages import fill
from incident.store.db.counting import MAX_COUNT
from incident.store.db.database import db
from incident.store.delivery import circuits
from incident.store.directory import departments, sign_in_failures
from incident.store.directory.departments import Contact, Department
from incident.store.journal import anchors, exports, journal
from incident.store.journal.access_log import lost_reads
from incident.store.journal.anchors import Anchored
from incident.store.notifications import messages
from incident.store.operations.instance import Heartbeat
from incident.store.playbooks import timers
from incident.store.playbooks.timers import failing_timers
from incident.store.queries import dead_letters, health
from incident.store.queries.health import pending_counts
from incident.web.i18n import gettext as _
from incident.web.instance import current_instance, now
from incident.web.monitoring.watchdog_status import WatchdogStatus, watchdog_status
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page, render
from incident.web.security import access
from incident.web.security.auth import needs

TICK_LIMIT = 10.0
"""How long the scheduler may be silent, in seconds."""

NODE_SHOWN = 8
"""How many characters of a node's id are shown: enough to distinguish two machines of one name."""


@dataclass(frozen=True)
class Trouble:
    """A fault in words: its cause, its remedy, and its begin."""

    said: str
    advice: str
    since: Any
    is_alarmed: bool


@dataclass(frozen=True)
class Tick:
    """The last tick of a scheduler process: its host, its time, and by how many seconds the
    clock of its host is ahead of the database's, if that matters."""

    host: str
    node: str
    pid: str
    at: Any
    is_alive: bool
    off_by: int | None


@dataclass(frozen=True)
class Collector:
    """A log collector: the last entry that it received, and since when other entries wait."""

    name: str
    seq: int
    waits_since: dt.datetime | None
    is_late: bool


@dataclass(frozen=True)
class AnchorPlace:
    """A destination of the journal's anchors: its last anchor, and since when it refuses them."""

    place: Place
    last: Anchored | None
    failing: Failing | None

    @property
    def is_well(self) -> bool:
        """Whether it received one within two days."""
        return self.failing is None and self.last is not None and now() - self.last.at <= OLD_AFTER


@pages.get("/health")
@needs("journal.read")
def machinery() -> Page:
    """Show the system health."""
    next_due_at = timers.next_due_at()
    due, unsent = pending_counts(now())
    watched = watchdog_status()
    free = watchdog_state.free_space(current_instance().settings.home)
    return render(
        "machinery/machinery.html",
        anchors=_anchors(),
        collector=_collector(),
        circuits=circuits.open_circuits(),
        contacts=_not_reached(),
        database=db.engine.dialect.name,
        dead=dead_letters.count_dead(access.viewer()) if access.is_allowed("message.read") else 0,
        due=due,
        failures=sign_in_failures.count_live(now()),
        fine=health.FINE,
        failing=failing_timers(),
        free=None if free is None else free // MEBIBYTE,
        has_room=free is not None and free >= Limits().disk_least,
        head=journal.head(),
        is_late=next_due_at is not None and next_due_at < now(),
        most=MAX_COUNT,
        next_due_at=next_due_at,
        oldest_at=messages.oldest_unsent_at(),
        ticks=[_tick(one) for one in health.ticks()],
        troubles=troubles_shown(watched),
        lost=lost_reads(now() - dt.timedelta(days=1)),
        unsent=unsent,
        unsent_by_channel=health.unsent_by_channel(),
        watch=watched,
    )


def _tick(beat: Heartbeat) -> Tick:
    node, _, pid = beat.process.rpartition(":")
    off_by = beat.off_by if beat.off_by is not None and abs(beat.off_by) > Limits().clock_off else None
    return Tick(
        host=beat.host or node,
        node=node[:NODE_SHOWN],
        pid=pid,
        at=beat.at,
        is_alive=(now() - beat.at).total_seconds() <= TICK_LIMIT,
        off_by=None if off_by is None else round(off_by),
    )


def _collector() -> Collector | None:
    """Return the progress of the log collector, None when there is none."""
    given = current_instance().settings.export
    if given is None:
        return None
    since = exports.waits_since(given.name)
    is_late = since is not None and (now() - since).total_seconds() > Limits().export_late
    return Collector(given.name, exports.position(given.name), since, is_late)


def _anchors() -> list[AnchorPlace]:
    """Return each destination of the journal's anchors, with the last anchor that it received."""
    given = current_instance().settings.anchors
    places = places_of(given.to, given.time_stamp_url)
    latest, failing = anchors.latest_of([one.name for one in places]), anchors.failing()
    return [AnchorPlace(one, latest.get(one.name), failing.get(one.name)) for one in places]


def _not_reached() -> list[tuple[Contact, Department]]:
    """Return the contacts that failed their last check or await a confirmation, each once and with its department."""
    found = list({one.id: one for one in (*health.failing_now(), *health.unconfirmed_now(now()))}.values())
    of = departments.departments_of({one.department_id for one in found})
    return [(one, of[one.department_id]) for one in found]


def troubles_shown(watched: WatchdogStatus) -> list[Trouble]:
    """Return the faults, in the language of the page."""
    return [
        Trouble(
            fill(_(TROUBLE_WORDS[one.trouble.code]), one.trouble.arguments),
            _(ADVICE.get(one.trouble.code, "")),
            one.since,
            one.sent > 0,
        )
        for one in watched.standing
        if one.trouble.code in TROUBLE_WORDS
    ]
