"""The demonstration: the last nine days of a city, created by the ordinary use cases with past moments.

Timers and messages of the past are fired and sent in chronological order, so that the journal reads as it would have
been written; those of the future are left to the scheduler.
"""

import base64
import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from incident.actions.deadlines import clock_events, filings, grading, profiles
from incident.actions.delivery import deliver
from incident.actions.delivery.message_renderer import MessageRenderer
from incident.actions.directory import departments, members, people, rotas
from incident.actions.documents.series_settings import put_series
from incident.actions.incidents import incidents, receive
from incident.actions.incidents.open_incident import NewIncident
from incident.actions.operations import housekeeping
from incident.actions.operations import timers as firing
from incident.actions.playbooks import playbooks, signatures, tasks
from incident.actions.reports import custodians, receipts, reports
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.documents.numbering import NumberSeries
from incident.core.duty.rota import Rota
from incident.core.incidents.alert import Alert
from incident.core.incidents.indicator import read_indicators
from incident.core.incidents.routing_document import read_rules
from incident.core.notifications.message import Accepted
from incident.core.notifications.policy import Policy
from incident.core.reports.receipt import read_old_receipt
from incident.core.values.duration import parse_duration
from incident.core.values.faults import RuleError
from incident.core.values.moment import format_moment
from incident.store.db.database import db
from incident.store.deadlines import clock_rows
from incident.store.directory.departments import Department, department_by_code
from incident.store.directory.people import Person
from incident.store.incidents.incidents import Incident, incident_by_number
from incident.store.playbooks import timers
from incident.store.playbooks.tasks import Task, open_tasks_of

SETUP = "setup"
BEFORE_ALL = dt.timedelta(hours=1)
"""How long before the first event of the story the instance was set up."""

NOT_SENT = Accepted("not sent: demonstration")
SLOTS = 32

Step = Mapping[str, Any]


def is_empty() -> bool:
    """Whether the home has no data that a demonstration could mix with."""
    db.session.rollback()
    is_so = all(db.session.scalar(select(table.id).limit(1)) is None for table in (Incident, Person, Department))
    db.session.rollback()
    return is_so


def load_demonstration(
    document: Mapping[str, Any],
    shipped: Sequence[dict[str, Any]],
    post: MessageRenderer,
    zone: ZoneInfo,
    now: dt.datetime,
) -> None:
    """Fill an empty home with the demonstration; from then on nothing ever leaves it.

    Args:
        document: departments, people, rules and the story.
        shipped: the playbooks that the story starts, as loaded from their files.
        post: renders messages.
        zone: decides the year in numbers.
        now: when (UTC); the story ends here.

    Raises:
        RuleError: `demonstration.not_empty`, `demonstration.unsigned` (conflict).
    """
    if not is_empty():
        raise RuleError("demonstration.not_empty", kind="conflict")
    if signatures.is_needed():
        raise RuleError("demonstration.unsigned", kind="conflict")
    story = document["story"]
    began_at = now - parse_duration(story[0]["before"]) - BEFORE_ALL
    housekeeping.set_demonstration(began_at)
    loader = _Loader(post, zone, began_at, now)
    loader.people(document["people"], document["departments"])
    for playbook in shipped:
        playbooks.add_playbook(playbook, loader.actor, began_at)
    loader.custodians(document["custodians"])
    words = document["document_series"].items()
    put_series([NumberSeries(name, word) for name, word in words], loader.actor, began_at)
    departments.put_rules(read_rules(document["rules"]), None, loader.actor, began_at)
    for step in story:
        loader.pass_time(now - parse_duration(step["before"]))
        loader.do(step)
    loader.pass_time(now)


