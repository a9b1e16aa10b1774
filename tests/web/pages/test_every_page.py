"""Every page in both languages, by each role with and without permission."""

import datetime as dt
import re
from html.parser import HTMLParser

import pytest

from incident.actions.drills import drills
from incident.actions.systems import systems, windows
from incident.core.reports.urgent import UrgentPaging
from tests.web.office import BY, ROLES, Office

READING = ("administrator", "coordinator", "responder", "reader")
HANDLING = ("administrator", "coordinator", "responder")
LEADING = ("administrator", "coordinator")
PAGES = {
    "/": ROLES,
    "/wall": ROLES,
    "/search": ROLES,
    "/search?q=network": ROLES,
    "/search/results?q=network": ROLES,
    "/clocks?due=overdue": ROLES,
    "/inbox?exercise=false&due=overdue": ROLES,
    "/incidents": ROLES,
    "/incidents?q=ransomware&status=new&grade=2&department=NOC&category=MP&from=2026-11-01&to=2026-11-30": ROLES,
    "/exports": ROLES,
    "/notifications": ROLES,
    "/incidents/new": HANDLING,
    "/incidents/INC-2026-000001": ROLES,
    "/incidents/INC-2026-000001?journal=all": ROLES,
    "/incidents/INC-2026-000001/indicators": ROLES,
    "/incidents/INC-2026-000001/techniques?q=phishing": ROLES,
    "/incidents/INC-2026-000001/live": ROLES,
    "/inbox": ROLES,
    "/inbox?department=NOC": ROLES,
    "/reports": HANDLING,
    "/reports?q=mail&state=received": HANDLING,
    "/reports/1": HANDLING,
    "/identity-requests": ROLES,
    "/calls": LEADING,
    "/reports/1/call": HANDLING,
    "/custodians": ROLES,
    "/reports/new": HANDLING,
    "/urgent-reports/1": HANDLING,
    "/departments": ROLES,
    "/departments/NOC": ROLES,
    "/playbooks": READING,
    "/playbooks/PLAYBOOK": READING,
    "/playbooks/PLAYBOOK/file": READING,
    "/playbooks/PLAYBOOK/simulate": READING,
    "/playbooks/new": LEADING,
    "/setup/playbooks": LEADING,
    "/setup/departments": ("administrator",),
    "/setup/next": ("administrator",),
    "/setup/language": ("administrator",),
    "/setup/contact": ("administrator",),
    "/setup/rules": ("administrator",),
    "/insights": ROLES,
    "/insights?month=2026-11": ROLES,
    "/insights/months/csv": ROLES,
    "/insights/report": ROLES,
    "/documents": ROLES,
    "/documents/unserved": ROLES,
    "/documents/registers/outgoing": ROLES,
    "/documents/registers/incoming?year=2026&exercise=true": ROLES,
    "/documents/registers/service": ROLES,
    "/documents/text-blocks": ("administrator",),
    "/incidents/INC-2026-000001/folder?case=punishment": ROLES,
    "/incoming-papers": ROLES,
    "/incoming-papers?due=1": ROLES,
    "/incidents/INC-2026-000001/incoming-papers/new": HANDLING,
    "/drills": ROLES,
    "/drills?playbook=PLAYBOOK": ROLES,
    "/drills/new": LEADING,
    "/drills/new?playbook=PLAYBOOK": LEADING,
    "/drills/1": ROLES,
    "/runs/1/steps": ROLES,
    "/drills/1/live": ROLES,
    "/drills/2": ROLES,
    "/incidents?exercise=true": ROLES,
    "/incidents/DRL-2026-000001": ROLES,
    "/rules": READING,
    "/rules?try=1&category=MP&grade=1&sector=energy&region=33&source=manual&campaign=HW&at=2026-11-22T02:00": READING,
    "/rules?rule=0": READING,
    "/sources": READING,
    "/sources/guardduty": READING,
    "/sources/new": LEADING,
    "/systems": ROLES,
    "/systems?q=pay": ROLES,
    "/systems/PAY": ROLES,
    "/systems/PAY/change": LEADING,
    "/systems/new": LEADING,
    "/systems/import": LEADING,
    "/maintenance-windows": READING,
    "/maintenance-windows/1": READING,
    "/journal": READING,
    "/journal?person=1&type=incident.opened&number=INC-2026-000001&from=2026-11-01&to=2026-11-30": READING,
    "/outbox": LEADING,
    "/health": READING,
    "/people": ("administrator",),
    "/people/1": ("administrator",),
    "/settings": LEADING,
    "/settings/channels": READING,
    "/settings/environment": ("administrator",),
    "/settings/sheets/departments": ("administrator",),
    "/settings/sheets/people": ("administrator",),
    "/settings/machine-commands": LEADING,
    "/tokens": ("administrator",),
    "/sign-in": (None,),
    "/report": (None, *ROLES),
    "/report/elsewhere": (None, *ROLES),
    "/report/protection": (None, *ROLES),
    "/receipt": (None, *ROLES),
}
LATIN = re.compile(r"[a-z]{3,}")
DATA = re.compile(
    r"Ransomware in accounting|Contain and tell|Isolate the hosts|Network operations|Emergency response|Press office|"
    r"Person administrator|Payments|Hosts|Response|__\w+__|integer|guardduty"
)
NAMED = re.compile(r'<span lang="en">English</span>')
"""The name of a language is written in that language, and is marked so."""

