"""The work of the slots: send one message through its channel, execute one command by its executor."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from flask import Flask

from incident import channels, executors
from incident.actions.delivery import deliver
from incident.actions.delivery.message_renderer import MessageRenderer
from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.actions.playbooks import commands
from incident.call_settings import CallSettings
from incident.core.delivery.slot_share import SLOTS
from incident.core.incidents.grouping import StormLimits
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.core.playbooks.secret_place import secret_fault, ssh_target_place
from incident.core.playbooks.ssh_target import SshTarget
from incident.core.playbooks.task import NO_SECRET
from incident.formats.messages import Catalogues
from incident.identity_key import IdentityKey
from incident.jobs.journal.anchoring import Anchoring
from incident.jobs.scheduling.group_commit import GroupCommit
from incident.jobs.scheduling.worker_pool import WorkerPool
from incident.jobs.serving.in_flight import InFlight
from incident.keyring import SealBroken
from incident.outgoing import Outgoing
from incident.outgoing.scanner import Scanner
from incident.store.db.database import db
from incident.store.operations import instance, secrets
from incident.store.playbooks import ssh_targets

COMMAND_SLOTS = 8
LEAST_OF_MANY = 8
"""When this many messages were claimed for all free slots, more are usually due."""

RENEW_EVERY = 10.0
"""Interval (s) of renewing the lease of a command; much less than the lease."""

log = structlog.get_logger()
_draw = random.SystemRandom()


def _is_demonstration() -> bool:
    """Whether sending is disabled: read each time, as the demonstration may be loaded while the process runs."""
    is_so = bool(instance.instance_setting("is_demonstration"))
    db.session.rollback()
    return is_so


@dataclass(frozen=True)
class Telephone:
    """The telephone system that calls reporters, and what loads the key that opens their numbers."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    load_key: Callable[[], IdentityKey]

    @classmethod
    def of(cls, calls: CallSettings | None, key_path: Path) -> "Telephone | None":
        """Return that of the settings, None where there is none; the key is read for each call."""
        return None if calls is None else cls(calls.url, calls.headers, lambda: IdentityKey.load(key_path))


@dataclass(frozen=True)
class Tools:
    """The tools for external work: channels, executors, and message composition."""

    outgoing: Outgoing
    means: channels.Means
    post: MessageRenderer
    catalogues: Catalogues
    zone: ZoneInfo
    storm: StormLimits
    anchoring: Anchoring | None = None
    vault: EvidenceVault | None = None
    scanner: Scanner | None = None
    telephone: Telephone | None = None


def message_slots(app: Flask, tools: Tools, now: Callable[[], datetime]) -> WorkerPool[deliver.OutgoingMessage]:
    """Return the slots that send messages."""
    real, demonstration = channels.registry(tools.means), channels.registry(tools.means, is_demonstration=True)
    has_more = False
    flights = InFlight()

    def claim(free: int, in_flight: Sequence[deliver.OutgoingMessage]) -> Sequence[deliver.OutgoingMessage]:
        nonlocal has_more
        share, began_at = flights.share(), time.monotonic()
        with app.app_context():
            busy_contacts = [sending.contact_id for sending in in_flight]
            claimed = deliver.claim_due(now(), free, busy_contacts, tools.post, is_sure=has_more, share=share)
        for sending in claimed:
            flights.begin(sending.delivery_ids, sending.origin if sending.is_leaving else None)
        flights.claimed(share, time.monotonic() - began_at)
        has_more = len(claimed) >= max(free, LEAST_OF_MANY)
        return claimed

    def look_again(free: int) -> float | None:
        if free < 1:
            with app.app_context():
                flights.all_taken(is_waited=deliver.has_due(now()))
        return flights.look_again()

    def finish(ended: Sequence[deliver.DeliveryResult]) -> None:
        with app.app_context():
            deliver.record_results(ended, now())

    def in_hand() -> int:
        return slots.in_hand()

    together = GroupCommit(finish, in_hand)

    def do(sending: deliver.OutgoingMessage) -> None:
        if not flights.wait_turn(sending.delivery_ids):
            with app.app_context():
                deliver.release_claims(sending.delivery_ids, now())
            return
        with flights.sending(sending.delivery_ids) as ending:
            ending.outcome = send_by(real if sending.is_leaving else demonstration, sending.message)
        together.submit(deliver.DeliveryResult(sending.delivery_ids, ending.outcome, _draw.uniform(-1, 1), now()))

    slots = WorkerPool("send", SLOTS, claim, do, is_gathered=flights.is_gathered, look_again=look_again)
    return slots


