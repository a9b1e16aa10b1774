"""Signing in and out, the language, and the redirect afterwards."""

import datetime as dt
import re
from collections.abc import Callable

import pytest

from incident.actions.directory import people
from incident.web.security import devices
from incident.web.security.auth import SESSION_COOKIE
from tests.web.office import BY, Office

PASSWORD = "a long enough password"


@pytest.fixture
def wang(office: Office) -> Office:
    """An office in which Wang signs in with a password."""
    add = lambda: people.add_person("wang", "Wang", "responder", None, PASSWORD, "zh_Hans_CN", BY, office.hand.at)  # noqa: E731
    office.do(add)
    return office


def test_the_right_password_signs_in_and_leads_to_where_one_wanted_to_go(wang: Office) -> None:
    browser = wang.browser()
    answer = browser.post("/sign-in", login="wang", password=PASSWORD, next="/reports?q=mail")
    assert answer.location == "/reports?q=mail"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    browser.get("/incidents")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/\tx"]
)
def test_nobody_is_led_to_another_site(wang: Office, target: str) -> None:
    answer = wang.browser().post("/sign-in", login="wang", password=PASSWORD, next=target)
    assert answer.location == "/"


def test_a_wrong_password_is_told_without_saying_what_was_wrong(wang: Office) -> None:
    wrong = wang.browser().post("/sign-in", status=403, login="wang", password="wrong")
    unknown = wang.browser().post("/sign-in", status=403, login="nobody", password="wrong")
    for answer in (wrong, unknown):
        assert "The sign-in name or the password is wrong." in answer.text
        assert SESSION_COOKIE not in answer.headers.get("Set-Cookie", "")
    assert 'value="wang"' in wrong.text


def try_in_vain(office: Office, address: str = "192.0.2.1") -> None:
    """Type wrong passwords until one has to wait."""
    client = office.app.test_client()
    statuses = []
    while 429 not in statuses:
        form = {"login": "wang", "password": "wrong"}
        answer = client.post("/sign-in", data=form, environ_base={"REMOTE_ADDR": address})
        statuses.append(answer.status_code)
    assert statuses == [403] * 5 + [429]


def test_after_some_tries_one_has_to_wait_and_is_told_how_long(wang: Office) -> None:
    for _ in range(5):
        wang.browser().post("/sign-in", status=403, login="wang", password="wrong")
    answer = wang.browser().post("/sign-in", status=429, login="wang", password=PASSWORD)
    assert "Try again in 5 seconds" in answer.text
    assert answer.headers["Retry-After"] == "5"
    wang.hand.forward(seconds=5)
    wang.browser().post("/sign-in", login="wang", password=PASSWORD)


def test_who_tries_from_elsewhere_locks_nobody_out(wang: Office) -> None:
    for number in range(30):
        try_in_vain(wang, f"198.51.{number}.1")
    wang.browser().post("/sign-in", login="wang", password=PASSWORD)


