"""Actions on a migrated database of each kind, without web or API, with time that can be advanced."""

import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

from flask import Flask

from incident.actions.delivery import deliver
from incident.actions.directory import departments
from incident.actions.incidents import incidents, receive
from incident.actions.incidents.open_incident import NewIncident
from incident.actions.notifications.answers import Answered, answer_notice
from incident.actions.notifications.notice_events import AnswerSource
from incident.actions.operations import timers
from incident.actions.playbooks import approving, playbooks, tasks
from incident.actions.playbooks.approval_status import bundle_hash
from incident.actions.playbooks.playbook_loader import bundle_for
from incident.config import Settings
from incident.core.incidents.alert import Alert
from incident.core.notifications.acknowledge_link import AcknowledgeLink
from incident.core.notifications.message import Accepted, DeliveryError
from incident.core.notifications.policy import Policy
from incident.store.db.database import db
from incident.store.directory.departments import Contact, Department
from incident.store.incidents.incidents import Incident
from incident.store.notifications.notices import Notice
from incident.store.playbooks.playbooks import Playbook, current_version
from incident.web.instance import KEY, Instance

T = TypeVar("T")
Outcome = Accepted | DeliveryError

START = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
"""When the tests' world begins."""

BY = "person:1:Li Wei"


def settings_for(home: Path, url: str) -> Settings:
    """Settings of a test: where people and machines are, and the zone that is not UTC."""
    return Settings(
        home=home,
        database_url=url,
        public_url="http://incident.test",
        allow_private_targets=True,
        timezone="Asia/Shanghai",
    )


