"""The watchdog: it survives scheduler and database, alarms through the first working address, and pings."""

import datetime as dt
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy.exc import DatabaseError, OperationalError

from incident import channels, clock, watchdog_state
from incident.app import create_core, watchdog_config
from incident.channels.webhook import sign
from incident.core.notifications.message import Accepted, DeliveryError, Message
from incident.core.operations.alarm import AlarmNews, AlarmSchedule, Standing
from incident.core.operations.watchdog import Limits, Trouble
from incident.formats.messages import load_catalogues
from incident.jobs.supervision import watchdog as module
from incident.jobs.supervision.alarm import AlarmSender
from incident.jobs.supervision.probe import Probe
from incident.jobs.supervision.watchdog import Watch, WatchdogConfig, WatchIntervals
from incident.outgoing import Outgoing
from incident.store.db.database import db
from incident.store.journal.journal import Entry
from incident.store.operations import instance
from incident.store.queries import health
from tests import receivers
from tests.jobs.running import until
from tests.stories.served import INCIDENT, Served
from tests.world import World, rows

AT_ONCE = AlarmSchedule(confirm_for=dt.timedelta(0), calm_for=dt.timedelta(seconds=30))
SECRET = "whsec_" + "A" * 32
QUICK = WatchIntervals(look_every=0.05, ping_every=60, answer_limit=5)


def alarm_sender(*to: str, secret: str | None = None) -> AlarmSender:
    outgoing = Outgoing(allow_private=True)
    ways = channels.registry(channels.Means(outgoing=outgoing))
    return AlarmSender(to, secret, ways, outgoing, "http://incident.test", load_catalogues())


def orders(home: Path, *to: str, **more: Any) -> WatchdogConfig:
    made = WatchdogConfig(
        home=home, alarm_sender=alarm_sender(*to, secret=more.pop("secret", None)), schedule=AT_ONCE, pace=QUICK
    )
    return replace(made, **more)


def watching(world: World, *to: str, **more: Any) -> Watch:
    """A watch on a world whose clock has just ticked."""
    tick(world)
    return Watch(world.app, orders(world.settings.home, *to, **more), lambda: world.now)


def tick(world: World) -> None:
    instance.beat("clock of the tests", world.now)
    db.session.commit()


def codes(watch: Watch) -> list[str]:
    return [trouble.code for trouble in watch.look()]


def bodies(receiver: receivers.Receiver) -> list[dict[str, Any]]:
    return [one.json for one in receiver.requests]


def test_a_clock_that_falls_silent_is_told_once_and_its_end_once(world: World) -> None:
    with receivers.receiver() as sink:
        watch = watching(world, f"{sink.url}/alarm")
        assert codes(watch) == []
        world.forward(seconds=31)
        for _ in range(5):
            assert codes(watch) == ["clock.silent"]
            world.forward(seconds=10)
        assert [one["type"] for one in bodies(sink)] == ["machinery.alarm"]
        assert bodies(sink)[0]["data"]["standing"][0]["code"] == "clock.silent"
        for _ in range(5):
            tick(world)
            assert codes(watch) == []
            world.forward(seconds=10)
    assert [one["type"] for one in bodies(sink)] == ["machinery.alarm", "machinery.recovered"]
    assert bodies(sink)[1]["data"]["ended"][0]["code"] == "clock.silent"
    event_types = [entry.event_type for entry in rows(Entry) if entry.event_type.startswith("machinery.")]
    assert event_types == ["machinery.alarmed", "machinery.recovered"]


def test_a_late_timer_and_a_message_that_nobody_sends_are_trouble(world: World) -> None:
    world.department("net", [("duty", 1)], waits=[1])
    watch = watching(world)
    world.open("net")
    world.forward(minutes=4)
    tick(world)
    assert codes(watch) == ["timers.late", "messages.late"]


def test_a_message_that_is_refused_again_and_again_is_trouble_and_does_not_stop_the_ping(world: World) -> None:
    world.department("net", [("duty", 1)], waits=[600])
    world.open("net")
    with receivers.receiver() as outside:
        watch = watching(world, ping_url=f"{outside.url}/ping")
        for _ in range(40):
            world.send(DeliveryError("450 not now", permanent=False))
            world.forward(minutes=1)
        world.send(DeliveryError("450 not now", permanent=False))
        tick(world)
        assert codes(watch) == ["messages.failing"]
    assert len(outside.requests) == 1


