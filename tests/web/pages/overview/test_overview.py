"""The overview: each number leads to exactly its list, for each role; calm, red and exercise; the wall display."""

import datetime as dt
import re
from html import unescape

import pytest
from sqlalchemy import select

from incident.actions.deadlines import clock_events, profiles
from incident.actions.directory import rotas
from incident.actions.incidents import incidents
from incident.actions.operations import timers
from incident.core.deadlines.regimes import OrganizationProfile
from incident.core.duty.rota import Rota
from incident.store.db.database import db
from incident.store.directory.departments import department_by_code
from incident.store.incidents.incidents import Incident
from incident.store.playbooks.tasks import Task
from incident.web.pages.overview import numbers
from incident.web.pages.overview.urgent_rows import UrgentRow, shared_rows
from tests.test_query_counts import counted
from tests.web.office import BY, ROLES, Office, playbook

NUMBER = re.compile(r'<a class="[^"]*" href="([^"]*)">(?:(?!</a>).)*?<b[^>]*>([\d,]+\+?)</b>.*?</a>', re.DOTALL)
CELL = re.compile(r'<td><a href="([^"]*)">([\d,]+)</a></td>')
LISTS = {
    "/incidents": '<tr id="row-',
    "/reports": '<td class="mono">',
    "/clocks": '<li><a class="d-block"',
    "/dead-letters": '<div class="contact-name',
    "/inbox#to-answer": '<(?:tr|article)[^>]* id="notice-',
    "/inbox#to-do": '<(?:tr|article)[^>]* id="task-',
}
"""A pattern of what stands once in each row of a list, by its path."""


@pytest.fixture
def busy(office: Office) -> Office:
    """An instance where something of every kind waits, is overdue, is red, or is an exercise."""
    at = office.hand.at
    office.do(lambda: profiles.put_profile(OrganizationProfile("cii"), BY, at))
    for days, grade in ((45, 1), (20, 2), (3, None), (0, 4)):
        _change(office, office.open("NOC", grade=grade), opened_at=at - dt.timedelta(days=days))
    office.open("NOC", grade=3, tlp="red", title="Nobody may know")
    office.open("PRESS", grade=1)
    aware, told = office.incident(office.open("CERT", grade=1)), office.incident(office.open("CERT"))
    for one, hours in ((aware, 0), (told, 30)):
        _make_aware(office, one.id, at - dt.timedelta(hours=hours))
    office.browser("coordinator").post(f"/notices/{office.notice(told.number, 'CERT')}/decline", reason="Not ours")
    closed = office.incident(office.open("NOC"))
    office.do(lambda: incidents.close_incident(closed.id, "done", None, "no need", BY, at))
    for _ in range(2):
        office.open("NOC", playbook=playbook()["id"], grade=2)
    office.do(lambda: _put_off_a_task(at))
    office.report()
    office.drill("NOC", speed=1)
    office.hand.forward(minutes=12)
    office.do(lambda: _fire(office.hand.at))
    return office


def _change(office: Office, number: str, **facts: object) -> None:
    def change() -> None:
        row = db.session.scalars(select(Incident).where(Incident.number == number)).one()
        for name, value in facts.items():
            setattr(row, name, value)
        db.session.commit()

    office.do(change)


def _make_aware(office: Office, incident_id: int, at: dt.datetime) -> None:
    office.do(lambda: clock_events.put_awareness(incident_id, at, "Li", "alarm", None, BY, office.hand.at))


def _put_off_a_task(at: dt.datetime) -> None:
    """Let one task be late by what people agreed on."""
    db.session.scalars(select(Task).order_by(Task.id)).first().wanted_at = at  # type: ignore[union-attr]
    db.session.commit()


def _fire(at: dt.datetime) -> None:
    while timers.fire_due(at).count:
        pass


def found_numbers(page: str) -> list[tuple[str, str]]:
    """The address and the text of every number of the overview."""
    main = page.partition('<div id="overview"')[2].partition("</main>")[0]
    return [(unescape(url), text) for url, text in NUMBER.findall(main) + CELL.findall(main)]