def test_neighbours_of_an_address_wait_with_it(wang: Office) -> None:
    try_in_vain(wang, "192.0.2.1")
    form = {"login": "wang", "password": PASSWORD}
    client = wang.app.test_client()
    assert client.post("/sign-in", data=form, environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 429
    assert client.post("/sign-in", data=form, environ_base={"REMOTE_ADDR": "192.0.3.9"}).status_code == 303


def test_a_browser_in_which_somebody_has_signed_in_does_not_wait_for_the_tries_of_others(wang: Office) -> None:
    known = wang.browser()
    known.post("/sign-in", login="wang", password=PASSWORD)
    known.post("/sign-out")
    try_in_vain(wang, "127.0.0.1")
    wang.browser().post("/sign-in", status=429, login="wang", password=PASSWORD)
    known.post("/sign-in", login="wang", password=PASSWORD)
    known.post("/sign-out")
    for _ in range(5):
        known.post("/sign-in", status=403, login="wang", password="wrong")
    known.post("/sign-in", status=429, login="wang", password=PASSWORD)


@pytest.mark.parametrize("changed", [lambda value: value[:-2] + "xx", lambda value: "x" + value, lambda _value: "x"])
def test_a_cookie_of_a_browser_cannot_be_made_up_or_used_for_another_name(
    wang: Office, changed: Callable[[str], str]
) -> None:
    client = wang.app.test_client()
    client.post("/sign-in", data={"login": "wang", "password": PASSWORD})
    cookie = next(one for one in (client._cookies or {}).values() if one.key.startswith(devices.COOKIE))
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Lax", "/sign-in")
    try_in_vain(wang, "127.0.0.1")
    other = wang.app.test_client()
    other.set_cookie(cookie.key, changed(cookie.value), path="/sign-in")
    assert other.post("/sign-in", data={"login": "wang", "password": PASSWORD}).status_code == 429
    wang.hand.forward(minutes=16)
    for _ in range(5):
        other.set_cookie(devices._name("chen"), cookie.value, path="/sign-in")
        assert other.post("/sign-in", data={"login": "chen", "password": "wrong"}).status_code == 403
    assert other.post("/sign-in", data={"login": "chen", "password": "wrong"}).status_code == 429
    assert wang.app.test_client().post("/sign-in", data={"login": "chen", "password": "x"}).status_code == 429


def test_a_cookie_of_a_browser_is_good_for_half_a_year(wang: Office) -> None:
    client = wang.app.test_client()
    client.post("/sign-in", data={"login": "wang", "password": PASSWORD})
    wang.hand.forward(days=182)
    try_in_vain(wang, "127.0.0.1")
    assert client.post("/sign-in", data={"login": "wang", "password": PASSWORD}).status_code == 429


def test_another_site_cannot_sign_a_browser_in(wang: Office) -> None:
    form = {"login": "wang", "password": PASSWORD}
    answer = wang.browser().client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_signing_out_ends_the_session_on_the_server(office: Office) -> None:
    browser = office.browser("reader")
    kept = browser.client.get_cookie(SESSION_COOKIE)
    assert kept is not None
    browser.post("/sign-out")
    browser.client.set_cookie(SESSION_COOKIE, kept.value)
    browser.get("/incidents", status=303)


def test_a_session_ends_by_itself(office: Office) -> None:
    browser = office.browser("reader")
    office.hand.forward(hours=12, minutes=1)
    browser.get("/incidents", status=303)


def test_the_demonstrations_link_signs_in_more_than_once(office: Office) -> None:
    person = office.do(lambda: people.add_person("demo", "Demo", "reader", None, None, "en", BY, office.hand.at).id)
    token = office.do(lambda: people.make_link("demonstration", person, dt.timedelta(days=1), "cli", office.hand.at))
    for _ in range(2):
        browser = office.browser()
        browser.get(f"/sign-in/link/{token}", status=303)
        assert "Demo" in browser.get("/incidents")
    office.hand.forward(days=2)
    assert "has been used or has expired" in office.browser().get(f"/sign-in/link/{token}", status=410)


@pytest.mark.parametrize(("role", "path"), [("department", "/inbox"), ("reader", "/"), ("coordinator", "/")])
def test_signing_in_leads_everybody_to_their_work(office: Office, role: str, path: str) -> None:
    browser = office.browser(role)
    assert browser.client.get("/sign-in").location == path
    assert browser.client.get("/sign-in?next=/reports").location == "/reports"
    assert "<h1>Overview</h1>" in browser.get("/")


def test_a_department_that_signs_in_by_the_form_begins_with_its_inbox(office: Office) -> None:
    office.do(lambda: people.add_person("li", "Li", "department", "CERT", PASSWORD, "en", BY, office.hand.at))
    browser = office.browser()
    [shown] = re.findall(r'name="next" value="([^"]*)"', browser.get("/sign-in"))
    assert browser.post("/sign-in", login="li", password=PASSWORD, next=shown).location == "/inbox"


def test_the_language_is_the_chosen_one_then_the_persons_then_the_browsers(wang: Office) -> None:
    client = wang.app.test_client()
    assert "登录" in client.get("/sign-in", headers={"Accept-Language": "zh-TW,en;q=0.5"}).text
    assert ">Sign in<" in client.get("/sign-in", headers={"Accept-Language": "fr, en;q=0.8"}).text
    client.post("/sign-in", data={"login": "wang", "password": PASSWORD})
    assert "新建事件" in client.get("/incidents", headers={"Accept-Language": "en"}).text
    assert "New incident" in client.get("/incidents?lang=en").text
    assert "New incident" in client.get("/incidents").text


def test_an_unknown_language_is_not_kept(office: Office) -> None:
    answer = office.app.test_client().get("/report?lang=tlh")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)


def test_a_form_that_is_sent_after_the_session_ended_leads_back_to_it(office: Office) -> None:
    client = office.app.test_client()
    answer = client.post(
        "/incidents", data={"title": "x"}, headers={"Referer": "http://localhost/incidents/new?report=1"}
    )
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Your session has ended." in page
    assert 'name="next" value="/incidents/new?report=1"' in page
    other = client.post("/incidents", data={"title": "x"}, headers={"Referer": "https://evil.example/incidents"})
    assert other.location == "/sign-in?ended=1"