def test_the_second_way_is_used_when_the_first_is_dead_and_each_says_who_sent_it(world: World) -> None:
    with receivers.receiver(status=500) as broken, receivers.receiver() as well:
        dead = f"http://127.0.0.1:{receivers.closed_port()}/a-secret-way"
        watch = watching(world, dead, f"{broken.url}/x", f"{well.url}/y", secret=SECRET)
        world.forward(minutes=1)
        watch.look()
    (got,) = well.requests
    timestamp = int(got.headers["webhook-timestamp"])
    assert got.headers["webhook-signature"] == sign(SECRET, got.headers["webhook-id"], timestamp, got.body)
    seen = watchdog_state.load(world.settings.home)
    assert [one["is_taken"] for one in seen["tried"]] == [False, False, True]
    assert "a-secret-way" not in str(seen)


def test_when_nobody_takes_it_it_is_tried_again_until_somebody_does(world: World) -> None:
    with receivers.receiver(status=503) as sink:
        watch = watching(world, f"{sink.url}/alarm")
        world.forward(minutes=1)
        for _ in range(12):
            watch.look()
            world.forward(seconds=10)
        assert len(sink.requests) == 2
        sink.status = 200
        for _ in range(12):
            watch.look()
            world.forward(seconds=10)
    assert len(sink.requests) == 3


def test_the_outside_is_told_each_minute_that_all_is_well_and_nothing_while_it_is_not(world: World) -> None:
    with receivers.receiver() as outside:
        watch = watching(world, ping_url=f"{outside.url}/ping/a-secret-way")
        for _ in range(12):
            tick(world)
            watch.look()
            world.forward(seconds=10)
        assert len(outside.requests) == 2
        world.forward(minutes=2)
        for _ in range(12):
            watch.look()
            world.forward(seconds=10)
        assert len(outside.requests) == 2
    assert outside.requests[0].method == "GET"
    assert "a-secret-way" not in str(watchdog_state.load(world.settings.home))


def test_a_demonstration_alarms_and_pings_nobody(world: World) -> None:
    instance.put_instance_setting("is_demonstration", True)
    with receivers.receiver() as outside:
        watch = watching(world, f"{outside.url}/alarm", ping_url=f"{outside.url}/ping")
        watch.look()
        world.forward(minutes=1)
        assert codes(watch) == ["clock.silent"]
    assert outside.requests == []


def test_a_database_that_is_gone_is_told_and_what_was_told_is_in_the_journal_when_it_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_now: dt.datetime) -> health.WatchdogMeasures:
        raise OperationalError("SELECT 1", {}, Exception("away"))

    with receivers.receiver() as sink:
        watch = watching(world, f"{sink.url}/alarm")
        with monkeypatch.context() as patched:
            patched.setattr(health, "watchdog_measures", gone)
            assert codes(watch) == ["database.gone"]
        assert bodies(sink)[0]["data"]["standing"][0]["code"] == "database.gone"
        assert [one for one in rows(Entry) if one.event_type == "machinery.alarmed"] == []
        assert codes(watch) == []
    assert len([one for one in rows(Entry) if one.event_type == "machinery.alarmed"]) == 1


def test_when_the_database_is_back_the_outside_is_told_at_once_and_nothing_counts_as_late_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_now: dt.datetime) -> health.WatchdogMeasures:
        raise OperationalError("SELECT 1", {}, Exception("away"))

    world.department("net", [("duty", 1)], waits=[1])
    with receivers.receiver() as outside:
        watch = watching(world, ping_url=f"{outside.url}/ping")
        assert codes(watch) == []
        world.open("net")
        with monkeypatch.context() as patched:
            patched.setattr(health, "watchdog_measures", gone)
            for _ in range(30):
                assert codes(watch) == ["database.gone"]
                assert watch._pause() == QUICK.look_again
                world.forward(seconds=10)
        assert len(outside.requests) == 1
        assert codes(watch) == []
        assert len(outside.requests) == 2
        assert watch._pause() == QUICK.look_every
        for _ in range(10):  # after the outage, unanswered work counts again
            world.forward(seconds=10)
            found = codes(watch)
        assert found == ["clock.silent", "timers.late"]


