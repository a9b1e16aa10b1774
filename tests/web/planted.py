"""An instance with a unique word planted in each kind of text, and who may read it."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from incident.actions.delivery import deliver
from incident.actions.directory import accounts, people, tokens
from incident.actions.incidents import exports
from incident.actions.insights.keeping import keep_sums
from incident.actions.notifications import acknowledge_links
from incident.actions.playbooks import commands
from incident.actions.playbooks.secrets import set_secret
from incident.channels import Channel, send
from incident.core.incidents.listing.tabs import COLUMNS
from incident.core.notifications.message import DeliveryError, Message
from incident.formats.messages import load_catalogues
from incident.store.db.database import db
from incident.store.directory.people import person_by_login
from incident.store.notifications.messages import Message as Row
from incident.store.playbooks.runs import Command
from incident.web.api.deadlines.rule_set_documents import EXAMPLE
from incident.web.instance import KEY
from incident.web.security.auth import SESSION_COOKIE
from tests.core.cacao.build import MACHINE_AGENT, action, document, http, manual
from tests.plugins.app import AT, Api, Speaker
from tests.web.api.incidents.test_evidence import uploaded
from tests.web.api.playbooks.test_playbooks import marked

PEOPLE = {
    "administrator": ("administrator", None),
    "coordinator": ("coordinator", None),
    "responder": ("responder", None),
    "reader": ("reader", None),
    "owner": ("department", "CERT"),
    "beside": ("department", "LEGAL"),
    "stranger": ("department", "NOC"),
}
"""Signed-in callers: CERT has the tasks, LEGAL is on the same incidents without tasks, NOC is on none."""

PROGRAMS = ("source", "monitor")
ANYBODY = "anybody"
CALLERS = (*PEOPLE, *PROGRAMS, ANYBODY)

BOSSES = frozenset({"administrator", "coordinator"})
STAFF = BOSSES | {"responder"}
READERS = STAFF | {"reader"}
ON_IT = READERS | {"owner", "beside"}
OFFICE = READERS | {"owner", "beside", "stranger"}
NOBODY: frozenset[str] = frozenset()

SEEN_BY: dict[str, frozenset[str]] = {
    # an incident and its dependent objects
    "zqtitle": ON_IT,
    "zqgrading": ON_IT,
    "zqaware": ON_IT,
    "zqfiled": ON_IT,
    "zqreturned": ON_IT,
    "zqfact": ON_IT,
    "zqreason": ON_IT,
    "zqabout": ON_IT,
    "zqdomain": ON_IT,
    "zqcampaign": ON_IT,
    "zqresolution": ON_IT,
    "zqnote": READERS,
    "zqclosing": READERS,
    "zqalert": READERS | {"owner"},
    "zqrefusal": READERS | {"beside"},
    "zqwish": STAFF | {"reader"},
    "zqnever": READERS,
    # its playbook
    "zqplay": ON_IT,
    "zqstep": ON_IT,
    "zqvalue": READERS,
    "zqgiven": READERS,
    "zqresult": READERS | {"owner"},
    "zqtask": ON_IT,
    "zqorder": READERS | {"owner"},
    "zqanswer": READERS | {"owner"},
    "zqoutput": READERS,
    "zqbroken": READERS,
    # TLP:RED
    "zqredtitle": BOSSES,
    "zqredabout": BOSSES,
    "zqrednote": BOSSES,
    "zqredreport": BOSSES,
    "zqredplay": BOSSES,
    "zqredvalue": BOSSES,
    "zqredstep": BOSSES,
    "zqredoutput": BOSSES,
    "zqredtask": BOSSES | {"owner"},
    "zqredorder": BOSSES | {"owner"},
    "zqreddrillplay": BOSSES,
    "zqreddrillstep": BOSSES,
    "zqreddrillvalue": BOSSES,
    "zqreddrilltask": BOSSES | {"owner"},
    # the public
    "zqreport": STAFF,
    "zqlink": STAFF,
    "zqcontact": NOBODY,
    "zqpurpose": BOSSES,
    "zqcall": BOSSES,
    "zqtaken": BOSSES,
    "zqaboutus": NOBODY,
    "zqaboutunit": NOBODY,
    # contacts and deliveries
    "zqmail": READERS,
    "zqhook": frozenset({"administrator"}),
    "zqtoken": frozenset({"administrator"}),
    "zqfault": ON_IT,
    # systems and maintenance, tickets, subscriptions
    "zqsystem": READERS | {"owner"},
    "zqwindow": READERS,
    "zqheld": READERS,
    # handing over a shift: who gives it and who gets it, and who oversees both
    "zqhandover": BOSSES | {"owner", "responder"},
    "zqticket": ON_IT,
    "zqrules": OFFICE,
    # the review after closing: its owner reads their own action
    "zqlesson": READERS,
    "zqaction": READERS | {"owner"},
    # an incident of TLP:RED that went into another one
    "zqmergedred": BOSSES,
    # evidence in quarantine: its name is seen by everybody on the incident, its content by who handles evidence
    "zqfile": ON_IT,
    "zqcontent": STAFF,
    "zqredfile": BOSSES,
    "zqredcontent": BOSSES,
    # official documents: by their incident and their marking
    "zqpaper": ON_IT,
    "zqclause": ON_IT,
    "zqworksecret": BOSSES,
    "zqredpaper": BOSSES,
    "zqincoming": ON_IT,
    "zqsender": ON_IT,
    "zqinsecret": BOSSES,
    "zqinred": BOSSES,
    "zqsubscription": frozenset({"administrator"}),
    # never readable
    "zqsecret": NOBODY,
}

FOUND_BY = {"zqlabel": READERS, "zqnote": READERS, "zqtitle": ON_IT, "zqdomain": ON_IT, "zqredtitle": BOSSES}
"""Words by which an incident is found; the labels of an alert are shown nowhere."""


@dataclass
class Planted:
    """The instance: identifiers of its objects by the name of a URL argument, and its secrets."""

    app: Flask
    speak: Speaker
    values: dict[str, list[Any]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def caller(self, name: str) -> Api:
        """A client of a caller: with the session of a person, a token, or nothing."""
        made = Api(self.app.test_client(), self.secrets.get(f"token of {name}"))
        if name in self.sessions:
            made.client.set_cookie(SESSION_COOKIE, self.sessions[name])
        return made


def open_playbook() -> dict[str, Any]:
    """A playbook that a machine begins and people end."""
    steps = {
        "ask": action("look", http(), agent=MACHINE_AGENT, name="zqstep asks"),
        "look": action("end", manual("Look for zqorder"), name="zqtask looks", out_args=["__found__"]),
        "end": None,
    }
    variables = {
        "__found__": {"type": "string"},
        "__code__": {"type": "string", "value": "zqvalue"},
        "__where__": {"type": "string", "external": True},
    }
    return document(steps, "zqplay", playbook_variables=variables)


def broken_playbook() -> dict[str, Any]:
    """A playbook whose only step is one that the machine fails."""
    return document({"ask": action("end", http(), agent=MACHINE_AGENT, name="Ask"), "end": None}, "Broken")


def red_playbook(word: str = "red") -> dict[str, Any]:
    """The same of TLP:RED."""
    steps = {
        "ask": action("look", http(), agent=MACHINE_AGENT, name=f"zq{word}step asks"),
        "look": action("end", manual(f"Look for zq{word}order"), name=f"zq{word}task looks"),
        "end": None,
    }
    variables = {"__code__": {"type": "string", "value": f"zq{word}value"}}
    return marked(document(steps, f"zq{word}play", playbook_variables=variables), "TLP:RED")


def plant(app: Flask, speak: Speaker) -> Planted:
    """Plant the words by actions of people and programs."""
    made = Planted(app, speak)
    administrator, boss, responder = speak("administrator"), speak("coordinator"), speak("responder")
    for code in ("LEGAL", "NOC"):
        administrator.made("/departments", {"code": code, "name": code.title()})
    hook = {"name": "Robot", "channel": "webhook", "address": "https://h.example/zqhook?key=zqtoken", "level": 1}
    made.secrets["secret of a webhook"] = administrator.made("/departments/CERT/contacts", hook)["secret"]
    mail = {"name": "Desk", "channel": "email", "address": "zqmail@cert.example", "level": 1}
    administrator.made("/departments/CERT/contacts", mail)
    for one in (open_playbook(), broken_playbook(), red_playbook(), red_playbook("reddrill")):
        boss.made("/playbooks", one)
    rules = {"rules": [{"when": {"category": "malware"}, "set": {"departments": ["CERT"]}}]}
    assert boss.put("/rules", rules, headers={"If-None-Match": "*"}).status_code in (200, 201)
    _incidents(made, administrator, boss, responder)
    _people(made)
    _work(made)
    _exports(made)
    _count(made)
    _ids(made)
    return made


def _incidents(made: Planted, administrator: Api, boss: Api, responder: Api) -> None:
    public = made.speak()
    reported = public.made("/reports", {"text": "zqreport", "url": "https://zqlink.example/"})
    made.secrets["receipt"] = reported["receipt"]
    made.secrets["contact"] = "zqcontact@example.org"
    made.secrets["telephone number"] = "8613900770077"
    contact = {"email": made.secrets["contact"], "phone": f"+{made.secrets['telephone number']}"}
    public.made("/reports", {"text": "zqredreport", "contact": contact})
    public.made("/reports", {"text": "zqaboutus", "about_units": [], "emergency": "danger"})
    public.made("/reports", {"text": "zqaboutunit", "about_units": ["CERT"], "url": "https://zqaboutunit.example/"})
    reports = {one["text"]: one["id"] for one in boss.seen("/reports")["items"]}
    asked = {"purpose": "zqpurpose", "fields": ["email"]}
    identity = boss.made(f"/reports/{reports['zqredreport']}/identity-requests", asked)
    made.secrets["secret of a request"] = identity["secret"]
    boss.made(f"/reports/{reports['zqredreport']}/calls", {"purpose": "zqcall"})
    boss.done(f"/reports/{reports['zqredreport']}/accept", {"reason": "zqtaken"})
    facts: dict[str, Any] = {"description": "zqabout", "campaign": "zqcampaign", "departments": ["CERT", "LEGAL"]}
    facts["indicators"] = [{"kind": "domain", "value": "zqdomain.example"}]
    main = boss.made("/incidents", {"title": "zqtitle", "reports": [reports["zqreport"]], **facts})["number"]
    boss.made(f"/incidents/{main}/notes", {"text": "zqnote"})
    given = {"playbook": open_playbook()["id"], "variables": {"__where__": "zqgiven"}}
    boss.made(f"/incidents/{main}/runs", given)
    boss.made(f"/incidents/{main}/runs", {"playbook": red_playbook()["id"]})
    boss.made(f"/incidents/{main}/runs", {"playbook": broken_playbook()["id"]})
    for note in ("zqnever", "zqwish"):
        asked = responder.made(f"/incidents/{main}/start-requests", {"playbook": open_playbook()["id"], "note": note})
        if note == "zqnever":
            boss.done(f"/start-requests/{asked['id']}/decline", {"reason": "not now"})
    notices = {one["department"]: one["id"] for one in boss.seen(f"/incidents/{main}")["notices"]}
    boss.done(f"/notices/{notices['LEGAL']}/decline", {"reason": "zqrefusal"})
    red = {"title": "zqredtitle", "description": "zqredabout", "tlp": "red", "reports": [reports["zqredreport"]]}
    number = boss.made("/incidents", {**red, "departments": ["CERT", "LEGAL"]})["number"]
    boss.made(f"/incidents/{number}/notes", {"text": "zqrednote"})
    over = boss.made("/incidents", {"title": "Over", "departments": ["CERT", "LEGAL"]})["number"]
    boss.done(f"/incidents/{over}/close", {"resolution": "zqresolution", "note": "zqclosing"})
    boss.done(f"/incidents/{over}/review", {"went_well": "zqlesson"})
    twin = boss.made("/incidents", {"title": "zqmergedred", "tlp": "red", "departments": ["CERT"]})["number"]
    boss.made(f"/incidents/{twin}/merge", {"into": number, "reason": "zqmergedred"})
    alert = {"fingerprint": "disk", "status": "firing", "title": "zqalert", "labels": {"owner": "zqlabel"}}
    assert administrator.post("/alerts/generic", alert | {"category": "malware"}).status_code == 202
    boss.made("/drills", {"playbook": red_playbook("reddrill")["id"], "departments": ["CERT", "LEGAL"]})
    boss.made(f"/incidents/{main}/tickets", {"system": "Jira", "key": "zqticket", "url": "https://jira.example/7"})
    uploaded(boss, f"/incidents/{main}/evidence", "zqfile", b"zqcontent")
    uploaded(boss, f"/incidents/{number}/evidence", "zqredfile", b"zqredcontent")
    paper = {"kind": "circular", "incident": main}
    boss.made("/documents", paper | {"title": "zqpaper", "fields": {"requirements": "zqclause"}})
    secret = {"title": "zqworksecret", "marking": "work_secret", "fields": {"requirements": "zqworksecret"}}
    boss.made("/documents", paper | secret)
    boss.made("/documents", paper | {"incident": number, "title": "zqredpaper"})
    came = {"kind": "letter", "received_at": AT.isoformat(), "incident": main}
    boss.made("/incoming-papers", came | {"title": "zqincoming", "sender": "zqsender"})
    boss.made("/incoming-papers", came | {"title": "zqinsecret", "sender": "zqinsecret", "marking": "work_secret"})
    boss.made("/incoming-papers", came | {"incident": number, "title": "zqinred", "sender": "zqinred"})
    graded = {"answers": {"persons_leaked": 7}, "evidence": "zqgrading"}
    assert boss.put(f"/incidents/{main}/grading/answers", graded).status_code == 200
    boss.made(f"/incidents/{main}/grading/decide", {"grade": 4, "reason": "zqreason"})
    profile = {"operator_class": "cii", "regimes": ["au-ransom"]}
    assert administrator.put("/organization/profile", profile).status_code == 200
    aware = {"at": AT.isoformat(), "who": "zqaware", "how": "zqaware"}
    assert boss.put(f"/incidents/{main}/awareness", aware).status_code == 200
    boss.made(f"/incidents/{main}/clock-events", {"kind": "paid", "at": AT.isoformat(), "how": "zqfact"})
    [clock] = [one for one in boss.seen(f"/incidents/{main}/clocks")["items"] if one["regime"] == "au-ransom"]
    filed = boss.made(f"/clocks/{clock['id']}/file", {"channel": "phone", "at": AT.isoformat(), "to": "zqfiled"})
    returned = {"at": AT.isoformat(), "reason": "zqreturned"}
    assert boss.post(f"/filings/{filed['id']}/return", returned).status_code == 200
    boss.made("/systems", {"code": "PAY", "name": "zqsystem", "owner": "CERT"})
    window = {"reason": "zqwindow", "labels": {"room": "7"}}
    assert administrator.put("/grading-rule-sets/grid", EXAMPLE | {"ref": "zqrules"}).status_code == 201
    administrator.made("/subscriptions", {"name": "zqsubscription", "url": "https://soc.example", "events": ["*"]})
    boss.made("/maintenance-windows", window | {"ends_at": (AT + dt.timedelta(days=1)).isoformat()})
    held = {"fingerprint": "held", "status": "firing", "title": "zqheld", "labels": {"room": "7"}}
    assert administrator.post("/alerts/generic", held).status_code == 202


def _people(made: Planted) -> None:
    with made.app.app_context():
        for name, (role, department) in PEOPLE.items():
            people.add_person(name, f"Person {name}", role, department, None, "en", "tests", AT)
            person = person_by_login(name)
            assert person is not None
            made.sessions[name] = made.secrets[f"session of {name}"] = people.open_session(person, AT)
            made.secrets[f"link of {name}"] = accounts.make_password_link(person.id, "tests", AT)
        for name in PROGRAMS:
            made.secrets[f"token of {name}"] = tokens.make_token(name, name, None, "tests", AT).secret
        db.session.remove()


OUTCOMES = {1: ("zqoutput", "succeeded"), 3: ("zqbroken", "failed")}
"""The machine's output in each run of a playbook that is not TLP:RED."""


