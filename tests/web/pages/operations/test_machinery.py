"""The page of system health, the banner on every page, and the gauges of the watchdog."""

import datetime as dt
import html
from typing import Any

import pytest
from flask import Flask

from incident import watchdog_state
from incident.core.operations.alarm import NONE, Alarms, Standing
from incident.core.operations.watchdog import Trouble
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.delivery.circuits import Circuit
from incident.store.directory.departments import Contact
from incident.store.operations import instance
from incident.web.instance import KEY
from tests.plugins.app import AT
from tests.web.office import ROLES, Office

LATE = Trouble("timers.late", {"seconds": 95, "minutes": 2})
FAILING = Trouble("contacts.failing", {"count": 1})


def note(app: Flask, at: dt.datetime, *troubles: Trouble, **more: Any) -> None:
    """Write the state of a watchdog into the home."""
    standing = {one.key: Standing(trouble=one, since=at, seen_at=at, sent=1, notified_at=at) for one in troubles}
    seen = {
        "looked_at": format_moment(at),
        "troubles": [{"code": one.code, "arguments": dict(one.arguments)} for one in troubles],
        "alarms": (Alarms(standing) if troubles else NONE).to_json(),
        "ping": None,
        "has_ping": False,
        "has_addresses": False,
        "tried": [],
    }
    watchdog_state.save(app.extensions[KEY].settings.home, seen | more)


@pytest.mark.parametrize("role", ROLES)
def test_everybody_sees_on_every_page_that_timers_are_late_and_what_to_do(office: Office, role: str) -> None:
    browser = office.browser(role)
    note(office.app, AT, LATE)
    page = browser.get("/incidents")
    assert "The oldest timer is 95 seconds late." in page
    assert "Contact departments by phone" in page


@pytest.mark.parametrize(
    ("trouble", "age"), [(FAILING, 0), (LATE, 61)], ids=["what is about receivers", "what was seen long ago"]
)
def test_the_strip_does_not_show(office: Office, trouble: Trouble, age: int) -> None:
    note(office.app, AT - dt.timedelta(seconds=age), trouble)
    assert "Contact departments by phone" not in office.browser("reader").get("/incidents")


def test_the_page_shows_what_is_wrong_and_what_was_told(office: Office) -> None:
    tried = [
        {"kind": "mailto", "is_taken": False, "detail": "450"},
        {"kind": "https", "is_taken": True, "detail": "200"},
    ]
    ping = {"at": format_moment(AT), "is_taken": False, "detail": "503", "taken_at": format_moment(AT)}
    note(office.app, AT, LATE, FAILING, has_addresses=True, has_ping=True, tried=tried, ping=ping)
    with office.app.app_context():
        db.session.add(
            Circuit(origin="https://dead.example.org:443", failures=5, failed_at=AT, opened_at=AT, try_at=AT)
        )
        contact = db.session.get_one(Contact, 1)
        contact.check_outcome, contact.checked_at, contact.check_detail = "refused", AT, "404 no such robot"
        late = db.session.get_one(Contact, 2)
        late.confirm_within, late.confirm_due_at = "PT1H", AT
        db.session.commit()
    page = office.browser("coordinator").get("/health")
    for words in (
        "95 seconds late",
        "alarm raised",
        "https://dead.example.org:443",
        "404 no such robot",
        "mailto",
        "503",
        "It was due by",
    ):
        assert words in page
    text = office.browser("administrator").client.get("/metrics").text
    for line in (
        'incident_watch_trouble{code="timers.late"} 1.0',
        "incident_circuits_open 1.0",
        "incident_contacts_failing 1.0",
        "incident_contacts_unconfirmed 1.0",
        "incident_watch_looked_seconds 0.0",
    ):
        assert line in text
    assert "incident_disk_free_bytes" in text


def test_a_home_that_nobody_watches_says_so(office: Office) -> None:
    page = office.browser("coordinator").get("/health")
    assert "The watchdog is not running." in page
    assert "INCIDENT_ALARM_TO" in page


def test_what_stands_in_a_broken_file_is_nothing(office: Office) -> None:
    home = office.app.extensions[KEY].settings.home
    for broken in ({"looked_at": "yesterday"}, {"looked_at": format_moment(AT), "troubles": [7]}, {"troubles": None}):
        watchdog_state.save(home, broken)
        assert "The watchdog is not running." in office.browser("coordinator").get("/health")
    (home / "watchdog" / "seen.json").write_text("{")
    assert "The watchdog is not running." in office.browser("coordinator").get("/health")


def test_each_machine_is_shown_by_its_name_and_id_and_one_whose_time_is_off_with_how_much(office: Office) -> None:
    with office.app.app_context():
        for letter, off_by in (("a", 0.2), ("b", 3600.0), ("c", -90.0)):
            instance.beat(f"{letter * 32}.{'1' * 32}:7", AT, "soc", off_by)
        db.session.commit()
    page = html.unescape(office.browser("coordinator").get("/health"))
    for letter in "abc":
        assert f"({letter * 8}, 7)" in page
    assert page.count("its clock is ") == 2
    assert "its clock is 3600 seconds ahead of the database" in page
    assert "its clock is 90 seconds behind the database" in page


def test_a_full_disk_is_told_on_every_page_although_the_watch_can_note_nothing_any_more(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(office.app, AT - dt.timedelta(minutes=5))
    browser = office.browser("reader")
    assert "Free up space on the disk" not in browser.get("/incidents")
    monkeypatch.setattr(watchdog_state, "free_space", lambda _home: 3 << 20)
    page = browser.get("/incidents")
    assert "Only 3 MiB free on the disk of the home." in page
    assert "Free up space on the disk" in page
    monkeypatch.setattr(watchdog_state, "free_space", lambda _home: 70_000 << 20)
    assert "68 GiB free on the disk of the home" in browser.get("/health")


def test_the_page_shows_how_many_sign_ins_failed(office: Office) -> None:
    assert "none in the current hour" in office.browser("administrator").get("/health")
    for login in ("nobody", "nothing"):
        office.browser().post("/sign-in", status=403, login=login, password="wrong")
    page = office.browser("administrator").get("/health")
    assert "0 with known sign-in names, 2 with unknown ones" in page
