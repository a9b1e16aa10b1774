"""A person's own account, invitations, and links that set a password."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from incident.actions.directory import accounts, departments, passwords, people, tokens
from incident.channels.email import Email, SmtpServer
from incident.store.db.database import db
from incident.store.directory.departments import department_by_code
from incident.store.directory.people import IDLE_LIMIT, Person, Session, person_by_login
from incident.store.journal.journal import Entry
from incident.web.instance import KEY
from incident.web.security.auth import SESSION_COOKIE
from tests.channels.test_email import Mailbox, mail_server
from tests.web.office import BY, Browser, Office
from tests.world import rows

PASSWORD = "a long enough password"
NEW = "four unrelated words apart"


@pytest.fixture
def wang(office: Office) -> Office:
    """An office in which Wang signs in with a password."""
    office.do(lambda: people.add_person("wang", "Wang", "responder", None, PASSWORD, "en", BY, office.hand.at))
    return office


def signed_in(office: Office, password: str = PASSWORD, agent: str = "") -> Browser:
    """A browser in which Wang has signed in."""
    browser = office.browser()
    form = {"login": "wang", "password": password}
    headers = {"User-Agent": agent} if agent else None
    assert browser.client.post("/sign-in", data=form, headers=headers).status_code == 303
    return browser


def link_in(page: str) -> str:
    """The path of the link that a page shows."""
    found = re.search(r"/password/[\w-]+", page)
    assert found is not None, page
    return found[0]


def person_id(office: Office, login: str) -> int:
    """The id of the person with a login."""
    person = office.do(lambda: person_by_login(login))
    assert person is not None
    return person.id


def test_changing_the_password_ends_every_other_session(wang: Office) -> None:
    here, elsewhere = signed_in(wang), signed_in(wang)
    here.post("/account/password", current=PASSWORD, new=NEW)
    here.get("/account")
    elsewhere.get("/account", status=303)
    wang.browser().post("/sign-in", status=403, login="wang", password=PASSWORD)
    signed_in(wang, NEW)


def test_a_change_needs_the_present_password_and_a_good_new_one(wang: Office) -> None:
    browser = signed_in(wang)
    assert "not your current password" in browser.post("/account/password", status=422, current="no", new=NEW).text
    assert "too short" in browser.post("/account/password", status=422, current=PASSWORD, new="short").text
    easy = browser.post("/account/password", status=422, current=PASSWORD, new="passwordpassword")
    assert "easy to guess" in easy.text
    signed_in(wang)


def test_who_sits_at_an_open_session_cannot_guess_the_present_password(wang: Office) -> None:
    browser = signed_in(wang)
    for _ in range(accounts.TRIES_LIMIT):
        browser.post("/account/password", status=422, current="no", new=NEW)
    browser.post("/account/password", status=429, current=PASSWORD, new=NEW)


def test_each_wrong_present_password_leaves_the_line_of_a_failed_sign_in_and_the_first_an_entry(
    wang: Office, capfd: pytest.CaptureFixture[str]
) -> None:
    browser = signed_in(wang)
    for status in (*[422] * accounts.TRIES_LIMIT, 429):
        browser.post("/account/password", status=status, current="no", new=NEW)
    lines = [line for line in capfd.readouterr().err.splitlines() if "sign-in failed" in line]
    reasons = [line.rpartition("127.0.0.1 ")[2] for line in lines]
    assert reasons == ["(password)"] * accounts.TRIES_LIMIT + ["(waiting)"]
    failed = wang.do(lambda: rows(Entry, event_type="sign_in.failed"))
    assert [one.subject for one in failed] == [f"person:{person_id(wang, 'wang')}"]


def test_sessions_are_listed_by_browser_and_ended_one_by_one(wang: Office) -> None:
    phone = signed_in(wang, agent="Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1")
    here = signed_in(wang, agent="Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")
    page = here.get("/account")
    assert "Firefox, Linux" in page
    assert "Safari, iPhone" in page
    end = re.search(r"/account/sessions/\d+/end", page)
    assert end is not None
    here.post(end[0])
    phone.get("/account", status=303)
    assert "Safari, iPhone" not in here.get("/account")


def test_all_other_sessions_are_ended_at_once(wang: Office) -> None:
    others = [signed_in(wang) for _ in range(3)]
    here = signed_in(wang)
    here.post("/account/sessions/end")
    here.get("/account")
    for other in others:
        other.get("/account", status=303)


def test_nobody_ends_a_session_of_somebody_else(wang: Office) -> None:
    wang.browser("administrator").get("/account")
    foreign = wang.do(lambda: db.session.scalars(db.select(Session.id)).all())
    browser = signed_in(wang)
    assert foreign
    for session in foreign:
        browser.post(f"/account/sessions/{session}/end", status=404)
    wang.browser("administrator").get("/account")


def test_a_session_that_nobody_uses_ends(wang: Office) -> None:
    browser = signed_in(wang)
    wang.hand.forward(seconds=IDLE_LIMIT.total_seconds() + 1)
    browser.get("/account", status=303)


def test_a_session_that_is_used_lives_on_until_its_end(wang: Office) -> None:
    browser = signed_in(wang)
    for _ in range(5):
        wang.hand.forward(hours=2)
        browser.get("/account")
    wang.hand.forward(hours=2, minutes=1)
    browser.get("/account", status=303)


def test_what_an_open_page_asks_by_itself_is_no_use(wang: Office) -> None:
    browser = signed_in(wang)
    for _ in range(4):
        wang.hand.forward(hours=1)
        browser.client.get("/incidents", headers={"HX-Request": "true"})
    browser.get("/account", status=303)


def test_somebody_new_is_invited_by_a_link_and_chooses_the_password(office: Office) -> None:
    boss = office.browser("administrator")
    answer = boss.post("/people", status=201, name="Li Wei", login="li", role="coordinator", language="en")
    path = link_in(answer.text)
    assert path not in boss.get("/people")
    browser = office.browser()
    assert 'value="li"' in browser.get(path)
    assert "too short" in browser.post(path, status=422, password="short").text
    browser.post(path, password=NEW)
    browser.get("/incidents")
    office.browser().post("/sign-in", login="li", password=NEW)
    office.browser().get(path, status=410)
    office.browser().post(path, status=410, password="another good password")


def test_a_reset_ends_all_sessions_and_the_links_before_it(wang: Office) -> None:
    boss, wangs = wang.browser("administrator"), signed_in(wang)
    where = f"/people/{person_id(wang, 'wang')}/link"
    first, second = (link_in(boss.post(where, status=201).text) for _ in range(2))
    wang.browser().get(first, status=410)
    wang.browser().post(second, password=NEW)
    wangs.get("/account", status=303)
    signed_in(wang, NEW)


def test_a_reset_link_lives_for_a_day_and_not_for_who_has_left(wang: Office) -> None:
    where = f"/people/{person_id(wang, 'wang')}/link"
    late = link_in(wang.browser("administrator").post(where, status=201).text)
    wang.hand.forward(hours=24, minutes=1)
    wang.browser().get(late, status=410)
    wang._browsers.clear()
    left = link_in(wang.browser("administrator").post(where, status=201).text)
    form = {"name": "Wang", "role": "responder", "language": "en"}
    wang.browser("administrator").post(f"/people/{person_id(wang, 'wang')}", **form)
    wang.browser().get(left, status=410)
    wang.browser("administrator").post(where, status=409)


@pytest.mark.parametrize("role", ["coordinator", "responder", "department", "reader"])
def test_only_administrators_make_links(wang: Office, role: str) -> None:
    wang.browser(role).post(f"/people/{person_id(wang, 'wang')}/link", status=403)


def test_a_program_has_no_account(office: Office) -> None:
    secret = office.do(lambda: tokens.make_token("p", "administrator", None, BY, office.hand.at).secret)
    client = office.app.test_client()
    assert client.get("/account", headers={"Authorization": f"Bearer {secret}"}).status_code == 404


def test_an_old_hash_is_replaced_at_the_next_sign_in(wang: Office) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8_192).hash(PASSWORD)
    number = person_id(wang, "wang")

    def kept() -> str:
        return wang.do(lambda: db.session.get_one(Person, number).password_hash) or ""

    def weaken() -> None:
        db.session.get_one(Person, number).password_hash = weak
        db.session.commit()

    wang.do(weaken)
    signed_in(wang)
    assert kept() != weak
    assert not passwords.is_outdated(kept())
    signed_in(wang)


def test_no_secret_of_a_link_stands_in_the_journal(wang: Office) -> None:
    token = wang.do(lambda: accounts.make_password_link(person_id(wang, "wang"), BY, wang.hand.at))
    assert token not in wang.browser("administrator").get("/journal")
    assert "Link to set a password created" in wang.browser("administrator").get("/journal")


def test_the_idle_limit_is_shorter_than_the_life_of_a_session() -> None:
    assert dt.timedelta() < IDLE_LIMIT < people.SESSION_FOR


def test_over_https_the_cookie_belongs_to_this_host_alone(wang: Office) -> None:
    settings = wang.app.extensions["incident"].settings
    object.__setattr__(settings, "public_url", "https://incident.example.org")
    form = {"login": "wang", "password": PASSWORD}
    answer = wang.app.test_client().post("/sign-in", data=form, base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"__Host-{SESSION_COOKIE}=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.fixture
def mail(wang: Office) -> Iterator[Mailbox]:
    """A real mail server to which the office sends."""
    with mail_server() as mailbox:
        extensions = wang.app.extensions
        url = f"smtp://127.0.0.1:{mailbox.port}"
        server = SmtpServer("127.0.0.1", mailbox.port)
        here = extensions["incident"]
        extensions["incident"] = replace(
            here,
            settings=replace(here.settings, smtp_url=url),
            channels={
                **here.channels,
                "email": Email(server, "incident@example.org", connect_limit=30, whole_limit=60),
            },
        )
        yield mailbox


@pytest.mark.smtp
def test_an_invitation_is_mailed_and_then_shown_nowhere(wang: Office, mail: Mailbox) -> None:
    form = {"name": "李伟", "login": "li", "role": "reader", "language": "zh_Hans_CN", "mail": "li@example.org"}
    answer = wang.browser("administrator").post("/people", status=201, **form)
    assert "/password/" not in answer.text
    assert "li@example.org" in answer.text
    text = mail.last().get_content()
    assert "您的登录名：li" in text
    wang.browser().post(link_in(text), password=NEW)
    wang.browser().post("/sign-in", login="li", password=NEW)


@pytest.mark.smtp
def test_what_the_mail_server_refuses_is_shown_with_the_link(wang: Office, mail: Mailbox) -> None:
    mail.rcpt = "550 no such mailbox"
    where = f"/people/{person_id(wang, 'wang')}/link"
    answer = wang.browser("administrator").post(where, status=201, mail="wang@example.org")
    assert "no such mailbox" in answer.text
    wang.browser().get(link_in(answer.text))


def test_a_wrong_address_makes_no_link(wang: Office, mail: Mailbox) -> None:
    where = f"/people/{person_id(wang, 'wang')}/link"
    answer = wang.browser("administrator").post(where, status=422, mail="not an address")
    assert "Enter an email address" in answer.text
    assert not mail.raw


def test_rights_are_those_of_now_in_a_session_that_was_open_before(wang: Office) -> None:
    browser, elsewhere = signed_in(wang), signed_in(wang)
    browser.get("/incidents/new")
    person = person_id(wang, "wang")
    wang.do(lambda: people.change_person(person, {"role": "reader"}, BY, wang.hand.at))
    for one in (browser, elsewhere):
        one.get("/incidents/new", status=403)
        one.post("/incidents", status=403, title="A worm")
        one.get("/incidents")
    wang.do(lambda: people.change_person(person, {"is_active": False}, BY, wang.hand.at))
    for one in (browser, elsewhere):
        one.get("/incidents", status=303)
        assert one.client.get("/live/incidents").status_code in (303, 401)
    wang.browser().post("/sign-in", status=403, login="wang", password=PASSWORD)
    wang.do(lambda: people.change_person(person, {"is_active": True}, BY, wang.hand.at))
    browser.get("/incidents", status=303)


def test_a_reset_link_of_who_has_left_is_dead(wang: Office) -> None:
    person = person_id(wang, "wang")
    link = wang.do(lambda: accounts.make_password_link(person, BY, wang.hand.at))
    wang.do(lambda: people.change_person(person, {"is_active": False}, BY, wang.hand.at))
    wang.browser().get(f"/password/{link}", status=410)
    wang.browser().post(f"/password/{link}", status=410, password=NEW)


def test_mail_of_followed_incidents_is_on_until_the_person_switches_it_off(wang: Office) -> None:
    browser = signed_in(wang)
    assert 'name="is_mailed" value="yes" checked' in browser.get("/account")
    assert "This system cannot send email." in browser.get("/account")
    answer = browser.post("/account/mail")
    page = browser.get(answer.location)
    assert "Your choice is saved." in page
    assert 'name="is_mailed" value="yes" aria' in page
    browser.post("/account/mail", is_mailed="yes")
    assert 'name="is_mailed" value="yes" checked' in browser.get("/account")


def test_the_account_names_the_address_that_mail_of_followed_incidents_goes_to(wang: Office) -> None:
    browser, instance = signed_in(wang), wang.app.extensions[KEY]
    wang.app.extensions[KEY] = replace(
        instance, settings=replace(instance.settings, smtp_url="smtp://mail.example.org")
    )
    assert "You have no email address yet." in browser.get("/account")

    def add() -> None:
        office = department_by_code("NOC")
        assert office is not None
        given = (office.id, "Wang", "email", "wang@example.org", 1, "en", None, instance.ring, BY, wang.hand.at)
        departments.add_contact(*given, person="wang")

    wang.do(add)
    assert "Emails go to wang@example.org" in browser.get("/account")
