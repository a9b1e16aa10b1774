"""Work that the scheduler repeats at intervals; a failure is logged, and the next interval tries again."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from flask import Flask

from incident.actions.incidents.held_alerts import release_held
from incident.actions.operations import housekeeping
from incident.jobs.journal.anchoring import send_anchors
from incident.jobs.journal.checking import check_journal
from incident.jobs.scheduling.contact_checks import check_contacts
from incident.jobs.scheduling.erasing import clear_disk
from incident.jobs.scheduling.exports import make_document_files, make_exports
from incident.jobs.scheduling.faults import log_fault
from incident.jobs.scheduling.insights import count_insights
from incident.jobs.scheduling.news_mails import send_news_mails
from incident.jobs.scheduling.report_calls import place_calls
from incident.jobs.scheduling.scans import scan_evidence
from incident.jobs.scheduling.sns_confirmations import confirm_topics
from incident.jobs.scheduling.workers import Tools

RELEASE_EVERY = 5.0
"""Interval (s) at which alerts that maintenance windows held are received again once these are over."""

EXPORT_EVERY = 1.0
"""Interval (s) at which exports, and checks of the journal, that somebody asked for are looked for."""

SCAN_EVERY = 10.0
"""Interval (s) at which evidence that was not scanned is looked for."""

FILE_EVERY = 1.0
"""Interval (s) at which waiting files of documents are looked for."""

MAIL_EVERY = 10.0
"""Interval (s) at which mails to followers of incidents are looked for."""

CALL_EVERY = 1.0
"""Interval (s) at which calls to reporters that are due are looked for."""

COUNT_EVERY = 10.0
"""Interval (s) at which what happened is counted for insights; their pages say when it was counted last."""


ERASE_EVERY = 10.0
"""Interval (s) at which passages that were sealed are looked for, of which the disk must be cleared."""


class Periodic(NamedTuple):
    """One kind of work: its name, its interval (s), and what is done."""

    name: str
    every: float
    work: Callable[[], None]


def periodic_deliveries(
    app: Flask, tools: Tools, now: Callable[[], datetime], is_stopping: Callable[[], bool]
) -> Sequence[Periodic]:
    """Return the work of a dispatcher beside messages, commands and events."""

    def anchor() -> None:
        if (anchoring := tools.anchoring) is not None:
            send_anchors(app, anchoring, now)

    return (
        _guarded("checks", 60, lambda: check_contacts(app, tools, now), "the check of contacts failed"),
        _guarded("sns_topics", 10, lambda: confirm_topics(app, tools.outgoing, now), "confirming topics of SNS failed"),
        _guarded("news", MAIL_EVERY, lambda: send_news_mails(app, tools, now), "mails to followers were not sent"),
        _guarded("calls", CALL_EVERY, lambda: place_calls(app, tools, now), "calls to reporters were not placed"),
        _guarded("anchors", 60, anchor, "sending anchors failed"),
        _guarded(
            "exports", EXPORT_EVERY, lambda: make_exports(app, tools, now, is_stopping), "an export could not be made"
        ),
        _guarded("journal", EXPORT_EVERY, lambda: check_journal(app, now, is_stopping), "the journal was not checked"),
        _guarded(
            "scans", SCAN_EVERY, lambda: scan_evidence(app, tools, now, is_stopping), "evidence could not be scanned"
        ),
        _guarded(
            "documents",
            FILE_EVERY,
            lambda: make_document_files(app, now, is_stopping),
            "a file of a document could not be made",
        ),
        _guarded("erasing", ERASE_EVERY, lambda: clear_disk(app, now), "the disk was not cleared of a sealed passage"),
        _guarded(
            "insights",
            COUNT_EVERY,
            lambda: count_insights(app, tools.zone, now, is_stopping),
            "the sums of insights were not kept",
        ),
    )


def periodic_timers(app: Flask, tools: Tools, now: Callable[[], datetime]) -> Sequence[Periodic]:
    """Return the work of the process that fires timers."""

    def keep_house() -> None:
        with app.app_context():
            housekeeping.run_housekeeping(now(), tools.vault)

    def release() -> None:
        with app.app_context():
            release_held(now(), tools.zone, tools.storm)

    return (
        _guarded("housekeeping", 60, keep_house, "housekeeping failed"),
        _guarded("held", RELEASE_EVERY, release, "alerts of maintenance windows that are over could not be received"),
    )


def _guarded(name: str, every: float, work: Callable[[], object], failing: str) -> Periodic:
    def attempt() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  # the interval is the retry
            log_fault(error, failing)

    return Periodic(name, every, attempt)