def test_damage_that_anybody_has_met_is_told_as_damage_and_not_as_a_database_that_is_gone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_now: dt.datetime) -> health.WatchdogMeasures:
        raise DatabaseError("SELECT 1", {}, Exception("database disk image is malformed"))

    with receivers.receiver() as sink:
        watch = watching(world, f"{sink.url}/alarm")
        watchdog_state.note_damage(world.settings.home, "DatabaseError: malformed", world.now)
        assert codes(watch) == ["database.damaged"]
        world.forward(minutes=2)
        tick(world)
        monkeypatch.setattr(health, "watchdog_measures", damaged)
        assert codes(watch) == ["database.damaged"]
        watchdog_state.forget_damage(world.settings.home)
    assert bodies(sink)[0]["data"]["standing"][0]["code"] == "database.damaged"


def test_a_question_that_hangs_for_good_is_given_up_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incident.jobs.supervision.probe.ABANDON_AFTER", 0.3)
    hanging, asked = threading.Event(), []

    def ask() -> bool:
        asked.append(1)
        if len(asked) == 1:
            hanging.wait(20)
        return True

    probe = Probe(ask)
    assert probe.answer(0.05) is None
    assert probe.answer(0.05) is None
    assert len(asked) == 1
    time.sleep(0.3)
    assert probe.answer(5) is True
    hanging.set()


def test_an_answer_that_came_too_late_is_not_given_to_the_next_who_asks() -> None:
    go_on, said = threading.Event(), [True, False]

    def ask() -> bool:
        answer = said.pop(0)
        if answer:
            go_on.wait(20)
        return answer

    probe = Probe(ask)
    assert probe.answer(0.05) is None
    go_on.set()
    until(lambda: not probe._answers.empty())
    assert probe.answer(20) is False


def test_a_question_is_asked_anew_as_soon_as_the_last_one_is_answered() -> None:
    probe = Probe(lambda: True)
    began = time.monotonic()
    assert [probe.answer(20) for _ in range(2_000)] == [True] * 2_000
    assert time.monotonic() - began < 15


def test_a_database_that_hangs_does_not_hang_the_watch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, asked = threading.Event(), []

    def hang(_now: dt.datetime, _collector: str | None) -> health.WatchdogMeasures:
        asked.append(1)
        hanging.wait(20)
        raise OperationalError("SELECT 1", {}, Exception("away"))

    monkeypatch.setattr(health, "watchdog_measures", hang)
    watch = watching(world, pace=WatchIntervals(answer_limit=0.05))
    try:
        assert [codes(watch), codes(watch), codes(watch)] == [["database.gone"]] * 3
        assert len(asked) == 1
    finally:
        hanging.set()


def test_a_home_without_room_is_trouble(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog_state, "free_space", lambda _home: 9 << 20)
    assert codes(watching(world)) == ["disk.low"]


def test_a_watch_that_is_started_anew_goes_on_where_the_other_was(world: World) -> None:
    with receivers.receiver() as sink:
        watch = watching(world, f"{sink.url}/alarm")
        world.forward(minutes=1)
        watch.look()
        again = Watch(world.app, orders(world.settings.home, f"{sink.url}/alarm"), lambda: world.now)
        world.forward(minutes=1)
        assert codes(again) == ["clock.silent"]
    assert len(sink.requests) == 1


def test_of_two_watches_of_a_home_one_looks_and_the_other_takes_over(world: World) -> None:
    home = world.settings.home
    with watchdog_state.exclusive_lock(home) as is_ours, watchdog_state.exclusive_lock(home) as is_theirs:
        assert (is_ours, is_theirs) == (True, False)
        second = Watch(world.app, orders(home), clock.now)
        thread = threading.Thread(target=second.run)
        thread.start()
        threading.Event().wait(0.2)
        assert watchdog_state.load(home) == {}
    until(lambda: watchdog_state.load(home))
    second.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_the_addresses_of_the_settings_may_be_private_and_are_not_shown(tmp_path: Path, world: World) -> None:
    settings = replace(world.settings, ping_url="https://hc.test/secret", alarm_to=("https://a.test/secret",))
    settings = replace(settings, allow_private_targets=False)
    made = watchdog_config(create_core(settings))
    assert "secret" not in repr(settings) + repr(made)
    assert made.ping_url == "https://hc.test/secret"


