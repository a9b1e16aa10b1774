"""Common fixtures of page tests: departments, people of each role and their browsers."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from incident.actions.directory import departments, people
from incident.actions.directory.members import NamedMember, put_members
from incident.actions.drills import drills
from incident.actions.incidents import incidents
from incident.actions.incidents.open_incident import NewIncident
from incident.actions.playbooks import playbooks
from incident.actions.reports import reports
from incident.actions.reports.receipts import old_receipt_hash
from incident.channels import Means, registry
from incident.core.notifications.policy import Policy
from incident.core.reports.urgent import USUAL_PAGING
from incident.outgoing import Outgoing
from incident.store.db.database import db
from incident.store.directory.departments import Department, department_by_code
from incident.store.directory.people import person_by_login
from incident.store.incidents.incidents import Incident, incident_by_number
from incident.store.notifications.messages import Message, messages_of
from incident.store.notifications.notices import notices_of
from incident.store.playbooks.tasks import open_tasks_of
from incident.web.instance import KEY
from incident.web.security.auth import SESSION_COOKIE
from tests.core.cacao.build import action, document, manual
from tests.plugins.app import Hand
from tests.world import acknowledge_notice

T = TypeVar("T")


def reach_loopback(app: Flask) -> None:
    """Let the channels of an app send to the receivers of the tests, as INCIDENT_ALLOW_PRIVATE_TARGETS does."""
    means = Means(outgoing=Outgoing(allow_private=True, whole_limit=2.0))
    app.extensions[KEY] = replace(app.extensions[KEY], channels=registry(means))


ROLES = ("administrator", "coordinator", "responder", "department", "reader")
BY = "person:1:Li Wei"


class Browser:
    """A browser, signed in or not."""

    def __init__(self, client: FlaskClient, language: str = "en") -> None:
        self.client = client
        client.set_cookie("language", language)

    def get(self, path: str, status: int = 200, **more: Any) -> str:
        """Open a page that must answer so."""
        answer = self.client.get(path, **more)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer.text

    def post(self, path: str, status: Any = 303, **fields: Any) -> TestResponse:
        """Send a form as the browser does from our own page."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        answer = self.client.post(path, data=fields, headers=headers)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:3000])
        return answer


