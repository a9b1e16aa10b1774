"""Hanging receivers delay no others and do not increase the messages in flight."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import func, select

from incident import clock
from incident.core.delivery.slot_share import PER_ORIGIN, SLOTS
from incident.store.db.database import db
from incident.store.directory.departments import Department
from incident.store.notifications.messages import Delivery, Message
from tests import receivers
from tests.jobs.running import running, until
from tests.world import World, rows

SECRET = "whsec_" + "A" * 32


@contextmanager
def hanging(count: int) -> Iterator[list[str]]:
    """Origins on one host that accept connections and never respond."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=64)) for _ in range(count)]
        yield [f"http://127.0.0.1:{one.getsockname()[1]}/hook" for one in sockets]


def hook(world: World, code: str, *urls: str) -> Department:
    department = world.department(code)
    for number, url in enumerate(urls):
        world.contact(department, f"{code} {number}", channel="webhook", address=url)
    return department


def notified(world: World, *codes: str) -> float:
    """Open an incident now, and return when (steady clock)."""
    world.now = clock.now()
    world.open(*codes)
    db.session.rollback()
    return time.monotonic()


def in_flight_now() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).where(Message.state == "sending")) or 0


def took(began: float, receiver: receivers.Receiver, count: int = 1, limit: float = 8.0) -> float:
    """Wait until that many requests have arrived, and return the time; count those in flight meanwhile."""
    while len(receiver.requests) < count:
        assert time.monotonic() - began < limit, f"{len(receiver.requests)} of {count} within {limit} s"
        assert in_flight_now() <= SLOTS
        time.sleep(0.05)
    return time.monotonic() - began


def test_beside_a_hundred_hanging_origins_a_contact_that_was_never_tried_is_told_within_a_second(
    world: World,
) -> None:
    waits = (0.0, 0.5, 0.4, 0.7, 1.0, 1.5)
    with running(world), hanging(100) as urls, ExitStack() as stack:
        sinks = [stack.enter_context(receivers.receiver()) for _ in waits]
        hook(world, "hung", *urls)
        for number, sink in enumerate(sinks):
            hook(world, f"net{number}", f"{sink.url}/hook")
        calm = stack.enter_context(receivers.receiver())
        hook(world, "calm", f"{calm.url}/hook")
        usual = took(notified(world, "calm"), calm)  # everything is slower on a busy machine
        notified(world, "hung")
        late = []
        for number, (pause, sink) in enumerate(zip(waits, sinks, strict=True)):
            time.sleep(pause)
            late.append(took(notified(world, f"net{number}"), sink))
    assert max(late) < 1 + usual, (late, usual)


def test_whoever_is_told_together_with_hanging_origins_is_told_soon_wherever_it_stands(sqlite_world: World) -> None:
    world = sqlite_world
    with running(world), hanging(60) as urls, ExitStack() as stack:
        first, middle, last = (stack.enter_context(receivers.receiver()) for _ in range(3))
        hook(world, "all", f"{first.url}/x", *urls[:30], f"{middle.url}/x", *urls[30:], f"{last.url}/x")
        began = notified(world, "all")
        assert took(began, first) < 2
        assert took(began, last) < 3
        took(began, middle)


def test_many_contacts_of_one_hanging_origin_hold_up_nobody(world: World) -> None:
    with running(world) as started, hanging(1) as [url], receivers.receiver() as good:
        hook(world, "hung", *[f"{url}/{number}" for number in range(20)])
        hook(world, "net", f"{good.url}/x")
        notified(world, "hung")
        until(lambda: in_flight_now() == PER_ORIGIN)
        assert took(notified(world, "net"), good) < 2
        until(lambda: in_flight_now() == PER_ORIGIN)
        assert started.fault is None


def test_origins_that_answered_before_and_hang_now_hold_up_nobody(sqlite_world: World) -> None:
    world = sqlite_world
    with running(world), ExitStack() as stack:
        turned = [stack.enter_context(receivers.receiver()) for _ in range(20)]
        good, new = (stack.enter_context(receivers.receiver()) for _ in range(2))
        hook(world, "turned", *[f"{one.url}/{number}" for one in turned for number in range(2)])
        hook(world, "net", f"{good.url}/x")
        hook(world, "new", f"{new.url}/x")
        began = notified(world, "turned", "net")
        for one in turned:
            took(began, one, 2)
        took(began, good)
        for one in turned:
            one.behave = receivers.hang
        notified(world, "turned")
        time.sleep(0.3)
        assert took(notified(world, "net"), good, 2) < 3
        assert took(notified(world, "new"), new) < 2


def test_who_answers_late_gets_each_message_once_when_nobody_waits_for_its_slot(sqlite_world: World) -> None:
    def answer_late(handler: receivers.Handler) -> None:
        time.sleep(2.5)
        handler.respond()

    with running(sqlite_world), receivers.receiver(behave=answer_late) as slow:
        hook(sqlite_world, "slow", *[f"{slow.url}/{number}" for number in range(PER_ORIGIN)])
        notified(sqlite_world, "slow")
        until(lambda: len(rows(Message, state="sent")) == PER_ORIGIN)
    assert len(slow.requests) == PER_ORIGIN


def test_what_gave_way_is_tried_again(sqlite_world: World) -> None:
    with running(sqlite_world), hanging(40) as urls:
        hook(sqlite_world, "hung", *urls)
        notified(sqlite_world, "hung")
        until(lambda: len({row.message_id for row in rows(Delivery)}) == 40)
        cut = rows(Delivery, outcome="failed")
        states = {row.id: row.state for row in rows(Message)}
    assert cut
    assert all("while others waited" in (row.detail or "") for row in cut)
    assert {states[row.message_id] for row in cut} <= {"pending", "sending"}
    assert len(states) == 40
