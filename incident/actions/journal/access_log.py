"""Writes the access log after the requests, in a transaction of its own."""

import datetime as dt
from collections.abc import Mapping

from incident.actions.unit_of_work import transaction
from incident.core.journal.access_log import LOST, ReadKey, Reads, hour_of
from incident.store.journal import access_log

RECORDER = "access-log"
"""The actor of these transactions; they write no entry in the journal."""


def record_reads(reads: Mapping[ReadKey, Reads], lost: int, node: str, now: dt.datetime) -> None:
    """Record who has read which objects.

    Args:
        reads: the objects.
        lost: how many reads could not be recorded until now.
        node: the name of this node, under which they are counted.
        now: when (UTC).
    """
    whole = dict(reads)
    if lost:
        whole[ReadKey("", LOST, node, hour_of(now))] = Reads("", now, now, lost)
    if whole:
        with transaction(RECORDER, now):
            access_log.add_reads(whole)
