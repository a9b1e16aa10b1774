"""Sending messages: an attempt is written before sending and completed after; jobs/ does the sending."""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

from incident.actions.delivery import fallback
from incident.actions.delivery.contacts import bundle_to, message_to
from incident.actions.delivery.message_renderer import MessageRenderer
from incident.actions.delivery.outcomes import SENDER, DeliveryResult, record_results, release_claims
from incident.actions.delivery.paperwork_facts import due_paperwork, page_of_paperwork
from incident.actions.delivery.select_batch import Batch, select_batch
from incident.actions.notifications.acknowledge_links import acknowledge_url
from incident.actions.notifications.outbox import DECLINED, REMINDER, TASK_CREATED
from incident.actions.regime_versions import regime_at
from incident.actions.report_recipients import RecipientDirectory, recipient_directory, recipient_names
from incident.actions.unit_of_work import transaction
from incident.core.delivery.slot_share import Share
from incident.core.notifications.bundle import make_bundle
from incident.core.notifications.escalation import NotifyLevel, next_after
from incident.core.notifications.message import (
    DeadlineFacts,
    DeliveryError,
    Message,
    MessageFacts,
    MessageType,
    TaskFacts,
)
from incident.core.notifications.policy import Policy
from incident.store.db.database import db, to_json
from incident.store.delivery.attempts import MESSAGE_LOG
from incident.store.notifications import messages
from incident.store.notifications.messages import Message as Row
from incident.store.operations import instance
from incident.store.queries import due_messages
from incident.store.queries.due_messages import DueMessage
from incident.store.queries.message_context import MessageContext

__all__ = [
    "LEASE",
    "SENDER",
    "DeliveryResult",
    "OutgoingMessage",
    "claim_due",
    "has_due",
    "message_facts",
    "record_results",
    "release_claims",
]

T = TypeVar("T")

POLICIES_KEPT = 64
LEASE = dt.timedelta(seconds=30)
"""Lease of an attempt, after which its process counts as dead; sending is cut at 10 s."""


@dataclass(frozen=True)
class OutgoingMessage:
    """One message to send now, with an attempt written for each message in it.

    That of an exercise, or of a demonstration, is not `is_leaving` the machine. `origin` is its provider.
    """

    delivery_ids: tuple[int, ...]
    contact_id: int
    message: Message
    is_leaving: bool = True
    origin: str | None = None


def claim_due(
    now: dt.datetime,
    limit: int,
    in_flight: Iterable[int],
    post: MessageRenderer,
    is_sure: bool = False,
    share: Share | None = None,
) -> list[OutgoingMessage]:
    """Write an attempt for each message that is due, and return the messages to send.

    Args:
        now: the moment (UTC).
        limit: the number of free sending slots.
        in_flight: the contact of each slot in use, so that none exceeds its limit.
        post: renders messages.
        is_sure: messages are known to be due, so that no query needs to look for them first.
        share: how many messages may be started to which origins; without it, to all of them.
    """
    if limit < 1 or not (is_sure or has_due(now)):
        return []
    with transaction(SENDER, now) as uow:
        fallback.pass_on_behind_open_circuit(uow)
        chosen = select_batch(now, limit, list(in_flight), post.delivery_profiles, share)
        claimed = _claim(chosen.groups, now)
        stays = bool(claimed) and bool(instance.instance_setting("is_demonstration"))
    recipients = cache(recipient_directory)
    written = [_written(claim, chosen.contexts, post, now, recipients) for claim in claimed]
    return [replace(one, is_leaving=one.is_leaving and not stays) for one in written if one is not None]


def has_due(now: dt.datetime) -> bool:
    """Check before writing: a sweep with nothing due must not block other writers."""
    next_at = messages.next_message_at()
    is_so = next_at is not None and next_at <= now and due_messages.has_due(now)
    db.session.rollback()
    return is_so


@dataclass(frozen=True)
class ClaimedBatch:
    """A batch to send now, and the attempt of each of its messages by the message's id."""

    group: Batch
    delivery_ids: Mapping[int, int]
    bundle_id: str | None


