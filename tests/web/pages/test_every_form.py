"""Forms: each fault is shown at its field and in the summary, which links to it."""

import re
from html.parser import HTMLParser
from pathlib import Path
from unittest.mock import ANY

import pytest
from werkzeug.test import TestResponse

from incident.actions.directory import rotas
from incident.actions.playbooks import secrets
from incident.core.duty.rota import Rota
from incident.store.playbooks.tasks import open_tasks_of
from incident.web.instance import KEY
from tests.web.office import BY, Office, _department, incident_named, playbook
from tests.web.pages.playbooks.test_start_run import add, needy

POINTER = re.compile(r"(?<![\w.:])/[a-z_]+(?:/[\w-]+)*(?=[\s:<]|$)")


class Form(HTMLParser):
    """The summary of a page, its fields, and what they are described by."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.entries = 0
        self.wrong: dict[str, str] = {}
        self.ids: set[str] = set()
        self.labels: dict[str, str] = {}
        self.label_of = ""
        self.is_summary = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        assert len(named) == len(attrs), f"an attribute stands twice: {attrs}"
        self.ids.add(named.get("id", ""))
        if named.get("id") == "fault":
            self.is_summary = True
        if self.is_summary and tag == "li":
            self.entries += 1
        if self.is_summary and tag == "a":
            self.links.append(named["href"].removeprefix("#"))
        if tag == "label":
            self.label_of = named.get("for", "")
        if named.get("aria-invalid") == "true":
            self.wrong[named["id"]] = named.get("aria-describedby", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "ul":
            self.is_summary = False
        if tag == "label":
            self.label_of = ""

    def handle_data(self, data: str) -> None:
        if self.label_of:
            self.labels[self.label_of] = self.labels.get(self.label_of, "") + data


def test_no_form_has_the_date_and_time_fields_of_the_browser() -> None:
    """They show a date in the order of the browser's language, such as 11/29/2026 on a Chinese page."""
    folder = Path("incident/web/templates")
    native = re.compile(r"""(?:kind|type)="(?:date|time|datetime-local|month|week)\"""")
    found = [file.name for file in sorted(folder.rglob("*.html")) if native.search(file.read_text("utf-8"))]
    assert found == []


