"""Anchors of the journal: sent daily to mail, webhook and a time-stamp authority, retried, and reported when old."""

import datetime as dt
import itertools
import subprocess
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from incident import channels, clock
from incident.actions.journal.verifying import verify_journal
from incident.app import create_core, watchdog_config
from incident.certifying import CertificateKey, read_anchor
from incident.channels.webhook import sign
from incident.core.journal.anchor import Anchor, places_of
from incident.core.journal.chain import Head
from incident.formats.anchors import NoAnchor, Trust, read_anchors
from incident.formats.messages import load_catalogues
from incident.formats.time_stamps import load_roots
from incident.jobs.journal.anchoring import Anchoring, AnchorSender, send_anchors
from incident.outgoing import Outgoing
from incident.store.db.database import db
from incident.store.journal import anchors as store
from incident.store.journal.anchors import Anchored
from incident.store.journal.journal import Entry
from incident.store.operations import instance
from tests import receivers, time_stamp_authority
from tests.jobs.supervision.test_watchdog import codes, watching
from tests.time_stamp_authority import TimeStampAuthority
from tests.world import World, rows, settings_for

SECRET = "whsec_" + "A" * 32


class Mailbox:
    """A mail server that stores received mail."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.answer = "250 OK"
        self.port = receivers.closed_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.raw.append(envelope.content)
        return self.answer

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server."""
    box = Mailbox()
    box._controller.start()
    yield box
    box._controller.stop()


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[TimeStampAuthority]:
    """A time-stamp authority: `openssl ts`."""
    with time_stamp_authority.running(tmp_path / "authority") as made:
        yield made


def anchoring(
    world: World, *to: str, stamped_by: TimeStampAuthority | None = None, smtp: str | None = None, **more: Any
) -> Anchoring:
    """The anchor sender of a world."""
    outgoing = Outgoing(allow_private=True)
    mail = channels.registry(channels.Means(outgoing=outgoing, smtp_url=smtp))["email"]
    sender = AnchorSender(
        where="http://incident.test",
        mail=mail,
        outgoing=outgoing,
        key_path=world.settings.certificate_key_path,
        catalogues=load_catalogues(),
        roots_file=more.pop("roots", stamped_by.ca_file if stamped_by else None),
        **more,
    )
    return Anchoring(places_of(to, stamped_by.url if stamped_by else None), sender)


def send(world: World, of: Anchoring) -> bool:
    return send_anchors(world.app, of, lambda: world.now)


def trust(world: World, ca_file: Path | None = None) -> Trust:
    key = CertificateKey.load(world.settings.certificate_key_path).public
    return Trust(key, load_roots(ca_file.read_bytes()) if ca_file else [])


def kept(world: World, name: str, content: bytes, ca_file: Path | None = None) -> list[Anchor]:
    return read_anchors(name, content, trust(world, ca_file))


def failing() -> dict[str, Any]:
    db.session.rollback()  # read what others have written since
    return store.failing()


def head() -> Head:
    return verify_journal().head


def test_a_signed_head_goes_to_the_webhook_once_a_day(world: World) -> None:
    world.department("net")
    with receivers.receiver() as sink:
        of = anchoring(world, f"{sink.url}/anchors", secret=SECRET)
        before = head()
        assert send(world, of)
        assert not send(world, of), "not again on the same day"
        world.forward(hours=23)
        assert not send(world, of)
        world.forward(hours=1)
        assert send(world, of)
        [first, second] = sink.requests
    said = read_anchor(first.json["data"]["anchor"], trust(world).key)
    assert (said.head, said.instance, said.fault) == (before, "http://incident.test", None)
    content = first.json["data"]["anchor"]["certificate"]
    assert content.keys() == {"type", "head", "at", "instance", "node"}
    assert content["node"]
    assert second.json["data"]["anchor"]["certificate"]["head"] != content["head"]
    timestamp = int(first.headers["webhook-timestamp"])
    assert first.headers["webhook-signature"] == sign(SECRET, first.headers["webhook-id"], timestamp, first.body)