class World:
    """An instance on which use cases are done at a moment that the test puts forward."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        instance: Instance = app.extensions[KEY]
        self.ring = instance.ring
        self.post = instance.post
        self.now = START
        self.zone = settings.zone
        self.sent: list[deliver.OutgoingMessage] = []
        self.outcome: Outcome = Accepted("200 OK")

    # ---------------------------------------------------------------------------------------------------- time
    def forward(self, **length: float) -> dt.datetime:
        """Let time pass, in arguments of timedelta; nothing is fired by it."""
        self.now += dt.timedelta(**length)
        return self.now

    def fire(self) -> int:
        """Fire every timer that is due now; return how many were."""
        count = 0
        while True:
            fired = timers.fire_due(self.now)
            assert fired.failed is None, fired.failed
            if not fired.count:
                return count
            count += fired.count

    def send(self, outcome: Outcome | None = None) -> list[deliver.OutgoingMessage]:
        """Send every due message, with this result for each; return the sent ones."""
        begun: list[deliver.OutgoingMessage] = []
        while claimed := deliver.claim_due(self.now, 32, [], self.post):
            for sending in claimed:
                self.finish(sending, outcome)
            begun += claimed
        self.sent += begun
        return begun

    def finish(self, sending: deliver.OutgoingMessage, outcome: Outcome | None = None) -> None:
        """End one attempt."""
        deliver.record_results(
            [deliver.DeliveryResult(sending.delivery_ids, outcome or self.outcome, 0.0, self.now)], self.now
        )

    def after(self, **length: float) -> list[deliver.OutgoingMessage]:
        """Advance the time, fire due timers, send due messages and return them."""
        self.forward(**length)
        self.fire()
        return self.send()

    # ------------------------------------------------------------------------------------------------- actions
    def department(
        self, code: str, contacts: Sequence[tuple[str, int]] = (), waits: Sequence[float] = (), repeat: int = 0
    ) -> Department:
        """Add a department with contacts by e-mail (name, level), and a policy by the minutes that each level waits."""
        added = departments.add_department(code, f"Department {code}", None, BY, self.now)
        for name, level in contacts:
            self.contact(added, name, level)
        if waits:
            policy = Policy.from_json(
                {"levels": [{"wait": f"PT{round(wait * 60)}S"} for wait in waits], "repeat": repeat}
            )
            departments.put_policy(added.id, policy, None, BY, self.now)
        return added

    def contact(
        self, of: Department, name: str = "duty", level: int = 1, channel: str = "email", address: str | None = None
    ) -> Contact:
        """Add a contact to a department."""
        if channel == "email" and address is None:
            address = f"{name}@example.org".replace(" ", ".")
        secret = "whsec_" + "A" * 32 if channel == "webhook" else None
        return departments.add_contact(of.id, name, channel, address, level, "en", secret, self.ring, BY, self.now)

    def playbook(self, document: dict[str, Any]) -> Playbook:
        """Add a playbook."""
        return playbooks.add_playbook(document, BY, self.now)

    def approve(self, document: dict[str, Any]) -> None:
        """Approve a playbook by two people."""
        approve_by_two(document, self.now)

    def open(self, *codes: str, **facts: Any) -> Incident:
        """Open an incident for departments by code."""
        facts.setdefault("title", "Scan of the mail server")
        if codes:
            facts["departments"] = codes
        return incidents.open_incident(NewIncident(**facts), BY, self.now, self.zone)

    def alert(self, **facts: Any) -> receive.Decided:
        """Receive an alert of the source generic."""
        facts = {"source": "generic", "fingerprint": "f1", "title": "Login from two countries"} | facts
        return receive.receive_alert(Alert(**facts), "token:1:prometheus", self.now, self.zone)

    def change(self, incident: Incident, **changes: Any) -> Incident:
        """Change facts of an incident."""
        return incidents.change_incident(incident.id, changes, None, BY, self.now)

    def close(self, incident: Incident, reason: str | None = None) -> Incident:
        """Close an incident, despite open work if a reason is given."""
        return incidents.close_incident(incident.id, "done", None, reason, BY, self.now)

    def complete(self, task_id: int, outcome: str = "succeeded", **variables: Any) -> None:
        """End a task with variables, named without their underscores."""
        given = {f"__{name}__": value for name, value in variables.items()}
        tasks.complete_task(task_id, outcome, given, None, BY, self.now)

    # ----------------------------------------------------------------------------------------------- at once
    def at_once(self, *use_cases: Callable[[], Any]) -> list[Any]:
        """Run use cases at the same moment, each in its own thread and session; return results or exceptions."""
        gate = Barrier(len(use_cases))

        def do(use_case: Callable[[], Any]) -> Any:
            with self.app.app_context():
                gate.wait(10)
                return use_case()

        with ThreadPoolExecutor(len(use_cases)) as pool:
            done = [pool.submit(do, use_case) for use_case in use_cases]
            return [one.exception() or one.result() for one in done]


def approve_by_two(document: dict[str, Any], now: dt.datetime) -> None:
    """Approve the newest version of a playbook by two people."""
    version = current_version(document["id"])
    assert version is not None
    content_hash = bundle_hash(bundle_for(version))
    for by in (BY, "person:2:Zhang San"):
        approving.approve_playbook(document["id"], content_hash, by, now)


def acknowledge_notice(
    notice_id: int, by: str, via: str, now: dt.datetime, sent_at: dt.datetime | None = None
) -> Answered:
    """Acknowledge a notice; with `sent_at` by the link of a message that was written then."""
    link = None if sent_at is None else AcknowledgeLink(notice_id, sent_at)
    return answer_notice(notice_id, "acknowledged", by, AnswerSource(via, link=link), now)


def rows(model: type[T], **equal: Any) -> list[T]:
    """Current rows of a table in the order of its key, optionally only those with these column values."""
    db.session.rollback()
    wanted = db.select(model).filter_by(**equal).execution_options(populate_existing=True)
    found = db.session.scalars(wanted).all()
    return sorted(found, key=lambda row: tuple(getattr(row, column.name) for column in model.__table__.primary_key))  # type: ignore[attr-defined]


def only(model: type[T], **equal: Any) -> T:
    """The one row of a table where columns have these values."""
    found = rows(model, **equal)
    assert len(found) == 1, found
    return found[0]


def notice_of(incident: Incident, department: Department) -> Notice:
    """The current notice of a department about an incident."""
    return only(Notice, subject_type="incident", subject_id=incident.id, department_id=department.id)
