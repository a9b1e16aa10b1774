"""Mail to followers of incidents: bundled, without secrets, only to who may see it and still follows, tried again."""

import datetime as dt

import pytest

from incident.actions.delivery import news_mails
from incident.actions.delivery.deliver import LEASE
from incident.actions.delivery.news_mails import OutgoingNews
from incident.actions.directory import departments, people
from incident.actions.incidents import incidents
from incident.actions.incidents.following import choose_news_mail, follow_incident, read_news
from incident.actions.operations.housekeeping import set_demonstration
from incident.core.incidents.news import MAIL_AFTER, MAIL_PAUSE
from incident.core.notifications.message import Accepted, DeliveryError
from incident.core.values.access import Role
from incident.formats.messages import load_catalogues
from incident.store.directory.departments import Contact
from incident.store.directory.people import Person
from incident.store.incidents.followers import IncidentFollower
from incident.store.incidents.incidents import Incident
from incident.store.journal.journal import Entry
from tests.world import BY, World, only, rows

BUSY = DeliveryError("451 try later", permanent=False, is_alive=True)


def reader(world: World, login: str = "ann", role: Role = "reader", language: str = "en", mail: bool = True) -> Person:
    """Add a person with a mail address."""
    added = people.add_person(login, f"Person {login}", role, None, None, language, BY, world.now)
    if mail:
        office = departments.add_department(f"D-{login}", login, None, BY, world.now)
        departments.add_contact(
            office.id,
            login,
            "email",
            f"{login}@example.org",
            1,
            language,
            None,
            world.ring,
            BY,
            world.now,
            person=login,
        )
    return added


def follows(world: World, incident: Incident, who: Person) -> None:
    follow_incident(incident.id, who.id, BY, world.now)


def claim(world: World) -> OutgoingNews | None:
    return news_mails.claim_news_mail("https://incident.test", load_catalogues(), world.now)


def send(world: World, outcome: Accepted | DeliveryError | None = None, **later: float) -> list[OutgoingNews]:
    """Let time pass, by default as long as a mail waits, and send all mails that are due then."""
    world.forward(**(later or {"seconds": MAIL_AFTER.total_seconds()}))
    sent = []
    while (mail := claim(world)) is not None:
        news_mails.record_news_mail(mail, outcome or Accepted("250 ok"), 0.0, world.now)
        sent.append(mail)
    return sent


@pytest.fixture(autouse=True)
def _actor(world: World) -> None:
    assert BY.startswith(f"person:{reader(world, 'li', 'administrator').id}:")


def test_changes_of_some_minutes_are_one_mail_to_each_follower_with_an_address(world: World) -> None:
    incident, ann, cui = world.open(grade=4), reader(world), reader(world, "cui", language="zh_Hans_CN")
    for who in (ann, cui, reader(world, "bob", mail=False)):
        follows(world, incident, who)
    world.change(incident, grade=3)
    assert claim(world) is None
    world.forward(seconds=30)
    world.change(incident, grade=2, owner="li")
    incidents.add_note(incident.id, "@ann the payroll server", BY, world.now)
    to_ann, to_cui = sorted(send(world), key=lambda one: one.person_id)
    assert (to_ann.message.address, to_ann.message.thread, to_ann.is_leaving) == (
        "ann@example.org",
        incident.number,
        True,
    )
    assert to_ann.message.subject == f"{incident.number}: Scan of the mail server"
    assert to_ann.message.text.splitlines()[1:4] == [
        "- The grade is now II.",
        "- Person li is now the owner.",
        "- A note mentions you.",
    ]
    assert "payroll" not in to_ann.message.text
    assert f"https://incident.test/incidents/{incident.number}" in to_ann.message.text
    assert "“Unfollow”" in to_ann.message.text
    assert "- 负责人现为 Person li。" in to_cui.message.text
    assert send(world, hours=1) == []


def test_between_two_mails_of_an_incident_there_are_ten_minutes(world: World) -> None:
    incident, ann = world.open(grade=4), reader(world)
    follows(world, incident, ann)
    world.change(incident, grade=3)
    assert len(send(world)) == 1
    world.change(incident, grade=2)
    assert send(world, seconds=MAIL_PAUSE.total_seconds() - 1) == []
    [mail] = send(world, seconds=1)
    assert "- The grade is now II." in mail.message.text