class _Refusing:
    """A channel whose receiver echoes the message."""

    def send(self, message: Message) -> None:
        """Refuse."""
        notified = f"500 zqfault at {message.address} {message.secret} {message.data.get('acknowledge_url')}"
        raise DeliveryError(notified, permanent=False)


def _work(made: Planted) -> None:
    """Carry out commands, end a task, and fail to deliver."""
    instance = made.app.extensions[KEY]
    with made.app.app_context():
        set_secret("firewall", "zqsecret", ["https://fw.example"], instance.ring, "tests", AT)
        for order in commands.claim_commands(AT, 9, lambda _kind, _order: True):
            command = db.session.get_one(Command, order.command_id)
            word, result = OUTCOMES.get(command.run_id, ("zqredoutput", "succeeded"))
            commands.record_outcome(order.command_id, commands.Outcome(result, {}, word), AT)
        for begun in deliver.claim_due(AT, 50, [], instance.post):
            refusing: Any = _Refusing()
            channel: Channel = refusing
            try:
                send(channel, begun.message)
            except DeliveryError as error:
                deliver.record_results([deliver.DeliveryResult(begun.delivery_ids, error, 0.0, AT)], AT)
        for row in db.session.query(Row):
            token = acknowledge_links.acknowledge_token(instance.ring, row.webhook_id)
            made.secrets[f"acknowledge link {row.id}"] = token
        db.session.remove()
    cert = made.speak("administrator").put("/departments/CERT/members", {"members": [{"person": "responder"}]})
    assert cert.status_code == 200, cert.text
    given = {"department": "CERT", "to": "responder", "note": "zqhandover"}
    assert made.caller("owner").post("/handovers", given).status_code == 201
    boss = made.speak("coordinator")
    [over] = [one["number"] for one in boss.seen("/incidents?status=closed")["items"] if one["title"] == "Over"]
    action = {"title": "zqaction", "owner": "owner", "due_at": (AT + dt.timedelta(days=3)).isoformat()}
    boss.made(f"/incidents/{over}/review/actions", action)
    [task] = [one for one in boss.seen("/tasks")["items"] if one["title"] == "zqtask looks"]
    notified = {"result": "succeeded", "note": "zqanswer", "variables": {"__found__": "zqresult"}}
    boss.done(f"/tasks/{task['id']}/complete", notified)


