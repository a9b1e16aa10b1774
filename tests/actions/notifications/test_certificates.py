"""Certificates of notice are issued at most once an hour for the same content."""

from typing import Any

import pytest

from incident.actions.notifications.certificates import issue_certificate
from incident.actions.operations import housekeeping
from incident.certifying import CertificateKey, faults_of
from incident.store.db.database import db
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from incident.store.notifications.certificates import IssuedCertificate
from incident.store.notifications.notices import Notice
from tests.world import BY, World, acknowledge_notice, notice_of, only, rows

OTHER = "person:2:Zhang San"


@pytest.fixture
def key(world: World) -> CertificateKey:
    return CertificateKey.load(world.settings.certificate_key_path)


def issue(world: World, key: CertificateKey, by: str = BY) -> dict[str, Any]:
    """Have a certificate of all notices of the one incident issued."""
    incident = only(Incident)
    notices = rows(Notice, incident_id=incident.id)
    return issue_certificate(incident, notices, key, "http://incident.test", by, world.now, is_whole=True).document


def issued() -> int:
    return len(rows(Entry, event_type="certificate.issued"))


def test_a_hundred_requests_leave_one_entry_and_give_one_document(world: World, key: CertificateKey) -> None:
    world.department("net", [("duty", 1)])
    world.open("net")
    first = issue(world, key)
    for number in range(99):
        world.forward(seconds=10)
        assert issue(world, key, OTHER if number % 2 else BY) == first
    assert issued() == 1
    assert faults_of(first, key.public) == []


def test_other_content_is_issued_anew(world: World, key: CertificateKey) -> None:
    net = world.department("net", [("duty", 1)])
    incident = world.open("net")
    first = issue(world, key)
    acknowledge_notice(notice_of(incident, net).id, BY, "api", world.forward(minutes=1))
    second = issue(world, key)
    assert (issued(), second["certificate"]["notices"] == first["certificate"]["notices"]) == (2, False)
    world.change(only(Incident), title="A worm")
    assert issue(world, key)["certificate"]["incident"]["title"] == "A worm"
    assert issued() == 3


def test_another_key_signs_anew(world: World, key: CertificateKey) -> None:
    world.open()
    issue(world, key)
    world.settings.certificate_key_path.unlink()
    other = CertificateKey.load(world.settings.certificate_key_path)
    assert faults_of(issue(world, other), other.public) == []
    assert issued() == 2


def test_after_an_hour_it_is_issued_anew(world: World, key: CertificateKey) -> None:
    world.open()
    first = issue(world, key)
    world.forward(minutes=59)
    assert issue(world, key) == first
    world.forward(minutes=1)
    again = issue(world, key, OTHER)
    assert (issued(), again["certificate"]["issued_by"]) == (2, OTHER)
    assert issue(world, key) == again


def test_one_from_before_the_clock_was_put_back_is_not_given(world: World, key: CertificateKey) -> None:
    world.open()
    issue(world, key)
    world.forward(hours=-5)
    issue(world, key)
    assert issued() == 2


def test_parallel_requests_issue_one(world: World, key: CertificateKey) -> None:
    world.department("net", [("duty", 1)])
    world.open("net")
    got = world.at_once(*[lambda: issue(world, key)] * 8)
    assert all(one == got[0] for one in got), got
    assert (issued(), len(rows(IssuedCertificate))) == (1, 1)


def test_housekeeping_deletes_those_of_earlier_hours(world: World, key: CertificateKey) -> None:
    world.open()
    issue(world, key)
    housekeeping.run_housekeeping(world.forward(minutes=59))
    assert len(rows(IssuedCertificate)) == 1
    housekeeping.run_housekeeping(world.forward(minutes=1))
    db.session.expire_all()
    assert rows(IssuedCertificate) == []
