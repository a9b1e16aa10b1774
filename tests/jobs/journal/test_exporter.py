"""Export of the journal to a log collector: each entry, in order, over real sockets, despite failures."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from incident.actions.incidents import incidents
from incident.actions.journal import exporting
from incident.actions.reports.reports import NewReport, submit_report
from incident.config import SettingsError, read
from incident.core.journal.event_types import EVENT_TYPE_WORDS
from incident.core.journal.log_export import MAX_DATAGRAM, WITH_DETAILS, Exported, document_of, syslog_message
from incident.jobs.journal import exporter as module
from incident.jobs.journal.exporter import Exporter, ExportPace
from incident.outgoing import OutgoingError
from incident.proof_settings import ExportSettings, Transport
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.journal import exports
from incident.store.journal.journal import Entry
from tests import collectors, receivers
from tests.core.cacao.build import action, document
from tests.jobs.running import until
from tests.jobs.supervision.test_watchdog import codes, watching
from tests.web.api.playbooks.test_playbooks import marked
from tests.world import World, rows

QUICK = ExportPace(look_every=0.02, renew_every=0.1, pause_least=0.02, max_pause=0.1)


def to(port: int, transport: Transport = "tcp", **more: Any) -> ExportSettings:
    return ExportSettings(transport, more.pop("host", "127.0.0.1"), port, **more)


def exporter(world: World, given: ExportSettings, by: str = "process 1") -> Exporter:
    return Exporter(world.app, given, "incident.test", by, lambda: world.now, QUICK)


@contextmanager
def exporting_in_a_thread(made: Exporter) -> Iterator[None]:
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        made.stop()
        thread.join(10)


def seqs() -> list[int]:
    return [one.seq for one in rows(Entry)]


def test_every_entry_is_sent_once_and_in_order_after_rfc_5424(world: World) -> None:
    for number in range(5):
        world.department(f"d{number}")
    with collectors.running() as sink, exporting_in_a_thread(exporter(world, to(sink.port))):
        until(lambda: len(sink.messages) == 5)
        world.department("later")
        until(lambda: len(sink.messages) == 6)
        assert sink.seqs == seqs() == [1, 2, 3, 4, 5, 6]
    match = collectors.MESSAGE.fullmatch(sink.messages[0])
    assert match
    assert (match["priority"], match["host"], match["app"]) == (b"110", b"incident.test", b"incident")
    assert (match["kind"], match["number"]) == (b"department.added", b"1")
    first = rows(Entry)[0]
    assert sink.documents[0]["hash"] == first.hash, "each line proves the journal up to it"


def test_by_tls_the_collector_is_verified_and_shown_our_certificate(world: World, tmp_path: Path) -> None:
    import ssl

    world.department("net")
    ours, other = receivers.authority(tmp_path / "ours"), receivers.authority(tmp_path / "other")
    context = ours.server_context
    context.load_verify_locations(ours.ca_file)
    context.verify_mode = ssl.CERT_REQUIRED
    more = {"certificate_file": tmp_path / "ours" / "server.pem", "host": "localhost"}
    with collectors.running(context) as sink:
        with pytest.raises(OSError, match=r"(?i)certificate"):
            exporter(world, to(sink.port, "tls", ca_file=Path(other.ca_file), **more)).step()
        made = exporter(world, to(sink.port, "tls", ca_file=Path(ours.ca_file), **more))
        made.step()
        until(lambda: sink.seqs == [1])


def test_by_udp_each_entry_is_a_datagram_of_a_size_that_collectors_take(world: World) -> None:
    world.department("net")
    world.open("net", description="x" * 5000)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(("127.0.0.1", 0))
        sink.settimeout(10)
        exporter(world, to(sink.getsockname()[1], "udp", has_details=True)).step()
        got = [sink.recv(65_535) for _ in seqs()]
    assert [collectors.parsed(one)["seq"] for one in got] == seqs()
    assert max(map(len, got)) <= MAX_DATAGRAM


def test_what_waits_for_a_dead_collector_is_sent_when_it_is_there(world: World) -> None:
    world.department("net")
    port = receivers.closed_port()
    made = exporter(world, to(port))
    with pytest.raises((OSError, OutgoingError)):
        made.step()
    assert exports.position(to(port).name) == 0
    with exporting_in_a_thread(made):
        world.department("ops")
        with collectors.running(port=port) as sink:
            until(lambda: sink.seqs == [1, 2])


def test_a_collector_that_dies_and_comes_back_gets_everything_in_order(world: World) -> None:
    first = collectors.Collector()
    made = exporter(world, to(first.port))
    with exporting_in_a_thread(made):
        for number in range(10):
            world.department(f"a{number}")
        until(lambda: len(first.messages) == 10)
        first.die()
        for number in range(10):
            world.department(f"b{number}")
        with collectors.running(port=first.port) as second:
            until(lambda: second.seqs[-1:] == [20])
            assert second.seqs == list(range(second.seqs[0], 21)), "in order, none left out"
            assert second.seqs[0] <= 11


def test_what_was_acknowledged_but_not_read_when_the_collector_died_is_sent_again(world: World) -> None:
    world.department("net")
    first = collectors.Collector()
    made = exporter(world, to(first.port))
    with exporting_in_a_thread(made):
        until(lambda: first.seqs == [1])
        first.is_reading.clear()
        world.department("ops")  # the frame is in the buffer of a process that will never read it
        until(lambda: _position(to(first.port)) == 2)
        first.messages.clear()
        first.die()
        with collectors.running(port=first.port) as second:
            until(lambda: 2 in second.seqs)


def test_a_collector_that_stops_reading_holds_up_nothing_but_the_export(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.jobs.journal.collector.SEND_LIMIT", 0.3)
    monkeypatch.setattr(module, "BATCH", 5_000)
    for number in range(8):
        world.department(f"d{number}")
    with collectors.running() as sink:
        sink.is_reading.clear()
        given = to(sink.port, has_details=True)
        monkeypatch.setattr(module, "syslog_message", lambda *_: b"x" * 2_000_000)
        with pytest.raises(OSError, match=r"takes nothing|timed out"):
            exporter(world, given).step()
    assert _position(given) == 0, "what was not acknowledged counts as not sent"


def _position(given: ExportSettings) -> int:
    db.session.rollback()
    return exports.position(given.name)


def test_the_position_is_kept_and_a_process_that_is_started_again_goes_on(world: World) -> None:
    world.department("net")
    with collectors.running() as sink:
        exporter(world, to(sink.port)).step()
        world.department("ops")
        exporter(world, to(sink.port)).step()
        until(lambda: len(sink.messages) >= 2)
        assert sink.seqs == [1, 2]
        assert _position(to(sink.port)) == 2


def test_of_two_processes_one_sends_and_the_other_takes_over_when_it_is_gone(world: World) -> None:
    world.department("net")
    with collectors.running() as sink:
        first, second = (exporter(world, to(sink.port), by) for by in ("process 1", "process 2"))
        first.step()
        world.department("ops")
        second.step()
        assert _position(to(sink.port)) == 1, "it is not its turn"
        world.forward(seconds=16)
        second.step()
        until(lambda: sink.seqs == [1, 2])
        assert not exporting.advance(to(sink.port).name, 2, "process 1", world.now)


def test_a_demonstration_sends_nothing(world: World) -> None:
    from incident.store.operations import instance

    world.department("net")
    instance.put_instance_setting("is_demonstration", True)
    db.session.commit()
    with collectors.running() as sink:
        exporter(world, to(sink.port)).step()
        assert _position(to(sink.port)) == 0


# ------------------------------------------------------------------------------------------------- exported details
WORDS = ("zebra-title", "zebra-note", "zebra@example.org", "zebra-person")


def plant(world: World, tlp: str) -> None:
    """Write distinct words into an incident, a note, a contact and the name of an actor."""
    net = world.department("net")
    world.contact(net, address="zebra@example.org")
    incident = world.open("net", title="zebra-title", tlp=tlp)
    incidents.add_note(incident.id, "zebra-note", "person:1:zebra-person", world.now)


def left(world: World, *, has_details: bool) -> str:
    found = exporting.entries_after(0, 1000)
    return json.dumps([document_of(one, has_details=has_details) for one in found])


def test_without_details_neither_texts_nor_names_of_persons_leave(world: World) -> None:
    plant(world, "amber")
    gone = left(world, has_details=False)
    assert [word for word in WORDS if word in gone] == []
    assert '"incident.noted"' in gone
    assert '"person:1"' in gone


def test_with_details_those_of_persons_and_of_red_incidents_stay(world: World) -> None:
    plant(world, "amber")
    gone = left(world, has_details=True)
    assert [word for word in WORDS if word in gone] == ["zebra-title", "zebra-note"]


def test_of_an_incident_of_tlp_red_no_content_leaves_even_when_it_became_so_later(world: World) -> None:
    plant(world, "amber")
    [incident] = rows(Incident)
    world.change(incident, tlp="red")
    gone = left(world, has_details=True)
    assert [word for word in WORDS if word in gone] == []


def test_the_details_of_these_types_of_events_never_leave() -> None:
    prefixes = {one.partition(".")[0] for one in EVENT_TYPE_WORDS}
    assert prefixes - WITH_DETAILS == {
        *("call", "contact", "custody", "department", "device", "document", "document_series", "handover", "identity"),
        *("link", "links", "members", "message", "notice", "paper", "password", "person", "policy", "report", "rota"),
        *("session", "sheet", "sign_in", "text_blocks", "token", "view"),
    }
    assert prefixes >= WITH_DETAILS


def test_of_a_report_about_a_unit_only_time_and_hash_leave(world: World) -> None:
    for units in (None, ()):
        submit_report(NewReport(text="zebra-note"), f"mark {units}", world.now, by="person:1:Li", units=units)
    usual, barred = [document_of(one, has_details=True) for one in exporting.entries_after(0, 1000)][-2:]
    assert (usual["verb"], usual["actor"], usual["subject"]) == ("report.received", "person:1", "report:1")
    assert barred["verb"] == "entry.withheld"
    assert [barred[name] for name in ("actor", "subject", "incident")] == [None, None, None]
    assert len(barred["hash"]) == 64


def test_what_stems_from_a_playbook_of_tlp_red_stays(world: World) -> None:
    made = document({"look": action("done", name="zebra-step", timeout=60_000), "done": None}, name="zebra-book")
    world.playbook(marked(made, "TLP:RED"))
    world.department("net")
    world.open("net", title="plain", playbook=made["id"])
    gone = left(world, has_details=True)
    assert "zebra" not in gone
    assert '"run.started"' in gone


def test_a_detail_that_is_too_long_is_left_out_and_that_is_said() -> None:
    import datetime as dt

    entry = Exported(
        seq=2**31, at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), actor="person:1", event_type="incident.noted",
        incident="INC-2026-000001", subject="incident:1", hash="a" * 64, detail={"note": "长" * 3000},
    )  # fmt: skip
    message = syslog_message(document_of(entry, has_details=True), "höst name", 8192)
    document = collectors.parsed(message)
    assert (document["detail_omitted"], "detail" in document, len(message) < 8192) == (True, False, True)
    match = collectors.MESSAGE.fullmatch(message)
    assert match
    assert match["number"] == b"1", "the number of RFC 5424 begins again"


def test_entries_that_wait_for_the_collector_are_an_alarm(world: World) -> None:
    world.department("net")
    name = to(6514).name
    watch = watching(world, collector=name)
    assert "export.late" not in codes(watch)
    world.forward(minutes=11)
    assert "export.late" in codes(watch)
    exporting.take_turn(name, "x", world.now)
    exporting.advance(name, seqs()[-1] + 5, "x", world.now)
    assert "export.late" not in codes(watch)


@pytest.mark.parametrize("given", ["https://x.example", "tls://", "tcp://x:0", "tls://[x", "udp:x"])
def test_an_address_that_is_none_is_refused_with_a_hint(given: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="INCIDENT_EXPORT_TO"):
        read({"INCIDENT_HOME": str(tmp_path), "INCIDENT_EXPORT_TO": given})


@pytest.mark.parametrize(("given", "port"), [("udp://h", 514), ("tcp://h", 601), ("tls://h", 6514), ("tls://h:99", 99)])
def test_the_ports_are_those_of_the_standards(given: str, port: int, tmp_path: Path) -> None:
    found = read({"INCIDENT_HOME": str(tmp_path), "INCIDENT_EXPORT_TO": given}).export
    assert found is not None
    assert (found.port, found.has_details) == (port, False)