def _claim(groups: Iterable[Batch], now: dt.datetime) -> list[ClaimedBatch]:
    wanted = [group for group in groups if not _is_cancelled(group, now)]
    rows = [row for group in wanted for row in group.rows]
    if not rows:
        return []
    if left := [row.id for row in rows if row.state == "sending"]:
        MESSAGE_LOG.mark_unknown(left, now)
    MESSAGE_LOG.begin([row.id for row in rows], now + LEASE)
    singly = [row.id for group in wanted if not group.is_bundle for row in group.rows]
    alone = MESSAGE_LOG.insert(singly, now, bundle_id=None)
    return [_claim_bundle(group, now) if group.is_bundle else ClaimedBatch(group, alone, None) for group in wanted]


def _is_cancelled(group: Batch, now: dt.datetime) -> bool:
    """Cancel messages to a contact that is disabled."""
    is_off = group.contact.switched_off_at is not None
    if is_off:
        messages.cancel([row.id for row in group.rows], now, group.contact.switched_off_why)
    return is_off


def _claim_bundle(group: Batch, now: dt.datetime) -> ClaimedBatch:
    bundle_id = f"bundle_{uuid.uuid4().hex}"
    return ClaimedBatch(group, MESSAGE_LOG.insert([row.id for row in group.rows], now, bundle_id=bundle_id), bundle_id)


def _written(
    claim: ClaimedBatch,
    contexts: Mapping[int, MessageContext],
    post: MessageRenderer,
    now: dt.datetime,
    recipients: Callable[[], RecipientDirectory],
) -> OutgoingMessage | None:
    """Render a message; one that cannot be rendered counts as a failed attempt and delays no other."""
    sound, deliverable = [], []
    for row in claim.group.rows:
        write = partial(message_facts, row, contexts[row.id], post, claim.group.contact.language, now, recipients)
        facts = _unless_faulty([claim.delivery_ids[row.id]], write, now)
        if facts is not None:
            sound.append(row)
            deliverable.append(facts)
    if not sound:
        return None
    delivery_ids = tuple(claim.delivery_ids[row.id] for row in sound)
    return _unless_faulty(delivery_ids, partial(_write, claim, delivery_ids, sound[0], deliverable, post, now), now)


def _unless_faulty(delivery_ids: Iterable[int], write: Callable[[], T], now: dt.datetime) -> T | None:
    try:
        return write()
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001  # such as a secret that no key opens, or a fault in a text
        db.session.rollback()
        fault = DeliveryError(f"cannot be written: {type(error).__name__}", permanent=False, is_alive=True)
        record_results([DeliveryResult(tuple(delivery_ids), fault, 0.0, now)], now)
        return None


def _write(
    claim: ClaimedBatch,
    ids: tuple[int, ...],
    row: DueMessage,
    deliverable: list[MessageFacts],
    post: MessageRenderer,
    now: dt.datetime,
) -> OutgoingMessage:
    contact = claim.group.contact
    if claim.bundle_id is not None and len(ids) > 1:
        bundle = make_bundle(deliverable, f"{post.public_url}/inbox", post.delivery_profiles[contact.channel].max_named)
        return OutgoingMessage(
            ids, contact.id, bundle_to(contact, bundle, post, now, claim.bundle_id), origin=contact.origin
        )
    message = message_to(
        contact,
        deliverable[0],
        post,
        now,
        webhook_id=row.webhook_id,
        kind=_type_of(row),
        at=row.created_at,
    )
    return OutgoingMessage(ids, contact.id, message, not deliverable[0].is_exercise, contact.origin)