TURN = {"name": "Days", "people": ["coordinator"], "starts_on": "2026-11-01", "every": "P7D", "handover": "09:00"}
BAD = "bad\x07text"
FORMS = [
    (
        "coordinator",
        "/incidents",
        {"title": "", "occurred_at": "soon", "indicators": "nonsense here", "reports": "x"},
        4,
    ),
    ("coordinator", "/incidents", {"title": BAD, "grade": "nine", "sector": "x" * 99, "region": "x" * 99}, 4),
    ("coordinator", "/incidents/NUMBER/change", {"version": "1", "title": "", "detected_at": "soon", "grade": "9"}, 3),
    ("coordinator", "/incidents/NUMBER/notes", {"note": ""}, 1),
    ("coordinator", "/incidents/NUMBER/reports", {"report": "x"}, 1),
    (
        "coordinator",
        "/incidents/NUMBER/close",
        {"override": "1", "reason": "", "resolution": "x" * 99, "closing_note": BAD},
        3,
    ),
    ("administrator", "/departments", {"name": "", "code": ""}, 2),
    ("administrator", "/departments/NOC/contacts", {"contact_name": "", "channel": "email", "level": "x"}, 2),
    ("administrator", "/people", {"name": "", "login": "", "role": "department", "department": "NONE"}, 2),
    ("administrator", "/tokens", {"name": "", "role": "reader"}, 1),
    ("administrator", "/playbooks/signers", {"name": "", "public_key": ""}, 2),
    ("coordinator", "/departments/CERT/rota/questions", {"starts_on": "soon", "handover": "late", "every": "0"}, 4),
    ("coordinator", "/departments/CERT/rota/overrides", {"form": "override", "from": "", "until": "x", "why": BAD}, 4),
    (
        "coordinator",
        "/departments/CERT/rota/overrides",
        {"form": "override", "from": "2026-11-21 9:00", "until": "2026-11-21 8:00", "person": "x", "instead_of": "y"},
        3,
    ),
    ("coordinator", "/departments/CERT/rota/leave", {"form": "leave", "from": "soon", "until": "later"}, 3),
    (
        "coordinator",
        "/departments/CERT/rota",
        {
            "r0-name": "Days",
            "r0-starts_on": "soon",
            "r0-every": "x",
            "r0-handover": "late",
            "r0-days": "chosen",
            "r0-person": "",
        },
        5,
    ),
    (
        "coordinator",
        "/departments/CERT/rota",
        {"r0-person": "head", "r0-from": "8", "r0-until": "9", "r0-every": "0"},
        3,
    ),
    (
        "coordinator",
        "/departments/CERT/policy",
        {
            "levels": "2",
            "level-1-wait": "soon",
            "level-1-in_turn": "x",
            "level-2-wait": "5",
            "level-2-waits-1": "x",
            "level-2-waits-1-hours": "span",
            "level-2-waits-1-from": "late",
            "repeat": "often",
            "reminder": "x",
            "quiet-from": "22",
            "quiet-until": "7",
        },
        8,
    ),
    ("coordinator", "/departments/CERT/members", {"member": "nobody-here", "position": "head"}, 1),
    (
        "administrator",
        "/departments/CERT/settings",
        {"name": "", "timezone": "Mars", "parent": "NONE", "calendar": "x"},
        2,
    ),
    (
        "coordinator",
        "/tasks/TASK/complete",
        {"task": "TASK", "result": "failed", "note": BAD, "variable:__hosts__": "x"},
        2,
    ),
    (
        "coordinator",
        "/tasks/TASK/assign",
        {"task_id": "TASK", "task_version": "1", "due_at": "soon", "assignee": BAD},
        2,
    ),
    ("department", "/notices/NOTICE/decline", {"notice": "NOTICE", "reason": BAD}, 1),
    ("coordinator", "/notices/NOTICE/withdraw", {"notice": "NOTICE", "withdraw": "1", "reason": ""}, 1),
    ("coordinator", "/runs/RUN/cancel", {"run": "RUN", "run_reason": BAD}, 1),
    ("coordinator", "/runs/RUN/step", {"step": "STEP", "action": "failed", "step_reason": ""}, 1),
    (
        "coordinator",
        "/incidents/NUMBER/runs",
        {"playbook": "ASKING", "seen": "1", "variable:__host__": "x", "variable:__minutes__": "y"},
        2,
    ),
    ("responder", "/incidents/NUMBER/start-requests", {"requested": "ASKING", "request_note": BAD}, 1),
    ("coordinator", "/incidents/NUMBER/tickets", {"system": "", "key": "", "url": ""}, 3),
    ("coordinator", "/incidents/NUMBER/merge", {"into": "", "merge_reason": ""}, 2),
    ("coordinator", "/incidents/NUMBER/indicators", {"pasted": "nonsense here"}, 1),
    ("coordinator", "/incidents/CLOSED/reopen", {"reopen_reason": BAD}, 1),
    ("coordinator", "/maintenance-windows", {"reason": "", "ends_at": "soon", "begins_at": "x"}, 3),
    ("administrator", "/systems/new", {"name": "", "code": "", "addresses": "x y z", "protection_level": "9"}, 4),
    ("administrator", "/subscriptions", {"name": "", "url": "ftp://x", "rate": "x"}, 2),
    ("coordinator", "/rules/rule", {"rule": "", "window": "soon", "group_by": "nothing", "category": "x" * 99}, 2),
    (
        "coordinator",
        "/playbooks/PLAYBOOK/simulate",
        {"seed": "x", "result:STEP": "succeeded", "after:STEP": "x"},
        2,
    ),
    ("coordinator", "/drills", {"playbook": "ASKING", "speed": "x", "variable:__host__": "x"}, 2),
    ("administrator", "/playbooks/secrets", {"name": "SECRET", "places": ""}, 1),
    ("department", "/handovers", {"to": "", "note": BAD}, 2),
    (None, "/report", {"kind": "tip", "text": "", "occurred_at": "soon"}, 1),
    (None, "/receipt", {"receipt": "AAAAA"}, 1),
    (None, "/sign-in", {"login": "nobody", "password": "x"}, 1),
]


