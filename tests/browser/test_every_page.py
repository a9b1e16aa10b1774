"""Every page that a person can reach: axe, narrow screens, visible focus, no script error, nothing from elsewhere.

The pages are those of the demonstration, with what it lacks. Each page is looked at twice: in English and light, in
Chinese and dark; so every rule of axe that depends on them is applied in both languages and in both themes. A page
that is not listed here fails.
"""

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser.demonstration import RANSOMWARE, Demonstration
from tests.browser.walk import findings
from tests.browser.walker import LOOKS, walking
from tests.stories.served import Served

WHOLE = ("administrator", "department", "nobody")
"""Who sees parts of pages that nobody else sees.

The pages of the others are looked at in one language and theme.
"""

ROLES = ("administrator", "coordinator", "responder", "department", "reader")

PAGES: dict[str, tuple[str, ...]] = {
    "administrator on incidents": (
        "/",
        "/wall",
        "/incidents",
        "/incidents?q=mail&status=open&tab=all&column=owner&column=department",
        "/incidents/new",
        "/incidents/new?report=10",
        "/incidents/LIVE",
        "/incidents/LIVE?open=close&show=people",
        "/incidents/CLOSED",
        "/incidents/LIVE/alerts",
        "/incidents/LIVE/indicators",
        "/incidents/LIVE/techniques?q=spear",
        "/incidents/LIVE/ledger",
        "/incidents/LIVE/certificate",
        "/incidents/LIVE/grading",
        "/incidents/LIVE/clocks",
        "/incidents/LIVE/clocks/report",
        "/incidents/LIVE/documents",
        "/documents",
        "/documents/1",
        "/documents/series",
        "/documents/unserved",
        "/documents/text-blocks",
        "/documents/registers/outgoing",
        "/incidents/LIVE/folder",
        "/incoming-papers",
        "/incoming-papers/1",
        "/incoming-papers/1/correct",
        "/incidents/LIVE/incoming-papers/new",
        "/clocks",
        "/figures",
        "/grading-rule-sets",
        "/grading-rule-sets/new",
        "/grading-rule-sets/cn-cac-guide",
        "/grading-rule-sets/grid",
        "/grading-rule-sets/grid/change",
        "/grading-rule-sets/grid/versions/RULES",
        "/organization",
        "/incidents/LIVE/report",
        "/exports",
        "/notifications",
        "/runs/1/steps",
        f"/incidents/LIVE/runs/new?playbook={RANSOMWARE}",
        "/reports",
        "/reports/new",
        "/reports/10",
        "/identity-requests",
        "/calls",
        "/reports/10/call",
        "/custodians",
    ),
    "administrator on playbooks and departments": (
        "/departments",
        "/departments/cert",
        "/departments/cert/rota",
        "/departments/cert/rota/questions",
        "/departments/cert/policy?grade=1",
        "/playbooks",
        "/playbooks/new",
        f"/playbooks/{RANSOMWARE}",
        f"/playbooks/{RANSOMWARE}/edit",
        f"/playbooks/{RANSOMWARE}/simulate",
        f"/playbooks/{RANSOMWARE}/text",
        f"/playbooks/{RANSOMWARE}/versions",
        "/playbooks/secrets",
        "/playbooks/signers",
        "/setup/playbooks",
        "/setup/departments",
        "/setup/next",
        "/setup/language",
        "/setup/contact",
        "/setup/rules",
        "/rules",
        "/rules?rule=0",
        "/rules?try=1&category=MPRANS&grade=1",
    ),
    "administrator on the rest": (
        "/sources",
        "/sources/new",
        "/sources/alertmanager",
        "/sources/doors",
        "/sources/doors/change",
        "/systems",
        "/systems/new",
        "/systems/import",
        "/systems/PAY",
        "/systems/PAY/change",
        "/maintenance-windows",
        "/maintenance-windows/1",
        "/insights",
        "/insights/report",
        "/drills",
        "/drills/new",
        f"/drills/new?playbook={RANSOMWARE}",
        "/drills/1",
        "/inbox",
        "/journal",
        "/journal?type=incident.opened&from=2026-01-01",
        "/access-log",
        "/outbox",
        "/dead-letters",
        "/subscriptions",
        "/subscriptions/1",
        "/people",
        "/people/1",
        "/settings",
        "/settings/channels",
        "/settings/environment",
        "/settings/sheets/contacts",
        "/settings/machine-commands",
        "/tokens",
        "/search?q=mail",
        "/health",
        "/account",
    ),
    "coordinator": (
        "/",
        "/inbox?view=all&exercise=false&due=overdue",
        "/inbox",
        "/inbox?department=cert",
        "/inbox?view=mine",
    ),
    "responder": ("/", "/inbox", "/incidents", "/incidents/LIVE", f"/playbooks/{RANSOMWARE}"),
    "reader": (
        *("/", "/wall", "/inbox", "/incidents", "/incidents/LIVE", "/departments", "/departments/cert"),
        *("/playbooks", "/rules", "/systems/PAY"),
    ),
    "department": (
        "/",
        "/inbox",
        "/insights",
        "/handovers",
        "/handovers/new",
        "/handovers/1",
        "/incidents/LIVE",
        "/departments/it-ops",
    ),
    "nobody": (
        "/sign-in",
        "/offline",
        "/report",
        "/report/elsewhere",
        "/report/protection",
        "/receipt",
        "/acknowledge/ANSWER",
        "/reached/REACHED",
        "/password/PASSWORD",
    ),
}
"""Addresses by who opens them; LIVE is an incident whose playbook runs, CLOSED one that is closed."""

