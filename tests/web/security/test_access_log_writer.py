"""Reads of confidential objects are recorded, on whatever page they are shown."""

import datetime as dt

import pytest
from flask import Flask

from incident.actions.operations.housekeeping import run_housekeeping
from incident.core.journal.access_log import KEPT_FOR, LOST, ReadKey, Reads, hour_of
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.journal.access_log import AccessRecord, add_reads
from incident.web.security.access_log_writer import ACCESS_LOG, ReadCollector
from tests.plugins.app import AT, Api, Hand, Speaker
from tests.web.office import Office
from tests.web.planted import Planted
from tests.web.test_planted_words import addresses, planted, read, variants, walked
from tests.world import World, rows

__all__ = ["planted"]

CONFIDENTIAL = {"zqredtitle": "incident", "zqredabout": "incident", "zqrednote": "incident", "zqredreport": "report",
                "zqmergedred": "incident",
                "zqreport": "report", "zqmail": "contact", "zqhook": "contact"}  # fmt: skip
READING = ("administrator", "coordinator", "responder", "reader", "owner")


@pytest.fixture
def taken(sqlite_app: Flask) -> list[ReadKey]:
    """The reads recorded since the last call, by requests of the app; nothing is written automatically."""
    noted: list[ReadKey] = []
    sqlite_app.extensions[ACCESS_LOG] = ReadCollector(lambda reads, _lost: noted.extend(reads), every=3600.0)
    return noted


def test_whatever_shows_a_word_of_a_red_incident_or_of_personal_data_is_noted_and_nothing_else(
    taken: list[ReadKey], planted: Planted
) -> None:
    with planted.app.app_context():
        red = set(db.session.scalars(db.select(Incident.number).where(Incident.tlp == "red")))
        db.session.remove()
    collector, missed = planted.app.extensions[ACCESS_LOG], []
    seen: set[str] = set()
    for name in READING:
        asking = planted.caller(name)
        for rule in walked(planted.app):
            for address, _ in addresses(planted, rule):
                for target, headers in variants(rule, address):
                    collector.flush()
                    taken.clear()
                    _, text = read(asking, target, **headers)
                    collector.flush()
                    kinds = {one.kind for one in taken}
                    shown = {word for word in CONFIDENTIAL if word in text}
                    seen |= shown
                    missed += [f"{word}: {name} {target}" for word in shown if CONFIDENTIAL[word] not in kinds]
                    assert {one.identifier for one in taken if one.kind == "incident"} <= red, target
    assert not missed, missed
    assert seen == set(CONFIDENTIAL)


def test_an_hour_of_reading_is_one_record_and_the_next_hour_another(furnished: Speaker, app: Flask, hand: Hand) -> None:
    boss = furnished("coordinator")
    red = boss.made("/incidents", {"title": "A mole", "departments": ["CERT"], "tlp": "red"})["number"]
    plain = boss.made("/incidents", {"title": "A worm", "departments": ["CERT"]})["number"]
    flushed(app)
    with app.app_context():
        db.session.execute(db.delete(AccessRecord))
        db.session.commit()
    for minutes in (0, 10, 30):
        hand.forward(minutes=minutes)
        boss.seen(f"/incidents/{red}")
        boss.seen(f"/incidents/{plain}")
        flushed(app)
    with app.app_context():
        rows = db.session.scalars(db.select(AccessRecord).order_by(AccessRecord.id)).all()
        assert [(row.kind, row.identifier, row.count) for row in rows] == [("incident", red, 2), ("incident", red, 1)]
        assert [(row.first_at, row.last_at) for row in rows] == [
            (AT, AT + dt.timedelta(minutes=10)),
            (AT + dt.timedelta(minutes=40), AT + dt.timedelta(minutes=40)),
        ]
        assert {row.owner.partition(":")[0] for row in rows} == {"token"}


def flushed(app: Flask) -> None:
    """Write the recorded reads."""
    assert app.extensions[ACCESS_LOG].flush()