@contextmanager
def working(home: Path) -> Iterator[tuple[Served, subprocess.Popen[bytes]]]:
    """A real `incident work` on a home."""
    served = Served(home)
    served.token()
    process = subprocess.Popen([*INCIDENT, "work"], env=served.environ, start_new_session=True)
    try:
        yield served, process
    finally:
        process.terminate()
        process.wait(20)


def clock_process(now: dt.datetime) -> int | None:
    """The process that ticked within the last seconds."""
    db.session.rollback()
    last = [one for one in health.ticks() if now - one.at < dt.timedelta(seconds=3)]
    return int(last[0].process.rpartition(":")[2]) if last else None


@pytest.mark.slow
def test_a_real_clock_that_hangs_and_one_that_dies_again_and_again_are_told(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with receivers.receiver() as sink, working(home) as (served, process):
        app = create_core(replace(module_settings(home), public_url="http://incident.test"))
        limits = Limits(clock_silent=4, deaths=2, deaths_within=60)
        watch = Watch(app, orders(home, f"{sink.url}/alarm", limits=limits, ping_url=f"{sink.url}/ping"))
        with app.app_context():
            until(lambda: clock_process(clock.now()), 20)
            assert codes(watch) == []
            hung = clock_process(clock.now())
            assert hung is not None
            os.kill(hung, signal.SIGSTOP)
            until(lambda: codes(watch) == ["clock.silent"], 15)
            os.kill(hung, signal.SIGKILL)
            until(lambda: clock_process(clock.now()) not in {None, hung}, 15)
            second = clock_process(clock.now())
            assert second is not None
            os.kill(second, signal.SIGKILL)
            until(lambda: codes(watch) == ["process.dying"], 15)
        assert process.poll() is None
        notified = [one.json for one in sink.requests if one.path == "/alarm"]
        standing = [[one["code"] for one in body["data"]["standing"]] for body in notified]
        assert standing[0] == ["clock.silent"]
        assert any("process.dying" in one for one in standing[1:])
        assert len(notified) <= 3
    assert served.home.exists()


def module_settings(home: Path) -> Any:
    from tests.world import settings_for

    return settings_for(home, f"sqlite:///{home / 'incident.db'}")


def test_a_machine_whose_time_is_off_is_alarmed_by_its_name_and_pinging_goes_on(world: World) -> None:
    with receivers.receiver() as sink:
        watch = watching(world, f"{sink.url}/alarm", ping_url=f"{sink.url}/ping")
        instance.beat(f"{'b' * 32}.{'1' * 32}:7", world.now, "soc-2", 3600.0)
        db.session.commit()
        assert codes(watch) == ["clock.ahead"]
        said = sink.requests[0].json["data"]["standing"][0]["said"]
        assert said.startswith("The clock of soc-2 is 3600 seconds ahead")
        assert [one.path for one in sink.requests] == ["/alarm", "/ping"]


def test_a_fault_of_the_watch_itself_does_not_end_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def fail(*_arguments: object) -> tuple[()]:
        looked.append(1)
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(module, "troubles_of", fail)
    watch = watching(world)
    thread = threading.Thread(target=watch.run)
    thread.start()
    until(lambda: len(looked) > 2)
    watch.stop()
    thread.join(10)
    assert not thread.is_alive()


class Noted:
    """A channel that records messages instead of sending them."""

    name = "email"
    is_leaving = True

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, message: Message) -> Accepted:
        self.messages.append(message)
        return Accepted("250 ok")


def test_an_alarm_by_a_channel_says_in_both_languages_what_is_wrong_and_what_to_do() -> None:
    noted = Noted()
    made = AlarmSender(
        ("mailto:duty@example.org",), None, {"email": cast(Any, noted)}, Outgoing(), "http://i.test", load_catalogues()
    )
    at = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
    standing = Standing(trouble=Trouble("disk.low", {"free": 9}), since=at, seen_at=at)
    assert [one.is_taken for one in made.send(AlarmNews((standing,), ("disk.low",)), at)] == [True]
    (message,) = noted.messages
    assert message.address == "duty@example.org"
    for words in (
        "Only 9 MiB free",
        "9 MiB 可用",
        "Free up space",
        "since 2026-03-02 01:00 UTC",
        "http://i.test/health",
    ):
        assert words in message.text
    assert "系统运行故障" in message.subject
