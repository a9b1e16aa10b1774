"""The ledger of an incident: every event of its notices in chronological order, each with its journal entry."""

import datetime as dt
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from incident.store.db.database import db
from incident.store.directory.departments import Contact
from incident.store.directory.people import Person
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Delivery, Message
from incident.store.notifications.notice_events import NoticeEvent, notice_events_of
from incident.store.notifications.notices import Notice

LEVEL_EVENTS = ("notice.created", "notice.escalated", "notice.held", "notice.notified")
SHOWN = ("contacts", "people", "because", "passed_over")
ORDER = {"queued": 1, "sent": 2, "provider_accepted": 3, "delivered": 3, "failed": 3, "unknown": 3, "opened": 4}
"""The order of what happened to a message within one moment; what people and levels did comes before."""

OUTCOMES = {"accepted": "provider_accepted", "delivered": "delivered", "failed": "failed", "unknown": "unknown"}


@dataclass(frozen=True, kw_only=True)
class LedgerLine:
    """One event of a notice; `seq` and `hash` are those of its entry in the journal."""

    notice_id: int
    kind: str
    at: dt.datetime
    by: str | None = None
    via: str | None = None
    contact: str | None = None
    channel: str | None = None
    person: str | None = None
    level: int | None = None
    round: int | None = None
    message: str | None = None
    attempt: int | None = None
    answer: str | None = None
    reason: str | None = None
    evidence: Mapping[str, Any] | None = None
    seq: int | None = None
    hash: str | None = None


@dataclass(frozen=True)
class _Sources:
    """The data from which the lines of one ledger are built."""

    messages: Sequence[tuple[Message, Contact, str | None]]
    deliveries: Mapping[int, Sequence[Delivery]]
    events: Sequence[NoticeEvent]
    contacts: Mapping[int, Contact]
    entries: Mapping[str, Sequence[Entry]]

    def entry(self, subject: str, at: dt.datetime, *event_types: str) -> dict[str, Any]:
        """Return the entry of one of these event types about a subject at a moment, as members of a line."""
        its = (
            one
            for one in self.entries.get(subject, ())
            if one.at == at and (not event_types or one.event_type in event_types)
        )
        found = next(its, None)
        return {} if found is None else {"seq": found.seq, "hash": found.hash}


def ledger_of(number: str, notices: Collection[Notice]) -> list[LedgerLine]:
    """Return the events of notices of one incident in chronological order.

    Args:
        number: the number of the incident.
        notices: those that the viewer may see.
    """
    if not notices:
        return []
    sources = _gather(number, notices)
    lines = [*_level_lines(notices, sources), *_sent(sources), *_said(sources)]
    return sorted(lines, key=lambda line: (line.at, ORDER.get(line.kind, 0), line.seq or 0))


def _gather(number: str, notices: Collection[Notice]) -> _Sources:
    ids = [notice.id for notice in notices]
    wanted = select(Message, Contact, Person.name).join(Contact, Contact.id == Message.contact_id)
    wanted = wanted.outerjoin(Person, Person.id == Message.person_id).where(Message.notice_id.in_(ids))
    messages = [(row[0], row[1], row[2]) for row in db.session.execute(wanted.order_by(Message.id))]
    tries = select(Delivery).join(Message, Message.id == Delivery.message_id).where(Message.notice_id.in_(ids))
    deliveries: dict[int, list[Delivery]] = {}
    for one in db.session.scalars(tries.order_by(Delivery.message_id, Delivery.attempt)):
        deliveries.setdefault(one.message_id, []).append(one)
    kinds = or_(
        Entry.event_type.startswith("notice.", autoescape=True),
        Entry.event_type.startswith("message.", autoescape=True),
    )
    entries: dict[str, list[Entry]] = {}
    for entry in db.session.scalars(select(Entry).where(Entry.incident == number, kinds).order_by(Entry.seq)):
        entries.setdefault(entry.subject, []).append(entry)
    events = notice_events_of(ids)
    named = {one.contact_id for one in events if one.contact_id is not None}
    contacts = db.session.scalars(select(Contact).where(Contact.id.in_(named)))
    return _Sources(messages, deliveries, events, {one.id: one for one in contacts}, entries)