def send_by(by_name: Mapping[str, channels.Channel], message: Message) -> Accepted | DeliveryError:
    """Send a message by its channel and return the outcome; an internal fault must not lose it."""
    channel = by_name.get(message.channel)
    if channel is None:
        return DeliveryError(f"no channel {message.channel}", permanent=True)
    try:
        return channels.send(channel, message)
    except DeliveryError as error:
        return error
    except Exception as error:  # it is retried
        log.exception("a channel failed", channel=message.channel)
        return DeliveryError(f"fault in the channel: {type(error).__name__}", permanent=False)


def command_slots(app: Flask, tools: Tools, now: Callable[[], datetime]) -> WorkerPool[commands.CommandOrder]:
    """Return the slots that execute commands."""
    means = _means(app, tools)
    real, demonstration = executors.registry(means), executors.registry(means, is_demonstration=True)

    def is_repeatable(kind: str, order: Mapping[str, Any]) -> bool:
        return real[kind].is_repeatable(_command(kind, order, None))

    def claim(free: int, _in_flight: Sequence[commands.CommandOrder]) -> Sequence[commands.CommandOrder]:
        with app.app_context():
            return commands.claim_commands(now(), free, is_repeatable)

    def keep(in_flight: Sequence[commands.CommandOrder]) -> None:
        with app.app_context():
            commands.renew_leases([order.command_id for order in in_flight], now())

    def do(order: commands.CommandOrder) -> None:
        with app.app_context():
            by_kind = demonstration if order.is_exercise or _is_demonstration() else real
        outcome = _carry_out(by_kind[order.kind], order)
        with app.app_context():
            commands.record_outcome(order.command_id, outcome, now())

    return WorkerPool("command", COMMAND_SLOTS, claim, do, keep, RENEW_EVERY)


def _means(app: Flask, tools: Tools) -> executors.ExecutorContext:
    """The context of executors: they have no database, so secrets and targets are queried for them."""

    def secret(name: str, place: str) -> str:
        with app.app_context():
            row = secrets.secrets_by_name([name]).get(name)
        why = secrets.refusal(row, place)
        if row is None or why is not None:
            raise executors.SecretRefused(secret_fault(why or NO_SECRET, name, place))
        try:
            return tools.post.ring.open(row.sealed, secrets.binding_of(row))
        except SealBroken as broken:
            raise executors.SecretRefused(f"the secret {name} does not open: {broken}; set it again") from None

    def key(name: str, place: str) -> str | None:
        try:
            return secret(name, place)
        except executors.SecretRefused:
            return None

    def there(host: str, port: int) -> Sequence[SshTarget]:
        with app.app_context():
            rows = ssh_targets.targets_at(host, port)
        return [row.as_target(key(row.secret_name, ssh_target_place(host, port))) for row in rows]

    return executors.ExecutorContext(tools.outgoing, secret, there)


def _command(kind: str, order: Mapping[str, Any], left: float | None) -> executors.Command:
    return executors.Command(
        kind=kind,
        body=order["body"],
        agent=order["agent"],
        targets=tuple(order["targets"]),
        authentication=order["authentication"],
        out=tuple(order["out_variables"]),
        limit=left,
    )


def _carry_out(executor: executors.Executor, order: commands.CommandOrder) -> commands.Outcome:
    try:
        ended = executor.execute(_command(order.kind, order.order, order.left))
    except Exception as error:  # an internal fault fails the step, it does not block the run
        log.exception("an executor failed", kind=order.kind)
        return commands.Outcome("failed", {}, f"fault in the executor: {type(error).__name__}")
    return commands.Outcome(ended.outcome, ended.variables, ended.detail)