def listed(page: str, url: str) -> int:
    """How many rows the list has to which a number leads."""
    path, _, place = url.partition("#")
    main = page.partition("<main")[2]
    if path.startswith("/inbox") and place == "to-answer":
        main = main.partition('id="in-hand"')[0].partition('id="my-tasks"')[0].partition('id="to-do"')[0]
    return len(re.findall(LISTS[path.partition("?")[0] + (f"#{place}" if place else "")], main))


@pytest.mark.parametrize("role", ROLES)
def test_every_number_leads_to_a_list_of_as_many_rows(busy: Office, role: str) -> None:
    browser = busy.browser(role)
    shown = found_numbers(browser.get("/"))
    assert len(shown) > 10
    for url, text in shown:
        assert listed(browser.get(url.partition("#")[0]), url) == int(text), url
    assert sum(int(text) > 0 for _, text in shown) > 8


def test_what_one_may_not_see_is_not_counted_and_not_named(busy: Office) -> None:
    def open_ones(role: str) -> int:
        return next(
            int(text) for url, text in found_numbers(busy.browser(role).get("/")) if url == "/incidents?tab=open"
        )

    assert open_ones("coordinator") == open_ones("reader") + 1 > open_ones("department")
    assert "Nobody may know" in busy.browser("coordinator").get("/")
    for role in ("reader", "responder", "department"):
        assert "Nobody may know" not in busy.browser(role).get("/")
    assert "for the people named on it" in busy.browser("department").get("/")  # which has to acknowledge it


def test_each_role_gets_what_it_may_open(busy: Office) -> None:
    paths = {role: {url.partition("?")[0] for url, _ in found_numbers(busy.browser(role).get("/"))} for role in ROLES}
    assert "/dead-letters" in paths["coordinator"]
    assert "/reports" in paths["responder"]
    assert not {"/reports", "/dead-letters"} & paths["reader"]
    assert "System health" in busy.browser("reader").get("/")
    assert "System health" not in busy.browser("department").get("/")


def test_what_is_overdue_and_what_runs_out_next_are_shown_with_countdowns(busy: Office) -> None:
    page = busy.browser("coordinator").get("/")
    overdue = page.partition('id="overdue"')[2].partition("</section>")[0]
    assert "Isolate the hosts" in overdue
    assert overdue.count("data-until") >= 2
    following = page.partition('id="next"')[2].partition("</section>")[0]
    moments = re.findall(r'<time datetime="([^"]*)"', following)
    assert moments == sorted(moments)
    assert len(moments) == 8
    unanswered = page.partition('id="unanswered"')[2].partition("</section>")[0]
    assert "Press office has no contact" in unanswered
    assert "Emergency response declined." in unanswered


def test_exercises_are_counted_apart(busy: Office) -> None:
    page = busy.browser("coordinator").get("/")
    assert ("/incidents?tab=open&exercise=true", "1") in found_numbers(page)
    assert "DRL-" not in page


def test_who_is_on_duty_and_where_nobody_is_can_be_seen(office: Office) -> None:
    def plan(code: str, people: list[str]) -> None:
        found = department_by_code(code)
        assert found is not None
        rotation = {"name": "Week", "people": people, "starts_on": "2026-01-05", "every": "P7D", "handover": "08:30"}
        document = {"rotations": [rotation]} if people else {"rotations": []}
        rotas.put_rota(found.id, Rota.from_json(document), None, BY, office.hand.at)

    office.do(lambda: plan("NOC", ["department"]))
    office.do(lambda: plan("CERT", []))
    duty = office.browser("reader").get("/").partition('id="on-duty"')[2].partition("</section>")[0]
    assert duty.index("Emergency response") < duty.index("Network operations")  # a gap first
    assert "no one" in duty
    assert "Person department" in duty
    own = office.browser("department").get("/").partition('id="on-duty"')[2].partition("</section>")[0]
    assert "Emergency response" not in own