NO_PAGES = {
    "pages.choose_incident": "leads to another page",
    "pages.enter_by_link": "leads to another page",
    "pages.set_up": "looked at by a test of its own",
    "pages.drill_now": "a part of a page",
    "pages.search_results": "a part of a page",
    "pages.identity_form": "needs a report with a contact; looked at by a test of its own",
    "pages.identity_request": "needs a report with a contact; looked at by a test of its own",
    "pages.identity_request_file": "a file",
    "pages.urgent_reports": "the demonstration pages nobody; opened in tests/web",
    "pages.mail": "a frame of the page of messages",
    "pages.incident_now": "a part of a page",
    "pages.others_here": "a part of a page",
    "pages.export_progress": "a part of a page",
    "pages.journal_check": "a part of a page",
    "pages.live_incident": "a stream",
    "pages.live_incidents": "a stream",
    "pages.live_pages": "a stream",
    "pages.pick_departments": "JSON for a field",
    "pages.pick_systems": "JSON for a field",
    "pages.find_mentionable": "JSON for a field",
    "pages.export_file": "a file",
    "pages.certificate_file": "a file",
    "pages.evidence_bundle": "a file",
    "pages.manifest": "a file",
    "pages.worker": "a script",
    "pages.document_files_now": "a part of a page",
    "pages.document_file_content": "a file",
    "pages.document_proof": "a file",
    "pages.register_file": "a file",
    "pages.document_sheet": "paper without the frame of a page",
    "pages.evidence_file": "a file",
    "pages.indicators_text": "a file",
    "pages.journal_csv": "a file",
    "pages.export_systems_csv": "a file",
    "pages.insights_csv": "a file",
    "pages.export_sheet_csv": "a file",
    "pages.export_sheet_workbook": "a file",
    "pages.export_systems_workbook": "a file",
    "pages.playbook_file": "a file",
    "pages.rota_calendar": "a file",
}


@pytest.mark.parametrize("who", PAGES)
def test_every_page_is_without_fault(demonstration: Demonstration, browser: Browser, who: str) -> None:
    role = who.partition(" ")[0]
    with walking(browser, demonstration.url) as walk:
        if role in ROLES:
            walk.page.goto(demonstration.links()[role])
        if role == "nobody":
            walk.page.goto(demonstration.links()["administrator"])
            demonstration.filled["PASSWORD"] = password_link(walk.page, demonstration)
            walk.context.clear_cookies()
        if who == "administrator on incidents":
            ask_for_export(walk.page, demonstration)
        if role == "department":
            hand_over(walk.page, demonstration)
        looks = LOOKS if role in WHOLE else LOOKS[1:]
        for path in PAGES[who]:
            walk.look(demonstration.at(path), looks=looks)
        assert not walk.wrong, walk.all_wrong


def test_the_pages_of_errors_are_without_fault(demonstration: Demonstration, browser: Browser) -> None:
    with walking(browser, demonstration.url) as walk:
        walk.look("/acknowledge/1.1.nobody-signed-this", 404)
        walk.page.goto(demonstration.links()["reader"])
        walk.look("/nothing", 404)
        walk.look("/people", 403)
        walk.look("/journal?type=nothing&from=yesterday", 422)
        with demonstration.changed(
            "UPDATE systems SET addresses = '[' || addresses", "UPDATE systems SET addresses = substr(addresses, 2)"
        ):
            walk.look("/systems/PAY", 500)
        with demonstration.changed(
            "ALTER TABLE signers RENAME TO no_signers", "ALTER TABLE no_signers RENAME TO signers"
        ):
            walk.look("/playbooks/signers", 503)
        assert not walk.wrong, walk.all_wrong


def test_the_walk_finds_what_moves_for_people_who_have_not_asked_for_less(
    demonstration: Demonstration, page: Page
) -> None:
    page.goto(f"{demonstration.url}/sign-in")
    assert findings(page, ["still"])["still"]


def test_the_page_of_the_first_administrator_is_without_fault(empty_program: Served, browser: Browser) -> None:
    link = re.search(r"/setup/[\w.~-]+", empty_program.output)
    assert link is not None, empty_program.output
    with walking(browser, empty_program.url) as walk:
        walk.look(link[0])
        walk.send(link[0], {"name": "", "login": "not a name", "password": "short"})
        assert not walk.wrong, walk.all_wrong


def password_link(page: Page, demonstration: Demonstration) -> str:
    """Let a person be sent a link, and return its token."""
    page.goto(f"{demonstration.url}/people")
    answer = page.request.post(f"{demonstration.url}/people/3/link", headers={"Sec-Fetch-Site": "same-origin"})
    found = re.search(r"/password/([\w.~-]+)", answer.text())
    assert found is not None, answer.text()
    return found[1]


def ask_for_export(page: Page, demonstration: Demonstration) -> None:
    """Ask for an export, so that the page of exports has one."""
    answer = page.request.post(
        f"{demonstration.url}/exports", form={"format": "csv"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status == 200, answer.text()


def hand_over(page: Page, demonstration: Demonstration) -> None:
    """Hand the shift over to a colleague."""
    given = {"department": "it-ops", "to": "wu.gang"}
    answer = page.request.post(
        f"{demonstration.url}/api/v1/handovers", data=given, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status == 201, answer.text()


def test_every_address_of_a_page_is_in_the_walk(sqlite_app: Flask) -> None:
    bound = sqlite_app.url_map.bind("localhost")
    walked = {bound.match(path.partition("?")[0])[0] for paths in PAGES.values() for path in paths}
    pages = {rule.endpoint for rule in sqlite_app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {one for one in pages if one.startswith("pages.")} - walked == NO_PAGES.keys()