def _level_lines(notices: Collection[Notice], sources: _Sources) -> Iterator[LedgerLine]:
    """Yield when each level was notified, and why these people: from the journal."""
    for notice in notices:
        for entry in sources.entries.get(f"notice:{notice.id}", ()):
            if entry.event_type not in LEVEL_EVENTS:
                continue
            detail = json.loads(entry.detail)
            shown = {name: detail[name] for name in SHOWN if detail.get(name)}
            yield LedgerLine(
                notice_id=notice.id,
                kind="held"
                if entry.event_type == "notice.held"
                else "notified"
                if detail.get("contacts")
                else "nobody_notified",
                at=entry.at,
                by=entry.actor,
                level=detail.get("level"),
                round=detail.get("round"),
                evidence=shown or None,
                seq=entry.seq,
                hash=entry.hash,
            )


def _sent(sources: _Sources) -> Iterator[LedgerLine]:
    """Yield each message: its creation, each attempt, and the provider's replies."""
    for message, contact, person in sources.messages:
        about: dict[str, Any] = {
            "notice_id": message.notice_id,
            "contact": contact.name,
            "channel": contact.channel,
            "person": person,
            "level": message.level,
            "round": message.round,
            "message": message.webhook_id,
        }
        entry_evidence = sources.entry(f"notice:{message.notice_id}", message.created_at)
        yield LedgerLine(
            kind="queued", at=message.created_at, evidence={"type": message.type}, **about, **entry_evidence
        )
        if contact.channel == "inbox" and message.ended_at is not None:
            yield LedgerLine(
                kind="delivered", at=message.ended_at, answer="shown in the inbox", **about, **entry_evidence
            )
        for one in sources.deliveries.get(message.id, ()):
            kept = _entry_of_attempt(message, one, sources)
            yield LedgerLine(kind="sent", at=one.began_at, attempt=one.attempt, **about, **kept)
            if one.ended_at is not None:
                kind = OUTCOMES.get(one.outcome or "", "unknown")
                yield LedgerLine(kind=kind, at=one.ended_at, attempt=one.attempt, answer=one.detail, **about, **kept)
        if message.state == "cancelled" and message.ended_at is not None:
            yield LedgerLine(kind="not_needed", at=message.ended_at, **about)


def _entry_of_attempt(message: Message, attempt: Delivery, sources: _Sources) -> dict[str, Any]:
    for entry in sources.entries.get(f"message:{message.webhook_id}", ()):
        if json.loads(entry.detail).get("attempt") == attempt.attempt:
            return {"seq": entry.seq, "hash": entry.hash}
    return {}


def _said(sources: _Sources) -> Iterator[LedgerLine]:
    """Yield opened links, answers, and actions of the scheduler."""
    of_message = {message.id: message for message, _, _ in sources.messages}
    for event in sources.events:
        contact = sources.contacts.get(event.contact_id or 0)
        message = of_message.get(event.message_id or 0)
        kept = sources.entry(f"notice:{event.notice_id}", event.at, f"notice.{event.kind}")
        if not kept and message is not None:
            kept = sources.entry(f"message:{message.webhook_id}", event.at, f"message.{event.kind}")
        yield LedgerLine(
            notice_id=event.notice_id,
            kind=event.kind,
            at=event.at,
            by=event.by,
            via=event.via,
            contact=None if contact is None else contact.name,
            channel=None if contact is None else contact.channel,
            level=event.level,
            round=event.round,
            message=None if message is None else message.webhook_id,
            reason=event.reason,
            evidence=event.evidence,
            **kept,
        )