def test_only_administrators_read_the_access_log_and_find_by_person_and_object(furnished: Speaker, app: Flask) -> None:
    boss, administrator = furnished("coordinator"), furnished("administrator")
    number = boss.made("/incidents", {"title": "A mole", "departments": ["CERT"], "tlp": "red"})["number"]
    boss.seen("/incidents")
    flushed(app)
    found = administrator.seen(f"/access-log?kind=incident&identifier={number}")["items"]
    assert [(one["by"].split(":")[2], one["kind"], one["identifier"]) for one in found] == [
        ("coordinator of the tests", "incident", number)
    ]
    owner = ":".join(found[0]["by"].split(":")[:2])
    assert administrator.seen(f"/access-log?by={owner}&limit=1")["items"]
    assert administrator.seen("/access-log?by=person:999")["items"] == []
    for role in ("coordinator", "responder", "reader", "department", "monitor"):
        asking = furnished(role, "CERT") if role == "department" else furnished(role)
        assert asking.get("/access-log").status_code == 403


def test_the_page_names_who_has_read_what_and_filters(office: Office) -> None:
    number = office.open("CERT", tlp="red")
    office.browser("coordinator").get(f"/incidents/{number}")
    office.browser("coordinator").get("/departments/CERT")
    office.browser("administrator").get("/people")
    assert office.app.extensions[ACCESS_LOG].flush()
    page = office.browser("administrator").get("/access-log")
    for text in (number, "Person coordinator", "Contact “Duty” of CERT", "Entry of Person responder"):
        assert text in page, text
    assert "Entry of Person administrator" not in page, "one's own entry is no read"
    only = office.browser("administrator").get(f"/access-log?number={number.lower()}")
    assert "Contact “Duty”" not in only
    assert number in only
    assert "No reads are recorded." in office.browser("administrator").get("/access-log?person=99")
    office.browser("coordinator").get("/access-log", 403)


def key_of(number: int) -> ReadKey:
    return ReadKey("person:1", "incident", f"INC-{number}", hour_of(AT))


def noted(collector: ReadCollector, count: int) -> None:
    for number in range(count):
        collector.note("person:1", "person:1:Li", "incident", f"INC-{number}", AT)


def test_what_cannot_be_written_waits_and_what_finds_no_room_is_counted_as_lost() -> None:
    written: list[tuple[dict[ReadKey, Reads], int]] = []
    is_away = True

    def write(reads: dict[ReadKey, Reads], lost: int) -> None:
        if is_away:
            raise OSError("no database")
        written.append((reads, lost))

    collector = ReadCollector(write, most=3, every=3600.0)
    noted(collector, 5)
    noted(collector, 1)
    assert not collector.flush()
    noted(collector, 1)
    is_away = False
    assert collector.flush()
    [(reads, lost)] = written
    assert ([reads[key_of(number)].count for number in range(3)], lost) == ([3, 1, 1], 2)
    assert collector.flush()
    assert len(written) == 1


def test_lost_reads_are_counted_for_machines_and_people_and_are_no_records(furnished: Speaker, app: Flask) -> None:
    administrator = furnished("administrator")
    with app.app_context():
        add_reads({ReadKey("", LOST, "node", AT): Reads("", AT, AT, 7)})
        db.session.commit()
    assert "incident_reads_lost 7.0" in metrics(furnished("monitor"))
    assert administrator.seen("/access-log")["items"] == []


def metrics(asking: Api) -> str:
    answer = asking.client.get("/metrics", headers=asking.headers)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_records_are_kept_for_180_days(world: World) -> None:
    for age in (KEPT_FOR - dt.timedelta(hours=1), KEPT_FOR + dt.timedelta(hours=1)):
        at = world.now - age
        add_reads({ReadKey("person:1", "incident", f"INC-{age.days}", at): Reads("person:1:Li", at, at)})
    db.session.commit()
    run_housekeeping(world.now)
    assert [row.identifier for row in rows(AccessRecord)] == ["INC-179"]