class _Loader:
    """The story during its creation: its present time, and the objects of its names."""

    def __init__(self, post: MessageRenderer, zone: ZoneInfo, now: dt.datetime, loaded_at: dt.datetime) -> None:
        self.loaded_at = loaded_at.replace(minute=0, second=0, microsecond=0)
        self.post = post
        self.zone = zone
        self.now = now
        self.actor = SETUP
        self.people_by_login: dict[str, Person] = {}
        self.incidents: dict[str, int] = {}
        self.reports: dict[str, int] = {}

    def people(self, found: Sequence[Step], organised: Sequence[Step]) -> None:
        """Add the first person, who adds the departments, and then everybody else."""
        first, *others = found
        self._person(first)
        self.actor = people.actor_of(self.people_by_login[first["login"]])
        for department in organised:
            self._department(department)
        for person in others:
            self._person(person)
        for department in organised:
            self._duty(department)

    def custodians(self, given: Step) -> None:
        """Hold the ceremony of the custodians, all of whom have the same passphrase."""
        found = []
        for login in given["people"]:
            person = self.people_by_login[login]
            by = people.actor_of(person)
            made = custodians.add_custodian(person.id, given["passphrase"], by, self.now)
            custodians.open_test_seal(made.row.id, given["passphrase"], by, self.now)
            found.append(made.row.id)
        custodians.propose_set(given["threshold"], found, self.actor, self.now)

    def pass_time(self, until: dt.datetime) -> None:
        """Fire and send everything due before a moment, each at its own, and advance to that moment."""
        while (due_at := timers.next_due_at()) is not None and due_at <= until:
            db.session.rollback()
            self.now = max(self.now, due_at)
            firing.fire_due(self.now)
            self._send()
        self.now = until

    def do(self, step: Step) -> None:
        """Do one transaction of the story, and send its messages."""
        use_cases = {
            "report": self._report,
            "open": self._open,
            "alert": self._alert,
            "acknowledge": self._acknowledge,
            "complete": self._complete,
            "note": self._note,
            "close": self._close,
            "reopen": self._reopen,
            "profile": self._profile,
            "aware": self._aware,
            "answer": self._answer,
            "grade": self._grade,
            "file": self._file,
        }
        use_cases[step["do"]](step)
        self._send()

    def _send(self) -> None:
        while begun := deliver.claim_due(self.now, SLOTS, [], self.post):
            deliver.record_results(
                [deliver.DeliveryResult(one.delivery_ids, NOT_SENT, 0.0, self.now) for one in begun], self.now
            )

    def _person(self, step: Step) -> None:
        facts = (step["login"], step["name"], step["role"], step.get("department"), None, step["language"])
        self.people_by_login[step["login"]] = people.add_person(*facts, self.actor, self.now)

    def _department(self, step: Step) -> None:
        facts = (step["code"], step["name"], step.get("parent"), self.actor, self.now)
        added = departments.add_department(*facts, timezone=self.zone.key)
        if "policy" in step:
            departments.put_policy(added.id, Policy.from_json(step["policy"]), None, self.actor, self.now)
        if "authority" in step:
            changes = {"authority": step["authority"]}
            departments.change_department(added.id, changes, None, self.actor, self.now)
        for contact in step["contacts"]:
            is_webhook = contact["channel"] == "webhook"
            secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}" if is_webhook else None
            self._contact(added.id, contact, secret)

    def _duty(self, step: Step) -> None:
        """Set members, calendar and rota of a department."""
        department = department_by_code(step["code"])
        if department is None or "rota" not in step:
            return
        changes = {name: step[name] for name in ("calendar", "working_hours") if name in step}
        departments.change_department(department.id, changes, None, self.actor, self.now)
        named = [members.NamedMember(**one) for one in step["members"]]
        members.put_members(department.id, named, None, self.actor, self.now)
        rota = {
            name: [self._dated(one) for one in parts] if name != "rotations" else parts
            for name, parts in step["rota"].items()
        }
        rotas.put_rota(department.id, Rota.from_json(rota), None, self.actor, self.now)
        for contact in step.get("personal", ()):
            self._contact(department.id, contact, None)

    def _contact(self, department_id: int, contact: Step, secret: str | None) -> None:
        facts = (contact["name"], contact["channel"], contact.get("address"), contact["level"], contact["language"])
        ring, person = self.post.ring, contact.get("person")
        departments.add_contact(department_id, *facts, secret, ring, self.actor, self.now, person=person)

    def _dated(self, step: Step) -> Step:
        """Give an override or leave its moments, which the data expresses relative to the loading."""
        start = self.loaded_at + parse_duration(step["starts_in"])
        plain = {name: value for name, value in step.items() if name not in ("starts_in", "lasts")}
        end = start + parse_duration(step["lasts"])
        return {"from": format_moment(start), "until": format_moment(end)} | plain

    def _by(self, step: Step) -> str:
        return people.actor_of(self.people_by_login[step["by"]])

    def _report(self, step: Step) -> None:
        facts = {name: step.get(name) for name in ("text", "category", "url", "channel")}
        plain = read_old_receipt(step.get("receipt", "")) or secrets.token_hex(16)
        mark = receipts.old_receipt_hash(plain)  # nobody waits for slow hashes of receipts that nobody has
        added = reports.submit_report(reports.NewReport(**facts), mark, self.now)  # type: ignore[arg-type]
        self.reports[step["report"]] = added.id

    def _open(self, step: Step) -> None:
        names = ("title", "description", "category", "grade", "tlp", "departments")
        facts: dict[str, Any] = {name: step[name] for name in names if name in step}
        new = NewIncident(
            **facts,
            reports=[self.reports[name] for name in step.get("reports", ())],
            indicators=read_indicators(step.get("indicators", [])),
            person_id=self.people_by_login[step["by"]].id,
        )
        opened = incidents.open_incident(new, self._by(step), self.now, self.zone)
        self.incidents[step["incident"]] = opened.id

    def _alert(self, step: Step) -> None:
        facts = dict(step["alert"])
        seen = read_indicators(facts.pop("indicators", []))
        alert = Alert(source=step["source"], indicators=seen, **facts)
        decided = receive.receive_alert(alert, f"token:0:{step['source']}", self.now, self.zone)
        incident = incident_by_number(decided.incident or "")
        if incident is not None:
            self.incidents[step["incident"]] = incident.id

    def _acknowledge(self, step: Step) -> None:
        department = department_by_code(step["department"])
        incident = self.incidents[step["incident"]]
        incidents.acknowledge_incident(
            incident, department.id if department else None, self._by(step), "inbox", self.now
        )

    def _complete(self, step: Step) -> None:
        task = self._task(step)
        tasks.complete_task(
            task.id, step["result"], step.get("variables", {}), step.get("note"), self._by(step), self.now
        )

    def _task(self, step: Step) -> Task:
        """Return the open task whose title begins as the story says."""
        return next(
            task for task in open_tasks_of(self.incidents[step["incident"]]) if task.title.startswith(step["task"])
        )

    def _note(self, step: Step) -> None:
        incidents.add_note(self.incidents[step["incident"]], step["text"], self._by(step), self.now)

    def _close(self, step: Step) -> None:
        how = (step["resolution"], step.get("note"), None)
        incidents.close_incident(self.incidents[step["incident"]], *how, self._by(step), self.now)

    def _reopen(self, step: Step) -> None:
        incidents.reopen_incident(self.incidents[step["incident"]], step["reason"], self._by(step), self.now)

    def _profile(self, step: Step) -> None:
        profiles.put_profile(OrganizationProfile(**step["profile"]), self._by(step), self.now)

    def _aware(self, step: Step) -> None:
        at = self.now + parse_duration(step["before"]) - parse_duration(step["at"])
        facts = (at, step["who"], step["how"], None)
        clock_events.put_awareness(self.incidents[step["incident"]], *facts, self._by(step), self.now)

    def _answer(self, step: Step) -> None:
        incident, by = self.incidents[step["incident"]], self._by(step)
        grading.put_answers(incident, step["answers"], by, self.now, evidence=step["evidence"])

    def _grade(self, step: Step) -> None:
        grading.decide_grade(self.incidents[step["incident"]], step["grade"], None, self._by(step), self.now)

    def _file(self, step: Step) -> None:
        """File the clock of a stage, of whichever law runs on the incident."""
        its_clocks = clock_rows.clocks_of(self.incidents[step["incident"]])
        clock = next(one for one in its_clocks if one.stage == step["stage"])
        filing = filings.NewFiling(
            channel=step["channel"],
            at=self.now,
            to=step["to"],
            receipt_number=step.get("receipt"),
            departments=step.get("departments", ()),
        )
        filings.file_clock(clock.id, filing, self._by(step), self.now)