def _known(office: Office) -> dict[str, str]:
    """Return the ids that `FORMS` names: an incident with its work, and a playbook that asks."""
    number = office.open("NOC", playbook=playbook()["id"])
    task = office.do(lambda: open_tasks_of(incident_named(number).id)[0])
    return {
        "NUMBER": number,
        "CLOSED": "INC-2026-000001",
        "SECRET": "gate",
        "TASK": str(task.id),
        "RUN": str(task.run_id),
        "NOTICE": str(office.notice(number, "NOC")),
        "STEP": task.step,
        "PLAYBOOK": str(playbook()["id"]),
        "ASKING": str(needy()["id"]),
    }


@pytest.fixture
def asking(office: Office) -> Office:
    """An office with members, a rota, a closed incident, a secret and a playbook that asks for values."""
    ring, at = office.app.extensions[KEY].ring, office.hand.at
    office.join("NOC", "department", "responder")
    office.join("CERT", "coordinator")
    office.do(lambda: rotas.put_rota(_department("CERT").id, Rota.from_json({"rotations": [TURN]}), None, BY, at))
    office.do(lambda: secrets.set_secret("gate", "t0ken", ["ssh"], ring, BY, at))
    office.browser("coordinator").post(f"/incidents/{office.open('CERT')}/close", resolution="false")
    made = needy()
    made["playbook_variables"]["__host__"]["type"] = "integer"
    add(office, made)
    return office


def _send(office: Office, role: str | None, path: str, fields: dict[str, str], language: str) -> TestResponse:
    known = _known(office)
    path = re.sub("[A-Z]{3,}", lambda word: known.get(word[0], word[0]), path)
    typed = {re.sub("STEP$", known["STEP"], name): known.get(value, value) for name, value in fields.items()}
    return office.browser(role, language).post(path, status=ANY, **typed)


def _faults_of_page(answer: TestResponse, least: int) -> list[str]:
    """Return what is wrong with the page of a refused form."""
    if not 400 <= answer.status_code < 500 or 'id="fault"' not in answer.text:
        return [f"it was answered with {answer.status_code}: {answer.text[:300]}"]
    form, summary = Form(answer.text), answer.text[answer.text.index('id="fault"') :].partition("</ul>")[0]
    words = re.sub(r"\s*<[^>]*>\s*", " ", summary)
    described = {name: form.wrong.get(name, "").split() for name in form.links}
    wrong = {
        f"fewer than {least} faults": form.entries >= least,
        "a fault without a link to its field": len(form.links) == form.entries,
        f"links to no field: {set(form.links) - form.ids}": set(form.links) <= form.ids,
        f"links to fields that are not marked: {set(form.links) - set(form.wrong)}": set(form.links) <= set(form.wrong),
        "a field that is described by nothing": all(set(ids) <= form.ids for ids in described.values()),
        "a field without its fault": all(f"{name}-fault" in ids for name, ids in described.items()),
        f"pointers: {POINTER.findall(words)}": not POINTER.findall(words),
        "no sign of the error in the title": bool(re.search(r"<title>(Error: |出错：)", answer.text)),
    }
    return [f"{what} ({words})" for what, is_right in wrong.items() if not is_right]


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_all_faults_of_a_form_are_linked_to_their_fields(asking: Office, language: str) -> None:
    found = {}
    for role, path, fields, least in FORMS:
        if wrong := _faults_of_page(_send(asking, role, path, fields, language), least):
            found[f"{path} {fields}"] = wrong
    assert not found, "\n".join(f"{form}: {wrong}" for form, wrong in found.items())


HIDDEN = {"action", "form", "levels", "notice", "override", "playbook", "requested", "result", "rule"} | {
    *("run", "seen", "step", "task", "task_id", "withdraw"),
}
EMPTY = [
    (role, path, {name: value if name in HIDDEN or value == "SECRET" else "" for name, value in fields.items()})
    for role, path, fields, _least in FORMS
]


def test_no_field_that_is_marked_optional_is_refused_when_empty(asking: Office) -> None:
    found = {}
    for role, path, fields in EMPTY:
        answer = _send(asking, role, path, fields, "en")
        form = Form(answer.text)
        refused = [form.labels.get(one, "") for one in form.wrong]
        optional = [label for label in refused if "(optional)" in label]
        if optional or (answer.status_code >= 400 and not form.links):
            found[f"{path} {fields}"] = optional or [answer.text[answer.text.find('id="fault"') :][:400]]
    assert not found, "\n".join(f"{form}: {wrong}" for form, wrong in found.items())