def test_where_it_went_is_recorded_and_entered_without_the_secret_in_the_address(world: World) -> None:
    world.department("net")
    with receivers.receiver() as sink:
        assert send(world, anchoring(world, f"{sink.url}/hook/very-secret-word"))
    [record] = rows(Anchored)
    entry = rows(Entry)[-1]
    assert (record.seq, record.hash, record.place) == (1, rows(Entry)[0].hash, "webhook 127.0.0.1")
    assert entry.event_type == "journal.anchored"
    assert "very-secret" not in entry.detail + record.detail


def test_an_empty_journal_and_a_demonstration_send_nothing(world: World) -> None:
    with receivers.receiver() as sink:
        of = anchoring(world, f"{sink.url}/anchors")
        assert not send(world, of)
        world.department("net")
        instance.put_instance_setting("is_demonstration", True)
        db.session.commit()
        assert not send(world, of)
        assert sink.requests == []


@pytest.mark.smtp
def test_a_mail_carries_the_head_and_its_time_stamp_and_is_an_anchor_when_it_was_kept(
    world: World, mailbox: Mailbox, authority: TimeStampAuthority
) -> None:
    world.department("net")
    before = head()
    assert send(world, anchoring(world, "mailto:audit@example.org", stamped_by=authority, smtp=mailbox.url))
    [raw] = mailbox.raw
    mail = message_from_bytes(raw, policy=default)
    assert str(before.count) in mail["Subject"]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert str(before) in text
    assert "请将本邮件" in text, "in both languages"
    [signed, stamped] = kept(world, "kept.eml", raw, authority.ca_file)
    assert (signed.origin, signed.head, signed.fault) == ("signed head", before, None)
    assert (stamped.origin, stamped.fault) == ("time stamp", None)
    assert abs((stamped.at or world.now) - clock.machine()) < dt.timedelta(minutes=5)


