"""The scheduler mails the followers of incidents, and stops trying where no mail server answers."""

from dataclasses import replace

import pytest

from incident.actions.directory import departments, people
from incident.actions.incidents import incidents
from incident.actions.incidents.following import follow_incident
from incident.app import tools_of
from incident.channels import Means
from incident.core.incidents.news import MAIL_AFTER
from incident.jobs.scheduling.news_mails import send_news_mails
from incident.jobs.scheduling.workers import Tools
from incident.store.incidents.followers import IncidentFollower
from tests import receivers
from tests.channels.test_email import mail_server
from tests.world import BY, World, rows

LOGINS = ("ann", "bob")


@pytest.fixture
def waiting(world: World) -> World:
    """An incident with two followers whose mails are due."""
    incident = world.open(grade=4)
    for login in LOGINS:
        added = people.add_person(login, f"Person {login}", "reader", None, None, "en", "scheduler", world.now)
        office = departments.add_department(f"D-{login}", login, None, BY, world.now)
        given = (office.id, login, "email", f"{login}@example.org", 1, "en", None, world.ring, BY, world.now)
        departments.add_contact(*given, person=login)
        follow_incident(incident.id, added.id, BY, world.now)
    incidents.change_incident(incident.id, {"grade": 2}, None, "person:99:Wang", world.now)
    world.forward(seconds=MAIL_AFTER.total_seconds())
    return world


def tools(world: World, smtp_url: str | None) -> Tools:
    made = tools_of(world.app)
    return replace(made, means=Means(outgoing=made.outgoing, smtp_url=smtp_url))


@pytest.mark.smtp
def test_each_follower_gets_a_mail_in_the_thread_of_the_incident(waiting: World) -> None:
    with mail_server() as mailbox:
        given = tools(waiting, f"smtp://127.0.0.1:{mailbox.port}")
        for _ in range(2):
            send_news_mails(waiting.app, given, lambda: waiting.now)
    assert sorted(to for _, [to], _ in mailbox.envelopes) == [f"{login}@example.org" for login in LOGINS]
    assert "The grade is now II." in mailbox.last().get_content()
    assert "incident@" in mailbox.last()["References"]
    assert [row.mail_due_at for row in rows(IncidentFollower)] == [None, None]


def test_a_mail_server_that_is_away_is_asked_once_in_a_round_and_nothing_is_lost(waiting: World) -> None:
    away = tools(waiting, f"smtp://127.0.0.1:{receivers.closed_port()}")
    send_news_mails(waiting.app, away, lambda: waiting.now)
    assert [row.mail_attempts for row in rows(IncidentFollower)] == [1, 0]
    assert all(row.mail_due_at is not None for row in rows(IncidentFollower))