def test_what_changes_while_a_mail_is_sent_is_told_by_the_next(world: World) -> None:
    incident, ann = world.open(grade=4), reader(world)
    follows(world, incident, ann)
    world.change(incident, grade=3)
    world.forward(seconds=MAIL_AFTER.total_seconds())
    first = claim(world)
    assert first is not None
    world.forward(seconds=1)
    world.close(incident)
    news_mails.record_news_mail(first, Accepted("250 ok"), 0.0, world.now)
    [second] = send(world, seconds=MAIL_PAUSE.total_seconds())
    assert "- The incident is closed." in second.message.text
    assert "grade" not in second.message.text
    assert second.message.webhook_id != first.message.webhook_id


@pytest.mark.parametrize("why", ["read", "unfollowed", "red", "off", "switched off", "left", "own change"])
def test_no_mail_goes_to_who_should_not_get_it_any_more(world: World, why: str) -> None:
    incident, ann = world.open(grade=4), reader(world)
    by = f"person:{ann.id}:Ann" if why == "own change" else BY
    follows(world, incident, ann)
    incidents.change_incident(incident.id, {"grade": 3}, None, by, world.now)
    match why:
        case "read":
            read_news(ann.id, incident.id, BY, world.now)
        case "unfollowed":
            follow_incident(incident.id, ann.id, BY, world.now, is_wanted=False)
        case "red":
            world.change(incident, tlp="red")
        case "off":
            choose_news_mail(ann.id, BY, world.now, is_wanted=False)
        case "switched off":
            departments.remove_contact(only(Contact, person_id=ann.id).id, "gone", BY, world.now)
        case "left":
            people.change_person(ann.id, {"is_active": False}, BY, world.now)
    assert send(world) == []
    assert all(row.mail_due_at is None for row in rows(IncidentFollower))


def test_a_mail_about_a_red_incident_has_no_content(world: World) -> None:
    incident, boss = world.open(grade=4), reader(world, "boss", "coordinator")
    follows(world, incident, boss)
    world.change(incident, grade=1, tlp="red")
    [mail] = send(world)
    assert mail.message.subject == f"{incident.number}: TLP:RED, sign in to read"
    assert "grade" not in mail.message.text
    assert "Scan" not in mail.message.text
    assert "sign in to read it." in mail.message.text


def test_a_mail_that_fails_is_tried_again_under_the_same_name_and_given_up_after_a_day(world: World) -> None:
    incident, ann = world.open(grade=4), reader(world)
    follows(world, incident, ann)
    world.change(incident, grade=3)
    [first] = send(world, BUSY)
    [second] = send(world, BUSY, seconds=3)
    assert first.message.webhook_id == second.message.webhook_id
    assert send(world, BUSY, hours=23) != []
    assert send(world, BUSY, hours=2) != []
    assert send(world, BUSY, hours=1) == []
    assert only(IncidentFollower).mail_due_at is None


def test_a_refused_mail_is_not_tried_again_but_the_next_change_is(world: World) -> None:
    incident, ann = world.open(grade=4), reader(world)
    follows(world, incident, ann)
    world.change(incident, grade=3)
    assert len(send(world, DeliveryError("550 no such user", permanent=True))) == 1
    assert send(world, hours=1) == []
    world.change(incident, grade=2)
    assert len(send(world)) == 1


def test_the_mail_of_a_process_that_died_is_sent_by_another_and_its_late_result_changes_nothing(world: World) -> None:
    incident, ann = world.open(grade=4), reader(world)
    follows(world, incident, ann)
    world.change(incident, grade=3)
    world.forward(seconds=MAIL_AFTER.total_seconds())
    lost = claim(world)
    assert lost is not None
    assert claim(world) is None
    assert len(send(world, seconds=LEASE.total_seconds())) == 1
    news_mails.record_news_mail(lost, BUSY, 0.0, world.now)
    assert only(IncidentFollower).mail_due_at is None


def test_mails_of_exercises_and_demonstrations_stay_and_none_is_in_the_journal(world: World) -> None:
    incident, ann = world.open(grade=4), reader(world)
    follows(world, incident, ann)
    world.change(incident, grade=3)
    set_demonstration(world.now)
    entries = len(rows(Entry))
    [mail] = send(world)
    assert not mail.is_leaving
    assert len(rows(Entry)) == entries


def test_a_second_change_within_the_wait_does_not_put_the_mail_off(world: World) -> None:
    incident, ann = world.open(grade=4), reader(world)
    follows(world, incident, ann)
    world.change(incident, grade=3)
    due_at = only(IncidentFollower).mail_due_at
    world.forward(seconds=90)
    world.change(incident, grade=2)
    assert only(IncidentFollower).mail_due_at == due_at == world.now - dt.timedelta(seconds=90) + MAIL_AFTER