def test_openssl_verifies_the_time_stamp_over_the_head_as_it_is_printed(
    world: World, authority: TimeStampAuthority, tmp_path: Path
) -> None:
    world.department("net")
    before = head()
    with receivers.receiver() as sink:
        assert send(world, anchoring(world, f"{sink.url}/a", stamped_by=authority))
    stamp = next(one.time_stamp for one in rows(Anchored) if one.time_stamp)
    (tmp_path / "anchor.tsr").write_bytes(stamp)
    (tmp_path / "head").write_bytes(str(before).encode())
    command = ["openssl", "ts", "-verify", "-data", "head", "-in", "anchor.tsr", "-CAfile", str(authority.ca_file)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_time_stamp_goes_out_with_the_next_post_even_where_that_is_not_due(
    world: World, authority: TimeStampAuthority
) -> None:
    world.department("net")
    authority.web.status = 503
    with receivers.receiver() as sink:
        of = anchoring(world, f"{sink.url}/a", stamped_by=authority)
        assert send(world, of)
        assert sink.requests[0].json["data"]["time_stamp"] is None
        assert set(failing()) == {"time stamp 127.0.0.1"}
        authority.web.status = 200
        world.forward(minutes=2)
        assert send(world, of)
        assert sink.requests[1].json["data"]["time_stamp"]
    assert failing() == {}


@pytest.mark.parametrize("fault", ["other head", "no stamp", "untrusted"])
def test_an_answer_that_stamps_something_else_is_not_taken(
    world: World, authority: TimeStampAuthority, tmp_path: Path, fault: str
) -> None:
    world.department("net")
    roots = authority.ca_file
    if fault == "no stamp":
        authority.web.behave, authority.web.body = None, b"nothing of that kind"
    elif fault == "untrusted":
        roots = time_stamp_authority.make_certificates(tmp_path / "other", "other")
    else:
        of = anchoring(world, stamped_by=authority)
        assert send(world, of)
        authority.web.behave = None  # the same answer to another request
        world.forward(days=1)
        world.department("later")
    assert send(world, anchoring(world, stamped_by=authority, roots=roots))
    said = failing()["time stamp 127.0.0.1"].detail
    expected = {"other head": "something else", "no stamp": "no answer of", "untrusted": "not trusted"}
    assert expected[fault] in said


def test_what_fails_is_tried_again_after_growing_pauses_and_goes_out_when_it_can(world: World) -> None:
    world.department("net")
    with receivers.receiver(status=500) as sink:
        of = anchoring(world, f"{sink.url}/anchors")
        tries = []
        for _ in range(240):
            if send(world, of):
                tries.append(world.now)
            world.forward(minutes=1)
        pauses = [round((later - earlier).total_seconds() / 60) for earlier, later in itertools.pairwise(tries)]
        assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
        assert [one.event_type for one in rows(Entry)] == ["department.added"], "failures do not flood the journal"
        sink.status = 200
        world.forward(hours=1)
        assert send(world, of)
    assert (failing(), len(rows(Anchored))) == ({}, 1)


def test_the_other_places_get_it_while_one_is_dead(world: World) -> None:
    world.department("net")
    with receivers.receiver() as sink:
        of = anchoring(world, f"http://127.0.0.1:{receivers.closed_port()}/x", f"{sink.url}/y")
        assert send(world, of)
        assert len(sink.requests) == 1
    assert set(failing()) == {"webhook 127.0.0.1"}
    assert [one.place for one in rows(Anchored)] == ["webhook 127.0.0.1 #2"]


def test_of_two_processes_one_sends_and_the_other_takes_over_when_it_died_while_sending(world: World) -> None:
    from incident.actions.journal.anchors import begin_sending

    world.department("net")
    with receivers.receiver() as sink:
        of = anchoring(world, f"{sink.url}/anchors")
        assert begin_sending(of.places, "another process", world.now)
        assert not send(world, of)
        world.forward(minutes=6)
        assert send(world, of)


def test_an_old_newest_anchor_and_a_place_that_takes_none_are_alarms(world: World) -> None:
    world.department("net")
    with receivers.receiver() as sink:
        of = anchoring(world, f"{sink.url}/anchors")
        watch = watching(world, anchor_places=tuple(one.name for one in of.places))
        assert send(world, of)
        world.forward(hours=47)
        sink.status = 500
        assert send(world, of)
        assert "anchors.old" not in tick_and_look(world, watch)
        world.forward(hours=2)
        assert set(tick_and_look(world, watch)) >= {"anchors.old", "anchors.failing"}
        sink.status = 200
        assert send(world, of)
        assert not {"anchors.old", "anchors.failing"} & set(tick_and_look(world, watch))


def test_without_places_and_in_a_demonstration_no_anchor_is_missed(world: World) -> None:
    world.department("net")
    world.forward(days=9)
    assert "anchors.old" not in tick_and_look(world, watching(world))
    watch = watching(world, anchor_places=("mail audit@example.org",))
    assert "anchors.old" in tick_and_look(world, watch)
    instance.put_instance_setting("is_demonstration", True)
    db.session.commit()
    assert "anchors.old" not in tick_and_look(world, watch)


def tick_and_look(world: World, watch: Any) -> list[str]:
    instance.beat("clock of the tests", world.now)
    db.session.commit()
    return codes(watch)


def test_a_time_stamp_that_lies_here_alone_does_not_count(world: World, authority: TimeStampAuthority) -> None:
    world.department("net")
    assert send(world, anchoring(world, stamped_by=authority))
    assert len(rows(Anchored)) == 1
    assert store.newest_at() == rows(Entry)[0].at


def test_the_settings_are_what_the_program_sends_by_and_watches_for(tmp_path: Path, sqlite_url: str) -> None:
    from dataclasses import replace

    from incident.app import tools_of
    from incident.proof_settings import AnchorSettings

    given = AnchorSettings(("mailto:audit@example.org", "https://archive.example.org/secret"), None, None)
    app = create_core(replace(settings_for(tmp_path / "home", sqlite_url), anchors=given))
    assert watchdog_config(app).anchor_places == ("mail audit@example.org", "webhook archive.example.org")
    found = tools_of(app).anchoring
    assert found is not None
    assert [one.kind for one in found.places] == ["mail", "webhook"]


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"From: a@b.c\n\nhello", b"\x30\x03abc", b'{"certificate": {}}'])
def test_a_file_that_holds_no_anchor_is_refused(world: World, content: bytes) -> None:
    with pytest.raises(NoAnchor):
        kept(world, "x", content)