@pytest.mark.parametrize("role", ROLES)
def test_a_calm_page_says_what_to_do_next(office: Office, role: str) -> None:
    page = office.browser(role).get("/")
    assert "All is quiet" in page
    assert ("New incident" in page) == (role in ("administrator", "coordinator", "responder"))
    assert ("Run a drill" in page) == (role in ("administrator", "coordinator"))
    assert ("What the set-up still needs" in page) == (role == "administrator")


def test_a_count_beyond_the_limit_says_only_that_there_are_more(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert numbers.CountLink("", 1_001, "/").shown == "1,000+"
    assert numbers.CountLink("", 7, "/", is_least=True).shown == "7+"


def test_the_page_takes_as_many_statements_however_much_waits(busy: Office) -> None:
    def needed() -> int:
        browser = busy.browser("coordinator")
        browser.get("/")
        with busy.app.app_context(), counted() as sent:
            browser.get("/")
        return len(sent)

    few = needed()
    for _ in range(20):
        busy.open("NOC", playbook=playbook()["id"], grade=1)
    assert needed() <= few + 1 <= 46


def test_a_change_of_the_page_is_sent_as_a_part_only(busy: Office) -> None:
    part = busy.browser("coordinator").get("/", headers={"HX-Request": "true"})
    assert part.strip().startswith('<div id="overview"')
    part = busy.browser("coordinator").get("/wall", headers={"HX-Request": "true"})
    assert part.strip().startswith('<div id="wall"')


def test_a_wall_display_is_dark_has_no_navigation_and_names_nothing_that_is_red(busy: Office) -> None:
    page = busy.browser("coordinator").get("/wall")
    assert 'data-theme="dark"' in page
    assert "<nav" not in page
    assert 'id="live-sign"' in page
    assert "Nobody may know" not in page
    assert "every 60s" in page
    assert page.count("<a ") <= 3  # to skip, and to leave


def test_a_wall_display_stays_signed_in_while_it_is_open_and_leads_back_after_signing_in(office: Office) -> None:
    browser = office.browser("reader")
    for _ in range(5):
        office.hand.forward(hours=2)
        browser.get("/wall", headers={"HX-Request": "true"})
    office.hand.forward(hours=3)
    answer = browser.client.get("/wall", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/wall"


def test_an_open_page_without_a_person_keeps_no_session_alive(office: Office) -> None:
    browser = office.browser("reader")
    for _ in range(3):
        office.hand.forward(hours=2)
        browser.client.get("/", headers={"HX-Request": "true"})
    assert browser.client.get("/").status_code == 303


def test_of_what_is_red_a_wall_display_says_only_that_a_task_or_a_report_is_due(office: Office) -> None:
    office.do(lambda: profiles.put_profile(OrganizationProfile("cii"), BY, office.hand.at))
    red = office.incident(office.open("CERT", tlp="red", title="Nobody may know", playbook=playbook()["id"]))
    _make_aware(office, red.id, office.hand.at - dt.timedelta(hours=2))
    office.do(lambda: _put_off_a_task(office.hand.at))
    office.hand.forward(minutes=12)
    browser = office.browser("coordinator")
    title = office.do(lambda: db.session.scalars(select(Task.title)).one())
    assert title in browser.get("/")
    assert "First report" in browser.get("/")
    wall = browser.get("/wall")
    for words in (title, "First report", "Nobody may know"):
        assert words not in wall
    assert "Report to an authority" in wall
    assert "A task" in wall


def test_many_overdue_deadlines_leave_room_for_those_who_have_not_answered_on_a_wall_display() -> None:
    late, silent = ([_row(f"{kind} {number}") for number in range(9)] for kind in ("late", "silent"))
    assert [one.said for one in shared_rows(late, silent, 5)] == ["late 0", "late 1", "late 2", "silent 0", "silent 1"]
    assert len(shared_rows(late, silent[:1], 5)) == len(shared_rows(late[:1], silent, 5)) == 5
    assert shared_rows([], silent[:2], 5) == silent[:2]


def _row(said: str) -> UrgentRow:
    return UrgentRow("gavel", said, Incident(), None, "/")
