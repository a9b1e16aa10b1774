"""Urgent reports page the duty officer: once for those of some minutes, and again while nobody answers."""

import datetime as dt
from functools import partial

from incident.actions.delivery import deliver
from incident.actions.reports import reports
from incident.core.notifications.message import DeliveryError
from incident.core.reports.urgent import UrgentPaging
from incident.store.db.database import db
from incident.store.directory.people import Person
from incident.store.journal.journal import Entry
from incident.store.notifications.messages import Message
from incident.store.notifications.notices import Notice
from incident.store.reports.reports import Report
from tests.staff import personal_contact, staffed
from tests.world import BY, World, acknowledge_notice, only, rows

CERT = UrgentPaging("CERT")
TEXT = "My son Li Wei writes that he will jump"


def submit(world: World, number: int = 0, emergency: str | None = "danger", paging: UrgentPaging = CERT) -> Report:
    new = reports.NewReport(text=TEXT, emergency=emergency)
    return reports.submit_report(new, f"mark {number} {world.now}", world.now, paging=paging)


def test_the_department_is_paged_and_the_next_level_when_nobody_acknowledges(world: World) -> None:
    world.department("CERT", [("duty", 1), ("head", 2)], waits=[5, 10])
    report = submit(world)
    notice = only(Notice)
    assert (notice.subject_type, notice.subject_id, notice.purpose) == ("report", report.id, "urgent")
    assert notice.incident_id is None
    assert only(Report, id=report.id).urgent_notice_id == notice.id
    assert [one.message.address for one in world.send()] == ["duty@example.org"]
    assert [one.message.address for one in world.after(minutes=5)] == ["head@example.org"]
    acknowledge_notice(notice.id, BY, "page", world.now)
    assert world.after(minutes=20) == []
    assert only(Notice).state == "acknowledged"
    assert [one.incident for one in rows(Entry, event_type="message.accepted")] == [None, None]


def test_a_message_about_an_urgent_report_holds_nothing_of_it(world: World) -> None:
    world.department("CERT", [("duty", 1)])
    submit(world)
    [sent] = world.send()
    assert sent.message.subject == "Urgent report from the public"
    said = repr(sent.message)
    for word in ("Li Wei", "jump", "writes that"):
        assert word not in said
    assert f"/urgent-reports/{only(Notice).id}" in sent.message.text


def test_a_report_that_is_not_urgent_pages_nobody(world: World) -> None:
    world.department("CERT", [("duty", 1)])
    submit(world, emergency=None)
    assert rows(Notice) == []


def test_a_flood_of_500_urgent_reports_is_few_notices_and_none_is_lost(world: World) -> None:
    world.department("CERT", [("duty", 1)])
    for number in range(500):
        if number % 50 == 0:
            world.forward(minutes=1)
        submit(world, number)
    found = rows(Notice)
    assert len(found) == 2
    assert len(rows(Message)) == 2
    under = [one.urgent_notice_id for one in rows(Report)]
    assert len(under) == 500
    assert set(under) == {one.id for one in found}


def test_after_an_answer_the_next_urgent_report_pages_again(world: World) -> None:
    world.department("CERT", [("duty", 1)])
    submit(world)
    acknowledge_notice(only(Notice).id, BY, "page", world.now)
    world.forward(seconds=10)
    submit(world, 1)
    assert [one.state for one in rows(Notice)] == ["acknowledged", "open"]


def test_urgent_reports_at_the_same_moment_share_one_notice(world: World) -> None:
    world.department("CERT", [("duty", 1)])
    done = world.at_once(*[partial(submit, world, number) for number in range(4)])
    assert not [one for one in done if isinstance(one, Exception)], done
    assert len(rows(Notice)) == 1
    assert {one.urgent_notice_id for one in rows(Report)} == {only(Notice).id}


def test_without_a_department_the_report_is_received_all_the_same(world: World) -> None:
    for paging in (UrgentPaging(), UrgentPaging("NONE")):
        submit(world, paging=paging)
        world.forward(seconds=1)
    assert rows(Notice) == []
    assert len(rows(Report)) == 2


def test_a_message_that_its_channel_refuses_goes_by_another_channel(world: World) -> None:
    net = staffed(world)
    submit(world, paging=UrgentPaging("net"))
    personal_contact(world, net, only(Person, login="net-duty"), "email")
    [claimed] = deliver.claim_due(world.now, 32, [], world.post)
    world.finish(claimed, DeliveryError("no such number", permanent=True))
    assert [one.message.channel for one in world.send()] == ["email"]
    [entry] = rows(Entry, event_type="message.passed_on")
    assert entry.incident is None


def test_the_window_is_a_setting(world: World) -> None:
    world.department("CERT", [("duty", 1)])
    for number in range(3):
        submit(world, number, paging=UrgentPaging("CERT", dt.timedelta(minutes=1)))
        world.forward(minutes=1)
    db.session.rollback()
    assert len(rows(Notice)) == 3