@dataclass
class Office:
    """An instance with the departments CERT (two levels), NOC and PRESS, which has no contacts."""

    app: Flask
    hand: Hand
    _browsers: dict[tuple[str, str], Browser] = field(default_factory=dict)

    def do(self, use_case: Callable[[], T]) -> T:
        """Do something with the database and leave nothing open."""
        with self.app.app_context():
            try:
                return use_case()
            finally:
                db.session.remove()

    def furnish(self) -> None:
        """Add departments, their contacts, people and a playbook."""
        ring, at = self.app.extensions[KEY].ring, self.hand.at
        for code, name in (("CERT", "Emergency response"), ("NOC", "Network operations"), ("PRESS", "Press office")):
            departments.add_department(code, name, "CERT" if code == "NOC" else None, BY, at)
        for code, name, channel, address, level in (
            ("CERT", "Duty", "email", "duty@example.org", 1),
            ("CERT", "Head", "webhook", "https://hooks.example.org/head", 2),
            ("NOC", "Screen", "inbox", None, 1),
        ):
            owner = _department(code)
            secret = "whsec_c2VjcmV0" if channel == "webhook" else None
            departments.add_contact(owner.id, name, channel, address, level, "en", secret, ring, BY, at)
        policy = Policy.from_json({"levels": [{"wait": "PT5M"}, {"wait": "PT10M"}], "repeat": 1})
        departments.put_policy(_department("CERT").id, policy, None, BY, at)
        for role in ROLES:
            department = "NOC" if role == "department" else None
            people.add_person(role, f"Person {role}", role, department, None, "en", BY, at)
        playbooks.add_playbook(playbook(), BY, at)

    def browser(self, role: str | None = None, language: str = "en") -> Browser:
        """A browser signed in as a person of this role."""
        if role is None:
            return Browser(self.app.test_client(), language)
        if (role, language) not in self._browsers:
            made = Browser(self.app.test_client(), language)
            made.client.set_cookie(SESSION_COOKIE, self.do(lambda: self._session(role)))
            self._browsers[role, language] = made
        return self._browsers[role, language]

    def next_day(self) -> None:
        """Let a day pass, after which everybody signs in again."""
        self.hand.forward(hours=24)
        self._browsers.clear()

    def _session(self, role: str) -> str:
        person = person_by_login(role)
        assert person is not None
        return people.open_session(person, self.hand.at)

    def join(self, code: str, *logins: str) -> None:
        """Make people members of a department, in place of its present ones."""
        given = [NamedMember(login, "member") for login in logins]
        self.do(lambda: put_members(_department(code).id, given, None, BY, self.hand.at))

    def open(self, *codes: str, **facts: Any) -> str:
        """Open an incident and return its number."""
        new = NewIncident(**{"title": "Ransomware in accounting", "departments": codes or None} | facts)
        zone = self.app.extensions[KEY].settings.zone
        return self.do(lambda: incidents.open_incident(new, BY, self.hand.at, zone).number)

    def drill(self, *codes: str, speed: int = 60) -> int:
        """Start a drill of the playbook and return its id."""
        facts = {"titles": {"en": "{playbook}"}, "playbook": playbook()["id"], "departments": codes or None}
        new = drills.NewDrill(**facts, speed=speed)
        zone = self.app.extensions[KEY].settings.zone
        return self.do(lambda: drills.start_drill(new, BY, self.hand.at, zone).id)

    def report(self, text: str = "A strange mail", receipt: str = "AAAAABBBBBCCCCCDDDDD", **facts: Any) -> int:
        """Receive a report and return its number; its receipt is one of letters, as they were before."""
        paging = facts.pop("paging", USUAL_PAGING)
        new = reports.NewReport(text=text, **facts)
        mark = old_receipt_hash(receipt)
        return self.do(lambda: reports.submit_report(new, mark, self.hand.at, paging=paging).id)

    def incident(self, number: str) -> Incident:
        """The row of an incident, for reading."""
        return self.do(lambda: incident_named(number))

    def notice(self, number: str, code: str) -> int:
        """The id of a department's notice."""
        return self.do(lambda: _notice(number, code))

    def state_of(self, number: str, code: str) -> str:
        """The state of a department's notice."""
        return self.do(lambda: notice_row(number, code).state)

    def task(self, number: str) -> int:
        """The id of the first open task."""
        return self.do(lambda: open_tasks_of(incident_named(number).id)[0].id)

    def messages(self, number: str) -> list[Message]:
        """The messages of an incident."""
        return self.do(lambda: list(messages_of(incident_named(number).id)))

    def link(self, number: str, place: int = 0) -> str:
        """The path of the acknowledge link in one of an incident's messages."""
        from incident.actions.notifications.acknowledge_links import acknowledge_token

        webhook_id = self.messages(number)[place].webhook_id
        return f"/acknowledge/{acknowledge_token(self.app.extensions[KEY].ring, webhook_id)}"

    def acknowledge(self, number: str, code: str) -> None:
        """Acknowledge a department's notice."""
        notice_id = self.notice(number, code)
        self.do(lambda: acknowledge_notice(notice_id, BY, "api", self.hand.at))


def _department(code: str) -> Department:
    found = department_by_code(code)
    assert found is not None
    return found


def incident_named(number: str) -> Incident:
    """The row of an incident, in an open context."""
    found = incident_by_number(number)
    assert found is not None
    return found


def _notice(number: str, code: str) -> int:
    return notice_row(number, code).id


def notice_row(number: str, code: str) -> Any:
    """The notice of a department, in an open context."""
    owner = _department(code)
    return next(one for one in notices_of(incident_named(number).id) if one.department_id == owner.id)


def playbook() -> dict[str, Any]:
    """A playbook of two manual steps; the first returns a value."""
    steps = {
        "isolate": action(
            "tell",
            manual("Pull the cable of **every** host. See [the list](https://lists.example.org/)."),
            name="Isolate the hosts",
            timeout=1_800_000,
            out_args=["__hosts__"],
        ),
        "tell": action("end", manual("Tell the owner"), name="Tell the owner"),
        "end": None,
    }
    variables = {"__hosts__": {"type": "integer", "value": "0"}}
    return document(steps, "Contain and tell", playbook_variables=variables)


@pytest.fixture
def office(sqlite_app: Flask, hand: Hand) -> Office:
    """A furnished instance on SQLite; the API tests cover both databases."""
    made = Office(sqlite_app, hand)
    made.do(made.furnish)
    return made
