"""Selects the messages to send now: in order, within limits, and bundled for people."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from incident.core.delivery import circuit
from incident.core.delivery import rate_limit as buckets
from incident.core.delivery.delivery_profile import MACHINE, DeliveryProfile
from incident.core.delivery.slot_share import Share
from incident.core.notifications.bundle import BUNDLE_PAUSE, MAX_BUNDLE, is_bundled
from incident.store.delivery import circuits
from incident.store.delivery.buckets import lock_buckets, put_bucket
from incident.store.directory.departments import Contact
from incident.store.queries import due_messages
from incident.store.queries.due_messages import DueMessage
from incident.store.queries.message_context import MessageContext, contact_rows, message_contexts

PER_CONTACT = 2
"""Maximum number of sending slots for one contact."""


@dataclass(frozen=True)
class Batch:
    """Messages sent to one contact at once: a single message, or those of a bundle."""

    contact: Contact
    rows: Sequence[DueMessage]
    is_bundle: bool = False


@dataclass(frozen=True)
class Selection:
    """The selected messages; `contexts` is the data of each message, by its id."""

    groups: Sequence[Batch]
    contexts: Mapping[int, MessageContext]


def select_batch(
    now: dt.datetime,
    limit: int,
    in_flight: Sequence[int],
    delivery_profiles: Mapping[str, DeliveryProfile],
    share: Share | None = None,
) -> Selection:
    """Select (within the caller's transaction) the messages to send now.

    Args:
        now: the moment (UTC).
        limit: the number of free sending slots.
        in_flight: the contact of each slot in use, so that none exceeds its limit.
        delivery_profiles: the delivery profile of each channel.
        share: how many messages may be started to which origins; without it, to all of them.
    """
    rows = _longest_waiting(now, limit, in_flight, share)
    if not rows:
        return Selection((), {})
    contexts = message_contexts([row.id for row in rows])
    is_all = len(rows) < limit and not (share is not None and share.has_refused)
    groups = _within_limits(now, rows, contexts, in_flight, is_all, delivery_profiles)
    groups = _one_probe_each(now, groups, contexts)
    bundled = {row.id for group in groups if group.is_bundle for row in group.rows}
    return Selection(groups, contexts | message_contexts(bundled - contexts.keys()))


class _Taken:
    """Chosen messages, within the limits of their contacts and origins."""

    def __init__(self, limit: int, in_flight: Sequence[int], share: Share | None) -> None:
        self.rows: list[DueMessage] = []
        self._limit = limit
        self._in_flight = Counter(in_flight)
        self._share = share

    @property
    def left(self) -> int:
        """The number of free slots."""
        return self._limit - len(self.rows)

    def busy(self) -> frozenset[int]:
        """The contacts that use all the slots they may."""
        return frozenset(contact for contact, count in self._in_flight.items() if count >= PER_CONTACT)

    def open(self) -> due_messages.OpenOrigins:
        """The origins to which messages may be started."""
        share = self._share
        if share is None or not share.is_searched:
            return due_messages.OpenOrigins()
        return due_messages.OpenOrigins(share.shut(), share.known, share.free_slots("new") > 0)

    def take(self, found: Iterable[DueMessage]) -> None:
        """Take those of these messages that the limits allow."""
        for row in found:
            if self.left < 1 or self._in_flight[row.contact_id] >= PER_CONTACT:
                continue
            if self._share is None or row.is_exercise or self._share.take(row.origin):
                self.rows.append(row)
                self._in_flight[row.contact_id] += 1


def _longest_waiting(
    now: dt.datetime, limit: int, in_flight: Sequence[int], share: Share | None
) -> Sequence[DueMessage]:
    """Take the longest waiting messages, skipping contacts and origins that use all the slots they may.

    While many answers are overdue, messages to untried origins are taken from both ends: the latest need not wait until
    all earlier ones have hung. Continuing past many messages of a full origin takes time, so it is not done each time.
    """
    taken = _Taken(limit, in_flight, share)
    if share is not None and share.is_searched and share.is_tight and (free_slots := share.free_slots("new")) > 0:
        taken.take(due_messages.newest_to_others(now, (free_slots + 1) // 2, taken.busy(), (), share.known))
    asked_for: tuple[frozenset[int], due_messages.OpenOrigins] | None = None
    while taken.left > 0 and asked_for != (asks := (taken.busy(), taken.open())):
        found = due_messages.due_messages(now, limit, asks[0], [row.id for row in taken.rows], asks[1])
        taken.take(found)
        asked_for = asks
        if len(found) < limit:
            break
    if share is not None and share.is_searched and share.free_slots("new") < 1 and not share.has_refused_others:
        ids = [row.id for row in taken.rows]
        share.has_refused_others = bool(due_messages.newest_to_others(now, 1, taken.busy(), ids, share.known))
    return taken.rows


def _within_limits(
    now: dt.datetime,
    rows: Sequence[DueMessage],
    contexts: Mapping[int, MessageContext],
    in_flight: Sequence[int],
    is_all: bool,
    delivery_profiles: Mapping[str, DeliveryProfile],
) -> list[Batch]:
    """Leave out messages that a contact may not receive now, and bundle those for people.

    `is_all` says that no further message is due to contacts with a free slot.
    """
    by_contact: dict[int, list[DueMessage]] = {}
    for row in rows:
        by_contact.setdefault(row.contact_id, []).append(row)
    found = contact_rows(by_contact)
    contacts = [found[contact_id] for contact_id in sorted(by_contact)]
    limits = {one.id: delivery_profiles.get(one.channel, MACHINE).limit_of(one.limit_per_minute) for one in contacts}
    kept = lock_buckets([contact_id for contact_id, limit in limits.items() if limit is not None])
    groups: list[Batch] = []
    for contact in contacts:
        its_rows, limit = by_contact[contact.id], limits[contact.id]
        exercises = [row for row in its_rows if contexts[row.id].is_exercise]
        real = [row for row in its_rows if not contexts[row.id].is_exercise]
        groups += _singly(contact, exercises)
        if limit is None or not real:
            groups += _singly(contact, real)
            continue
        bucket = buckets.filled(kept.get(contact.id) or buckets.full(limit, now), limit, now)
        has_more = not is_all or len(its_rows) + in_flight.count(contact.id) >= PER_CONTACT
        is_read = has_more and delivery_profiles.get(contact.channel, MACHINE).is_read
        its = _its_groups(contact, real, buckets.tokens_in(bucket), is_read, now)
        pause = BUNDLE_PAUSE if any(group.is_bundle for group in its) else dt.timedelta(0)
        put_bucket(contact.id, buckets.taken(bucket, len(its)), limit, now + pause)
        groups += its
    return groups


def _its_groups(contact: Contact, rows: list[DueMessage], tokens: int, is_read: bool, now: dt.datetime) -> list[Batch]:
    if tokens < 1:
        return []
    waiting = due_messages.due_to(contact.id, now, MAX_BUNDLE) if is_read else rows
    if is_read and is_bundled(len(waiting), tokens):
        return [Batch(contact, waiting, is_bundle=True)]
    return _singly(contact, rows[:tokens])


def _singly(contact: Contact, rows: Iterable[DueMessage]) -> list[Batch]:
    return [Batch(contact, [row]) for row in rows]


def _one_probe_each(now: dt.datetime, groups: Iterable[Batch], contexts: Mapping[int, MessageContext]) -> list[Batch]:
    """Allow only one batch to a provider whose circuit is open and due for a probe."""
    wanted = list(groups)
    real = [group for group in wanted if group.is_bundle or not contexts[group.rows[0].id].is_exercise]
    locked = circuits.lock_open_circuits({group.contact.origin for group in real if group.contact.origin is not None})
    if not locked:
        return wanted
    chosen = []
    for group in wanted:
        row = locked.get(group.contact.origin or "") if group in real else None
        if row is None:
            chosen.append(group)
        elif circuit.allows_call(row.state, now):
            row.state = circuit.probed(row.state, now)
            chosen.append(group)
    return chosen