def _exports(made: Planted) -> None:
    """Let each person export all incidents with all columns."""
    tools: Any = made.app.extensions[KEY]
    with made.app.app_context():
        for name in PEOPLE:
            person = person_by_login(name)
            assert person is not None
            new = exports.NewExport(
                format="json", filter={}, sort=None, columns=COLUMNS, language="en", person_id=person.id
            )
            exports.request_export(new, "tests", AT)
        while exports.make_next_piece(AT, tools.settings.zone, load_catalogues()):
            pass
        db.session.remove()


def _count(made: Planted) -> None:
    """Count everything for insights, so that their pages have what was planted."""
    tools: Any = made.app.extensions[KEY]
    with made.app.app_context():
        while keep_sums(tools.settings.zone, AT):
            pass
        db.session.remove()


TABLES = {
    "number": "SELECT number FROM incidents",
    "run_id": "SELECT id FROM runs",
    "task_id": "SELECT id FROM tasks",
    "notice_id": "SELECT id FROM notices",
    "report_id": "SELECT id FROM reports",
    "identity_request_id": "SELECT id FROM identity_requests",
    "call_id": "SELECT id FROM report_calls",
    "custodian_id": "SELECT id FROM custodians",
    "drill_id": "SELECT id FROM drills",
    "table": "SELECT 'categories' UNION SELECT 'departments' UNION SELECT 'steps' UNION SELECT 'drills'",
    "playbook_id": "SELECT DISTINCT cacao_id FROM playbooks",
    "code": "SELECT code FROM departments",
    "webhook_id": "SELECT webhook_id FROM messages WHERE id <= 3",
    "contact_id": "SELECT id FROM contacts",
    "message_id": "SELECT id FROM messages",
    "request_id": "SELECT id FROM start_requests",
    "person_id": "SELECT id FROM people",
    "sheet": "SELECT 'people' UNION SELECT 'contacts' UNION SELECT 'members' UNION SELECT 'departments'",
    "token_id": "SELECT id FROM tokens",
    "name": "SELECT name FROM secrets",
    "source": "SELECT 'okta'",
    "subscription_id": "SELECT id FROM subscriptions",
    "event_id": "SELECT id FROM queued_events",
    "ticket_id": "SELECT id FROM incident_tickets",
    "evidence_id": "SELECT id FROM evidence",
    "indicator_id": "SELECT id FROM indicators",
    "technique": "SELECT technique FROM incident_techniques UNION SELECT 'T1566'",
    "action_id": "SELECT id FROM review_actions",
    "window_id": "SELECT id FROM maintenance_windows",
    "export_id": "SELECT id FROM list_exports",
    "handover_id": "SELECT id FROM shift_handovers",
    "decision_id": "SELECT id FROM grade_decisions",
    "filing_id": "SELECT id FROM filings",
    "rule_set_id": "SELECT key FROM grading_rule_sets",
    "document_id": "SELECT id FROM documents",
    "register": "SELECT 'outgoing' UNION SELECT 'incoming' UNION SELECT 'service'",
    "paper_id": "SELECT id FROM incoming_papers",
    "service_id": "SELECT id FROM document_services",
    "file_format": "SELECT 'pdf'",
    "content_hash": "SELECT content_hash FROM grading_rule_set_versions",
}


def _ids(made: Planted) -> None:
    with made.app.app_context():
        for name, query in TABLES.items():
            made.values[name] = list(db.session.scalars(db.text(query)))
        db.session.remove()