VOID = frozenset({"area", "br", "hr", "img", "input", "link", "meta", "use", "path", "rect", "circle", "line"})


class Reader(HTMLParser):
    """Parses a page: checks nesting and the Content-Security-Policy."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.wrong += [f"{tag} {name}" for name, _ in attrs if name == "style" or name.startswith(("on", "hx-on"))]
        named = dict(attrs)
        if tag == "script" and "src" not in named:
            self.wrong.append("inline script")
        if "id" in named:
            self.ids.append(str(named["id"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")


@pytest.fixture
def busy(office: Office) -> Office:
    """An office with an incident on which a playbook runs, and a linked report."""
    from tests.web.office import playbook

    report = office.report()
    office.report(receipt="urgent", emergency="danger", paging=UrgentPaging("CERT"))
    office.open("NOC", "CERT", playbook=playbook()["id"], grade=2, category="MPRANS", reports=[report])
    office.open()
    facts = {"code": "PAY", "name": "Payments", "owner": "NOC", "addresses": ["192.0.2.0/24"], "protection_level": 3}
    office.do(lambda: systems.add_system(facts, BY, office.hand.at))
    window = {"reason": "Contain and tell", "ends_at": office.hand.at + dt.timedelta(hours=1), "system": "PAY"}
    office.do(lambda: windows.add_window(window, BY, office.hand.at))
    for _ in range(2):
        office.drill("NOC", "PRESS")
    office.do(lambda: drills.end_drill(2, BY, office.hand.at))
    return office


def path_of(path: str) -> str:
    from tests.web.office import playbook

    return path.replace("PLAYBOOK", playbook()["id"])


def well_made(page: str, language: str) -> None:
    reader = Reader()
    reader.feed(page)
    assert reader.wrong == []
    assert reader.open == []
    assert sorted(reader.ids) == sorted(set(reader.ids))
    if "<html" in page:
        assert f'lang="{"en" if language == "en" else "zh-CN"}"' in page


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_page_opens_for_whom_it_is_and_is_well_made(busy: Office, role: str | None) -> None:
    for path, roles in PAGES.items():
        if role in roles:
            page = busy.browser(role).get(path_of(path))
            if not path.endswith("/file"):
                well_made(page, "en")


def test_every_page_is_well_made_in_chinese_too(busy: Office) -> None:
    for path, roles in PAGES.items():
        if not path.endswith("/file"):
            well_made(busy.browser(roles[0], "zh_Hans_CN").get(path_of(path)), "zh_Hans_CN")


def test_no_page_opens_for_whom_it_is_not(busy: Office) -> None:
    for path, roles in PAGES.items():
        for role in set(ROLES) - set(roles) if None not in roles else ():
            busy.browser(role).get(path_of(path), status=403)


def test_who_has_not_signed_in_is_led_to_sign_in_and_back(busy: Office) -> None:
    answer = busy.browser().client.get("/incidents?q=mail")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=%2Fincidents%3Fq%3Dmail")


def test_a_chinese_page_shows_no_english_of_ours(busy: Office) -> None:
    for path, roles in PAGES.items():
        if path.endswith(("/file", "/outbox", "/setup/playbooks")):
            continue
        page = busy.browser(roles[-1], "zh_Hans_CN").get(path_of(path))
        for found in re.findall(r"<h[12][^>]*>(.*?)</h[12]>|<label[^>]*>(.*?)</label>", page, re.DOTALL):
            words = re.sub(r"<[^>]*>", "", NAMED.sub("", "".join(found)))
            assert LATIN.findall(DATA.sub("", words)) == [], (path, words)