def message_facts(
    row: DueMessage | Row,
    context: MessageContext,
    post: MessageRenderer,
    language: str,
    now: dt.datetime,
    recipients: Callable[[], RecipientDirectory] = recipient_directory,
) -> MessageFacts:
    """Return the facts for the texts of a message.

    Args:
        row: the message.
        context: its data.
        post: renders messages.
        language: that of its contact.
        now: the moment of sending (UTC), from which the time that is left counts.
        recipients: returns the departments that are authorities; called for a deadline only.
    """
    return MessageFacts(
        type=_kind_of(row, context),
        at=row.created_at,
        department=context.department,
        incident=context.incident,
        title=context.title or "",
        grade=context.grade,
        category=post.category(context.category, language),
        tlp=context.tlp,
        level=row.level,
        round=row.round,
        next_at=_next_level_at(context),
        notice=context.notice,
        acknowledge_url=acknowledge_url(post.ring, post.public_url, row.type, row.webhook_id),
        incident_url=_page_of(context, post.public_url),
        task=None if context.task_id is None else TaskFacts(context.task, context.task_due_at, context.task_why),
        purpose=context.purpose,
        deadline=_deadline(context, language, now, recipients, post),
        timezone=post.timezone,
        is_exercise=context.is_exercise,
        reason=context.reason if row.type == DECLINED else None,
    )


def _page_of(context: MessageContext, public_url: str) -> str | None:
    """Return the address of the page of an incident, of its deadlines, of the decision to review, or of reports."""
    if context.purpose == "urgent":
        return f"{public_url}/urgent-reports/{context.notice}"
    if context.incident is None:
        return None
    page = f"{public_url}/incidents/{context.incident}"
    if context.purpose == "paperwork":
        return f"{public_url}/{page_of_paperwork(context)}"
    if context.purpose == "review":
        return f"{page}/{'grading' if context.subject_type == 'grade' else 'clocks'}"
    return page if context.clock is None else f"{page}/clocks#clock-{context.clock}"


def _deadline(
    context: MessageContext,
    language: str,
    now: dt.datetime,
    recipients: Callable[[], RecipientDirectory],
    post: MessageRenderer,
) -> DeadlineFacts | None:
    """Return the facts of the clock, paper or document that a notice is about, None without a due."""
    if context.purpose == "paperwork":
        return due_paperwork(context, language, now, post)
    if context.regime_hash is None or context.stage is None or context.due_at is None:
        return None
    is_chinese = language.startswith("zh")
    key, comma, brackets = ("zh", "、", "（{}）") if is_chinese else ("en", ", ", " ({})")
    regime = regime_at(context.regime_hash)
    stage = regime.stage(context.stage)
    report = stage.title[key] + brackets.format(regime.title[key])
    names = recipient_names(stage, recipients(), language)
    return DeadlineFacts(report, comma.join(names), context.due_at, context.due_at - now)


def _next_level_at(context: MessageContext) -> dt.datetime | None:
    """Return when the next level is notified, None when this was the last."""
    if context.next_at is None:
        return None
    step = next_after(_policy(to_json(context.policy)), context.level, context.round, context.next_at)
    return context.next_at if isinstance(step, NotifyLevel) else None


@lru_cache(POLICIES_KEPT)
def _policy(document: str) -> Policy:
    """Parse a policy from its JSON: many notices share few policies."""
    return Policy.from_json(json.loads(document))


OF_THEIR_OWN: dict[str, MessageType] = {
    TASK_CREATED: "task.created",
    DECLINED: "notice.declined",
    REMINDER: "notice.reminder",
}
"""Messages that do not request an acknowledgement."""


def _type_of(row: DueMessage | Row) -> MessageType:
    """Return the message type for a machine."""
    return OF_THEIR_OWN.get(row.type, "notice.created")


def _kind_of(row: DueMessage | Row, context: MessageContext) -> MessageType:
    """Return the kind of the texts; webhooks get `notice.created` at every level, people read of the escalation.

    Where the levels before were skipped when the notice was opened, nobody was notified in vain.
    """
    if row.type in OF_THEIR_OWN:
        return OF_THEIR_OWN[row.type]
    is_first = (row.level, row.round) == (1, 1) or row.created_at == context.opened_at
    return "notice.created" if is_first else "notice.escalated"
